from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import TODAY, SuccessCase

WHY = "The night shift works without it until spring."


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTargetChanges(SuccessCase):
    """A lower target of use counts only with a reason and, below the product's own, a manager's approval."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(stage="sustained_use")
        cls.uses = cls.env["customer.success.intended.use"]
        cls.changes = cls.env["customer.success.intended.use.change"]
        cls.usual = cls.uses.create({"product_id": cls.product.id, "adoption": 80})

    def _own(self, user=None, customer=None, **vals):
        return self.uses.with_user(user or self.csm).create(
            {
                "product_id": self.product.id,
                "partner_id": (customer or self.customer).id,
                **vals,
            }
        )

    def _value(self):
        score = self._rescore(self.customer)
        return next(line["value"] for line in score.breakdown["factors"] if line["code"] == "use")

    def _proposed(self, use):
        return use.change_ids.filtered(lambda change: change.state == "proposed")

    # Innocents

    def test_a_raised_target_counts_at_once_and_is_logged(self):
        self._usage(self.customer, active=40)
        own = self._own(adoption=90)
        self.assertEqual((own.adoption, own.state), (90, "approved"))
        self.assertAlmostEqual(self._value(), 44.4, 1)
        change = own.change_ids
        self.assertEqual(
            (change.direction, change.old_value, change.new_value, change.user_id, change.date),
            ("raised", 80, 90, self.csm, TODAY),
        )

    def test_a_manager_sets_a_lower_target_directly(self):
        self._usage(self.customer, active=40)
        own = self._own(self.manager, adoption=50, reason=WHY)
        self.assertEqual((own.adoption, own.state), (50, "approved"))
        self.assertEqual((own.approved_by_id, own.lowered_date), (self.manager, TODAY))
        self.assertEqual(self._value(), 80)

    def test_a_lower_target_above_the_products_needs_a_reason_only(self):
        own = self._own(adoption=95)
        with self.assertRaisesRegex(UserError, "Enter the reason"):
            own.adoption = 85
        own.write({"adoption": 85, "reason": WHY})
        self.assertEqual((own.adoption, own.state), (85, "approved"))
        self.assertEqual(own.lowered_date, TODAY)

    def test_an_entry_without_targets_needs_nothing(self):
        own = self._own(statement="Planners plan", forced_use="no")
        own.statement = "Planners plan each Thursday"
        self.assertEqual((own.state, own.lowered_date), ("approved", False))
        self.assertFalse(own.change_ids)

    def test_a_manager_who_is_the_csm_asks_another_one(self):
        mine = self._customer("Mine", success_user_id=self.manager.id)
        own = self._own(self.manager, customer=mine, adoption=50, reason=WHY)
        self.assertFalse(own.adoption)
        change = self._proposed(own)
        self.assertNotEqual(change.sudo().activity_ids.user_id, self.manager)
        with self.assertRaisesRegex(UserError, "Another manager"):
            change.with_user(self.manager).action_approve()
        second = new_test_user(self.env, "test_second", "customer_success.group_success_manager")
        change.with_user(second).action_approve()
        self.assertEqual((own.adoption, own.change_ids.is_own_customer), (50, False))

    def test_the_only_manager_decides_and_the_list_shows_it(self):
        group = self.env.ref("customer_success.group_success_manager").sudo()
        (group.all_user_ids - self.manager).active = False
        mine = self._customer("Mine", success_user_id=self.manager.id)
        own = self._own(self.manager, customer=mine, adoption=50, reason=WHY)
        self.assertEqual((own.adoption, own.change_ids.is_own_customer), (50, True))
        self.assertEqual(
            self.changes.with_user(self.manager).search([("is_own_customer", "=", True)]),
            own.change_ids,
        )

    # The approval

    def test_a_lower_target_counts_when_a_manager_approves_it(self):
        self._usage(self.customer, active=40)
        self.assertEqual(self._value(), 50)
        own = self._own(adoption=50, reason=WHY)
        self.assertEqual((own.adoption, own.state, self._value()), (False, "proposed", 50))
        change = self._proposed(own)
        self.assertEqual(
            (change.old_value, change.new_value, change.reason, change.user_id),
            (80, 50, WHY, self.csm),
        )
        self.assertEqual(
            self.uses.with_user(self.manager).search([("state", "=", "proposed")]), own
        )
        activity = change.sudo().activity_ids
        self.assertTrue(
            activity.user_id.has_group("customer_success.group_success_manager"),
            "a manager is asked",
        )
        change.with_user(self.manager).action_approve()
        self.assertEqual((own.adoption, own.state), (50, "approved"))
        self.assertEqual((own.approved_by_id, own.lowered_date), (self.manager, TODAY))
        self.assertEqual(self._value(), 80)
        self.assertFalse(change.sudo().activity_ids)

    def test_a_declined_target_leaves_the_former_one(self):
        own = self._own(adoption=90)
        own.write({"adoption": 50, "reason": WHY})
        change = self._proposed(own)
        change.with_user(self.manager).action_decline()
        self.assertEqual((own.adoption, own.state), (90, "approved"))
        self.assertEqual(change.state, "declined")
        with self.assertRaisesRegex(UserError, "decided on already"):
            change.with_user(self.manager).action_approve()

    def test_another_value_withdraws_the_proposal(self):
        own = self._own(adoption=50, reason=WHY)
        first = self._proposed(own)
        own.adoption = 85
        self.assertEqual((first.state, own.state, own.adoption), ("withdrawn", "approved", 85))

    # Cheats

    def test_two_small_steps_are_both_proposals(self):
        own = self._own(adoption=75, reason=WHY)
        own.write({"adoption": 70, "reason": WHY})
        self.assertFalse(own.adoption, "the product's own target counts")
        self.assertEqual((self._proposed(own).old_value, self._proposed(own).new_value), (80, 70))
        self.usual.sudo().unlink()
        other = self._own(customer=self._customer("Other"), quality=95, reason=WHY)
        other.write({"quality": 90, "reason": WHY})
        self.assertFalse(other.quality, "without a target of the product, what counts now counts")

    def test_emptying_the_own_target_is_lowering(self):
        own = self._own(adoption=90)
        with self.assertRaisesRegex(UserError, "from 90 to 80"):
            own.adoption = False
        own.write({"adoption": False, "reason": WHY})
        self.assertEqual((own.adoption, own.lowered_date), (False, TODAY))
        degree = self._own(customer=self._customer("Other"), adoption=95)
        self.usual.adoption = False
        degree.write({"adoption": False, "reason": WHY})
        self.assertEqual((degree.adoption, degree.state), (95, "proposed"))

    @mute_logger("odoo.sql_db")
    def test_neither_a_second_entry_nor_another_way_lowers_it(self):
        own = self._own(adoption=90)
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._own(adoption=10, reason=WHY)
        self.assertNotIn("active", own._fields, "no entry is archived")
        with self.assertRaises(AccessError):
            own.unlink()
        low = self._own(self.manager, customer=self._customer("Other"), adoption=20, reason=WHY)
        with self.assertRaisesRegex(UserError, "stay with their product"):
            low.with_user(self.csm).partner_id = self._customer("Third")
        by_default = self.uses.with_user(self.csm).with_context(default_adoption=10)
        with self.assertRaisesRegex(UserError, "Enter the reason"):
            by_default.create(
                {"product_id": self.product.id, "partner_id": self._customer("Fourth").id}
            )

    def test_cheat_a_csm_proposes_for_a_customer_of_another(self):
        others = self._customer("Others", success_user_id=self.lead_csm.id)
        own = self._own(self.lead_csm, customer=others, adoption=90)
        with self.assertRaises(AccessError):
            own.with_user(self.csm).write({"adoption": 50, "reason": WHY})
        self.assertFalse(self._proposed(own))

    def test_a_proposal_that_is_no_target_is_refused(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self._own(adoption=0.5, reason=WHY)

    def test_the_state_is_written_by_nobody(self):
        own = self._own(adoption=50, reason=WHY)
        change = self._proposed(own)
        with self.assertRaisesRegex(AccessError, "Only a customer success manager"):
            change.with_user(self.csm).action_approve()
        for user in (self.csm, self.manager, self.sales):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(change.with_user(user).has_access(operation), operation)

    # Access

    def test_changes_are_read_by_those_who_read_the_customer(self):
        others = self._customer("Others", success_user_id=self.lead_csm.id)
        change = self._own(self.lead_csm, customer=others, adoption=50, reason=WHY).change_ids
        mine = [("partner_id", "=", others.id)]
        self.assertFalse(self.changes.with_user(self.csm).search(mine))
        for user in (self.lead_csm, self.manager):
            self.assertEqual(self.changes.with_user(user).search(mine), change)
        with self.assertRaises(AccessError):
            self.changes.with_user(self.sales).search(mine)

    def test_a_manager_of_another_company_decides_nothing(self):
        company = self.env["res.company"].create({"name": "Other company"})
        foreign = self._customer("Foreign", company_id=company.id)
        change = self._own(self.env.user, customer=foreign, adoption=50).change_ids
        change.sudo().state = "proposed"
        with self.assertRaises(AccessError):
            change.with_user(self.manager).action_approve()

    # What people see

    def test_what_changed_and_the_history_name_a_lower_target(self):
        self._usage(self.customer, active=40)
        with freeze_time(TODAY - timedelta(days=9)):
            self._rescore(self.customer)
        own = self._own(adoption=50, reason=WHY)
        self._rescore(self.customer)
        text = str(self.customer.with_user(self.csm).success_explanation)
        self.assertNotIn("lowered from", text)
        self._proposed(own).with_user(self.manager).action_approve()
        self._rescore(self.customer)
        self.customer.invalidate_recordset()
        text = str(self.customer.with_user(self.csm).success_explanation)
        self.assertIn("Planner: target of “Adoption Rate %” lowered from 80 to 50 by", text)
        self.assertIn(WHY, text)
        row = (
            self.env["customer.success.score.history"]
            .with_user(self.csm)
            .search([("partner_id", "=", self.customer.id), ("date", "=", TODAY)])
        )
        self.assertEqual(row.rules_changed, "Target of use lowered")

    def test_targets_lowered_are_counted_by_author(self):
        self._own(adoption=50, reason=WHY)
        self.assertEqual(
            self.changes.with_user(self.csm)._read_group(
                [("direction", "=", "lowered"), ("partner_id", "!=", False)],
                ["user_id"],
                ["__count"],
            ),
            [(self.csm, 1)],
        )

    def test_targets_lowered_are_counted_by_each_group_of_the_report(self):
        """The pivot of the changes: by author, customer, product, target, month and state."""
        self._own(adoption=50, quality=40, reason=WHY)
        other = self._customer("Globex")
        self._own(self.manager, other, adoption=60, reason=WHY)
        self._own(customer=self._customer("Raised"), adoption=95)
        changes = self.changes.with_user(self.manager)
        lowered = [("direction", "=", "lowered"), ("partner_id", "!=", False)]
        for group, counted in (
            ("user_id", {self.csm: 2, self.manager: 1}),
            ("partner_id", {self.customer: 2, other: 1}),
            ("product_id", {self.product: 3}),
            ("target", {"adoption": 2, "quality": 1}),
            ("date:month", {TODAY.replace(day=1): 3}),
            ("state", {"proposed": 2, "approved": 1}),
        ):
            with self.subTest(group):
                self.assertEqual(dict(changes._read_group(lowered, [group], ["__count"])), counted)

    # The targets of the product, and of the settings

    def _marked(self, customer=None):
        """Return what the history of a customer says of this day, after a score of today."""
        customer = customer or self.customer
        self._rescore(customer)
        history = self.env["customer.success.score.history"].with_user(self.csm)
        return history.search(
            [("partner_id", "=", customer.id), ("date", "=", TODAY)]
        ).rules_changed

    def _explained(self):
        self.customer.invalidate_recordset()
        return str(self.customer.with_user(self.csm).success_explanation)

    def _scored_before(self, customer=None):
        with freeze_time(TODAY - timedelta(days=9)):
            self._rescore(customer or self.customer)

    def test_cheat_the_target_of_the_product_is_lowered_without_a_reason(self):
        usual = self.usual.with_user(self.manager)
        with self.assertRaisesRegex(UserError, "from 80 to 40"):
            usual.adoption = 40
        with self.assertRaisesRegex(UserError, "from 100 to 30"):
            usual.write({"quality": 30, "reason": " "})
        self.assertEqual((self.usual.adoption, self.usual.quality), (80, False))

    def test_the_lower_target_of_the_product_marks_those_who_are_measured_by_it(self):
        other = self._customer("Has a target of its own")
        later = self._customer("Gets one later")
        self._own(self.env.user, customer=other, adoption=90)
        for customer in (self.customer, other, later):
            self._usage(customer, active=40)
            self._scored_before(customer)
        self.usual.with_user(self.manager).write({"adoption": 40, "reason": WHY})
        self._own(customer=later, adoption=95)
        self.assertEqual(self._marked(), "Target of use lowered")
        text = self._explained()
        self.assertIn("Planner: target of “Adoption Rate %” lowered from 80 to 40 by", text)
        self.assertIn(WHY, text)
        self.assertFalse(self._marked(other), "innocent: its target is its own")
        self.assertEqual(self._marked(later), "Target of use lowered", "on that day it was not")

    def test_innocent_customers_of_another_product_or_with_a_higher_target(self):
        tracker = self.env["product.product"].create({"name": "Tracker"})
        other = self._customer("Uses another product")
        self._usage(other, active=40, product_id=tracker.id)
        self._usage(self.customer, active=40)
        for customer in (self.customer, other):
            self._scored_before(customer)
        self.usual.with_user(self.manager).adoption = 90
        self.assertFalse(self._marked())
        self.usual.with_user(self.manager).write({"adoption": 40, "reason": WHY})
        self.assertFalse(self._marked(other))

    def test_cheat_a_manager_lowers_the_product_for_the_own_customer(self):
        self._usage(self.customer, active=40)
        self.customer.success_user_id = self.manager
        second = new_test_user(self.env, "test_second", "customer_success.group_success_manager")
        usual = self.usual.with_user(self.manager)
        usual.write({"adoption": 40, "reason": WHY})
        self.assertEqual((usual.adoption, usual.state), (80, "proposed"))
        change = self._proposed(usual)
        self.assertNotEqual(change.sudo().activity_ids.user_id, self.manager)
        with self.assertRaisesRegex(UserError, "Another manager decides on it"):
            change.with_user(self.manager).action_approve()
        with self.assertRaisesRegex(UserError, "Another manager deletes it"), self.cr.savepoint():
            usual.write({"adoption": 95})
            usual.unlink()
        self.assertEqual(usual.change_ids[0].state, "proposed")
        change.with_user(second).action_approve()
        self.assertEqual((usual.adoption, change.is_own_customer), (40, False))

    def test_innocent_a_manager_whose_customers_are_not_measured_by_it(self):
        self._usage(self.customer, active=40)
        own = self._customer("Own target", success_user_id=self.manager.id)
        self._usage(own, active=40)
        self._own(self.env.user, customer=own, adoption=90)
        gone = self._customer("Not followed", success_user_id=self.manager.id)
        self._usage(gone, active=40)
        gone.action_archive()
        self.usual.with_user(self.manager).write({"adoption": 40, "reason": WHY})
        self.assertEqual((self.usual.adoption, self.usual.approved_by_id), (40, self.manager))

    def test_where_each_manager_is_a_csm_the_list_shows_it(self):
        group = self.env.ref("customer_success.group_success_manager").sudo()
        for number, manager in enumerate(group.all_user_ids):
            mine = self._customer(f"Mine {number}", success_user_id=manager.id)
            self._usage(mine, active=40)
        self.usual.with_user(self.manager).write({"adoption": 40, "reason": WHY})
        self.assertEqual(self.usual.adoption, 40, "nobody else could decide")
        self.assertTrue(self.usual.change_ids.is_own_customer)

    def test_a_product_entry_that_is_deleted_marks_the_day(self):
        self.usual.adoption = 95
        self._usage(self.customer, active=40)
        self._scored_before()
        self.usual.with_user(self.manager).unlink()
        self.assertEqual(self._marked(), "Target of use lowered")
        self.assertIn("from 95 to 80", self._explained())

    def test_the_lower_target_of_the_settings_marks_those_without_another(self):
        tracker = self.env["product.product"].create({"name": "Tracker"})
        self._usage(self.customer, active=40, product_id=tracker.id)
        other = self._customer("The product has a target")
        self._usage(other, active=40)
        for customer in (self.customer, other):
            self._scored_before(customer)
        self.env["res.config.settings"].create({"success_adoption_target": 40}).execute()
        self.assertEqual(self._marked(), "Target of use lowered")
        self.assertIn("target of the settings was lowered from 80 to 40 by", self._explained())
        self.assertFalse(self._marked(other))

    def test_cheat_the_degrees_of_the_customer_become_the_targets(self):
        degrees = dict.fromkeys(("as_intended", "timely", "quality", "frequency"), 30)
        self._usage(self.customer, active=95, **degrees)
        self._rescore(self.customer)
        before = (self.customer.success_health, self.customer.success_score_id.health_band)
        own = self._own(**degrees, reason=WHY)
        self._rescore(self.customer)
        self.assertEqual(
            (self.customer.success_health, self.customer.success_score_id.health_band), before
        )
        proposed = self._proposed(own)
        self.assertEqual(len(proposed), 4)
        proposed.with_user(self.manager).action_approve()
        self._rescore(self.customer)
        self.assertGreater(self.customer.success_health, before[0])
