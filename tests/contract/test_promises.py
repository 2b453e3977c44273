"""What was released stays: the contract against the last release, and its own code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from tests.contract.elements import Contract

ROOT = Path(__file__).parents[2]
BUF = Path(sys.executable).parent / "buf"


def buf(*arguments: str) -> str:
    """What buf has to complain about; empty if nothing."""
    outcome = subprocess.run(
        [str(BUF), *arguments],
        cwd=ROOT / "proto",
        capture_output=True,
        text=True,
        check=False,
    )
    return outcome.stdout + outcome.stderr


def test_nothing_that_was_released_is_broken():
    assert "" == buf(
        "breaking", "--path", "router/v1", "--against", "last_release.binpb"
    )


def test_buf_finds_nothing_to_complain_about():
    assert "" == buf("lint", "--path", "router/v1")


def test_files_are_laid_out_as_buf_lays_them_out():
    assert "" == buf("format", "--path", "router/v1", "--diff")


def test_generated_code_says_what_the_contract_says(contract: Contract):
    from router.v1 import (  # noqa: F401 - importing registers their files
        admin_service_pb2,
        agent_service_pb2,
        context_service_pb2,
        routing_service_pb2,
    )

    for file in contract.files:
        generated = FileDescriptorProto()
        descriptor_pool.Default().FindFileByName(file.name).CopyToProto(generated)
        written = FileDescriptorProto()
        written.CopyFrom(file)
        written.ClearField("source_code_info")
        # Names for JSON follow from the names; one side spells them out, one does not.
        for message in written.message_type:
            _forget_json_names(message)
        for message in generated.message_type:
            _forget_json_names(message)

        assert written == generated, f"{file.name}: run `make proto`"


def _forget_json_names(message) -> None:
    for field in message.field:
        field.ClearField("json_name")
    for nested in message.nested_type:
        _forget_json_names(nested)
