from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .merged_terms_common import MergedTermsCase

CONFIRM = "customer_success.mail_activity_type_renewal_confirm"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTermChoice(MergedTermsCase):
    """Terms of merged customers that overlap: the higher value counts until somebody chooses."""

    def test_different_ones_are_shown_and_the_higher_counts_until_then(self):
        ours, theirs = self._renewal(self.keeps, 9000), self._renewal(self.goes, 12000)
        (ours | theirs).sudo()._open_leads()
        self._merge()
        self.assertEqual(self._terms(), theirs)
        self.assertFalse(ours.active)
        self.assertEqual(ours.counts_instead_id, theirs)
        self.assertIn("9,000.00", str(self._asked(theirs).note))
        found = self._terms().with_user(self.csm).search([("set_aside_ids", "!=", False)])
        self.assertEqual(found, theirs)
        theirs.with_user(self.csm).seats = 130
        self._choose(theirs, "kept")
        self.assertFalse(ours.active or ours.counts_instead_id or self._asked(theirs))

    def _renewed(self, customer, value, **vals):
        term = self._renewal(customer, value, date_start=days(400), date_renewal=days(35), **vals)
        term.write({"outcome": "renewed", "date_outcome": days(40)})
        return term

    def _at_stake(self):
        return sum(self._terms().filtered(lambda t: t.outcome == "pending").mapped("annual_value"))

    def test_a_next_term_goes_with_the_one_that_is_set_aside(self):
        ours, theirs = self._renewed(self.keeps, 9000), self._renewed(self.goes, 12000)
        mine, made = ours.next_ids, theirs.next_ids
        self._merge()
        self.assertEqual((self._terms(), self._at_stake()), (theirs | made, 12000))
        self.assertEqual(ours.counts_instead_id, theirs)
        self._choose(theirs, "aside", user=self.manager)
        self.assertEqual((self._terms(), self._at_stake()), (ours | mine, 9000))
        self.assertTrue(mine.is_generated)

    def test_next_terms_of_two_contracts_are_both_back(self):
        ours, theirs = self._renewed(self.keeps, 9000), self._renewed(self.goes, 12000)
        self._merge()
        self._choose(theirs, "both", kept_number="North", aside_number="South")
        self.assertEqual(self._at_stake(), 21000)
        self.assertEqual(ours.next_ids.contract_number, "South")

    def test_a_next_term_for_whose_time_somebody_recorded_one_stays_away(self):
        ours, theirs = self._renewed(self.keeps, 9000), self._renewed(self.goes, 12000)
        mine = ours.next_ids
        self._merge()
        by_hand = self._renewal(
            self.keeps, 12500, date_start=mine.date_start, date_renewal=mine.date_renewal
        )
        self._choose(theirs, "aside", user=self.manager)
        self.assertEqual((self._terms(), self._at_stake()), (ours | by_hand, 12500))

    def test_next_terms_that_were_made_of_terms_at_other_times_are_asked_about(self):
        ours = self._renewal(self.keeps, 9000, date_start=days(765), date_renewal=days(400))
        ours.write({"outcome": "renewed", "date_outcome": days(410)})
        ours.next_ids.sudo().write({"outcome": "renewed", "date_outcome": days(40)})
        theirs = self._renewed(self.goes, 12000)
        self._merge()
        self.assertEqual(self._at_stake(), 12000)
        self.assertTrue(theirs.active)

    def test_innocent_next_terms_of_two_products_both_count(self):
        mobile = self.env["product.product"].create({"name": "Mobile"})
        self._renewed(self.keeps, 9000)
        self._renewed(self.goes, 12000, product_id=mobile.id)
        self._merge()
        self.assertEqual(self._at_stake(), 21000)

    def test_of_three_terms_the_other_ones_are_asked_about_again(self):
        third = self._customer("Acme Ltd", email="a@example.com")
        ours, theirs = self._renewal(self.keeps, 9000), self._renewal(self.goes, 12000)
        other = self._renewal(third, 7000)
        self._merge(third)
        action = theirs.with_user(self.manager).action_choose_term()
        first = self.env["customer.success.renewal"].browse(action["context"]["default_aside_id"])
        self._choose(first, "aside", user=self.manager)
        rest = (ours | other) - first
        self.assertEqual(self._terms(), first)
        self.assertIn(f"{rest.annual_value:,.2f}", str(self._asked(first).note))
        self._choose(rest, "kept", user=self.manager)
        self.assertFalse(self._asked(first))

    def test_what_is_dropped_is_no_longer_in_the_question(self):
        third = self._customer("Acme Ltd", email="a@example.com")
        for customer, value in ((self.keeps, 9000), (self.goes, 12000), (third, 7000)):
            self._renewal(customer, value)
        self._merge(third)
        kept = self._terms()
        first, rest = kept.set_aside_ids
        self._choose(first, "kept")
        self.assertIn(f"{rest.annual_value:,.2f}", str(self._asked(kept).note))
        self.assertNotIn(f"{first.annual_value:,.2f}", str(self._asked(kept).note))

    def test_another_question_about_the_term_stays(self):
        ours, theirs = self._renewal(self.keeps, 9000), self._renewal(self.goes, 12000)
        theirs._ask_to_confirm("The opportunity was won.")
        self._merge()
        self.assertTrue(self._asked(theirs, CONFIRM) and self._asked(theirs))
        self._choose(theirs, "kept")
        self.assertIn("won", str(self._asked(theirs, CONFIRM).note))
        self.assertFalse(self._asked(theirs) | self._asked(ours))

    def test_a_term_that_is_activated_by_hand_ends_the_question(self):
        ours, theirs = self._renewal(self.keeps, 9000), self._renewal(self.goes, 12000)
        self._merge()
        ours.with_user(self.csm).write(
            {"active": True, "date_start": days(900), "date_renewal": days(600)}
        )
        self.assertFalse(self._asked(theirs))

    def test_both_are_kept_as_two_contracts(self):
        ours, theirs = self._renewal(self.keeps, 9000), self._renewal(self.goes, 12000)
        self._merge()
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._choose(theirs, "both")
        self._choose(theirs, "both", kept_number="North", aside_number="South")
        self.assertEqual(self._terms(), ours | theirs)
        self.assertEqual(ours.contract_number, "South")
        for term in ours | theirs:
            term.with_user(self.csm).seats = 77

    def test_a_manager_lets_the_lower_one_count(self):
        ours, theirs = self._renewal(self.keeps, 9000), self._renewal(self.goes, 12000)
        theirs.sudo()._open_leads()
        lead = theirs.lead_id
        self._merge()
        self._choose(ours, "aside", user=self.manager)
        self.assertEqual(self._terms(), ours)
        self.assertFalse(self._asked(ours) | self._asked(theirs))
        self.assertEqual((ours.lead_id, lead.expected_revenue), (lead, 9000))
        ours.annual_value = 9500
        self.assertEqual(lead.expected_revenue, 9500)

    def test_cheat_a_worthless_duplicate_makes_no_loss_smaller(self):
        self.merger.group_ids = [(3, self.env.ref("customer_success.group_success_manager").id)]
        self.merger.group_ids = [(4, self.env.ref("customer_success.group_success_user_all").id)]
        self._renewal(self.keeps, 1)
        real = self._renewal(self.goes, 12000)
        self._merge()
        self.assertEqual(self._terms(), real)
        with self.assertRaises(UserError):
            self._choose(real, "aside")

    def test_cheat_a_churned_term_is_not_folded_into_a_pending_one(self):
        lost = self._renewal(self.goes, date_renewal=days(5))
        lost.write({"outcome": "churned"})
        self._renewal(self.keeps, date_renewal=days(5))
        self._merge()
        everything = self._terms(active_test=False)
        self.assertEqual(len(everything), 2)
        self.assertEqual(len(self._terms()), 1)
        self.assertTrue(everything.filtered("counts_instead_id"))

    def test_the_opportunity_of_a_term_that_was_set_aside_is_back_with_it(self):
        ours, theirs = self._renewal(self.keeps, 9000), self._renewal(self.goes, 12000)
        ours.sudo()._open_leads()
        lead = ours.lead_id
        self._merge()
        self.assertEqual(lead.won_status, "lost", "it counts in no forecast meanwhile")
        self._choose(theirs, "kept")
        self.assertEqual((theirs.lead_id, lead.won_status), (lead, "pending"))
        self.assertFalse(ours.lead_id)

    def test_one_opportunity_goes_on_with_the_term_that_was_chosen(self):
        ours, theirs = self._renewal(self.keeps, 9000), self._renewal(self.goes, 12000)
        (ours | theirs).sudo()._open_leads()
        self._merge()
        self._choose(theirs, "aside", user=self.manager)
        pipeline = self.env["crm.lead"].search([("partner_id", "=", self.keeps.id)])
        self.assertEqual(pipeline, ours.lead_id)
        self.assertEqual(pipeline.won_status, "pending")
        self.assertFalse(theirs.lead_id)

    def test_who_was_chosen_is_not_chosen_again(self):
        self._renewal(self.keeps, 9000)
        theirs = self._renewal(self.goes, 12000)
        self._merge()
        action = theirs.with_user(self.csm).action_choose_term()
        self._choose(theirs, "kept")
        again = self.env["customer.success.term.choice"].with_user(self.csm)
        with self.assertRaisesRegex(UserError, "already chosen"):
            again.with_context(**action["context"]).create({"choice": "aside"}).action_choose()
