"""The comparison of company names: without case, accents, punctuation, spaces and legal form, and by likeness.

Names that only differ in spelling match. Names that might be of one company (umlauts written out, "&" and "and", an article,
"Saint" and "St", a country, a doubled or mistyped letter) are alike: people are asked, and nothing is decided here.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from babel import Locale

from .legal_forms import BRACKETED, UNSPACED, table

# Letters that Unicode does not take apart into a plain letter and an accent.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
_ACCENTS = re.compile("[\u0300-\u036f]")
_SIGN = re.compile(r"&| [+] ")
_DOTTED = re.compile(r"\b(?:\w\.){2,}\w\b|\b(?:\w\. ?){2,}")
_SLASHED = re.compile(r"\b(\w)/(\w)\b")
_WORD = re.compile(r"[\w&]+")
# Shorter names are alike too easily.
SHORTEST_ALIKE = 8
# A name of a file is asked for several times in a row.
RECENT = 5_000

# "And" between two words, as people write the sign; and further words for it, which are other words as well.
_AND = frozenset(("and", "und", "et", "och", "og", "y"))
_MAYBE_AND = _AND | {"e", "en", "i", "a", "&"}
# Legal forms that stand in front of names, and are parts of names as well.
_MAYBE_IN_FRONT = frozenset(("as", "sia", "pt", "ou", "cv", "sc"))
_ARTICLES = frozenset(
    ("the", "der", "die", "das", "le", "la", "les", "l", "el", "los", "il", "de", "het", "den")
)
_SAINTS = frozenset(("saint", "sainte", "st", "ste", "sankt", "san", "santa", "sao", "sint"))
_WRITTEN_OUT = re.compile(r"(?<=[aou])e|(?<=a)a")
_DOUBLED = re.compile(r"([^\W\d])\1+")

# The countries are named in these languages, and in short.
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs")
_SHORT = {"uk": "GB", "gb": "GB", "great britain": "GB", "us": "US", "usa": "US", "america": "US"}
_SHORT |= {"uae": "AE", "holland": "NL", "eu": "EU", "europe": "EU", "emea": "EMEA"}


def _fold(text):
    """Return a text without case and accents."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN)
    return _ACCENTS.sub("", text)


_FORMS, _IN_FRONT = table(_fold)
_LAST = frozenset(words[-1] for words in _FORMS)
_LONGEST = max(map(len, _FORMS))
_UNSPACED = "|".join(map(_fold, UNSPACED))
_AT_EDGE = re.compile(rf"^(?:{_UNSPACED})|(?:{_UNSPACED})$")
_BRACKETED = re.compile(rf"\(({'|'.join(map(_fold, BRACKETED))})\)")
_FULL = {_fold(sign): _fold(form) for sign, form in BRACKETED.items()}


class Name(NamedTuple):
    """A company name taken apart: its words, its legal form or ``""``, and the "and" in it: ``"&"``, ``"and"`` or ``""``."""

    words: tuple
    form: str
    joint: str

    @property
    def key(self):
        return "".join(self.words)

    def matches(self, other):
        """Return True if two names with the same key do not contradict each other; what one leaves out may be anything."""
        if self.form and other.form and self.form != other.form:
            return False
        return {self.joint, other.joint} != {"", "and"}


def plain_name(name):
    """Return what a company name consists of: its key, and its legal form or ``""``.

    >>> plain_name("  TWIN  Limited "), plain_name("Twin Ltd.")
    (('twin', 'ltd'), ('twin', 'ltd'))
    >>> plain_name("Société d'Été S.A."), plain_name("Müller & Söhne GmbH & Co. KG")
    (('societedete', 'sa'), ('mullersohne', 'gmbh co kg'))
    >>> plain_name("Ørsted A/S"), plain_name("Siemens Aktiengesellschaft"), plain_name("Twin AB (publ)")
    (('orsted', 'as'), ('siemens', 'ag'), ('twin', 'ab'))
    >>> plain_name("ООО «Ромашка»") == plain_name("Ромашка, ООО"), plain_name("(株)日立") == plain_name("日立株式会社")
    (True, True)
    >>> plain_name("Limited"), plain_name("***")
    (('limited', ''), ('***', ''))
    """
    parts = take_apart(name)
    return parts.key, parts.form


@lru_cache(RECENT)
def take_apart(name):
    """Return a company name as a :class:`Name`."""
    words = _words_of(name)
    forms = []
    while _cut_form(words, forms):
        pass
    if len(words) > 1 and words[0] in _IN_FRONT:
        forms.insert(0, _FORMS[words.pop(0),])
    inner = words[1:-1]
    joint = "&" if "&" in inner else "and" if not _AND.isdisjoint(inner) else ""
    kept = [
        word
        for place, word in enumerate(words)
        if word != "&" and not (word in _AND and 0 < place < len(words) - 1)
    ]
    return Name(tuple(kept or words), " ".join(forms), joint)


def _words_of(name):
    """Return the words of a name, each "&" and each legal form in a script without spaces as a word of its own."""
    text = _fold(name)
    if "." in text:
        text = _DOTTED.sub(lambda found: re.sub(r"[. ]", "", found[0]) + " ", text)
    if "/" in text:
        text = _SLASHED.sub(r"\1\2", text)
    if "&" in text or "+" in text:
        text = _SIGN.sub(" & ", text)
    if not text.isascii():
        text = _BRACKETED.sub(lambda found: f" {_FULL[found[1]]} ", text).strip()
        text = _AT_EDGE.sub(lambda found: f" {found[0]} ", text)
    return _WORD.findall(text) or [name.strip().casefold()]


def _cut_form(words, forms):
    """Move the legal form at the end of the words, with an "and" before it, to the forms; return True if there is one."""
    if words[-1] not in _LAST:
        return False
    for number in range(min(_LONGEST, len(words) - 1), 0, -1):
        form = _FORMS.get(tuple(words[-number:]))
        if form:
            del words[-number:]
            forms.insert(0, form)
            if form == "co" and len(words) > 1 and (words[-1] == "&" or words[-1] in _AND):
                words.pop()
            return True
    return False


@lru_cache(1)
def _countries():
    """Return ``{words of a country's name: its code}`` in many languages."""
    named = {}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2:
                named.setdefault(tuple(_WORD.findall(_fold(name))), code)
    named.update({tuple(name.split()): code for name, code in _SHORT.items()})
    return named


def loose(name):
    """Return the words of a name without all that may be written differently, and the code of its country or ``""``.

    >>> loose("The Müller and Sons (Deutschland) GmbH"), loose("Mueller & Sons Germany")
    ((('muler', 'sons'), 'DE'), (('muler', 'sons'), 'DE'))
    >>> loose("Saint-Gobain UK Ltd"), loose("St. Gobain Ltd UK"), loose("France")
    ((('saint', 'gobain'), 'GB'), (('saint', 'gobain'), 'GB'), (('france',), ''))
    """
    return _loosened(name)[:2]


@lru_cache(RECENT)
def _loosened(name):
    """Return the words and the country that :func:`loose` returns, and the legal form or ``""``."""
    words, country, forms = _words_of(name), "", []
    while True:
        if _cut_form(words, forms):
            continue
        for number in () if country else range(min(4, len(words) - 1), 0, -1):
            if country := _countries().get(tuple(words[-number:]), ""):
                del words[-number:]
                break
        else:
            break
    if len(words) > 1 and (words[0] in _IN_FRONT or words[0] in _MAYBE_IN_FRONT):
        if words[0] in _IN_FRONT:
            forms.insert(0, _FORMS[words[0],])
        words = words[1:]
    if len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    words = [
        word
        for place, word in enumerate(words)
        if not (word in _MAYBE_AND and 0 < place < len(words) - 1)
    ]
    words = ["saint" if word in _SAINTS and len(words) > 1 else word for word in words]
    plain = _DOUBLED.sub(r"\1", _WRITTEN_OUT.sub("", " ".join(words)))
    return tuple(plain.split(" ")), country, " ".join(forms)


def is_alike(one, other):
    """Return True if two keys differ by one letter or by two neighbours that changed places, and by no digit.

    >>> is_alike("twinworks", "twimworks"), is_alike("twinworks", "twnworks"), is_alike("twinworks", "twniworks")
    (True, True, True)
    >>> is_alike("branch0012", "branch0013"), is_alike("twinworks", "twinworks"), is_alike("twin", "twim")
    (False, False, False)
    """
    if min(len(one), len(other)) < SHORTEST_ALIKE or abs(len(one) - len(other)) > 1 or one == other:
        return False
    if [c for c in one if c.isdigit()] != [c for c in other if c.isdigit()]:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    if len(one) == len(other):
        swapped = one[start : start + 2] == other[start : start + 2][::-1]
        return one[start + 1 :] == other[start + 1 :] or (
            swapped and one[start + 2 :] == other[start + 2 :]
        )
    short, long = sorted((one, other), key=len)
    return short[start:] == long[start + 1 :]


def name_keys(rows):
    """Return a key for the name of each row ``(id, name)``; names with equal keys may be of one company.

    The key is the first of these names, in lower case. A name without a legal form or country has that of the only one
    that others have.

    >>> names = "Müller & Söhne GmbH", "Mueller and Soehne", "MULLER SÖHNE gmbh", "Twin Ltd", "Twin GmbH", "Twin", "Twin limited"
    >>> [*name_keys(enumerate(names)).values()][:3], [*name_keys(enumerate(names)).values()][3:]
    (['müller & söhne gmbh', 'müller & söhne gmbh', 'müller & söhne gmbh'], ['twin ltd', 'twin gmbh', 'twin', 'twin ltd'])
    >>> name_keys([(1, "Twin UK Ltd"), (2, "Twin France"), (3, "Twin Ltd (UK)")])
    {1: 'twin uk ltd', 2: 'twin france', 3: 'twin uk ltd'}
    """
    alike = {}
    for id_, name in rows:
        words, country, form = _loosened(name)
        alike.setdefault("".join(words), []).append((id_, name, form, country))
    keys = {}
    for named in alike.values():
        forms, countries = ({one[place] for one in named} - {""} for place in (2, 3))
        first = {}
        for id_, name, form, country in named:
            said = (
                form or (len(forms) == 1 and min(forms)) or "",
                country or (len(countries) == 1 and min(countries)) or "",
            )
            keys[id_] = first.setdefault(said, name.lower())
    return keys
