"""MediaWiki's Action API with Wikibase's modules, over the embedded store.

Clients know it from https://www.mediawiki.org/wiki/API:Main_page and
https://www.wikidata.org/w/api.php; what it answers was compared with recordings of a real one.
"""
