"""The channels a customer may come by.

The numbers are kept in the engine's tables and in the journal: a channel must never
change its number, and a new one takes the next.
"""

from enum import IntEnum
from typing import Final


class Channel(IntEnum):
    """How a customer reaches us. Written in lower case in a policy."""

    VOICE = 1
    CHAT = 2
    MESSAGING = 3
    SMS = 4
    WHATSAPP = 5
    EMAIL = 6
    VIDEO = 7
    SOCIAL = 8


CHANNELS: Final = 8
"""How many channels there are; a table by channel has one row more, as 0 means none."""
