"""What goes wrong with exports, done to the file of every tool in which it can happen.

What has to come out is worked out here, from the people and never with the importer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from tests.surveys.exports.styles import STYLES
from tests.surveys.exports.tools import KOBO, LEVELS, ODK, SKILLS, TOOLS, Person, Tool

_DAY: Final = datetime(2026, 3, 4, 10, 30)  # noqa: DTZ001  # survey tools write local times
ADA: Final = Person(
    "Ada",
    _DAY,
    {"lua_modules": "none", "python": "alone", "user_scripts": "not_sure"},
    frozenset({"lua_modules", "python"}),
)
ZOE: Final = Person("Zoë", _DAY.replace(day=5), {"lua_modules": "leads", "user_scripts": "aware"})
NOOR: Final = Person(
    "نور",
    _DAY.replace(day=6),
    {"lua_modules": "with_help", "python": "none", "user_scripts": "does_not_apply"},
    frozenset({"user_scripts"}),
)
PEOPLE: Final = (ADA, ZOE, NOOR)


@dataclass(slots=True)
class Case:
    """One file: its rows, the people that have to come out of it, and what else has to be said.

    `counts` are the rows withheld, and the rows superseded.
    """

    tool: Tool
    rows: list[list[str]]
    out: list[Person]
    mapping: str
    counts: tuple[int, int] = (0, 0)
    encoding: str = "utf-8"
    notes: list[str] = field(default_factory=list)

    def set(self, person: int, what: str, text: str) -> None:
        """Write into the cell of a person, counted from 0."""
        row, column = self._place(person, what)
        self.rows[row][column] = text

    def get(self, person: int, what: str) -> str:
        """Read the cell of a person."""
        row, column = self._place(person, what)
        return self.rows[row][column]

    def _place(self, person: int, what: str) -> tuple[int, int]:
        if self.tool.name == "long" and what in SKILLS:
            return self.row(person) + [*SKILLS].index(what), self.tool.column("lua_modules")
        return self.row(person), self.tool.column(what)

    def row(self, person: int) -> int:
        """Find the first row of a person."""
        return len(self.tool.headings) + person * (3 if self.tool.name == "long" else 1)

    def bytes(self) -> bytes:
        """Return the file as it lies on the disk."""
        return self.tool.text(self.rows).encode(self.encoding)

    def drop(self, person: Person) -> None:
        """Say that nothing of a person may come out."""
        self.out = [one for one in self.out if one.name != person.name]


def case(tool: Tool, people: Sequence[Person] = PEOPLE) -> Case:
    """Write people as a tool does; a long table has no interests, and a row for each answer."""
    if tool.name == "long":
        people = [replace(person, learns=frozenset()) for person in people]
        # Three rows each, so that rows can be found: what was skipped is an empty cell.
        head, *_ = tool.rows([])
        rows = [
            [person.name, name, tool.words[person.levels[skill]] if skill in person.levels else "",
             person.when.strftime(tool.time), tool.yes_no[not person.agrees]]
            for person in people
            for skill, name in SKILLS.items()
        ]  # fmt: skip
        return Case(
            tool, [head, *rows], [person for person in people if person.agrees], tool.mapping
        )
    return Case(
        tool, tool.rows(people), [person for person in people if person.agrees], tool.mapping
    )


def numeric(tool: Tool) -> bool:
    """Check whether a tool writes levels as numbers."""
    return tool.words["alone"] == "3"


def clean(tool: Tool) -> Case:
    """Nothing is wrong."""
    return case(tool)


def bom(tool: Tool) -> Case:
    """A byte order mark at the beginning of cells, as a real export has them."""
    made = case(tool)
    for person in range(3):
        made.set(person, "lua_modules", "\ufeff" + made.get(person, "lua_modules"))
    return made


def repeated_headings(tool: Tool) -> Case | None:
    """Two columns of one name: which is meant cannot be known."""
    if tool.name in ("limesurvey", "limesurvey-r", "qualtrics", "kobo", "odk", "long"):
        return None  # codes and names of questions are unique
    made = case(tool)
    heading = made.rows[len(tool.headings) - 1 if tool.name == "surveymonkey" else 0]
    heading[tool.column("python")] = heading[tool.column("lua_modules")]
    made.out = []
    return made


def other_text(tool: Tool) -> Case:
    """Someone wrote a word of their own where the form has choices."""
    made = case(tool)
    if "learn" in tool.layout and not tool.name.startswith("kobo"):
        before = made.get(0, "learn")
        ended = "" if before.endswith(tool.between) else tool.between
        made.set(0, "learn", f"{before}{ended}Rust")
    else:
        made.set(0, "python", "only with Rust")
    made.drop(ADA)
    return made


def na_beside_0(tool: Tool) -> Case:
    """N/A is no answer: nobody asked. None is one. Of what was not asked, the wish is kept."""
    made = case(tool)
    made.set(0, "python", "N/A")
    levels = {skill: level for skill, level in ADA.levels.items() if skill != "python"}
    made.out[0] = replace(made.out[0], levels=levels)
    return made


def digits(tool: Tool) -> Case:
    """Digits of another script, in levels where they are numbers and else in the day."""
    made = case(tool)
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    what = "python" if numeric(tool) else "when"
    made.set(0, what, made.get(0, what).translate(arabic))
    if what == "when":
        for row in made.rows[made.row(0) :][: 3 if tool.name == "long" else 1]:
            for index, held in enumerate(tool.layout):
                if held == "when":
                    row[index] = row[index].translate(arabic)
    return made


def right_to_left(tool: Tool) -> Case:
    """Direction marks around names and answers, which nobody sees."""
    made = case(tool)
    rows = range(made.row(2), made.row(2) + (3 if tool.name == "long" else 1))
    for row in rows:
        for what in ("user", "lua_modules"):
            index = tool.column(what)
            made.rows[row][index] = f"\u2067\u200f{made.rows[row][index]}\u2069"
    return made


def shifted_grid(tool: Tool) -> Case:
    """Answers stand further left than they should.

    Nextcloud writes one empty cell for a whole grid that was skipped, and fills up the end of the
    row. Elsewhere a cell got lost.
    """
    made = case(tool)
    row = made.rows[made.row(1)]
    first = tool.column("lua_modules")
    if tool.name.startswith("nextcloud"):
        row[first : first + 3] = [""]
        row += ["", ""]
    else:
        del row[first]
    made.drop(ZOE)
    if tool.name == "long":
        pass  # her other answers wait for this one to be mended
    return made


def cp1252(tool: Tool) -> Case:
    """Saved by a spreadsheet in an encoding of one country; the mapping says so."""
    made = case(tool, (ADA, ZOE))
    made.tool = replace(tool, mark="")
    made.encoding = "windows-1252"
    made.mapping = made.mapping.replace("\n", '\nencoding = "windows-1252"\n', 1)
    return made


def decimal_comma(tool: Tool) -> Case | None:
    """A spreadsheet of a country that writes 3,0; a half is no step of the scale."""
    if not numeric(tool):
        return None
    made = case(tool)
    made.set(0, "python", "3,0")
    made.set(1, "lua_modules", "3,5")
    made.drop(ZOE)
    return made


def spreadsheet_dates(tool: Tool) -> Case:
    """Days as spreadsheets count them, in one cell: they have to be declared."""
    made = case(tool)
    column = [i for i, what in enumerate(tool.layout) if what == "when"][-1]
    for row in made.rows[made.row(0) :][: 3 if tool.name == "long" else 1]:
        row[column] = "46085.4375"
    made.drop(ADA)
    return made


def out_of_range(tool: Tool) -> Case:
    """A step that the scale does not have."""
    made = case(tool)
    made.set(2, "lua_modules", "6" if numeric(tool) else "godlike")
    made.drop(NOOR)
    return made


def two_answers(tool: Tool) -> Case:
    """One person answered twice: the newer response counts."""
    again = replace(
        ADA, when=_DAY.replace(day=20), levels={"lua_modules": "alone", "python": "leads"}
    )
    made = case(tool, (*PEOPLE, again))
    made.out = [one for one in made.out if one.when != ADA.when]
    made.counts = (0, 1)
    if tool.name == "long":
        # There a row is an answer: what was not answered again still stands.
        levels = {**again.levels, "user_scripts": ADA.levels["user_scripts"]}
        made.rows.pop()  # the empty cell for what was not answered again
        made.out[-1] = replace(made.out[-1], levels=levels)
    return made


def no_consent(tool: Tool) -> Case:
    """Someone did not agree."""
    made = case(tool, (ADA, replace(ZOE, agrees=False), NOOR))
    made.counts = (1, 0)
    return made


def renamed_account(tool: Tool) -> Case:
    """An account has another name now, and the mapping says so."""
    made = case(tool, (replace(ADA, name="Augusta"), ZOE, NOOR))
    made.out[0] = replace(made.out[0], name="Ada")
    made.mapping = made.mapping.replace(
        'property = "wikimedia_username"',
        'property = "wikimedia_username"\nrenamed = { "Augusta" = "Ada" }',
    )
    return made


def mojibake(tool: Tool) -> Case:
    """UTF-8 that another program took for windows-1252 and saved again: another person's name."""
    made = case(tool)
    spoilt = "Zoë".encode().decode("windows-1252")
    for row in made.rows:
        row[tool.column("user")] = row[tool.column("user")].replace("Zoë", spoilt)
    made.drop(ZOE)
    return made


QUIRKS: Final[tuple[Callable[[Tool], Case | None], ...]] = (
    clean, bom, repeated_headings, other_text, na_beside_0, digits, right_to_left, shifted_grid,
    cp1252, decimal_comma, spreadsheet_dates, out_of_range, two_answers, no_consent,
    renamed_account, mojibake,
)  # fmt: skip


def cases() -> dict[str, Case]:
    """Make all files, by tool and quirk; of the further styles of a tool, the clean one."""
    return {
        f"{tool.name}/{quirk.__name__}": made
        for tools, quirks in ((TOOLS, QUIRKS), (STYLES, (clean,)))
        for tool in tools
        for quirk in quirks
        if (made := quirk(tool)) is not None
    }


__all__ = ["KOBO", "LEVELS", "ODK", "PEOPLE", "QUIRKS", "Case", "cases"]
