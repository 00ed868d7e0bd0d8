"""The journal of a batch of edits: each edit before it is made, and its outcome."""
