import shutil
import subprocess
import tempfile
import warnings
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook

from odoo.tests import new_test_user

from ..common import SuccessCase, days

ALL = (
    "Summary",
    "Customers",
    "Products",
    "Degrees of use",
    "Symptoms of misuse",
    "Years after go-live",
    "Time and adoption",
    "Barriers",
    "Questions",
    "Renewals",
    "Forecast",
    "Recurring revenue",
    "Revenue retention",
    "Former customers",
    "Stakeholders",
    "Objectives",
    "Changes ahead",
    "Time on advice",
    "Conversations",
    "Effects",
    "Method",
)


class WorkbookCase(SuccessCase):
    """A small book with data for each sheet, and a second CSM whose customer not everybody may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.books = cls.env["customer.success.workbook"]
        cls.risky = cls._customer("Risky", ref="R-1", success_go_live_date=days(500))
        cls._usage(cls.risky, active=2, quality=40)
        cls._usage(cls.risky, active=50, when=days(75))
        cls._renewal(cls.risky)
        cls._renewal(
            cls.risky,
            outcome="contracted",
            date_renewal=days(265),
            date_start=days(630),
            renewed_value=900,
        )
        cls._barrier(cls.risky, authority="none", people_affected=12)
        cls._answer(cls.risky, cls.questions[0], "concern")
        cls.env["customer.success.answer"].create(
            {
                "partner_id": cls.risky.id,
                "question_id": cls.questions[1].id,
                "not_asked_reason": "No time",
                "date": days(3),
            }
        )
        cls.evil = cls._customer('=HYPERLINK("http://x")', success_user_id=cls.lead_csm.id)
        cls._renewal(cls.evil, value=100)
        cls._barrier(cls.evil, "3", name="<r>Theirs</r>")
        cls.unknown = cls._customer("Unknown", "sustained_use")
        cls.customers = cls.risky | cls.evil | cls.unknown
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        contact = cls._contact(cls.risky, "Grace")
        for customer, confirmed in ((cls.risky, contact), (cls.evil, contact.browse())):
            cls.env["customer.success.objective"].create(
                {
                    "name": "Orders on the day",
                    "partner_id": customer.id,
                    "state": "confirmed" if confirmed else "open",
                    "confirmed_by_id": confirmed.id,
                    "evidence": "Their monthly report",
                    "currency_id": cls.euro.id,
                    "expected_value": 7000,
                    "realised_value": 5000 if confirmed else 0,
                    "date_due": days(-20),
                }
            )
            cls.env["customer.success.change"].create(
                {
                    "name": "New hires",
                    "partner_id": customer.id,
                    "date": days(-10),
                    "people_affected": 20,
                }
            )
            cls.env["customer.success.interaction"].create(
                {
                    "partner_id": customer.id,
                    "kind": "advisory",
                    "duration": 2,
                    "user_id": customer.success_user_id.id,
                    "date": days(2),
                    "summary": "They decided who owns the sheet",
                }
            ).action_log()
        cls._rescore(cls.customers)

    def _write(self, user=None, domain=None, sheets=None, **more):
        stream = BytesIO()
        domain = domain or [("id", "in", self.customers.ids)]
        answer = self.books.with_user(user or self.manager)._write(stream, domain, sheets, **more)
        return stream.getvalue(), answer

    def _book(self, user=None, domain=None, sheets=None, values=False, **more):
        """Return the workbook as openpyxl reads it, with formulas, or with ``values`` as a preview shows it."""
        content, _answer = self._write(user, domain, sheets, **more)
        return read(content, values)

    def _top(self, sheet):
        """Return the number of the row of headings: the first one with all cells filled, white on dark."""
        return next(
            row[0].row
            for row in sheet.iter_rows(max_row=20)
            if row[0].fill.fgColor.rgb == "FF17504F"
        )

    def _headings(self, sheet):
        return [cell.value for cell in sheet[self._top(sheet)]]

    def _lines(self, sheet):
        """Return ``[{heading: cell}]`` of the rows."""
        headings = self._headings(sheet)
        return [
            dict(zip(headings, row))
            for row in sheet.iter_rows(min_row=self._top(sheet) + 1)
            if row[0].value is not None
        ]

    def _rows(self, sheet):
        """Return the same as a dict by the value in the first column."""
        return {next(iter(line.values())).value: line for line in self._lines(sheet)}

    def _totals(self, sheet):
        """Return ``{label: {heading: cell}}`` of the totals on top."""
        headings, top = self._headings(sheet), self._top(sheet)
        return {
            row[0].value: dict(zip(headings, row))
            for row in sheet.iter_rows(min_row=4, max_row=top - 1)
        }

    def _text(self, book):
        """Return all values of a workbook as one text."""
        return "\n".join(
            str(cell.value)
            for sheet in book
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        )

    @classmethod
    def _outsider(cls):
        """Return a manager of another company."""
        company = cls.env["res.company"].create({"name": "Elsewhere"})
        return new_test_user(
            cls.env,
            "test_outsider",
            "customer_success.group_success_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )


def read(content, values=False):
    """Return the workbook in these bytes, without openpyxl's warnings about omitted parts such as sparklines."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_workbook(BytesIO(content), data_only=values)


def convert(content, extension):
    """Return the workbook after LibreOffice has computed each formula itself; fail with its message if it cannot."""
    program = shutil.which("soffice")
    if not program:
        raise AssertionError("LibreOffice is not installed: ./dev test installs it where it may")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "book.xlsx"
        path.write_bytes(content)
        target = Path(directory) / "out"
        done = subprocess.run(
            [
                program,
                "--headless",
                f"-env:UserInstallation=file://{directory}/profile",
                "--convert-to",
                extension,
                "--outdir",
                str(target),
                str(path),
            ],
            capture_output=True,
            text=True,
            timeout=180,
        )
        made = target / f"book.{extension}"
        if done.returncode or not made.exists():
            raise AssertionError(f"LibreOffice: {done.stdout} {done.stderr}")
        return made.read_bytes()
