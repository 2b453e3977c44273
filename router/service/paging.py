"""Pages of a list: an opaque token that stays good while the list changes, because it
says where the page ended and not how many came before.
"""

import base64
import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from router.engine.errors import InvalidField

PAGE_DEFAULT = 100
PAGE_MAX = 1_000
_TOKEN_MAX = 1_024


def page(
    rows: Sequence[int], size: int, token: str, place: Callable[[int], Any]
) -> tuple[list[int], str]:
    """One page of rows after the token, and the token of the next page (empty at the
    end).

    `rows` ascend by `place`, which gives a text, or a list of numbers.
    """
    if size < 0:
        raise InvalidField(
            f"page_size is {size}; it must not be negative", field="page_size"
        )
    size = min(size or PAGE_DEFAULT, PAGE_MAX)
    start = 0
    if token:
        try:
            start = bisect_right(rows, _read(token), key=place)
        except (ValueError, TypeError, RecursionError):
            raise InvalidField(
                "page_token is not one that this method has given", field="page_token"
            ) from None
    found = list(rows[start : start + size])
    if start + size >= len(rows):
        return found, ""
    written = json.dumps(place(found[-1]), separators=(",", ":"))
    return found, base64.urlsafe_b64encode(written.encode()).decode()


def _read(token: str) -> Any:
    if len(token) > _TOKEN_MAX:
        raise ValueError
    return json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
