"""What all sheets of one workbook share: whose it is, of which customers and of when, and how far it is."""

import re
from datetime import UTC, datetime

from odoo import fields
from odoo.tools.misc import format_datetime, get_lang

from .formats import Formats

A4 = 9
MAX_NAME = 31
TOP = 3  # rows with the title, of when and for whom, and the filters


class Book:
    """A workbook on its way to the disk.

    ``customers`` is the query of the customers in it, which the reader may see; ``filters`` says in words which
    they are, ``months`` how far it looks back and ahead (``None``: everything), ``before`` what the former
    workbook like this one found (``{"date": ..., "figures": ...}``), ``report_progress`` takes the progress in percent.
    """

    def __init__(
        self,
        env,
        workbook,
        customers,
        *,
        filters="",
        months=None,
        before=None,
        report_progress=None,
    ):
        self.env = env
        self.workbook = workbook
        self.customers = customers
        self.filters = filters or env._("All customers that you may see.")
        self.months = months
        self.before = before
        self.today = fields.Date.context_today(env["res.partner"])
        self.zone = str(env.tz)
        self.formats = Formats(env, workbook)
        self.right_to_left = get_lang(env).direction == "rtl"
        self.names = set()
        self.sheets = {}  # those that were asked for their totals, by code
        self.chosen = []  # codes of those that are written
        self.figures = {}  # of the summary, for the next workbook like this one
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
        """A name for a sheet that no other has: Excel knows neither case nor some characters, and ends at 31.

        Translations may bring two titles to the same name, and a long list goes on on another sheet.
        """
        plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).strip(" '") or "Sheet"
        name, number = plain[:MAX_NAME].strip(), 1
        while (
            name.lower() in self.names or name.lower() == "history"
        ):  # Excel keeps that one for itself
            number += 1
            mark = f" ({number})"
            name = plain[: MAX_NAME - len(mark)].strip() + mark
        self.names.add(name.lower())
        return name

    def open_sheet(self, name, heading, note="", wide=True):
        """A new sheet with its title, its date, its filters, and its print set-up."""
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
        """Of when the workbook is, and whose eyes it was made with."""
        return self.env._(
            "As of %(when)s (%(zone)s), for %(user)s: what they may see, and nothing else.",
            when=format_datetime(self.env, fields.Datetime.now(), tz=self.zone, dt_format="short"),
            zone=self.zone,
            user=self.env.user.name,
        )

    def wrote(self, rows):
        """So many rows more are on the disk."""
        self.rows_written += rows
        self._report_progress(min(99, 100 * self.rows_written // max(self.rows, 1)))
