"""Everything kept of a customer, as JSON would hold it.

Complete: each thing the store keeps of a person has a key here, consent and the audit
of reads included. Numbers of our own are written as names in lower case, instants as
milliseconds, digests as hexadecimal digits.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields
from enum import IntEnum
from typing import Any, Final

from router.context.conversations import PAGE_MAX, ConversationReader, ReadEntry
from router.context.customers import CustomerReader, Link
from router.context.entries import Entry
from router.context.privacy import Privacy

EXPORT_FORMAT: Final = 1


def export(
    customer: str,
    *,
    conversations: ConversationReader,
    customers: CustomerReader,
    privacy: Privacy,
    visible: Callable[[str], int | None] | None = None,
) -> dict[str, Any]:
    """The whole of a person, under every reference; raises `CustomerErased`."""
    person = customers.person_of(customer)
    preferences = customers.preferences(customer)
    return {
        "format": EXPORT_FORMAT,
        "customer": person[0],
        "references": list(person),
        "restricted": customers.is_restricted(customer),
        "attributes": customers.attributes(customer),
        "preferences": {
            "channels": [_plain(one) for one in preferences.channels],
            "unwanted": [_plain(one) for one in preferences.unwanted],
        },
        "identities": [
            _link(link) for link in customers.identities_of(customer, with_ended=True)
        ],
        "merges": [
            {one.name: _plain(getattr(row, one.name)) for one in fields(row)}
            for row in customers.merges_of(customer)
        ],
        "consents": [
            {
                "customer": one.customer,
                "purpose": _plain(one.purpose),
                "granted": one.granted,
                "at": one.at,
                "basis": one.terms.basis,
                "text_version": one.terms.text_version,
                "channel": _plain(one.terms.channel),
            }
            for one in customers.consents(customer)
        ],
        "conversations": [
            {
                "conversation": row.conversation,
                "customer": row.customer,
                "opened_at": row.opened_at,
                "last_at": row.last_at,
                "capture_paused": row.paused,
                "entries": [
                    entry_as_json(one)
                    for one in _all(
                        conversations,
                        customer,
                        row.conversation,
                        visible(row.conversation) if visible else None,
                    )
                ],
            }
            for row in conversations.conversations(customer)
        ],
        "reads": [
            {one.name: _plain(getattr(row, one.name)) for one in fields(row)}
            for row in privacy.reads_of(customer)
        ],
    }


def entry_as_json(read: ReadEntry) -> dict[str, Any]:
    """One entry with its place, as JSON would hold it."""
    entry: Entry = read.entry
    return {
        "version": read.version,
        "kind": _plain(entry.kind),
        "at": entry.at,
        "author": {"role": _plain(entry.author.role), "name": entry.author.name},
        "channel": _plain(entry.channel),
        "interaction": entry.interaction_id,
        "value": {
            one.name: _plain(getattr(entry.value, one.name))
            for one in fields(entry.value)
        },
    }


def _all(
    conversations: ConversationReader,
    customer: str,
    conversation: str,
    up_to_version: int | None,
) -> Iterator[ReadEntry]:
    after = 0
    while True:
        page = conversations.entries(
            customer,
            conversation,
            after_version=after,
            up_to_version=up_to_version,
            limit=PAGE_MAX,
        )
        yield from page
        if len(page) < PAGE_MAX:
            return
        after = page[-1].version


def _link(link: Link) -> dict[str, Any]:
    return {
        "kind": _plain(link.identity.kind),
        "value": link.identity.value,
        "customer": link.customer,
        "confidence": link.confidence,
        "source": link.source,
        "linked_at": link.linked_at,
        "unlinked_at": link.unlinked_at,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, IntEnum):
        return value.name.lower()
    return value.hex() if isinstance(value, bytes) else value
