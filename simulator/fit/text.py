"""From the bytes of an export to clean UTF-8 text in which every row knows its line.

Telephone systems write Windows code pages, byte-order marks and blank lines, and quoted
cells run over several lines. What comes out is a file that any reader of CSV takes, with
the line of the original in front of each row.
"""

import codecs
from pathlib import Path
from typing import Final, TextIO

from simulator.fit.problems import refusal

LINE_COLUMN: Final = "line of the file"
CELL_LINES_MAX: Final = 100
"""Most lines of one quoted cell."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def known_encoding(name: str) -> bool:
    """Whether there is such an encoding."""
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def encoding_of(path: Path, said: str) -> str:
    """What its byte-order mark says, or else what the mapping does."""
    with path.open("rb") as file:
        head = file.read(4)
    return next((name for mark, name in _MARKS if head.startswith(mark)), said)


def number_lines(
    path: Path,
    target: Path,
    *,
    encoding: str,
    separator: str,
    header: bool,
    quoted: bool,
) -> None:
    """Write `path` to `target` in UTF-8, the line and `separator` before each row.

    Blank lines are dropped. The header gets the name `LINE_COLUMN`. Raises LogInvalid for
    bytes that the encoding does not have, a quote that is never closed, an empty file and
    one that cannot be read.
    """
    try:
        with (
            path.open(encoding=encoding_of(path, encoding)) as source,
            target.open("w", encoding="utf-8", newline="\n") as clean,
        ):
            rows = _copy(source, clean, separator, header, quoted)
    except _Unclosed as unclosed:
        message = "a cell begins with a quote that is never closed"
        raise refusal(str(path), message, unclosed.line) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise refusal(str(path), f"cannot be read: {reason}") from error
    except UnicodeDecodeError as error:
        line = _line_of(path, error)
        byte = error.object[error.start]
        message = (
            f"the byte 0x{byte:02X} is not {encoding}: say the right `encoding` in the "
            "mapping, such as cp1254 (Turkish), cp1253 (Greek), cp1252 or utf-8"
        )
        raise refusal(str(path), message, line) from error
    if rows <= header:
        raise refusal(str(path), "has no rows")


def _copy(
    source: TextIO, clean: TextIO, separator: str, header: bool, quoted: bool
) -> int:
    """Copies row by row; how many there were, the header included. Raises _Unclosed."""
    opened = 0  # the line in which a quoted cell began that goes on
    rows = 0
    for number, line in enumerate(source, 1):
        if not opened:
            if not line.strip():
                continue
            name = LINE_COLUMN if header and not rows else str(number)
            clean.write(name + separator)
            rows += 1
        elif number - opened > CELL_LINES_MAX:
            break
        clean.write(line if line.endswith("\n") else line + "\n")
        if quoted and '"' in line and _ends_inside(line, separator, opened > 0):
            opened = opened or number
        elif quoted and '"' in line:
            opened = 0
    if opened:
        raise _Unclosed(opened)
    return rows


class _Unclosed(Exception):
    """A quote is opened in a line and never closed."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _ends_inside(line: str, separator: str, inside: bool) -> bool:
    """Whether a quoted cell is open at the end of a line. A quote opens a cell only where
    the cell begins, and two of them are one within it.
    """
    at = 0
    while True:
        if inside:
            at = line.find('"', at)
            if at < 0:
                return True
            inside = line.startswith('""', at)
            at += 2 if inside else 1
        elif line.startswith('"', at):
            inside, at = True, at + 1
        else:
            at = line.find(separator, at) + 1
            if not at:
                return False


def _line_of(path: Path, error: UnicodeDecodeError) -> int:
    """The line of the first byte that cannot be decoded; 0 where bytes are no lines."""
    if error.encoding.startswith("utf-16"):
        return 0
    decoder = codecs.getincrementaldecoder(error.encoding)
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                decoder().decode(line, final=True)
            except UnicodeDecodeError:
                return number
    return 0
