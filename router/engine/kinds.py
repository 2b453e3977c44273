"""The engine's closed vocabularies as numbers: orders, facts, reasons and refusals.

Commands are orders (`ACCEPT_OFFER`), events are facts (`OFFER_ACCEPTED`). The values
are written to journals, so they are never renumbered; new ones are added at the end of
their block. Plain integers, because compiled code reads them as constants.
"""

from enum import IntEnum


class Kind(IntEnum):
    """What an event states. Each fact, once applied, is true on the floor."""

    NONE = 0
    # An interaction's life.
    INTERACTION_ENQUEUED = 1
    INTERACTION_REQUEUED = 2
    RELAXATION_STEPPED = 3
    HOLD_BACK_ENDED = 4
    OFFER_ISSUED = 5
    OFFER_ACCEPTED = 6
    OFFER_DECLINED = 7
    OFFER_EXPIRED = 8
    OFFER_REVOKED = 9
    INTERACTION_ABANDONED = 10
    INTERACTION_CANCELLED = 11
    INTERACTION_COMPLETED = 12
    WRAP_UP_STARTED = 13
    WRAP_UP_EXTENDED = 14
    WRAP_UP_ENDED = 15
    INTERACTION_TRANSFERRED = 16
    INTERACTION_OVERFLOWED = 17
    INTERACTION_DEAD_LETTERED = 18
    INTERACTION_UPDATED = 19
    AGENT_EXCLUDED = 20
    OWNER_SET = 21
    INTERACTION_FLAGGED = 22
    INTERACTION_INTERRUPTED = 23
    INTERACTION_RESUMED = 24
    INTERACTION_FORGOTTEN = 25
    INTERACTION_UNROUTABLE = 26
    COOL_DOWN_ENDED = 27
    INTERACTION_HANDED_OFF = 28
    INTERACTION_LINKED = 29
    INTERACTION_DUE = 30
    HOLD_BACK_WEIGHED = 31
    COMPANION_OPENED = 32
    CONTEXT_ACKNOWLEDGED = 33
    # An agent's shift.
    AGENT_SIGNED_IN = 40
    AGENT_PRESENCE_CHANGED = 41
    AGENT_PRESENCE_REQUESTED = 42
    AGENT_LOST = 43
    AGENT_RECONNECTED = 44
    AGENT_DEFINED = 45
    AGENT_REMOVED = 46
    # The house.
    ROW_DEFINED = 60
    POLICY_PUBLISHED = 61
    MATCH_ROUND_SOLVED = 62
    ROUTER_STARTED = 63
    REQUEST_ANSWERED = 64
    # Conversations and customers.
    CONTEXT_APPENDED = 80
    OWNERSHIP_TAKEN = 81
    OWNERSHIP_LAPSED = 82
    CONVERSATION_FORGOTTEN = 83
    CUSTOMER_FORGOTTEN = 84
    CUSTOMERS_MERGED = 85
    CUSTOMERS_UNMERGED = 86
    ERASURE_REQUESTED = 87
    CUSTOMER_ERASED = 88
    CUSTOMER_RESTRICTED = 89
    CONSENT_SET = 90
    ACCOUNT_OWNER_SET = 91


class Order(IntEnum):
    """What a command asks for."""

    NONE = 0
    ENQUEUE = 1
    ABANDON = 2
    CANCEL = 3
    COMPLETE = 4
    ACCEPT_OFFER = 5
    DECLINE_OFFER = 6
    END_WRAP_UP = 7
    EXTEND_WRAP_UP = 8
    TRANSFER = 9
    UPDATE = 10
    EXCLUDE = 11
    SET_OWNER = 12
    SIGN_IN = 13
    SET_PRESENCE = 14
    CONNECT = 15
    DISCONNECT = 16
    REMOVE_AGENT = 17
    FORCE_REQUEUE = 18
    FORCE_END = 19
    TICK = 20
    OFFER_PAIRS = 21
    ROSTER_CHANGED = 22
    START = 23
    DEFINE = 24
    PUBLISH = 25
    RECORD_REQUEST = 26
    HAND_OFF = 27
    ACKNOWLEDGE_CONTEXT = 28
    HAND_OVER = 29
    STATE_OF_CUSTOMER = 30
    """A fact about a customer or conversation that needs no decision: `reason` is its
    kind."""


class Reason(IntEnum):
    """Why a fact came about, where the kind alone does not say."""

    NONE = 0
    INTERACTION_LEFT = 1
    """The customer or the caller of the API took the interaction away."""
    AGENT_LOST = 2
    AGENT_AWAY = 3
    ADMINISTRATOR = 4
    ATTEMPTS_USED_UP = 5
    WAITED_TOO_LONG = 6
    QUEUE_FULL = 7
    MISSED_OFFER = 8
    TIMER = 9
    ENDED_EARLY = 10
    SIGNED_OUT = 11
    REQUESTED = 12
    OWNER_GONE = 13
    POISON = 14
    TRANSFERRED = 15
    ROUTER_RESTARTED = 16
    UNROUTABLE = 17
    AGENT_REMOVED = 18
    NOT_WORTH_IT = 19
    """Waiting for the owner would cost more than it is worth."""
    LIMIT = 20
    """The policy's hard cap."""
    OWNER_DECLINED = 21
    COMPANION_UNFIT = 22
    """The agent at the customer's other channel could never take this one."""
    DECLINED = 23
    HANDED_OVER = 24
    LAPSED = 25
    """The time that ownership lasts is over."""


class Refusal(IntEnum):
    """Why a command was answered with no. `router.engine.errors` gives each its words."""

    OK = 0
    UNKNOWN_INTERACTION = 1
    UNKNOWN_AGENT = 2
    WRONG_STATE = 3
    OFFER_GONE = 4
    QUEUE_FULL = 5
    UNROUTABLE = 6
    NOT_SIGNED_IN = 7
    AGENT_BUSY = 8
    LIMIT_REACHED = 9
    NOT_HOLDER = 10


class Rule(IntEnum):
    """The eligibility rules; the first that fails is the answer. They are asked in this
    order, but for the last two, which are asked first of what concerns the pair.
    """

    NONE = 0
    NOT_SIGNED_IN = 1
    UNREACHABLE = 2
    NOT_AVAILABLE = 3
    OPEN_OFFER = 4
    GROUP = 5
    MISSING_SKILL = 6
    FORBIDDEN_SKILL = 7
    CHANNEL_NOT_TAKEN = 8
    EXCLUDED = 9
    DECLINED_BEFORE = 10
    COOLING_DOWN = 11
    HELD_FOR_OWNER = 12
    CHANNEL_LIMIT = 13
    EXCLUSIVE_CHANNEL = 14
    CAPACITY = 15
    INTERACTION_NOT_WAITING = 16
    NOT_DUE = 17
    HELD_FOR_COMPANION = 18


class Table(IntEnum):
    """The tables that definitions write to, row by row, and the namespaces of names."""

    INTERACTION = 1
    AGENT = 2
    QUEUE = 3
    SKILL = 4
    GROUP = 5
    PRESENCE_REASON = 6
    ROSTER = 7
    QUEUE_RULES = 8
    CHANNEL_RULES = 9
    RULES = 10
    LINE = 11
    LADDER = 12
    STEP = 13
    CLAUSE = 14
    CONVERSATION = 15
    CUSTOMER = 16
    NOTE = 17
    """Free words that go with an event: why an agent declined, why an administrator
    forced."""
    DISPLAY = 18
    """What people call an agent."""
    SPECIFICATION = 19
    """What was said of an agent when they were put on the roster, as JSON; a new policy
    reads it again."""
    INTAKE = 20
    """What intake made of an interaction's request; see `engine.intakes`."""
