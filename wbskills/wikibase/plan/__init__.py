"""Plans: which edits a Wikibase needs, and carrying them out."""
