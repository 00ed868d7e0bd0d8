"""Pages on which people evaluate their own skills: `/me/`."""
