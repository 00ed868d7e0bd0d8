"""action=query and searches, as used by scripts that follow the changes of a Wikibase."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.wikibase.server.support import ADDRESS, Api, LocalServer, make_users
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.server.settings import Settings, SimulatedFaults


def label(text: str) -> dict[str, Any]:
    """A label in English as clients send it."""
    return {"labels": {"en": {"language": "en", "value": text}}}


@pytest.fixture
def followed() -> Iterator[Api]:
    """An administrator of a Wikibase with two items: Q1 has revisions 1, 3, 4, and Q2 has 2.

    The clock advances by a minute with each request.
    """
    now = datetime(2026, 3, 4, tzinfo=UTC)

    def clock() -> datetime:
        nonlocal now
        now += timedelta(minutes=1)
        return now

    with Embedded(":memory:", concept_base=f"{ADDRESS}/entity/", clock=clock) as store:
        make_users(store)
        faults = SimulatedFaults()
        api = LocalServer(store, faults, Settings(faults=faults)).user("Root@app")
        api.edit(label("one"), new="item")
        api.edit(label("two"), new="item")
        for text in ("uno", "eins"):
            api.edit(label(text), id="Q1")
        yield api


def revisions(found: Any) -> list[int]:  # noqa: ANN401 - JSON
    """Return the numbers of the revisions in an answer."""
    return [
        each["revid"]
        for page in found["query"]["pages"].values()
        for each in page.get("revisions", ())
    ]


def test_revisions_can_be_requested_by_number(followed: Api) -> None:
    """The answer has these, not the newest ones of their pages."""
    found = followed("query", prop="revisions", revids="2|4", rvprop="ids|content")
    (page,) = found["query"]["pages"].values()
    texts = [each["*"] for each in page["revisions"]]

    assert revisions(found) == [2, 4]
    assert ["one" in texts[0], "uno" in texts[1]] == [True, True]

    wrong = followed("query", prop="revisions", revids="3|99", formatversion="2")
    assert wrong["query"]["badrevids"] == {"99": {"revid": 99, "missing": True}}
    assert [page["title"] for page in wrong["query"]["pages"]] == ["Item:Q2"]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({}, [5]),
        ({"rvlimit": "2"}, [5, 4]),
        ({"rvdir": "newer"}, [2, 4, 5]),
        ({"rvendid": "4"}, [5, 4]),
        ({"rvstartid": "4"}, [4, 2]),
        ({"rvdir": "newer", "rvendid": "4", "rvlimit": "5"}, [2, 4]),
    ],
)
def test_revisions_start_and_end_at_the_numbers_requested(
    followed: Api, bounds: dict[str, str], expected: list[int]
) -> None:
    """In both directions."""
    assert revisions(followed("query", prop="revisions", titles="Item:Q1", **bounds)) == expected


def test_revisions_and_changes_between_two_times(followed: Api) -> None:
    """Scripts read changes since a time, the oldest first, in parts."""

    def changes(**bounds: str) -> list[int]:
        found = followed("query", list="recentchanges", rcprop="ids|timestamp", **bounds)
        return [each["revid"] for each in found["query"]["recentchanges"]]

    listed = followed("query", list="recentchanges", rcprop="ids|timestamp")
    time = {each["revid"]: each["timestamp"] for each in listed["query"]["recentchanges"]}
    assert changes() == [5, 4, 3, 2]
    assert changes(rcdir="newer", rcstart=time[3]) == [3, 4, 5]
    assert changes(rcstart=time[4], rcend=time[3]) == [4, 3]
    assert changes(rcdir="newer", rcend=time[3].translate(str.maketrans("", "", "-:TZ"))) == [2, 3]
    seconds = str(int(datetime.fromisoformat(time[4]).timestamp()))
    assert changes(rcdir="newer", rcstart=seconds) == [4, 5]

    found = followed("query", prop="revisions", titles="Item:Q1", rvend=time[4])
    assert revisions(found) == [5, 4]
    found = followed("query", list="usercontribs", ucuser="Root", ucend=time[4])
    assert [each["revid"] for each in found["query"]["usercontribs"]] == [5, 4]
    assert followed("query", list="recentchanges", rcstart="soon")["error"]["code"] == (
        "badtimestamp"
    )


def test_the_parts_of_a_list_of_changes_are_contiguous(followed: Api) -> None:
    """No change is repeated, and none is missing."""
    seen: list[int] = []
    further: dict[str, str] = {}
    while True:
        found = followed("query", list="recentchanges", rcdir="newer", rclimit="3", **further)
        seen += [each["revid"] for each in found["query"]["recentchanges"]]
        if "continue" not in found:
            break
        further = found["continue"]

    assert seen == [2, 3, 4, 5]


def test_changes_of_deleted_entities_are_hidden(server: LocalServer) -> None:
    """Their summaries can contain what was deleted, for example a name."""
    root = server.user("Root@app")
    root.edit(label("one"), new="item")
    root.write("wbsetlabel", id="Q1", language="de", value="Geheim")
    root.write("delete", title="Item:Q1", reason="gone")

    assert root("query", list="recentchanges")["query"]["recentchanges"] == []
    assert root("query", list="usercontribs", ucuser="Root")["query"]["usercontribs"] == []
    for address in ("/", "/wiki/Special:RecentChanges"):
        assert "Geheim" not in root.client.get(address, base_url=ADDRESS).get_data(as_text=True)

    root.write("undelete", title="Item:Q1")
    assert len(root("query", list="recentchanges")["query"]["recentchanges"]) == 2


def test_an_item_with_many_aliases_is_found_once(bot: Api) -> None:
    """Aliases with the same beginning do not use up the limit."""
    for first, last in ((0, 10), (10, 11)):
        names = [{"language": "en", "value": f"a{each:02}"} for each in range(first, last)]
        bot.edit({"aliases": {"en": names}}, new="item")

    found = bot("wbsearchentities", search="a", language="en", limit="2")
    first_only = bot("wbsearchentities", search="a", language="en", limit="1")

    assert [hit["id"] for hit in found["search"]] == ["Q1", "Q2"]
    assert [hit["match"]["text"] for hit in found["search"]] == ["a00", "a10"]
    assert first_only["search-continue"] == 1


def test_the_id_of_a_property_can_be_in_lower_case(bot: Api) -> None:
    """As everywhere else in the API."""
    bot.edit({"datatype": "string", **label("text")}, new="property")
    value = {"type": "string", "value": "x"}
    snak = {"snaktype": "value", "property": "P1", "datavalue": value}
    bot.edit({"claims": [{"type": "statement", "mainsnak": snak}]}, new="item")

    assert list(bot("wbgetclaims", entity="Q1", property="p1")["claims"]) == ["P1"]
    assert bot("wbgetclaims", entity="Q1", property="Q1")["claims"] == {}
    assert bot("wbgetclaims", entity="Q1", property="text")["error"]["code"] == "param-invalid"


def test_a_merge_cannot_make_a_label_equal_to_the_description(
    server: LocalServer, bot: Api
) -> None:
    """The rule for edits holds for merges, too."""
    bot.edit(label("same"), new="item")
    bot.edit({"descriptions": {"en": {"language": "en", "value": "same"}}}, new="item")
    before = server.store.revision()

    found = bot.write("wbmergeitems", fromid="Q1", toid="Q2")

    assert found["error"]["code"] == "modification-failed"
    assert server.store.revision() == before


def test_retry_after_is_the_lag_that_the_client_allows(server: LocalServer) -> None:
    """But at least 5 seconds."""
    server.faults.lag = 60
    api = server.anonymous()

    waits = [
        api.raw(action="query", maxlag=allowed).headers["Retry-After"] for allowed in ("1", "30")
    ]

    assert waits == ["5", "30"]


def test_a_list_that_is_too_large_continues_in_the_next_part(server: LocalServer) -> None:
    """Whole entries are left out, and come with the continuation."""
    root = server.user("Root@app")
    for text in ("one", "two", "three", "four"):
        root.edit(label(text), new="item")
    server.faults.largest_answer = 30
    seen: list[str] = []
    following: dict[str, str] = {}
    parts = 0
    while parts < 9:
        found = root("query", list="allpages", apnamespace="120", aplimit="9", **following)
        seen += [each["title"] for each in found["query"]["allpages"]]
        parts += 1
        if "continue" not in found:
            break
        following = found["continue"]

    assert seen == ["Item:Q1", "Item:Q2", "Item:Q3", "Item:Q4"]
    assert 1 < parts < 9
