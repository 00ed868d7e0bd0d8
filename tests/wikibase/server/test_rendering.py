"""Summaries of edits are shown in words."""

import re
from pathlib import Path

import pytest

from tests.wikibase.server.support import ADDRESS, Api
from wbskills.wikibase.server import api, rendering
from wbskills.wikibase.server.rendering import readable_summary


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("/* wbsetlabel-add:1|he */ עדה", "Added the label in he: עדה"),
        ("/* wbsetlabel-remove:1|en */", "Removed the label in en"),
        ("/* wbmergeitems-from:0||Q17 */ twins", "Merged Q17 into this: twins"),
        ("/* wbcreateredirect:0||Q1|Q2 */", "Redirected Q1 to Q2"),
        (
            "/* wbsetclaim-update:2||1 */ [[Property:P3]]: [[Item:Q2]]",
            "Changed a statement: P3: Q2",
        ),
        ("/* wbeditentity-update-languages-short:0||en, de */", "Changed names in en, de"),
        ("/* wbeditentity-create-item:0| */", "Created an item"),
        ("/* of-others:1|x */ y", "/* of-others:1|x */ y"),
        ("by hand /* {0} */ {1}", "by hand /* {0} */ {1}"),
        ("/* wbsetlabel-set:1|{0.__class__} */ {2}", "Changed the label in {0.__class__}: {2}"),
        ("", ""),
    ],
)
def test_summaries_are_shown_in_words(kept: str, shown: str) -> None:
    """Unknown actions, and what people write, are not changed."""
    assert readable_summary(kept) == shown


def test_every_action_of_the_api_has_words() -> None:
    """A name that ends in `-` stands for several actions."""
    folder = Path(str(api.__file__)).parent
    texts = [file.read_text(encoding="utf-8") for file in folder.glob("*.py")]
    names = {name for text in texts for name in re.findall(r"/\* ([a-z][a-z-]+)", text)}

    assert len(names) > 20
    for name in names:
        assert [action for action in rendering._ACTIONS if action.startswith(name)], name


def test_pages_show_the_words(bot: Api) -> None:
    """In the history of an item, on the start page and in the recent changes."""
    bot.write("wbsetlabel", new="item", language="en", value="<Ada>")

    for address in ("/wiki/Item:Q1", "/", "/wiki/Special:RecentChanges"):
        page = bot.client.get(address, base_url=ADDRESS).get_data(as_text=True)
        assert "Added the label in en: &lt;Ada&gt;" in page
