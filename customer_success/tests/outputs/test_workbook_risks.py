from odoo.tests import freeze_time, tagged

from ..common import TODAY
from .workbook_common import WorkbookCase


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestWorkbookRisks(WorkbookCase):
    """Risks in the workbook: whole percent, their range, and what the sheet Method says of how they come about."""

    def _method(self):
        """Return the rows by their first cell; what is unknown of a factor comes after the factor itself."""
        rows = [row for row in self._book()["Method"].iter_rows(values_only=True) if row[0]]
        return {row[0]: row for row in reversed(rows)}

    def _take(self, **coefficients):
        version = self.env["customer.success.risk.version"].create(
            {"number": 1, "state": "refused", "coefficients": coefficients}
        )
        version._take()

    def test_the_range_stands_beside_the_risk_in_whole_percent(self):
        book = self._book()
        row = self._rows(book["Customers"])["Risky"]
        renewal = self.risky.success_renewal_ids.filtered(lambda one: one.outcome == "pending")
        pending = next(
            line
            for line in self._lines(book["Renewals"])
            if line["Customer"].value == "Risky" and line["Churn risk from"].value is not None
        )
        for line in (row, pending):
            for name, value in (("from", renewal.risk_low), ("to", renewal.risk_high)):
                self.assertAlmostEqual(line[f"Churn risk {name}"].value, value / 100)
                self.assertEqual(line[f"Churn risk {name}"].number_format, "0%")
        self.assertFalse(self._rows(book["Customers"])["Unknown"]["Churn risk from"].value)
        self.assertNotRegex(row["Reasons for the risk, in points"].value, r"\d\.\d")

    def test_method_says_what_experts_expect_until_something_is_learned(self):
        method = self._method()
        use = self.env.ref("customer_success.customer_success_factor_use")
        self.assertAlmostEqual(method["Use"][2], use.prior)
        self.assertNotIn("curve", method["Use"][3])
        self.assertIn("Not learned yet", method["Country"][3])
        self.assertIsNone(method["Country"][2])
        self.assertIn("No outcome of your own", method["Churn risk from, to"][1])

    def test_method_says_where_a_curve_has_taken_the_place_of_a_slope(self):
        curve = {"knots": [-3.0, 0.0, 2.0], "heights": [3.0, 0.0, -0.2], "unknown": 0.1}
        self._take(
            base=-2.0, use=curve, country={"levels": {"21": 0.4, "75": -0.2}, "unknown": 0.0}
        )
        method = self._method()
        self.assertAlmostEqual(method["Use"][2], -0.64)
        self.assertIn("A curve: its slope differs", method["Use"][3])
        self.assertIn("Words with a level of their own: 2", method["Country"][3])
        self.assertNotIn("No outcome of your own", method["Churn risk from, to"][1])
