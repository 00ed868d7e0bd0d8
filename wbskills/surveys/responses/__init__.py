"""Responses: the answers of people, read by a mapping, checked and counted."""
