"""A fast writer of plain rows, directly into the file that xlsxwriter keeps for a sheet in constant memory.

xlsxwriter passes each cell through a dozen calls, most of which have nothing to do for values whose kind and format are
known by column. A text with special characters is written by the usual method. The tests compare the output of both.
"""

import io
import re
from collections import namedtuple

from xlsxwriter.utility import xl_col_to_name

# Characters that XML or Excel needs escaped, and blanks at the ends, which are kept only if they are marked.
SPECIAL = re.compile(r'[&<>"\x00-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|^\s|\s$')
String = namedtuple("String", "string format")  # xlsxwriter's type of a text cell


def can_write(sheet):
    """Return whether this version of xlsxwriter keeps rows in the form that is expected here."""
    return isinstance(getattr(sheet, "row_data_fh", None), io.TextIOBase) and all(
        hasattr(sheet, name) for name in ("_write_single_row", "_write_cell", "previous_row", "fh")
    )


def write_rows(sheet, first, last, source, plan, money):
    """Write the rows from ``first`` to ``last``, which ``source`` yields.

    ``plan`` is ``[(column, is number, format, names or None, clean or None)]``, ``money`` is
    ``[(column, column of the currency, function currency -> format)]``. The cells of a row are in the order of columns.
    """
    sheet._write_single_row(first)  # write the pending row first
    write, special = sheet.fh.write, SPECIAL.search
    columns = sorted(
        [(p, number, style, names, clean, None) for p, number, style, names, clean in plan]
        + [(p, True, looks, None, None, currency) for p, currency, looks in money],
        key=lambda column: column[0],
    )
    columns = [
        (
            p,
            xl_col_to_name(p),
            number,
            style if currency is not None else style._get_xf_index(),
            style,
            names,
            clean,
            currency,
        )
        for p, number, style, names, clean, currency in columns
    ]
    for row, values in zip(range(first, last + 1), source):
        line = row + 1
        parts = [f'<row r="{line}">']
        for position, letters, number, index, style, names, clean, currency in columns:
            value = values[position]
            if names is not None:
                value = names[value]
            if value is None or value == "":
                continue
            if number:
                if currency is not None:
                    index = style(values[currency])._get_xf_index()
                parts.append(f'<c r="{letters}{line}" s="{index}"><v>{value!r}</v></c>')
                continue
            if clean is not None:
                value = clean(value)
            if special(value):
                write("".join(parts))
                parts = []
                sheet._write_cell(row, position, String(value, style))
            else:
                parts.append(
                    f'<c r="{letters}{line}" s="{index}" t="inlineStr"><is><t>{value}</t></is></c>'
                )
        parts.append("</row>")
        write("".join(parts))
    sheet._check_dimensions(last, columns[-1][0])
    sheet.previous_row = last + 1
