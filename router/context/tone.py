"""How to speak to this customer on this channel: one table, two plain rules.

The mood is read from the last sentiments, the manner from the channel. No model, no
guess: whoever reads the hint can count it out on paper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from statistics import fmean
from typing import Final

from router.model.channel import Channel

MOOD_READINGS: Final = 3
"""Sentiments that make the mood; older ones are past."""
UPSET_BELOW: Final = -40
UNEASY_BELOW: Final = -10
PLEASED_FROM: Final = 30
FALLING_BY: Final = 40
"""A fall of so much from the first to the last reading is trouble, whatever the mean."""


class Mood(IntEnum):
    """How the customer feels, as far as was noted."""

    UNKNOWN = 0
    UPSET = 1
    UNEASY = 2
    CALM = 3
    PLEASED = 4


@dataclass(frozen=True, slots=True)
class Tone:
    """The mood with its figures, and one sentence for each of channel and mood."""

    mood: Mood
    score: int | None
    """The mean of the last readings, absent when there are none."""
    is_falling: bool
    manner: str
    advice: str


MANNER: Final[Mapping[Channel | None, str]] = {
    Channel.VOICE: "Speak; say first what you know, so that nobody repeats it.",
    Channel.VIDEO: "Speak; say first what you know, so that nobody repeats it.",
    Channel.CHAT: "Write short lines and answer within a minute.",
    Channel.MESSAGING: "Write short lines; the customer may answer hours later.",
    Channel.WHATSAPP: "Write short lines; the customer may answer hours later.",
    Channel.SMS: "Write one message of at most 160 characters, without links to click.",
    Channel.EMAIL: "Write whole sentences with a greeting; answer every point at once.",
    Channel.SOCIAL: "Others may read it: name no personal matter, offer a private way.",
    None: "Keep to the channel's own manner.",
}
ADVICE: Final[Mapping[Mood, str]] = {
    Mood.UPSET: "Begin with an apology and the next step; offer nothing to buy.",
    Mood.UNEASY: "Say what happens next and by when.",
    Mood.CALM: "Come to the point.",
    Mood.PLEASED: "Thank them; come to the point.",
    Mood.UNKNOWN: "Nothing is known of the mood; listen first.",
}


def tone_of(scores: Sequence[int], channel: Channel | None) -> Tone:
    """The tone for a channel, from sentiments in the order in which they were noted."""
    last = scores[-MOOD_READINGS:]
    manner = MANNER[channel]
    if not last:
        return Tone(Mood.UNKNOWN, None, False, manner, ADVICE[Mood.UNKNOWN])
    mean = round(fmean(last))
    is_falling = last[0] - last[-1] >= FALLING_BY
    mood = _mood(mean)
    if is_falling and mood > Mood.UNEASY:
        mood = Mood.UNEASY
    return Tone(mood, mean, is_falling, manner, ADVICE[mood])


def _mood(mean: int) -> Mood:
    if mean < UPSET_BELOW:
        return Mood.UPSET
    if mean < UNEASY_BELOW:
        return Mood.UNEASY
    return Mood.PLEASED if mean >= PLEASED_FROM else Mood.CALM
