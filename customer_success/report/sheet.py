"""The common layer of all sheets: columns with a kind, rows streamed, totals as formulas.

Text from people is written as text whatever it starts with, so no cell of theirs becomes a formula or
a link. Rows go to disk as they come (constant memory), so cells must be written top to bottom.
"""

from collections import namedtuple
from datetime import datetime

from xlsxwriter.utility import xl_col_to_name, xl_range

MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
CUT_MARK = " […]"

# kind: text, whole, number, percent (0-100 in, shown as %), date, money (its currency stands beside it)
# colours: text of a cell -> good, warn or bad
Column = namedtuple("Column", "title kind width colours", defaults=(None,))


def risk_columns(env, labels):
    """The risk of leaving, its band by its ``labels``, and the risk of shrinking: the same in each sheet."""
    _ = env._
    colours = {"low": "good", "medium": "warn", "high": "bad", "critical": "bad"}
    return (
        Column(_("Risk of leaving (high is bad)"), "percent", 11),
        Column(_("Risk band"), "text", 10, {labels[band]: colours[band] for band in colours}),
        Column(_("Risk of shrinking"), "percent", 10),
    )


class Formats:
    """The cell formats of one workbook, made once."""

    NUMBER_FORMATS = {
        "text": "@",
        "whole": "#,##0",
        "number": "#,##0.0",
        "percent": "0.0%",
        "date": "yyyy-mm-dd",
        "money": "#,##0.00",
    }

    def __init__(self, workbook):
        self.title = workbook.add_format({"bold": True, "font_size": 14})
        self.note = workbook.add_format({"italic": True, "font_color": "#555555"})
        self.head = workbook.add_format(
            {"bold": True, "bg_color": "#DDE6F0", "text_wrap": True, "valign": "top", "bottom": 1}
        )
        self.cell = {
            kind: workbook.add_format({"num_format": code, "valign": "top"})
            for kind, code in self.NUMBER_FORMATS.items()
        }
        self.total = {
            kind: workbook.add_format({"num_format": code, "bold": True, "top": 1})
            for kind, code in self.NUMBER_FORMATS.items()
        }
        self.good = workbook.add_format({"bg_color": "#D9F2D9"})
        self.warn = workbook.add_format({"bg_color": "#FFF2CC"})
        self.bad = workbook.add_format({"bg_color": "#F8D7DA"})


def clean(text):
    """Text as a cell takes it: at most 32,767 characters, with a mark where it was cut.

    >>> clean("x" * 40000)[-5:], len(clean("x" * 40000))
    ('x […]', 32767)
    """
    text = str(text)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - len(CUT_MARK)] + CUT_MARK


def write_cell(sheet, row, col, value, kind, style):
    """Write one value by its kind; the unknown stays an empty cell."""
    if value is None or value is False or value == "":
        return
    if kind == "text":
        sheet.write_string(row, col, clean(value), style)
    elif kind == "date":
        sheet.write_datetime(row, col, _midnight(value), style)
    else:
        sheet.write_number(row, col, value / 100 if kind == "percent" else value, style)


def _midnight(value):
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)


def write_sheet(workbook, formats, name, title, note, columns, rows, totals):
    """Write one sheet and return the number of its rows.

    ``rows`` is any iterable of sequences in the order of ``columns``. ``totals`` is a callable that
    takes a function ``column number -> range`` and returns the rows at the bottom, each a dict
    ``column number -> (text or formula, computed value, kind)``.
    """
    sheet = workbook.add_worksheet(name)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)
    sheet.freeze_panes(4, 1)
    sheet.set_footer("&L&A&R&P / &N")
    sheet.write_string(0, 0, clean(title), formats.title)
    sheet.write_string(1, 0, clean(note), formats.note)
    for col, column in enumerate(columns):
        sheet.set_column(col, col, column.width)
        sheet.write_string(3, col, column.title, formats.head)
    row = 3
    for values in rows:
        row += 1
        for col, (value, column) in enumerate(zip(values, columns)):
            write_cell(sheet, row, col, value, column.kind, formats.cell[column.kind])
    last = max(row, 4)

    def span(col):
        return xl_range(4, col, last, col)

    for col, column in enumerate(columns):
        _colour(sheet, formats, column, col, last)
    sheet.autofilter(3, 0, last, len(columns) - 1)
    bottom = last + 2
    for line in totals(span):
        for col, (content, value, kind) in sorted(line.items()):
            if isinstance(content, str) and content.startswith("=") and kind != "text":
                sheet.write_formula(bottom, col, content, formats.total[kind], value or 0)
            else:
                write_cell(sheet, bottom, col, content, kind, formats.total[kind])
        bottom += 1
    return row - 3


def _colour(sheet, formats, column, col, last):
    """Colour a column of bands; the cell says the band in words, colour only helps to find it."""
    for text, style in (column.colours or {}).items():
        first = f"{xl_col_to_name(col)}5"
        sheet.conditional_format(
            4,
            col,
            last,
            col,
            {
                "type": "formula",
                "criteria": f'={first}="{text}"',
                "format": getattr(formats, style),
            },
        )
