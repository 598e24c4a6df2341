from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ..common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestErasure(SuccessCase):
    """A history is not deleted with its contact, unless a manager erases it on purpose."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(
            cls.env, "test_clerk", "base.group_user,base.group_partner_manager"
        )
        cls.manager.group_ids += cls.env.ref("base.group_partner_manager")
        cls.customer = cls._customer()
        cls.ada = cls._contact(cls.customer, "Ada")

    def _refused(self, partner, label):
        with (
            self.subTest(label=label),
            self.assertRaisesRegex(UserError, f"{label}.*Archive the record instead"),
            self.cr.savepoint(),
        ):
            partner.with_user(self.clerk).unlink()

    def test_who_has_a_history_is_not_deleted(self):
        self._answer(self.customer, contact_id=self.ada.id)
        self._refused(self.ada, "answers")
        self._refused(self.customer, "answers")

    def test_each_kind_of_history_is_kept(self):
        ended = self._customer("Ended")
        self._renewal(ended, date_start=days(400), date_renewal=days(35)).write(
            {"outcome": "churned", "date_outcome": days(40)}
        )
        self._refused(ended, "renewals that ended")
        moved = self._customer("Moved", "discover")
        moved.success_stage_id = self.stages["prepare"]
        self._refused(moved, "moves between stages")
        freed = self._customer("Freed")
        self._barrier(freed, state="removed", date_removed=days(3))
        self._refused(freed, "barriers that were removed")

    def test_a_company_is_kept_for_the_answers_of_its_contacts(self):
        other = self._customer("Other")
        ben = self._contact(other, "Ben")
        self._answer(other, contact_id=ben.id)
        self._refused(other, "answers")
        other.active = ben.active = False
        self._refused(ben, "answers")

    def test_innocent_who_has_no_history_is_deleted(self):
        mistake = self._customer("By Mistake", "discover")
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self._renewal(mistake)
        self._usage(mistake)
        (mistake | stranger | self.ada).with_user(self.clerk).unlink()
        self.assertFalse((mistake | stranger | self.ada).exists())

    def test_archiving_keeps_everything(self):
        answer = self._answer(self.customer, contact_id=self.ada.id)
        self.ada.with_user(self.clerk).active = False
        self.assertEqual(answer.contact_id, self.ada)

    def test_a_manager_erases_on_purpose_after_typing_the_name(self):
        self._answer(self.customer, contact_id=self.ada.id)
        barrier = self._barrier(self.customer, owner_contact_id=self.ada.id, authority="granted")
        freed = self._barrier(
            self.customer, owner_contact_id=self.ada.id, state="removed", date_removed=days(3)
        )
        wizards = self.env["customer.success.erase"].with_user(self.manager)
        with Form(
            wizards.with_context(active_model="res.partner", active_ids=self.ada.ids)
        ) as form:
            self.assertIn("answers", form.history)
            form.confirmation = "Eve"
        with self.assertRaisesRegex(UserError, "Nothing was erased"), self.cr.savepoint():
            form.record.action_erase()
        form.record.confirmation = " Ada "
        form.record.action_erase()
        self.assertFalse(self.ada.exists())
        self.assertTrue(self.customer.exists())
        self.assertEqual((barrier.authority, barrier.owner_contact_id.id), ("none", False))
        self.assertEqual((freed.state, freed.owner_contact_id.id), ("removed", False))

    def test_a_csm_does_not_erase(self):
        for user in (self.csm, self.lead_csm, self.sales, self.clerk):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["customer.success.erase"].with_user(user).create(
                    {"partner_ids": self.ada.ids}
                )
