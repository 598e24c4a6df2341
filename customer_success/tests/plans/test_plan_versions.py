from io import BytesIO

from odoo.exceptions import AccessError, UserError
from odoo.modules.migration import load_script
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import file_path, html2plaintext

from ..common import TODAY, days
from ..outputs.workbook_common import read
from .test_plan_gaps import PlanCase

WHY = "The head of sales left in May"


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestPlanVersions(PlanCase):
    """Versions of a plan are numbered, named, and compared side by side."""

    def _draft(self, plan, **vals):
        draft = plan.browse(plan.action_revise()["res_id"])
        draft.write(vals)
        return draft

    def _revise(self, plan, **vals):
        draft = self._draft(plan, **{"revision_reason": WHY, **vals})
        draft.action_activate()
        return draft

    def _dialog(self, plans, user=None):
        action = plans.with_user(user or self.csm).action_compare()
        compare = self.env["customer.success.plan.compare"].with_user(user or self.csm)
        return compare.with_context(**action["context"]).create({})

    def _says(self, plans, user=None):
        """Return the comparison that the dialog shows, as plain text."""
        return " ".join(html2plaintext(self._dialog(plans, user).comparison).split()).replace(
            "*", ""
        )

    def _objective(self, name="Fewer late orders", **vals):
        return (
            self.env["customer.success.objective"]
            .with_user(self.csm)
            .create({"partner_id": self.customer.id, "name": name, **vals})
        )

    def _numbers(self, plans):
        return plans.mapped("version")

    # Numbers and names ---------------------------------------------------------------------------

    def test_s76_a_revision_has_another_name_than_the_plan_that_it_replaces(self):
        first = self._plan()
        second = self._revise(first)
        self.assertEqual(first.name, "Acme, plan, version 1 (06/15/2026)")
        self.assertEqual(second.name, "Acme, plan, version 2 (06/15/2026)")
        self.assertEqual((second.active_from, second.active_by_id), (TODAY, self.csm))

    def test_s76_two_versions_stand_side_by_side_with_who_when_and_why(self):
        first = self._plan(success_definition="Live in May", capacity="1")
        second = self._revise(first, success_definition="Orders in the hour", capacity="3")
        said = self._says(second)
        self.assertIn(
            f"Version 2 (Active), in force since 06/15/2026, by {self.csm.name}: {WHY}", said
        )
        self.assertIn(
            "Definition of Success Version 1 Live in May Version 2 Orders in the hour", said
        )
        self.assertIn("Capacity Version 1 1 - None Version 2 3 - Some", said)
        self.assertNotIn("Upgrades", said, "what does not differ is left out")

    def test_revised_twice_in_a_day_there_are_three_names(self):
        first = self._plan()
        second = self._revise(first)
        third = self._revise(second)
        plans = first | second | third
        self.assertEqual(self._numbers(plans), [1, 2, 3])
        self.assertEqual(len(set(plans.mapped("name"))), 3)

    def test_an_abandoned_draft_has_no_number_and_leaves_no_gap(self):
        first = self._plan()
        abandoned = self._draft(first)
        second = self._revise(first)
        self.assertEqual(self._numbers(abandoned | second), [0, 2])
        self.assertEqual(abandoned.version_name, "draft of version 3")
        self.assertEqual(second.name, "Acme, plan, version 2 (06/15/2026)")

    def test_two_drafts_at_once_have_two_names(self):
        first = self._plan()
        one, two = self._draft(first), self._draft(first)
        self.assertEqual(one.version_name, "draft of version 2")
        self.assertEqual(two.version_name, "draft 2 of version 2")

    def test_a_new_name_of_the_customer_keeps_the_number(self):
        second = self._revise(self._plan())
        self.customer.name = "Acme & Sons"
        self.assertEqual(second.name, "Acme & Sons, plan, version 2 (06/15/2026)")

    def test_a_plan_that_starts_anew_follows_the_earlier_ones(self):
        first = self._plan()
        second = self._revise(first)
        second.with_user(self.manager).unlink()
        anew = self._plan()
        self.assertEqual((anew.version, anew.replaces_id.id), (2, False))
        self.assertFalse(
            anew.is_revision, "without an active plan it replaces none and needs no reason"
        )
        self.assertIn("no reason was given", self._says(anew))

    def test_a_plan_written_from_scratch_beside_the_active_one_is_its_next_version(self):
        first = self._plan()
        second = self._plan(revision_reason=WHY)
        self.assertEqual((second.version, second.replaces_id), (2, first))

    def test_a_deleted_middle_version_is_told_and_the_chain_holds(self):
        first = self._plan(capacity="1")
        second = self._revise(first, capacity="2")
        third = self._revise(second, capacity="4")
        second.with_user(self.manager).unlink()
        self.assertEqual((third.version, third.replaces_id), (3, first))
        said = self._says(third)
        self.assertIn("Deleted in between: version 2.", said)
        self.assertIn("Capacity Version 1 1 - None Version 3 4 - Good", said)

    def test_the_copy_of_a_plan_is_a_draft_without_a_number(self):
        second = self._revise(self._plan(capacity="1"))
        copied = second.copy()
        self.assertEqual((copied.version, copied.state, copied.active_from), (0, "draft", False))
        other = self._customer("Other")
        elsewhere = second.copy({"partner_id": other.id})
        elsewhere.action_activate()
        self.assertEqual(elsewhere.version, 1)

    def test_nobody_chooses_a_number(self):
        first = self._plan(version=7, active_from=days(99))
        self.assertEqual((first.version, first.active_from), (1, TODAY))
        draft = self._draft(first)
        draft.write({"version": 9, "active_by_id": self.manager.id})
        self.assertEqual((draft.version, draft.active_by_id.id), (0, False))

    def test_plans_of_merged_customers_are_numbered_by_day(self):
        other = self._customer("Acme AG")
        old = self._plan(other, date=days(300))
        newer = self._plan(other, revision_reason=WHY, date=days(200))
        own = self._plan(date=days(250))
        current = self._plan(revision_reason=WHY, date=days(100))
        plans = old | own | newer | current
        plans.sudo().active_from = False
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | other).ids, self.customer)
        plans.invalidate_recordset()
        self.assertEqual(self._numbers(plans), [1, 2, 3, 4])
        self.assertEqual(plans.mapped("state"), ["replaced", "replaced", "replaced", "active"])
        self.assertIn(
            "This was version 2 of the plan of Acme AG before the two were merged.",
            "".join(str(body) for body in newer.message_ids.mapped("body")),
        )
        self.assertEqual(self._revise(current).version, 5)

    def test_a_merge_with_a_customer_without_plans_changes_no_number(self):
        second = self._revise(self._plan())
        other = self._customer("Acme AG")
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | other).ids, other)
        self.assertEqual((second.partner_id, second.version), (other, 2))
        self.assertFalse(second.message_ids.filtered(lambda m: "merged" in (m.body or "")))

    # The comparison ------------------------------------------------------------------------------

    def test_any_two_versions_are_compared_with_all_reasons_between_them(self):
        first = self._plan(capacity="1")
        second = self._revise(first, capacity="2", revision_reason="A look each spring")
        third = self._revise(second, capacity="4")
        said = self._says(first | third)
        self.assertIn("Capacity Version 1 1 - None Version 3 4 - Good", said)
        self.assertIn("A look each spring", said)
        self.assertIn(WHY, said)
        with Form(self._dialog(third)) as form:
            self.assertEqual(form.older_id, second)
            form.older_id = first
            self.assertIn("Version 1", form.comparison)

    def test_the_first_version_is_compared_with_the_one_after_it(self):
        first = self._plan()
        second = self._revise(first)
        dialog = self._dialog(first)
        self.assertEqual((dialog.older_id, dialog.newer_id), (first, second))

    def test_a_draft_is_compared_with_the_plan_that_it_would_replace(self):
        first = self._plan(upgrade_plan="Two drivers try each version")
        draft = self._draft(first, upgrade_plan=False)
        self.assertIn(
            "Upgrades Version 1 Two drivers try each version Draft of version 2 nothing",
            self._says(draft),
        )

    def test_a_single_plan_has_nothing_to_compare_with(self):
        first = self._plan()
        self.assertFalse(first.has_versions)
        with self.assertRaisesRegex(UserError, "only this version"):
            first.action_compare()
        other = self._plan(self._customer("Other"))
        with self.assertRaisesRegex(UserError, "of one customer"):
            (first | other).action_compare()

    def test_objectives_that_came_went_and_changed_are_told(self):
        kept = self._objective("Fewer late orders", date_due=days(-30))
        gone = self._objective("A portal")
        first = self._plan()
        second = self._revise(first)
        kept.date_due = days(-60)
        gone.with_user(self.manager).unlink()
        self._objective("No overtime")
        self.env["customer.success.change"].with_user(self.csm).create(
            {"partner_id": self.customer.id, "name": "New depot", "date": days(-40), "kind": "site"}
        )
        said = self._says(second)
        self.assertIn("Removed Objective: A portal", said)
        self.assertIn("Added Objective: No overtime", said)
        self.assertIn("Changed Objective: Fewer late orders Due Version 1 07/15/2026", said)
        self.assertIn("Added Change: New depot", said)

    def test_objectives_that_moved_to_the_new_version_are_no_change(self):
        first = self._plan()
        objective = self._objective(plan_id=first.id)
        second = self._revise(first)
        objective.plan_id = second
        self.assertIn("No objective and no change differs.", self._says(second))

    def test_objectives_of_a_version_from_before_are_unknown_and_not_removed(self):
        first = self._plan()
        self._objective()
        second = self._revise(first)
        first.sudo().kept_goals = False
        said = self._says(second)
        self.assertIn("The objectives and changes at the end of version 1 were not kept.", said)
        self.assertNotIn("Added Objective", said)
        self.assertNotIn("No objective and no change differs", said)

    def test_a_text_with_markup_is_shown_as_text(self):
        first = self._plan(success_definition="<b>Live</b> in May")
        second = self._revise(first, success_definition="<script>alert(1)</script> soon")
        comparison = str(self._dialog(second).comparison)
        self.assertNotIn("<script>", comparison)
        self.assertIn("&lt;b&gt;Live", comparison)

    def test_a_migration_numbers_the_plans_that_exist(self):
        first = self._plan(date=days(300))
        second = self._revise(first)
        draft = self._draft(second)
        other = self._plan(self._customer("Other"))
        plans = first | second | draft | other
        self.env.flush_all()
        self.env.cr.execute("UPDATE customer_success_plan SET version = NULL, active_from = NULL")
        path = file_path("customer_success/migrations/19.0.2.0.0/post-plan-versions.py")
        load_script(path, "post_plan_versions").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertEqual(self._numbers(plans), [1, 2, 0, 1])
        self.assertFalse(second.active_from, "the day is not known and not made up")

    # Where it stands, and who sees it --------------------------------------------------------------

    def test_the_customer_its_list_and_the_search_say_the_version(self):
        self._revise(self._plan())
        self.assertIn("Version 2 of 06/15/2026", self._summary())
        self.assertEqual(self.customer.with_user(self.csm).success_plan_version, 2)
        found = self.env["customer.success.plan"].with_user(self.csm).name_search("Acme")
        self.assertIn("Acme, plan, version 1 (06/15/2026)", [name for _id, name in found])

    def test_the_workbook_says_the_version_in_force_and_why(self):
        second = self._revise(self._plan())
        self._draft(second)
        self._customer("Without a plan")
        stream = BytesIO()
        books = self.env["customer.success.workbook"].with_user(self.csm)
        books._write(stream, [("success_stage_id", "!=", False)], ["customers"])
        rows = list(read(stream.getvalue())["Customers"].values)
        heads = next(row for row in rows if "Plan version" in row)
        at = [heads.index(name) for name in ("Plan version", "Plan revised because")]
        found = {row[0]: tuple(row[place] for place in at) for row in rows}
        self.assertEqual(found["Acme"], (2, WHY))
        self.assertEqual(found["Without a plan"], (None, None))

    def test_only_who_may_read_the_plans_compares_them(self):
        second = self._revise(self._plan())
        self.assertIn(WHY, self._says(second, self.manager))
        portal = new_test_user(self.env, "test_portal_plan", "base.group_portal", parent_id=False)
        stranger = new_test_user(self.env, "test_other_csm", "customer_success.group_success_user")
        for user in (self.sales, portal, stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                second.with_user(user).action_compare()
        values = {"older_id": second.replaces_id.id, "newer_id": second.id}
        compare = self.env["customer.success.plan.compare"].with_user(stranger)
        with self.assertRaises(AccessError):
            compare.create(values).read(["comparison"])

    def test_another_company_neither_sees_nor_changes_the_numbers(self):
        second = self._revise(self._plan())
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.customer.company_id = self.company
        abroad = new_test_user(
            self.env,
            "test_abroad",
            "customer_success.group_success_user_all",
            company_id=company.id,
            company_ids=company.ids,
        )
        with self.assertRaises(AccessError):
            second.with_user(abroad).action_compare()
        theirs = self._customer("Theirs", company_id=company.id)
        plan = self.env["customer.success.plan"].with_user(abroad).create({"partner_id": theirs.id})
        plan.action_activate()
        self.assertEqual(plan.version, 1)
