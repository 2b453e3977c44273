"""A small HTTP server for `/metrics`, on the loopback address unless told otherwise.

It runs in a thread of its own, because a scraper must not wait for the event loop nor
the loop for a scraper. It knows nothing about metrics: it is given a function that
writes them. Whoever starts it stops it.
"""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

PATH = "/metrics"
SILENCE_S = 30
"""A connection on which nothing is asked for so long is closed."""

Exposition = Callable[[str], tuple[str, bytes]]
"""From an `Accept` header to content type and body."""


class MetricsEndpoint:
    """Serves what `exposition` writes at `/metrics`; everything else is not found."""

    def __init__(
        self, exposition: Exposition, *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self._exposition = exposition
        self._host = host
        self._port = port
        self._server: ThreadingHTTPServer | None = None
        self._thread: Thread | None = None

    @property
    def address(self) -> str:
        """Where to scrape, for people: "http://127.0.0.1:9464/metrics"."""
        return f"http://{self._host}:{self._port}{PATH}"

    def start(self) -> int:
        """Begin to answer; returns the port, which the system has chosen if 0 was asked
        for.

        Raises OSError that names the address when it cannot be had.
        """
        try:
            server = ThreadingHTTPServer(
                (self._host, self._port), _handler(self._exposition)
            )
        except OSError as problem:
            raise OSError(
                problem.errno,
                f"cannot serve metrics at {self._host}:{self._port}: "
                f"{problem.strerror}; choose another address, or port 0 for any",
            ) from problem
        server.daemon_threads = True
        server.block_on_close = False
        self._server = server
        self._port = int(server.server_address[1])
        self._thread = Thread(
            target=server.serve_forever, args=(0.1,), name="metrics", daemon=True
        )
        self._thread.start()
        return self._port

    def stop(self) -> None:
        """Stop answering and free the port. Does nothing when it is not running."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._server = self._thread = None


def _handler(exposition: Exposition) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "Santral"
        sys_version = ""
        timeout = SILENCE_S

        def do_GET(self) -> None:
            if urlsplit(self.path).path != PATH:
                self._answer(
                    404,
                    "text/plain; charset=utf-8",
                    f"Metrics are at {PATH}.\n".encode(),
                )
                return
            content_type, body = exposition(self.headers.get("Accept", ""))
            self._answer(200, content_type, body)

        do_HEAD = do_GET  # noqa: N815 - the name is the library's

        def _answer(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Scrapes are not noteworthy."""

    return Handler
