"""From the log of a telephone system to a scenario: what arrived, who served, who left.

`mapping` says which column is what, `reading` makes one table of a log, `arrivals`,
`service`, `patience`, `presence` and `behaviour` estimate from it, `fitting` puts them
together, and `scenario_writer` writes what came of it. SciPy is used here and nowhere
else in the simulator; DuckDB in `reading` alone.
"""
