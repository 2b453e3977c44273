"""Numbers that stand in journals: they may grow, and never change their meaning."""

from router.model.agent import AgentKind, Link, Presence
from router.model.channel import CHANNELS, Channel
from router.model.conversation import Mark, Purpose, Relation, Source
from router.model.interaction import Flag, State
from router.model.service_level import Definition


def test_channels_keep_their_numbers():
    expected = ["VOICE", "CHAT", "MESSAGING", "SMS"]
    expected += ["WHATSAPP", "EMAIL", "VIDEO", "SOCIAL"]
    assert {name: n for n, name in enumerate(expected, 1)} == Channel.__members__
    assert CHANNELS == len(Channel)


def test_states_keep_their_numbers():
    expected = ["NONE", "QUEUED", "OFFERED", "ACTIVE", "WRAPPING", "COMPLETED"]
    expected += ["ABANDONED", "CANCELLED", "HANDED_OFF", "DEAD_LETTERED"]
    assert {name: n for n, name in enumerate(expected)} == State.__members__


def test_flags_can_hold_together():
    expected = {"AGENT_LOST": 1, "OVERDUE": 2, "UNROUTABLE": 4, "INTERRUPTED": 8}
    assert expected == Flag.__members__
    assert 3 == Flag.AGENT_LOST | Flag.OVERDUE


def test_presences_and_links_keep_their_numbers():
    assert {"OFFLINE": 0, "AVAILABLE": 1, "AWAY": 2} == Presence.__members__
    assert {"STREAM": 1, "GATEWAY": 2} == Link.__members__


def test_there_are_four_definitions_of_service_level():
    assert 4 == len(Definition)


def test_kinds_of_agents_keep_their_numbers():
    assert {"HUMAN": 0, "BOT": 1} == AgentKind.__members__


def test_what_is_said_of_conversations_keeps_its_numbers():
    sources = ["NONE", "CALLER", "CONVERSATION", "LAST_AGENT", "ACCOUNT", "TEAM"]
    relations = ["NONE", "CONTINUATION", "CONSULT", "CONFERENCE", "CALLBACK"]
    marks = {"RESTRICTED": 1, "ERASURE_REQUESTED": 2, "ERASED": 4}

    assert {name: n for n, name in enumerate(sources)} == Source.__members__
    assert {name: n for n, name in enumerate(relations)} == Relation.__members__
    assert {"CARRY_OVER": 1, "PROACTIVE": 2, "LOCATION": 3} == Purpose.__members__
    assert marks == Mark.__members__
