"""A draft mapping for a survey file."""
