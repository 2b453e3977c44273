"""What README says of `make run`: a day in about a minute, and an account that balances."""

import json

import pytest

from router.policy.load import read_policy
from tests.docs.serving import BANK, PROGRAM, run


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_the_day_ends_with_a_balanced_account_of_every_queue():
    done = run(PROGRAM, "demo", "--day", "--once", "--json", timeout_s=400)

    assert 0 == done.returncode, done.stderr
    account = json.loads(done.stdout.splitlines()[-1])
    ways = ("answered", "abandoned", "waiting", "dead_lettered")
    assert account["offered"] == sum(account[way] for way in ways)
    assert set(read_policy(BANK).queues) == set(account["queues"])
