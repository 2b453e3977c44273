"""Model A in Ciw: one node, customers who leave as the library has it.

Agents with several skills inside one node cannot be said in Ciw, so it has no model N.
The clock stops with the simulation; reading its records is not counted.
"""

import time

import ciw

from bench.peers.models import AGENTS_A, PATIENCE_S, SERVICE_S, WARM_UP, A
from bench.peers.result import Result, Tally


def run(interactions: int, seed: int) -> Result:
    ciw.seed(seed)
    began = time.perf_counter()
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(A.per_second)],
        service_distributions=[ciw.dists.Exponential(1 / SERVICE_S)],
        reneging_time_distributions=[ciw.dists.Exponential(1 / PATIENCE_S)],
        number_of_servers=[AGENTS_A],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(interactions, method="Finish")
    seconds = time.perf_counter() - began
    tally = Tally()
    for record in simulation.get_all_records():
        if record.id_number <= WARM_UP:
            continue
        if record.record_type == "renege":
            tally.abandon()
        else:
            tally.serve(record.waiting_time)
    return tally.result(interactions, seconds)
