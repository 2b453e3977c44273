"""Languages as tags of BCP 47: one spelling each, and which of ours is near enough.

"Near enough" is the distance of the CLDR: `tr-CY` is 4 from `tr`, Azerbaijani 84. It is
never a common beginning of two tags. Speaking a language is a need like any other, by
the policy's `languages.skills`.
"""

import functools
import re
from dataclasses import dataclass
from typing import Final, Literal

import langcodes
from langcodes.data_dicts import LIKELY_SUBTAGS

from router.model.needs import Needs
from router.policy.intake import LanguagesPolicy
from router.policy.needs import skill_needs
from router.policy.policy import Policy

TAG_MAX: Final = 64
"""Most characters of a tag."""

SHORTEST_NAME: Final = 4
"""Fewest letters that are looked up as the name of a language."""

SPEAKS_NONE: Final = frozenset({"und", "mul", "zxx", "mis", "root"})
"""Tags that name no language one could answer in."""

_FORM: Final = re.compile(r"[A-Za-z0-9]{1,8}([-_][A-Za-z0-9]{1,8}){0,4}")

How = Literal["asked", "near", "default", "unmatched", "unknown"]


class LanguageWrong(ValueError):
    """The text names no language; `suggestion` is a tag that was perhaps meant."""

    def __init__(self, message: str, suggestion: str = "", tag: str = "") -> None:
        """Refuse `tag`, which is repeated only if it has the form of one."""
        named = f'"{tag}" {message}' if _FORM.fullmatch(tag) else f"the tag {message}"
        text = f'{named}; did you mean "{suggestion}"?' if suggestion else named
        super().__init__(text)
        self.message = message
        self.suggestion = suggestion


@functools.lru_cache(maxsize=4096)
def canonical(tag: str) -> str:
    """The one spelling of a tag: `TR_tr` is `tr-TR`, `iw` is `he`.

    Empty for what names no language (`und`, nothing at all). Raises LanguageWrong.
    """
    tag = tag.strip()
    if len(tag) > TAG_MAX:
        raise LanguageWrong(f"has more than {TAG_MAX} characters")
    if not tag or tag.casefold() in SPEAKS_NONE:
        return ""
    try:
        standard = langcodes.standardize_tag(tag)
        language = langcodes.Language.get(standard)
    except ValueError:  # the library's LanguageTagError is one
        raise LanguageWrong("is no language tag", _by_name(tag), tag) from None
    spoken = language.language or ""
    if not spoken or spoken in SPEAKS_NONE or spoken.startswith("x-"):
        return ""
    if not language.is_valid():
        near = _by_country(spoken)
        raise LanguageWrong("is no language that is known", near, tag)
    return standard


def _by_name(text: str) -> str:
    """The tag of a language that somebody wrote by its name: "türkçe"."""
    if len(text) < SHORTEST_NAME or not text.isalpha():
        return ""
    try:
        found: str = langcodes.find(text).to_tag()
    except LookupError:
        return ""
    return found


def _by_country(code: str) -> str:
    """People write a country for its language: `gr`, `jp`, `cz`."""
    unknown = f"und-{code.upper()}"
    if unknown not in LIKELY_SUBTAGS:
        return ""
    return langcodes.Language.get(LIKELY_SUBTAGS[unknown]).language or ""


@functools.lru_cache(maxsize=16_384)
def distance(desired: str, spoken: str) -> int:
    """How far two canonical tags are apart: 0 is the same, above 100 is hopeless."""
    return int(langcodes.tag_distance(desired, spoken))


def closest(tag: str, accepted: tuple[str, ...], most: int) -> tuple[str, int] | None:
    """The accepted language nearest to a canonical tag, the earlier if two are equal."""
    best: tuple[int, int] | None = None
    for place, spoken in enumerate(accepted):
        apart = distance(tag, spoken)
        if apart <= most and (best is None or apart < best[0]):
            best = (apart, place)
    return None if best is None else (accepted[best[1]], best[0])


@dataclass(frozen=True, slots=True)
class Resolved:
    """The language a request is answered in, and how it was found."""

    language: str
    how: How
    """asked: spoken as it is; near: another spelling or region; default: unknown, or
    spoken by nobody, so the default is taken; unmatched: spoken by nobody and kept;
    unknown: nobody said, and there is no default."""
    distance: int = 0


class Languages:
    """The languages of a policy, in canonical tags."""

    def __init__(self, policy: Policy) -> None:
        """From a policy whose tags `checks` has found sound."""
        settings: LanguagesPolicy = policy.languages
        self.accepted = tuple(map(canonical, settings.accepted))
        self.most = settings.max_distance
        self._keep = settings.unmatched == "keep"
        self._default = canonical(settings.default)
        self._by_queue = {
            name: (
                tuple(map(canonical, queue.languages)) or self.accepted,
                canonical(queue.default_language) or self._default,
            )
            for name, queue in policy.queues.items()
        }
        self._needs = {
            canonical(tag): Needs(all_of=skill_needs(levels))
            for tag, levels in settings.skills.items()
        }

    @property
    def change_needs(self) -> bool:
        """Whether speaking a language takes a skill."""
        return bool(self._needs)

    def near(self, tag: str) -> str:
        """The accepted language for a canonical tag; the tag itself if none is near."""
        if not tag or not self.accepted:
            return tag
        found = closest(tag, self.accepted, self.most)
        return found[0] if found else tag

    def resolve(self, tag: str, queue: str) -> Resolved:
        """The language in which a queue answers somebody who speaks `tag`."""
        accepted, default = self._by_queue.get(queue, (self.accepted, self._default))
        if not tag:
            return Resolved(default, "default" if default else "unknown")
        if not accepted:
            return Resolved(tag, "asked")
        found = closest(tag, accepted, self.most)
        if found is not None:
            return Resolved(found[0], "near" if found[0] != tag else "asked", found[1])
        if self._keep or not default:
            return Resolved(tag, "unmatched")
        return Resolved(default, "default")

    def needs(self, language: str) -> Needs:
        """What speaking a canonical language takes; the nearest one that is described."""
        if not language or not self._needs:
            return Needs.NOTHING
        found = closest(language, tuple(self._needs), self.most)
        return self._needs[found[0]] if found else Needs.NOTHING
