"""Which references are one person: the tree that merges have made.

A merge moves nothing. It gives one reference another as parent, so undoing it restores
exactly who had linked and said what; everything of a person is everything under any
reference of their tree.
"""

from typing import Final

from router.context.contract import ContextReader
from router.context.errors import ContextStoreError, EntryRefused, KeyMissing
from router.context.keyring import KeyReading, KeyRing
from router.context.sealing import Sealer

PERSON_MAX: Final = 64
"""References that one person may have: more is a mistake in whoever merges."""


class People:
    """Asks a store and its keys about persons."""

    def __init__(self, store: ContextReader, keys: KeyReading) -> None:
        self._store = store
        self._keys = keys

    def root_of(self, customer: str) -> str:
        """The reference under which the person goes now."""
        for _ in range(PERSON_MAX + 1):
            parent = self._store.parent_of(customer)
            if parent is None:
                return customer
            customer = parent
        raise ContextStoreError(f"customer {customer}: merged in a ring")

    def person(self, customer: str) -> tuple[str, ...]:
        """All references of the person, the one they go under first.

        Raises `CustomerErased`.
        """
        check_reference(customer)
        self._keys.must_not_be_erased([customer])
        found = [self.root_of(customer)]
        for one in found:
            found += self._store.children_of(one)
            if len(found) > PERSON_MAX + 1:
                raise ContextStoreError(f"customer {customer}: merged in a ring")
        return tuple(found)


def check_reference(customer: str) -> None:
    """Refuses what can be no reference."""
    if not customer or len(customer) > 128:
        raise EntryRefused(
            "customer_id: it must have 1 to 128 characters", field="customer_id"
        )


def writing_sealer(store: ContextReader, ring: KeyRing, customer: str) -> Sealer:
    """The customer's key, made now for one of whom nothing is stored.

    Raises `KeyMissing` when something is: a second key would hide that the first is
    lost.
    """
    known = ring.known_sealer(customer)
    if known is not None:
        return known
    if has_sealed(store, customer):
        raise KeyMissing(
            f"customer {customer}: data is kept and the key that opens it is not here; "
            "put back a newer copy of the keys"
        )
    return ring.new_sealer(customer)


def has_sealed(store: ContextReader, customer: str) -> bool:
    """Whether anything sealed is stored of a customer."""
    one = [customer]
    return bool(
        store.knows(customer)
        and (
            store.timeline(one, None, 1)
            or store.links_of(one)
            or store.consents(one)
            or store.fields(one)
        )
    )
