from lxml import html

from odoo.exceptions import AccessError, ValidationError
from odoo.modules.migration import load_script
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import file_path

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestChangeAreas(SuccessCase):
    """A change names the areas that it touches and its owner; the grid of a customer shows the gaps."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(400))
        cls.areas = {area.code: area for area in cls.env["customer.success.change.area"].search([])}

    def _change(self, *areas, user=None, **vals):
        return (
            self.env["customer.success.change"]
            .with_user(user or self.csm)
            .create(
                {
                    "name": "A third site",
                    "partner_id": self.customer.id,
                    "date": days(-30),
                    "area_ids": [self.areas[code].id for code in areas],
                    "adoption_plan": "Two leads go first",
                    **vals,
                }
            )
        )

    def _grid(self, customer=None):
        """Return ``{area: [before, during, after]}`` as the CSM reads it."""
        customer = (customer or self.customer).with_user(self.csm)
        customer.invalidate_recordset()
        table = html.fromstring(customer.success_change_grid)
        return {
            row.xpath("th")[0].text_content(): [
                " ".join(cell.text_content().split()) for cell in row.xpath("td")
            ]
            for row in table.xpath("//tbody/tr")
        }

    def _assert_fills(self, code, label):
        """Assert that a change in this area, and only it, fills the gap of the area."""
        self.assertEqual(self._grid()[label], ["none", "none", "no change"])
        self._change(code)
        grid = self._grid()
        self.assertEqual(grid.pop(label), ["none", "none", "1 ahead"])
        self.assertEqual({cells[2] for cells in grid.values()}, {"no change"})
        attention = str(self.customer.with_user(self.csm).success_attention)
        self.assertIn("none of them touches", attention)
        self.assertNotIn(label, self.customer.with_user(self.csm).success_change_gaps)

    def test_s7_a_change_of_processes_and_policies_fills_their_gap(self):
        self._assert_fills("process", "Processes and policies")

    def test_s8_a_change_of_roles_and_responsibilities_fills_their_gap(self):
        self._assert_fills("role", "Roles and responsibilities")

    def test_s9_a_change_of_daily_routines_and_habits_fills_their_gap(self):
        self._assert_fills("routine", "Daily routines and habits")

    def test_s10_a_change_of_expectations_and_evaluation_fills_their_gap(self):
        self._assert_fills("expectation", "Expectations and evaluation")

    def test_s6_one_change_touches_several_areas(self):
        change = self._change("expectation", "role")
        self.assertEqual(change.area, "role", "the first one, in the order of the areas")
        grid = self._grid()
        self.assertEqual(grid["Roles and responsibilities"][2], "1 ahead")
        self.assertEqual(grid["Expectations and evaluation"][2], "1 ahead")
        change.state = "done"
        self.assertEqual(self._grid()["Roles and responsibilities"][2], "1 done")
        change.state = "dropped"
        self.assertEqual(self._grid()["Roles and responsibilities"][2], "no change")

    def test_s6_customers_with_gaps_are_found(self):
        partners = self.env["res.partner"].with_user(self.csm)
        gaps = [("success_change_gaps", "!=", False), ("id", "=", self.customer.id)]
        self.assertTrue(partners.search(gaps))
        past = self._change("process", "role", "routine", "expectation", date=days(600))
        self.assertEqual(past.phase, "before")
        self.assertTrue(partners.search(gaps), "what was before go-live is over")
        self._change("process", "role", "routine", "expectation")
        self.customer.invalidate_recordset()
        self.assertFalse(self.customer.with_user(self.csm).success_change_gaps)
        self.assertFalse(partners.search(gaps))
        self.assertNotIn("touches", str(self.customer.with_user(self.csm).success_attention))

    def test_s6_before_go_live_a_change_of_any_phase_counts(self):
        planned = self._customer("Planned", "prepare", success_go_live_date=days(-90))
        self._change("role", partner_id=planned.id, date=days(-10))
        self.assertEqual(
            self._grid(planned)["Roles and responsibilities"], ["1 ahead", "no change", "no change"]
        )
        gaps = planned.with_user(self.csm).success_change_gaps
        self.assertNotIn("Roles", gaps)
        self.assertIn("Daily routines", gaps)

    def test_a_single_area_from_a_file_is_taken(self):
        self.assertEqual(self._change(area_ids=[], area="routine").area_ids, self.areas["routine"])
        unknown = self._change()
        self.assertFalse(unknown.area, "an area that nobody named is not made up")

    def test_s6_lead_time_says_how_early_a_change_was_recorded(self):
        ahead, late = self._change("role"), self._change("role", date=days(5))
        self.assertEqual((ahead.lead_days, late.lead_days), (30, -5))
        changes = self.env["customer.success.change"].with_user(self.csm)
        mine = [("partner_id", "=", self.customer.id)]
        self.assertEqual(changes._read_group(mine, [], ["lead_days:avg"]), [(12.5,)])
        self.assertEqual(changes.search([*mine, ("lead_days", "<", 0)]), late)
        with freeze_time(days(-20)):
            self.assertEqual(self._change("role").lead_days, 10)

    def test_s6_nobody_sets_the_day_of_recording(self):
        change = self._change("role", date_recorded=days(300))
        self.assertEqual(change.lead_days, 30)
        change.write({"date_recorded": days(300)})
        self.assertEqual(change.date_recorded, TODAY)
        with_default = self.env["customer.success.change"].with_context(
            default_date_recorded=days(300)
        )
        made = with_default.with_user(self.csm).create(
            {"name": "New", "partner_id": self.customer.id, "date": days(0)}
        )
        self.assertEqual(made.lead_days, 0)

    def test_s6_a_change_has_an_owner_at_the_customer_beside_ours(self):
        ada = self._contact(self.customer)
        change = self._change("role", owner_contact_id=ada.id)
        changes = self.env["customer.success.change"].with_user(self.csm)
        owned = changes._read_group(
            [("partner_id", "=", self.customer.id)], ["owner_contact_id"], ["__count"]
        )
        self.assertEqual(owned, [(ada, 1)])
        self.assertEqual(change.user_id, self.csm)
        stranger = self._contact(self._customer("Other"), "Eve")
        with self.assertRaisesRegex(ValidationError, "must work at the customer"):
            change.owner_contact_id = stranger

    def test_the_update_keeps_the_area_of_each_change(self):
        change = self._change("routine")
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM customer_success_change_area_rel WHERE change_id = %s", [change.id]
        )
        path = file_path("customer_success/migrations/19.0.2.0.0/post-change-areas.py")
        for _run in range(2):
            load_script(path, "post_change_areas").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all(flush=False)
        self.assertEqual(change.area_ids, self.areas["routine"])
        self.assertEqual(change.date_recorded, change.create_date.date())

    def test_others_do_not_see_the_grid(self):
        other = new_test_user(self.env, "test_other_csm", "customer_success.group_success_user")
        change = self._change("role")
        with self.assertRaises(AccessError):
            change.with_user(other).read(["area_ids"])
        with self.assertRaises(AccessError):
            self.customer.with_user(self.sales).read(["success_change_grid"])
        with self.assertRaises(AccessError):
            self.areas["role"].with_user(self.manager).name = "Jobs"
