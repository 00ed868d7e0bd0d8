"""Reading a questionnaire from its TOML file, with all faults at once."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

from wbskills.domain import Wave
from wbskills.errors import NotFound, QuestionnaireError
from wbskills.names import KEY, did_you_mean
from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.schema import FACTS, ConsentQuestion, Page, Questionnaire, Texts
from wbskills.surveys.files.cell_text import key as comparable
from wbskills.surveys.mapping.schema import WITHHELD
from wbskills.surveys.mapping.toml_file import is_web_address
from wbskills.toml_reader import TomlTable, open_toml

LONGEST_MARK: Final = 20  # LimeSurvey's limit for the code of a question
MOST_LANGUAGES: Final = 9
NAME: Final = re.compile(r"[a-z]([a-z_]*[a-z])?")  # no digit: the version follows it in the mark
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[a-z]{2,8})*")
_LONGEST_LABEL: Final = 250
_LONGEST_TEXT: Final = 2_000
_CONSENTS: Final = ("consent_named", "consent_pseudonym", WITHHELD)
_OUTSIDE_USE: Final = ("candidate", "retired")
# French has no-break spaces before “?”, Persian and Hindi join letters or keep them apart.
_UNSEEN_BUT_WRITTEN: Final = "\u00a0\u202f\u200c\u200d"


def load(path: Path, ontology: Ontology) -> Questionnaire:
    """Read a questionnaire, whose skills, role … must be in the ontology.

    Raises `NotFound` if there is no such file, and `QuestionnaireError` with all its faults.
    """
    if not path.is_file():
        raise NotFound(
            f"questionnaire file not found: {path}",
            hint="run “wbskills questionnaire list” to see all that there are",
        )
    top = open_toml(path, QuestionnaireError)
    questionnaire = _Reader(top, path, ontology).read()
    if top.faults:
        raise QuestionnaireError(str(path), top.faults)
    return questionnaire


class _Reader:
    """Reads the parts of one questionnaire."""

    def __init__(self, top: TomlTable, path: Path, ontology: Ontology) -> None:
        self.top, self.path, self.ontology = top, path, ontology
        self.languages = self._languages()

    def read(self) -> Questionnaire:
        top = self.top
        name, version = self._name(), self._version(top)
        identity, levels = self._need("identity"), self._need("levels")
        another = top.table("another_skill")
        consent, pages = self._consent(), tuple(self._pages())
        more = self._need("more") if any(page.more for page in pages) else top.table("more")
        questionnaire = Questionnaire(
            file=str(self.path),
            name=name,
            version=version,
            languages=self.languages,
            title=self._texts(top, "title", longest=_LONGEST_LABEL),
            introduction=self._texts(top, "introduction"),
            thanks=self._texts(top, "thanks"),
            wave=self._wave(consent.text_url),
            consent=consent,
            username=self._texts(identity, "username", longest=_LONGEST_LABEL),
            pseudonym=self._texts(
                identity,
                "pseudonym",
                longest=_LONGEST_LABEL,
                optional="consent_pseudonym" not in consent.answers,
            ),
            scale=self._scale(levels),
            level=self._texts(levels, "question", longest=_LONGEST_LABEL),
            pages=pages,
            more=self._texts(more, "question", longest=_LONGEST_LABEL) if more else {},
            interests=self._questions("interests", self.ontology.section("interests")),
            another_skill=self._texts(another, "question", longest=_LONGEST_LABEL)
            if another
            else {},
            facts=self._questions("facts", FACTS),
            most_languages=self._most_languages(),
            role=self._key(top, "role", "roles"),
        )
        for table in (identity, levels, another, more):
            if table is not None:
                table.finish()
        if ("languages" in questionnaire.facts) != ("babel_level" in questionnaire.facts):
            top.fault(
                "“languages” and “babel_level” need each other",
                "add the other question, or remove both",
                "facts",
            )
        self._check_questions(questionnaire)
        if not questionnaire.skills:
            top.fault(
                "no skill is asked", 'add [[pages]] with skills = ["lua_modules"] and a title'
            )
        if name and len(questionnaire.mark) > LONGEST_MARK:
            top.fault(
                f"name and version together are too long: “{questionnaire.mark}” has more than"
                f" {LONGEST_MARK} characters, and LimeSurvey allows no more in a code",
                "use a shorter name",
                "name",
            )
        top.finish()
        return questionnaire

    def _need(self, name: str) -> TomlTable:
        table = self.top.table(name)
        if table is None:
            if name not in self.top:
                self.top.fault(
                    "this table is missing", f"add [{name}], as ambassadors.toml has it", name
                )
            return TomlTable({}, name, type(self.top.faults)())  # its faults are no further news
        return table

    def _name(self) -> str:
        name = self.top.required_text("name", "ambassadors")
        if name and not NAME.fullmatch(name):
            hint = 'use only small Latin letters and “_” between them, for example "ambassadors"'
            self.top.fault(f"“{name[:80]}” cannot be the name of a questionnaire", hint, "name")
        return name

    def _version(self, table: TomlTable) -> int:
        version = table.integer("version")
        if version is None:
            if "version" not in table:
                table.fault("this is missing", "add version = 1", "version")
        elif not 1 <= version <= 999:
            table.fault("this is not a version", "use a number from 1 to 999", "version")
        return version or 1

    def _languages(self) -> tuple[str, ...]:
        languages = self.top.texts("languages")
        if not languages:
            self.top.fault(
                "the questionnaire has no language", 'add languages = ["en"]', "languages"
            )
        for language in languages:
            if not _LANGUAGE.fullmatch(language):
                self.top.fault(
                    f"“{language[:80]}” is not the code of a language",
                    'use codes such as "en" or "pt-br"',
                    "languages",
                )
        return tuple(dict.fromkeys(languages))

    def _most_languages(self) -> int:
        most = self.top.integer("most_languages")
        if most is not None and not 1 <= most <= MOST_LANGUAGES:
            hint = f"use a number from 1 to {MOST_LANGUAGES}"
            self.top.fault("this is not a number of languages", hint, "most_languages")
            return 3
        return most or 3

    def _wave(self, consent_text_url: str) -> Wave:
        table = self._need("wave")
        key = table.required_text("key", "ambassadors_2027")
        if key and not KEY.fullmatch(key):
            hint = "use only small Latin letters, digits and “_”"
            table.fault(f"“{key[:80]}” cannot be a key", hint, "key")
        elif key in self.ontology.entries:
            place = self.ontology.entries[key].place
            table.fault(f"this key is already used in {place}", "use another key", "key")
        days: dict[str, date] = {}
        for name in ("start", "end"):
            day = table.day(name)
            if day is not None:
                days[name] = day
            elif name not in table:
                table.fault("this is missing", f"add {name} = 2027-03-01", name)
        if len(days) == 2 and days["end"] < days["start"]:
            table.fault("the wave ends before it starts", "swap the days", "end")
        wave = Wave(
            key=key,
            labels=dict(self._texts(table, "label", longest=_LONGEST_LABEL)),
            start=days.get("start", date.min),
            end=days.get("end", date.max),
            url=self._address(table, "url"),
            consent_text_url=consent_text_url,
            invited=table.integer("invited"),
            asked=(),
        )
        table.finish()
        return wave

    def _consent(self) -> ConsentQuestion:
        table = self._need("consent")
        answers = table.table("answers")
        wordings: dict[str, Texts] = {}
        if answers is not None:
            for kind in filter(answers.__contains__, _CONSENTS):
                wordings[kind] = self._texts(answers, kind, longest=_LONGEST_LABEL)
            answers.finish()
        for kind in ("consent_named", WITHHELD):
            if "consent" in self.top and kind not in wordings:
                hint = f'add {kind} = {{ en = "…" }} to [consent.answers]'
                table.fault(f"people cannot choose “{kind}”", hint, "answers")
        self._check_answers(wordings)
        consent = ConsentQuestion(
            version=self._version(table),
            text=self._texts(table, "text"),
            question=self._texts(table, "question", longest=_LONGEST_LABEL),
            answers=wordings,
            text_url=self._address(table, "text_url"),
        )
        table.finish()
        return consent

    def _check_answers(self, wordings: dict[str, Texts]) -> None:
        """Check that no answer means two things, in whatever language it was given."""
        meant: dict[str, str] = {}
        for kind, texts in wordings.items():
            for language, text in texts.items():
                other = meant.setdefault(comparable(text), kind)
                if text and other != kind:  # a missing one is a fault already
                    self.top.fault(
                        f"“{text[:80]}” is the answer for “{other}” as well as for “{kind}”",
                        "give each answer its own words, in all languages",
                        f"consent.answers.{kind}.{language}",
                    )

    def _check_questions(self, asked: Questionnaire) -> None:
        """Check that no two questions have the same text: it is the heading of their answers."""
        questions = {
            "identity.username": asked.username,
            "identity.pseudonym": asked.pseudonym,
            "levels.question": asked.level,
            "more.question": asked.more,
            "another_skill.question": asked.another_skill,
            **{f"interests.{name}": texts for name, texts in asked.interests.items()},
            **{f"facts.{name}": texts for name, texts in asked.facts.items()},
        }
        titles = {f"pages, title of {page.skills[0]} …": page.title for page in asked.pages}
        for texts_by_place in (questions, titles):
            seen: dict[tuple[str, str], str] = {}
            for place, texts in texts_by_place.items():
                for language, text in texts.items():
                    other = seen.setdefault((language, comparable(text)), place)
                    if text and other != place:
                        self.top.fault(
                            f"“{text[:80]}” is the text of “{other}” as well",
                            "give each question and each page its own words",
                            f"{place}.{language}",
                        )

    def _address(self, table: TomlTable, name: str) -> str:
        address = table.text(name)
        if address and not is_web_address(address):
            hint = f'write {name} = "https://example.org/…"'
            table.fault("this is not the address of a web page", hint, name)
        return address

    def _scale(self, table: TomlTable) -> str:
        scale = table.text("scale") or "self_5"
        if not self.ontology.levels(scale):
            known = self.ontology.section("scales")
            hint = did_you_mean(scale, known) or f"use one of {', '.join(known)}"
            table.fault(f"there is no scale “{scale[:80]}”", hint, "scale")
        return scale

    def _key(self, table: TomlTable, name: str, section: str) -> str:
        key = table.text(name)
        known = self.ontology.section(section)
        if key and key not in known:
            hint = did_you_mean(key, known) or f"use one of {', '.join(known)}"
            table.fault(f"there is no {name} “{key[:80]}”", hint, name)
            return ""
        return key

    def _questions(self, name: str, allowed: Iterable[str]) -> dict[str, Texts]:
        """Read a table of questions, by what they ask."""
        table = self.top.table(name)
        if table is None:
            return {}
        found = {
            key: self._texts(table, key, longest=_LONGEST_LABEL)
            for key in allowed
            if key in table.members
        }
        for key in allowed:
            table.raw(key)  # so that a hint for an unknown one names them all
        table.finish()
        return found

    def _pages(self) -> Iterator[Page]:
        asked: set[str] = set()
        for table in self.top.tables("pages"):
            kinds = [kind for kind in ("skills", "role", "groups") if kind in table]
            if len(kinds) != 1:
                hint = 'write one of skills = ["lua_modules"], role = "…" and groups = ["…"]'
                table.fault("a page needs either skills, a role or groups", hint)
            more = table.boolean("more")
            for key, skills in self._skills_of(table, kinds[0] if kinds else "", asked):
                title = self._texts(table, "title", longest=_LONGEST_LABEL, optional=bool(key))
                if not title and key:
                    labels = self.ontology.entries[key].terms
                    title = {language: labels.label(language) for language in self.languages}
                asked.update(skills)
                if skills:
                    yield Page(title=title, skills=tuple(skills), more=more)
            table.finish()

    def _skills_of(
        self, table: TomlTable, kind: str, asked: set[str]
    ) -> Iterator[tuple[str, list[str]]]:
        """Yield the skills of each page of a table, with the key of its group if it has one."""
        known = self.ontology.section("skills")
        if kind == "role":
            role = self._key(table, "role", "roles")
            required = self.ontology.entries[role].facts if role else ()
            skills = [str(each.value) for each in required if each.property == "requires_skill"]
            yield "", [skill for skill in skills if skill not in asked]
        elif kind == "groups":
            groups = self.ontology.section("groups")
            for group in table.texts("groups"):
                if group not in groups:
                    hint = did_you_mean(group, groups) or f"use one of {', '.join(groups)}"
                    table.fault(f"there is no group “{group[:80]}”", hint, "groups")
                    continue
                yield (
                    group,
                    [
                        key
                        for key, skill in known.items()
                        if skill.fact("part_of") == group
                        and skill.fact("status") not in _OUTSIDE_USE
                        and key not in asked
                    ],
                )
        elif kind == "skills":
            listed = table.texts("skills")
            for number, skill in enumerate(listed):
                if skill not in known:
                    hint = did_you_mean(skill, known) or "use the key of a skill of the ontology"
                    table.fault(f"there is no skill “{skill[:80]}”", hint, "skills")
                elif skill in asked or skill in listed[:number]:
                    hint = "remove it from one of the pages"
                    table.fault(f"“{skill}” is asked twice", hint, "skills")
            yield "", [skill for skill in dict.fromkeys(listed) if skill in known]

    def _texts(
        self, table: TomlTable, name: str, *, longest: int = _LONGEST_TEXT, optional: bool = False
    ) -> Texts:
        """Read a text in each language of the questionnaire."""
        if name not in table and optional:
            return {}
        if name not in table:
            example = ", ".join(f'{language} = "…"' for language in self.languages)
            table.fault("this is missing", f"add {name} = {{ {example} }}", name)
            return {}
        texts = table.text_by_text(name)
        for language in self.languages:
            text = texts.get(language, "").strip()
            place = f"{name}.{language}"
            if not text:
                table.fault("there is no text in this language", f'add {language} = "…"', place)
            elif len(text) > longest:
                hint = f"use at most {longest:,} characters"
                table.fault(f"this text has {len(text):,} characters", hint, place)
            elif not all(each.isprintable() or each in _UNSEEN_BUT_WRITTEN for each in text):
                hint = "write the text in one line, without control characters"
                table.fault("this text has characters that cannot be shown", hint, place)
        for language in texts.keys() - set(self.languages):
            hint = f'remove it, or add "{language}" to languages'
            table.fault(f"“{language}” is not a language of the questionnaire", hint, name)
        return {language: texts.get(language, "").strip() for language in self.languages}
