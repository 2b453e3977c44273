"""The engine's facts as lines that a supervisor can read.

One fact is one line: what happened, to whom, and what follows from it. Rows become
names here; what a fact is, is told in `router.engine.events`. Must never leave out a
kind: a fact without words would be invisible in every story.
"""

from router.engine.kinds import Kind, Reason, Table
from router.engine.lineage import lineage
from router.model.agent import Link, Presence
from router.model.conversation import Purpose, Relation, Source
from router.model.interaction import Flag, State
from router.model.time import format_duration
from tests.factories import MIDNIGHT

HIDDEN = (Kind.ROW_DEFINED,)


def clock(at):
    """An instant of the story's day: 09:00:27, or 09:00:27.250; 33:00:00 is tomorrow."""
    seconds, ms = divmod(at - MIDNIGHT, 1_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}" + (f".{ms:03}" if ms else "")


def quoted(name):
    return f'"{name}"' if " " in name else name


class Speech:
    """Puts facts into words; remembers the names of what the floor has forgotten."""

    def __init__(self):
        self.calls = {}
        self.conversations = {}
        self.customers = {}
        self._before = {}

    def learn(self, names):
        """Names given in the batch at hand; a forgotten row still has its old one."""
        self._before = dict(self.calls)
        for table, row, text in names:
            if table == Table.INTERACTION:
                self.calls[row] = text
            elif table == Table.CONVERSATION:
                self.conversations[row] = text
            elif table == Table.CUSTOMER:
                self.customers[row] = text

    def line(self, event, names):
        """The words for one fact; "" for what a story does not show."""
        kind = Kind(int(event["kind"]))
        if kind in HIDDEN:
            return ""
        said = "".join(word.capitalize() for word in kind.name.split("_"))
        call, who = int(event["interaction"]), int(event["agent"])
        if call < 0:
            for about, told in (
                ("conversation", self.conversations),
                ("customer", self.customers),
            ):
                if int(event[about]) >= 0:
                    said += f" {told[int(event[about])]}"
        if call >= 0:
            known = self._before if kind == Kind.INTERACTION_FORGOTTEN else self.calls
            said += f" {quoted(known[call])}"
        if who >= 0:
            if kind in _AGENT_AFTER:
                said += f" {_AGENT_AFTER[kind]} {names.agents.texts[who]}"
            else:
                said += f" {names.agents.texts[who]}"
        extra = _WORDS[kind](event, _Names(self, names))
        return said + "".join(f" {word}" for word in extra if word)


def sight(engine, name):
    """What the floor says of an agent or an interaction just now, in one line."""
    floor, names = engine.floor, engine.names
    row = names.agents.rows.get(name)
    if row is not None:
        agent = floor.agents[row]
        reason = names.presence_reasons.texts[int(agent["reason"])]
        said = [Presence(int(agent["presence"])).name.lower()]
        said += [f"({reason})"] if reason else []
        if agent["requested"] >= 0:
            said.append(f"then {Presence(int(agent['requested'])).name.lower()}")
        said.append(f"load {agent['load']} of {floor.roster[row]['capacity']}")
        return f"{name}: {' '.join(said)}, {agent['live']} live"
    row = names.interactions.rows.get(name)
    if row is None or not floor.interactions[row]["used"]:
        return _sight_of_need(engine, name) or f"{name}: unknown"
    call = floor.interactions[row]
    said = [State(int(call["state"])).name, f"step {call['step']}"]
    said += [flag.name for flag in Flag if flag & int(call["marks"])]
    if call["conversation"] >= 0:
        said.append(
            f"conversation {names.conversations.texts[int(call['conversation'])]}"
        )
    if call["context"]:
        said.append(f"context {call['context']}")
    story = lineage(engine, name)
    if story.previous or story.successors:
        said.append(f"initial {story.initial}")
        said += [f"after {story.previous}"] if story.previous else []
        said += [f"then {', '.join(story.successors)}"] if story.successors else []
    return f"{name}: {', '.join(said)}"


def _sight_of_need(engine, name):
    row = engine.names.conversations.rows.get(name)
    if row is None or not engine.floor.conversations[row]["used"]:
        return ""
    need = engine.floor.conversations[row]
    owner = engine.names.agents.texts.get(int(need["owner"]), "nobody")
    return f"{name}: owner {owner}, version {need['version']}, {need['live']} live"


class _Names:
    def __init__(self, speech, names):
        self.speech, self.names = speech, names

    def agent(self, row):
        return self.names.agents.texts[int(row)]

    def call(self, row):
        return quoted(self.speech.calls[int(row)])

    def customer(self, row):
        return self.speech.customers[int(row)]

    def queue(self, row):
        return quoted(self.names.queues.texts[int(row)])

    def presence(self, event):
        reason = self.names.presence_reasons.texts[int(event["reason"])]
        said = Presence(int(event["presence"])).name.lower()
        return f"{said} ({reason})" if reason else said


_AGENT_AFTER = {
    Kind.OFFER_ISSUED: "->",
    Kind.OFFER_ACCEPTED: "by",
    Kind.OFFER_DECLINED: "by",
    Kind.OFFER_EXPIRED: "at",
    Kind.OFFER_REVOKED: "from",
    Kind.INTERACTION_COMPLETED: "by",
    Kind.WRAP_UP_STARTED: "by",
    Kind.WRAP_UP_EXTENDED: "by",
    Kind.WRAP_UP_ENDED: "by",
    Kind.INTERACTION_TRANSFERRED: "by",
    Kind.INTERACTION_REQUEUED: "from",
    Kind.INTERACTION_FLAGGED: "with",
    Kind.INTERACTION_INTERRUPTED: "at",
    Kind.INTERACTION_RESUMED: "at",
    Kind.INTERACTION_HANDED_OFF: "by",
    Kind.INTERACTION_LINKED: "by",
    Kind.CONTEXT_ACKNOWLEDGED: "by",
    Kind.OWNERSHIP_TAKEN: "by",
    Kind.OWNERSHIP_LAPSED: "from",
    Kind.ACCOUNT_OWNER_SET: "to",
}


def _because(event):
    reason = int(event["reason"])
    return f"because {Reason(reason).name.lower()}" if reason else ""


def _cause(event):
    return f"because {Reason(int(event['mode'])).name.lower()}" if event["mode"] else ""


def _until(event, word="until"):
    return f"{word} {clock(int(event['until']))}" if event["until"] > 0 else ""


def _rest(event):
    rests = int(event["until"]) > int(event["at"])
    return f"pair rests until {clock(int(event['until']))}" if rests else ""


def _age(event):
    age_ms = max(int(event["at"]), int(event["not_before"])) - int(event["since"])
    return f"age {format_duration(age_ms)}" if age_ms else ""


def _step(event):
    return f"step {event['step']}" if event["step"] else ""


def _owner(event, names):
    if event["other"] < 0:
        return ""
    held = _until(event, "held until")
    return f"for {names.agent(event['other'])}" + (f" {held}" if held else "")


def _source(event):
    source = Source(int(event["mode"]))
    return f"as {source.name.lower()}" if source > Source.CALLER else ""


def _ms(value):
    return "never" if value >= 2**60 else format_duration(int(value))


def _sum(event, names):
    return (
        f"for {names.agent(event['other'])}: {_ms(event['value'])} x {event['count']}/1000, "
        f"with {_ms(event['score'])}, without {_ms(event['since'])}"
    )


def _handed(event, names):
    relation = Relation(int(event["mode"])).name.lower()
    carried = f"context {event['context']}" if event["context"] else ""
    return f"to {names.call(event['other'])} as {relation}", carried


def _moved(event, names):
    return (
        f"to {names.queue(event['queue'])}",
        _age(event),
        _step(event),
        _owner(event, names),
        _because(event),
    )


def _round(event, _):
    statuses = {1: "optimal", 2: "fallback", 3: "crash"}
    better = int(event["score"]) > int(event["value"])
    return (
        f"{event['match_round']} {statuses[int(event['mode'])]}:",
        f"{event['count']} x {event['eligible']}, {event['weight']} arcs",
        "better than greedy" if better else "",
    )


def _presence(event, names):
    return names.presence(event), _cause(event)


def _ending(event, _):
    return ("while ringing" if event["mode"] else "", _because(event))


def _offer_ending(event, _):
    return _because(event), _rest(event)


def _nothing(event, names):
    return ()


_WORDS = dict.fromkeys(Kind, _nothing) | {
    Kind.INTERACTION_ENQUEUED: lambda e, n: (
        f"in {n.queue(e['queue'])} priority {e['score']}",
        _age(e),
        _step(e),
        _owner(e, n),
        _source(e),
        f"context {e['context']}" if e["context"] else "",
        f"due {clock(int(e['not_before']))}" if e["not_before"] else "",
        _because(e),
    ),
    Kind.INTERACTION_REQUEUED: _moved,
    Kind.INTERACTION_TRANSFERRED: _moved,
    Kind.INTERACTION_OVERFLOWED: lambda e, n: (
        f"{n.queue(e['other'])} to {n.queue(e['queue'])}",
        _step(e),
        _because(e),
    ),
    Kind.RELAXATION_STEPPED: lambda e, n: (f"to {e['step']}",),
    Kind.HOLD_BACK_ENDED: lambda e, n: (_because(e), _sum(e, n) if e["value"] else ""),
    Kind.HOLD_BACK_WEIGHED: lambda e, n: (
        _until(e, "held until") or "not held",
        _sum(e, n),
    ),
    Kind.COMPANION_OPENED: lambda e, n: (
        f"to others than {n.agent(e['other'])}",
        _because(e),
    ),
    Kind.INTERACTION_HANDED_OFF: _handed,
    Kind.INTERACTION_LINKED: _handed,
    Kind.CONTEXT_ACKNOWLEDGED: lambda e, n: (f"at version {e['context']}",),
    Kind.CONTEXT_APPENDED: lambda e, n: (f"version {e['context']}",),
    Kind.OWNERSHIP_TAKEN: lambda e, n: (
        f"before {n.agent(e['other'])}" if e["other"] >= 0 else "",
        _because(e),
    ),
    Kind.OWNERSHIP_LAPSED: lambda e, n: (
        f"all {e['count']}" if e["count"] else "",
        _because(e),
    ),
    Kind.CUSTOMERS_MERGED: lambda e, n: (f"with {n.customer(e['other'])}",),
    Kind.CUSTOMERS_UNMERGED: lambda e, n: (f"from {n.customer(e['other'])}",),
    Kind.CUSTOMER_RESTRICTED: lambda e, n: ("" if e["mode"] else "no longer",),
    Kind.CONSENT_SET: lambda e, n: (
        Purpose(int(e["mode"])).name.lower(),
        "granted" if e["count"] else "withdrawn",
    ),
    Kind.ACCOUNT_OWNER_SET: lambda e, n: (
        f"team {n.names.groups.texts[int(e['other'])]}" if e["other"] >= 0 else "",
    ),
    Kind.OFFER_ISSUED: lambda e, n: (
        f"until {clock(int(e['until']))} attempt {e['weight']}",
        f"by round {e['match_round']}" if e["match_round"] else "",
    ),
    Kind.OFFER_DECLINED: _offer_ending,
    Kind.OFFER_EXPIRED: _offer_ending,
    Kind.OFFER_REVOKED: _offer_ending,
    Kind.INTERACTION_ABANDONED: _ending,
    Kind.INTERACTION_CANCELLED: _ending,
    Kind.INTERACTION_COMPLETED: _ending,
    Kind.INTERACTION_DEAD_LETTERED: _ending,
    Kind.WRAP_UP_STARTED: lambda e, n: (_until(e),),
    Kind.WRAP_UP_EXTENDED: lambda e, n: (_until(e),),
    Kind.WRAP_UP_ENDED: lambda e, n: (_because(e),),
    Kind.INTERACTION_UPDATED: lambda e, n: (f"priority {e['score']}", _step(e)),
    Kind.AGENT_EXCLUDED: lambda e, n: (
        n.agent(e["other"]) if e["other"] >= 0 else "nobody any more",
    ),
    Kind.OWNER_SET: lambda e, n: (_owner(e, n) or "to nobody",),
    Kind.INTERACTION_FLAGGED: lambda e, n: (
        "as " + "|".join(flag.name.lower() for flag in Flag if flag & int(e["mode"])),
    ),
    Kind.AGENT_SIGNED_IN: lambda e, n: (
        n.presence(e),
        Link(int(e["mode"])).name.lower(),
    ),
    Kind.AGENT_PRESENCE_CHANGED: _presence,
    Kind.AGENT_PRESENCE_REQUESTED: lambda e, n: (n.presence(e),),
    Kind.AGENT_LOST: lambda e, n: (
        f"signed out at {clock(int(e['until']))}" if e["until"] < 2**60 else "",
        f"with {e['count']} live" if e["count"] else "",
    ),
    Kind.AGENT_RECONNECTED: lambda e, n: (f"session {e['count']}",),
    Kind.POLICY_PUBLISHED: lambda e, n: (f"version {e['value']}",),
    Kind.MATCH_ROUND_SOLVED: _round,
    Kind.ROUTER_STARTED: lambda e, n: (f"agents have until {clock(int(e['until']))}",),
}
