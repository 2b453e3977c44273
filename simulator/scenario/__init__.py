"""Scenarios: what is simulated, as a file says it.

`scenario` is the whole document and `demand`, `behaviour`, `staff`, `times` its parts;
`load` reads one from YAML with every problem by file, line and key. Describes only: how
it is carried out stands in `simulator.plan` and below.
"""
