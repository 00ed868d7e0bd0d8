"""The report site, and the formats in which tables are written for people and programs."""
