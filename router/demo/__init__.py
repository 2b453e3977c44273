"""The demonstration: a client that shows a running router at work.

It speaks gRPC like any other client and knows nothing of the router's inside. Two ways
lead in:

- `calls.run_calls` replays a log of real calls on a virtual clock (`replay`), as fast
  as the router answers;
- `day.run_day` lives through a bank's working day beside a router whose clock is
  accelerated: customers (`callers`), agents at their desks (`desk`), and a picture of
  the floor in the terminal (`picture`).

Both end with an account (`account`) that must balance. Nothing here decides about
routing, and nothing here may import the engine.
"""
