from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, tagged

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestObjectiveUse(SuccessCase):
    """The figure of an objective and the use of its product share a chart (S87), and are kept apart (S29)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(400))
        cls.other_product = cls.env["product.product"].create({"name": "Scheduler"})
        cls._usage(cls.customer, active=30, when=date(2026, 3, 1))
        cls._usage(cls.customer, active=60, when=date(2026, 4, 1))
        cls._usage(cls.customer, active=99, when=date(2026, 4, 1), source="assessed")
        cls._usage(cls.customer, active=70, when=date(2026, 5, 1), source="assessed")
        cls._usage(cls.customer, active=5, when=date(2026, 5, 1), product_id=cls.other_product.id)
        cls._usage(cls._customer("Other"), active=1, when=date(2026, 3, 1))

    def _objective(self, **vals):
        return (
            self.env["customer.success.objective"]
            .with_user(self.csm)
            .create(
                {
                    "name": "Orders the same day",
                    "partner_id": self.customer.id,
                    "metric": "Orders entered on the day",
                    "unit": "orders",
                    "baseline": 20,
                    "target": 80,
                    "date_start": date(2026, 3, 10),
                    "date_due": date(2026, 9, 1),
                    **vals,
                }
            )
        )

    def _measure(self, objective, day, value):
        self.env["customer.success.objective.measure"].with_user(self.csm).create(
            {"objective_id": objective.id, "date": day, "value": value}
        )

    def test_s87_the_figure_and_the_use_of_its_product_share_a_chart(self):
        objective = self._objective(product_id=self.product.id)
        self._measure(objective, date(2026, 5, 20), 50)
        self._measure(objective, date(2026, 4, 20), 35)
        chart = objective.chart
        self.assertEqual(chart["unit"], "orders")
        lines = {line["kind"]: line for line in chart["lines"]}
        self.assertEqual(
            lines["figure"]["points"],
            [["2026-03-10", 20], ["2026-04-20", 35], ["2026-05-20", 50]],
            "from the dated baseline to the newest measurement",
        )
        self.assertEqual(lines["target"]["points"], [["2026-03-10", 80], ["2026-09-01", 80]])
        self.assertEqual(
            lines["use"],
            {
                "name": "Use of Planner",
                "kind": "use",
                "points": [["2026-03-01", 30], ["2026-04-01", 60], ["2026-05-01", 70]],
            },
        )
        arch = objective.get_view(view_type="form")["arch"]
        self.assertIn('name="success_objective_chart" field="chart"', arch)

    def test_s87_the_customer_sees_progress_beside_the_use_of_each_product(self):
        first = self._objective(product_id=self.product.id)
        self._measure(first, date(2026, 5, 20), 50)
        second = self._objective(
            name="No double entry", product_id=self.other_product.id, baseline=10, target=0
        )
        self._measure(second, date(2026, 5, 1), 4)
        self._objective(name="Not measured", product_id=self.product.id)
        chart = self.customer.with_user(self.csm).success_objective_chart
        self.assertIs(chart["unit"], False, "in % of the way to the target")
        lines = {line["name"]: line["points"] for line in chart["lines"]}
        self.assertEqual(lines["Orders the same day"][-1], ["2026-05-20", 50])
        self.assertEqual(lines["No double entry"][-1], ["2026-05-01", 60])
        self.assertEqual(lines["Use of Scheduler"], [["2026-05-01", 5]])
        self.assertEqual(len(lines["Use of Planner"]), 3)
        self.assertNotIn("Not measured", lines)

    def test_s87_baseline_target_and_actual_figure_are_dated(self):
        objective = self._objective()
        self.assertFalse(objective.date_actual)
        self._measure(objective, date(2026, 5, 20), 50)
        self._measure(objective, date(2026, 4, 20), 35)
        self.assertEqual(
            (objective.date_start, objective.date_actual, objective.date_due),
            (date(2026, 3, 10), date(2026, 5, 20), date(2026, 9, 1)),
        )
        objective.with_user(self.manager).measure_ids.unlink()
        self.assertFalse(objective.date_actual)

    def test_s29_a_result_is_kept_apart_from_use(self):
        """Much use is no result, and a result needs no use."""
        score = self._rescore(self.customer)
        self.assertIn("value", score.breakdown["unknown"])
        objective = self._objective(product_id=self.product.id)
        self._measure(objective, date(2026, 5, 20), 80)
        before = {line["code"]: line["value"] for line in score.breakdown["factors"]}
        after = {
            line["code"]: line["value"]
            for line in self._rescore(self.customer).breakdown["factors"]
        }
        self.assertEqual(after["value"], 80)
        self.assertEqual(after["use"], before["use"])

    def test_innocent_an_objective_without_product_or_figure(self):
        bare = self._objective(baseline=False, target=False, metric=False, unit=False)
        self.assertFalse(bare.chart)
        self._measure(bare, date(2026, 5, 20), 5)
        self.assertEqual([line["kind"] for line in bare.chart["lines"]], ["figure"])
        self.assertFalse(self._customer("New").with_user(self.csm).success_objective_chart)

    def test_the_only_product_in_use_is_proposed(self):
        form = Form(self.env["customer.success.objective"].with_user(self.csm))
        form.partner_id = self.customer
        self.assertFalse(form.product_id, "two products are used")
        single = self._customer("Single")
        self._usage(single)
        form.partner_id = single
        self.assertEqual(form.product_id, self.product)

    def test_another_csm_and_sales_read_no_chart(self):
        objective = self._objective(product_id=self.product.id)
        self.customer.success_user_id = self.lead_csm
        for user in (self.csm, self.sales):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                objective.with_user(user).read(["chart"])
        with self.assertRaises(AccessError):
            self.customer.with_user(self.sales).read(["success_objective_chart"])
