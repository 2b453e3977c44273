"""Results and back-tests that several tests of reports look at, made once."""

from functools import cache

import numpy as np

from simulator.backtest import Backtest, DayRun
from simulator.comparison import Comparison
from simulator.fit.log import EPOCH, day_of
from simulator.report.held_back import backtest_page
from simulator.report.html import written
from simulator.report.pages import comparison_page, result_page
from tests.simulator.made import made_result

HOSTILE = "</script><script>window.hurt=1</script>"
HOSTILE_PAIRS = (
    (HOSTILE, "voice"),
    ('"><img src=x onerror="window.hurt=1">', "chat"),
    ("=HYPERLINK(A1)", "email"),
    ("Müşteri & Κάρτες", "voice"),
)
HOSTILE_STAFF = ("{{window.hurt=1}}", "=1+1", "datum.x'];window.hurt=1;//")


@cache
def one_day():
    return made_result(replications=8)


@cache
def week():
    return made_result(days=7, replications=4)


@cache
def hostile():
    return made_result(
        HOSTILE_PAIRS,
        HOSTILE_STAFF,
        scenario=HOSTILE,
        days=2,
        replications=4,
        warnings=(HOSTILE,),
        digests={HOSTILE: "0" * 16},
    )


@cache
def more_agents():
    """The same customers with one agent more in every entry, and without."""
    return Comparison(
        made_result(replications=8),
        made_result(replications=8, agents=7, scenario="Bir temsilci fazla"),
    )


@cache
def hostile_comparison():
    more = made_result(
        HOSTILE_PAIRS, HOSTILE_STAFF, scenario="more", days=2, replications=4, agents=7
    )
    return Comparison(hostile(), more)


@cache
def back_test():
    """Two days in two modes; 20 replications of a few arrivals an interval."""
    rng = np.random.default_rng(1)
    first = day_of(EPOCH.fromisoformat("1999-08-16"))
    hours = np.arange(48)
    rate = np.where((hours >= 14) & (hours < 40), 12, 0)

    def drawn(count):
        offered = rng.poisson(rate, (count, 48))
        answered = rng.binomial(offered, 0.8)
        in_time = rng.binomial(answered, 0.6)
        waits_s = answered * rng.gamma(4, 20, (count, 48))
        return np.stack(
            [offered, answered, offered - answered, in_time, waits_s], axis=-1
        ).astype(float)

    runs = tuple(
        DayRun(mode, first + day, drawn(1)[0], drawn(20))
        for mode in ("known", "forecast")
        for day in range(2)
    )
    return Backtest(1_800_000, 15, 20, 1, runs)


PAGES = {
    "one day": lambda: result_page(one_day()),
    "a week": lambda: result_page(week()),
    "two plans with hostile names": lambda: comparison_page(hostile_comparison()),
    "a back-test": lambda: backtest_page(back_test()),
}


@cache
def page(name):
    """A page as it is written, once for all tests that read it."""
    return written(PAGES[name]())
