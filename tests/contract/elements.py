"""Walks descriptors: every element of the contract with its name, number and comment.

Knows how protobuf files are laid out (the paths of `SourceCodeInfo`) so that the tests
need not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

# Field numbers of descriptor.proto, of which a SourceCodeInfo path consists.
FILE_MESSAGE, FILE_ENUM, FILE_SERVICE = 4, 5, 6
MESSAGE_FIELD, MESSAGE_NESTED, MESSAGE_ENUM, MESSAGE_ONEOF = 2, 3, 4, 8
ENUM_VALUE, SERVICE_METHOD = 2, 2

# A mutation changes something; a method that only looks begins with one of these.
LOOKING = ("Get", "List", "Watch", "Estimate", "Explain", "Export", "Recommend")

Path = tuple[int, ...]


@dataclass(frozen=True)
class Element:
    """One thing of the contract that must carry a comment."""

    name: str
    comment: str


class Contract:
    """All files of the contract, and the questions the tests ask of them."""

    def __init__(self, files: Iterable[FileDescriptorProto]) -> None:
        self.files = tuple(files)

    def elements(self) -> Iterator[Element]:
        """Every service, method, message, field, oneof, enum and value."""
        for file in self.files:
            comments = {
                tuple(place.path): place.leading_comments.strip()
                for place in file.source_code_info.location
            }
            for path, name in _walk(file):
                yield Element(f"{file.name}: {name}", comments.get(path, ""))

    def enums(self) -> Iterator[EnumDescriptorProto]:
        for file in self.files:
            yield from file.enum_type
            for message in _all_messages(file.message_type):
                yield from message.enum_type

    def services(self) -> Iterator[ServiceDescriptorProto]:
        for file in self.files:
            yield from file.service

    def methods(self) -> Iterator[MethodDescriptorProto]:
        for service in self.services():
            yield from service.method

    def mutations(self) -> Iterator[MethodDescriptorProto]:
        """The unary methods that change something.

        `RouteInteractions` carries other methods' requests, so its own has no id.
        """
        for method in self.methods():
            if method.client_streaming or method.name.startswith(LOOKING):
                continue
            yield method

    def message(self, type_name: str) -> DescriptorProto:
        """The message of a full name such as `.router.v1.SignInRequest`."""
        name = type_name.removeprefix(".router.v1.")
        return next(
            message
            for file in self.files
            for message in file.message_type
            if message.name == name
        )

    def fields(self) -> Iterator[tuple[str, FieldDescriptorProto]]:
        for file in self.files:
            for message in _all_messages(file.message_type):
                for field in message.field:
                    yield f"{message.name}.{field.name}", field


def _all_messages(messages: Iterable[DescriptorProto]) -> Iterator[DescriptorProto]:
    for message in messages:
        yield message
        yield from _all_messages(message.nested_type)


def _walk(file: FileDescriptorProto) -> Iterator[tuple[Path, str]]:
    for i, message in enumerate(file.message_type):
        yield from _walk_message(message, (FILE_MESSAGE, i), message.name)
    for i, enum in enumerate(file.enum_type):
        yield from _walk_enum(enum, (FILE_ENUM, i), enum.name)
    for i, service in enumerate(file.service):
        path = (FILE_SERVICE, i)
        yield path, service.name
        for j, method in enumerate(service.method):
            yield (*path, SERVICE_METHOD, j), f"{service.name}.{method.name}"


def _walk_message(
    message: DescriptorProto, path: Path, name: str
) -> Iterator[tuple[Path, str]]:
    yield path, name
    for i, field in enumerate(message.field):
        yield (*path, MESSAGE_FIELD, i), f"{name}.{field.name}"
    # A proto3 `optional` field lives in a oneof the compiler makes up, with no comment.
    made_up = {f.oneof_index for f in message.field if f.proto3_optional}
    for i, oneof in enumerate(message.oneof_decl):
        if i not in made_up:
            yield (*path, MESSAGE_ONEOF, i), f"{name}.{oneof.name}"
    for i, nested in enumerate(message.nested_type):
        # A map's entries are a message that the compiler makes up, with no comment.
        if not nested.options.map_entry:
            yield from _walk_message(
                nested, (*path, MESSAGE_NESTED, i), f"{name}.{nested.name}"
            )
    for i, enum in enumerate(message.enum_type):
        yield from _walk_enum(enum, (*path, MESSAGE_ENUM, i), f"{name}.{enum.name}")


def _walk_enum(
    enum: EnumDescriptorProto, path: Path, name: str
) -> Iterator[tuple[Path, str]]:
    yield path, name
    for i, value in enumerate(enum.value):
        yield (*path, ENUM_VALUE, i), f"{name}.{value.name}"
