"""An embedded Wikibase: entities and their history in SQLite, triples in Oxigraph."""
