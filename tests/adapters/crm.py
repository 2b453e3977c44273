"""A business's own system, as far as the webhook sees it: HTTP on this machine."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Crm:
    """Answers as it is told, and remembers what it was given.

    `answers` are the statuses to give first; then it always takes. `None` closes the
    connection without a word.
    """

    def __init__(self, *answers: int | None) -> None:
        self.answers = list(answers)
        self.given: list[tuple[str, dict]] = []
        self.taken: dict[str, dict] = {}
        self.came = threading.Condition()
        crm = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = crm.take(self.headers["Idempotency-Key"], body)
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *ignored: object) -> None:
                """Says nothing: what came is in `given`."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/facts?from=santral"

    def take(self, key: str, body: dict) -> int | None:
        with self.came:
            self.given.append((key, body))
            status = self.answers.pop(0) if self.answers else 200
            if status == 200:
                self.taken[key] = body
            self.came.notify_all()
            return status

    def wait_for(self, count: int, timeout_s: float = 10) -> None:
        """Until it was given so many facts, however it answered."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.given) >= count, timeout_s)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
