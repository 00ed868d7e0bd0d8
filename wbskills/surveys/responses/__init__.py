"""The responses of a survey file."""
