"""The ledger finds a router that forgets, mixes up or makes up."""

from router.demo.continuity import Continuity
from router.v1.conversation_pb2 import ContextEntry, FactContent, TextContent

CON = "con-çağrı"


def fact(value, name="order_number"):
    return ContextEntry(fact=FactContent(name=name, value=value))


def at(version, entry):
    """The same entry as the router shows it."""
    shown = ContextEntry()
    shown.CopyFrom(entry)
    shown.version, shown.conversation_id = version, CON
    return shown


def a_ledger(*entries):
    ledger = Continuity()
    ledger.begin(CON, "cus-1")
    for version, entry in enumerate(entries, 1):
        ledger.wrote(CON, version, entry)
    return ledger


def handed_on(ledger, shown, agents=("ayse", "ayse")):
    """Two agents serve, one after the other; the second is shown this."""
    first, second = agents
    assert not ledger.answer(CON, first)
    ledger.handoffs += 1
    assert ledger.answer(CON, second)
    ledger.saw(CON, ledger.expected(CON), shown)
    return ledger


def test_everything_that_was_written_is_seen():
    entries = [fact("SN-1"), ContextEntry(summary=TextContent(text="özet"))]
    ledger = handed_on(
        a_ledger(*entries), [at(v, one) for v, one in enumerate(entries, 1)]
    )

    assert (1, 1.0, 1.0, 1, 0) == tuple(ledger.as_json().values())
    assert None is ledger.complaint()


def test_an_entry_that_is_missing_is_a_complaint_without_its_content():
    ledger = handed_on(
        a_ledger(fact("SN-1"), fact("42", "size")), [at(1, fact("SN-1"))]
    )

    assert 0 == ledger.context_carried_ratio
    assert f"{CON}: versions 2" in ledger.complaint()
    assert "42" not in ledger.complaint()


def test_an_entry_with_another_content_counts_as_missing():
    ledger = handed_on(a_ledger(fact("SN-1")), [at(1, fact("SN-2"))])

    assert 0 == ledger.carried


def test_an_entry_under_another_version_counts_as_missing():
    ledger = handed_on(a_ledger(fact("SN-1")), [at(2, fact("SN-1"))])

    assert 0 == ledger.carried


def test_what_somebody_else_wrote_meanwhile_does_no_harm():
    ledger = handed_on(
        a_ledger(fact("SN-1")), [at(1, fact("SN-1")), at(2, fact("43", "size"))]
    )

    assert 1 == ledger.carried


def test_an_agent_who_did_not_look_is_a_complaint():
    ledger = a_ledger(fact("SN-1"))
    ledger.answer(CON, "ayse")
    ledger.answer(CON, "nikos")

    assert "1 of 1 handoffs did not carry" in ledger.complaint()


def test_continuity_is_the_share_answered_by_whoever_had_the_customer_before():
    ledger = a_ledger()
    for agent in ("ayse", "ayse", "nikos", "nikos"):
        ledger.answer(CON, agent)

    assert round(2 / 3, 3) == ledger.continuity_ratio


def test_without_handoffs_there_are_no_shares():
    ledger = a_ledger()

    assert None is ledger.continuity_ratio
    assert None is ledger.context_carried_ratio
    assert None is ledger.complaint()
