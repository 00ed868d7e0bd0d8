-- The statements of the embedded store as rows that can be counted fast. All of it is derived
-- from the entities, so the file can be deleted.
-- Entities are whole numbers: 42 for Q42, -42 for P42. A property is its number alone.
CREATE TABLE entity (
    number INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL    -- of the rows below
);

CREATE TABLE statement (
    property INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    id INTEGER NOT NULL,
    value NOT NULL,              -- an entity's number, a number, a text, or a day: 2026-11-22
    rank INTEGER NOT NULL,       -- 0 deprecated, 1 normal, 2 preferred
    best INTEGER NOT NULL,       -- 1 if no statement of its property has a higher rank
    PRIMARY KEY (property, subject, id)
) WITHOUT ROWID;

CREATE TABLE qualifier (
    property INTEGER NOT NULL,
    statement INTEGER NOT NULL,
    value NOT NULL,
    PRIMARY KEY (property, statement, value)
) WITHOUT ROWID;

-- Values without a row: unknown ones, and kinds that no query counts.
CREATE TABLE odd (
    property INTEGER NOT NULL,
    statement INTEGER NOT NULL,
    main INTEGER NOT NULL,       -- 1 for the main value, 0 for a qualifier
    PRIMARY KEY (property, statement, main)
) WITHOUT ROWID;
