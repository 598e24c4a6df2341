from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ..common import TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestStages(SuccessCase):
    def _after(self):
        return self.env["customer.success.stage"].search([("phase", "=", "after")])

    def test_the_default_catalogue_goes_on_after_go_live(self):
        self.assertGreaterEqual(len(self._after()), 3)

    def test_a_catalogue_without_a_stage_after_go_live_is_refused(self):
        stages = self._after().with_user(self.manager)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            stages.unlink()
        with self.assertRaises(ValidationError), self.cr.savepoint():
            stages.active = False
        with self.assertRaises(ValidationError), self.cr.savepoint():
            stages.phase = "before"
        stages[1:].unlink()
        self.assertEqual(len(self._after()), 1)

    def test_a_stage_that_customers_know_cannot_be_deleted(self):
        customer = self._customer(stage="first_use")
        with self.assertRaisesRegex(UserError, "are in this stage"):
            self.stages["first_use"].with_user(self.manager).unlink()
        customer.sudo().success_stage_id = self.stages["effective_use"]
        with self.assertRaisesRegex(UserError, "have been in this stage"):
            self.stages["first_use"].with_user(self.manager).unlink()
        unused = self.stages["first_use"].copy({"name": "Unused"})
        unused.with_user(self.manager).unlink()

    def test_entering_a_stage_starts_its_clock_and_staying_does_not(self):
        customer = self._customer(stage="first_use", success_stage_date=days(30)).with_user(
            self.csm
        )
        customer.success_stage_id = customer.success_stage_id
        self.assertEqual(customer.success_stage_days, 30)
        customer.success_stage_id = self.stages["effective_use"]
        self.assertEqual((customer.success_stage_date, customer.success_stage_days), (TODAY, 0))

    def test_moving_several_starts_the_clock_of_those_that_move(self):
        stays = self._customer("Stays", success_stage_date=days(30))
        moves = self._customer("Moves", "first_use", success_stage_date=days(30))
        (stays | moves).with_user(self.csm).success_stage_id = self.stages["effective_use"]
        self.assertEqual((stays.success_stage_days, moves.success_stage_days), (30, 0))

    def test_only_companies_are_followed_not_their_contacts(self):
        customer = self._customer()
        contact = self._contact(customer)
        with self.assertRaises(ValidationError):
            contact.with_user(self.csm).success_stage_id = self.stages["first_use"]

    def test_a_new_customer_gets_its_score_row_at_once(self):
        customer = self.env["res.partner"].create({"name": "Later", "is_company": True})
        self.assertFalse(customer.success_score_id)
        customer.with_user(self.csm).success_stage_id = self.stages["discover"]
        score = customer.success_score_id
        self.assertEqual(score.partner_id, customer)
        customer.success_stage_id = self.stages["prepare"]
        self.assertEqual(customer.success_score_id, score)

    def test_who_is_followed_no_more_has_no_score_but_a_history(self):
        customer = self._customer()
        self._renewal(customer)
        self._rescore(customer)
        lead = self.env["crm.lead"].create({"name": "Upsell", "partner_id": customer.id})
        self.assertTrue(lead.success_risk_band)
        confirmed = customer.with_user(self.csm).with_context(success_pending_confirmed=True)
        confirmed.action_success_stop()
        self.env.invalidate_all()
        self.assertFalse(customer.success_stage_id or customer.success_score_id)
        self.assertFalse(lead.success_risk_band)
        self.assertTrue(customer.success_stage_move_ids)
        self.assertFalse(customer.with_user(self.csm).success_explanation)
        customer.with_user(self.csm).success_stage_id = self.stages["effective_use"]
        self.assertTrue(customer.success_score_id)

    def test_a_company_made_from_our_list_is_a_customer_its_contacts_are_not(self):
        partners = (
            self.env["res.partner"]
            .with_user(self.csm)
            .with_context(success_new_customer=True, default_is_company=True)
        )
        customer = partners.create({"name": "New"})
        self.assertEqual(customer.success_stage_id, self.stages["discover"])
        self.assertEqual(customer.success_user_id, self.csm)
        contact = partners.with_context(default_parent_id=customer.id).create(
            {"name": "Kid", "is_company": False}
        )
        self.assertFalse(contact.success_stage_id or contact.success_user_id)

    def test_years_live_are_of_customers_that_are_live(self):
        live = self._customer(success_go_live_date=days(731))
        slipped = self._customer("Slipped", "prepare", success_go_live_date=days(731))
        self.assertAlmostEqual(live.success_years_live, 2, places=2)
        self.assertIs(slipped.success_years_live, False)

    def test_only_managers_change_the_catalogue(self):
        with self.assertRaises(AccessError):
            self.stages["discover"].with_user(self.lead_csm).name = "Other"
        self.stages["discover"].with_user(self.manager).name = "Other"

    def test_the_board_shows_empty_stages_too(self):
        groups = (
            self.env["res.partner"]
            .with_user(self.csm)
            .with_context(read_group_expand=True)
            .web_read_group(
                [("success_stage_id", "!=", False), ("success_user_id", "=", self.csm.id)],
                ["success_stage_id"],
                [],
            )["groups"]
        )
        found = {group["success_stage_id"][0] for group in groups if group["success_stage_id"]}
        self.assertLessEqual(set(self.env["customer.success.stage"].search([]).ids), found)
