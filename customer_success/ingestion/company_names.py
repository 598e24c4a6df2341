"""The comparison of company names: without case, accents, punctuation, spaces and legal form, and by likeness."""

import re
import unicodedata
from collections import defaultdict

# Legal forms as they stand at the end of a name, without dots; one spelling for those that mean the same.
_FORMS = [
    "ltd=limited",
    "llc",
    "inc=incorporated",
    "corp=corporation",
    "co=company",
    "plc",
    "llp",
    "lp",
    "pty",
    "pte",
    "pvt=private",
    "gmbh",
    "mbh",
    "ag",
    "kg",
    "ohg",
    "ug",
    "kgaa",
    "ev",
    "eg",
    "gbr",
    "se",
    "sa",
    "sas",
    "sasu",
    "sarl",
    "eurl",
    "sci",
    "snc",
    "srl",
    "spa",
    "sapa",
    "bv",
    "nv",
    "vof",
    "cv",
    "ab",
    "as",
    "asa",
    "aps",
    "oy",
    "oyj",
    "kft",
    "zrt",
    "bt",
    "doo",
    "dd",
    "sro",
    "spzoo",
    "spolka",
    "ltda",
    "sl",
    "slu",
    "sau",
    "scl",
    "lda",
    "kk",
    "pt",
    "bhd",
    "sdn",
]
LEGAL_FORMS = {spelling: form.split("=")[0] for form in _FORMS for spelling in form.split("=")}
# Letters that Unicode does not take apart into a plain letter and an accent.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "&": " "})
_ACCENTS = re.compile("[\u0300-\u036f]")
_DOTTED = re.compile(r"\b(?:\w\. ?){2,}")
_WORD = re.compile(r"\w+")
# Shorter names are alike too easily.
SHORTEST_ALIKE = 8
_EDGE = SHORTEST_ALIKE // 2


def plain_name(name):
    """Return what a company name consists of: its key, and its legal form or ``""``.

    >>> plain_name("  TWIN  Limited "), plain_name("Twin Ltd.")
    (('twin', 'ltd'), ('twin', 'ltd'))
    >>> plain_name("Société d'Été S.A."), plain_name("Müller & Söhne GmbH & Co. KG")
    (('societedete', 'sa'), ('mullersohne', 'gmbh co kg'))
    >>> plain_name("Limited"), plain_name("***")
    (('limited', ''), ('***', ''))
    """
    words, form = _words(name)
    return "".join(words), form


def _words(name):
    """Return the words of a name and its legal form."""
    text = unicodedata.normalize("NFKD", name).casefold().translate(_PLAIN)
    text = _DOTTED.sub(lambda found: re.sub(r"[. ]", "", found[0]) + " ", _ACCENTS.sub("", text))
    words = _WORD.findall(text) or [name.strip().casefold()]
    forms = []
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        forms.insert(0, LEGAL_FORMS[words.pop()])
    return words, " ".join(forms)


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


class NameBook:
    """The names of companies, found without case, accents, spaces and legal form, and by likeness.

    >>> book = NameBook()
    >>> for number, name in enumerate(("Twin Ltd", "Twin GmbH", "Northern Lights", "Baker")):
    ...     book.add(name, number)
    >>> book.matches("twin limited"), book.matches("Twin"), book.matches("Twin AG")
    ([0], [0, 1], [])
    >>> book.like("Twin AG"), book.like("Nothern Lights"), book.like("Lights Northern Inc"), book.like("Maker")
    (['Twin Ltd', 'Twin GmbH'], ['Northern Lights'], ['Northern Lights'], [])
    """

    def __init__(self):
        self._by_key = defaultdict(list)  # key -> (legal form, name, what was added)
        self._by_words = defaultdict(list)  # words in alphabetical order -> key
        self._by_edge = defaultdict(list)  # (length, first or last letters) -> key

    def add(self, name, what):
        """Enter a name; ``what`` is returned when it is found."""
        words, form = _words(name)
        key = "".join(words)
        if key not in self._by_key:
            self._by_words[tuple(sorted(words))].append(key)
            if len(key) >= SHORTEST_ALIKE:
                self._by_edge[len(key), key[:_EDGE], ""].append(key)
                self._by_edge[len(key), "", key[-_EDGE:]].append(key)
        self._by_key[key].append((form, name, what))

    def matches(self, name):
        """Return what was added under the same name; a name without a legal form matches any legal form."""
        key, form = plain_name(name)
        found = self._by_key.get(key, ())
        return [what for other, _name, what in found if not form or not other or form == other]

    def like(self, name):
        """Return the names that are much like this one but do not match it."""
        words, form = _words(name)
        key = "".join(words)
        keys = [other for other in self._by_words.get(tuple(sorted(words)), ()) if other != key]
        for length in (len(key) - 1, len(key), len(key) + 1):
            for edge in ((key[:_EDGE], ""), ("", key[-_EDGE:])):
                keys += filter(
                    lambda other: is_alike(key, other), self._by_edge.get((length, *edge), ())
                )
        names = [
            called
            for other, called, _what in self._by_key.get(key, ())
            if form and other and form != other
        ]
        names += [called for other in keys for _form, called, _what in self._by_key[other]]
        return list(dict.fromkeys(names))
