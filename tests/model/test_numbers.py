"""Numbers that stand in journals: they may grow, and never change their meaning."""

from router.model.agent import Link, Presence
from router.model.channel import CHANNELS, Channel
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
