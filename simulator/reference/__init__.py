"""Validity: known cases of queueing theory, written as scenarios and run through the engine.

`reading` takes a file of cases, `models` writes each as scenario and policy, `running`
simulates it, `outputs` reads off what the case names, and `comparing` says how far that is
from what is known. Nothing here may look at a case's id to find out what it is.
"""
