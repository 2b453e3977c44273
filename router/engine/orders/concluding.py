"""A joint round comes back: its pairs are checked again and offered."""

from router.engine.compiled import compiled
from router.engine.eligibility import rule_against
from router.engine.emit import draft, emit, outbox_full
from router.engine.kinds import Kind, Rule
from router.engine.score import score
from router.engine.seating import unseat
from router.engine.settle import JOINT, issue_offer
from router.engine.tables import NOBODY


@compiled
def conclude_round(floor, report, pairs, start):
    """Offer what a joint round has paired, each pair checked again. Returns how far it
    came.

    `report` is a drafted `MATCH_ROUND_SOLVED` event; with `start` above 0 the round
    goes on where the outbox was full the last time.
    """
    now = max(report.at, floor.house[0].now)
    if start == 0:
        event = draft(floor, Kind.MATCH_ROUND_SOLVED, now, NOBODY, NOBODY)
        event.match_round = max(1, floor.house[0].next_round)
        event.mode = report.mode
        event.count = report.count
        event.eligible = report.eligible
        event.weight = report.weight
        event.score = report.score
        event.value = report.value
        event.since = report.since
        event.until = report.until
        event.offer = report.offer
        emit(floor, event)
    match_round = floor.house[0].next_round - 1
    unseat(floor, pairs.shape[0])
    k = start
    while k < pairs.shape[0] and not outbox_full(floor):
        i = pairs[k, 0]
        a = pairs[k, 1]
        if rule_against(floor, i, a, now) == Rule.NONE:
            issue_offer(
                floor, i, a, score(floor, i, a, now), NOBODY, 0,
                report.eligible, report.count, JOINT, match_round, now,
            )  # fmt: skip
        k += 1
    return k
