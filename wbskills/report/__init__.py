"""Tables and maps for people's eyes, and one writer per format."""
