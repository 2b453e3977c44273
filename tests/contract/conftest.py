"""Reads the contract once, with its comments, and lends it to the tests beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tests.contract.elements import Contract

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def contract(tmp_path_factory) -> Contract:
    """The files of `router.v1` as protoc reads them, source comments included."""
    image = tmp_path_factory.mktemp("contract") / "router.binpb"
    sources = sorted(str(path) for path in (ROOT / "proto/router/v1").glob("*.proto"))
    subprocess.run(
        [
            *(sys.executable, "-m", "grpc_tools.protoc"),
            *("-I", str(ROOT / "proto")),
            "--include_source_info",
            f"--descriptor_set_out={image}",
            *sources,
        ],
        check=True,
    )
    return Contract(FileDescriptorSet.FromString(image.read_bytes()).file)
