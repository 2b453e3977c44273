"""What is known of customers beside their conversations: identities, consent, wishes.

An identity is found through a keyed digest and stands sealed beside it; nothing is
guessed from likeness. Links keep who said so and when, merges can be undone exactly,
and every statement of consent stays as evidence of itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from router.context.contract import (
    ContextReader,
    ContextStore,
    FieldRow,
    LinkRow,
    MergeRow,
)
from router.context.errors import (
    EntryRefused,
    IdentityTaken,
    MergeRefused,
    SealBroken,
)
from router.context.keyring import KeyReading, KeyRing
from router.context.people import PERSON_MAX, People, writing_sealer
from router.context.records import (
    ConsentTerms,
    Identity,
    Preferences,
    decode_attribute,
    decode_identity,
    decode_preferences,
    decode_terms,
    encode_attribute,
    encode_identity,
    encode_preferences,
    encode_terms,
)
from router.context.redaction import redact
from router.context.sealing import Sealer, place
from router.model.context import ConsentState, IdentityKind, Purpose

ATTRIBUTE_BYTES_MAX: Final = 1_024
ATTRIBUTES_MAX: Final = 64
IDENTITY_BYTES_MAX: Final = 512
IDENTITIES_MAX: Final = 200
"""Links in force that one reference may have."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SOURCE: Final = re.compile(r"[!-~]{1,128}")
_PREFERENCES: Final = "preferences"
_ATTRIBUTE: Final = "attribute."


@dataclass(frozen=True, slots=True)
class Link:
    """An identity of a customer: how sure, who said so, from when and until when."""

    identity: Identity
    customer: str
    confidence: int
    source: str
    linked_at: int
    unlinked_at: int | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """One statement of consent, as it was made."""

    customer: str
    purpose: Purpose
    granted: bool
    at: int
    terms: ConsentTerms


class CustomerReader:
    """Reads; may stand in another thread with a store and keys of its own."""

    def __init__(self, store: ContextReader, keys: KeyReading) -> None:
        self._store = store
        self._keys = keys
        self._people = People(store, keys)

    def person_of(self, customer: str) -> tuple[str, ...]:
        """All references of the person, the one they go under first."""
        return self._people.person(customer)

    def customer_of(self, identity: Identity) -> str | None:
        """Under which reference the person with this identity goes, if anybody's."""
        link = self._store.link_of(self._index(identity))
        return None if link is None else self._people.root_of(link.customer)

    def identities_of(self, customer: str, *, with_ended: bool = False) -> list[Link]:
        """The links of a person, each with its provenance."""
        return [
            self._opened(row)
            for row in self._store.links_of(self._people.person(customer))
            if with_ended or row.unlinked_at is None
        ]

    def merges_of(self, customer: str) -> list[MergeRow]:
        """Merges in which the person took part, the undone included."""
        return self._store.merges_of(self._people.person(customer))

    def consents(self, customer: str) -> list[Consent]:
        """Every statement of consent of a person, oldest first."""
        found = []
        for row in self._store.consents(self._people.person(customer)):
            where = consent_place(
                self._keys.tenant, row.customer, row.purpose, row.at, row.granted
            )
            terms = decode_terms(
                self._keys.sealer(row.customer).open(row.sealed, where)
            )
            found.append(Consent(row.customer, row.purpose, row.granted, row.at, terms))
        return found

    def consent(self, customer: str, purpose: Purpose) -> ConsentState:
        """What is in force for a purpose.

        Of a merged person a withdrawal under any reference counts for all of them.
        """
        last: dict[str, bool] = {}
        for row in self._store.consents(self._people.person(customer)):
            if row.purpose is purpose:
                last[row.customer] = row.granted
        if not last:
            return ConsentState.NEVER_ASKED
        if all(last.values()):
            return ConsentState.GRANTED
        return ConsentState.WITHDRAWN

    def is_restricted(self, customer: str) -> bool:
        """Whether data under any of the person's references must not be used."""
        person = self._people.person(customer)
        return any(self._store.is_restricted(one) for one in person)

    def attributes(self, customer: str) -> dict[str, str]:
        """The person's attributes by name; those of the main reference win."""
        person = self._people.person(customer)
        found: dict[str, str] = {}
        for row in sorted(
            self._store.fields(person), key=lambda row: -person.index(row.customer)
        ):
            if row.name.startswith(_ATTRIBUTE):
                value = decode_attribute(self._field(row))
                found[row.name.removeprefix(_ATTRIBUTE)] = value
        return dict(sorted(found.items()))

    def preferences(self, customer: str) -> Preferences:
        """By which channels the person wants to be reached."""
        person = self._people.person(customer)
        stated = [row for row in self._store.fields(person) if row.name == _PREFERENCES]
        if not stated:
            return Preferences()
        newest = max(stated, key=lambda row: (row.at, -person.index(row.customer)))
        return decode_preferences(self._field(newest))

    def _field(self, row: FieldRow) -> bytes:
        where = field_place(self._keys.tenant, row.customer, row.name)
        return self._keys.sealer(row.customer).open(row.sealed, where)

    def _opened(self, row: LinkRow) -> Link:
        where = place(self._keys.tenant, row.customer, "identity", row.index.hex())
        opened = self._keys.sealer(row.customer).open(row.sealed, where)
        identity = decode_identity(opened)
        if self._index(identity) != row.index:
            raise SealBroken(
                f"customer {row.customer}: an identity under another index"
            )
        return Link(
            identity,
            row.customer,
            row.confidence,
            row.source,
            row.linked_at,
            row.unlinked_at,
        )

    def _index(self, identity: Identity) -> bytes:
        return self._keys.index("identity", int(identity.kind), identity.value)


class Customers(CustomerReader):
    """The writer's."""

    def __init__(self, store: ContextStore, keys: KeyRing) -> None:
        super().__init__(store, keys)
        self._writer = store
        self._ring = keys

    def link(
        self, identity: Identity, customer: str, confidence: int, source: str, at: int
    ) -> Link:
        """Says by what a customer is recognised. `identity` comes normalised.

        Linking again what the same person has keeps the reference that had it and
        records the new confidence and source. Raises `IdentityTaken` when it is another
        person's.
        """
        person = self._people.person(customer)
        _check_identity(identity)
        _check_source(source)
        if not 0 <= confidence <= 100:
            raise EntryRefused(
                f"confidence is {confidence}; it is from 0 to 100", field="confidence"
            )
        index = self._index(identity)
        before = self._store.link_of(index)
        if before is not None:
            if before.customer not in person:
                raise IdentityTaken(
                    f"this {identity.kind.name} is linked to another customer; merge "
                    "the two, or unlink it there first",
                    field="identity",
                )
            customer = before.customer
            if (before.confidence, before.source) == (confidence, source):
                return self._opened(before)
        elif self._links_in_force(customer) >= IDENTITIES_MAX:
            raise EntryRefused(
                f"customer {customer}: has {IDENTITIES_MAX} identities, the most there "
                "may be; unlink some",
                field="identity",
            )
        where = place(self._ring.tenant, customer, "identity", index.hex())
        sealed = self._sealer(customer).seal(encode_identity(identity), where)
        row = LinkRow(
            index, customer, identity.kind, confidence, source, at, None, sealed
        )
        self._ring.keep_new()
        self._writer.link(row)
        return Link(identity, customer, confidence, source, at)

    def unlink(self, identity: Identity, at: int) -> bool:
        """Ends a link, which stays as history; whether there was one."""
        return self._writer.unlink(self._index(identity), at)

    def merge(self, into: str, other: str, source: str, at: int) -> None:
        """Makes two references one person, who goes under `into`'s from now on.

        Nothing is moved or sealed anew. Raises `MergeRefused` when `other` is merged
        already or both are one person, and `CustomerErased`.
        """
        _check_source(source)
        whole, part = self._people.person(into), self._people.person(other)
        if other in whole:
            raise MergeRefused(
                f"customers {into} and {other} are one person already",
                field="other_customer_id",
            )
        if part[0] != other:
            raise MergeRefused(
                f"customer {other} is merged into another; merge {part[0]}, under which "
                "that person goes",
                field="other_customer_id",
            )
        if len(whole) + len(part) > PERSON_MAX:
            raise MergeRefused(
                f"customer {into}: one person has at most {PERSON_MAX} references",
                field="other_customer_id",
            )
        self._writer.merge(into, other, source, at)

    def unmerge(self, into: str, other: str, at: int) -> None:
        """Undoes that merge and no other; raises `MergeRefused` if there is none."""
        self._people.person(into)
        if self._store.parent_of(other) != into:
            raise MergeRefused(
                f"customer {other} is not merged into {into}", field="other_customer_id"
            )
        self._writer.unmerge(into, other, at)

    def set_consent(
        self,
        customer: str,
        purpose: Purpose,
        *,
        granted: bool,
        terms: ConsentTerms,
        at: int,
    ) -> None:
        """Records that consent was given or withdrawn; in force when this returns."""
        self._people.person(customer)
        for name, text in (("basis", terms.basis), ("version", terms.text_version)):
            _check_source(text, name)
        where = consent_place(self._ring.tenant, customer, purpose, at, granted)
        sealed = self._sealer(customer).seal(encode_terms(terms), where)
        self._ring.keep_new()
        self._writer.add_consent(customer, purpose, at, sealed, granted=granted)

    def restrict(self, customer: str, *, restricted: bool) -> None:
        """Keeps the customer's data and forbids its use, or allows it again."""
        self._people.person(customer)
        self._writer.restrict(customer, restricted=restricted)

    def set_attributes(
        self, customer: str, attributes: Mapping[str, str], at: int
    ) -> None:
        """Sets attributes such as display name, language, plan; "" removes one."""
        self._people.person(customer)
        rows = self._store.fields([customer])
        names = {row.name for row in rows if row.name.startswith(_ATTRIBUTE)}
        for name, value in attributes.items():
            _check_attribute(name, value)
            names.add(_ATTRIBUTE + name)
        if len(names) > ATTRIBUTES_MAX:
            raise EntryRefused(
                f"attributes: there may be {ATTRIBUTES_MAX}", field="attributes"
            )
        for name, value in attributes.items():
            if value:
                clean = encode_attribute(redact(value).text)
                self._put_field(customer, _ATTRIBUTE + name, clean, at)
            else:
                self._writer.remove_field(customer, _ATTRIBUTE + name)

    def set_preferences(self, customer: str, stated: Preferences, at: int) -> None:
        """Sets by which channels the customer wants to be reached, and by which not."""
        self._people.person(customer)
        every = (*stated.channels, *stated.unwanted)
        if len(set(every)) != len(every):
            raise EntryRefused(
                "preferences: a channel may be named once", field="preferences"
            )
        self._put_field(customer, _PREFERENCES, encode_preferences(stated), at)

    def _put_field(self, customer: str, name: str, data: bytes, at: int) -> None:
        where = field_place(self._ring.tenant, customer, name)
        sealed = self._sealer(customer).seal(data, where)
        self._ring.keep_new()
        self._writer.put_field(FieldRow(customer, name, at, sealed))

    def _sealer(self, customer: str) -> Sealer:
        return writing_sealer(self._store, self._ring, customer)

    def _links_in_force(self, customer: str) -> int:
        rows = self._store.links_of([customer])
        return sum(row.unlinked_at is None for row in rows)


def consent_place(
    tenant: str, customer: str, purpose: Purpose, at: int, granted: bool
) -> bytes:
    """A record of consent opens only as what it was: the same purpose, day and answer."""
    return place(tenant, customer, "consent", int(purpose), at, int(granted))


def field_place(tenant: str, customer: str, name: str) -> bytes:
    return place(tenant, customer, "field", name)


def _check_identity(identity: Identity) -> None:
    value = identity.value
    if not value or len(value.encode("utf-8", "replace")) > IDENTITY_BYTES_MAX:
        raise EntryRefused(
            f"identity {identity.kind.name}: it must have 1 to {IDENTITY_BYTES_MAX} "
            "bytes",
            field="identity",
        )
    if identity.kind is not IdentityKind.PHONE and redact(value).cards:
        raise EntryRefused(
            f"identity {identity.kind.name}: it looks like a card number, which is "
            "never kept",
            field="identity",
        )


def _check_source(source: str, name: str = "source") -> None:
    if not _SOURCE.fullmatch(source) or redact(source).cards:
        raise EntryRefused(
            f"{name}: it must have 1 to 128 visible ASCII characters, as in crm, and no "
            "card number",
            field=name,
        )


def _check_attribute(name: str, value: str) -> None:
    if not _NAME.fullmatch(name):
        raise EntryRefused(
            "attributes: a name begins with a letter from a to z and has at most 64 of "
            "a to z, 0 to 9 and _, as in display_name",
            field="attributes",
        )
    if len(value.encode("utf-8", "replace")) > ATTRIBUTE_BYTES_MAX:
        raise EntryRefused(
            f"attributes {name}: it may have {ATTRIBUTE_BYTES_MAX} bytes",
            field="attributes",
        )
