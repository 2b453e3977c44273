"""Capacity planning: the engine that routes live, run under virtual time.

`scenario` says what is simulated, `plan` turns it into tables, `world` runs the engine on
them, `experiment` repeats that until it is precise enough, and `report` shows what came
of it. Sees the router's engine, measures, policy and nouns; the router never sees it.
"""
