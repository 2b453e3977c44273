"""A sweep on a Dask cluster gives the local result, byte for byte.

The cluster is a scheduler and a worker in threads of this process, on the loopback
interface and free ports.
"""

import itertools
import json
import socket

import pytest

from simulator import cluster
from simulator.crew import ExperimentFailed
from simulator.experiment import compare, run_experiment
from tests.simulator.drawn import a_plan, drawn, failing

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


ASKED = itertools.count()


def ever_another_engine():
    return f"{next(ASKED):016x}"


@pytest.fixture(scope="module")
def address():
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        scheduler_port=0,
        dashboard_address=None,
        silence_logs=50,
    ) as started:
        yield started.scheduler_address


def test_a_cluster_gives_the_local_result(address):
    def swept(**where):
        return run_experiment(a_plan(), replications=12, seed=5, run=drawn, **where)

    local, remote = swept(workers=1), swept(cluster=address)

    assert json.dumps(local.summary()) == json.dumps(remote.summary())
    for kind, kept in local.totals.kept.items():
        assert kept.tobytes() == remote.totals.kept[kind].tobytes()
    assert local.totals.waits.sums.tobytes() == remote.totals.waits.sums.tobytes()


def test_a_comparison_may_run_on_a_cluster_too(address):
    plans = a_plan(), a_plan(agents=22.0)

    local = compare(*plans, replications=6, workers=1, run=drawn)
    remote = compare(*plans, replications=6, cluster=address, run=drawn)

    assert json.dumps(local.summary()) == json.dumps(remote.summary())


def test_a_cluster_stops_with_what_is_complete(address):
    seen = []

    result = run_experiment(
        a_plan(),
        replications=10,
        run=drawn,
        cluster=address,
        progress=lambda now: seen.append(now.done),
        stop=lambda: bool(seen) and seen[-1] >= 4,
    )

    assert 4 <= result.replications < 10
    assert result.partial


def test_a_replication_that_fails_on_a_cluster_is_named(address):
    with pytest.raises(ExperimentFailed, match="replication 5: ValueError: the sixth"):
        run_experiment(a_plan(), replications=8, run=failing, cluster=address)


def test_another_engine_on_a_worker_is_refused(address, monkeypatch):
    monkeypatch.setattr(cluster, "engine_digest", ever_another_engine)

    with pytest.raises(ExperimentFailed, match="another engine"):
        run_experiment(a_plan(), replications=2, run=drawn, cluster=address)


def test_a_cluster_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setattr(cluster, "REACHED_WITHIN_S", 0.5)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"tcp://127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(ExperimentFailed, match=f"no Dask scheduler at {nobody}"):
        run_experiment(a_plan(), replications=2, run=drawn, cluster=nobody)
