"""How much context there may be, and for how long: the bounds and what a policy lowers.

Every bound is a named constant that no policy can raise, because the store, the screens
and the handoff package are built for it. Sizes are bytes of the entry as it is stored,
before sealing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Final

from router.model.context import DataClass, EntryKind
from router.model.time import days

KIBIBYTE: Final = 1_024

MESSAGE_BYTES_MAX: Final = 16 * KIBIBYTE
NOTE_BYTES_MAX: Final = 8 * KIBIBYTE
SUMMARY_BYTES_MAX: Final = 8 * KIBIBYTE
FACT_BYTES_MAX: Final = 4 * KIBIBYTE
REFERENCE_BYTES_MAX: Final = 4 * KIBIBYTE
OUTCOME_BYTES_MAX: Final = 2 * KIBIBYTE
PROMISE_BYTES_MAX: Final = 2 * KIBIBYTE
MEASURE_BYTES_MAX: Final = KIBIBYTE
"""Of what is a number with a few words beside it: sentiment, survey answers."""
CONVERSATION_ENTRIES_MAX: Final = 20_000
CONVERSATION_BYTES_MAX: Final = 16 * KIBIBYTE * KIBIBYTE
KEPT_MS_MAX: Final = days(3_660)
"""Nothing is kept for longer than ten years."""

ENTRY_BYTES_MAX: Final[Mapping[EntryKind, int]] = MappingProxyType(
    {
        EntryKind.MESSAGE: MESSAGE_BYTES_MAX,
        EntryKind.MESSAGE_REFERENCE: REFERENCE_BYTES_MAX,
        EntryKind.TRANSCRIPT_REFERENCE: REFERENCE_BYTES_MAX,
        EntryKind.SUMMARY: SUMMARY_BYTES_MAX,
        EntryKind.FACT: FACT_BYTES_MAX,
        EntryKind.SENTIMENT: MEASURE_BYTES_MAX,
        EntryKind.DISPOSITION: OUTCOME_BYTES_MAX,
        EntryKind.NOTE: NOTE_BYTES_MAX,
        EntryKind.ATTACHMENT_REFERENCE: REFERENCE_BYTES_MAX,
        EntryKind.SURVEY_ANSWER: MEASURE_BYTES_MAX,
        EntryKind.OFFER_OUTCOME: OUTCOME_BYTES_MAX,
        EntryKind.HANDOFF_OUTCOME: OUTCOME_BYTES_MAX,
        EntryKind.PROMISE: PROMISE_BYTES_MAX,
        EntryKind.OPEN_QUESTION: PROMISE_BYTES_MAX,
    }
)
"""The largest entry of each kind."""

KEPT_MS: Final[Mapping[DataClass, int]] = MappingProxyType(
    {
        DataClass.CONTENT: days(30),
        DataClass.DERIVED: days(90),
        DataClass.OUTCOME: days(90),
        DataClass.SURVEY: days(365),
        DataClass.CONSENT: days(1_095),
        DataClass.IDENTITY: days(90),
        DataClass.AUDIT: days(365),
    }
)
"""For how long each class of data is kept unless the policy says otherwise."""


@dataclass(frozen=True, slots=True)
class ContextLimits:
    """What a policy may set. Raises `ValueError` that names the setting and its bound.

    `entry_bytes` may name some kinds only; the others keep their bound.
    """

    conversation_entries: int = CONVERSATION_ENTRIES_MAX
    conversation_bytes: int = CONVERSATION_BYTES_MAX
    entry_bytes: Mapping[EntryKind, int] = field(default_factory=dict)
    kept_ms: Mapping[DataClass, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        maxima = {
            "conversation_entries": CONVERSATION_ENTRIES_MAX,
            "conversation_bytes": CONVERSATION_BYTES_MAX,
        }
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        for name, most in maxima.items():
            _within(name, values[name], most)
        for kind, size in self.entry_bytes.items():
            _within(f"entry_bytes of {kind.name.lower()}", size, ENTRY_BYTES_MAX[kind])
        for data_class, kept_ms in self.kept_ms.items():
            name = f"kept_ms of {data_class.name.lower()}"
            _within(name, kept_ms, KEPT_MS_MAX)

    def entry_bytes_max(self, kind: EntryKind) -> int:
        """The largest entry of this kind."""
        return self.entry_bytes.get(kind, ENTRY_BYTES_MAX[kind])

    def kept_for_ms(self, data_class: DataClass) -> int:
        """For how long data of this class is kept."""
        return self.kept_ms.get(data_class, KEPT_MS[data_class])


def _within(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise ValueError(f"{name} is {value}; it must be from 1 to {most}")
