"""How many card numbers and codes are found, how often others are taken for one, how fast.

The messages are made (`card_messages`), so recall says how well the written forms are
known, not how people will write tomorrow.
"""

import time
from random import Random

from bench.card_messages import (
    card_message,
    code_message,
    harmless_message,
    padded,
)
from bench.rows import Row, row
from router.context.redaction import redact

CARDS = 20_000
HARMLESS = 50_000
SPEED = 4_000


def measure() -> list[Row]:
    return [*_recall(), *_false_alarms(), *_speed()]


def _recall() -> list[Row]:
    draw = Random(7)
    found = []
    for name, make in (("card numbers", card_message), ("card codes", code_message)):
        messages = [make(draw) for _ in range(CARDS)]
        gone = sum(one.secret not in redact(one.text).text for one in messages)
        found.append(row(f"redaction: {name} found", 100 * gone / CARDS, "%"))
    return found


def _false_alarms() -> list[Row]:
    draw = Random(8)
    ordinary = [harmless_message(draw) for _ in range(HARMLESS)]
    # The worst that a shop can do: order numbers of as many digits as cards have.
    long_orders = [
        f"Sipariş numaram {draw.randrange(10**15, 10**16)}, hâlâ gelmedi"
        for _ in range(HARMLESS)
    ]
    found = []
    for name, messages in (("", ordinary), (" with 16-digit orders", long_orders)):
        alarms = sum(redact(one).text != one for one in messages)
        rate = alarms * 10_000 / HARMLESS
        found.append(
            row(f"redaction: false alarms per 10000 messages{name}", rate, "messages")
        )
    return found


def _speed() -> list[Row]:
    draw = Random(9)
    words = "Merhaba, dün akşam aldığım ayakkabının tabanı açıldı, ne yapmalıyım? "
    kinds = {
        "without a digit": [(words * 4)[:240]] * SPEED,
        "with some numbers": [
            (f"Sipariş {draw.randrange(10**6)}: " + words * 4)[:240]
            for _ in range(SPEED)
        ],
        "full of long numbers": [padded("", draw) for _ in range(SPEED)],
    }
    found = []
    for name, messages in kinds.items():
        best = 0.0
        for _ in range(3):
            started = time.perf_counter()
            for one in messages:
                redact(one)
            best = max(best, SPEED / (time.perf_counter() - started))
        found.append(row(f"redaction: 240 characters {name}", best, "messages/s"))
    return found
