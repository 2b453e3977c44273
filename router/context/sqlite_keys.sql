-- Keys and tombstones in one SQLite file, apart from what they open. The file's
-- application_id is "SntK", its user_version the format version.

CREATE TABLE about (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  tenant TEXT NOT NULL,
  store_id TEXT NOT NULL,
  index_key BLOB NOT NULL
) STRICT;

-- Tenant keys, each wrapped by the master key. The highest generation is in use.
CREATE TABLE tenant_key (
  generation INTEGER PRIMARY KEY,
  wrapped BLOB NOT NULL
) STRICT;

-- Customer keys, each wrapped by a tenant key. A row is never deleted or moved: destroying
-- a key overwrites it in its place with zeros of the same length, so that no copy of it is
-- left in some other page.
CREATE TABLE customer_key (
  number INTEGER PRIMARY KEY,
  customer TEXT NOT NULL UNIQUE,
  generation INTEGER NOT NULL,
  wrapped BLOB NOT NULL
) STRICT;

-- Who was erased, and when. Nothing else is left of them.
CREATE TABLE tombstone (
  customer TEXT PRIMARY KEY,
  erased_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
