-- The embedded store. `revision` has the primary data; other tables are derived from it.
-- schema_added.sql has what later versions added.
CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE revision (
    id INTEGER PRIMARY KEY,      -- grows by one with every edit
    entity TEXT NOT NULL,
    made TEXT NOT NULL,          -- 2026-11-22T07:57:32Z
    summary TEXT NOT NULL,
    json TEXT NOT NULL           -- the whole entity as it is after the edit
);
CREATE INDEX revision_of_entity ON revision (entity, id);

CREATE TABLE entity (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,     -- the 42 of Q42
    revision INTEGER NOT NULL,   -- the newest
    UNIQUE (kind, number)
) WITHOUT ROWID;

-- No two items share label and description in a language, no two properties a label.
CREATE TABLE term_lock (
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    label TEXT NOT NULL,
    description TEXT NOT NULL,   -- empty for a property
    entity TEXT NOT NULL,
    PRIMARY KEY (kind, language, label, description)
) WITHOUT ROWID;
CREATE INDEX term_lock_of_entity ON term_lock (entity);

CREATE TABLE identifier (
    property TEXT NOT NULL,
    name TEXT NOT NULL,
    entity TEXT NOT NULL,
    PRIMARY KEY (property, name, entity)
) WITHOUT ROWID;
CREATE INDEX identifier_of_entity ON identifier (entity);

-- Desired states that were imported: while the entity is still at that revision, importing
-- the same answer again does not have to read it.
CREATE TABLE brought_about (
    key TEXT PRIMARY KEY,
    digest BLOB NOT NULL,
    entity TEXT NOT NULL,
    revision INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX brought_about_of_entity ON brought_about (entity);
