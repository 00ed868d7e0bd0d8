"""One function for each task that a user can run."""
