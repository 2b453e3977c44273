"""Pages of a list: an opaque token that stays good while the list changes, because it names a row."""

from collections.abc import Iterable

from router.engine.errors import InvalidField

PAGE_DEFAULT = 100
PAGE_MAX = 1_000


def page(rows: Iterable[int], size: int, token: str) -> tuple[list[int], str]:
    """One page of ascending rows after the token, and the token of the next page (empty at the end)."""
    if size < 0:
        raise InvalidField(f"page_size is {size}; it must not be negative", field="page_size")
    size = min(size or PAGE_DEFAULT, PAGE_MAX)
    after = -1
    if token:
        if not token.startswith("r") or not token[1:].isdecimal() or len(token) > 12:
            raise InvalidField("page_token is not one that this method has given", field="page_token")
        after = int(token[1:])
    found: list[int] = []
    for row in rows:
        if row > after:
            if len(found) == size:
                return found, f"r{found[-1]}"
            found.append(row)
    return found, ""
