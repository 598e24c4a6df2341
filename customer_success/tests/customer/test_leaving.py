from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import TODAY, days
from ..work.plays_common import PlaysCase

LONG_AGO = days(3000)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestLeaving(PlaysCase):
    """The work of users who leave is handed over, and merging customers loses none."""

    # ------------------------------------------------------------------------------------------
    # Users who leave, and customers that are merged
    # ------------------------------------------------------------------------------------------

    def test_the_work_of_an_archived_csm_is_not_lost(self):
        run = self._started()
        private = self.activities.create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.env["res.partner"].create({"name": "Nobody"}).id,
                "user_id": self.csm.id,
            }
        )
        admin = new_test_user(
            self.env, "test_hr", "base.group_system,customer_success.group_success_user"
        )
        self.csm.with_user(admin).action_archive()
        self.assertFalse(self.csm.active)
        self.assertEqual(len(run.activity_ids), 2)
        self.assertEqual(run.activity_ids.user_id, admin)
        self.assertEqual(run.user_id, admin)
        self.assertFalse(self.customer.success_user_id)
        self.assertFalse(private.exists(), "activities on other records are left to Odoo")

    def test_the_work_goes_to_a_manager_if_somebody_else_archives(self):
        run = self._started()
        admin = new_test_user(self.env, "test_hr", "base.group_system")
        managers = self.env.ref("customer_success.group_success_manager").all_user_ids
        (managers - self.manager).write(
            {
                "group_ids": [
                    Command.unlink(self.env.ref("customer_success.group_success_manager").id)
                ]
            }
        )
        self.csm.with_user(admin).write({"active": False})
        self.assertEqual(run.activity_ids.user_id, self.manager)
        self.assertFalse(self.customer.success_user_id)

    def test_a_deleted_csm_leaves_the_work_too(self):
        run = self._started()
        leaver = self.csm
        self.customer.success_user_id = leaver
        leaver.unlink()
        self.assertEqual(len(run.activity_ids), 2)

    def test_runs_of_merged_customers_are_kept_once_for_each_cause(self):
        play = self._stalled()
        goes = self._customer("Goes")
        for customer, cause in ((self.customer, "1"), (goes, "1"), (goes, "2")):
            self.runs.create(
                {
                    "play_id": play.id,
                    "partner_id": customer.id,
                    "cause": cause,
                    "date": TODAY,
                }
            )
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.customer.id, goes.id], self.customer)
        self.env.invalidate_all()
        runs = self.runs.search([("play_id", "=", play.id)])
        self.assertEqual(runs.partner_id, self.customer)
        self.assertEqual(sorted(runs.mapped("cause")), ["1", "2"])
