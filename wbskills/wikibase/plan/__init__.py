"""What to change on a Wikibase: edits, what is missing, and carrying it out."""
