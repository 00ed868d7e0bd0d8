"""The declarative files, checked; which id each key has on one Wikibase."""
