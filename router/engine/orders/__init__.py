"""What each order does: looks, emits, refuses. Compiled; `decide` is the way in, `emit`
the only way out.
"""
