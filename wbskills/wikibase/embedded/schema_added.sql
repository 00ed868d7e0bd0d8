-- What version 2 added: what a Wikibase with many editors needs.
-- Labels and aliases, for search.
CREATE TABLE term (
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    text TEXT NOT NULL,
    role TEXT NOT NULL,          -- label or alias
    entity TEXT NOT NULL,
    PRIMARY KEY (kind, language, text, role, entity)
) WITHOUT ROWID;
CREATE INDEX term_of_entity ON term (entity);

-- Who made a revision. Revisions of an import have no row here.
CREATE TABLE editor (
    revision INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    bot INTEGER NOT NULL,
    tags TEXT NOT NULL           -- a JSON list
);

-- Entities that no longer exist: deleted, or (with a target) redirected.
CREATE TABLE gone (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    revision INTEGER NOT NULL,   -- the newest
    target TEXT
) WITHOUT ROWID;

-- The last id that was used for an entity that then could not be saved.
CREATE TABLE used_up (kind TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;

-- Entities whose triples have to be replaced, whatever revision the triples have reached.
CREATE TABLE unsettled (entity TEXT PRIMARY KEY) WITHOUT ROWID;

-- Deletions and restorations.
CREATE TABLE log (
    id INTEGER PRIMARY KEY,
    made TEXT NOT NULL,
    user TEXT NOT NULL,
    action TEXT NOT NULL,
    entity TEXT NOT NULL,
    reason TEXT NOT NULL
);

-- Who may log in. Only salted hashes of passwords, never passwords.
CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL,        -- empty: no log-in with the account's own password
    groups TEXT NOT NULL,        -- a JSON list
    made TEXT NOT NULL
);
CREATE TABLE bot_password (
    account INTEGER NOT NULL,
    app TEXT NOT NULL,
    secret TEXT NOT NULL,
    grants TEXT NOT NULL,        -- a JSON list
    PRIMARY KEY (account, app)
) WITHOUT ROWID;
