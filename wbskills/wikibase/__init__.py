"""Wikibase: data model, embedded and remote stores, plans, journal, and an HTTP server.

Nothing here knows about skills; callers pass in what is specific to them.
"""
