"""Other simulators at the same two models, one file each: `run(interactions, seed)`.

Each is written as its library's manual would have it, and as fast as that goes. Time
runs in seconds everywhere; whoever has no model of a kind has no file for it.
"""
