"""Saved questions: read from files, bound to one Wikibase, and asked there."""
