from odoo.fields import Domain
from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .workbook_common import WorkbookCase

COLUMNS = {
    "At the Start": "at_start",
    "New": "new_value",
    "Expansion": "expansion",
    "Contraction": "contraction",
    "Lost": "lost",
    "Come Back": "come_back",
    "Exchange Rates": "currency_change",
    "At the End": "at_end",
}
RATIOS = {
    "Gross retention (high is good)": "gross_retention",
    "Net retention (high is good)": "net_retention",
}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRevenueOutputs(WorkbookCase):
    """Dashboard and workbook show the recurring revenue of the report, for whoever looks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for customer, before, after in ((cls.risky, 2000, 1500), (cls.evil, 500, 700)):
            outcome = "expanded" if after > before else "contracted"
            cls._renewal(
                customer,
                outcome=outcome,
                date_start=days(700),
                date_renewal=days(335),
                date_outcome=days(340),
                value=before,
                renewed_value=after,
                renewed_seats=120 if after > before else 90,
                product_id=cls.env["product.product"].create({"name": f"For {before}"}).id,
            )
        cls.env.flush_all()

    def _read(self, user, model, groupby, names, *domain):
        """Return ``{group: {field: value}}`` of the report."""
        aggregates = [f"{name}:{'avg' if name in RATIOS.values() else 'sum'}" for name in names]
        rows = (
            self.env[f"customer.success.revenue.{model}"]
            .with_user(user)
            ._read_group([("partner_id", "in", self.customers.ids), *domain], groupby, aggregates)
        )
        return {row[: len(groupby)]: dict(zip(names, row[len(groupby) :])) for row in rows}

    def test_the_workbook_shows_the_months_of_the_report(self):
        since = ("month", ">=", "2025-07-01")
        for user in (self.manager, self.csm):
            book = self._book(user)
            bridge = self._read(user, "bridge", ["month:month"], list(COLUMNS.values()), since)
            years = self._read(user, "retention", ["month:month"], list(RATIOS.values()), since)
            self.assertEqual(len(bridge), 12)
            lines = self._lines(book["Recurring revenue"])
            with self.subTest(user=user.login):
                self.assertEqual(len(lines), 12)
                self.assertTrue(any(row["contraction"] for row in bridge.values()))
            for line in lines:
                month = (line["Month"].value.date(),)
                changes = 0
                for heading, name in COLUMNS.items():
                    shown = line[heading].value
                    self.assertAlmostEqual(
                        shown, bridge[month][name], msg=(user.login, month, name)
                    )
                    changes += 0 if name == "at_end" else shown
                self.assertAlmostEqual(changes, line["At the End"].value)
                for heading, name in RATIOS.items():
                    value = years.get(month, {}).get(name, False)
                    shown = line[heading].value
                    if value is False:
                        self.assertIsNone(shown)
                    else:
                        self.assertAlmostEqual(shown, value / 100, places=3)

    def test_the_workbook_shows_the_groups_of_the_report(self):
        today = ("month", "=", "2026-06-01")
        for user in (self.manager, self.csm):
            book = self._book(user)
            found = self._read(
                user, "retention", ["product_id"], ["base", "kept", "renewed"], today
            )
            shown = {}
            for line in self._lines(book["Revenue retention"]):
                sums = shown.setdefault(line["Product"].value or "", [0, 0, 0])
                for place, heading in enumerate(
                    ("At the Start, at Rates of the End", "Kept", "Kept with Expansion")
                ):
                    sums[place] += line[heading].value
            with self.subTest(user=user.login):
                self.assertEqual(
                    shown,
                    {
                        product.display_name or "": [row["base"], row["kept"], row["renewed"]]
                        for (product,), row in found.items()
                    },
                )
        self.assertIn("Gross and net retention of revenue", self._text(book))

    def _chart(self, user, **filters):
        dashboards = self.env["customer.success.dashboard"].with_user(user)
        [chart] = [
            chart
            for chart in dashboards.create(filters).content["charts"]
            if chart["title"] == "Recurring revenue: what came and went"
        ]
        return chart

    def test_each_bar_of_the_dashboard_is_what_its_click_opens(self):
        for user in (self.manager, self.csm):
            chart = self._chart(user)
            self.assertEqual(len(chart["labels"]), 12)
            seen = 0
            for series in chart["series"]:
                for amount, action in zip(series["data"], series["actions"]):
                    rows = (
                        self.env[action["model"]].with_user(user).search(Domain(action["domain"]))
                    )
                    self.assertAlmostEqual(sum(rows.mapped("amount")), amount, places=1)
                    seen += bool(amount)
            with self.subTest(user=user.login):
                self.assertTrue(seen)
                [year] = self._read_all(user)
                self.assertIn(f"with expansion: {year:.0f} %", chart["hint"])

    def _read_all(self, user):
        rows = self.env["customer.success.revenue.retention"].with_user(user)
        [row] = rows._read_group([("month", "=", "2026-06-01")], [], ["net_retention:avg"])
        return row

    def test_the_card_is_the_figure_of_the_report(self):
        """Also with what former customers took with them, and its click opens the twelve months until today."""
        for user in (self.manager, self.csm):
            dashboard = self.env["customer.success.dashboard"].with_user(user).create({})
            cards = {card["label"]: card for card in dashboard.content["tiles"]}
            card = cards["Net retention of revenue"]
            rows = self.env["customer.success.revenue.retention"].with_user(user)
            [(gross, net)] = rows._read_group(
                [("month", "=", "2026-06-01")], [], ["gross_retention:avg", "net_retention:avg"]
            )
            with self.subTest(user=user.login):
                self.assertEqual(card["value"], f"{net:.0f} %")
                self.assertIn(f"gross {gross:.0f} %", card["hint"])
                opened = self.env[card["action"]["model"]].with_user(user)
                [(shown,)] = opened._read_group(
                    Domain(card["action"]["domain"]), [], ["net_retention:avg"]
                )
                self.assertEqual(shown, net)

    def test_the_filter_of_a_csm_holds_for_the_chart(self):
        everything, own = self._chart(self.manager), self._chart(self.manager, user_id=self.csm.id)
        self.assertNotEqual(everything["hint"], own["hint"])
        self.assertEqual(own["hint"], self._chart(self.csm, user_id=self.csm.id)["hint"])
