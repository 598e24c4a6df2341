from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form, freeze_time, tagged

from ..common import TODAY, days
from .test_plan_gaps import PlanCase

SUSTAINED = "Anna looks at it each quarter"


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestGoingLive(PlanCase):
    """Going live asks for what comes after it, and what was said before it is asked again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["customer.success.stage"].search([]).write(
            {
                "gate_success_definition": False,
                "gate_sustaining_plan": False,
                "gate_coverage": 0,
                "gate_no_critical_barrier": False,
            }
        )
        cls.newcomer = cls._customer("Newcomer", stage="prepare")
        cls.anna = cls._contact(cls.newcomer, "Anna")

    def _dialog(self, stage="go_live", customer=None, user=None):
        customer = (customer or self.newcomer).with_user(user or self.csm)
        action = customer.action_success_move(self.stages[stage].id)
        return action and Form(
            self.env["customer.success.move"]
            .with_user(user or self.csm)
            .with_context(**action["context"])
        )

    def test_s41_going_live_asks_for_the_day_the_keeper_and_the_first_change(self):
        plan = self._plan(self.newcomer, success_definition="Orders are entered on the day")
        form = self._dialog()
        form.go_live_date = days(3)
        form.sustained_by_id = self.anna
        form.sustaining_plan = SUSTAINED
        form.first_change = "The old order sheet is closed"
        form.first_change_date = days(-40)
        action = form.save().action_move()
        self.assertEqual(self.newcomer.success_stage_id, self.stages["go_live"])
        self.assertEqual(self.newcomer.success_go_live_date, days(3))
        self.assertEqual((plan.sustained_by_id, plan.sustaining_plan), (self.anna, SUSTAINED))
        change = self.newcomer.success_change_ids
        self.assertEqual((change.phase, change.date), ("after", days(-40)))
        self.assertFalse(plan.nothing_after_go_live)
        self.assertEqual(action["res_id"], plan.id)
        view = self.env.ref("customer_success.customer_success_plan_view_form_after")
        self.assertEqual(action["views"], [(view.id, "form")])
        page = self.env["customer.success.plan"].get_view(view.id)["arch"]
        self.assertRegex(page, r'<page[^>]*name="after"[^>]*autofocus')

    def test_s41_what_stays_open_is_asked_under_needs_attention(self):
        self._plan(self.newcomer)
        self._dialog("first_use").save().action_move()
        self.assertEqual(self.newcomer.success_go_live_date, TODAY)
        self.assertIn(
            "how use is sustained in the long term: ask now", self._attention(self.newcomer)
        )

    def test_a_planned_day_that_has_passed_is_not_taken_for_the_day_of_go_live(self):
        self.newcomer.with_user(self.csm).success_go_live_date = days(45)
        self._dialog().save().action_move()
        self.assertEqual(self.newcomer.success_go_live_date, TODAY)

    def test_s41_without_a_plan_the_dialog_leads_to_a_new_one(self):
        action = self._dialog().save().action_move()
        self.assertEqual(action["res_model"], "customer.success.plan")
        self.assertNotIn("res_id", action)

    def test_s41_a_card_that_is_dragged_on_the_board_is_asked_as_well(self):
        newcomer = self.newcomer.with_user(self.csm)
        board = newcomer.with_context(success_new_customer=True)
        with self.assertRaisesRegex(RedirectWarning, "who sustains use"), self.cr.savepoint():
            board.success_stage_id = self.stages["go_live"]
        board.invalidate_recordset()
        self.assertEqual(newcomer.success_stage_id, self.stages["prepare"])
        newcomer.success_stage_id = self.stages["go_live"]
        self.assertEqual(newcomer.success_stage_id, self.stages["go_live"], "a file is not asked")

    def test_other_moves_are_not_asked(self):
        customer = self._customer("Early", stage="discover")
        self.assertFalse(self._dialog("prepare", customer))
        self.assertEqual(customer.success_stage_id, self.stages["prepare"])
        self.assertFalse(self._dialog("sustained_use", self.customer))

    def test_values_that_cannot_be_are_refused_in_words(self):
        cases = (
            ({"go_live_date": days(-5), "stage": "first_use"}, "before its go-live date"),
            ({"sustaining_plan": "soon"}, "Say in a few words"),
            ({"sustaining_plan": "Once a quarter, … looks"}, "Fill in the blank"),
            ({"first_change": "New people", "first_change_date": days(-10)}, "more than 21 days"),
            ({"first_change": "New people", "first_change_date": days(30)}, "more than 21 days"),
        )
        for values, message in cases:
            with (
                self.subTest(values),
                self.assertRaisesRegex(UserError, message),
                self.cr.savepoint(),
            ):
                form = self._dialog(values.pop("stage", "go_live"))
                for name, value in values.items():
                    form[name] = value
                form.save().action_move()
        self.assertFalse(self.newcomer.success_change_ids)

    def test_the_dialog_is_for_the_customers_own_csm(self):
        for user in (self.sales, self.portal_user()):
            with self.assertRaises(AccessError):
                self._dialog(user=user)
        other = self._customer("Other", stage="prepare", success_user_id=self.lead_csm.id)
        with self.assertRaises(AccessError):
            self._dialog(customer=other)

    def portal_user(self):
        return self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "portal_live",
                "group_ids": [(6, 0, [self.env.ref("base.group_portal").id])],
            }
        )

    # S77: what was said before go-live

    def test_s77_how_use_is_sustained_is_asked_again_after_go_live(self):
        plan = self._plan(sustaining_plan=SUSTAINED, date=days(300))
        self.assertIn("said before go-live on", plan.missing_questions)
        self.assertIn("since before go-live on", self._attention())
        self.assertTrue(plan.nothing_after_go_live)
        found = self.env["customer.success.plan"].with_user(self.csm)
        self.assertIn(plan, found.search([("sustaining_asked_since", "!=", False)]))
        value, progress = self._value(), self._value("progress")
        plan.action_confirm_sustaining()
        self.assertNotIn("since before go-live", self._attention())
        self.assertNotIn("Sustaining Plan", plan.missing_questions)
        self.assertGreater(self._value(), value)
        self.assertGreaterEqual(self._value("progress"), progress)

    def test_s77_a_live_customer_without_it_needs_attention(self):
        plan = self._plan()
        self.assertIn("how use is sustained in the long term: ask now", self._attention())
        plan.sustaining_plan = SUSTAINED
        self.assertNotIn("in the long term", self._attention())

    def test_a_new_text_counts_as_said_today(self):
        plan = self._plan(sustaining_plan=SUSTAINED, date=days(300))
        plan.sustaining_plan = "Bea and the shift leads look at it each month"
        self.assertFalse(plan.sustaining_asked_since)

    def test_the_gate_asks_again_as_well(self):
        stage = self.stages["sustained_use"]
        stage.gate_sustaining_plan = True
        plan = self._plan(sustaining_plan=SUSTAINED, date=days(300))
        customer = self.customer.with_user(self.csm)
        self.assertIn("sustained after go-live", customer._success_move_obstacle(stage))
        plan.action_confirm_sustaining()
        self.assertFalse(customer._success_move_obstacle(stage))

    def test_a_customer_that_has_just_gone_live_is_not_accused(self):
        """For a month, what was said before go-live still counts: in the score, the gates and the attention."""
        for live in (0, 29):
            with self.subTest(live=live):
                customer = self._customer(f"Live for {live}", success_go_live_date=days(live))
                plan = self._plan(customer, sustaining_plan=SUSTAINED, date=days(60))
                same = self._customer(f"Said for {live}", success_go_live_date=days(live))
                self._plan(same, sustaining_plan=SUSTAINED)
                for code in ("plan", "progress"):
                    self.assertEqual(
                        self._value(code, customer), self._value(code, same), (live, code)
                    )
                self.assertFalse(plan.nothing_after_go_live)
                self.assertNotIn("sustained", self._attention(customer))
        customer = self._customer("Live for 30", success_go_live_date=days(30))
        self._plan(customer, sustaining_plan=SUSTAINED, date=days(60))
        self.assertIn("Ask again", self._attention(customer))

    def test_before_go_live_nothing_is_old(self):
        plan = self._plan(self.newcomer, sustaining_plan=SUSTAINED, date=days(300))
        self.newcomer.with_user(self.csm).success_go_live_date = days(20)
        self.assertFalse(plan.sustaining_asked_since, "go-live slipped")

    # Ways to lift it without doing good

    def test_emptying_or_moving_the_go_live_date_makes_it_no_newer(self):
        plan = self._plan(sustaining_plan=SUSTAINED, date=days(300))
        value = self._value()
        customer = self.customer.with_user(self.csm)
        for day in (False, days(10)):
            customer.success_go_live_date = day
            self.assertTrue(plan.sustaining_asked_since)
            self.assertLessEqual(self._value(), value)

    def test_a_space_more_or_a_copy_makes_it_no_newer(self):
        plan = self._plan(sustaining_plan=SUSTAINED, date=days(300))
        plan.sustaining_plan = SUSTAINED
        self.assertTrue(plan.sustaining_asked_since)
        copied = plan.copy()
        self.assertTrue(copied.sustaining_asked_since)

    def test_the_keeper_who_has_left_is_named(self):
        plan = self._plan(self.newcomer, sustaining_plan=SUSTAINED, sustained_by_id=self.anna.id)
        self.assertNotIn("Anna", self._attention(self.newcomer))
        self.anna.active = False
        self.assertFalse(plan.sustained_by_id)
        self.assertIn("Anna, who sustained use, has left", self._attention(self.newcomer))
        self.anna.active = True
        self.assertFalse(plan.sustained_by_id, "a person gives it back")
        plan.sustained_by_id = self.anna
        self.assertNotIn("Anna", self._attention(self.newcomer))
