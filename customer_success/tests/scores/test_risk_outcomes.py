from datetime import date, timedelta
from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from ...scoring.learning import Case
from ..common import TODAY, days
from .risk_common import RiskCase

# The number of no product.
OFTEN = "2000000000"


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestRiskOutcomes(RiskCase):
    """Learning from outcomes that are few, odd, or corrected later."""

    def test_one_outcome_and_outcomes_of_one_kind_teach_nothing(self):
        self._end(1, left=lambda n: True, found=lambda n: {"use": -1.0})
        self.assertFalse(self.versions._learn())
        self._end(60, left=lambda n: True, found=lambda n: {"use": -1.0})
        self.assertFalse(self.versions._learn())
        self.assertEqual(self.experts.state, "in_force")

    def test_outcomes_of_one_day_teach_nothing(self):
        self._end(30, left=lambda n: n % 3 == 0, found=lambda n: {"use": -1.0})
        self.env.cr.execute("UPDATE customer_success_renewal SET date_outcome = %s", [days(1)])
        self.env.invalidate_all()
        self.assertFalse(self.versions._learn())

    def test_a_company_of_thirty_customers_learns_and_keeps_wide_ranges(self):
        self._end(
            30,
            left=lambda n: n % 4 == 0,
            found=lambda n: {"use": -1.5 if n % 4 == 0 else 1.0, "country": str(20 + n)},
        )
        version = self.versions._learn()
        self.assertEqual((version.outcomes, version.leavers), (30, 8))
        if version.state == "in_force":
            self.assertLess(version.log_loss, version.evaluation["experts"]["log_loss"])
        customer = self._customer()
        self._usage(customer, active=50)
        renewal = self._renewal(customer)
        self._rescore(customer)
        self.assertGreater(renewal.risk_high - renewal.risk_low, 10)
        self.assertIn("too few to judge", str(version.with_user(self.manager).report))

    def test_the_next_version_sees_an_outcome_that_was_corrected(self):
        self._use_decides()
        first = self.versions._learn()
        churned = self.env["customer.success.renewal"].search([("outcome", "=", "churned")])
        for wrong in churned[:10]:
            wrong.write({"outcome": "renewed"})
        second = self.versions._learn()
        self.assertEqual((second.number, second.outcomes), (2, first.outcomes))
        self.assertEqual(second.leavers, first.leavers - 10)
        self.assertNotEqual(second.coefficients, first.coefficients)

    def test_the_next_version_forgets_a_renewal_that_is_open_again(self):
        self._use_decides()
        first = self.versions._learn()
        again = self.env["customer.success.renewal"].search([("outcome", "=", "churned")], limit=5)
        for renewal in again:
            renewal.write({"outcome": "pending"})
        second = self.versions._learn()
        self.assertEqual((second.outcomes, second.leavers), (75, first.leavers - 5))

    def test_a_decision_of_a_day_to_come_is_learned_when_the_day_has_come(self):
        self._use_decides()
        typo = self.env["customer.success.renewal"].search([("outcome", "=", "churned")], limit=1)
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET date_outcome = %s WHERE id = %s",
            [TODAY + timedelta(30), typo.id],
        )
        self.env.invalidate_all()
        first = self.versions._learn()
        self.assertEqual(first.outcomes, 79)
        self.assertLess(first.until, TODAY)
        with freeze_time(TODAY + timedelta(31)):
            self.assertEqual(self.versions._learn().outcomes, 80)

    def test_a_factor_that_is_archived_added_or_reweighted_gives_a_version_of_its_own(self):
        self._use_decides()
        first = self.versions._learn()
        self.factors["plan"].active = False
        second = self.versions._learn()
        self.assertEqual((first.number, second.number), (1, 2))
        self.assertNotIn("plan", second.coefficients)
        self.factors["plan"].active = True
        third = self.versions._learn()
        self.assertIn("plan", third.coefficients)
        # A weight of the health alone says nothing about the risk.
        self.factors["use"].weight = 35
        self.assertFalse(self.versions._learn())
        self.factors["use"].prior = -1.2
        self.assertEqual(self.versions._learn().number, 4)
        customer = self._customer()
        self._usage(customer)
        renewal = self._renewal(customer)
        self._rescore(customer)
        lines = renewal.score_id.breakdown["lines"]
        self.assertAlmostEqual(sum(lines.values()), renewal.churn_risk, places=6)

    def test_ten_thousand_levels_of_a_word(self):
        """Most words are seen twice; one of them is seen often, and its customers leave."""
        first = date(2024, 1, 1)
        cases = [
            Case(
                {"use": n % 5 / 2 - 1, "product": str(n % 10000 + 100)},
                n % 9 == 0,
                1.0,
                first + timedelta(n % 700),
                n + 1,
            )
            for n in range(20000)
        ]
        cases += [
            Case(
                {"use": 0.0, "product": OFTEN},
                n % 3 > 0,
                1.0,
                first + timedelta(n % 700),
                30000 + n,
            )
            for n in range(300)
        ]
        with patch.object(type(self.versions), "_cases", lambda self: (cases, [])):
            version = self.versions._learn()
        self.assertEqual(version.state, "in_force")
        levels = version.coefficients["product"]["levels"]
        self.assertEqual(list(levels), [OFTEN])
        self.assertGreater(levels[OFTEN], 1)
        self.assertEqual(version.support["product"][OFTEN], 300)
        # Nobody has a product with this number, so it has no name.
        self.assertIn("you may not see", str(version.with_user(self.manager).report))
