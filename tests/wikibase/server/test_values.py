"""wbparsevalue and wbformatvalue parse and format values by the rules of Wikibase.

The expectations follow the rules of DataValues' and Wikibase's parsers and formatters; they were
compared with the data of those parsers' own tests.
"""

import json
from typing import Any

import pytest

from tests.wikibase.server.support import Api
from wbskills.wikibase.model.values import GREGORIAN, JULIAN

DAY, MONTH, YEAR, DECADE, CENTURY = 11, 10, 9, 8, 7


@pytest.mark.parametrize(
    ("text", "language", "date", "precision"),
    [
        ("3. Oktober 1990", "de", "+1990-10-03", DAY),
        ("3. Okt. 1990", "de", "+1990-10-03", DAY),
        ("Oktober 1990", "de", "+1990-10-00", MONTH),
        ("1. Jänner 2013", "de-at", "+2013-01-01", DAY),
        ("19. Jahrhundert", "de", "+1900-00-00", CENTURY),
        ("1850er Jahre", "de", "+1850-00-00", DECADE),
        ("3 October 1990", "de", "+1990-10-03", DAY),
        ("14 juillet 1789", "fr", "+1789-07-14", DAY),
        ("July 4th, 1976", "en", "+1976-07-04", DAY),
        ("4/7/1976", "en", "+1976-04-07", DAY),
        ("4.7.1976", "en", "+1976-07-04", DAY),
        ("31/07/2009", "en", "+2009-07-31", DAY),
        ("1991 1 20", "en", "+1991-01-20", DAY),
        ("1 1999", "en", "+1999-01-00", MONTH),
        ("20. century", "en", "+2000-00-00", CENTURY),
        ("13 billion years CE", "en", "+13000000000-00-00", 0),
        ("1,000,000 BC", "en", "-1000000-00-00", 3),
        ("12 March 44 Before Christ", "en", "-0044-03-12", DAY),
        ("+2015-01-00T00:00:00Z", "en", "+2015-01-00", MONTH),
    ],
)
def test_dates_are_parsed_in_the_format_of_a_language(
    bot: Api, text: str, language: str, date: str, precision: int
) -> None:
    """The language is in the options; English is always accepted."""
    value = _parsed(bot, "time", text, lang=language)

    assert (value["time"], value["precision"]) == (f"{date}T00:00:00Z", precision)


@pytest.mark.parametrize(
    "text",
    ["June June June", "Jann 2014", "1980x", "20 1991 1", "2015-00-01", "12:31:59", "1 BC 2 BC"],
)
def test_text_that_is_not_a_date_is_refused(bot: Api, text: str) -> None:
    """Ambiguous or invalid dates are errors."""
    assert _refused(bot, "time", text)


def test_the_precision_of_a_date_is_an_option(bot: Api) -> None:
    """It can lower the precision, not raise that of a year; the calendar is another option."""
    assert _parsed(bot, "time", "1994-02-08", precision=YEAR)["precision"] == YEAR
    assert _parsed(bot, "time", "1994", precision=DAY)["precision"] == YEAR
    assert _parsed(bot, "time", "1994-02-08", calendar="Julian")["calendarmodel"] == JULIAN
    assert _parsed(bot, "time", "1582-10-04")["calendarmodel"] == JULIAN
    assert _parsed(bot, "time", "1583-01-01")["calendarmodel"] == GREGORIAN


@pytest.mark.parametrize(
    ("text", "language", "amount"),
    [
        ("1e3", "en", "+1000"),
        ("1.4e-2", "en", "+0.014"),
        ("12x10^3", "en", "+12000"),
        ("4000e-3", "en", "+4.000"),
        ("-.125", "en", "-0.125"),
        ("1,234.50", "en", "+1234.50"),
        ("-1.234,56", "de", "-1234.56"),
        ("1\u202f234,5", "fr", "+1234.5"),
        ("\u22127", "en", "-7"),
    ],
)
def test_numbers_are_parsed_in_the_format_of_a_language(
    bot: Api, text: str, language: str, amount: str
) -> None:
    """Separators are those of the language; a plain number has no bounds."""
    value = _parsed(bot, "quantity", text, lang=language)

    assert value == {"amount": amount, "unit": "1"}


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("1.90e-9+-0.20e-9", ("+0.00000000190", "+0.00000000210", "+0.00000000170")),
        ("10~", ("+10", "+10.5", "+9.5")),
        ("10.003~", ("+10.003", "+10.0035", "+10.0025")),
        ("-200~", ("-200", "-199.5", "-200.5")),
        ("12!", ("+12", "+12", "+12")),
        ("5.3 ± -0.2", ("+5.3", "+5.5", "+5.1")),
    ],
)
def test_a_number_can_state_its_precision(
    bot: Api, text: str, bounds: tuple[str, str, str]
) -> None:
    """By a margin, by ~ for half a unit of the last digit, or by ! for exactly."""
    value = _parsed(bot, "quantity", text)

    assert (value["amount"], value["upperBound"], value["lowerBound"]) == bounds


@pytest.mark.parametrize("text", ["1.2.3", "--1", "2!!", "!2", "1+1", "one", "e3", "1e999"])
def test_text_that_is_not_a_number_is_refused(bot: Api, text: str) -> None:
    """So is a number with more digits than a value can have."""
    assert _refused(bot, "quantity", text)


def test_other_options_of_parsers(bot: Api) -> None:
    """Options set a unit, the language of a text, and the precision of a coordinate."""
    unit = "http://localhost:8181/entity/Q1"
    assert _parsed(bot, "quantity", "5", unit=unit)["unit"] == unit
    assert _parsed(bot, "monolingualtext", " hallo ", valuelang="de") == {
        "text": "hallo", "language": "de",
    }  # fmt: skip
    assert _parsed(bot, "globe-coordinate", "52.5, 13.4", precision=1)["precision"] == 1


def test_spaces_within_a_text_are_kept(bot: Api) -> None:
    """Only those around it are removed."""
    assert _parsed(bot, "string", "  two  blanks ") == "two  blanks"


def test_a_value_is_formatted_in_the_requested_language(bot: Api) -> None:
    """With the option `lang`, for numbers, dates and labels of entities."""
    time = {
        "time": "+2014-01-03T00:00:00Z", "timezone": 0, "before": 0, "after": 0,
        "precision": 11, "calendarmodel": GREGORIAN,
    }  # fmt: skip

    assert _formatted(bot, "time", time, lang="de") == "3. Januar 2014"
    assert _formatted(bot, "time", time, lang="fr") == "3 janvier 2014"
    auto = {"options": '{"showcalendar": "auto"}'}
    old = {**time, "time": "+1789-07-14T00:00:00Z"}
    assert _formatted(bot, "time", time, **auto) == "3 January 2014"
    assert _formatted(bot, "time", old, **auto) == "14 July 1789 (Gregorian)"
    assert _formatted(bot, "quantity", {"amount": "+123456.789", "unit": "1"}, lang="de") == (
        "123.456,789"
    )


def test_html_is_that_of_wikibase(bot: Api) -> None:
    """It has the language of a text, a class for identifiers, and an unusual calendar."""
    text = {"text": "<b>", "language": "de"}
    time = {
        "time": "+1700-01-03T00:00:00Z", "timezone": 0, "before": 0, "after": 0,
        "precision": 11, "calendarmodel": JULIAN,
    }  # fmt: skip

    assert _formatted(bot, "monolingualtext", text, generate="text/html") == (
        '<span lang="de" class="wb-monolingualtext-value">&lt;b&gt;</span>'
        ' <span class="wb-monolingualtext-language-name" dir="auto">(Deutsch)</span>'
    )
    assert _formatted(bot, "string", "a&b", generate="text/html", datatype="external-id") == (
        '<span class="wb-external-id">a&amp;b</span>'
    )
    assert _formatted(bot, "time", time, generate="text/html") == (
        '3 January 1700<sup class="wb-calendar-name">Julian</sup>'
    )


def test_an_identifier_is_a_link(bot: Api) -> None:
    """To the formatter URL of its property; wikitext has the language of a text."""
    urls = bot.edit({"datatype": "string", "labels": _english("formatter URL")}, new="property")
    address = {
        "type": "statement", "rank": "normal",
        "mainsnak": {
            "snaktype": "value", "property": urls["entity"]["id"],
            "datavalue": {"type": "string", "value": "https://example.org/$1"},
        },
    }  # fmt: skip
    data = {"datatype": "external-id", "labels": _english("ISBN"), "claims": [address]}
    made = bot.edit(data, new="property")["entity"]["id"]

    shown = _formatted(bot, "string", "a b&c", generate="text/html", property=made)

    assert shown == (
        '<a class="wb-external-id external" href="https://example.org/a%20b%26c" rel="nofollow">'
        "a b&amp;c</a>"
    )
    text = {"text": "hallo", "language": "de"}
    assert _formatted(bot, "monolingualtext", text, generate="text/x-wiki") == (
        '<span lang="de">hallo</span>'
    )


def _english(label: str) -> dict[str, dict[str, str]]:
    return {"en": {"language": "en", "value": label}}


def test_unknown_options_are_refused(bot: Api) -> None:
    """A mistyped option is an error."""
    value = json.dumps({"type": "string", "value": "a"})

    answer = bot("wbformatvalue", datavalue=value, options='{"langs": "de"}')

    assert answer["error"]["code"] == "param-illegal"


def _parsed(bot: Api, datatype: str, text: str, **options: object) -> Any:  # noqa: ANN401 - JSON
    answer = bot("wbparsevalue", datatype=datatype, values=text, options=json.dumps(options))
    return answer["results"][0]["value"]


def _refused(bot: Api, datatype: str, text: str) -> bool:
    answer = bot("wbparsevalue", datatype=datatype, values=text)
    return "value" not in answer["results"][0] and "error" in answer


def _formatted(bot: Api, kind: str, value: object, **more: str) -> str:
    options = json.dumps({"lang": more.pop("lang")}) if "lang" in more else "{}"
    answer = bot(
        "wbformatvalue",
        **{
            "generate": "text/plain",
            "datavalue": json.dumps({"type": kind, "value": value}),
            "options": options,
            **more,
        },
    )
    return str(answer["result"])
