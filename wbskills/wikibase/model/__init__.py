"""The words of this field, the Wikibase data model, what to change. Touches nothing outside."""
