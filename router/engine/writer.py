"""Policies and the roster, written to the definition tables as events in the batch at
hand.

The engine's Python half. Whatever is written here goes through `ROW_DEFINED` events and
names, so replay writes it again; nothing touches a definition table directly.
"""

import json

import numpy as np

from router.engine.commands import DefineAgent
from router.engine.definitions import Row, channel_row, queue_row, roster_row, rules_row
from router.engine.errors import InvalidField, QueueInUse, UnknownGroup, UnknownSkill
from router.engine.given import Given
from router.engine.kinds import Table
from router.engine.lines import Lines, unknown
from router.engine.machine import Machine
from router.engine.names import Directory
from router.engine.tables import (
    AGENT_GROUPS_MAX,
    CHANNELS,
    GROUPS_MAX,
    QUEUE_RULES,
    SKILLS_MAX,
)
from router.model.agent import AgentKind
from router.model.channel import Channel
from router.model.needs import LEVEL_MAX
from router.policy.parts import ChannelPolicy
from router.policy.policy import Policy


class Writer:
    """Writes policies and agents to a floor."""

    def __init__(self, machine: Machine, names: Directory) -> None:
        self.names = names
        self.given = Given(names)
        self.lines = Lines(machine, names, self.given)
        self._machine = machine

    @property
    def policy(self) -> Policy | None:
        """The policy in force."""
        return self.lines.policy

    @policy.setter
    def policy(self, policy: Policy) -> None:
        self.lines.policy = policy

    def publish(self, policy: Policy, version: int) -> None:
        """Write every row that a policy governs. The order that makes it count comes
        after.
        """
        self._check_queues_in_use(policy)
        self.policy = policy
        for skill in policy.skills:
            self.given.interned(Table.SKILL, self.names.skills, skill, SKILLS_MAX)
        for group in policy.groups:
            self.given.interned(Table.GROUP, self.names.groups, group, GROUPS_MAX)
        for reason in ("", *policy.reasons):
            self.given.interned(
                Table.PRESENCE_REASON, self.names.presence_reasons, reason, 30_000
            )
        self._machine.define(Table.RULES, 0, self._rules_after_queues(policy, version))
        for number in range(1, CHANNELS):
            channel = policy.channels.get(Channel(number))
            record = channel_row(channel or ChannelPolicy())
            record["defined"] = channel is not None
            self._machine.define(Table.CHANNEL_RULES, number, record)
        self.lines.rewrite(policy)
        for agent in policy.agents:
            self.define_agent(
                DefineAgent(
                    agent.id,
                    agent.name,
                    agent.skills,
                    agent.groups,
                    agent.capacity,
                    agent.limits,
                    agent.prefers,
                    kind=agent.kind,
                )
            )
        named = {agent.id for agent in policy.agents}
        for agent_id, row in list(self.names.agents.rows.items()):
            if agent_id not in named and self._machine.floor.roster[row].defined:
                self.define_agent(
                    _under(policy, agent_id, self.names.specifications[row])
                )

    def _rules_after_queues(self, policy: Policy, version: int) -> Row:
        for queue, rules in policy.queues.items():
            row = self.given.interned(Table.QUEUE, self.names.queues, queue, 1 << 16)
            self._machine.room("queues", row + 1)
            self._machine.define(Table.QUEUE_RULES, row, queue_row(rules, self.names))
        for queue, row in self.names.queues.rows.items():
            if queue not in policy.queues:
                self._machine.define(Table.QUEUE_RULES, row, np.zeros(1, QUEUE_RULES))
        return rules_row(policy, version, self.names)

    def _check_queues_in_use(self, policy: Policy) -> None:
        for queue, row in self.names.queues.rows.items():
            counts = self._machine.floor.queues[row]
            present = int(counts.waiting) + int(counts.offered) + int(counts.active)
            if queue not in policy.queues and present:
                raise QueueInUse(
                    f"queue {queue!r} still has {present} interactions; keep it in the policy until they "
                    "have ended, or move them first",
                    field="yaml",
                )

    def define_agent(self, agent: DefineAgent) -> int:
        """Put an agent on the roster or change them; returns their row. Writes nothing
        that is there already.
        """
        policy = self.policy
        if policy is None:
            raise InvalidField(
                "no policy has been published yet; publish one first", field="agent"
            )
        for skill, level in agent.skills.items():
            if skill not in policy.skills:
                raise UnknownSkill(
                    unknown("skill", skill, policy.skills), field="agent.skills"
                )
            if not 0 <= level <= LEVEL_MAX:
                raise InvalidField(
                    f"level {level} of skill {skill} is not from 0 to 5",
                    field="agent.skills",
                )
        for group in agent.groups:
            if group not in policy.groups:
                raise UnknownGroup(
                    unknown("group", group, policy.groups), field="agent.groups"
                )
        if len(agent.groups) > AGENT_GROUPS_MAX:
            raise InvalidField(
                f"an agent belongs to at most {AGENT_GROUPS_MAX} groups",
                field="agent.groups",
            )
        capacity = policy.capacity if agent.capacity is None else agent.capacity
        if not 1 <= capacity <= 1000:
            raise InvalidField(
                f"capacity {capacity} is not from 1 to 1000", field="agent.capacity"
            )
        row = self.names.agents.rows.get(agent.agent)
        if row is None:
            row = self.names.agents.next_row()
            self._machine.room("agents", row + 1)
            self.given.name(Table.AGENT, row, agent.agent)
        if self.names.displays.get(row, "") != agent.name:
            self.given.name(Table.DISPLAY, row, agent.name)
        specification = _specified(agent)
        if self.names.specifications.get(row, "") != specification:
            self.given.name(Table.SPECIFICATION, row, specification)
        record = roster_row(
            policy, self.names, skills=agent.skills, groups=agent.groups, capacity=capacity,
            limits=agent.limits, prefers=agent.prefers, kind=agent.kind,
        )  # fmt: skip
        if self._machine.floor.roster[row : row + 1].tobytes() != record.tobytes():
            self._machine.define(Table.ROSTER, row, record)
        return row


def _specified(agent: DefineAgent) -> str:
    """What was said of an agent, as JSON: explicit things only, so that defaults follow
    the policy.
    """
    said = {
        "name": agent.name,
        "skills": dict(sorted(agent.skills.items())),
        "groups": agent.groups,
        "capacity": agent.capacity,
        "limits": {
            int(channel): limit for channel, limit in sorted(agent.limits.items())
        },
        "prefers": [int(channel) for channel in agent.prefers],
    }
    if agent.kind != AgentKind.HUMAN:
        said["kind"] = int(agent.kind)
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _under(policy: Policy, agent_id: str, specification: str) -> DefineAgent:
    """The same agent under another policy, without the skills and groups that it does
    not have.
    """
    said = json.loads(specification)
    return DefineAgent(
        agent_id,
        said["name"],
        {
            skill: level
            for skill, level in said["skills"].items()
            if skill in policy.skills
        },
        tuple(group for group in said["groups"] if group in policy.groups),
        said["capacity"],
        {Channel(int(channel)): limit for channel, limit in said["limits"].items()},
        tuple(Channel(channel) for channel in said["prefers"]),
        kind=AgentKind(said.get("kind", AgentKind.HUMAN)),
    )
