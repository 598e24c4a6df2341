"""The doors of docs/doors.md, and the values that are sent through each of them."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "doors.md"
ROW = re.compile(r"^\| `([\w ]+)` \| (text|typed) \| ([\w, ]+) \|", re.MULTILINE)
TYPED = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
ASKED, REFUSED = "asked", "refused"
NAN, INFINITE = float("nan"), float("inf")

# What is written -> what it is as a figure, a number of people, a share and an amount.
NUMBERS = {
    "0": (0, 0, 0, 0),
    "7": (7, 7, 7, 7),
    " 7 ": (7, 7, 7, 7),
    "7.0": (7, 7, 7, 7),
    "7,0": (7, 7, 7, 7),
    "+5": (5, 5, 5, 5),
    "12,5": (12.5, REFUSED, 12.5, 12.5),
    "12.5": (12.5, REFUSED, 12.5, 12.5),
    ".5": (0.5, REFUSED, 0.5, 0.5),
    ",5": (0.5, REFUSED, 0.5, 0.5),
    "0,25": (0.25, REFUSED, 0.3, 0.25),
    "12,500": (ASKED, 12500, 12.5, ASKED),
    "12.500": (ASKED, 12500, 12.5, ASKED),
    "1,000": (ASKED, ASKED, 1, ASKED),
    "80.000": (ASKED, ASKED, 80, ASKED),
    "33.349": (ASKED, 33349, 33.3, ASKED),
    "0.250": (0.25, REFUSED, 0.3, 0.25),
    "1234.5": (1234.5, REFUSED, REFUSED, 1234.5),
    "12'500": (12500, 12500, REFUSED, 12500),
    "12\N{RIGHT SINGLE QUOTATION MARK}500": (12500, 12500, REFUSED, 12500),
    "12 500": (12500, 12500, REFUSED, 12500),
    "12\N{NO-BREAK SPACE}500": (12500, 12500, REFUSED, 12500),
    "12\N{NARROW NO-BREAK SPACE}500": (12500, 12500, REFUSED, 12500),
    "12.500,50": (12500.5, REFUSED, REFUSED, 12500.5),
    "12,500.50": (12500.5, REFUSED, REFUSED, 12500.5),
    "12 500,50": (12500.5, REFUSED, REFUSED, 12500.5),
    "12'500.00": (12500, 12500, REFUSED, 12500),
    "1.234.567": (1234567, 1234567, REFUSED, 1234567),
    "1,234,567": (1234567, 1234567, REFUSED, 1234567),
    "12,34,567": (1234567, 1234567, REFUSED, 1234567),
    "48 500,00 €": (48500, REFUSED, REFUSED, 48500),
    "€ 48.500,00": (48500, REFUSED, REFUSED, 48500),
    "EUR 1.500,5": (1500.5, REFUSED, REFUSED, 1500.5),
    "500.-": (500, 500, REFUSED, 500),
    "50 %": (50, REFUSED, 50, REFUSED),
    "50%": (50, REFUSED, 50, REFUSED),
    "50,5 %": (50.5, REFUSED, 50.5, REFUSED),
    "1e3": (1000, 1000, REFUSED, 1000),
    "1,2E+3": (1200, 1200, REFUSED, 1200),
    "٣٣": (33, 33, 33, 33),
    "٣٣٫٥": (33.5, REFUSED, 33.5, 33.5),
    "１２": (12, 12, 12, 12),
    "-500": (-500, REFUSED, REFUSED, REFUSED),
    "(500)": (-500, REFUSED, REFUSED, REFUSED),
    "500-": (-500, REFUSED, REFUSED, REFUSED),
    "\N{MINUS SIGN}500": (-500, REFUSED, REFUSED, REFUSED),
    **dict.fromkeys(
        (
            "many",
            "nan",
            "inf",
            "-inf",
            "1e400",
            "1_000",
            "0x10",
            "12k",
            "12 users",
            "12 34",
            "1,2,3",
            "12.34.567",
            "12,000,00",
            "--5",
            "5-3",
            "½",
            "true",
            "1" * 40,
        ),
        (REFUSED,) * 4,
    ),
}
DATES = {
    "2026-05-31": "2026-05-31",
    " 2026-05-31 ": "2026-05-31",
    "2026-05-31T23:30:00+14:00": "2026-05-31",
    "2026-05-31 00:15": "2026-05-31",
    "31.05.2026": "2026-05-31",
    "05/31/2026": "2026-05-31",
    "31 May 2026": "2026-05-31",
    "2026/05/31": "2026-05-31",
    "04/04/2026": "2026-04-04",
    "2024-02-29": "2024-02-29",
    "46173": "2026-05-31",
    "٢٠٢٦-٠٥-٣١": "2026-05-31",
    "03/04/2026": ASKED,
    "3.4.2026": ASKED,
    "2026-02-29": REFUSED,
    "31.05.26": REFUSED,
    "20260531": REFUSED,
    "yesterday": REFUSED,
    "2026-05-31T25:00": REFUSED,
    "0202-01-05": REFUSED,
    "0001-01-01": REFUSED,
    "9999-12-31": REFUSED,
}
# What is written as reference, VAT number or name -> the customer that it means.
CUSTOMERS = {
    ("ref", "D-1001"): "Doorway Ltd",
    ("ref", " d-1001 "): "Doorway Ltd",
    ("ref", "D1001"): REFUSED,
    ("ref", "TWO-1"): ASKED,
    ("vat", "BE0477472701"): "Doorway Ltd",
    ("vat", "BE 0477.472.701"): "Doorway Ltd",
    ("vat", "be0477472701"): "Doorway Ltd",
    ("vat", "0477472701"): "Doorway Ltd",
    ("vat", "477 472 701"): "Doorway Ltd",
    ("vat", "FR0477472701"): REFUSED,
    ("vat", "/"): REFUSED,
    ("name", "Doorway Ltd"): "Doorway Ltd",
    ("name", "DOORWAY limited"): "Doorway Ltd",
    ("name", "Doörway"): "Doorway Ltd",
    ("name", "Twice"): ASKED,
}
PRODUCTS = {
    "PLANNER": "PLANNER",
    " planner ": "PLANNER",
    "Planner": "PLANNER",
    "DOUBLE": ASKED,
    "nothing": REFUSED,
}
OUTCOMES = {
    "pending": "pending",
    " Pending ": "pending",
    "renewed": "renewed",
    "RENEWED": "renewed",
    "churned": "churned",
    "finished": REFUSED,
    "7": REFUSED,
}
PERSONS = {
    "ada@acme.example.com": "Ada",
    "ADA@Acme.Example.com": "Ada",
    '"Ada L." <ada@acme.example.com>': "Ada",
    "Ada": REFUSED,
    "Ada <eve@nowhere.example.com>": REFUSED,
}


def doors():
    """Return the doors of the page, ``{name: (text or typed, kinds)}``."""
    found = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return {name: (gets, kinds.split(", ")) for name, gets, kinds in found}


def values_of(kind):
    """Return the values of a kind, ``{what is written: what it means}``."""
    places = ("figure", "count", "percent", "amount")
    if kind in places:
        return {text: meant[places.index(kind)] for text, meant in NUMBERS.items()}
    return {
        "date": DATES,
        "customer": CUSTOMERS,
        "product": PRODUCTS,
        "outcome": OUTCOMES,
        "person": PERSONS,
    }[kind]


def typed_of(kind):
    """Return the values that a typed door can get: numbers and days, with what it must make of them."""
    found = {}
    for text, meant in values_of(kind).items():
        if kind == "outcome":
            if text == meant:  # others cannot be chosen
                found[text] = meant
        elif kind == "date":
            if TYPED.fullmatch(text) and text not in (
                "2026-02-29",
                "yesterday",
            ):
                found[text] = meant
        elif meant not in (ASKED, REFUSED):
            found[meant] = meant
    if kind in ("figure", "count", "percent", "amount"):
        found |= dict.fromkeys((NAN, INFINITE, -INFINITE, 1e16), REFUSED)
        if kind != "figure":
            found[-500] = REFUSED
        if kind == "count":
            found |= dict.fromkeys((2**31, 10**12), REFUSED)
    return found
