"""The stores that the acceptance suite runs on: the one list to be extended."""

import sqlite3
from contextlib import closing
from dataclasses import replace

from router.context.contexts import Contexts, keys_beside
from router.context.key_store import MemoryKeyStore
from router.context.master_key import HeldMasterKey
from router.context.memory import MemoryContextStore
from router.context.sqlite_keys import SqliteKeyStore
from router.context.sqlite_store import SqliteContextStore

MASTER = HeldMasterKey(bytes(range(32)))


class InMemory:
    def __init__(self, folder):
        self.content = MemoryContextStore()
        self.keys = MemoryKeyStore()

    def contexts(self, **facts):
        return Contexts(self.content, self.keys, MASTER, **facts)

    def change_entry(self, number, **changes):
        entries = self.content._all.entries
        entries[number] = replace(entries[number], **changes)


class InSqlite:
    def __init__(self, folder):
        self.path = folder / "contexts.sqlite"
        self.keys_path = keys_beside(self.path)

    def contexts(self, **facts):
        return Contexts(
            SqliteContextStore(self.path),
            SqliteKeyStore(self.keys_path),
            MASTER,
            **facts,
        )

    def change_entry(self, number, **changes):
        with closing(sqlite3.connect(self.path)) as db:
            for name, value in changes.items():
                db.execute(
                    f"UPDATE entry SET {name} = ? WHERE number = ?",
                    (int(value) if isinstance(value, int) else value, number),
                )
            db.commit()


STORES = {"memory": InMemory, "sqlite": InSqlite}
