from datetime import datetime
from io import BytesIO

from openpyxl import load_workbook

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestWorkbook(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.risky = cls._customer("Risky", ref="R-1", success_go_live_date=days(500))
        cls._usage(cls.risky, active=2)
        cls._renewal(cls.risky)
        cls._renewal(
            cls.risky,
            outcome="renewed",
            date_renewal=days(265),
            date_start=days(630),
            renewed_value=900,
        )
        cls.evil = cls._customer('=HYPERLINK("http://x")', success_user_id=cls.lead_csm.id)
        cls._renewal(cls.evil, value=100)
        cls.unknown = cls._customer("Unknown", "sustained_use")
        cls.customers = cls.risky | cls.evil | cls.unknown
        cls._rescore(cls.customers)

    def _book(self, user, domain=None, sheets=None):
        stream = BytesIO()
        domain = domain or [("id", "in", self.customers.ids)]
        self.env["customer.success.workbook"].with_user(user)._write(stream, domain, sheets)
        return load_workbook(BytesIO(stream.getvalue()))

    def _rows(self, sheet):
        """``{first cell: {heading: cell}}`` of the data and total rows."""
        heading = [cell.value for cell in sheet[4]]
        return {
            row[0].value: dict(zip(heading, row))
            for row in sheet.iter_rows(min_row=5)
            if row[0].value
        }

    def test_cells_hold_what_the_screen_shows(self):
        row = self._rows(self._book(self.manager)["Customers"])["Risky"]
        self.assertEqual(row["Health (high is good)"].value, self.risky.success_health)
        self.assertAlmostEqual(
            row["Risk of leaving (high is bad)"].value, self.risky.success_renewal_risk / 100
        )
        self.assertEqual(row["Risk of leaving (high is bad)"].number_format, "0.0%")
        self.assertEqual(row["Value at risk"].value, self.risky.success_value_at_risk)
        self.assertEqual(row["Go-live"].value, datetime.combine(days(500), datetime.min.time()))
        self.assertEqual(row["Stage"].value, "Effective use")
        self.assertEqual(row["CSM"].value, self.csm.name)

    def test_the_unknown_is_an_empty_cell(self):
        row = self._rows(self._book(self.manager)["Customers"])["Unknown"]
        self.assertIsNone(row["Health (high is good)"].value)
        self.assertIsNone(row["Risk of leaving (high is bad)"].value)

    def test_riskiest_first_and_the_unknown_last(self):
        names = list(self._rows(self._book(self.manager)["Customers"]))[:3]
        self.assertEqual(
            names[0], max(self.risky | self.evil, key=lambda c: c.success_renewal_risk).name
        )
        self.assertEqual(names[2], "Unknown")

    def test_totals_are_formulas_that_agree_with_the_orm(self):
        sheet = self._book(self.manager)["Customers"]
        code = self.company.currency_id.name
        total = self._rows(sheet)[f"Total value at risk in {code}"]["Value at risk"]
        self.assertTrue(total.value.startswith("=SUMIF("))
        stream = BytesIO()
        self.env["customer.success.workbook"].with_user(self.manager)._write(
            stream, [("id", "in", self.customers.ids)]
        )
        cached = load_workbook(BytesIO(stream.getvalue()), data_only=True)["Customers"]
        expected = sum(c.success_value_at_risk for c in self.risky | self.evil)
        self.assertAlmostEqual(cached[total.coordinate].value, expected, places=2)

    def test_text_from_people_is_never_a_formula_or_a_link(self):
        book = self._book(self.manager)
        cell = self._rows(book["Customers"])[self.evil.name]["Customer"]
        self.assertEqual((cell.data_type, cell.value), ("s", self.evil.name))
        self.assertIsNone(cell.hyperlink)

    def test_ended_renewals_show_their_outcome_and_no_forecast(self):
        rows = [
            {c: cell.value for c, cell in zip([h.value for h in sheet[4]], row)}
            for sheet in [self._book(self.manager)["Renewals"]]
            for row in sheet.iter_rows(min_row=5)
        ]
        ended = next(row for row in rows if row["Outcome"] == "Renewed")
        self.assertIsNone(ended["Risk of leaving (high is bad)"])
        self.assertEqual(ended["Renewed value"], 900)
        pending = next(
            row for row in rows if row["Outcome"] == "Pending" and row["Customer"] == "Risky"
        )
        self.assertAlmostEqual(
            pending["Risk of leaving (high is bad)"], self.risky.success_renewal_risk / 100
        )

    def test_a_csm_gets_own_customers_only(self):
        names = self._rows(self._book(self.csm)["Customers"])
        self.assertIn("Risky", names)
        self.assertNotIn(self.evil.name, names)
        renewals = self._rows(self._book(self.csm)["Renewals"])
        self.assertNotIn(self.evil.name, renewals)

    def test_exporting_takes_the_role_and_the_right(self):
        with self.assertRaises(AccessError):
            self._book(self.sales)
        export = self.env.ref("base.group_allow_export")
        self.csm.group_ids -= export
        with self.assertRaises(AccessError):
            self._book(self.csm)

    def test_nobody_selected_still_makes_a_workbook(self):
        book = self._book(self.manager, [("id", "=", 0)])
        self.assertEqual(book.sheetnames, ["Customers", "Renewals"])

    def test_a_list_selected_whole_is_exported_whole(self):
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", 1)
        wizard = (
            self.env["customer.success.workbook.wizard"]
            .with_user(self.manager)
            .with_context(
                active_model="res.partner",
                active_ids=self.risky.ids,
                active_domain=[("id", "in", self.customers.ids)],
            )
            .create({})
        )
        self.assertEqual((wizard.scope, wizard.selected_count), ("selected", 3))
        stream = BytesIO()
        wizard._write(stream)
        names = self._rows(load_workbook(BytesIO(stream.getvalue()))["Customers"])
        self.assertIn("Unknown", names)

    def test_sheets_can_be_chosen(self):
        self.assertEqual(self._book(self.manager, sheets=["renewals"]).sheetnames, ["Renewals"])

    def test_more_customers_take_no_more_queries(self):
        self._queries(self.customers)  # warms the caches of names and rights
        few = self._queries(self.customers)
        for number in range(20):
            self.customers |= self._customer(f"C{number}")
        for customer in self.customers[3:]:
            self._renewal(customer)
        self._rescore(self.customers)
        self.assertEqual(self._queries(self.customers), few)

    def _queries(self, customers):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._book(self.manager, [("id", "in", customers.ids)])
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestWorkbookDownload(HttpCase, SuccessCase):
    def _wizard(self, user):
        return self.env["customer.success.workbook.wizard"].with_user(user).create({"scope": "all"})

    def test_the_file_comes_over_http_for_who_asked_for_it(self):
        self._rescore(self._customer())
        wizard = self._wizard(self.manager)
        action = wizard.action_download()
        self.authenticate("test_manager", "test_manager")
        response = self.url_open(action["url"])
        self.assertEqual(response.status_code, 200)
        self.assertIn(".xlsx", response.headers["Content-Disposition"])
        self.assertIn("Customers", load_workbook(BytesIO(response.content)).sheetnames)

    @mute_logger("odoo.http")
    def test_nobody_fetches_another_ones_file(self):
        wizard = self._wizard(self.manager)
        self.authenticate("test_csm", "test_csm")
        self.assertEqual(self.url_open(f"/customer_success/workbook/{wizard.id}").status_code, 403)
        self.authenticate(None, None)
        response = self.url_open(f"/customer_success/workbook/{wizard.id}", allow_redirects=False)
        self.assertNotEqual(response.status_code, 200)
        self.authenticate("test_sales", "test_sales")
        self.assertNotEqual(
            self.url_open(f"/customer_success/workbook/{wizard.id}").status_code, 200
        )
