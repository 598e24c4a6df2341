"""The figures of the Summary: those of ``report/tiles.py``, in the units of Excel."""

from typing import NamedTuple

from odoo.fields import Domain

from ..tiles import TILES, WITH_FORMER, read

FIGURES = (
    "customers",
    "health",
    "health_little",
    "known",
    "risk",
    "risky",
    "adoption",
    "sustain",
    "years_customer",
    "years_live",
    "coverage",
    "views_differ",
    "barriers",
    "barriers_no_authority",
    "changes_no_plan",
    "advice",
    "renewals_soon",
    "value_at_risk",
    "value_soon",
    "overuse",
    "true_up",
    "revenue_net",
    "revenue_gross",
    "value_realised",
)
# Figures that should be zero.
ATTENTION = (
    "risk_critical",
    "renewals_overdue",
    "barriers_stuck",
    "years_missed",
    "silent",
    "views_differ",
    "unfollowed",
    "lacks_people",
    "role_due",
    "unscored",
)


class Figure(NamedTuple):
    """A figure as it is written; money has a figure of its own for each currency."""

    code: str
    label: str
    value: float | None
    kind: str = "whole"
    good: int = 0
    currency_id: int | None = None
    place: tuple = ()  # sheet and column that contain its total
    part_of: str = ""


def collect(book):
    """Return the figures in their order. Percentages are shares of 1, as in Excel; unknown values are ``None``.

    A figure that is also a total of a sheet is taken from that sheet: it was read already, and the cell refers to it.
    """
    found = _read(book, [code for code in FIGURES if not TILES[code].column])
    return [figure for code in FIGURES for figure in _figures(book, TILES[code], found.get(code))]


def attention(book):
    """Return ``[(number, label)]`` of the figures that are not zero."""
    found = _read(book, ATTENTION)
    return [
        (found[code], book.env._(TILES[code].attention or TILES[code].label))
        for code in ATTENTION
        if found[code]
    ]


def _read(book, codes):
    def scope(model):
        customers = book.everybody if model in WITH_FORMER else book.customers
        return Domain("id" if model == "res.partner" else "partner_id", "in", customers)

    return read(book.env, codes, scope, book.today)


def _figures(book, tile, value):
    label = book.env._(tile.label)
    if tile.kind == "money":
        yield from _of_money(book, tile, label, value)
        return
    if tile.column:
        value = _total(book, tile)
    elif tile.kind == "percent" and value is not None:
        value = float(value) / 100
    yield Figure(tile.code, label, value, tile.kind, tile.good, None, tile.column, tile.part_of)


def _total(book, tile):
    sheet, key = tile.column
    table = book.sheets[sheet]
    return table.count if key == "count" else table.totals.get(key)


def _of_money(book, tile, label, value):
    if tile.column:
        sheet, key = tile.column
        sums = book.sheets[sheet].money.items()
        amounts = {currency_id: known[key] for currency_id, known in sums if key in known}
    else:
        amounts = {currency.id: amount for currency, amount in value.items()}
    names = book.sheets["customers"].currencies
    for currency_id in sorted(amounts, key=lambda id_: names[id_]):
        name, amount = names[currency_id], float(amounts[currency_id])
        yield Figure(
            f"{tile.code}:{name}",
            label % name,
            amount,
            tile.kind,
            tile.good,
            currency_id,
            tile.column,
        )
