"""Service level, ASA, AHT, abandonment and occupancy: their one home, as folds over
events.

`measures` keeps the tables, `fold` fills them, `figures` holds the formulas, `shapes`
what is counted. The live router, its metrics and the simulator use the same ones. Sees
the engine's events and the nouns, nothing else.
"""

from router.measures.figures import Account, AgentMeasures, Histogram, QueueMeasures
from router.measures.measures import Measures, QueueTarget
from router.measures.shapes import AgentState, Entry, Outcome

__all__ = [
    "Account",
    "AgentMeasures",
    "AgentState",
    "Entry",
    "Histogram",
    "Measures",
    "Outcome",
    "QueueMeasures",
    "QueueTarget",
]
