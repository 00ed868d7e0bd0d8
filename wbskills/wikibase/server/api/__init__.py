"""MediaWiki's Action API with Wikibase's modules, over the embedded store.

`blueprint` reads an HTTP request into a `Call`; `main` chooses the module, checks the request and
runs the module's function. `modules.toml` lists all modules with their parameters, `i18n/en.json`
the texts of errors. `query*` are the parts of action=query; the modules that edit share `editing`.

Clients know the API from https://www.mediawiki.org/wiki/API:Main_page and
https://www.wikidata.org/w/api.php. Its answers are compared with recordings of a real Wikibase.
"""
