"""The state that all sheets of one workbook share: its reader, customers, period, moment and progress."""

import re
from datetime import UTC, datetime

from odoo import fields
from odoo.tools.misc import format_datetime, get_lang

from .formats import Formats

A4 = 9
MAX_NAME = 31
TOP = 3  # the number of rows with the title, the moment and the reader, and the filters


class Book:
    """A workbook while it is written.

    ``customers`` is the query of its customers, which the reader may see, ``everybody`` the same with former customers,
    ``ended`` with those who are archived or followed no more as well, for retention,
    and ``filters`` describes them as a text.
    ``months`` is the number of months that it covers back and ahead (``None``: everything). ``before`` contains the
    figures of the previous workbook of the series (``{"date": ..., "figures": ...}``). ``report_progress`` is called
    with the progress in percent.
    """

    def __init__(
        self,
        env,
        workbook,
        customers,
        everybody,
        ended,
        *,
        filters="",
        months=None,
        before=None,
        report_progress=None,
    ):
        self.env = env
        self.workbook = workbook
        self.customers = customers
        self.everybody = everybody
        self.ended = ended
        self.filters = filters or env._("All customers that you may see.")
        self.months = months
        self.before = before
        self.today = fields.Date.context_today(env["res.partner"])
        self.zone = str(env.tz)
        self.formats = Formats(env, workbook)
        self.right_to_left = get_lang(env).direction == "rtl"
        self.names = set()
        self.sheets = {}  # sheets whose totals were read, by code
        self.chosen = []  # codes of the sheets that are written
        self.figures = {}  # the figures of the Summary, kept for the next workbook of the series
        self.rows = self.rows_written = 0
        self._report_progress = report_progress or (lambda percent: None)
        workbook.set_properties(
            {
                "title": env._("Customer Success"),
                "author": env.user.name,
                "company": env.company.name,
                "comments": self.filters,
                "created": datetime.now(UTC).replace(tzinfo=None),
            }
        )
        workbook.set_calc_mode("auto")

    def claim_name(self, title):
        """Return a unique name for a sheet: Excel ignores case, forbids some characters and allows 31 of them.

        Translations may give two sheets the same title, and a long list continues on another sheet.
        """
        plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).strip(" '") or "Sheet"
        name, number = plain[:MAX_NAME].strip(), 1
        while name.lower() in self.names or name.lower() == "history":  # Excel reserves this name
            number += 1
            mark = f" ({number})"
            name = plain[: MAX_NAME - len(mark)].strip() + mark
        self.names.add(name.lower())
        return name

    def open_sheet(self, name, heading, note="", wide=True):
        """Add a sheet with its title, its date, its filters and its print settings, and return it."""
        sheet = self.workbook.add_worksheet(name)
        if self.right_to_left:
            sheet.right_to_left()
        if wide:
            sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{self.env.company.name.replace('&', '&&')}&C&A&R&P / &N")
        sheet.set_row(0, 27)
        sheet.write_string(0, 0, heading, self.formats.title)
        sheet.write_string(1, 0, self.as_of(), self.formats.note)
        sheet.write_string(2, 0, f"{self.filters} {note}".strip()[:2000], self.formats.note)
        return sheet

    def as_of(self):
        """Return the moment of the workbook and the name of its reader, as a sentence."""
        return self.env._(
            "As of %(when)s (%(zone)s), for %(user)s: only what this user may see.",
            when=format_datetime(self.env, fields.Datetime.now(), tz=self.zone, dt_format="short"),
            zone=self.zone,
            user=self.env.user.name,
        )

    def wrote(self, rows):
        """Report that this number of further rows is written."""
        self.rows_written += rows
        self._report_progress(min(99, 100 * self.rows_written // max(self.rows, 1)))
