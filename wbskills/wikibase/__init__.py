"""Wikibase: its data model, a store of our own, other wikis, a journal, and an HTTP face.

Nothing here knows of skills. What is ours is handed in.
"""
