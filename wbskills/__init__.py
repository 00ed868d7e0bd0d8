"""A capacity map for people: self-evaluated skills in a Wikibase."""

__version__ = "0.1.0"
