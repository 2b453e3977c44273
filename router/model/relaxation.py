"""How needs loosen after a wait.

A step must never make needs harder to meet: an agent who could take an interaction
before a step can take it after. That is what lets the engine look only for newly
eligible agents when a step falls due, and a customer's wait can only help.
"""

from dataclasses import dataclass

from router.model.needs import Needs, SkillNeed


@dataclass(frozen=True, slots=True)
class RelaxationStep:
    """One rung of a queue's relaxation ladder. Steps add up, from the first on.

    Raises ValueError for a step that contradicts itself or does nothing.
    """

    after_ms: int
    """How long the interaction has waited, counted from its arrival."""
    drop: tuple[str, ...] = ()
    """Skills that count as met from now on, wherever they are asked for; a group of
    `any_of` that asks for one of them is met as well."""
    lower: tuple[SkillNeed, ...] = ()
    """Skills for which a lower level is enough from now on."""
    add: tuple[tuple[str, SkillNeed], ...] = ()
    """Alternatives: (a skill asked for, another need that will do instead)."""
    groups: tuple[str, ...] = ()
    """Agent groups that may take the interaction as well."""
    queues: tuple[str, ...] = ()
    """Queues whose agents may take the interaction as well."""

    def __post_init__(self) -> None:
        if self.after_ms < 0:
            raise ValueError(f"a step cannot come after {self.after_ms} ms")
        if not (self.drop or self.lower or self.add or self.groups or self.queues):
            raise ValueError("the step does nothing: give it drop, lower, add or more")
        lowered = {need.skill for need in self.lower}
        given_others = {skill for skill, _ in self.add}
        for skill in self.drop:
            if skill in lowered | given_others:
                raise ValueError(f"{skill} is dropped: it needs no lower and no add")
        for skill, other in self.add:
            if other.skill == skill:
                raise ValueError(f"{skill} cannot stand in for itself: use lower")


def relax(needs: Needs, step: RelaxationStep) -> Needs:
    """The needs after `step`, for a policy that is being checked.

    Raises ValueError where the step says the opposite of loosening: a level higher than
    every one asked for, or an alternative that is forbidden.
    """
    asked = [*needs.all_of, *(need for group in needs.any_of for need in group)]
    for lower in step.lower:
        levels = [need.level for need in asked if need.skill == lower.skill]
        if levels and max(levels) < lower.level:
            raise ValueError(
                f"lower {lower.skill} to {lower.level} would tighten: "
                f"level {max(levels)} is already enough"
            )
    forbidden = {need.skill for need in needs.none_of}
    for skill, other in step.add:
        if other.skill in forbidden:
            raise ValueError(
                f"{other.skill} cannot stand in for {skill}: none_of forbids it"
            )
    return loosened(needs, step)


def loosened(needs: Needs, step: RelaxationStep) -> Needs:
    """The needs after `step`, for needs the policy's author has not seen.

    An interaction may bring needs of its own, which a queue's step meets by chance. So
    this never raises: what would tighten is left as it was, what is not needed ignored.
    """
    enough = {need.skill: need.level for need in step.lower}
    forbidden = {need.skill for need in needs.none_of}

    def options_for(need: SkillNeed) -> list[SkillNeed]:
        level = min(need.level, enough.get(need.skill, need.level))
        others = (other for skill, other in step.add if skill == need.skill)
        return [
            SkillNeed(need.skill, level),
            *(other for other in others if other.skill not in forbidden),
        ]

    # A single need is a group with one option, until an alternative joins it.
    groups = [(need,) for need in needs.all_of] + list(needs.any_of)
    kept = (
        tuple(option for need in group for option in options_for(need))
        for group in groups
        if not any(need.skill in step.drop for need in group)
    )
    return Needs(any_of=tuple(kept), none_of=needs.none_of)
