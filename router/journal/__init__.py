"""Facts made durable: the journal stands between the engine's decisions and anybody's
ears.

The host hands over the events of a batch as one group; when `append` returns, the group
is on disk and only then may replies leave. Nothing here knows what an event means, and
nothing here is asynchronous: whoever must not wait calls from a thread.
"""
