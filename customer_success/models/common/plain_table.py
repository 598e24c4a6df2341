"""The writer of plain tables: workbooks with one table of rows, outside the reports."""

from typing import NamedTuple

import xlsxwriter

from .excel_text import MAX_ROWS, clean

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
MARK = {"bg_color": "#FFF2CC", "text_wrap": True}


class Marked(NamedTuple):
    """A text with a highlighted cell, because a person has to correct it."""

    text: str


def write_table(stream, title, columns, rows):
    """Write a workbook with one sheet into a binary stream; ``columns`` are ``[(heading, width)]``.

    A row is a sequence of cells: a number, a text, a :class:`Marked` text, or ``None``. Each text stays text, so that
    no text from a person becomes a formula, a link or markup. Rows beyond the limit of Excel are left out.

    >>> from io import BytesIO
    >>> from zipfile import ZipFile
    >>> write_table(stream := BytesIO(), "Table", [("Name", 12)], [["<r>&</r>"], ["=1+1"], [Marked("x")]])
    >>> text = ZipFile(stream).read("xl/worksheets/sheet1.xml").decode()
    >>> "&lt;r&gt;&amp;&lt;/r&gt;" in text, "<f>" in text
    (True, False)
    """
    with xlsxwriter.Workbook(stream, OPTIONS) as workbook:
        head = workbook.add_format({"bold": True})
        mark = workbook.add_format(MARK)
        sheet = workbook.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        for place, (heading, width) in enumerate(columns):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, clean(heading), head)
        for line, cells in zip(range(1, MAX_ROWS), rows):
            for place, cell in enumerate(cells):
                if isinstance(cell, Marked):
                    sheet.write_string(line, place, clean(cell.text), mark)
                elif isinstance(cell, str):
                    if cell:
                        sheet.write_string(line, place, clean(cell))
                elif cell is not None:
                    sheet.write_number(line, place, cell)
