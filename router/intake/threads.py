"""E-mail threads: from the ids in a message's headers to the key of its conversation.

A reply names what it answers in `In-Reply-To` and the whole way back in `References`
(RFC 5322, section 3.6.4). The oldest id is what all messages of a thread share, so it
makes the key; the other ids are asked for as well, newest first, because some mail
programs forget the oldest. Keys are digests: an id holds names of machines and people.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final

IDS_MAX: Final = 100
"""Most ids of one thread that are looked at: the oldest one, and the newest others."""

HEADER_MAX: Final = 32_768
"""Most characters of one header."""

ID_MAX: Final = 998
"""Most characters of one id: a line of a mail is no longer."""

_ID: Final = re.compile(r"<([^<>\s]+)>")
_FOLDED: Final = re.compile(r"[ \t]*\r?\n[ \t]+")


class ThreadWrong(ValueError):
    """A header cannot be read."""


@dataclass(frozen=True, slots=True)
class Thread:
    """The keys by which a message finds its conversation."""

    key: str
    """What a new conversation is kept under: the digest of the oldest id."""
    keys: tuple[str, ...]
    """Where an older conversation may be kept, the likeliest first; `key` among them."""
    own: str
    """The digest of the message's own id, by which answers to it will ask."""


def thread_of(message_id: str, in_reply_to: str = "", references: str = "") -> Thread:
    """The thread of a message, from its headers as they came.

    Raises ThreadWrong if the message has no id of its own, or a header is too long.
    """
    own = _ids("Message-ID", message_id)
    if len(own) != 1:
        raise ThreadWrong(
            f"Message-ID must hold one id in angle brackets, it holds {len(own)}"
        )
    way_back = list(dict.fromkeys(_ids("References", references)))
    answered = [one for one in _ids("In-Reply-To", in_reply_to) if one not in way_back]
    # Without References, In-Reply-To is the whole way back; with it, its newest end.
    ids = [one for one in [*way_back, *answered] if one != own[0]]
    oldest = ids[0] if ids else own[0]
    newest_first = list(reversed(ids[1:]))[: IDS_MAX - 1]
    keys = tuple(map(_key, dict.fromkeys([oldest, *newest_first, own[0]])))
    return Thread(key=keys[0], keys=keys, own=_key(own[0]))


def _ids(header: str, text: str) -> list[str]:
    if len(text) > HEADER_MAX:
        raise ThreadWrong(
            f"{header} has {len(text)} characters, at most {HEADER_MAX} are allowed"
        )
    unfolded = _FOLDED.sub(" ", text)
    return [one for one in _ID.findall(unfolded) if len(one) <= ID_MAX]


def _key(message_id: str) -> str:
    """What is left of the at sign may differ in case, what is right of it may not."""
    left, at, right = message_id.rpartition("@")
    same = f"{left}{at}{right.casefold()}" if at else message_id
    digest = hashlib.sha256(same.encode("utf-8", "surrogatepass")).digest()[:15]
    return "mail-" + base64.b32encode(digest).decode().lower()
