"""The comparison of references and VAT numbers: without case, blanks and marks, with or without the country.

What people copy from letters, registers and spreadsheets differs in form from what is recorded, and means the same.
"""

import re
import unicodedata
from collections import defaultdict

# The countries in front of VAT numbers, by the letters that stand there.
_CODES = "AT BE BG CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO RS SE SI SK TR UA XI"
PREFIXES = {code: code for code in _CODES.split()} | {"EL": "GR", "CHE": "CH"}
_OTHER = re.compile(r"[^0-9A-Z]")
# What Switzerland and Norway write behind the number.
_BEHIND = {"CH": re.compile(r"(?:MWST|TVA|IVA)$"), "NO": re.compile(r"MVA$")}
SHORTEST = 5  # characters without the country; what is shorter, as "/" and "n/a", is no number


def plain_reference(text):
    """Return a reference without case and superfluous blanks.

    >>> plain_reference(" ab-12  x "), plain_reference("ＡＢ-12\N{NO-BREAK SPACE}X"), plain_reference("AB-12X")
    ('ab-12 x', 'ab-12 x', 'ab-12x')
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def plain_vat(number):
    """Return a VAT number in upper case, with letters and digits only.

    >>> plain_vat("be 0477.472.701"), plain_vat("CHE-123.456.789 MWST")
    ('BE0477472701', 'CHE123456789MWST')
    """
    return _OTHER.sub("", unicodedata.normalize("NFKC", number).upper())


def vat_parts(number):
    """Return the country of a VAT number, ``""`` if it does not say it, and the rest; ``None`` if it is no number.

    A zero at the start does not count, because spreadsheets drop it.

    >>> vat_parts("BE 0477.472.701"), vat_parts("0477472701"), vat_parts("477472701"), vat_parts("be477472701")
    (('BE', '477472701'), ('', '477472701'), ('', '477472701'), ('BE', '477472701'))
    >>> vat_parts("CHE-123.456.789 MWST"), vat_parts("EL123456789"), vat_parts("NL123456789B01"), vat_parts("ESB12345678")
    (('CH', '123456789'), ('GR', '123456789'), ('NL', '123456789B01'), ('ES', 'B12345678'))
    >>> vat_parts("U12345678"), vat_parts("/"), vat_parts("none"), vat_parts("n/a")
    (('', 'U12345678'), None, None, None)
    """
    text = plain_vat(number)
    letters = next((text[:size] for size in (3, 2) if text[:size] in PREFIXES), "")
    country = PREFIXES.get(letters, "")
    local = text[len(letters) :]
    if country in _BEHIND:
        local = _BEHIND[country].sub("", local)
    local = local.lstrip("0")
    if len(local) < SHORTEST or not any(char.isdigit() for char in local):
        return None
    return country, local


def is_same(field, known, said):
    """Return True if what a row says is the recorded reference or VAT number in another spelling, or without its country.

    >>> is_same("ref", "C-1", " c-1"), is_same("vat", "BE0477472701", "0477.472.701"), is_same("vat", "477472701", "BE477472701")
    (True, True, False)
    """
    if field == "ref":
        return plain_reference(known) == plain_reference(said)
    one, other = vat_parts(known), vat_parts(said)
    if not (one and other):
        return plain_vat(known) == plain_vat(said)
    return one[1] == other[1] and other[0] in ("", one[0])


class ReferenceBook:
    """References, found without case and superfluous blanks.

    >>> book = ReferenceBook()
    >>> book.add("C-1001", 1)
    >>> book.matches(" c-1001 "), book.matches("C1001")
    ([1], [])
    """

    def __init__(self):
        self._found = defaultdict(list)

    def add(self, text, what):
        """Enter a reference; ``what`` is returned when it is found."""
        self._found[plain_reference(text)].append(what)

    def matches(self, text):
        """Return what was entered under a reference."""
        return list(dict.fromkeys(self._found.get(plain_reference(text), ())))


class VatBook:
    """VAT numbers, found in any spelling, and without their country if this leaves one, or one at home.

    >>> book = VatBook("BE")
    >>> for what, (number, country) in enumerate((("BE0477472701", ""), ("DE 123.456.789", ""), ("123456788", "FR"))):
    ...     book.add(number, what, country)
    >>> [book.matches(number) for number in ("BE 0477.472.701", "be0477472701", "0477472701", "477 472 701")]
    [[0], [0], [0], [0]]
    >>> book.matches("FR0477472701"), book.matches("FR123456788"), book.matches("DE123456788"), book.matches("/")
    ([], [2], [], [])
    >>> book.add("FR123456789", 3), book.matches("123456789")
    (None, [1, 3])
    >>> book.add("BE0123456789", 4), book.matches("123456789"), book.matches("FR123456789")
    (None, [4], [3])
    """

    def __init__(self, home=""):
        self._home = home
        self._found = defaultdict(list)  # number without its country -> [(country, what)]

    def add(self, number, what, country=""):
        """Enter a number; ``country`` is that of its company, which counts if the number does not say it."""
        if parts := vat_parts(number):
            self._found[parts[1]].append((parts[0] or country or "", what))

    def matches(self, number):
        """Return what was entered under a number, all of it if the country stays open."""
        parts = vat_parts(number)
        if not parts:
            return []
        country, local = parts
        known = self._found.get(local, ())
        sought = country or self._home
        found = [what for theirs, what in known if theirs == sought]
        if not found:
            found = [what for theirs, what in known if not (country and theirs)]
        return list(dict.fromkeys(found))


def vat_keys(rows):
    """Return a key for the number of each row ``(id, number, country of the company)``; equal keys are one number.

    A number whose country nobody says is that of the only country which has it.

    >>> sorted(vat_keys([(1, "BE0477472701", ""), (2, "0477.472.701", ""), (3, "477472701", "FR"), (4, "/", "BE")]).items())
    [(1, 'BE 477472701'), (2, ' 477472701'), (3, 'FR 477472701')]
    >>> sorted(vat_keys([(1, "BE0477472701", ""), (2, "0477.472.701", ""), (5, "123456789", "")]).items())
    [(1, 'BE 477472701'), (2, 'BE 477472701'), (5, ' 123456789')]
    """
    read, countries = {}, defaultdict(set)
    for id_, number, country in rows:
        if parts := vat_parts(number):
            said = parts[0] or country or ""
            read[id_] = said, parts[1]
            if said:
                countries[parts[1]].add(said)
    keys = {}
    for id_, (said, local) in read.items():
        if not said and len(countries[local]) == 1:
            [said] = countries[local]
        keys[id_] = f"{said} {local}"
    return keys
