"""Reasons are part of the contract: methods name them, and the README explains each."""

from __future__ import annotations

import re
from pathlib import Path

from google.rpc import code_pb2

from tests.contract.elements import Contract

README = Path(__file__).parents[2] / "proto" / "README.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| `([A-Z_]+)` \| (.+) \| (.+) \|$", re.MULTILINE)

# In capitals and backticks too, and no reasons: words of enums and of gRPC.
ENUM_WORDS = re.compile(
    r"^(STATE|LINK|WHEN|PRESENCE|END_REASON|CHANNEL|CONSENT_PURPOSE|RELATION|WRITER)_"
)
NO_REASONS = {"OK"}


def explained() -> dict[str, str]:
    """Each reason of the README's table with its canonical code."""
    return {reason: code for reason, code, _, _ in ROW.findall(README.read_text())}


def named(contract: Contract) -> set[str]:
    """Each reason that a comment on a service or on one of its methods names."""
    words = {
        word
        for element in contract.elements()
        if "_service.proto: " in element.name
        if "Service" in element.name
        for word in re.findall(r"`([A-Z][A-Z_]+)`", element.comment)
    }
    return {word for word in words if not ENUM_WORDS.match(word)} - NO_REASONS


def test_the_readme_explains_exactly_the_reasons_that_methods_give(contract: Contract):
    of_streams_of_commands = {"TOO_MANY_COMMANDS"}

    assert of_streams_of_commands <= named(contract)
    assert set(explained()) == named(contract)


def test_every_reason_has_a_canonical_code():
    canonical = set(code_pb2.Code.DESCRIPTOR.values_by_name)

    assert explained()
    for reason, code in explained().items():
        assert code in canonical, reason


def test_only_codes_that_pass_by_themselves_may_be_retried_blindly():
    unavailable = {r for r, code in explained().items() if code == "UNAVAILABLE"}

    assert {"DRAINING", "JOURNAL_DOWN"} == unavailable


def test_every_service_says_what_any_of_its_methods_may_answer(contract: Contract):
    services = [
        element
        for element in contract.elements()
        if element.name.endswith("Service") and "." not in element.name.split(": ")[1]
    ]

    assert 4 == len(services)
    for service in services:
        for reason in ("FIELD_INVALID", "DRAINING", "REQUEST_ID_REUSED"):
            assert f"`{reason}`" in service.comment, service.name
