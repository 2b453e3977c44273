"""HTTP/2 as gRPC speaks it, by hand: just enough of it to load a server from Python.

A gRPC client in Python costs as much CPU a call as the server that is to be measured.
Here a call costs some microseconds: headers are sent as two or three indexed bytes (as
any real client does from its second call on), bodies come ready-made, answers are taken
apart only as far as the caller asks. No retries and no reconnecting: what goes wrong in
a measurement ends it. Frames and HPACK: RFC 9113 sections 4 to 6, RFC 7541 section 6.
"""

import socket
from collections.abc import Iterator
from typing import NamedTuple

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_WINDOW = (1 << 31) - 1
_FIRST_WINDOW = 65_535
_TOP_UP = 1 << 29
_STATIC_ENTRIES = 61
_METHOD_POST, _SCHEME_HTTP = b"\x83", b"\x86"


class Frame(NamedTuple):
    """What a stream received: its number, the frame's kind, whether it ends, bytes."""

    stream: int
    kind: int
    ends: bool
    payload: bytes


class Wire:
    """One connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._out = bytearray()
        self._in = bytearray()
        self._next_stream = 1
        self._indexed: list[bytes] = []
        self._heads: dict[str, bytes] = {}
        self._room = _FIRST_WINDOW
        self._held: list[tuple[int, bytes]] = []
        self._taken = 0
        self.closed_by_server = False
        self._out += _PREFACE
        wide = b"\x00\x04" + _WINDOW.to_bytes(4, "big")
        self._out += _frame(SETTINGS, 0, 0, wide)
        more = (_WINDOW - _FIRST_WINDOW).to_bytes(4, "big")
        self._out += _frame(WINDOW_UPDATE, 0, 0, more)
        self.socket.setblocking(False)

    def fileno(self) -> int:
        return self.socket.fileno()

    # ------------------------------------------------------------------ sending

    def call(self, path: str, message: bytes) -> int:
        """Queue a call with its one message; returns the stream's number."""
        stream = self.open(path)
        self._data(stream, END_STREAM, message)
        return stream

    def open(self, path: str) -> int:
        """Queue the headers of a call whose messages follow."""
        stream = self._next_stream
        self._next_stream += 2
        block = self._heads.get(path) or self._first_headers(path)
        self._out += _frame(HEADERS, END_HEADERS, stream, block)
        return stream

    def say(self, stream: int, message: bytes) -> None:
        """Queue one more message on an open stream."""
        self._data(stream, 0, message)

    def _data(self, stream: int, flags: int, message: bytes) -> None:
        size = len(message)
        frame = b"%c%c%c\x00%c%b\x00%b%b" % (
            (size + 5) >> 16, (size + 5) >> 8 & 255, (size + 5) & 255, flags,
            stream.to_bytes(4, "big"), size.to_bytes(4, "big"), message,
        )  # fmt: skip
        if self._held or self._room < size + 5:
            self._held.append((size + 5, frame))
            return
        self._room -= size + 5
        self._out += frame

    def _first_headers(self, path: str) -> bytes:
        """Headers that the server is to remember; later calls send their indices."""
        block = _METHOD_POST + _SCHEME_HTTP
        fields = (
            (b"\x44", path.encode()),
            (b"\x41", b"127.0.0.1"),
            (b"\x5f", b"application/grpc"),
            (b"\x40\x02te", b"trailers"),
        )
        for name, value in fields:
            entry = name + value
            if entry in self._indexed:
                block += self._index(entry)
            else:
                self._indexed.append(entry)
                block += name + len(value).to_bytes(1, "big") + value
        # A new entry moves all older ones by one place.
        for known in [*self._heads, path]:
            fields_of = [b"\x44" + known.encode(), *(n + v for n, v in fields[1:])]
            self._heads[known] = (
                _METHOD_POST + _SCHEME_HTTP + b"".join(map(self._index, fields_of))
            )
        return block

    def _index(self, entry: bytes) -> bytes:
        place = len(self._indexed) - self._indexed.index(entry)
        return (0x80 | _STATIC_ENTRIES + place).to_bytes(1, "big")

    @property
    def wants_to_send(self) -> bool:
        return bool(self._out)

    def flush(self) -> None:
        """Send what the system takes now; the rest stays queued."""
        if not self._out:
            return
        try:
            sent = self.socket.send(self._out)
        except BlockingIOError:
            return
        del self._out[:sent]

    # ------------------------------------------------------------------ receiving

    def receive(self) -> Iterator[Frame]:
        """The frames that have come for streams; never waits."""
        try:
            some = self.socket.recv(1 << 20)
        except BlockingIOError:
            return
        if not some:
            self.closed_by_server = True
            return
        data = bytes(self._in) + some if self._in else some
        end = len(data)
        at = 0
        while end - at >= 9:
            size = int.from_bytes(data[at : at + 3], "big")
            if end - at < 9 + size:
                break
            kind, flags = data[at + 3], data[at + 4]
            stream = int.from_bytes(data[at + 5 : at + 9], "big")
            payload = data[at + 9 : at + 9 + size]
            at += 9 + size
            if kind == DATA:
                self._take_in(size)
                yield Frame(stream, DATA, bool(flags & END_STREAM), payload)
            elif kind == HEADERS:
                yield Frame(stream, HEADERS, bool(flags & END_STREAM), payload)
            elif kind == RST_STREAM:
                yield Frame(stream, RST_STREAM, True, payload)
            else:
                self._control(kind, flags, stream, payload)
        self._in[:] = data[at:]

    def _take_in(self, size: int) -> None:
        self._taken += size
        if self._taken > _TOP_UP:
            self._out += _frame(WINDOW_UPDATE, 0, 0, self._taken.to_bytes(4, "big"))
            self._taken = 0

    def _control(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == SETTINGS and not flags & ACK:
            self._out += _frame(SETTINGS, ACK, 0, b"")
        elif kind == PING and not flags & ACK:
            self._out += _frame(PING, ACK, 0, payload)
        elif kind == WINDOW_UPDATE and stream == 0:
            self._room += int.from_bytes(payload, "big")
            while self._held and self._held[0][0] <= self._room:
                size, frame = self._held.pop(0)
                self._room -= size
                self._out += frame
        elif kind == GOAWAY:
            self.closed_by_server = True

    def close(self) -> None:
        self.socket.close()


class Messages:
    """Puts the gRPC messages of one stream together from its DATA frames."""

    def __init__(self) -> None:
        self._rest = b""

    def of(self, payload: bytes) -> Iterator[bytes]:
        """The messages that are complete now."""
        data = self._rest + payload if self._rest else payload
        at = 0
        while len(data) - at >= 5:
            size = int.from_bytes(data[at + 1 : at + 5], "big")
            if len(data) - at < 5 + size:
                break
            yield data[at + 5 : at + 5 + size]
            at += 5 + size
        self._rest = data[at:]


def entries(message: bytes) -> int:
    """How many submessages a message of nothing else holds, of up to 16,383 bytes each
    (protobuf: a byte for the field, one or two for the size).
    """
    found = at = 0
    while at < len(message):
        low = message[at + 1]
        at += 2 + low if low < 128 else 3 + (low & 127) + (message[at + 2] << 7)
        found += 1
    return found


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return (
        len(payload).to_bytes(3, "big")
        + bytes((kind, flags))
        + stream.to_bytes(4, "big")
        + payload
    )
