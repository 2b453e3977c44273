"""What every store of keys does, and the one in memory.

Keys stand apart from what they open, so that their backups can be short-lived: once the
last backup with a key has gone, nothing anywhere opens what it sealed. All keys come
wrapped; this file and every store behind it could be published.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from router.context.errors import StoreRefused


@dataclass(frozen=True, slots=True, repr=False)
class Named:
    """Whose keys these are, and the wrapped key of the identity index."""

    tenant: str
    store_id: str
    index_key: bytes


@dataclass(frozen=True, slots=True, repr=False)
class WrappedKey:
    """A customer's key as the tenant key of a generation wrapped it."""

    generation: int
    wrapped: bytes

    @property
    def is_destroyed(self) -> bool:
        return not any(self.wrapped)


class KeyReader(Protocol):
    """Reads keys beside the writer."""

    def named(self) -> Named:
        """Whose keys these are."""

    def tenant_keys(self) -> Mapping[int, bytes]:
        """Wrapped tenant keys by generation."""

    def customer_key(self, customer: str) -> WrappedKey | None:
        """A customer's wrapped key, destroyed ones included."""

    def erased_at(self, customer: str) -> int | None:
        """When the customer was erased, if so."""

    def tombstones(self) -> list[tuple[str, int]]:
        """Everybody who was erased and when, in the order of references."""

    def close(self) -> None:
        """Lets go of the store."""


class KeyStore(KeyReader, Protocol):
    """The writer's handle; every call is one durable commit."""

    def open(self, fresh: Named, tenant_key: bytes) -> bool:
        """Opens the store, or creates it with these values; whether it is new."""

    def reader(self) -> KeyReader:
        """A reader of its own for another thread."""

    def add(self, keys: Mapping[str, WrappedKey]) -> None:
        """Adds keys of new customers."""

    def bury(self, customers: Iterable[str], at: int) -> None:
        """Destroys keys and leaves tombstones; an earlier tombstone keeps its date."""

    def rewrap(
        self, generation: int, tenant_key: bytes, keys: Mapping[str, bytes]
    ) -> None:
        """Puts a new tenant key in use, destroys the others, and replaces the keys."""

    def wrapped(self) -> Mapping[str, WrappedKey]:
        """Every customer's key that was not destroyed."""

    def scrub(self) -> bool:
        """Leaves no destroyed byte in any file; False when a reader was in the way."""


@dataclass
class _Keys:
    named: Named | None = None
    tenant_keys: dict[int, bytes] = field(default_factory=dict)
    customer_keys: dict[str, WrappedKey] = field(default_factory=dict)
    tombstones: dict[str, int] = field(default_factory=dict)


class MemoryKeyStore:
    """Both handles: a reader is another one on the same keys."""

    def __init__(self, keys: _Keys | None = None) -> None:
        self._keys = keys or _Keys()

    def open(self, fresh: Named, tenant_key: bytes) -> bool:
        is_new = self._keys.named is None
        if is_new:
            self._keys.named = fresh
            self._keys.tenant_keys[1] = tenant_key
        return is_new

    def reader(self) -> "MemoryKeyStore":
        return MemoryKeyStore(self._keys)

    def close(self) -> None:
        """Nothing is held."""

    def named(self) -> Named:
        if self._keys.named is None:
            raise StoreRefused("keys memory: they are not open; open them first")
        return self._keys.named

    def tenant_keys(self) -> Mapping[int, bytes]:
        return dict(self._keys.tenant_keys)

    def customer_key(self, customer: str) -> WrappedKey | None:
        return self._keys.customer_keys.get(customer)

    def erased_at(self, customer: str) -> int | None:
        return self._keys.tombstones.get(customer)

    def tombstones(self) -> list[tuple[str, int]]:
        return sorted(self._keys.tombstones.items())

    def add(self, keys: Mapping[str, WrappedKey]) -> None:
        self._keys.customer_keys.update(keys)

    def bury(self, customers: Iterable[str], at: int) -> None:
        for customer in customers:
            key = self._keys.customer_keys.get(customer)
            if key is not None:
                zeros = bytes(len(key.wrapped))
                self._keys.customer_keys[customer] = WrappedKey(key.generation, zeros)
            self._keys.tombstones.setdefault(customer, at)

    def rewrap(
        self, generation: int, tenant_key: bytes, keys: Mapping[str, bytes]
    ) -> None:
        self._keys.tenant_keys = {generation: tenant_key}
        for customer, wrapped in keys.items():
            self._keys.customer_keys[customer] = WrappedKey(generation, wrapped)

    def wrapped(self) -> Mapping[str, WrappedKey]:
        keys = self._keys.customer_keys.items()
        return {customer: key for customer, key in keys if not key.is_destroyed}

    def scrub(self) -> bool:
        return True
