"""How far a virtual clock may run ahead of a router that has not answered yet.

A command has consequences no sooner than at its horizon: an offer that it causes is
answered `ANSWER_MS_MIN` later at the earliest. Until a command is settled - answered,
and the event feed has passed its effect - nothing at or after its horizon may be sent.
Everything before may, so commands that cannot touch one another share a round trip.
"""

from dataclasses import dataclass

FAR_MS = 1 << 62
"""The horizon of a command that has no consequences for others."""


@dataclass(slots=True)
class _Sent:
    sent_at_ms: int
    horizon_ms: int
    sequence: int = 0
    """Where its effect stands in the journal; 0 until it is answered."""


class Horizon:
    """The commands under way."""

    def __init__(self) -> None:
        self._sent: dict[int, _Sent] = {}

    def __len__(self) -> int:
        return len(self._sent)

    def add(self, tag: int, sent_at_ms: int, horizon_ms: int) -> None:
        self._sent[tag] = _Sent(sent_at_ms, horizon_ms)

    def answered(self, tag: int, sequence: int, heard: int) -> None:
        """A command was answered, and the feed has been heard up to `heard`."""
        sent = self._sent.get(tag)
        if sent is None:
            return
        if sequence <= heard or sent.horizon_ms >= FAR_MS:
            del self._sent[tag]
        else:
            sent.sequence = sequence

    def passed(self, heard: int) -> None:
        """The feed has been heard up to here."""
        settled = [
            tag for tag, sent in self._sent.items() if 0 < sent.sequence <= heard
        ]
        for tag in settled:
            del self._sent[tag]

    @property
    def limit_ms(self) -> int:
        """Only what is due before this instant may be sent now."""
        return min((sent.horizon_ms for sent in self._sent.values()), default=FAR_MS)

    def cause_ms(self, now_ms: int) -> int:
        """When what is heard just now was caused, as exactly as can be told."""
        return min(
            (s.sent_at_ms for s in self._sent.values() if s.horizon_ms < FAR_MS),
            default=now_ms,
        )
