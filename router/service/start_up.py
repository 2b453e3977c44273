"""What the floor says of contexts when the router starts: who is erased, how far every
conversation is.
"""

import numpy as np

from router.engine.engine import Engine
from router.model.conversation import Mark


def customers_marked(engine: Engine, mark: Mark) -> list[str]:
    """References of customers who bear this mark and are not erased yet."""
    table, texts = engine.floor.customers, engine.names.customers.texts
    marks = table["marks"]
    rows = np.flatnonzero(
        (table["used"] != 0)
        & (marks & int(mark) != 0)
        & (marks & int(Mark.ERASED) == 0)
    )
    return [texts[row] for row in rows.tolist()]


def erased_on(engine: Engine) -> list[tuple[str, int]]:
    """Whom the floor knows to be erased, and the instant of asking."""
    table, texts = engine.floor.customers, engine.names.customers.texts
    gone = int(Mark.ERASED)
    rows = np.flatnonzero((table["used"] != 0) & (table["marks"] & gone != 0))
    now = int(engine.floor.house["now"][0])
    return [(texts[row], now) for row in rows.tolist()]


def versions_on(engine: Engine) -> dict[str, int]:
    """How far every conversation is that the floor knows."""
    table, texts = engine.floor.conversations, engine.names.conversations.texts
    versions = table["version"]
    rows = np.flatnonzero(table["used"] != 0)
    return {texts[row]: int(versions[row]) for row in rows.tolist()}
