"""The live service: who gets which interaction, durably.

Five nouns and their direction. A *command* (`engine.commands`) comes in through the service and waits in the
host's inbox; the *engine* decides on it against the *floor* (`engine.tables`) and states *events*
(`engine.events`); the *journal* makes them durable; only then does anybody hear of it. Where to start reading:
`engine/commands.py`, `engine/events.py`, `engine/lifecycle.py`, `engine/engine.py`, `host.py`.
"""
