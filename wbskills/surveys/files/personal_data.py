"""Recognising columns with personal data by their headings.

A heading that is only such a word is certain; a question that asks for it somewhere in its text is
a guess, which a coordinator can overrule by mapping the column.
"""

import re
from collections.abc import Sequence
from typing import Final

from wbskills.surveys.files.cell_text import key
from wbskills.surveys.files.columns import Role

_WORDS: Final = {
    Role.INTERNET_ADDRESS: (
        "ip", "ipaddr", "ip address", "ipaddress", "ip-address", "ip-adresse", "adresse ip",
        "dirección ip", "عنوان ip",
    ),
    Role.MAIL: (
        "mail", "email", "e-mail", "email address", "e-mail address", "mail address",
        "emailaddress", "recipientemail", "e-mail-adresse", "mailadresse", "adresse e-mail",
        "adresse électronique", "courriel", "correo", "correo electrónico",
        "البريد الإلكتروني", "username email",
    ),
    Role.NAME: (
        "name", "firstname", "lastname", "first name", "last name", "full name", "real name",
        "surname", "given name", "family name", "recipientfirstname", "recipientlastname",
        "name first", "name last",
        "vorname", "nachname", "familienname", "klarname", "nom", "prénom", "nom complet",
        "nombre", "apellido", "apellidos", "nombre completo", "الاسم", "الاسم الكامل",
    ),
    Role.PHONE: (
        "phone", "telephone", "phone number", "mobile number", "telefon", "téléphone",
        "teléfono", "الهاتف",
    ),
    Role.PLACE: (
        "location", "latitude", "longitude", "locationlatitude", "locationlongitude", "address",
        "street", "city", "town", "postcode", "zip", "zip code", "ort", "wohnort", "anschrift",
        "adresse", "ville", "ciudad", "dirección", "geolocation", "gps", "العنوان",
    ),
    Role.REFERRER: ("refurl", "referrer", "referrer url", "referer"),
    Role.TRAIT: (
        "gender", "sex", "age", "birthday", "birthdate", "birth date", "birth year", "year born",
        "born", "dob", "age group", "gender identity", "date of birth", "year of birth",
        "geschlecht",
        "alter", "geburtsdatum", "genre", "sexe", "âge", "género", "sexo", "edad", "الجنس",
        "العمر",
    ),
}  # fmt: skip
_KNOWN: Final = {word: role for role, words in _WORDS.items() for word in words}
# Words that may also be the headings of usernames, wikis or skills in a table made by hand.
_AMBIGUOUS: Final = frozenset(
    {"name", "nom", "nombre", "الاسم", "mail", "address", "adresse", "ort", "genre", "age"}
)

_CODE = re.compile(r"[^\W\d_][\w.-]*")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_LONGEST_CODE: Final = 40
_FILLING: Final = frozenset(
    {"q", "qn", "question", "select", "choice", "text", "dropdown", "code", "coded", "value"}
)
_FIRST_WORDS: Final = frozenset(word.split()[0] for word in _KNOWN)

_ASKING: Final = (
    (Role.MAIL, r"e-?mail[- ]?(address|adresse)|mail address|correo electrónico|courriel"),
    (Role.MAIL, r"your e-?mail|البريد الإلكتروني"),
    (Role.NAME, r"(real|full|first|last|your|legal) name(?! of)|klarname|nombre completo"),
    (Role.PHONE, r"(phone|mobile) number|telefonnummer|numéro de téléphone"),
    (Role.PLACE, r"(where do you live|postal address|your address|city do you live)"),
    (Role.TRAIT, r"\b(your|which|what) (gender|age|sex)\b|how old are you"),
    (Role.TRAIT, r"\b(dein|ihr|welches) (alter|geschlecht)\b|votre (âge|genre|sexe)"),
    (Role.FREE_TEXT, r"\b(comments?|anything else)\b"),
    (Role.FREE_TEXT, r"\b(in your own words|other, please)\b"),
    # Also in questions with fixed answers: the answers decide.
    (Role.DESCRIPTION, r"\bplease (explain|describe|specify)\b"),
)  # fmt: skip
_PATTERNS: Final = tuple((role, re.compile(words)) for role, words in _ASKING)


def known_role(texts: Sequence[str]) -> Role | None:
    """Return the role of a column if its code or heading is a word for personal data.

    >>> known_role(["E-Mail"])
    <Role.MAIL: 'email address'>
    """
    words = (word for text in texts for word in (key(text).replace("_", " ").strip(), _core(text)))
    return next((_KNOWN[word] for word in words if word in _KNOWN), None)


def _core(code: str) -> str:
    """Return the words of a code without those that any question has.

    >>> _core("GenderSelect"), _core("Qyear_born"), _core("Q12_Age"), _core("What is it?")
    ('gender', 'year born', 'age', '')
    """
    if len(code) > _LONGEST_CODE or not _CODE.fullmatch(code):
        return ""
    words = [word.casefold() for word in _PARTS.findall(code)]
    if words and words[0] != "q" and words[0][:1] == "q" and words[0][1:] in _FIRST_WORDS:
        words[0] = words[0][1:]
    return " ".join(word for word in words if word not in _FILLING and not word.isdecimal())


def is_certain(text: str) -> bool:
    """Return whether a word for personal data cannot mean anything else.

    >>> is_certain("Name"), is_certain("First name")
    (False, True)
    """
    return key(text) not in _AMBIGUOUS and _core(text) not in _AMBIGUOUS


def guess_role(question: str) -> Role | None:
    """Guess from the text of a question that it asks for personal data.

    >>> guess_role("Please add your e-mail address here")
    <Role.MAIL: 'email address'>
    """
    asked = key(question)
    return next((role for role, pattern in _PATTERNS if pattern.search(asked)), None)
