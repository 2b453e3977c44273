"""PublishPolicy and GetPolicy: checked first, atomic, and the old one stays alive."""

from router.v1 import admin_service_pb2 as pb
from tests.service.house import SMALL, refused

SECOND = SMALL.replace("wrap_up: 30s", "wrap_up: 45s")
BROKEN = SMALL.replace("billing: 4", "biling: 4")


def publish(yaml, **more):
    return pb.PublishPolicyRequest(yaml=yaml, **more)


async def policy_of(house, **version):
    return (await house.admin.GetPolicy(pb.GetPolicyRequest(**version))).policy


async def test_a_policy_is_published_as_the_next_version(house):
    answer = await house.admin.PublishPolicy(publish(SECOND))

    assert 2 == answer.policy.version
    assert answer.policy == await policy_of(house)
    assert SECOND == answer.policy.yaml


async def test_an_earlier_policy_can_be_read_again(house):
    await house.admin.PublishPolicy(publish(SECOND))

    first = await policy_of(house, version=1)

    assert (1, SMALL) == (first.version, first.yaml)


async def test_publishing_what_is_in_force_changes_nothing(house):
    before = await policy_of(house)

    answer = await house.admin.PublishPolicy(publish(SMALL))

    assert before == answer.policy
    assert before == await policy_of(house)


async def test_validating_a_sound_policy_publishes_nothing(house):
    answer = await house.admin.PublishPolicy(publish(SECOND, validate_only=True))

    assert [] == list(answer.problems)
    assert 1 == (await policy_of(house)).version


async def test_validating_a_broken_policy_lists_line_key_and_suggestion(house):
    answer = await house.admin.PublishPolicy(publish(BROKEN, validate_only=True))

    (problem,) = answer.problems
    assert BROKEN.splitlines()[problem.line - 1].count("biling") == 1
    assert "biling" in problem.key
    assert "billing" == problem.suggestion


async def test_validating_a_policy_looks_into_its_intake_rules(house):
    rules = "\nintake: {rules: [{name: a, when: 'customer.contry == \"TR\"', then: {priority: 1}}]}\n"

    answer = await house.admin.PublishPolicy(publish(SMALL + rules, validate_only=True))

    (problem,) = answer.problems
    assert "intake.rules[0].when" == problem.key
    assert "country" == problem.suggestion


async def test_a_broken_policy_leaves_the_old_one_live(house):
    no = await refused(house.admin.PublishPolicy(publish(BROKEN)))

    assert ("INVALID_ARGUMENT", "POLICY_INVALID") == (no.code, no.reason)
    assert ("yaml",) == no.fields
    assert "biling" in no.message
    assert (1, SMALL) == (
        (await policy_of(house)).version,
        (await policy_of(house)).yaml,
    )


async def test_a_queue_with_interactions_cannot_be_dropped(house):
    await house.enqueue("call-1", "tiny")

    no = await refused(
        house.admin.PublishPolicy(publish(SMALL.replace("  tiny: {limit: 1}\n", "")))
    )

    assert "QUEUE_IN_USE" == no.reason
    assert "tiny" in no.message
    assert 1 == (await policy_of(house)).version


async def test_decisions_before_and_after_carry_their_own_policy(house):
    before = (await house.enqueue("call-1")).interaction.policy_version
    await house.admin.PublishPolicy(publish(SECOND))
    after = (await house.enqueue("call-2")).interaction.policy_version

    assert (1, 2) == (before, after)


async def test_the_policy_survives_a_restart(house):
    await house.admin.PublishPolicy(publish(SECOND))

    await house.restart()

    assert (2, SECOND) == (
        (await policy_of(house)).version,
        (await policy_of(house)).yaml,
    )
