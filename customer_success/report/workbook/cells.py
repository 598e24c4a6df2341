"""Cells as Excel takes them. Text from people is data: never a formula, a link or markup, whatever it starts with."""

from datetime import date, datetime

from odoo.tools import SQL

MAX_ROWS = 1_048_576
MAX_TEXT = 32_767  # UTF-16 units, as Excel counts
CUT_MARK = " […]"
EPOCH = date(1899, 12, 30)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def clean(text):
    """Text as a cell takes it: at most 32,767 characters, with a mark where it was cut.

    xlsxwriter takes text between ``<r>`` and ``</r>`` for markup of its own, and writes it as it is.

    >>> clean("x" * 40000)[-5:], len(clean("x" * 40000)), clean("\U0001f600" * 40000)[-5:]
    ('x […]', 32767, '\U0001f600 […]')
    >>> clean("=1+1"), clean("<r>x</r>")
    ('=1+1', ' <r>x</r>')
    """
    text = str(text)
    if text.startswith("<r>"):
        text = f" {text}"
    if len(text) > MAX_TEXT // 2 and len(text.encode("utf-16-le", "replace")) > 2 * MAX_TEXT:
        units = text.encode("utf-16-le", "replace")[: 2 * (MAX_TEXT - len(CUT_MARK))]
        text = units.decode("utf-16-le", "ignore") + CUT_MARK
    return text


def excel(value, kind):
    """A Python value in the units of Excel; empty text is no value.

    >>> excel(date(2026, 6, 15), "date"), excel(34.5, "percent"), excel("", "text")
    (46188, 0.345, None)
    """
    if value is None or value is False or value == "":
        return None
    if kind == "percent":
        return value / 100
    if isinstance(value, datetime):
        return (value - datetime.combine(EPOCH, datetime.min.time())).total_seconds() / 86400
    if isinstance(value, date):
        return (value - EPOCH).days
    return value


def excel_sql(sql, kind, zone):
    """The same for a column of SQL; moments are shown in the reader's time zone."""
    if kind == "percent":
        return SQL("(%s / 100.0)::float8", sql)
    if kind == "date":
        return SQL("(%s - DATE '1899-12-30')", sql)
    if kind == "datetime":
        return SQL(
            "(extract(epoch FROM (%s AT TIME ZONE 'UTC' AT TIME ZONE %s)"
            " - TIMESTAMP '1899-12-30') / 86400)::float8",
            sql,
            zone,
        )
    if kind in ("money", "number"):
        return SQL("%s::float8", sql)
    return sql
