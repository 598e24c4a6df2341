from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from ..common import AS_INTENDED, TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestProductScores(SuccessCase):
    """Each product has its own health and risk, and the customer's health is made of them by value."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(900))
        cls.other = cls.env["product.product"].create({"name": "Reporter"})

    def _two(self, good=95, bad=3, values=(12000, 12000)):
        """Record the use and the renewals of two products, and return the renewals."""
        for product, active in ((self.product, good), (self.other, bad)):
            # How it is used is known where it is used, so that no more than the numbers differs.
            known = AS_INTENDED if active >= 80 else {}
            self._usage(self.customer, 100, active, product_id=product.id, **known)
        return tuple(
            self._renewal(
                self.customer, value, product_id=product.id, date_renewal=days(-100), seats=100
            )
            for value, product in zip(values, (self.product, self.other))
        )

    def _scores(self, customer=None):
        """Return the scores by product, as a CSM reads them."""
        customer = customer or self.customer
        self.env.invalidate_all()
        self._rescore(customer)
        rows = customer.with_user(self.csm).success_product_score_ids
        return {row.product_id: row for row in rows}

    # ------------------------------------------------------------------------------------------
    # What it is for
    # ------------------------------------------------------------------------------------------

    def test_a_renewal_reads_the_use_of_its_product(self):
        good, bad = self._two()
        scores = self._scores()
        self.assertLess(good.churn_risk + 5, bad.churn_risk)
        self.assertEqual(scores[self.product].churn_risk, good.churn_risk)
        self.assertEqual(scores[self.other].churn_risk, bad.churn_risk)
        self.assertEqual(scores[self.other].renewal_id, bad)
        self.assertLess(scores[self.other].health + 50, scores[self.product].health)

    def test_the_health_of_the_customer_is_the_mean_by_value_and_the_worst_is_named(self):
        self._two(values=(30000, 10000))
        scores = self._scores()
        expected = 0.75 * scores[self.product].health + 0.25 * scores[self.other].health
        self.assertAlmostEqual(self.customer.success_health, expected, delta=0.1)
        self.assertEqual(self.customer.success_worst_product_id, self.other)
        self.assertTrue(scores[self.other].is_worst)
        self.assertFalse(scores[self.product].is_worst)

    def test_the_lines_of_the_health_add_up(self):
        self._two(values=(30000, 10000))
        self._barrier(self.customer, product_id=self.other.id)
        self._barrier(self.customer, severity="0")
        self._scores()
        score = self.customer.success_score_id
        points = [line["points"] for line in score.breakdown["factors"]]
        self.assertAlmostEqual(sum(points), score.health, 5)

    def test_a_barrier_and_an_objective_of_a_product_concern_it_alone(self):
        good, bad = self._two(good=80, bad=80)
        before = self._scores()
        self.assertEqual(before[self.product].health, before[self.other].health)
        self.assertFalse(self.customer.success_worst_product_id, "none is worse than the other")
        self._barrier(self.customer, severity="3", product_id=self.other.id)
        scores = self._scores()
        kept, lost = scores[self.product].health, scores[self.other].health
        self.assertLess(lost + 10, kept)
        self.assertLess(good.churn_risk + 2, bad.churn_risk)
        self.env["customer.success.objective"].create(
            {
                "name": "Fewer late orders",
                "partner_id": self.customer.id,
                "product_id": self.product.id,
                "date_due": days(20),
            }
        )
        scores = self._scores()
        self.assertLess(scores[self.product].health, kept)
        self.assertEqual(scores[self.other].health, lost)

    def test_what_concerns_the_whole_customer_counts_for_all(self):
        self._two(good=80, bad=80)
        self._answer(self.customer, signal="concern")
        self._barrier(self.customer, severity="3")
        scores = self._scores()
        self.assertEqual(scores[self.product].health, scores[self.other].health)
        self.assertEqual(scores[self.product].health, self.customer.success_health)

    def test_a_salesperson_and_a_csm_read_each_product_in_the_explanation(self):
        _good, bad = self._two()
        self._scores()
        for user in (self.csm, self.sales):
            text = str(self.customer.with_user(user).success_explanation)
            self.assertIn("Reporter", text)
            self.assertIn("3 of 100 licensed users are active", text)
            self.assertIn("95 of 100 licensed users are active", text)
        lines = self.env["customer.success.explanation"]._explained_risk_lines(bad)
        facts = {line["code"]: line["facts"] for line in lines}
        self.assertIn("3 of 100 licensed users are active", facts["use"])
        self.assertNotIn("95 of 100", facts["use"])

    def test_what_would_help_names_the_product(self):
        self._two()
        self._rescore(self.customer)
        helpful = self.env["customer.success.explanation"]._helpful(self.customer, limit=9)
        self.assertTrue(
            [line for line in helpful if "more people to use Reporter" in line], helpful
        )

    def test_a_checkpoint_keeps_the_health_of_its_product(self):
        good, bad = self._two()
        scores = self._scores()
        frozen = self.env["customer.success.score"]._freeze(self.customer)
        self.assertEqual(frozen[good.id]["breakdown"]["health"], scores[self.product].health)
        self.assertEqual(frozen[bad.id]["breakdown"]["health"], scores[self.other].health)

    def test_the_pipeline_shows_the_risk_of_the_renewal_beside_that_of_its_customer(self):
        good, bad = self._two()
        self._scores()
        lead = self.env["crm.lead"].create(
            {"name": "Renew", "partner_id": self.customer.id, "success_renewal_id": good.id}
        )
        lead = lead.with_user(self.sales)
        self.assertEqual(lead.success_own_risk, good.churn_risk)
        self.assertEqual(lead.success_renewal_risk, bad.churn_risk)
        self.assertEqual(lead.success_worst_product_id, self.other)

    # ------------------------------------------------------------------------------------------
    # Innocents
    # ------------------------------------------------------------------------------------------

    def test_one_product_has_the_score_of_its_customer(self):
        self._usage(self.customer, 100, 60)
        renewal = self._renewal(self.customer)
        scores = self._scores()
        self.assertEqual(len(scores), 1)
        row = scores[self.product]
        self.assertEqual(
            (row.health, row.confidence),
            (self.customer.success_health, self.customer.success_confidence),
        )
        self.assertEqual(row.churn_risk, renewal.churn_risk)
        self.assertFalse(self.customer.success_worst_product_id)

    def test_a_renewal_that_names_the_product_in_other_words_reads_its_use(self):
        yearly = self.env["product.product"].create({"name": "Planner, yearly licence"})
        self._usage(self.customer, 100, 3)
        renewal = self._renewal(self.customer, product_id=self.product.id)
        self._rescore(self.customer)
        risk = renewal.churn_risk
        renewal.product_id = yearly
        self._rescore(self.customer)
        self.assertEqual(renewal.churn_risk, risk)

    def test_a_contract_of_support_beside_a_product_is_not_judged_by_its_use(self):
        support = self.env["product.product"].create({"name": "Support"})
        self._usage(self.customer, 100, 3)
        self._renewal(self.customer, product_id=self.product.id)
        renewal = self._renewal(self.customer, product_id=support.id)
        self._barrier(self.customer, severity="1")
        self._rescore(self.customer)
        lines = renewal.score_id.breakdown["lines"]
        self.assertNotIn("use", lines)
        self.assertIn("barriers", lines)

    def test_a_renewal_of_all_products_reads_the_whole_customer(self):
        self._usage(self.customer, 100, 90)
        self._usage(self.customer, 100, 10, product_id=self.other.id)
        renewal = self._renewal(self.customer, product_id=False)
        self._rescore(self.customer)
        both = renewal.churn_risk
        self.env["customer.success.usage"].search([("product_id", "=", self.other.id)]).unlink()
        self._rescore(self.customer)
        self.assertLess(renewal.churn_risk, both)

    def test_a_product_that_is_over_has_no_score_left(self):
        _good, bad = self._two()
        self.assertEqual(len(self._scores()), 2)
        bad.write({"date_renewal": days(3), "outcome": "churned", "date_outcome": days(1)})
        self.assertEqual(set(self._scores()), {self.product})

    def test_a_customer_that_is_not_followed_has_no_scores_of_products(self):
        self._two()
        self._scores()
        self.customer.action_success_stop()
        rows = self.env["customer.success.product.score"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertFalse(rows)

    def test_a_product_and_its_successor_are_one(self):
        _good, bad = self._two()
        self._barrier(self.customer, severity="3", product_id=self.other.id)
        before = {product: row.health for product, row in self._scores().items()}
        self.other.with_user(self.manager).sudo().success_successor_id = self.product
        scores = self._scores()
        self.assertEqual(set(scores), {self.product}, "read as one product")
        self.assertLess(scores[self.product].health, before[self.product], "with its barrier")
        self.assertEqual(bad.churn_risk, scores[self.product].churn_risk)

    # ------------------------------------------------------------------------------------------
    # Cheats
    # ------------------------------------------------------------------------------------------

    def test_renaming_the_product_of_a_bad_renewal_does_not_help(self):
        _good, bad = self._two()
        self._rescore(self.customer)
        risk = bad.churn_risk
        bad.product_id = self.env["product.product"].create({"name": "Something Else"})
        self._rescore(self.customer)
        self.assertEqual(bad.churn_risk, risk, "it reads the use that no renewal names")

    def test_emptying_the_value_of_the_bad_product_does_not_hide_it(self):
        _good, bad = self._two(values=(12000, 12000))
        self._rescore(self.customer)
        health = self.customer.success_health
        bad.annual_value = 0
        self._rescore(self.customer)
        self.assertEqual(self.customer.success_health, health)

    def test_a_barrier_of_a_product_that_is_not_judged_counts_for_all(self):
        self._two(good=80, bad=80)
        health = self._scores()[self.product].health
        elsewhere = self.env["product.product"].create({"name": "Elsewhere"})
        self._barrier(self.customer, severity="3", product_id=elsewhere.id)
        scores = self._scores()
        self.assertLess(scores[self.product].health, health)
        self.assertEqual(scores[self.product].health, scores[self.other].health)

    # ------------------------------------------------------------------------------------------
    # The wrong person
    # ------------------------------------------------------------------------------------------

    def test_only_the_team_reads_them_and_nobody_writes_them(self):
        self._two()
        row = self._scores()[self.product]
        with self.assertRaises(AccessError):
            row.with_user(self.csm).health = 100
        elses = self._customer("Else's", success_user_id=self.lead_csm.id)
        self._usage(elses, 100, 3)
        self._rescore(elses)
        hidden = elses.success_product_score_ids
        self.assertFalse(
            hidden.with_user(self.csm).search([("id", "in", hidden.ids)]), "of another CSM"
        )
        salesperson = self.env["customer.success.product.score"].with_user(self.sales)
        with self.assertRaises(AccessError):
            salesperson.search([])
