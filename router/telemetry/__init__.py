"""Telemetry listens: Prometheus metrics, an endpoint for them, and a log of what is
noteworthy.

Fed with events after they are durable; it never decides, never waits, and nothing
depends on it. No label and no series is named after a customer, an interaction or an
agent.
"""
