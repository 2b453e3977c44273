"""Exact waiting-line formulas for planners: Erlang B, C and A, and lines that fill up.

They answer in milliseconds what a simulation answers in seconds, for one queue, one kind
of agent, exponential times and a steady rate. Where a plan has more than that, they are
the check beside the simulation. Reads no scenario and imports nothing of the engine.

    demand    what comes in, and how agents and customers behave
    line      the figures every model gives, and the service-level definitions
    models    from a demand and a number of agents to the right model
    loss, delay, limited    Erlang B; Erlang C; Erlang A and lines that fill up
    staffing  the least number of agents that keeps a plan's bounds
    safety    the square-root estimate of the same
    single    M/G/1, and M/M/c with priorities
    plan      a planner's question, its answer and the answer as JSON
    outward   long products that neither overflow nor lose digits
"""
