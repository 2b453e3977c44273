"""`apply`: the only function that changes the floor.

Deciding emits an event and applies it at once; replaying a journal, following as a
standby and recovering are `apply` in a loop. So a replayed floor equals the live one
byte for byte. It never refuses and never judges: facts are facts. What each kind of
event means, and which fields it carries, is told in `events`.
"""

from router.engine.compiled import compiled
from router.engine.facts.agents import apply_to_agent
from router.engine.facts.customers import apply_to_customer
from router.engine.facts.house import apply_to_house
from router.engine.facts.interactions import apply_to_interaction
from router.engine.tables import NOBODY


@compiled
def apply(floor, event):
    """Make `event` true on the floor."""
    house = floor.house[0]
    house.sequence += 1
    house.now = max(house.now, event.at)
    if event.interaction != NOBODY:
        apply_to_interaction(floor, event)
    elif event.conversation != NOBODY or event.customer != NOBODY:
        apply_to_customer(floor, event)
    elif event.agent != NOBODY:
        apply_to_agent(floor, event)
    else:
        apply_to_house(floor, event)


@compiled
def apply_all(floor, events):
    """Replay: make a run of events true, in order."""
    for k in range(events.shape[0]):
        apply(floor, events[k])
