"""Hands facts to an HTTP address: one POST a fact, JSON, an idempotency key.

Any answer of the 200s means that it was taken. 408, 425, 429 and the 500s mean later,
as does silence; every other answer means never. Redirects are not followed: facts go
where the settings say and nowhere else. One connection is kept open.
"""

import json
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from router.adapters.recipient import Fact, NotEver, NotNow

TIMEOUT_S = 10.0
_LATER = frozenset({408, 425, 429})
_ANSWER_BYTES_MAX = 65_536


class AddressWrong(ValueError):
    """The address is not one that facts can be posted to; the message says why."""


class Webhook:
    """One address. Belongs to one thread at a time."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise AddressWrong(
                f"{url!r} is not an address for facts; use http://HOST:PORT/PATH or https://..."
            )
        if parts.username or parts.password:
            raise AddressWrong(
                "an address with a password in it would stand in every log; put the secret in front of the "
                "recipient, not into the address"
            )
        self._connection = _connection(
            parts.scheme, parts.hostname, parts.port, timeout_s
        )
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def take(self, fact: Fact) -> None:
        body = json.dumps(fact.body, ensure_ascii=False, separators=(",", ":"))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": fact.key,
        }
        try:
            self._connection.request("POST", self._path, body.encode(), headers)
            answer = self._connection.getresponse()
            # Read to the end, or the connection cannot be used again.
            if len(answer.read(_ANSWER_BYTES_MAX)) == _ANSWER_BYTES_MAX:
                self._connection.close()
        except (OSError, HTTPException) as failure:
            self._connection.close()
            raise NotNow(f"{type(failure).__name__}: {failure}") from failure
        if answer.status in _LATER or answer.status >= 500:
            raise NotNow(f"it answered {answer.status}")
        if not 200 <= answer.status < 300:
            raise NotEver(f"it answered {answer.status}")

    def close(self) -> None:
        self._connection.close()


def _connection(
    scheme: str, host: str, port: int | None, timeout_s: float
) -> HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return HTTPSConnection(host, port, timeout=timeout_s, context=context)
    return HTTPConnection(host, port, timeout=timeout_s)
