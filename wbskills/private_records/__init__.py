"""What is kept on this machine and never in a Wikibase: candidates, and who was forgotten."""
