import errno
import zipfile
from datetime import datetime, timedelta
from io import BytesIO
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from ...models.common import excel_text
from ...report.workbook import fast_rows, rows
from ...report.workbook.book import Book
from ...report.workbook.sheet_barriers import Barriers
from ..common import TODAY, days
from .workbook_common import ALL, WorkbookCase, convert, read

RISK = "Churn risk (high is bad)"
HEALTH = "Health (high is good)"
AVERAGES = "All rows: number, average or total"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestWorkbook(WorkbookCase):
    needs_office = True  # ./dev test installs LibreOffice for these

    def test_there_is_a_sheet_for_each_question(self):
        names = self._book().sheetnames
        self.assertEqual([name for name in names if name != "Retention"], list(ALL))

    def test_cells_hold_what_the_screen_shows(self):
        row = self._rows(self._book()["Customers"])["Risky"]
        self.assertEqual(row[HEALTH].value, self.risky.success_health)
        self.assertAlmostEqual(row[RISK].value, self.risky.success_renewal_risk / 100)
        self.assertEqual(row[RISK].number_format, "0%")
        self.assertEqual(row["Value at risk"].value, self.risky.success_value_at_risk)
        self.assertEqual(row["Go-live"].value, datetime.combine(days(500), datetime.min.time()))
        self.assertEqual(row["Stage"].value, "Effective use")
        self.assertEqual(row["CSM"].value, self.csm.name)

    def test_segments_are_a_column_and_a_filter(self):
        segment = self.env["customer.success.segment"].create(
            {"name": "Large", "domain": "[('ref', '=', 'R-1')]"}
        )
        rows_ = self._rows(self._book()["Customers"])
        self.assertEqual(rows_["Risky"]["Segment"].value, "Large")
        self.assertFalse(rows_["Unknown"]["Segment"].value)
        wizard = self.env["customer.success.workbook.wizard"].with_user(self.manager)
        wizard = wizard.create({"segment_ids": segment.ids})
        self.assertEqual(wizard.customer_count, 1)
        self.assertIn("Segments: Large", wizard._filter_text())

    def test_the_sheet_of_segments_agrees_with_the_screens(self):
        self.assertNotIn("By segment", self._book().sheetnames)
        segment = self.env["customer.success.segment"].create(
            {"name": "Large", "domain": "[('ref', '=', 'R-1')]", "weights": {"use": 55}}
        )
        self.env.flush_all()
        self._rescore(self.customers)
        book = self._book()
        rows_ = {line["Segment"].value: line for line in self._lines(book["By segment"])}
        self.assertEqual(list(rows_)[:2], ["Large", "No segment"])
        large = rows_["Large"]
        self.assertEqual(large["Customers"].value, 1)
        self.assertEqual(large["Average health (high is good)"].value, self.risky.success_health)
        self.assertAlmostEqual(
            large["Average churn risk (high is bad)"].value, self.risky.success_renewal_risk / 100
        )
        renewals = self.env["customer.success.retention"].search([("segment_id", "=", segment.id)])
        self.assertEqual(len(renewals), 1)
        self.assertIsNotNone(large["Gross retention (high is good)"].value)
        for sheet in ("Renewals", "Degrees of use"):
            found = {line["Segment"].value for line in self._lines(book[sheet])}
            self.assertIn("Large", found, sheet)
        method = self._text(book)
        self.assertIn("Use 55 instead of 30", method)

    def test_reasons_are_those_of_the_form(self):
        explanation = self.env["customer.success.explanation"].with_user(self.manager)
        scores = self.customers.success_score_id
        said = {
            score.id: ", ".join(reasons) for score, reasons in explanation._reasons(scores).items()
        }
        rows_ = self._rows(self._book()["Customers"])
        for customer in self.risky | self.evil:
            self.assertEqual(
                rows_[customer.name]["Reasons for the risk, in points"].value,
                said[customer.success_score_id.id],
            )

    def test_money_has_the_format_of_its_currency(self):
        row = self._rows(self._book()["Customers"])["Risky"]
        currency = self.risky.success_currency_id
        self.assertIn(currency.symbol, row["Value at risk"].number_format)
        self.assertEqual(row["Currency"].value, currency.name)

    def test_a_currency_without_a_symbol_shows_its_code(self):
        self.risky.success_currency_id.symbol = '"'
        self.env["res.currency"].flush_model()
        self.env.cr.execute(
            "UPDATE res_currency SET symbol = '' WHERE id = %s", [self.risky.success_currency_id.id]
        )
        self.env.invalidate_all()
        row = self._rows(self._book()["Customers"])["Risky"]
        self.assertIn(self.risky.success_currency_id.name, row["Value at risk"].number_format)

    def test_the_unknown_is_an_empty_cell(self):
        row = self._rows(self._book()["Customers"])["Unknown"]
        self.assertIsNone(row[HEALTH].value)
        self.assertIsNone(row[RISK].value)

    def test_riskiest_first_and_the_unknown_last(self):
        names = list(self._rows(self._book()["Customers"]))
        first = max(self.risky | self.evil, key=lambda customer: customer.success_renewal_risk)
        self.assertEqual((names[0], names[2]), (first.name, "Unknown"))

    def test_totals_are_formulas_and_what_a_preview_shows_is_what_the_orm_says(self):
        content, _answer = self._write()
        formulas = read(content)
        values = read(content, values=True)
        expected = self._expected()
        self.assertGreater(len(expected), 12)
        for (sheet, label, heading), value in expected.items():
            with self.subTest(sheet=sheet, heading=heading):
                self.assertTrue(
                    str(self._totals(formulas[sheet])[label][heading].value).startswith("=")
                )
                shown = self._totals(values[sheet])[label][heading].value
                self.assertAlmostEqual(shown, value, places=6)

    def _expected(self, user=None, scope=None):
        """Return ``{(sheet, label, heading): total}``, computed by the methods that the screens call."""
        env = self.env(user=user or self.manager)
        ours = [("partner_id", "in", (scope or self.customers).ids)]
        code = self.company.currency_id.name

        def group(model, aggregates, domain=()):
            return env[model]._read_group([*ours, *domain], [], aggregates)[0]

        customers = env["res.partner"]._read_group(
            [("id", "in", (scope or self.customers).ids)],
            [],
            [
                "__count",
                "success_health:avg",
                "success_confidence:avg",
                "success_renewal_risk:avg",
                "success_value_at_risk:sum",
                "success_coverage:avg",
            ],
        )[0]
        renewals = group(
            "customer.success.renewal",
            ["annual_value:sum", "churn_risk:avg", "value_at_risk:sum", "seats:sum"],
        )
        barriers = group("customer.success.barrier", ["__count", "people_affected:sum"])
        objectives = group(
            "customer.success.objective", ["__count", "expected_value:sum", "realised_value:sum"]
        )
        changes = group("customer.success.change", ["__count", "people_affected:sum"])
        talks = group(
            "customer.success.interaction", ["__count", "advice_share:avg", "duration:sum"]
        )
        return {
            ("Customers", AVERAGES, "Reference"): customers[0],
            ("Customers", AVERAGES, HEALTH): customers[1],
            ("Customers", AVERAGES, "Known"): customers[2] / 100,
            ("Customers", AVERAGES, RISK): customers[3] / 100,
            ("Customers", f"Total in {code}", "Value at risk"): customers[4],
            ("Customers", AVERAGES, "Questions covered"): customers[5] / 100,
            ("Renewals", f"Total in {code}", "Annual value"): renewals[0],
            ("Renewals", AVERAGES, RISK): renewals[1] / 100,
            ("Renewals", f"Total in {code}", "Value at risk"): renewals[2],
            ("Renewals", AVERAGES, "Seats"): renewals[3],
            ("Barriers", AVERAGES, "Number"): barriers[0],
            ("Barriers", AVERAGES, "People affected"): barriers[1],
            ("Objectives", AVERAGES, "Objective"): objectives[0],
            ("Objectives", "Total in EUR", "Value expected"): objectives[1],
            ("Objectives", "Total in EUR", "Value realised"): objectives[2],
            ("Changes ahead", AVERAGES, "Change"): changes[0],
            ("Changes ahead", AVERAGES, "People affected"): changes[1],
            ("Time on advice", AVERAGES, "Conversations"): talks[0],
            ("Time on advice", AVERAGES, "Time on advice (high is good)"): talks[1] / 100,
            ("Time on advice", AVERAGES, "Hours on advice"): talks[2],
        }

    def test_retention_is_that_of_the_report(self):
        self._renewal(
            self.risky,
            outcome="contracted",
            date_start=days(1000),
            date_renewal=days(635),
            date_outcome=days(640),
            value=2000,
            renewed_value=1500,
        )
        self._renewal(
            self.evil,
            outcome="expanded",
            date_start=days(700),
            date_renewal=days(300),
            date_outcome=days(305),
            value=500,
            renewed_value=700,
        )
        for user, scope in ((self.manager, self.customers), (self.csm, self.risky | self.unknown)):
            cohorts = (
                self.env["customer.success.retention"]
                .with_user(user)
                ._read_group(
                    [("partner_id", "in", scope.ids), ("outcome", "!=", "undecided")],
                    ["cohort_date:year"],
                    [
                        "__count",
                        "value_before:sum",
                        "value_kept:sum",
                        "value_renewed:sum",
                        "gross_retention:avg",
                        "net_retention:avg",
                    ],
                )
            )
            self.assertEqual(len(cohorts), 2 if user == self.manager else 1)
            shown = self._rows(self._book(user)["Retention"])
            with self.subTest(user=user.login):
                self.assertEqual(set(shown), {str(since.year) for since, *_ in cohorts})
            for since, terms, before, kept, renewed, gross, net in cohorts:
                row = shown[str(since.year)]
                with self.subTest(user=user.login, since=since):
                    self.assertEqual(row["Terms ended"].value, terms)
                    self.assertAlmostEqual(row["Up for renewal"].value, before)
                    self.assertAlmostEqual(row["Kept"].value, kept)
                    self.assertAlmostEqual(row["Renewed, with expansion"].value, renewed)
                    self.assertAlmostEqual(
                        row["Gross retention (high is good)"].value, gross / 100, places=3
                    )
                    self.assertAlmostEqual(
                        row["Net retention (high is good)"].value, net / 100, places=3
                    )

    def test_libreoffice_computes_the_same_totals_and_makes_a_pdf(self):
        content, _answer = self._write()
        again = read(convert(content, "xlsx"), values=True)
        ours = read(content, values=True)
        for (sheet, label, heading), value in self._each(self._expected().items()):
            with self.subTest(sheet=sheet, heading=heading):
                total = self._totals(ours[sheet])[label][heading].coordinate
                self.assertAlmostEqual(again[sheet][total].value, value, places=6)
        wrong = [
            (sheet.title, cell.coordinate, cell.value)
            for sheet in again
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "e" or str(cell.value).startswith(("#", "Err:"))
        ]
        self.assertFalse(wrong)
        for name in ours.sheetnames:
            for row in ours[name].iter_rows():
                for cell in row:
                    if isinstance(cell.value, (int, float)):
                        with self.subTest(sheet=name, cell=cell.coordinate):
                            self.assertAlmostEqual(
                                again[name][cell.coordinate].value, cell.value, places=6
                            )
        self.assertTrue(convert(content, "pdf").startswith(b"%PDF"))

    def test_what_the_filter_shows_has_its_own_line(self):
        line = self._totals(self._book()["Customers"])["Rows that the filter shows"]
        self.assertIn("SUBTOTAL(101", line[HEALTH].value)
        self.assertIn("SUBTOTAL(103", line["Reference"].value)

    def test_text_from_people_is_never_a_formula_a_link_or_markup(self):
        book = self._book()
        cell = self._rows(book["Customers"])[self.evil.name]["Customer"]
        self.assertEqual((cell.data_type, cell.value), ("s", self.evil.name))
        self.assertIsNone(cell.hyperlink)
        barriers = {line["Barrier"].value for line in self._lines(book["Barriers"])}
        self.assertIn(" <r>Theirs</r>", barriers)

    def test_any_text_stays_text(self):
        texts = ["=1+1", "+1", "-1", "@SUM(A1)", "a\tb", "x\x0b\x1fy", "'quoted", "\u202eabc", "5"]
        barriers = [self._barrier(self.risky, name=text) for text in texts]
        self._barrier(self.risky, name="y" * 40_000)
        cells_ = [
            line["Barrier"] for line in self._lines(self._book(sheets=["barriers"])["Barriers"])
        ]
        self.assertEqual({cell.data_type for cell in cells_}, {"s"})
        found = [str(cell.value) for cell in cells_]
        for barrier in barriers[:5]:
            self.assertIn(barrier.name, found)
        self.assertTrue(any(text.endswith("[…]") and len(text) == 32_767 for text in found))

    def test_ended_renewals_show_their_outcome_and_no_forecast(self):
        lines = self._lines(self._book()["Renewals"])
        ended = next(line for line in lines if line["Outcome"].value == "Contracted")
        self.assertIsNone(ended[RISK].value)
        self.assertEqual(ended["Renewed value"].value, 900)
        pending = next(
            line
            for line in lines
            if line["Outcome"].value == "Pending" and line["Customer"].value == "Risky"
        )
        self.assertAlmostEqual(pending[RISK].value, self.risky.success_renewal_risk / 100)

    def test_renewals_say_the_last_day_of_the_term(self):
        renewal = self.risky.success_renewal_ids.filtered(lambda one: one.outcome == "pending")
        for is_last, days_before in ((True, 0), (False, 1)):
            renewal.end_is_last_day = is_last
            line = next(
                line
                for line in self._lines(self._book(sheets=["renewals"])["Renewals"])
                if line["Customer"].value == "Risky" and line["Outcome"].value == "Pending"
            )
            said = line["Runs to and including"].value.date()
            self.assertEqual(said, line["Renewal"].value.date() - timedelta(days=days_before))

    def test_checkpoints_stand_beside_the_forecast(self):
        renewal = self.risky.success_renewal_ids.filtered(lambda one: one.outcome == "pending")
        self.env["customer.success.checkpoint"].sudo().create(
            {
                "renewal_id": renewal.id,
                "horizon": 90,
                "date": days(1),
                "machine_risk": 33.0,
                "csm_view": "worried",
            }
        )
        line = next(
            line
            for line in self._lines(self._book(sheets=["renewals"])["Renewals"])
            if line["Customer"].value == "Risky" and line["Outcome"].value == "Pending"
        )
        self.assertAlmostEqual(line["Risk 90 days before"].value, 0.33)
        self.assertEqual(line["CSM's view 90 days before"].value, "Worried")
        self.assertIsNone(line["Risk 180 days before"].value)

    def test_barriers_tell_age_and_authority(self):
        line = self._rows(self._book()["Barriers"])["Risky"]
        self.assertEqual(line["Days open"].value, 90)
        self.assertEqual((line["Authority"].value, line["Severity"].value), ("None", "High"))

    def test_use_is_that_of_the_scores_with_a_line_of_its_months(self):
        book = self._book()
        line = self._rows(book["Degrees of use"])["Risky"]
        self.assertAlmostEqual(line["Adoption rate"].value, self.risky.success_adoption / 100)
        self.assertEqual(line["Active users"].value, 50)  # of the latest period that is over
        self.assertEqual(line[f"{days(75):%Y-%m}"].value, 50)
        content, _answer = self._write()
        with zipfile.ZipFile(BytesIO(content)) as file:
            self.assertIn(b"sparkline", file.read("xl/worksheets/sheet4.xml"))

    def test_s24_years_and_their_targets_are_a_sheet(self):
        targets = self.env["customer.success.target"].with_user(self.manager)
        targets.create({"kind": "adoption", "year": 1, "target": 90})
        for n in range(3, 6):
            self._usage(self.risky, active=40, when=days(30 * n))
        self._rescore(self.risky)
        sheet = self._book(sheets=["years"])["Years after go-live"]
        first, second = self._lines(sheet)
        self.assertEqual((first["Customer"].value, first["Year after go-live"].value), ("Risky", 1))
        self.assertIsNone(first["Adoption Rate"].value)
        self.assertEqual(second["Compared with targets"].value, "Behind")
        self.assertAlmostEqual(second["Adoption Rate"].value, 0.425)
        text = self._text(self._book(sheets=["years", "method"]))
        self.assertIn("active users in the same months a year before", text)

    def test_s26_s33_s88_time_and_adoption_are_a_sheet(self):
        for n in range(14, 17):
            self._usage(self.risky, active=20, when=days(30 * n))
        self._rescore(self.risky)
        line = self._rows(self._book(sheets=["tenure"])["Time and adoption"])["Risky"]
        self.assertEqual(line["Known by"].value, "First Contract Term")
        self.assertAlmostEqual(line["Adoption at go-live"].value, 0.2)
        self.assertEqual(line["Gained since go-live"].value, 30)
        self.assertEqual(line["Reached target adoption"].value, 0)
        self.assertIsNone(line["Days to target adoption"].value)
        customer = self._rows(self._book()["Customers"])["Risky"]
        self.assertEqual(customer["Years as customer"].value, 1.7)
        self.assertEqual(customer["Years live"].value, 1.4)
        summary = self._text(self._book(values=True))
        self.assertIn("Years as customer, average", summary)

    def test_questions_tell_coverage_and_why_they_were_not_asked(self):
        rows_ = self._rows(self._book()["Questions"])
        asked = rows_[self.questions[0].name]
        self.assertEqual((asked["Fresh answer"].value, asked["Concern"].value), (1, 1))
        self.assertEqual(asked["Never answered"].value, asked["Customers due"].value - 1)
        skipped = rows_[self.questions[1].name]
        self.assertEqual(skipped["Not asked, because"].value, "No time (1)")

    def test_method_names_weights_limits_and_what_is_unknown(self):
        text = self._text(self._book(sheets=["method"]))
        for factor in self._each(self.env["customer.success.factor"].search([])):
            self.assertIn(factor.name, text)
        self.assertIn("Good from 70", text)
        self.assertIn("1 of 3 customers", text)

    def test_a_csm_gets_own_customers_only_on_every_sheet(self):
        book = self._book(self.csm)
        self.assertEqual(set(self._rows(book["Customers"])), {"Risky", "Unknown"})
        text = self._text(book)
        self.assertNotIn("HYPERLINK", text)
        self.assertNotIn("Theirs", text)
        values = self._book(self.csm, values=True)
        expected = self._expected(self.csm, self.risky | self.unknown)
        for (sheet, label, heading), value in self._each(expected.items()):
            with self.subTest(sheet=sheet, heading=heading):
                self.assertAlmostEqual(
                    self._totals(values[sheet])[label][heading].value, value, places=6
                )

    def test_nobody_gets_a_row_that_their_screens_would_not_show(self):
        self.customers.company_id = self.company
        outsider = self._outsider()
        book = self._book(outsider)
        self.assertEqual(self._rows(book["Customers"]).keys(), {"Nothing to show."})
        text = self._text(book)
        for secret in ("Risky", "HYPERLINK", "Orders on the day", "No time"):
            self.assertNotIn(secret, text)

    def test_a_rule_of_an_administrator_holds_on_its_sheet(self):
        self.env["ir.rule"].create(
            {
                "name": "No grave barriers",
                "model_id": self.env["ir.model"]._get_id("customer.success.barrier"),
                "domain_force": "[('severity', '!=', '3')]",
            }
        )
        self.env["ir.rule"].create(
            {
                "name": "No use",
                "model_id": self.env["ir.model"]._get_id("customer.success.usage"),
                "domain_force": "[('quality', '=', 99)]",
            }
        )
        book = self._book()
        self.assertEqual(len(self._lines(book["Barriers"])), 1)
        self.assertEqual(self._rows(book["Degrees of use"]).keys(), {"Nothing to show."})

    def test_exporting_takes_the_role_and_the_right(self):
        with self.assertRaises(AccessError):
            self._book(self.sales)
        self.csm.group_ids -= self.env.ref("base.group_allow_export")
        with self.assertRaises(AccessError):
            self._book(self.csm)

    def test_no_data_still_makes_a_workbook(self):
        content, answer = self._write(domain=[("id", "=", 0)])
        self.assertEqual(answer["customers"], 0)
        book = read(content)
        self.assertEqual(book["Customers"].auto_filter.ref.split(":")[0], "A6")
        self.assertTrue(convert(content, "pdf").startswith(b"%PDF"))

    def test_one_customer_makes_a_workbook(self):
        book = self._book(domain=[("id", "=", self.unknown.id)])
        self.assertEqual(list(self._rows(book["Customers"])), ["Unknown"])

    def test_sheets_can_be_chosen(self):
        self.assertEqual(self._book(sheets=["renewals"]).sheetnames, ["Renewals"])
        with self.assertRaisesRegex(UserError, "no sheet"):
            self._book(sheets=["nonsense"])

    def test_renewals_say_who_renews_itself_and_who_gave_notice(self):
        steady, leaving = self._customer("Steady"), self._customer("Leaving")
        first = self._renewal(
            steady,
            date_start=days(40),
            date_renewal=days(10),
            auto_renew=True,
            end_is_last_day=False,
        )
        first.write({"outcome": "renewed", "date_outcome": days(10)})
        self._renewal(leaving, notice_given_on=days(3))
        domain = [("id", "in", (steady | leaving).ids)]
        lines = self._lines(self._book(domain=domain, sheets=["renewals"])["Renewals"])
        said = [
            tuple(line[name].value for name in ("Customer", "Outcome", "Renews itself", "Notice"))
            for line in lines
        ]
        self.assertCountEqual(
            said,
            [
                ("Steady", "Pending", "yes", None),  # month to month, the latest term only
                ("Leaving", "Pending", None, "Ends the Contract"),
            ],
        )

    def test_a_period_leaves_out_what_lies_outside(self):
        self._renewal(self.risky, date_renewal=days(-465), date_start=days(-100))
        far = datetime.combine(days(-465), datetime.min.time())
        for months, seen in ((None, True), (6, False), (24, True)):
            lines = self._lines(self._book(sheets=["renewals"], months=months)["Renewals"])
            with self.subTest(months=months):
                self.assertEqual(far in [line["Renewal"].value for line in lines], seen)

    def test_changes_are_against_the_former_workbook(self):
        before = {
            "date": days(7),
            "figures": {"customers": 1, "health": 99.0, "value_at_risk:XXX": 1},
        }
        content, answer = self._write(before=before)
        sheet = read(content, values=True)["Summary"]
        rows_ = {
            row[0].value: [cell.value for cell in row[1:5]] for row in sheet.iter_rows(min_row=6)
        }
        self.assertEqual(rows_["Customers"][:3], [3, 1, 2])
        health = rows_["Health, average (high is good)"]
        self.assertAlmostEqual(health[2], answer["figures"]["health"] - 99)
        self.assertEqual(health[3], "worse")

    def test_the_summary_points_to_the_totals_of_its_sheets(self):
        sheet = self._book()["Summary"]
        self.assertEqual(sheet["B6"].value, "='Customers'!$B$4".replace("'", ""))
        alone = self._book(sheets=["summary"])["Summary"]
        self.assertEqual(alone["B6"].value, 3)

    def test_sheets_have_filters_frozen_heads_and_a_print_set_up(self):
        book = self._book()
        for name in set(ALL) - {"Summary", "Method"}:
            sheet = book[name]
            with self.subTest(sheet=name):
                top = self._top(sheet)
                self.assertEqual(sheet.freeze_panes, f"B{top + 1}")
                self.assertTrue(sheet.auto_filter.ref.startswith(f"A{top}:"))
                self.assertEqual(sheet.print_title_rows, f"${top}:${top}")
                self.assertEqual(sheet.page_setup.orientation, "landscape")
                self.assertTrue(sheet.sheet_properties.pageSetUpPr.fitToPage)
                self.assertEqual(sheet.page_setup.fitToHeight, 0)
        self.assertEqual(len(book["Summary"]._charts), 4)

    def test_dates_follow_the_language_and_right_to_left_sheets_its_direction(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.manager.lang = "ar_001"
        language = self.env["res.lang"]._lang_get("ar_001")
        language.date_format = "%d/%m/%Y"
        self.env.flush_all()
        self.books = self.books.with_context(lang="ar_001")
        book = self._book()
        for sheet in book:
            self.assertTrue(sheet.sheet_view.rightToLeft, sheet.title)
        found = {cell.number_format for row in book.worksheets[1].iter_rows() for cell in row}
        self.assertIn("dd/mm/yyyy", found)

    def test_moments_are_in_the_readers_time_zone(self):
        self.risky.success_score_id.scored_at = datetime(2026, 6, 15, 23, 30)
        self.env.flush_all()
        self.manager.tz = "Asia/Tokyo"
        row = self._rows(self._book()["Customers"])["Risky"]
        self.assertEqual(row["Scored at"].value, datetime(2026, 6, 16, 8, 30))

    def test_what_one_sheet_cannot_hold_goes_on_on_the_next(self):
        for number in range(9):
            self.customers |= self._customer(f"More {number}")
        with patch.object(excel_text, "MAX_ROWS", 12), patch.object(rows, "CHUNK", 4):
            content, _answer = self._write(sheets=["summary", "customers"])
        book = read(content)
        self.assertEqual(
            book.sheetnames, ["Summary", "Customers", "Customers (2)", "Customers (3)"]
        )
        names = [name for title in book.sheetnames[1:] for name in self._rows(book[title])]
        self.assertEqual(len(set(names)), 12)
        values = read(content, values=True)
        again = read(convert(content, "xlsx"), values=True)
        for heading in (HEALTH, "Value at risk"):
            totals = self._totals(values["Customers"])
            numbers = {
                label: line[heading]
                for label, line in totals.items()
                if isinstance(line[heading].value, float)
            }
            for label, cell in self._each(numbers.items()):
                with self.subTest(heading=heading, label=label):
                    self.assertAlmostEqual(
                        again["Customers"][cell.coordinate].value, cell.value, places=6
                    )

    def test_names_of_sheets_that_clash_are_told_apart(self):
        with patch.object(Barriers, "label", lambda self: "customers: [of all?]" * 3):
            names = self._book().sheetnames
        self.assertIn("customers   of all  customers", [name[:29] for name in names])
        book = Book.__new__(Book)
        book.names = set()
        claimed = [book.claim_name(name) for name in ("Ö" * 40, "ö" * 40, "History", "", "'")]
        self.assertEqual(len({name.lower() for name in claimed}), 5)
        self.assertTrue(all(0 < len(name) <= 31 for name in claimed))

    def test_a_full_disk_is_said_and_leaves_nothing(self):
        stream = BytesIO()
        full = OSError(errno.ENOSPC, "No space left on device")
        with (
            patch("xlsxwriter.worksheet.Worksheet._write_single_row", side_effect=full),
            self.assertRaisesRegex(UserError, "not enough disk space"),
        ):
            self.books.with_user(self.manager)._write(stream, [("id", "in", self.customers.ids)])
        self.assertEqual(stream.getvalue(), b"")
        with (
            patch("zipfile.ZipFile.write", side_effect=full),
            self.assertRaisesRegex(UserError, "not enough disk space"),
        ):
            self.books.with_user(self.manager)._write(stream, [("id", "in", self.customers.ids)])
        self.assertEqual(stream.getvalue(), b"")

    def test_rows_written_straight_are_those_that_xlsxwriter_writes(self):
        for text in (
            "a & b <c>",
            ' "lead',
            "trail ",
            "_x0041_",
            "x\x0by",
            "é\U0001f600",
            "tab\tin",
        ):
            self._barrier(self.risky, name=text)
        straight = self._book()
        with patch.object(fast_rows, "can_write", lambda sheet: False):
            usual = self._book()
        for sheet in usual:
            again = straight[sheet.title]
            self.assertEqual(again.dimensions, sheet.dimensions)
            for row in sheet.iter_rows():
                for cell in row:
                    other = again[cell.coordinate]
                    with self.subTest(sheet=sheet.title, cell=cell.coordinate):
                        self.assertEqual(
                            (other.data_type, other.number_format),
                            (cell.data_type, cell.number_format),
                        )
                        same = (
                            self.assertAlmostEqual
                            if isinstance(cell.value, float)
                            else self.assertEqual
                        )
                        same(other.value, cell.value)

    def test_more_customers_take_no_more_queries(self):
        self._queries(self.customers)  # warms the caches of names and rights
        few = self._queries(self.customers)
        for number in range(20):
            self.customers |= self._customer(f"C{number}")
        for customer in self.customers[3:]:
            self._renewal(customer)
            self._usage(customer)
            self._barrier(customer)
        self._rescore(self.customers)
        self.assertLessEqual(self._queries(self.customers), few + 3)

    def _queries(self, customers):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._book(domain=[("id", "in", customers.ids)])
        return self.env.cr.sql_log_count - before
