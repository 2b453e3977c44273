"""The stores that the acceptance suite runs on: the one list to be extended.

A store here is something that can be opened as a journal again and again, and whose raw
content can be taken out, changed and put back, as damage would change it.
"""

import sqlite3
from contextlib import closing

from router.journal.contract import Head
from router.journal.memory import MemoryJournal, MemoryStore
from router.journal.reading import SnapshotRow
from router.journal.stores import open_journal

COLUMNS = {
    "head": "journal_id owner epoch sequence hash format_version checksum".split(),
    "event_group": "first_sequence count checksum hash blob".split(),
    "snapshot": "number sequence hash facts size digest complete".split(),
    "snapshot_part": "number part body".split(),
}


class InMemory:
    def __init__(self, folder):
        self._store = MemoryStore()

    def journal(self):
        return MemoryJournal(self._store)

    def tables(self):
        store, head = self._store, self._store.head
        return {
            "head": [
                [*(getattr(head, n) for n in COLUMNS["head"][:6]), store.head_checksum]
            ],
            "event_group": [list(row) for row in store.rows],
            "snapshot": [list(row) for row in store.snapshots],
            "snapshot_part": [[n, 0, body] for n, body in store.bodies.items()],
        }

    def put(self, tables):
        ((*head, self._store.head_checksum),) = tables["head"]
        self._store.head = Head(*head)
        self._store.rows = sorted(tuple(row) for row in tables["event_group"])
        self._store.snapshots = [
            SnapshotRow(*row[:6], row[6] == 1) for row in tables["snapshot"]
        ]
        self._store.bodies = {
            n: body for n, part, body in tables["snapshot_part"] if part == 0
        }


class InSqlite:
    def __init__(self, folder):
        self.path = folder / "journal.db"

    def journal(self):
        return open_journal(f"sqlite:{self.path}")

    def tables(self):
        with closing(sqlite3.connect(self.path)) as db:
            return {
                table: [
                    list(row)
                    for row in db.execute(f"SELECT {','.join(names)} FROM {table}")
                ]
                for table, names in COLUMNS.items()
            }

    def put(self, tables):
        with closing(sqlite3.connect(self.path)) as db:
            db.execute("PRAGMA synchronous = OFF")
            for table, names in COLUMNS.items():
                db.execute(f"DELETE FROM {table}")
                marks = ",".join("?" * len(names))
                db.executemany(
                    f"INSERT INTO {table} ({','.join(names)}) VALUES ({marks})",
                    tables[table],
                )
            db.commit()


STORES = {"memory": InMemory, "sqlite": InSqlite}
