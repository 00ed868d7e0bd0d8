"""The version of this program, in the form of https://semver.org."""

__version__ = "0.1.0"
