"""A sheet that lists records: one row for each, totals on top as formulas over the cells, filters, frozen headings.

A sheet defines its columns; everything else is here. Rows go from the database to the disk in chunks. A list that
exceeds the limit of an Excel sheet continues on the next sheet. The totals are read from the database before the rows
are written, so that a preview of the file shows them, too.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from xlsxwriter.utility import quote_sheetname, xl_col_to_name, xl_range_abs

from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.gc import disabling_gc

from ...models.common import excel_text
from . import cells, fast_rows
from .book import TOP
from .rows import Labels, Names, stream
from .sheet import Sheet

BAR = {"type": "data_bar", "bar_solid": True, "bar_color": "#9CC5C1", "min_type": "num"}
BAR.update({"min_value": 0, "max_type": "num", "data_bar_2010": True, "bar_direction": "left"})


SHORT = 10_000  # characters; a text of this length fits into a cell, whatever its characters


def _clean(text):
    return excel_text.clean(text) if len(text) > SHORT or text[0] == "<" else text


def _write_rows(sheet, first, last, source, plan, money):
    """Write rows as :func:`fast_rows.write_rows` does, with xlsxwriter's own methods."""
    for row, values in zip(range(first, last + 1), source):
        for position, is_number, style, names, clean in plan:
            value = values[position]
            if names is not None:
                value = names[value]
            if value is None or value == "":
                continue
            if is_number:
                sheet.write_number(row, position, value, style)
            else:
                sheet.write_string(row, position, clean(value) if clean else value, style)
        for position, currency, looks in money:
            value = values[position]
            if value is not None:
                sheet.write_number(row, position, value, looks(values[currency]))


class Column(NamedTuple):
    """A column. Its values are those of the field ``key``, or the result of ``sql``, which is called with the query."""

    key: str
    title: str
    kind: str = "text"  # text, whole, number, percent (0 to 100, shown as %), risk (whole %), date, datetime, month, money
    width: float = 12
    sql: Callable | None = None
    names: Mapping | None = None  # texts shown for values
    total: str | None = None  # average or sum
    share: tuple = ()  # its total: keys whose sum is divided, and keys whose sum divides
    currency: str | None = None  # key of the column that holds the currency of money
    colours: Mapping | None = None  # text: good, warn or bad
    bar: float = 0  # the value of a full bar in the cell


class Line(NamedTuple):
    """A total: a formula over the cells, and its value as the database computes it."""

    formula: str
    value: object
    kind: str
    currency_id: int | None = None


class Table(Sheet):
    """A sheet of records of ``model``, one row each, for the customers of the book."""

    order = "id"
    partner = "partner_id"  # the field that leads to the customer
    with_former = False  # whether the records of former customers belong to it

    def __init__(self, book):
        super().__init__(book)
        self.columns = self.make_columns()
        self.at = {column.key: position for position, column in enumerate(self.columns)}
        self.count, self.totals, self.money = 0, {}, {}

    # Definition of the sheet ----------------------------------------------------------------------

    def note(self):
        """Return an explanation of the sheet, in a sentence."""
        return ""

    def make_columns(self):
        raise NotImplementedError

    def domain(self):
        return Domain.TRUE

    def enrich(self, rows):
        """Change or complete a chunk of rows before it is written."""
        return rows

    def decorate(self, sheet, first, last):
        """Add elements outside the cells, such as sparklines."""

    # Reading --------------------------------------------------------------------------------------

    def query(self, order=None):
        """Return the query of the records that the reader may see, for the customers of the workbook."""
        domain = Domain(self.partner, "in", self.customers) & self.domain()
        return self.env[self.model]._search(domain, order=order)

    @property
    def customers(self):
        """Return the query of the customers whose records are listed."""
        return self.book.everybody if self.with_former else self.book.customers

    def customer(self, width=32):
        """Return the column with the name of the customer."""

        def name(query):
            alias = query.left_join(query.table, self.partner, "res_partner", "id", self.partner)
            return SQL.identifier(alias, "name")

        return Column("customer", self.env._("Customer"), "text", width, name)

    def choice(self, key, title, width=12, **more):
        """Return the column of a selection field."""
        return Column(key, title, "text", width, names=Labels(self.env[self.model], key), **more)

    def record(self, key, title, model, width=18, name="display_name"):
        """Return a column with the names of records of another model."""
        return Column(key, title, "text", width, names=Names(self.env[model], name))

    def source(self, order=None):
        """Return the SQL of the rows, with the columns ``c0``, ``c1`` … in the units of Excel."""
        query = self.query(order)
        records = self.env[self.model]
        columns = [
            cells.excel_sql(
                column.sql(query)
                if column.sql
                else records._field_to_sql(query.table, column.key, query),
                column.kind,
                self.book.zone,
            )
            for column in self.columns
        ]
        return query.select(
            *(SQL("%s AS %s", sql, SQL.identifier(f"c{n}")) for n, sql in enumerate(columns))
        )

    def chunks(self):
        """Yield the rows in lists, in the order of the screen."""
        return stream(self.env, self.source(self.order))

    def prepare(self):
        """Read the number of rows and their totals with two queries, whatever the number of columns."""
        asked = [column for column in self.columns if column.total]
        found = self.env.execute_query(
            SQL(
                "SELECT %s FROM (%s) t",
                SQL(", ").join(
                    [
                        SQL("count(*)"),
                        *(
                            SQL(
                                "%s(%s)",
                                SQL("avg" if column.total == "average" else "sum"),
                                SQL.identifier(f"c{self.at[column.key]}"),
                            )
                            for column in asked
                        ),
                    ]
                ),
                self.source(),
            )
        )[0]
        self.count = found[0]
        self.totals = {
            column.key: None if value is None else float(value)
            for column, value in zip(asked, found[1:])
        }
        self._prepare_money()
        self.book.rows += self.count

    def _prepare_money(self):
        for currency in {column.currency for column in self.columns if column.currency}:
            amounts = [column for column in self.columns if column.currency == currency]
            for currency_id, *sums in self.env.execute_query(
                SQL(
                    "SELECT %s FROM (%s) t GROUP BY 1",
                    SQL(", ").join(
                        [
                            SQL.identifier(f"c{self.at[currency]}"),
                            *(
                                SQL("sum(%s)", SQL.identifier(f"c{self.at[column.key]}"))
                                for column in amounts
                            ),
                        ]
                    ),
                    self.source(),
                )
            ):
                if currency_id:
                    known = self.money.setdefault(currency_id, {})
                    known.update({c.key: v for c, v in zip(amounts, sums) if v is not None})
        self.money = {currency_id: sums for currency_id, sums in self.money.items() if sums}

    # Positions ------------------------------------------------------------------------------------

    @property
    def top(self):
        """Return the row of the headings: below the title, two lines of totals, and one for each currency."""
        return TOP + 2 + len(self.money)

    @property
    def parts(self):
        """Return ``[(sheet name, number of rows)]``; more than one if the rows exceed the limit of a sheet."""
        if not hasattr(self, "_parts"):
            room = excel_text.MAX_ROWS - self.top - 1
            self._parts = [(self.name, min(self.count, room))]
            for start in range(room, self.count, room):
                name = self.book.claim_name(self.label())
                self._parts.append((name, min(self.count - start, room)))
        return self._parts

    def areas(self, key, local=False):
        """Return the cells of a column, one range for each sheet."""
        column = self.at[key]
        return [
            ("" if local else f"{quote_sheetname(name)}!")
            + xl_range_abs(self.top + 1, column, self.top + max(rows, 1), column)
            for name, rows in (self.parts[:1] if local else self.parts)
        ]

    def address(self, key, currency_id=None):
        """Return the cell with the total of a column, for other sheets: ``'Customers'!$F$4``."""
        row = TOP + 1
        if currency_id:
            row = TOP + 3 + list(self.ordered_money()).index(currency_id)
        column = 1 if key == "count" else self.at[key]
        return f"{quote_sheetname(self.name)}!${xl_col_to_name(column)}${row}"

    def ordered_money(self):
        """Return the currencies in the order of their codes."""
        return dict(sorted(self.money.items(), key=lambda item: self.currencies[item[0]]))

    @property
    def currencies(self):
        if not hasattr(self.book, "currencies"):
            self.book.currencies = Names(self.env["res.currency"], "name")
        return self.book.currencies

    # Totals ---------------------------------------------------------------------------------------

    def lines(self):
        """Return ``[(label, {column: Line})]``: all rows, those that the filter shows, and money by currency."""
        local = len(self.parts) == 1
        everything = {
            1: self._line("COUNTA({})", [self.columns[0].key], local, self.count, "whole")
        }
        shown = {
            1: self._line("SUBTOTAL(103,{})", [self.columns[0].key], local, self.count, "whole")
        }
        for position, column in enumerate(self.columns):
            value = self.totals.get(column.key)
            if column.share:
                everything[position] = self._share(column, "SUM({})", local)
                shown[position] = self._share(column, "SUBTOTAL(109,{})", local)
            elif value is not None and column.total == "average":
                everything[position] = self._line(
                    "AVERAGE({})", [column.key], local, value, column.kind
                )
                shown[position] = self._line(
                    'IFERROR(SUBTOTAL(101,{}),"")', [column.key], local, value, column.kind
                )
            elif value is not None:
                everything[position] = self._line(
                    "SUM({})", [column.key], local, value, column.kind
                )
                shown[position] = self._line(
                    "SUBTOTAL(109,{})", [column.key], local, value, column.kind
                )
        return [
            (self.env._("All rows: number, average or total"), everything),
            (self.env._("Rows that the filter shows"), shown if local else {}),
            *self._money_lines(local),
        ]

    def _line(self, formula, keys, local, value, kind):
        ranges = ",".join(area for key in keys for area in self.areas(key, local))
        return Line("=" + formula.format(ranges), value, kind)

    def _share(self, column, function, local):
        over, under = (
            "+".join(function.format(",".join(self.areas(key, local))) for key in keys)
            for keys in column.share
        )
        divisor = sum(self.totals.get(key) or 0 for key in column.share[1])
        divided = sum(self.totals.get(key) or 0 for key in column.share[0])
        value = divided / divisor if divisor else ""
        return Line(f'=IFERROR(({over})/({under}),"")', value, column.kind)

    def _money_lines(self, local):
        for currency_id, sums in self.ordered_money().items():
            code = self.currencies[currency_id].replace('"', '""')
            line = {}
            for key, value in sums.items():
                column = self.columns[self.at[key]]
                summed = "+".join(
                    f'SUMIF({where},"{code}",{what})'
                    for where, what in zip(
                        self.areas(column.currency, local), self.areas(key, local)
                    )
                )
                line[self.at[key]] = Line(f"={summed}", float(value), "money", currency_id)
            yield self.env._("Total in %s", self.currencies[currency_id]), line

    # Writing --------------------------------------------------------------------------------------

    def fill(self):
        """Write the sheet, and those on which it continues."""
        source = (row for chunk in self.chunks() for row in self._finish(chunk))
        for number, (name, rows) in enumerate(self.parts, 1):
            note = self.note()
            if len(self.parts) > 1:
                part = self.env._("Sheet %(n)d of %(all)d.", n=number, all=len(self.parts))
                note = f"{part} {note}"
            sheet = self.book.open_sheet(name, self.heading(), note)
            self._head(sheet, with_totals=number == 1)
            first, last = self.top + 1, self.top + max(rows, 1)
            # Rows are plain values, so the garbage collector would search all of Odoo's objects for nothing.
            with disabling_gc():
                self._body(sheet, first, source, rows)
            self._conditions(sheet, first, last)
            self.decorate(sheet, first, self.top + rows)
            sheet.autofilter(self.top, 0, last, len(self.columns) - 1)
        next(source, None)  # there is no further chunk; the request closes the cursor

    def _head(self, sheet, with_totals):
        formats = self.book.formats
        for position, column in enumerate(self.columns):
            sheet.set_column(position, position, column.width)
        if with_totals:
            for row, (label, line) in enumerate(self.lines(), TOP):
                for position in range(len(self.columns)):
                    total = line.get(position)
                    if position == 0:
                        sheet.write_string(row, 0, label, formats.total["text"])
                    elif total is None:
                        sheet.write_blank(row, position, None, formats.total["text"])
                    else:
                        look = formats.total[total.kind]
                        if total.kind == "money":
                            look = formats.money(total.currency_id, "total")
                        sheet.write_formula(row, position, total.formula, look, total.value)
        sheet.set_row(self.top, 48)
        for position, column in enumerate(self.columns):
            sheet.write_string(self.top, position, column.title, formats.head)
        sheet.freeze_panes(self.top + 1, 1)
        sheet.repeat_rows(self.top)

    def _finish(self, rows):
        """Replace ids by names, one chunk at a time."""
        named = [(n, c.names) for n, c in enumerate(self.columns) if isinstance(c.names, Names)]
        for position, names in named:
            names.learn({row[position] for row in rows})
        rows = self.enrich(rows)
        self.book.wrote(len(rows))
        return rows

    def _body(self, sheet, row, source, rows):
        """Write the rows, or a note that there are none."""
        if not rows:
            sheet.write_string(row, 0, self.env._("Nothing to show."), self.book.formats.note)
            return
        formats = self.book.formats
        plan, money = [], []
        for position, column in enumerate(self.columns):
            if column.kind == "money":
                money.append((position, self.at[column.currency], formats.money))
            else:
                is_number = column.kind != "text"
                clean = None if is_number or column.names is not None else _clean
                plan.append((position, is_number, formats.cell[column.kind], column.names, clean))
        write_rows = fast_rows.write_rows if fast_rows.can_write(sheet) else _write_rows
        write_rows(sheet, row, row + rows - 1, source, plan, money)

    def _conditions(self, sheet, first, last):
        """Colour a column of bands; the cell contains the band as a text, the colour only helps to find it."""
        for position, column in enumerate(self.columns):
            for text, colour in (column.colours or {}).items():
                look = self.book.formats.colour[colour]
                criteria = f'={xl_col_to_name(position)}{first + 1}="{text}"'
                sheet.conditional_format(
                    first,
                    position,
                    last,
                    position,
                    {"type": "formula", "criteria": criteria, "format": look},
                )
            if column.bar:
                sheet.conditional_format(
                    first, position, last, position, {**BAR, "max_value": column.bar}
                )


class ListTable(Table):
    """A sheet with few rows, computed in Python as tuples in the order of the columns."""

    def make_rows(self):
        raise NotImplementedError

    def prepare(self):
        kinds = [column.kind for column in self.columns]
        self.made = [
            [cells.excel(value, kind) for value, kind in zip(row, kinds)]
            for row in self.make_rows()
        ]
        self.count = len(self.made)
        for position, column in enumerate(self.columns):
            known = [row[position] for row in self.made if row[position] is not None]
            if column.total and known:
                total = sum(known)
                self.totals[column.key] = total / len(known) if column.total == "average" else total
            for row in self.made if column.currency else ():
                if row[position] is not None:
                    sums = self.money.setdefault(row[self.at[column.currency]], {})
                    sums[column.key] = sums.get(column.key, 0) + row[position]
        self.book.rows += self.count

    def chunks(self):
        yield self.made
