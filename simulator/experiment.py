"""Replications, and when there are enough of them.

Replications are independent runs of the same days, numbered from 0; the numbers and the
seed fix what is drawn in each, so the result depends neither on the crew nor on the
order in which its members are ready. Two plans that are compared meet the same
customers in the replications of the same number.

**Stopping at a precision** is a sequential rule: after 10 replications, and then each
time there are half as many again, the half width of every queue's service level is
looked at, and when all are narrow enough it is over. Stopping at the first narrow
interval favours samples that happen to vary little, the more so the oftener one looks;
hence few looks, farther and farther apart. `tests/simulator/test_coverage.py` measures
what is left of the nominal 95 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.comparison import Comparison
from simulator.crew import Plan, Run, engine_digest, resolved
from simulator.result import Result
from simulator.sheets import Ledger
from simulator.sweep import Listener, Stop, Sweep


@dataclass(frozen=True, slots=True)
class About:
    """What a result says of its scenario."""

    scenario: str = ""
    digests: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


def run_experiment(
    plan: Plan,
    *,
    replications: int = 30,
    seed: int = 1,
    workers: int | None = None,
    precision: float | None = None,
    confidence: float = 0.95,
    progress: Listener | None = None,
    stop: Stop | None = None,
    cluster: str | None = None,
    about: About | None = None,
    run: Run | None = None,
) -> Result:
    """Replications of one plan.

    `replications` are run, or with a `precision` at most so many: it is over as soon as
    the half width of every queue's service level is no wider. `workers`: processes, by
    default one for each core when there is work enough; 1 works in this process.
    `cluster` is the address of a Dask scheduler instead. `stop`, or Ctrl-C, ends early
    with what is complete, and the result says so. `run` stands in for `run_once`.
    ExperimentFailed when a replication cannot be carried out, or none was completed.
    """

    def enough(ledgers: Sequence[Ledger]) -> bool:
        found = _result(ledgers[0], seed, replications, confidence)
        return precision is not None and found.widest <= precision

    sweep = Sweep((plan,), seed, resolved(run), workers, cluster)
    (ledger,) = sweep.over(
        replications, enough if precision is not None else None, progress, stop
    )
    return _result(
        ledger,
        seed,
        replications,
        confidence,
        about=about or About(),
        partial=sweep.stopped(),
        precision=precision,
        elapsed_s=sweep.elapsed_s,
    )


def compare(
    first: Plan,
    second: Plan,
    *,
    replications: int = 30,
    seed: int = 1,
    workers: int | None = None,
    precision: float | None = None,
    confidence: float = 0.95,
    progress: Listener | None = None,
    stop: Stop | None = None,
    cluster: str | None = None,
    about: tuple[About, About] | None = None,
    run: Run | None = None,
) -> Comparison:
    """Replications of two plans under common random numbers, in pairs; otherwise as
    `run_experiment`. `precision` is the half width of the difference in service level
    of every queue that both have.
    """
    abouts = about or (About(), About())

    def comparison(ledgers: Sequence[Ledger], *, partial: bool) -> Comparison:
        results = [
            _result(
                ledger,
                seed,
                replications,
                confidence,
                about=one,
                partial=partial,
                precision=precision,
                elapsed_s=sweep.elapsed_s,
            )
            for ledger, one in zip(ledgers, abouts, strict=True)
        ]
        return Comparison(*results)

    def enough(ledgers: Sequence[Ledger]) -> bool:
        widest = comparison(ledgers, partial=False).widest
        return precision is not None and widest <= precision

    sweep = Sweep((first, second), seed, resolved(run), workers, cluster)
    ledgers = sweep.over(
        replications, enough if precision is not None else None, progress, stop
    )
    return comparison(ledgers, partial=sweep.stopped())


def _result(
    ledger: Ledger,
    seed: int,
    asked: int,
    confidence: float,
    *,
    about: About | None = None,
    partial: bool = False,
    precision: float | None = None,
    elapsed_s: float = 0.0,
) -> Result:
    about = about or About()
    return Result(
        scenario=about.scenario,
        layout=ledger.layout,
        totals=ledger.totals(),
        seed=seed,
        asked=asked,
        confidence=confidence,
        engine=engine_digest(),
        digests=dict(about.digests),
        partial=partial and ledger.count < asked,
        precision=precision,
        warnings=about.warnings,
        elapsed_s=elapsed_s,
    )
