from odoo.tests import freeze_time, tagged

from ..auto_renewal_common import AutoCase
from ..common import TODAY, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestArchivedOpportunities(AutoCase):
    """The opportunity of a term that is archived is not left open on the board of sales."""

    def setUp(self):
        super().setUp()
        self.term = self._yearly(annual_value=10000, seats=100)
        self.term.sudo()._open_leads()
        self.lead = self.term.lead_id.with_user(self.sales)
        self.managed = self.term.with_user(self.manager)

    def test_the_opportunity_is_lost_and_says_why(self):
        self.assertEqual(self.lead.won_status, "pending")
        self.managed.action_archive()
        self.assertEqual(self.lead.won_status, "lost")
        self.assertFalse(self.lead.lost_reason_id)
        self.assertIn("was archived", "".join(self.lead.message_ids.mapped("body")))
        self.assertFalse(self.term.activity_ids, "nobody is asked whether the customer churned")

    def test_it_is_open_again_when_the_term_is_back(self):
        self.managed.action_archive()
        self.managed.action_unarchive()
        self.assertEqual(self.lead.won_status, "pending")

    def test_a_next_term_that_a_notice_takes_away(self):
        """Notice that came in time, and was entered late, takes away the next term and its opportunity."""
        following = self._renewal(
            self.term.partner_id,
            8000,
            product_id=False,
            previous_id=self.term.id,
            date_start=self.term.date_renewal,
            date_renewal=days(-700),
        )
        following.sudo()._open_leads()
        self.assertEqual(following.lead_id.won_status, "pending")
        following.sudo().write({"active": False, "previous_id": False})
        self.assertEqual(following.lead_id.won_status, "lost")

    def test_innocent_what_sales_lost_for_a_reason_stays_lost(self):
        reason = self.env["crm.lost.reason"].create({"name": "Too Expensive"})
        self.lead.action_set_lost(lost_reason_id=reason.id)
        self.managed.action_archive()
        self.managed.action_unarchive()
        self.assertEqual((self.lead.won_status, self.lead.lost_reason_id), ("lost", reason))

    def test_innocent_what_sales_lost_without_a_reason_stays_lost(self):
        self.lead.action_set_lost()
        self.managed.action_archive()
        self.managed.action_unarchive()
        self.assertEqual(self.lead.won_status, "lost")

    def test_innocent_what_was_won_stays_won(self):
        self.lead.sudo().action_set_won()
        self.term.sudo().write({"outcome": "renewed"})
        self.term.sudo().active = False
        self.assertEqual(self.lead.won_status, "won")

    def test_innocent_a_term_that_is_saved_as_it_was(self):
        self.managed.write({"active": True})
        self.assertEqual(self.lead.won_status, "pending")
        self.assertNotIn("archived", "".join(self.lead.message_ids.mapped("body")))
