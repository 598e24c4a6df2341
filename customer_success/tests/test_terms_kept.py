from datetime import datetime, time

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTermsKept(SuccessCase):
    """A term with a value is not put away by the one who is rated by its renewal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(400))
        cls._usage(cls.customer, active=12)
        cls.term = cls._renewal(cls.customer).with_user(cls.csm)

    def _at_risk(self):
        self.env.invalidate_all()
        self._rescore(self.customer)
        return self.customer.success_value_at_risk

    def _refused(self, vals):
        before = self._at_risk()
        with self.assertRaisesRegex(UserError, "counts in churn risk"), self.cr.savepoint():
            self.term.write(vals)
        self.assertEqual(self._at_risk(), before)

    def test_cheat_the_term_is_archived_for_a_worthless_one(self):
        self._refused({"active": False})
        with self.assertRaisesRegex(UserError, "counts in churn risk"), self.cr.savepoint():
            self.term.action_archive()

    def test_cheat_the_term_goes_to_another_customer(self):
        self._refused({"partner_id": self._customer("Globex").id})

    def test_cheat_a_loss_is_archived(self):
        self.term.write({"date_renewal": TODAY, "outcome": "churned"})
        with self.assertRaisesRegex(UserError, "retention"), self.cr.savepoint():
            self.term.active = False
        self.assertTrue(self.customer.success_former_date)

    def test_cheat_a_manager_puts_away_the_own_customers(self):
        self.env["res.users"].create(
            {
                "name": "Second",
                "login": "test_manager_2",
                "group_ids": [(4, self.env.ref("customer_success.group_success_manager").id)],
            }
        )
        term = self.term.with_user(self.manager)
        self.customer.success_user_id = self.manager
        for put_away in (term.action_archive, term.unlink):
            with self.assertRaisesRegex(UserError, "counts in churn risk"), self.cr.savepoint():
                put_away()

    def test_innocent_a_manager_archives_it_and_the_customer_remembers(self):
        self.term.with_user(self.manager).action_archive()
        self.assertFalse(self.term.active)
        self.assertIn("was archived", self.customer.message_ids[0].body)

    def test_innocent_a_slip_of_today(self):
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET create_uid = %s, create_date = %s WHERE id = %s",
            [self.csm.id, datetime.combine(TODAY, time(9)), self.term.id],
        )
        self.term.invalidate_recordset()
        self.term.action_archive()
        self.assertFalse(self.term.active)

    def test_innocent_a_term_that_is_worth_nothing(self):
        term = self._renewal(self.customer, 0, product_id=False).with_user(self.csm)
        term.action_archive()
        self.assertFalse(term.active)

    def test_innocent_it_comes_back(self):
        self.term.sudo().active = False
        self.term.active = True
        self.assertTrue(self.term.active)

    def test_innocent_dates_and_seats_are_corrected(self):
        self.term.write({"date_renewal": days(-130), "seats": 90, "partner_id": self.customer.id})
        self.assertEqual(self.term.seats, 90)
