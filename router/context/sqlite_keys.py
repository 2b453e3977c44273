"""Keys and tombstones in a SQLite file of their own.

Rows of keys are appended and never moved: destroying one overwrites it where it stands,
so there is no other page in which an older copy could be left.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from router.context.errors import StoreDamaged
from router.context.key_store import Named, WrappedKey
from router.context.sqlite import Form, SqliteFile

FORM: Final = Form("keys", int.from_bytes(b"SntK"), 1, "sqlite_keys.sql")


class SqliteKeyReader:
    """Reads the file through whichever connection it is given."""

    def __init__(self, file: SqliteFile) -> None:
        self.file = file
        self.place = file.place

    def named(self) -> Named:
        row = self.file.one("SELECT tenant, store_id, index_key FROM about")
        if row is None:
            raise StoreDamaged("it does not say whose it is", self.place)
        return Named(*row)

    def tenant_keys(self) -> Mapping[int, bytes]:
        rows = self.file.all("SELECT generation, wrapped FROM tenant_key")
        return {generation: wrapped for generation, wrapped in rows if any(wrapped)}

    def customer_key(self, customer: str) -> WrappedKey | None:
        row = self.file.one(
            "SELECT generation, wrapped FROM customer_key WHERE customer = ?",
            (customer,),
        )
        return None if row is None else WrappedKey(*row)

    def erased_at(self, customer: str) -> int | None:
        row = self.file.one(
            "SELECT erased_at FROM tombstone WHERE customer = ?", (customer,)
        )
        return None if row is None else row[0]

    def tombstones(self) -> list[tuple[str, int]]:
        return self.file.all(
            "SELECT customer, erased_at FROM tombstone ORDER BY customer"
        )

    def close(self) -> None:
        self.file.close()


class SqliteKeyStore(SqliteKeyReader):
    """The writer's handle on a file."""

    def __init__(self, path: Path) -> None:
        super().__init__(SqliteFile(path, FORM))

    def open(self, fresh: Named, tenant_key: bytes) -> bool:
        self.file.open_to_write()
        is_new = self.file.one("SELECT 1 FROM about") is None
        if is_new:
            if self.file.one("SELECT 1 FROM customer_key LIMIT 1") is not None:
                raise StoreDamaged("it does not say whose it is", self.place)
            with self.file.transaction("name them"):
                self.file.run(
                    "INSERT INTO about VALUES (1, ?, ?, ?)",
                    (fresh.tenant, fresh.store_id, fresh.index_key),
                )
                self.file.run("INSERT INTO tenant_key VALUES (1, ?)", (tenant_key,))
        return is_new

    def reader(self) -> SqliteKeyReader:
        file = SqliteFile(self.file.path, FORM)
        file.open_to_read()
        return SqliteKeyReader(file)

    def add(self, keys: Mapping[str, WrappedKey]) -> None:
        with self.file.transaction("add keys"):
            self.file.run_many(
                "INSERT INTO customer_key (customer, generation, wrapped)"
                " VALUES (?, ?, ?)",
                [(one, key.generation, key.wrapped) for one, key in keys.items()],
            )

    def bury(self, customers: Iterable[str], at: int) -> None:
        with self.file.transaction("destroy keys"):
            for customer in customers:
                self.file.run(
                    "UPDATE customer_key SET wrapped = zeroblob(length(wrapped))"
                    " WHERE customer = ?",
                    (customer,),
                )
                self.file.run(
                    "INSERT INTO tombstone VALUES (?, ?) ON CONFLICT DO NOTHING",
                    (customer, at),
                )

    def rewrap(
        self, generation: int, tenant_key: bytes, keys: Mapping[str, bytes]
    ) -> None:
        with self.file.transaction("rewrap keys"):
            self.file.run("UPDATE tenant_key SET wrapped = zeroblob(length(wrapped))")
            self.file.run(
                "INSERT INTO tenant_key VALUES (?, ?)", (generation, tenant_key)
            )
            self.file.run_many(
                "UPDATE customer_key SET generation = ?, wrapped = ? WHERE customer = ?",
                [(generation, wrapped, customer) for customer, wrapped in keys.items()],
            )

    def wrapped(self) -> Mapping[str, WrappedKey]:
        rows = self.file.all("SELECT customer, generation, wrapped FROM customer_key")
        return {
            customer: WrappedKey(generation, wrapped)
            for customer, generation, wrapped in rows
            if any(wrapped)
        }

    def scrub(self) -> bool:
        return self.file.scrub()
