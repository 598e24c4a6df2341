import doctest
from datetime import timedelta
from itertools import pairwise
from unittest.mock import patch

from odoo.modules.migration import load_script
from odoo.tests import freeze_time, tagged
from odoo.tools import file_path

from odoo.addons.customer_success.scoring import learning
from odoo.addons.customer_success.tests.common import TODAY, days

from ..scoring import tickets
from .common import HelpdeskCase

YEAR = range(100, 460, 28)  # one ticket every four weeks, in the year before the latest 13 weeks


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTicketLoad(HelpdeskCase):
    def test_without_a_ticket_nothing_is_known(self):
        self.assertIsNone(self._factor(self.customer))
        self.assertIn("tickets", self.customer.success_score_id.breakdown["unknown"])

    def test_tickets_that_are_answered_are_no_harm(self):
        self._tickets(self.customer, 3, 40, closed=True)
        value, evidence = self._factor(self.customer)
        self.assertEqual(value, 75)
        self.assertEqual((evidence["open"], evidence["latest"]), (0, 2))
        self.assertNotIn("usual", evidence)

    def test_what_is_left_open_weighs_by_priority_and_age(self):
        self._tickets(self.customer, 1)
        self.assertEqual(self._factor(self.customer)[0], 75, "the ticket is too new to count")
        self._tickets(self.customer, 91 - 7, priority="2")
        value, evidence = self._factor(self.customer)
        self.assertAlmostEqual(value, 75 - 8 * (1 + 12 / 13), 1)
        self.assertEqual((evidence["open"], evidence["old"]), (2, 1))

    def test_more_than_is_usual_for_them_counts_and_fewer_does_not(self):
        self._tickets(self.customer, *YEAR, closed=True)
        value, evidence = self._factor(self.customer)
        self.assertEqual(value, 75)
        self.assertAlmostEqual(evidence["usual"], 3.3, 1)
        self._tickets(self.customer, *range(1, 9), closed=True)
        value, evidence = self._factor(self.customer)
        self.assertEqual(evidence["latest"], 8)
        self.assertAlmostEqual(value, 75 - 27.4, delta=0.5)

    def test_a_large_customer_with_its_usual_many_is_as_good_as_a_small_one(self):
        large = self._customer("Large")
        self._tickets(large, *[age for age in range(1, 460, 4)], closed=True)
        self.assertGreater(self._factor(large)[0], 70)

    def test_what_was_long_ago_says_nothing(self):
        self._tickets(self.customer, 500, closed=True)
        self.assertIsNone(self._factor(self.customer))

    def test_duplicates_and_archived_tickets_do_not_count(self):
        first = self._tickets(self.customer, 30, closed=True)
        self._tickets(self.customer, 30, duplicate_id=first.id)
        self._tickets(self.customer, 30, active=False)
        self.assertEqual(self._factor(self.customer)[1]["open"], 0)

    def test_tickets_of_contacts_count_for_the_company_and_of_others_not(self):
        self._tickets(self._contact(self.customer), 30)
        self._tickets(self._customer("Other"), 30)
        self.assertEqual(self._factor(self.customer)[1]["open"], 1)

    def test_a_day_later_in_the_week_changes_nothing(self):
        self._tickets(self.customer, 20, 200, *YEAR)
        before = self._factor(self.customer)
        for day in ("2026-06-17", "2026-06-21"):
            with self.subTest(day), freeze_time(day):
                self.assertEqual(self._factor(self.customer), before)

    def test_opening_and_closing_asks_for_a_new_score(self):
        requests = self.env["customer.success.score.request"].sudo()
        ticket = self._tickets(self.customer, 1)
        self.assertIn(self.customer, requests.search([]).partner_id)
        requests.search([]).unlink()
        ticket.with_user(self.agent).name = "Other words"
        self.assertFalse(requests.search([("partner_id", "=", self.customer.id)]))
        ticket.with_user(self.agent).stage_id = self.done
        self.assertTrue(requests.search([("partner_id", "=", self.customer.id)]))

    def test_it_is_said_in_words_to_salespeople_too(self):
        self._tickets(self.customer, 30, *YEAR, closed=False)
        self._rescore(self.customer)
        said = str(self.customer.with_user(self.sales).success_explanation)
        self.assertIn("Open tickets: 14", said)
        self.assertIn("usual for this customer", said)
        self.assertNotIn("It does not work", said, "salespeople may not read the tickets")

    def test_it_moves_the_risk_as_its_coefficient_says(self):
        self._renewal(self.customer)
        self._tickets(self.customer, 1)
        self._rescore(self.customer)
        lines = self.customer.success_renewal_ids.score_id.breakdown["lines"]
        self.assertLess(lines["tickets"], 0, "75 is better than the neutral 60")
        self._tickets(self.customer, *[90] * 6, priority="3")
        self._rescore(self.customer)
        lines = self.customer.success_renewal_ids.score_id.breakdown["lines"]
        self.assertGreater(lines["tickets"], 0)

    def test_the_formula_holds_by_its_examples(self):
        result = doctest.testmod(tickets)
        self.assertTrue(result.attempted)
        self.assertFalse(result.failed)

    def test_closing_what_is_left_lying_is_what_would_help(self):
        self._renewal(self.customer)
        self._tickets(self.customer, 40, 50)
        self._rescore(self.customer)
        helpful = self.env["customer.success.explanation"]._helpful(self.customer)
        self.assertRegex(
            helpful[0],
            r"^Close the 2 tickets that are older than two weeks: churn risk from .* % to .* % \(some effort, by us\)$",
        )


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTicketDirection(HelpdeskCase):
    """The direction of the factor: more tickets than usual never lower the risk, even if outcomes suggest it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.factor = cls.env.ref("customer_success_helpdesk.customer_success_factor_tickets")
        cls.versions = cls.env["customer.success.risk.version"]

    def _learned(self):
        """Return the coefficient after 80 outcomes in which customers with few tickets left and others stayed."""
        cases = [
            learning.Case(
                {"tickets": 0.75 if number % 2 else -2.0},
                bool(number % 2) != (number % 8 == 0),
                day=days(900) + timedelta(number),
                renewal=number,
            )
            for number in range(80)
        ]
        with patch.object(type(self.versions), "_cases", return_value=(cases, [])):
            version = self.versions._learn()
        return version.coefficients["tickets"]

    def test_learning_never_decides_that_tickets_lower_the_risk(self):
        self.assertEqual(self.factor.direction, "lowers", "a better value lowers the risk")
        heights = self._learned()["heights"]
        self.assertTrue(all(right < left for left, right in pairwise(heights)))

    def test_without_a_direction_it_would(self):
        self.factor.direction = "free"
        heights = self._learned()["heights"]
        self.assertGreater(heights[-1] - heights[0], 1.0)

    def test_an_upgrade_gives_the_factor_its_direction(self):
        self.factor.write({"direction": "free", "is_learned": True, "learned": 0.4})
        self._upgrade()
        self.assertEqual((self.factor.direction, self.factor.learned), ("lowers", 0.0))

    def test_an_upgrade_leaves_what_a_manager_set_the_other_way(self):
        self.factor.write({"direction": "free", "prior": 0.1})
        self._upgrade()
        self.assertEqual((self.factor.direction, self.factor.prior), ("free", 0.1))

    def _upgrade(self):
        self.env.flush_all()
        script = file_path("customer_success_helpdesk/migrations/19.0.2.0.0/post-direction.py")
        load_script(script, "post_direction").migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
