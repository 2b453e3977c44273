"""Measurements of Santral: each module measures one part and prints its own table.

A module's `measure()` returns rows of name, value, unit, ratio and ratio_to. Ratios
hold within one run on one machine, absolute figures only roughly from run to run.
"""
