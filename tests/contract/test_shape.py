"""The shape every part of the contract keeps, read from its descriptors."""

from __future__ import annotations

from collections import Counter

from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from tests.contract.elements import Contract

DOUBLE = FieldDescriptorProto.TYPE_DOUBLE
FLOAT = FieldDescriptorProto.TYPE_FLOAT


def test_every_enum_begins_with_unspecified(contract: Contract):
    strangers = [
        enum.name
        for enum in contract.enums()
        if enum.value[0].number != 0 or not enum.value[0].name.endswith("_UNSPECIFIED")
    ]

    assert [] == strangers


def test_every_method_has_a_request_and_a_response_of_its_own(contract: Contract):
    used = Counter[str]()
    for method in contract.methods():
        used.update([method.input_type, method.output_type])

        assert f".router.v1.{method.name}Request" == method.input_type
        assert f".router.v1.{method.name}Response" == method.output_type

    assert {1} == set(used.values())


def test_every_element_says_what_it_means(contract: Contract):
    silent = [element.name for element in contract.elements() if not element.comment]

    assert [] == silent


def test_every_comment_is_made_of_sentences(contract: Contract):
    unfinished = [
        element.name
        for element in contract.elements()
        if not element.comment.endswith(".")
    ]

    assert [] == unfinished


def test_a_mutation_can_be_retried_by_its_request_id(contract: Contract):
    for method in contract.mutations():
        first = contract.message(method.input_type).field[0]

        assert (method.name, "request_id", 1) == (method.name, first.name, first.number)
        assert FieldDescriptorProto.TYPE_STRING == first.type


def test_a_mutation_answers_with_the_sequence_that_holds_its_effect(
    contract: Contract,
):
    for method in contract.mutations():
        fields = {f.name: f for f in contract.message(method.output_type).field}

        assert "sequence" in fields, method.name
        assert FieldDescriptorProto.TYPE_INT64 == fields["sequence"].type


def test_a_stream_to_a_watcher_can_be_resumed(contract: Contract):
    watches = [m for m in contract.methods() if m.name.startswith("Watch")]

    assert watches
    for method in watches:
        asked = {f.name for f in contract.message(method.input_type).field}
        told = {f.name for f in contract.message(method.output_type).field}

        assert method.server_streaming, method.name
        assert "after_sequence" in asked, method.name
        assert "sequence" in told, method.name


def test_a_list_comes_in_pages(contract: Contract):
    lists = [m for m in contract.methods() if m.name.startswith("List")]

    assert lists
    for method in lists:
        asked = {f.name for f in contract.message(method.input_type).field}
        told = {f.name for f in contract.message(method.output_type).field}

        assert {"page_size", "page_token"} <= asked, method.name
        assert "next_page_token" in told, method.name


def test_times_are_well_known_types_and_numbers_are_whole(contract: Contract):
    for name, field in contract.fields():
        assert field.type not in (DOUBLE, FLOAT), name
        if field.name.endswith("_time"):
            expected = (
                ".google.protobuf.Duration"
                if field.name == "solve_time"
                else ".google.protobuf.Timestamp"
            )
            assert expected == field.type_name, name


def test_a_stream_takes_the_requests_that_have_methods_of_their_own(
    contract: Contract,
):
    own = {method.input_type for method in contract.methods()}
    command = contract.message(".router.v1.RouteCommand")

    carried = [field.type_name for field in command.field if field.name != "tag"]

    assert carried
    assert set() == set(carried) - own
