"""What the business wants, as one checked value.

One YAML file says how work is routed; the same file runs live and in the simulator.

- `policy`, `queue`, `parts`: the values, each with its default, meaning and bounds;
- `fields`, `needs`: how a duration, a name or a need is written in the file;
- `checks`: what only the whole file can tell (names that exist, no circles);
- `document`: YAML 1.2 read with the place of every key;
- `load`: from text to a `Policy`, or to every problem at once with its line;
- `schema`: the JSON Schema that editors use.

A policy is data: nothing here must know the floor, route anything, or keep what it
read.
"""
