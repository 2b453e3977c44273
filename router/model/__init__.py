"""The nouns of Santral: small frozen values with no behaviour beyond their own sense.

- `time`: durations as whole milliseconds, written "20s" or "1m30s" by people;
- `channel`, `interaction`, `agent`: the numbers the engine keeps in its tables;
- `needs`, `relaxation`: what an interaction asks of an agent, and how that loosens;
- `service_level`: the definitions of service level in use.

This is the lowest rung: a file here must never import another part of the router, read
a clock, draw a random number or do I/O.
"""
