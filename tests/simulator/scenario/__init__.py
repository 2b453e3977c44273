"""Scenarios as documents: what is read, what is refused, and what can be said of one."""
