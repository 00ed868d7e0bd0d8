"""The mapping that fits the answers to a questionnaire, as text.

It is written beside the files for a survey tool, and is what an import uses that is given no
mapping. It has no open questions: the questionnaire says what every answer means.
"""

from collections.abc import Iterable, Iterator, Mapping

from wbskills.questionnaires.export.export_format import AnswerColumns
from wbskills.questionnaires.fields import (
    BETWEEN_SKILLS,
    LEVEL_OF_ANOTHER_SKILL,
    consent_version,
    labels_of,
    pseudonym_prefix,
)
from wbskills.questionnaires.schema import Questionnaire, Texts
from wbskills.toml_reader import toml_text


def mapping_text(questionnaire: Questionnaire, columns: AnswerColumns) -> str:
    """Write the mapping of a questionnaire for the columns of a survey tool's export."""
    return "\n".join(_lines(questionnaire, columns)) + "\n"


def _lines(questionnaire: Questionnaire, columns: AnswerColumns) -> Iterator[str]:
    title = questionnaire.title.get("en") or questionnaire.title[questionnaire.languages[0]]
    name = f"{questionnaire.name}, version {questionnaire.version}"
    yield f"# The answers to {name}, in an export of {columns.tool}."
    yield ""
    yield f"title = {toml_text(title)}"
    yield f"tool = {toml_text(columns.tool)}"
    if columns.ignore:
        yield f"ignore = {_list(columns.ignore)}"
    yield from _wave(questionnaire)
    yield ""
    yield "[identity]"
    yield f"column = {toml_text(columns.username)}"
    yield 'property = "wikimedia_username"'
    if columns.pseudonym:
        yield f"pseudonym_column = {toml_text(columns.pseudonym)}"
        yield f"pseudonym_prefix = {toml_text(pseudonym_prefix(questionnaire))}"
        # Who agreed only to a pseudonym need not say their username.
        yield "generated = true"
    yield from _response(columns)
    yield ""
    yield "[consent]"
    yield f"column = {toml_text(columns.consent)}"
    yield ""
    yield "[consent.answers]"
    wordings = _by_wording(questionnaire.consent.answers) | dict(
        columns.wordings.get("consent", {})
    )
    yield from _pairs(wordings)
    for name in sorted(columns.wordings.keys() - {"consent"}):
        yield ""
        yield f"[answers.{name}]"
        yield from _pairs(columns.wordings[name])
    yield from _skills(questionnaire, columns)
    yield from _person(questionnaire, columns)


def _wave(questionnaire: Questionnaire) -> Iterator[str]:
    wave = questionnaire.wave
    labels = labels_of(wave)
    yield ""
    yield f"[waves.{wave.key}]"
    yield f"label = {{ {', '.join(_pairs(labels))} }}"
    yield f"start = {wave.start}"
    yield f"end = {wave.end}"
    version = consent_version(questionnaire)
    for name, text in (
        ("url", wave.url),
        ("consent_text_url", wave.consent_text_url),
        ("consent_text_version", version),
    ):
        if text:
            yield f"{name} = {toml_text(text)}"
    if wave.invited is not None:
        yield f"invited = {wave.invited}"


def _response(columns: AnswerColumns) -> Iterator[str]:
    if columns.response_id or columns.unfinished_are_exported or columns.only:
        yield ""
        yield "[response]"
        if columns.response_id:
            yield f"id = {toml_text(columns.response_id)}"
        if columns.unfinished_are_exported:
            yield f"submitted = {toml_text(columns.submitted)}  # empty: not finished"
    if columns.only:
        yield ""
        yield "[response.only]"
        yield from (f"{toml_text(name)} = {_list(texts)}" for name, texts in columns.only.items())
    yield ""
    yield "[date]"
    yield f"column = {toml_text(columns.submitted)}"
    if columns.dates:
        yield f"format = {_list(columns.dates)}"


def _skills(questionnaire: Questionnaire, columns: AnswerColumns) -> Iterator[str]:
    yield ""
    yield f"[[questions]]  # {questionnaire.level[questionnaire.languages[0]]}"
    yield f"answers = {_answers(f'scale:{questionnaire.scale}', 'level', columns)}"
    yield 'not_asked = ["N/A"]'
    yield "[questions.skills]"
    yield from _pairs({column: skill for skill, column in columns.levels.items()})
    for interest, texts in questionnaire.interests.items():
        comment = texts[questionnaire.languages[0]]
        by_skill = columns.interests.get(interest, {})
        if by_skill:
            yield ""
            yield f"[[interests]]  # {comment}"
            yield f"chosen = {toml_text(interest)}"
            yield 'not_asked = ["N/A"]'
            if columns.not_ticked:
                yield f"nothing = {_list(('', *columns.not_ticked))}"
            yield "[interests.skills]"
            yield from _pairs({column: skill for skill, column in by_skill.items()})
        for column, choices in columns.interest_cells.get(interest, {}).items():
            yield ""
            yield f"[[interests]]  # {comment}"
            yield f"columns = {toml_text(column)}"
            yield f"between = {toml_text(columns.between)}"
            yield f"chosen = {toml_text(interest)}"
            yield "[interests.skills]"
            yield from _pairs(choices)
    if columns.another_skill:
        yield ""
        yield "[[others]]"
        yield f"columns = {toml_text(columns.another_skill)}"
        yield f"between = {_list(BETWEEN_SKILLS)}"
        yield f'level = "{LEVEL_OF_ANOTHER_SKILL}"'


def _person(questionnaire: Questionnaire, columns: AnswerColumns) -> Iterator[str]:
    for language, level in columns.languages:
        yield ""
        yield "[[languages]]"
        yield f"column = {toml_text(language)}"
        yield f"level_column = {toml_text(level)}"
        yield f"answers = {_answers('scale:babel', 'babel_level', columns)}"
        if "languages" in columns.wordings:
            yield "[languages.languages]"
            yield from _pairs(columns.wordings["languages"])
    for name, column in columns.facts.items():
        yield ""
        yield f"[person.{name}]"
        yield f"column = {toml_text(column)}"
        if name in columns.wordings:
            yield f"answers = {toml_text(name)}"
    if questionnaire.role:
        yield ""
        yield "[person.role]"
        yield f"value = {toml_text(questionnaire.role)}"


def _answers(scale: str, question: str, columns: AnswerColumns) -> str:
    return _list([scale, question] if question in columns.wordings else [scale])


def _by_wording(answers: Mapping[str, Texts]) -> dict[str, str]:
    return {text: kind for kind, texts in answers.items() for text in texts.values()}


def _pairs(pairs: Mapping[str, str]) -> Iterator[str]:
    return (f"{toml_text(name)} = {toml_text(value)}" for name, value in pairs.items())


def _list(texts: Iterable[str]) -> str:
    listed = list(map(toml_text, texts))
    return listed[0] if len(listed) == 1 else f"[{', '.join(listed)}]"
