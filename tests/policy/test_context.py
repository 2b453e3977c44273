"""How a policy lowers what is kept of conversations, and cannot raise it."""

import pytest

from router.model.context import DataClass, EntryKind
from router.model.context_limits import ContextLimits
from router.model.time import days
from router.policy.load import load_policy
from tests.policy.samples import CARDS


def limits_of(section):
    return load_policy(f"{CARDS}context: {section}\n").context.limits()


def complaint_about(section):
    with pytest.raises(ValueError) as refusal:
        limits_of(section)
    (problem,) = refusal.value.problems
    return problem


def test_a_policy_that_says_nothing_has_the_bounds_themselves():
    policy, bounds = load_policy(CARDS).context, ContextLimits()

    assert bounds.conversation_entries == policy.limits().conversation_entries
    assert not policy.carry_over_needs_consent
    for kind in EntryKind:
        assert bounds.entry_bytes_max(kind) == policy.limits().entry_bytes_max(kind)
    for data_class in DataClass:
        kept = policy.limits().kept_for_ms(data_class)
        assert bounds.kept_for_ms(data_class) == kept


def test_a_policy_lowers_sizes_and_sets_times():
    limits = limits_of(
        "{conversation_entries: 500, entry_bytes: {note: 1000}, keep: {content: 7d}}"
    )

    assert 500 == limits.conversation_entries
    assert 1_000 == limits.entry_bytes_max(EntryKind.NOTE)
    assert days(7) == limits.kept_for_ms(DataClass.CONTENT)
    assert days(90) == limits.kept_for_ms(DataClass.OUTCOME)


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("{conversation_entries: 20001}", "context.conversation_entries"),
        ("{entry_bytes: {message: 16385}}", "context.entry_bytes.message"),
        ("{entry_bytes: {mesage: 100}}", "context.entry_bytes.mesage"),
        ("{keep: {audit: 12h}}", "context.keep.audit"),
        ("{conversation_bytes: 1000}", "context"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(section, key):
    assert key == complaint_about(section).key
