"""Public names keep to the glossary: one word for one thing, in code and on the wire.

Only words that have no honest second meaning in this code are forbidden. "Task" and
"bucket", for one, are also what asyncio and Prometheus call theirs.
"""

import ast
import re

from tests.architecture.source import ROOT, listed_files, python_files, relative, tree

SAY_INSTEAD = {
    "acw": "wrap-up",
    "booking": "assignment",
    "bullseye": "relaxation",
    "contact": "interaction",
    "escalation": "handoff",
    "hangup": "abandonment",
    "invite": "offer",
    "medium": "channel",
    "operator": "agent",
    "proficiency": "level",
    "reneging": "abandonment",
    "reservation": "offer",
    "rona": "offer expired",
    "sla": "service level",
    "stickiness": "ownership",
    "sticky": "ownership",
    "ticket": "interaction",
    "user": "customer or agent",
    "utilization": "occupancy",
}
GLOSSARY_HAS = (
    "Customer Conversation Interaction Channel Queue Agent Skill Presence Capacity "
    "Eligibility Score Relaxation Pairing Offer Assignment Wrap-up Ownership Hold-back "
    "Transfer Handoff Context Abandonment Floor Occupancy Shrinkage"
).split()
STATES = (
    "QUEUED OFFERED ACTIVE WRAPPING COMPLETED ABANDONED CANCELLED HANDED_OFF "
    "DEAD_LETTERED"
).split()

WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
PROTO_NAME = re.compile(
    r"^\s*(?:message|enum|service|rpc|oneof)\s+(\w+)|^\s*[\w.<>, ]+?\s(\w+)\s*=\s*\d+"
)


def words_of(name: str) -> list[str]:
    return [word.lower() for word in WORDS.findall(name)]


def python_names() -> list[tuple[str, str]]:
    """Where and what: the public classes, functions and fields of both halves."""
    found = []
    for path in [*python_files("router"), *python_files("simulator")]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found.append((f"{relative(path)}:{node.lineno}", node.name))
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.append((f"{relative(path)}:{node.lineno}", node.target.id))
    return [(where, name) for where, name in found if not name.startswith("_")]


def proto_names() -> list[tuple[str, str]]:
    found = []
    for path in listed_files():
        if path.suffix != ".proto":
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if named := PROTO_NAME.match(line.split("//")[0]):
                name = named.group(1) or named.group(2)
                found.append((f"{relative(path)}:{number}", name))
    return found


def test_no_public_name_uses_another_trade_s_word():
    strangers = [
        f"{where}: {name}: say {SAY_INSTEAD[word]}, not {word}"
        for where, name in python_names() + proto_names()
        for word in words_of(name)
        if word in SAY_INSTEAD
    ]

    assert [] == strangers, "see docs/glossary.md"


def test_the_glossary_explains_every_word_of_the_design():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").lower()

    assert [] == [
        word for word in GLOSSARY_HAS if f"**{word.lower()}**" not in glossary
    ]


def test_the_glossary_explains_every_state_of_an_interaction():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")

    assert [] == [state for state in STATES if f"`{state}`" not in glossary]


def test_a_name_is_read_word_by_word():
    assert ["offer", "accepted", "at", "ms"] == words_of("OfferAccepted_at_ms")
    assert ["handle", "rpc", "name"] == words_of("HandleRPCName")
