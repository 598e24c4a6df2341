"""The conversion of values into the units of Excel, in Python or in SQL."""

from datetime import date, datetime

from odoo.tools import SQL

EPOCH = date(1899, 12, 30)
# Values from 0 to 100 that Excel shows as %, with a decimal or, for a risk, without.
PERCENT = ("percent", "risk")


def excel(value, kind):
    """Return a Python value in the units of Excel; ``None`` for an empty text.

    >>> excel(date(2026, 6, 15), "date"), excel(34.5, "percent"), excel("", "text")
    (46188, 0.345, None)
    """
    if value is None or value is False or value == "":
        return None
    if kind in PERCENT:
        return value / 100
    if isinstance(value, datetime):
        return (value - datetime.combine(EPOCH, datetime.min.time())).total_seconds() / 86400
    if isinstance(value, date):
        return (value - EPOCH).days
    return value


def excel_sql(sql, kind, zone):
    """Return the same conversion for an SQL column; moments are shown in the reader's time zone."""
    if kind in PERCENT:
        return SQL("(%s / 100.0)::float8", sql)
    if kind in ("date", "month"):
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
