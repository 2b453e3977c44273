"""`santral-router replay`: what is in a journal, and is it sound?

Verifies every byte, replays every fact into an engine, and lets a second model, written
apart from the engine, judge each event. Reads only; a router may go on writing
meanwhile.
"""

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from router.engine.floor import interactions_used
from router.engine.kinds import Kind
from router.engine.snapshot import capture
from router.journal.checker import JournalChecker
from router.journal.errors import JournalError
from router.journal.replay import batch_of, recover
from router.journal.stores import open_journal
from router.model.interaction import State

_VIOLATIONS_SHOWN = 20


def replayed(
    url: str,
    *,
    until: int | None,
    check: bool,
    json_out: bool,
    say: Callable[[str], None],
    out: Callable[[str], None],
) -> int:
    """Replay and report; returns the exit status: 0 sound, 1 promises broken, 2
    unreadable.
    """
    started = time.perf_counter()
    try:
        reader = open_journal(url).reader()
        try:
            verified = reader.verify()
            recovered = recover(reader, until=until)
            kinds, violations = _judge(reader, until, check)
        finally:
            reader.close()
    except JournalError as error:
        say(str(error))
        return 2
    engine = recovered.engine
    took = time.perf_counter() - started
    interactions = interactions_used(engine.floor)
    present = interactions["state"][interactions["used"] != 0].tolist()
    states = Counter(State(state).name for state in present)
    report: dict[str, Any] = {
        "journal": url,
        "groups": verified.groups,
        "events": verified.events,
        "sequence": engine.sequence,
        "replayed": recovered.events,
        "snapshot_sequence": recovered.snapshot_sequence,
        "state_hash": capture(engine).state_hash,
        "policy": engine.policy.digest if engine.policy is not None else "",
        "interactions": dict(sorted(states.items())),
        "kinds": dict(kinds),
        "violations": violations,
        "warnings": [*verified.warnings, *recovered.warnings],
        "seconds": round(took, 3),
    }
    if json_out:
        out(json.dumps(report, ensure_ascii=False))
    else:
        _tell(report, out)
    return 1 if violations else 0


def _judge(
    reader: Any, until: int | None, check: bool
) -> tuple[Counter[str], list[str]]:
    checker = JournalChecker()
    kinds: Counter[str] = Counter()
    found: list[str] = []
    for stored in reader.read(0):
        batch = batch_of(stored.blob)
        if until is not None and batch.last_sequence > until:
            break
        for kind, count in Counter(batch.events["kind"].tolist()).items():
            kinds[Kind(kind).name] += count
        if check:
            checker.take(batch)
    if check:
        found = [
            f"sequence {v.sequence}: {v.invariant}: {v.what}" for v in checker.finish()
        ]
    return kinds, found


def _tell(report: dict[str, Any], out: Callable[[str], None]) -> None:
    out(
        f"{report['journal']}: {report['events']} events in {report['groups']} groups, every byte verified"
    )
    out(
        f"replayed {report['replayed']} events after the snapshot at {report['snapshot_sequence']}, up to sequence "
        f"{report['sequence']}, in {report['seconds']} s; state {report['state_hash']}, policy {report['policy']}"
    )
    for kind, count in sorted(report["kinds"].items(), key=lambda entry: -entry[1]):
        out(f"  {count:>10,}  {kind.lower().replace('_', ' ')}")
    for warning in report["warnings"]:
        out(f"warning: {warning}")
    for violation in report["violations"][:_VIOLATIONS_SHOWN]:
        out(f"VIOLATION {violation}")
    out(
        "every promise was kept"
        if not report["violations"]
        else f"{len(report['violations'])} promises broken"
    )
