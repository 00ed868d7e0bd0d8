"""The journal of a batch of edits: intent before, outcome after."""
