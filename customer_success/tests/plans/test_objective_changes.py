from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ..common import TODAY, SuccessCase, days

WHY = "The second warehouse joins a year later."


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestObjectiveChanges(SuccessCase):
    """An agreed objective is made easier only with a reason and a second person: a manager, or who agreed at the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(400))
        cls.contact = cls._contact(cls.customer)

    def _objective(self, **vals):
        return (
            self.env["customer.success.objective"]
            .with_user(self.csm)
            .create(
                {
                    "name": "Half the time",
                    "partner_id": self.customer.id,
                    "unit": "%",
                    "date_start": days(300),
                    "date_due": days(20),
                    "baseline": 0,
                    "target": 100,
                    "actual": 30,
                    **vals,
                }
            )
        )

    def _value(self):
        score = self._rescore(self.customer)
        lines = {line["code"]: line for line in score.breakdown["factors"]}
        return lines["value"]["value"]

    def _proposed(self, objective):
        return objective.change_ids.filtered(lambda change: change.state == "proposed")

    def test_a_lower_target_counts_when_a_manager_approves_it(self):
        objective = self._objective()
        self.assertEqual(self._value(), 24)
        with self.assertRaisesRegex(UserError, "lifts the score"):
            objective.target = 30
        objective.write({"target": 30, "change_reason": WHY})
        self.assertEqual((objective.target, self._value()), (100, 24))
        self.assertTrue(objective.is_change_proposed)
        change = self._proposed(objective)
        self.assertEqual(
            (change.old_target, change.new_target, change.reason, change.user_id, change.date),
            (100, 30, WHY, self.csm, TODAY),
        )
        self.assertEqual(change.summary, "target 100 → target 30")
        self.assertTrue(
            change.sudo().activity_ids.user_id.has_group("customer_success.group_success_manager")
        )
        with self.assertRaises(AccessError):
            change.with_user(self.csm).action_approve()
        change.with_user(self.manager).action_approve()
        self.assertEqual((objective.target, objective.is_change_proposed), (30, False))
        self.assertEqual(self._value(), 80)

    def test_others_of_its_kind_wait(self):
        for vals in (
            {"baseline": -1000},
            {"date_due": days(-100)},
            {"baseline": -1000, "target": 2000},
            {"target": 60, "baseline": 10},
            {"target": 30, "date_due": days(25)},
        ):
            with self.subTest(**vals):
                objective = self._objective()
                before = [objective[name] for name in vals]
                objective.write({**vals, "change_reason": WHY})
                self.assertEqual([objective[name] for name in vals], before)
                self._proposed(objective).with_user(self.manager).action_approve()
                new = [objective[name] for name in vals]
                self.assertEqual(new, list(vals.values()))

    def test_an_objective_that_is_better_when_lower(self):
        objective = self._objective(baseline=30, target=5, actual=20)
        objective.write({"target": 2})
        self.assertEqual(objective.target, 2)
        objective.write({"target": 15, "change_reason": WHY})
        self.assertEqual(objective.target, 2)

    def test_an_unmeasured_objective_of_an_active_plan_is_agreed(self):
        plan = (
            self.env["customer.success.plan"]
            .with_user(self.csm)
            .create({"partner_id": self.customer.id})
        )
        plan.action_activate()
        objective = self._objective(actual=False, date_due=days(-90), plan_id=plan.id)
        with self.assertRaisesRegex(UserError, "lifts the score"):
            objective.target = 30

    def test_the_customers_agreement_counts_at_once_and_is_shown(self):
        objective = self._objective()
        stranger = self._contact(self._customer("Other"))
        with self.assertRaisesRegex(ValidationError, "does not work at"):
            objective.write({"target": 60, "change_reason": WHY, "change_contact_id": stranger.id})
        objective.write({"target": 60, "change_reason": WHY, "change_contact_id": self.contact.id})
        self.assertEqual((objective.target, self._value()), (60, 40))
        self.assertEqual(objective.change_ids.contact_id, self.contact)

    def test_the_explanation_and_the_history_name_it(self):
        with freeze_time(days(9)):
            objective = self._objective()
            self._rescore(self.customer)
        objective.write({"target": 60, "change_reason": WHY, "change_contact_id": self.contact.id})
        self._rescore(self.customer)
        self.customer.invalidate_recordset()
        text = str(self.customer.with_user(self.csm).success_explanation)
        self.assertIn("“Half the time” made easier by", text)
        self.assertIn("from target 100 to target 60", text)
        row = (
            self.env["customer.success.score.history"]
            .with_user(self.csm)
            .search([("partner_id", "=", self.customer.id), ("date", "=", TODAY)])
        )
        self.assertEqual(row.rules_changed, "Objective made easier or dropped")

    # Innocents

    def test_a_harder_objective_counts_at_once(self):
        objective = self._objective()
        objective.write({"target": 150, "date_due": days(25)})
        self.assertEqual((objective.target, objective.change_ids.direction), (150, "raised"))

    def test_what_is_not_agreed_is_changed_freely(self):
        objective = self._objective(actual=False, date_due=days(-90))
        objective.write({"target": 30, "date_due": days(-200)})
        self.assertEqual((objective.target, len(objective.change_ids)), (30, 0))

    def test_a_slip_is_corrected_on_the_day(self):
        objective = self._objective(date_due=days(-90), target=1000)
        self.cr.execute(
            "UPDATE customer_success_objective SET create_date = %s WHERE id = %s",
            [TODAY, objective.id],
        )
        objective.invalidate_recordset(["create_date"])
        objective.target = 100
        self.assertEqual(objective.target, 100)

    def test_other_fields_and_the_same_figures_ask_nothing(self):
        objective = self._objective()
        objective.write({"name": "Half of it", "target": 100, "evidence": "Mail", "actual": 40})
        self.assertEqual((objective.name, objective.actual), ("Half of it", 40))
        self.assertFalse(objective.change_ids)

    def test_a_first_baseline_is_entered_late(self):
        objective = self._objective(baseline=False)
        objective.baseline = 10
        self.assertEqual(objective.baseline, 10)

    def test_saving_the_figures_that_count_withdraws_nothing(self):
        objective = self._objective()
        objective.write({"target": 90, "change_reason": WHY})
        objective.write({"target": 100, "evidence": "Mail"})
        self.assertTrue(objective.is_change_proposed)
        objective.target = 120
        self.assertEqual((objective.target, objective.is_change_proposed), (120, False))

    # Cheats

    def test_two_steps_and_a_reason_of_dots_are_no_way_around(self):
        objective = self._objective()
        for reason in ("", "…", "x x"):
            with self.assertRaisesRegex(UserError, "lifts the score"), self.cr.savepoint():
                objective.write({"target": 90, "change_reason": reason})
        objective.write({"target": 90, "change_reason": WHY})
        objective.write({"target": 80, "change_reason": WHY})
        self.assertEqual(objective.target, 100)
        self.assertEqual(sorted(objective.change_ids.mapped("state")), ["proposed", "withdrawn"])

    def test_neither_a_deleted_measurement_nor_emptying_ends_the_agreement(self):
        objective = self._objective()
        with self.assertRaises(UserError), self.cr.savepoint():
            objective.target = False
        objective.measure_ids.sudo().unlink()
        with self.assertRaisesRegex(UserError, "lifts the score"):
            objective.target = 30
        with self.assertRaises(UserError):
            objective.baseline = False

    def test_a_confirmed_one_that_is_opened_again_is_held(self):
        objective = self._objective(
            state="confirmed",
            confirmed_by_id=self.contact.id,
            evidence="Mail of 3 May",
            shortfall_reason="They count it all the same",
        )
        with self.assertRaisesRegex(UserError, "lifts the score"):
            objective.write({"state": "open", "target": 30})
        objective.write({"state": "open", "target": 30, "change_reason": WHY})
        self.assertEqual((objective.state, objective.target), ("open", 100))

    def test_a_manager_does_not_decide_alone_for_an_own_customer(self):
        objective = self._objective().with_user(self.manager)
        self.customer.success_user_id = self.manager
        objective.write({"target": 30, "change_reason": WHY})
        self.assertEqual(objective.target, 100)
        change = self._proposed(objective)
        self.assertNotEqual(change.sudo().activity_ids.user_id, self.manager)
        with self.assertRaisesRegex(UserError, "Another manager"):
            change.with_user(self.manager).action_approve()

    def test_changes_are_read_by_those_who_read_the_customer(self):
        objective = self._objective()
        objective.write({"target": 30, "change_reason": WHY})
        change = objective.change_ids
        for user in (self.csm, self.manager):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(change.with_user(user).has_access(operation), operation)
        with self.assertRaises(AccessError):
            change.with_user(self.sales).read(["reason"])
