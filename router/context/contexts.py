"""The way in: from an address and a master key to everything that can be asked.

Two files and a key: content, and beside it the keys that open it (its name with `.keys`
before the ending), and the master key, which belongs on another disk. Opening takes
care that the three belong together and applies every tombstone before anything is read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from router.context.contract import ContextStore
from router.context.conversations import ConversationReader, Conversations
from router.context.customers import CustomerReader, Customers
from router.context.errors import ContextStoreError, StoreRefused
from router.context.exporting import export
from router.context.key_store import KeyStore, MemoryKeyStore
from router.context.keyring import KeyReading, KeyRing
from router.context.keys import new_key
from router.context.master_key import (
    HeldMasterKey,
    MasterKey,
    create_master_key,
    read_master_key,
)
from router.context.memory import MemoryContextStore
from router.context.privacy import Privacy
from router.context.sqlite_keys import SqliteKeyStore
from router.context.sqlite_store import SqliteContextStore
from router.model.context_limits import ContextLimits

DEFAULT_TENANT = "default"


@dataclass(frozen=True, slots=True)
class ContextView:
    """What may be read beside the writer, from another thread."""

    conversations: ConversationReader
    customers: CustomerReader
    close: Callable[[], None]


class Contexts:
    """The writer's view of everything. One at a time; calls are serialised by the host."""

    def __init__(
        self,
        store: ContextStore,
        keys: KeyStore,
        master: MasterKey,
        *,
        tenant: str = DEFAULT_TENANT,
        limits: ContextLimits | None = None,
    ) -> None:
        self._store = store
        self._keys = keys
        self._master = master
        limits = limits or ContextLimits()
        ring = KeyRing(keys, master)
        try:
            store_id = ring.open(tenant)
            if store.open(tenant, store_id) != store_id:
                raise StoreRefused(
                    "context store: it and the keys beside it belong to two different "
                    "stores; put back the keys it was made with"
                )
        except ContextStoreError:
            ring.close()
            store.close()
            raise
        self._ring = ring
        self.conversations = Conversations(store, ring, limits)
        self.customers = Customers(store, ring)
        self.privacy = Privacy(store, ring, limits)
        self.privacy.apply_tombstones()

    def use(self, limits: ContextLimits) -> None:
        """Goes by other limits from now on, as after a new policy."""
        self.conversations.limits = limits
        self.privacy.limits = limits

    def export(
        self, customer: str, visible: Callable[[str], int | None] | None = None
    ) -> dict[str, Any]:
        """Everything kept of a person, as JSON would hold it."""
        return export(
            customer,
            conversations=self.conversations,
            customers=self.customers,
            privacy=self.privacy,
            visible=visible,
        )

    def reader(self) -> ContextView:
        """A view for another thread, with connections of its own."""
        store = self._store.reader()
        keys = KeyReading(self._keys.reader(), self._master)
        keys.load()

        def close() -> None:
            keys.close()
            store.close()

        return ContextView(
            ConversationReader(store, keys), CustomerReader(store, keys), close
        )

    def close(self) -> None:
        """Lets go of both files and forgets every key."""
        self._ring.close()
        self._store.close()


def open_contexts(
    url: str,
    *,
    master_key: Path | None = None,
    tenant: str = DEFAULT_TENANT,
    limits: ContextLimits | None = None,
) -> Contexts:
    """The contexts at `sqlite:PATH`, or at `memory:`.

    The master key is made where it is named if there is none and nothing was sealed
    yet; without a name it stands beside the content, for trials. Raises `StoreRefused`
    and `StoreDamaged`.
    """
    scheme, colon, rest = url.partition(":")
    if not colon or scheme not in ("sqlite", "memory"):
        raise StoreRefused(
            f"context store {url!r}: not an address of one; use sqlite:PATH or memory:"
        )
    if scheme == "memory":
        if rest:
            raise StoreRefused(f"context store {url}: nothing follows; use memory:")
        return Contexts(
            MemoryContextStore(),
            MemoryKeyStore(),
            HeldMasterKey(new_key()),
            tenant=tenant,
            limits=limits,
        )
    if not rest:
        raise StoreRefused("context store sqlite: the path is missing; use sqlite:PATH")
    content = Path(rest)
    keys = keys_beside(content)
    key_file = master_key or content.with_name(content.name + ".master-key")
    if content.exists() and content.stat().st_size and not keys.exists():
        raise StoreRefused(
            f"context store {content}: the keys that open it ({keys.name}) are missing; "
            "put them back, or move the store away to begin anew"
        )
    if key_file.exists() or keys.exists():
        master = read_master_key(key_file)
    else:
        master = create_master_key(key_file)
    return Contexts(
        SqliteContextStore(content),
        SqliteKeyStore(keys),
        master,
        tenant=tenant,
        limits=limits,
    )


def keys_beside(content: Path) -> Path:
    """Where the keys of a content file stand: `a.sqlite` has `a.keys.sqlite`."""
    return content.with_name(f"{content.stem}.keys{content.suffix}")
