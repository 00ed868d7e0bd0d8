"""MediaWiki's REST API is not offered; its paths answer 404 in its own form."""

import pytest

from tests.wikibase.server.support import ADDRESS, LocalServer


@pytest.mark.parametrize("path", ["/v1/page/Main_Page", "/wikibase/v1/entities/items/Q1", "/", ""])
def test_an_unknown_path_answers_json(server: LocalServer, path: str) -> None:
    """The status is in the document, with a message by language."""
    found = server.anonymous().client.get(f"/w/rest.php{path}", base_url=ADDRESS)

    assert found.status_code == 404
    assert found.content_type == "application/json"
    assert found.json == {
        "messageTranslations": {
            "en": f"The requested relative path ({path}) did not match any known handler"
        },
        "httpCode": 404,
        "httpReason": "Not Found",
    }


def test_a_write_to_an_unknown_path_answers_json(server: LocalServer) -> None:
    """Not HTML about a method that is not allowed."""
    found = server.anonymous().client.post("/w/rest.php/v1/page", json={}, base_url=ADDRESS)

    assert found.status_code == 404
    assert found.json["httpReason"] == "Not Found" if found.json else False
