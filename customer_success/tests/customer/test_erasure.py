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

    def test_what_is_known_of_use_plan_and_contract_is_kept(self):
        used = self._customer("Used")
        for month in range(3):
            self._usage(used, when=days(14 + 31 * month))
        self._refused(used, "figures of use")
        planned = self._customer("Planned")
        plan = self.env["customer.success.plan"].create({"partner_id": planned.id})
        plan.action_activate()
        self._refused(planned, "success plans")
        sold = self._customer("Sold")
        renewal = self._renewal(sold)
        self._refused(sold, "renewals that are pending")
        renewal.active = False
        self._refused(sold, "renewals that are pending")
        agreed = self._customer("Agreed")
        self.env["customer.success.objective"].create(
            {"name": "Orders", "partner_id": agreed.id, "is_shared": True}
        )
        self._refused(agreed, "objectives that were agreed")
        stopped = self._customer("Stopped")
        self._barrier(stopped)
        self._refused(stopped, "open barriers")
        searched = self._customer("Searched")
        self.env["customer.success.barrier.search"].create(
            {"partner_id": searched.id, "date": days(3), "people_asked": 9}
        )
        self._refused(searched, "searches for barriers")

    def test_people_with_a_part_are_kept(self):
        self.env["customer.success.stakeholder"].create(
            {"partner_id": self.customer.id, "contact_id": self.ada.id, "role": "sponsor"}
        )
        self._refused(self.ada, "roles as stakeholders")
        owner = self._contact(self.customer, "Olga")
        self._barrier(self.customer, owner_contact_id=owner.id, authority="granted")
        self._refused(owner, "open barriers")
        leader = self._contact(self.customer, "Lea")
        self.env["customer.success.change"].create(
            {"name": "Merger", "partner_id": self.customer.id, "owner_contact_id": leader.id}
        )
        self._refused(leader, "changes that they own")

    def test_a_term_that_ended_is_kept_until_it_is_reopened(self):
        renewal = self._renewal(self.customer, date_start=days(400), date_renewal=days(35))
        renewal.write({"outcome": "churned", "date_outcome": days(40)})
        with self.assertRaisesRegex(UserError, "reopen it first"), self.cr.savepoint():
            renewal.with_user(self.manager).unlink()
        renewal.with_user(self.manager).action_reopen()
        renewal.with_user(self.manager).unlink()
        self.assertFalse(renewal.exists())
        self.assertIn("was deleted", str(self.customer.message_ids.mapped("body")))

    def test_innocent_colleagues_of_who_has_a_part_are_deleted(self):
        self._barrier(self.customer)
        self._usage(self.customer)
        self.ada.with_user(self.clerk).unlink()
        self.assertFalse(self.ada.exists())

    def test_innocent_holding_is_deleted_and_its_subsidiary_keeps_all(self):
        used = self._customer("Used")
        use = self._usage(used)
        holding = self.env["res.partner"].create({"name": "Holding", "is_company": True})
        used.parent_id = holding
        holding.with_user(self.clerk).unlink()
        self.assertFalse(used.parent_id)
        self.assertEqual(use.exists().partner_id, used)

    def test_cheat_archiving_first_is_no_way_around(self):
        used = self._customer("Used")
        self._usage(used)
        used.active = False
        self._refused(used, "figures of use")
        self._refused(used | self.ada, "figures of use")

    def test_erasing_on_purpose_deletes_all_of_it(self):
        used = self._customer("Used")
        self._usage(used)
        self._barrier(used)
        self._renewal(used)
        self.env["customer.success.plan"].create({"partner_id": used.id}).action_activate()
        wizard = (
            self.env["customer.success.erase"]
            .with_user(self.manager)
            .create({"partner_ids": used.ids, "confirmation": "Used"})
        )
        wizard.action_erase()
        self.assertFalse(used.exists())

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
        self.env["customer.success.plan"].create({"partner_id": mistake.id})
        self.env["customer.success.objective"].create({"name": "Idea", "partner_id": mistake.id})
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
