from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.modules.migration import load_script
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import file_path

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestBarrierSearches(SuccessCase):
    """Searches for barriers have a history, begin where leaders do not look, and find whom barriers stop."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()

    def _search(self, asked, found=(), user=None):
        wizards = self.env["customer.success.barrier.check"].with_user(user or self.csm)
        wizard = wizards.create({"partner_id": self.customer.id, "users_asked": asked})
        for line in wizard.line_ids.filtered(lambda line: line.area in found):
            line.found = True
        wizard.action_finish()

    def _attention(self):
        self.customer.invalidate_recordset()
        return str(self.customer.with_user(self.csm).success_attention)

    def _person(self, name, role):
        return self.env["customer.success.stakeholder"].create(
            {
                "partner_id": self.customer.id,
                "contact_id": self._contact(self.customer, name).id,
                "role": role,
            }
        )

    # -- S20 ------------------------------------------------------------------------------------

    def test_s20_each_search_is_kept_with_its_day_its_people_and_who_searched(self):
        self._search(8, found=("process", "role"))
        with freeze_time(TODAY + timedelta(days=30)):
            self._search(1, user=self.manager)
        searches = self.customer.with_user(self.csm).success_barrier_search_ids
        self.assertEqual(
            [(one.date, one.people_asked, one.user_id, one.found) for one in searches],
            [(days(-30), 1, self.manager, 0), (TODAY, 8, self.csm, 2)],
        )
        self.assertEqual(searches[1].barrier_ids, self.customer.success_barrier_ids)
        self.assertEqual(searches.mapped("areas_share"), [100, 100])
        self.assertEqual(self.customer.success_barriers_asked, 8, "the score counts the larger one")
        action = self.customer.with_user(self.csm).action_success_barrier_searches()
        listed = self.env[action["res_model"]].with_user(self.csm).search(action["domain"])
        self.assertEqual(listed, searches)

    def test_s20_who_never_searched_is_found(self):
        partners = self.env["res.partner"].with_user(self.csm)
        never = [("success_barriers_checked", "=", False), ("id", "=", self.customer.id)]
        self.assertTrue(partners.search(never))
        self._search(3)
        self.assertFalse(partners.search(never))

    def test_s20_nobody_rewrites_the_history(self):
        self._search(1)
        [search] = self.customer.success_barrier_search_ids
        other = new_test_user(self.env, "test_other_csm", "customer_success.group_success_user")
        for user in (self.csm, self.lead_csm, self.manager):
            with self.assertRaises(AccessError):
                search.with_user(user).write({"people_asked": 50})
            with self.assertRaises(AccessError):
                search.with_user(user).copy({"people_asked": 50})
        for user in (other, self.sales):
            with self.assertRaises(AccessError):
                search.with_user(user).read(["people_asked"])

    def test_the_update_begins_the_history_with_the_search_that_was_kept(self):
        self.customer.sudo().write(
            {"success_barriers_checked": days(40), "success_barriers_asked": 4}
        )
        self.env.flush_all()
        path = file_path("customer_success/migrations/19.0.2.0.0/post-barrier-searches.py")
        for _run in range(2):
            load_script(path, "post_barrier_searches").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all(flush=False)
        [search] = self.customer.success_barrier_search_ids
        self.assertEqual((search.date, search.people_asked), (days(40), 4))

    # -- S19 ------------------------------------------------------------------------------------

    def test_s19_leaders_who_do_not_look_lead_to_the_search_in_one_click(self):
        plan = (
            self.env["customer.success.plan"]
            .with_user(self.csm)
            .create({"partner_id": self.customer.id, "leaders_seek_barriers": "no"})
        )
        plan.action_activate()
        with Form(plan) as form:
            self.assertTrue(form.leaders_seek_barriers)
        arch = plan.get_view(view_type="form")["arch"]
        self.assertIn("leaders_seek_barriers != 'no'", arch)
        self.assertIn("do not know how to find barriers", self._attention())
        action = plan.action_search_barriers()
        wizards = self.env[action["res_model"]].with_user(self.csm)
        with Form(wizards.with_context(**action["context"])) as form:
            form.users_asked = 5
        self.assertEqual(form.record.partner_id, self.customer)
        form.record.action_finish()
        self.assertNotIn("do not know how to find barriers", self._attention())
        with freeze_time(TODAY + timedelta(days=400)):
            self.assertIn("do not know how to find barriers", self._attention())

    def test_s19_leaders_who_look_are_left_alone(self):
        plan = self.env["customer.success.plan"].create(
            {"partner_id": self.customer.id, "leaders_seek_barriers": "yes"}
        )
        plan.action_activate()
        self.assertNotIn("do not know how to find barriers", self._attention())

    # -- S92 ------------------------------------------------------------------------------------

    def test_s92_a_barrier_names_the_stakeholders_whom_it_stops(self):
        ada, ben = self._person("Ada", "champion"), self._person("Ben", "user_lead")
        barrier = self._barrier(self.customer).with_user(self.csm)
        with Form(barrier) as form:
            form.stakeholder_ids.add(ada)
            form.stakeholder_ids.add(ben)
        people = (ada | ben).with_user(self.csm)
        people.invalidate_recordset()
        self.assertEqual(people.stopped_by_ids, barrier)
        self.assertEqual(ben.contact_id.with_user(self.csm).success_stopped_by, barrier.name)
        self.assertIn(f"“{barrier.name}” stops Ada (champion).", self._attention())
        barriers = self.env["customer.success.barrier"].with_user(self.csm)
        self.assertEqual(barriers.search([("stakeholder_ids", "in", ben.ids)]), barrier)
        barrier.write({"state": "accepted", "resolution": "The law demands it."})
        people.invalidate_recordset()
        self.assertFalse(people.stopped_by_ids)
        self.assertNotIn("stops Ada", self._attention())

    def test_s92_whom_a_barrier_stops_works_at_its_customer(self):
        ada = self._person("Ada", "champion")
        other = self._customer("Other")
        with self.assertRaisesRegex(ValidationError, "Name people of this customer"):
            self._barrier(other).with_user(self.csm).stakeholder_ids = ada

    def test_s92_salespeople_do_not_see_who_is_stopped(self):
        ada = self._person("Ada", "champion")
        self._barrier(self.customer, stakeholder_ids=ada.ids)
        with self.assertRaises(AccessError):
            ada.contact_id.with_user(self.sales).read(["success_stopped_by"])
