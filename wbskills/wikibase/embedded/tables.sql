-- The statements of the embedded store once more, as rows that can be counted fast. All of it
-- follows from the entities; whoever loses the file loses nothing.
-- Entities are whole numbers: 42 for Q42, -42 for P42. A property is its number alone.
CREATE TABLE entity (
    number INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL    -- the one that the rows below tell of
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

-- What there is no row for: values that are unknown, or of a kind that nobody counts.
CREATE TABLE odd (
    property INTEGER NOT NULL,
    statement INTEGER NOT NULL,
    main INTEGER NOT NULL,       -- 1 if it is what the statement says, 0 in a qualifier
    PRIMARY KEY (property, statement, main)
) WITHOUT ROWID;
