-- The journal in one SQLite file. The file's application_id is "Sntl", its user_version the
-- format version. Statements are separated by semicolons, which stand nowhere else.

-- Where the journal ends and who may go on: exactly one row.
CREATE TABLE head (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  journal_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  hash BLOB NOT NULL,
  format_version INTEGER NOT NULL,
  checksum INTEGER NOT NULL
) STRICT;

-- One row a group commit: one insert is far cheaper than one a fact.
CREATE TABLE event_group (
  first_sequence INTEGER PRIMARY KEY,
  count INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  hash BLOB NOT NULL,
  blob BLOB NOT NULL
) STRICT;

-- A snapshot counts once it is complete, and its body stands in parts, so that writing one
-- never holds the file for longer than one part takes.
CREATE TABLE snapshot (
  number INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL,
  hash BLOB NOT NULL,
  facts TEXT NOT NULL,
  size INTEGER NOT NULL,
  digest BLOB NOT NULL,
  complete INTEGER NOT NULL
) STRICT;

CREATE TABLE snapshot_part (
  number INTEGER NOT NULL,
  part INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (number, part)
) STRICT;
