"""A revision whose text was blanked, as of somebody who was forgotten, is told to be hidden."""

from dataclasses import replace

import pytest

from tests.wikibase.server.support import ADDRESS, Api, LocalServer

PAGES = (
    "/wiki/Item:{name}?oldid={old}",
    "/wiki/Special:EntityData/{name}.json?revision={old}",
    "/wiki/Special:EntityData/{name}.ttl?oldid={old}",
)


def label(text: str) -> dict[str, object]:
    """Return an English label as clients send it."""
    return {"labels": {"en": {"language": "en", "value": text}}}


@pytest.fixture
def blanked(server: LocalServer, bot: Api) -> tuple[str, int]:
    """An item with two revisions, of which the older one was blanked."""
    name = bot.edit(label("one"), new="item")["entity"]["id"]
    stored = server.store.read([name])[name]
    changed = replace(stored, entity=replace(stored.entity, labels={"en": "two"}))
    server.store.copy_entities([(changed, stored)])  # as a mirror does, which keeps no history
    return name, stored.revision


@pytest.mark.parametrize("page", PAGES)
def test_its_page_says_that_it_is_not_there(
    server: LocalServer, blanked: tuple[str, int], page: str
) -> None:
    """Not a fault of the server."""
    name, old = blanked
    found = server.anonymous().client.get(page.format(name=name, old=old), base_url=ADDRESS)
    assert found.status_code == 404


def test_nothing_can_be_built_on_it(bot: Api, blanked: tuple[str, int]) -> None:
    """Whoever read it before has to read again."""
    name, old = blanked
    refused = bot.edit(label("three"), id=name, baserevid=str(old))
    assert refused["error"]["code"] == "nosuchrevid"
    undone = bot.write("edit", title=f"Item:{name}", undo=str(old))
    assert undone["error"]["code"] == "nosuchrevid"


def test_lists_of_revisions_and_changes_go_on(bot: Api, blanked: tuple[str, int]) -> None:
    """The text is told to be hidden, its size to be nothing."""
    name, old = blanked
    (page,) = bot(
        "query", prop="revisions", titles=f"Item:{name}", rvprop="ids|content|size|sha1",
        rvslots="main", rvlimit="5", formatversion="2",
    )["query"]["pages"]  # fmt: skip
    hidden = {each["revid"]: each["slots"]["main"].get("texthidden") for each in page["revisions"]}
    assert hidden.pop(old) is True
    assert set(hidden.values()) == {None}
    changes = bot("query", list="recentchanges", rcprop="ids|sizes", rclimit="20")["query"]
    sizes = {change["revid"]: change["newlen"] for change in changes["recentchanges"]}
    assert sizes[old] == 0
