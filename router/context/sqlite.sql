-- Contexts in one SQLite file, sealed. The file's application_id is "SntC", its user_version
-- the format version. Statements are separated by semicolons, which stand nowhere else.

-- Whose store this is. Entries with a number from doubt_from on were prepared last, and the
-- journal may not know them.
CREATE TABLE about (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  tenant TEXT NOT NULL,
  store_id TEXT NOT NULL,
  doubt_from INTEGER NOT NULL
) STRICT;

-- A customer by reference. Whoever was merged into another has that one as parent.
CREATE TABLE customer (
  number INTEGER PRIMARY KEY,
  ref TEXT NOT NULL UNIQUE,
  parent INTEGER,
  restricted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX customer_parent ON customer (parent) WHERE parent IS NOT NULL;

CREATE TABLE conversation (
  number INTEGER PRIMARY KEY,
  ref TEXT NOT NULL UNIQUE,
  customer INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  size INTEGER NOT NULL,
  paused INTEGER NOT NULL
) STRICT;
CREATE INDEX conversation_customer ON conversation (customer);
CREATE INDEX conversation_empty ON conversation (last_at) WHERE entries = 0;

-- The numbers grow, so new rows are appended and old ones stay where they are.
CREATE TABLE entry (
  number INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL,
  version INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  data_class INTEGER NOT NULL,
  at INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX entry_version ON entry (conversation, version);
CREATE INDEX entry_customer ON entry (customer, number);
CREATE INDEX entry_expiry ON entry (data_class, at);
-- What a handoff package looks for among many messages: all kinds but the first two.
CREATE INDEX entry_kind ON entry (conversation, kind, version) WHERE kind > 2;

CREATE TABLE link (
  number INTEGER PRIMARY KEY,
  identity BLOB NOT NULL,
  customer INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  confidence INTEGER NOT NULL,
  source TEXT NOT NULL,
  linked_at INTEGER NOT NULL,
  unlinked_at INTEGER,
  sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX link_in_force ON link (identity) WHERE unlinked_at IS NULL;
CREATE INDEX link_customer ON link (customer);
CREATE INDEX link_expiry ON link (unlinked_at) WHERE unlinked_at IS NOT NULL;

CREATE TABLE merge (
  number INTEGER PRIMARY KEY,
  into_customer INTEGER NOT NULL,
  other_customer INTEGER NOT NULL,
  source TEXT NOT NULL,
  at INTEGER NOT NULL,
  undone_at INTEGER
) STRICT;
CREATE INDEX merge_into ON merge (into_customer);
CREATE INDEX merge_other ON merge (other_customer);

CREATE TABLE consent (
  number INTEGER PRIMARY KEY,
  customer INTEGER NOT NULL,
  purpose INTEGER NOT NULL,
  granted INTEGER NOT NULL,
  at INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE INDEX consent_customer ON consent (customer, purpose, number);
CREATE INDEX consent_expiry ON consent (at);

CREATE TABLE field (
  customer INTEGER NOT NULL,
  name TEXT NOT NULL,
  at INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (customer, name)
) STRICT;

-- Who read what. After an erasure a row stays and no longer says whom it was about.
CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  customer INTEGER,
  reader TEXT NOT NULL,
  purpose INTEGER NOT NULL,
  what TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_customer ON audit (customer, number) WHERE customer IS NOT NULL;
CREATE INDEX audit_expiry ON audit (at);
