"""Whose key opens what: master key, tenant keys, customer keys, one around the other.

    master key  wraps  tenant key (by generation), index key
    tenant key  wraps  customer key
    customer key  seals  entries, identities, consent terms, fields

A key that was made for a new customer is on disk before anything it sealed is. A
customer whose key was destroyed is erased, and every question about them says so.
"""

from collections.abc import Iterable
from typing import Final

from router.context.errors import CustomerErased, KeyMissing, SealBroken, StoreRefused
from router.context.key_store import KeyReader, KeyStore, Named, WrappedKey
from router.context.keys import new_key, new_store_id
from router.context.master_key import MasterKey
from router.context.sealing import Sealer, keyed_index, place

_HELD_MAX: Final = 4_096
"""Customer keys held unwrapped; unwrapping one again takes microseconds."""


class KeyReading:
    """Opens what was sealed; makes no key."""

    def __init__(self, keys: KeyReader, master: MasterKey) -> None:
        self._reader = keys
        self._master = master
        self._held: dict[bytes, Sealer] = {}
        self._tenants: dict[int, Sealer] = {}
        self._index_key: bytes | None = None
        self.tenant = ""

    def load(self) -> None:
        """Unwraps the tenant's keys; raises `StoreRefused` under a wrong master key."""
        named = self._reader.named()
        self.tenant = named.tenant
        try:
            self._index_key = self._master.unwrap(
                named.index_key, place(named.tenant, "index key")
            )
            self._tenants = {
                generation: Sealer(
                    self._master.unwrap(
                        wrapped, place(named.tenant, "tenant key", generation)
                    )
                )
                for generation, wrapped in self._reader.tenant_keys().items()
            }
        except SealBroken:
            raise StoreRefused(
                "keys: this master key does not open them; use the file they were made "
                "with"
            ) from None

    def sealer(self, customer: str) -> Sealer:
        """The customer's key.

        Raises `CustomerErased`, and `KeyMissing` when there never was one here.
        """
        wrapped = self._reader.customer_key(customer)
        if wrapped is None:
            self.must_not_be_erased([customer])
            raise KeyMissing(
                f"customer {customer}: the key that opens this data is not here; put "
                "back a newer copy of the keys"
            )
        if wrapped.is_destroyed:
            raise erased(customer)
        return self._unwrapped(customer, wrapped)

    def must_not_be_erased(self, customers: Iterable[str]) -> None:
        """Raises `CustomerErased` when one of them was."""
        for customer in customers:
            if self.is_erased(customer):
                raise erased(customer)

    def is_erased(self, customer: str) -> bool:
        return self.erased_at(customer) is not None

    def erased_at(self, customer: str) -> int | None:
        """When the customer was erased, if so."""
        return self._reader.erased_at(customer)

    def index(self, *parts: str | int) -> bytes:
        """The keyed digest under which something can be found."""
        assert self._index_key is not None, "load comes first"
        return keyed_index(self._index_key, place(self.tenant, *parts))

    def close(self) -> None:
        self._held.clear()
        self._tenants.clear()
        self._index_key = None
        self._reader.close()

    def _unwrapped(self, customer: str, key: WrappedKey) -> Sealer:
        held = self._held.get(key.wrapped)
        if held is not None:
            return held
        if key.generation not in self._tenants:
            self.load()  # the tenant key was changed meanwhile
        tenant = self._tenants.get(key.generation)
        if tenant is None:
            raise KeyMissing(
                f"customer {customer}: their key was wrapped by tenant key "
                f"{key.generation}, which is not here"
            )
        where = self._place(customer, key.generation)
        sealer = Sealer(tenant.open(key.wrapped, where))
        if len(self._held) >= _HELD_MAX:
            self._held.pop(next(iter(self._held)))
        self._held[key.wrapped] = sealer
        return sealer

    def _place(self, customer: str, generation: int) -> bytes:
        return place(self.tenant, customer, "customer key", generation)


class KeyRing(KeyReading):
    """The writer's: makes, destroys and wraps keys anew."""

    def __init__(self, keys: KeyStore, master: MasterKey) -> None:
        super().__init__(keys, master)
        self._keys = keys
        self._new: dict[str, WrappedKey] = {}
        self._made: dict[str, Sealer] = {}

    def open(self, tenant: str) -> str:
        """Opens the keys of a tenant, or makes them; gives the id of the store."""
        generation = 1
        fresh = Named(
            tenant,
            new_store_id(),
            self._master.wrap(new_key(), place(tenant, "index key")),
        )
        tenant_key = self._master.wrap(
            new_key(), place(tenant, "tenant key", generation)
        )
        self._keys.open(fresh, tenant_key)
        named = self._keys.named()
        if named.tenant != tenant:
            self._keys.close()
            raise StoreRefused("keys: they belong to another tenant")
        self.load()
        return named.store_id

    def known_sealer(self, customer: str) -> Sealer | None:
        """The key of a customer who has one; raises `CustomerErased`."""
        made = self._made.get(customer)
        if made is not None:
            return made
        if self._keys.customer_key(customer) is None:
            self.must_not_be_erased([customer])
            return None
        return self._hold(customer, self.sealer(customer))

    def new_sealer(self, customer: str) -> Sealer:
        """A key made now for a customer who has none; `keep_new` makes it durable."""
        generation = max(self._tenants)
        key = new_key()
        where = self._place(customer, generation)
        wrapped = self._tenants[generation].seal(key, where)
        self._new[customer] = WrappedKey(generation, wrapped)
        return self._hold(customer, Sealer(key))

    def _hold(self, customer: str, sealer: Sealer) -> Sealer:
        """Only this handle destroys keys, so what it holds it need not look up."""
        if len(self._made) >= _HELD_MAX:
            self._made.pop(next(iter(self._made)))
        self._made[customer] = sealer
        return sealer

    def keep_new(self) -> None:
        """Commits the keys made since; comes before what they sealed is stored."""
        if self._new:
            self._keys.add(self._new)
            self._new = {}

    def bury(self, customers: Iterable[str], at: int) -> None:
        """Destroys keys for good, and leaves tombstones."""
        gone = list(customers)
        self.keep_new()
        self._keys.bury(gone, at)
        self._held.clear()
        self._made.clear()

    def rewrap(self) -> int:
        """Puts a new tenant key in use and wraps every customer's key anew; how many.

        Nothing that customers' keys have sealed is touched.
        """
        self.keep_new()
        generation = 1 + max(self._tenants)
        key = new_key()
        tenant = Sealer(key)
        rewrapped = {}
        for customer, wrapped in self._keys.wrapped().items():
            old = self._tenants[wrapped.generation]
            opened = old.open(
                wrapped.wrapped, self._place(customer, wrapped.generation)
            )
            rewrapped[customer] = tenant.seal(opened, self._place(customer, generation))
        where = place(self.tenant, "tenant key", generation)
        self._keys.rewrap(generation, self._master.wrap(key, where), rewrapped)
        self._held.clear()
        self.load()
        self._keys.scrub()
        return len(rewrapped)

    def close(self) -> None:
        self._made.clear()
        super().close()

    def tombstones(self) -> list[tuple[str, int]]:
        return self._keys.tombstones()

    def scrub(self) -> bool:
        return self._keys.scrub()


def erased(customer: str) -> CustomerErased:
    return CustomerErased(
        f"customer {customer}: ERASED; only the reference and the date are kept",
        field="customer_id",
    )
