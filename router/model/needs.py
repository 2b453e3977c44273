"""What an interaction asks of an agent, in skills and levels.

A need is a skill with a least level. `Needs` puts needs together: every one of
`all_of`, at least one of each group in `any_of`, and none of `none_of`. Two `Needs`
that say the same in another order are equal, so that a table keeps each once. Whether
one agent meets them is decided in the engine, never here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Final

LEVEL_MIN: Final = 1
LEVEL_MAX: Final = 5
"""Skill levels run from 1 to 5; an agent without the skill stands at 0."""

NEEDS_MAX: Final = 16
"""Most single needs one queue may state, over all its parts and at every step."""


@dataclass(frozen=True, slots=True, order=True)
class SkillNeed:
    """A skill and the least level of it. Raises ValueError for an impossible level."""

    skill: str
    level: int

    def __post_init__(self) -> None:
        if not self.skill:
            raise ValueError("a need must name its skill, the name is empty")
        if not LEVEL_MIN <= self.level <= LEVEL_MAX:
            raise ValueError(
                f"the level of {self.skill} must be from {LEVEL_MIN} to {LEVEL_MAX}, "
                f"it is {self.level}"
            )


@dataclass(frozen=True, slots=True)
class Needs:
    """All that an interaction asks of an agent.

    An agent may take it who has every need of `all_of`, some need of each group of
    `any_of`, and no skill of `none_of` at the level named there or above. Raises
    ValueError for an empty group and for a skill both asked for and forbidden.
    """

    all_of: tuple[SkillNeed, ...] = ()
    any_of: tuple[tuple[SkillNeed, ...], ...] = ()
    none_of: tuple[SkillNeed, ...] = ()
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    NOTHING: ClassVar["Needs"]
    """Asks for nothing: any agent may take it."""

    def __hash__(self) -> int:
        # Every arrival is looked up by its needs, and most share the same few values.
        return self._hash

    def __post_init__(self) -> None:
        if not all(self.any_of):
            raise ValueError("a group of any_of is empty: nobody could meet it")
        # One meaning, one shape. The higher of two levels is what "all" asks for, the
        # lower is enough for "any" and too much for "none"; a group with one option is
        # no choice, and so belongs to "all".
        groups = {_one_each(group, min) for group in self.any_of}
        single = tuple(group[0] for group in groups if len(group) == 1)
        choices = tuple(sorted(group for group in groups if len(group) > 1))
        object.__setattr__(self, "all_of", _one_each(self.all_of + single, max))
        object.__setattr__(self, "any_of", choices)
        object.__setattr__(self, "none_of", _one_each(self.none_of, min))
        said = (self.all_of, self.any_of, self.none_of)
        object.__setattr__(self, "_hash", hash(said))

        for skill in sorted(self.asked() & {need.skill for need in self.none_of}):
            raise ValueError(f"{skill} is both asked for and forbidden (none_of)")

    def asked(self) -> frozenset[str]:
        """The skills that `all_of` and `any_of` name."""
        groups = (need.skill for group in self.any_of for need in group)
        return frozenset(need.skill for need in self.all_of).union(groups)

    def combined(self, other: "Needs") -> "Needs":
        """What meets both. Raises ValueError if one asks for what the other forbids."""
        return Needs(
            all_of=self.all_of + other.all_of,
            any_of=self.any_of + other.any_of,
            none_of=self.none_of + other.none_of,
        )

    def count(self) -> int:
        """How many single needs there are, over all parts."""
        return len(self.all_of) + sum(map(len, self.any_of)) + len(self.none_of)


def _one_each(
    needs: Iterable[SkillNeed], pick: Callable[[int, int], int]
) -> tuple[SkillNeed, ...]:
    levels: dict[str, int] = {}
    for need in needs:
        levels[need.skill] = pick(levels.get(need.skill, need.level), need.level)
    return tuple(SkillNeed(skill, level) for skill, level in sorted(levels.items()))


Needs.NOTHING = Needs()
