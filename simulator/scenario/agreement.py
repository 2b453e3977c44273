"""Whether a scenario and its policy agree: what no single document can tell.

Asked once both are sound by themselves. `findings_between` finds what makes a run
pointless or impossible, `doubts_about` what somebody probably did not mean.
"""

from collections.abc import Iterator
from typing import Final

from router.model.agent import AgentKind
from router.model.channel import Channel
from router.model.needs import NEEDS_MAX, Needs
from router.model.time import format_duration
from router.policy.policy import Policy
from router.policy.problem import ABSENT, Finding, Path
from router.policy.suggest import listed
from simulator.demand import countries_known
from simulator.distributions import mean_ms
from simulator.scenario.able import could_take, needs_of
from simulator.scenario.flows import totals_of
from simulator.scenario.rates import Rates
from simulator.scenario.scenario import Scenario, Stream

INTERACTIONS_MAX: Final = 20_000_000
"""Most interactions of one run, in the mean."""


def findings_between(scenario: Scenario, policy: Policy) -> list[Finding]:
    """What cannot be run as it is written."""
    findings = [
        finding
        for name, stream in scenario.demand.items()
        for finding in (
            *_needs(name, stream, policy),
            *_times(name, stream, policy),
            *_channels(name, stream, scenario),
            *_owners(name, stream, scenario),
        )
    ]
    findings += _country(scenario)
    if not findings:
        findings += [*_served(scenario, policy), *_possible(scenario, policy)]
    return findings


def doubts_about(scenario: Scenario, policy: Policy) -> Iterator[Finding]:
    """What can be run, and was probably not meant."""
    takes = could_take(scenario, policy)
    dated = set(scenario.calendar.day_types.values())
    for name, stream in scenario.demand.items():
        yield from _held_too_long(name, stream, policy)
        for who in stream.handle_by.keys() - set(takes[name]):
            message = f"cannot take it: nobody of them meets {_asked(stream, policy)}"
            yield Finding(("demand", name, "handle_by", who), ABSENT, message)
        types = set() if stream.arrivals is None else set(stream.arrivals.day_types)
        for kind in sorted(types - dated):
            path: Path = ("demand", name, "arrivals", "day_types", kind)
            yield Finding(path, ABSENT, "is the type of no date in calendar.day_types")
    used = {who for able in takes.values() for who in able}
    for who in scenario.staff.keys() - used:
        yield Finding(("staff", who), ABSENT, "can take nothing that is in demand")
    channels = {stream.channel for stream in scenario.demand.values()}
    if scenario.lines is not None and Channel.VOICE not in channels:
        yield Finding(("lines",), scenario.lines, "counts voice, and nobody calls")
    for i, outage in enumerate(scenario.outages):
        if outage.channel is not None and outage.channel not in channels:
            name = outage.channel.name.lower()
            yield Finding(("outages", i, "channel"), name, "carries no demand")


def needs_text(needs: Needs) -> str:
    """Needs in one line: "banking 3, one of english 4 or greek 4, not trainee 1"."""
    parts = [f"{need.skill} {need.level}" for need in needs.all_of]
    for group in needs.any_of:
        options = (f"{need.skill} {need.level}" for need in group)
        parts.append(f"one of {' or '.join(options)}")
    parts += [f"not {need.skill} {need.level}" for need in needs.none_of]
    return ", ".join(parts) or "no skills"


def _asked(stream: Stream, policy: Policy) -> str:
    queue = policy.queues[stream.queue]
    text = needs_text(queue.needs.combined(needs_of(stream.needs)))
    groups = f" in the groups {', '.join(queue.groups)}" if queue.groups else ""
    return f'the needs of "{stream.queue}" on {stream.channel.name.lower()} ({text}{groups})'


def _needs(name: str, stream: Stream, policy: Policy) -> Iterator[Finding]:
    if stream.needs is None:
        return
    path = ("demand", name, "needs")
    try:
        needs = policy.queues[stream.queue].needs.combined(needs_of(stream.needs))
    except ValueError as problem:
        yield Finding(path, ABSENT, str(problem))
        return
    if needs.count() > NEEDS_MAX:
        message = f"makes {needs.count()} single needs with those of the queue"
        yield Finding(path, ABSENT, message, allowed=f"at most {NEEDS_MAX}")


def _times(name: str, stream: Stream, policy: Policy) -> Iterator[Finding]:
    queue = policy.queues[stream.queue]
    if stream.wrap_up is not None:
        mean = mean_ms(stream.wrap_up)
        if mean > queue.wrap_up_max_ms:
            most = format_duration(queue.wrap_up_max_ms)
            message = (
                f"is {format_duration(round(mean))} in the mean, and wrap_up_max of "
                f'"{stream.queue}" is {most}'
            )
            yield Finding(("demand", name, "wrap_up"), ABSENT, message, f"up to {most}")
    if stream.waited >= queue.max_wait_ms:
        most = format_duration(queue.max_wait_ms)
        value = format_duration(stream.waited)
        message = f'is not below max_wait of "{stream.queue}", which is {most}'
        yield Finding(("demand", name, "waited"), value, message)


def _channels(name: str, stream: Stream, scenario: Scenario) -> Iterator[Finding]:
    for i, follow in enumerate(stream.then):
        other = scenario.demand[follow.stream]
        if follow.kind == "transfer" and other.channel != stream.channel:
            here, there = stream.channel.name.lower(), other.channel.name.lower()
            message = f'a transfer stays on its channel ({here}), "{follow.stream}" is {there}'
            path = ("demand", name, "then", i, "kind")
            yield Finding(path, follow.kind, message, suggestion="handoff")


def _owners(name: str, stream: Stream, scenario: Scenario) -> Iterator[Finding]:
    by = None if stream.ownership is None else stream.ownership.by
    if by is not None and scenario.staff[by].kind == AgentKind.BOT:
        path = ("demand", name, "ownership", "by")
        yield Finding(path, by, "are bots, and a bot owns no conversation")


def _country(scenario: Scenario) -> Iterator[Finding]:
    country = scenario.calendar.holidays_of
    if country is not None and country not in countries_known():
        message = "is no country whose holidays are known"
        yield Finding(("calendar", "holidays_of"), country, message)


def _served(scenario: Scenario, policy: Policy) -> Iterator[Finding]:
    """Streams that nobody could ever take."""
    reached = {name for name, s in scenario.demand.items() if s.arrivals is not None}
    for stream in scenario.demand.values():
        reached |= {follow.stream for follow in stream.then}
        reached |= {stream.callback.stream} if stream.callback else set()
        reached |= (
            {stream.retry.stream} if stream.retry and stream.retry.stream else set()
        )
    for name, able in could_take(scenario, policy).items():
        if name in reached and not able:
            stream = scenario.demand[name]
            asked = _asked(stream, policy)
            ladder = policy.queues[stream.queue].relaxation
            ever = ", not even after its last relaxation step" if ladder else ""
            message = f"nobody on the staff meets {asked}{ever}"
            staff = listed(scenario.staff) if scenario.staff else "there is no staff"
            path = ("demand", name, "queue")
            yield Finding(path, stream.queue, message, allowed=staff)


def _possible(scenario: Scenario, policy: Policy) -> Iterator[Finding]:
    totals = totals_of(Rates(scenario), could_take(scenario, policy))
    total = sum(totals.values())
    if total > INTERACTIONS_MAX:
        worst = max(totals, key=lambda name: totals[name])
        message = (
            f"comes to {total:,.0f} interactions in a run of {scenario.days} days, "
            f'of which {totals[worst]:,.0f} are "{worst}"'
        )
        most = f"at most {INTERACTIONS_MAX:,} in a run"
        yield Finding(("demand", worst), ABSENT, message, allowed=most)


def _held_too_long(name: str, stream: Stream, policy: Policy) -> Iterator[Finding]:
    most_ms = policy.queues[stream.queue].hold_back_max_ms
    if stream.ownership is not None and stream.ownership.hold > most_ms:
        most = format_duration(most_ms)
        message = f'is above hold_back_max of "{stream.queue}", which is {most}'
        value = format_duration(stream.ownership.hold)
        yield Finding(("demand", name, "ownership", "hold"), value, message)
