from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY
from .test_files import FileCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPersonsKept(FileCase):
    """The users of a product are counted and forgotten, unless the settings say that they are kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Acme")
        cls.persons = cls.env["customer.success.person"]

    def _keep(self, is_kept=True):
        settings = self.env["res.config.settings"].create({"group_success_persons": is_kept})
        settings.set_values()

    def _bring(self, *lines, month="2026-05-01", user=None):
        rows = "".join(f"Acme,PLANNER,{line}\n" for line in lines)
        text = f"Customer: Name,Product Code,Email,Last Active,Licensed\n{rows}"
        load = self._open(text, "users.csv", user or self.manager, kind="persons")
        load.period_date = month
        return self._finish(load)

    def _said(self, user=None):
        found = self.persons.with_user(user or self.csm).search([], order="person")
        return {one.person: one.state for one in found}

    def test_nothing_is_kept_by_itself(self):
        self._bring("ada@acme.example,2026-05-20,yes", "ben@acme.example,2026-03-02,yes")
        self.assertFalse(self.persons.search([]))
        self.assertEqual(self.customer.success_usage_ids.active_users, 1)
        self.assertFalse(self.csm.has_group("customer_success.group_success_persons"))

    def test_the_csm_sees_who_stopped(self):
        self._keep()
        self._bring(
            "ada@acme.example,2026-05-20,yes",
            "ben@acme.example,2026-03-02,yes",
            "cyd@acme.example,,yes",
            "dan@acme.example,2026-05-02,no",
        )
        self.assertEqual(
            self._said(),
            {
                "ada@acme.example": "active",
                "ben@acme.example": "stopped",
                "cyd@acme.example": "never",
            },
            "who has no licence is not kept",
        )
        customer = self.customer.with_user(self.csm)
        self.assertEqual(customer.success_stopped_count, 1)
        self.assertTrue(self.csm.has_group("customer_success.group_success_persons"))
        action = customer.action_success_persons()
        found = self.persons.with_user(self.csm).search(action["domain"])
        self.assertEqual(len(found), 3)

    def test_others_see_nobody(self):
        self._keep()
        self._bring("ada@acme.example,2026-05-20,yes")
        other = new_test_user(self.env, "other_csm", "customer_success.group_success_user")
        self.assertFalse(self._said(other))
        portal = new_test_user(self.env, "their_portal", "base.group_portal")
        portal.partner_id.parent_id = self.customer
        for user in (self.sales, portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._said(user)
        with self.assertRaises(AccessError):
            self.persons.with_user(self.manager).search([]).write({"person": "x"})

    def test_a_newer_file_replaces_and_an_older_one_does_not(self):
        self._keep()
        self._bring(
            "ada@acme.example,2026-04-20,yes", "ben@acme.example,2026-04-02,yes", month="2026-04-01"
        )
        self._bring("Ada@acme.example,2026-05-20,yes", "eve@acme.example,2026-04-02,yes")
        now = {"Ada@acme.example": "active", "eve@acme.example": "stopped"}
        self.assertEqual(self._said(), now)
        self._bring("old@acme.example,2026-04-20,yes", month="2026-04-01")
        self.assertEqual(self._said(), now)

    def test_a_file_without_activity_keeps_nobody(self):
        self._keep()
        self._bring("ada@acme.example,,yes")
        self.assertFalse(self._said())

    def test_turning_it_off_forgets_everybody(self):
        self._keep()
        self._bring("ada@acme.example,2026-05-20,yes")
        self._keep(False)
        self.assertFalse(self.persons.search([]))

    def test_old_files_are_forgotten(self):
        self._keep()
        self._bring("ada@acme.example,2026-05-20,yes")
        self.persons._gc_persons()
        self.assertTrue(self.persons.search([]))
        with freeze_time("2027-08-01"):
            self.persons._gc_persons()
        self.assertFalse(self.persons.search([]))

    def test_who_is_erased_is_forgotten_here_too(self):
        self._keep()
        self.manager.group_ids += self.env.ref("base.group_partner_manager")
        ada = self._contact(self.customer, "Ada")
        ada.email = "Ada@Acme.example"
        self._bring("ada@acme.example,2026-05-20,yes", "ben@acme.example,2026-03-02,yes")
        ada.with_user(self.manager).unlink()
        self.assertEqual(self._said(), {"ben@acme.example": "stopped"})
        self.env["customer.success.erase"].with_user(self.manager).create(
            {"partner_ids": self.customer.ids, "confirmation": "Acme"}
        ).action_erase()
        self.assertFalse(self.persons.search([]))

    def test_a_file_that_is_taken_back_takes_its_persons_along(self):
        self._keep()
        delivery = self._bring("ada@acme.example,2026-05-20,yes")
        delivery.action_undo()
        self.assertFalse(self.persons.search([]) or self.customer.success_usage_ids)

    # -- taking back ---------------------------------------------------------------------------

    def _two_files(self):
        first = self._bring(
            "ada@acme.example,2026-04-20,yes", "ben@acme.example,2026-04-02,yes", month="2026-04-01"
        )
        second = self._bring("ada@acme.example,2026-05-20,yes", "eve@acme.example,2026-04-02,yes")
        return first, second

    BEFORE = {"ada@acme.example": "active", "ben@acme.example": "active"}
    AFTER = {"ada@acme.example": "active", "eve@acme.example": "stopped"}

    def test_a_file_that_is_taken_back_gives_the_users_before_it_back(self):
        self._keep()
        _first, second = self._two_files()
        self.assertEqual(self._said(), self.AFTER)
        self.assertEqual(self.customer.with_user(self.csm).success_stopped_count, 1)
        second.action_undo()
        self.assertEqual(self._said(), self.BEFORE)
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.with_user(self.csm).success_stopped_count, 0)

    def test_files_are_taken_back_in_any_turn(self):
        self._keep()
        first, second = self._two_files()
        third = self._bring("fay@acme.example,2026-05-21,yes")
        second.action_undo()
        self.assertEqual(self._said(), {"fay@acme.example": "active"}, "a later one stands")
        third.action_undo()
        self.assertEqual(self._said(), self.BEFORE)
        first.action_undo()
        self.assertFalse(self.persons.with_context(active_test=False).search([]))

    def test_the_first_file_taken_back_leaves_the_second(self):
        self._keep()
        first, second = self._two_files()
        first.action_undo()
        self.assertEqual(self._said(), self.AFTER)
        second.action_undo()
        self.assertFalse(self.persons.with_context(active_test=False).search([]))

    def test_another_product_is_left_alone(self):
        self._keep()
        other = self.env["product.product"].create({"name": "Other", "default_code": "OTHER"})
        self._two_files()
        load = self._open(
            "Customer: Name,Product Code,Email,Last Active,Licensed\nAcme,OTHER,gus@acme.example,2026-05-20,yes\n",
            "other.csv",
            kind="persons",
        )
        load.period_date = "2026-05-01"
        self._finish(load).action_undo()
        self.assertEqual(self._said(), self.AFTER)
        self.assertFalse(self.persons.search([("product_id", "=", other.id)]))

    def test_who_was_replaced_is_not_kept_for_long_and_is_seen_by_nobody(self):
        self._keep()
        everybody = self.persons.with_context(active_test=False)
        _first, second = self._two_files()
        self.env.flush_all()
        self.assertEqual(len(everybody.search([])), 4)
        self.persons._gc_persons()
        self.assertEqual(len(everybody.search([])), 4)
        self.cr.execute(
            "UPDATE customer_success_usage_delivery SET create_date = now() - interval '200 days'"
            " WHERE id = %s",
            [second.id],
        )
        self.env.invalidate_all()
        with freeze_time(fields.Datetime.to_datetime("2026-12-15")):
            self.persons._gc_persons()
        self.assertEqual(len(everybody.search([])), 2)
        second.action_undo()
        self.assertFalse(self._said())

    def test_turning_it_off_and_erasing_forget_who_was_replaced(self):
        self._keep()
        everybody = self.persons.with_context(active_test=False)
        self._two_files()
        self.manager.group_ids += self.env.ref("base.group_partner_manager")
        ben = self._contact(self.customer, "Ben")
        ben.email = "ben@acme.example"
        ben.with_user(self.manager).unlink()
        self.assertNotIn("ben@acme.example", everybody.search([]).mapped("person"))
        self._keep(False)
        self.assertFalse(everybody.search([]))
