"""Survey files as rows of cells."""
