"""Completing a mapping question by question: what to ask, and what an answer changes."""
