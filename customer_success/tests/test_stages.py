from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, SuccessCase, days


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

    def test_a_stage_with_customers_cannot_be_deleted(self):
        self._customer(stage="first_use")
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.stages["first_use"].with_user(self.manager).unlink()

    def test_entering_a_stage_starts_its_clock_and_staying_does_not(self):
        customer = self._customer(success_stage_date=days(30)).with_user(self.csm)
        customer.success_stage_id = customer.success_stage_id
        self.assertEqual(customer.success_stage_days, 30)
        customer.success_stage_id = self.stages["sustained_use"]
        self.assertEqual((customer.success_stage_date, customer.success_stage_days), (TODAY, 0))

    def test_moving_several_starts_the_clock_of_those_that_move(self):
        stays = self._customer("Stays", "first_use", success_stage_date=days(30))
        moves = self._customer("Moves", success_stage_date=days(30))
        (stays | moves).with_user(self.csm).success_stage_id = self.stages["first_use"]
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
