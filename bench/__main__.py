"""Measure, print the table, write build/bench.json: `python -m bench [NAMES]`.

Names choose parts (`python -m bench engine replay`); without any, all are measured. The
file maps each name to value, unit, ratio and ratio_to; parts that were not measured now
keep the figures they had. What a figure is meant to reach stands in `targets`.
"""

import argparse
import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path

from bench.rows import Row
from bench.targets import TARGETS, verdict

PARTS = {
    "engine": "the engine alone, and how long it compiles",
    "loop": "a large joint round beside an event loop",
    "gain": "what joint rounds gain over greedy, on rounds of a real floor",
    "intake": "from a request to numbers: rules by match and by expression",
    "matching": "the solver on synthetic rounds",
    "journal": "the journal: append, encode, verify",
    "context": "the context: append, timeline, handoff package, carry-over, erasure",
    "redaction": "card numbers in free text: found, falsely found, how fast",
    "replay": "replay and cold start",
    "unary": "durable unary enqueues against an echo",
    "streams": "command streams against an echo; two thousand agents' streams",
    "simulator": "the simulator beside SimPy, Ciw, salabim and C; large floors; memory",
    "lookahead": "a forecast from a live floor: what it costs, how often it is right",
    "offers": "from a ready agent to the offer on their stream; memory",
}
OUT = Path("build/bench.json")


def main() -> int:
    """Returns 1 when a part could not be measured; a missed target is only shown."""
    parts = "\n".join(f"  {name:9} {what}" for name, what in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure Santral.",
        epilog=f"parts:\n{parts}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAMES")
    chosen = parser.parse_args().names or list(PARTS)
    if strangers := sorted(set(chosen) - set(PARTS)):
        parser.error(f"no part is named {', '.join(strangers)}; see --help")
    known = json.loads(OUT.read_text(encoding="utf-8")) if OUT.exists() else {}
    failed = []
    print(_machine(), flush=True)
    for name in chosen:
        began = time.perf_counter()
        print(f"\n{name}: {PARTS[name]}", flush=True)
        try:
            rows = importlib.import_module(f"bench.bench_{name}").measure()
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - the rest goes on
            print(f"  not measured: {problem!r}", file=sys.stderr, flush=True)
            failed.append(name)
            continue
        _print(rows)
        print(f"  ({time.perf_counter() - began:.0f} s)", flush=True)
        known |= {
            one["name"]: {
                key: one[key] for key in ("value", "unit", "ratio", "ratio_to")
            }
            for one in rows
        }
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    missed = [
        name for name in TARGETS if name in known and not verdict(name, known[name])[1]
    ]
    print(f"\n{OUT} has {len(known)} figures; {len(missed)} miss their target")
    for name in missed:
        print(f"  {name}: {verdict(name, known[name])[0]}")
    return 1 if failed else 0


def _machine() -> str:
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"Python {platform.python_version()}, {len(os.sched_getaffinity(0))} cores, "
        f"load {load}: a busy machine bends absolute figures, ratios less"
    )


def _print(rows: list[Row]) -> None:
    width = max(len(one["name"]) for one in rows)
    for one in rows:
        ratio = ""
        if one["ratio"] is not None:
            ratio = f"{one['ratio']:.3g} x {one['ratio_to']}"
        aim = verdict(one["name"], one)[0] if one["name"] in TARGETS else ""
        print(
            f"  {one['name']:<{width}} {one['value']:>13,.6g} {one['unit']:<11} "
            f"{aim:<18} {ratio}".rstrip()
        )


if __name__ == "__main__":
    sys.exit(main())
