from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ..common import TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestGates(SuccessCase):
    """The requirements for entering a stage, who may overrule them, and what is recorded."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gates = {
            "gate_success_definition": False,
            "gate_sustaining_plan": False,
            "gate_coverage": 0,
            "gate_no_critical_barrier": False,
        }
        closed = {
            name: {gate for gate in cls.gates if stage[gate]} for name, stage in cls.stages.items()
        }
        cls.shipped = {name: gates for name, gates in closed.items() if gates}
        cls.env["customer.success.stage"].search([]).write(cls.gates)
        cls.customer = cls._customer(stage="first_use", success_stage_date=days(40))
        cls.target = cls.stages["effective_use"]

    def _move(self, user=None, stage=None):
        self.customer.with_user(user or self.csm).success_stage_id = stage or self.target

    def _due(self):
        return len(self.customer._success_due_questions())

    def _refused(self, *texts, user=None, stage=None):
        with self.assertRaises(RedirectWarning) as caught, self.cr.savepoint():
            self._move(user, stage)
        for text in texts:
            self.assertIn(text, caught.exception.args[0])
        return caught.exception

    def _wizard(self, user, stage=None, **vals):
        return (
            self.env["customer.success.move"]
            .with_user(user)
            .create(
                {
                    "partner_id": self.customer.id,
                    "stage_id": (stage or self.target).id,
                    **vals,
                }
            )
        )

    def _plan(self, **vals):
        plan = self.env["customer.success.plan"].create({"partner_id": self.customer.id, **vals})
        plan.action_activate()
        return plan

    def test_the_default_catalogue_has_gates(self):
        self.assertEqual(
            self.shipped,
            {
                "go_live": {"gate_success_definition"},
                "effective_use": {"gate_no_critical_barrier"},
                "sustained_use": {"gate_sustaining_plan", "gate_coverage"},
            },
        )

    def test_without_gates_a_customer_moves_on(self):
        self._move()
        self.assertEqual(self.customer.success_stage_id, self.target)

    def test_a_gate_for_the_definition_of_success(self):
        self.target.gate_success_definition = True
        self._refused("does not say what success is")
        plan = self._plan(sustaining_plan="Yearly review")
        self._refused("does not say what success is")
        plan.success_definition = "Orders the same day"
        self._move()

    def test_a_draft_opens_no_gate(self):
        self.target.gate_success_definition = True
        self.env["customer.success.plan"].create(
            {"partner_id": self.customer.id, "success_definition": "Orders the same day"}
        )
        self._refused("does not say what success is")

    def test_a_gate_for_the_sustaining_plan(self):
        self.target.gate_sustaining_plan = True
        self._refused("how use will be sustained")
        self._plan(sustaining_plan="Yearly review")
        self._move()

    def test_a_gate_for_the_coverage_of_questions(self):
        self.target.gate_coverage = 50
        self._refused(f"0 of {self._due()} due questions", "50 %")
        due = self.customer._success_due_questions()
        for question in due[: (len(due) - 1) // 2]:
            self._answer(self.customer, question)
        self._refused("due questions have a fresh answer")
        for question in due[(len(due) - 1) // 2 : (len(due) + 1) // 2]:
            self._answer(self.customer, question)
        self._move()

    def test_a_gate_for_critical_barriers(self):
        self.target.gate_no_critical_barrier = True
        self._barrier(self.customer, "2")
        critical = self._barrier(self.customer, "3", name="No time")
        self._refused("critical barrier", "No time")
        critical.state = "removed"
        self._move()

    def test_a_gate_is_not_evaded_by_skipping_its_stage(self):
        self.target.gate_success_definition = True
        self._refused("does not say what success is", stage=self.stages["sustained_use"])

    def test_a_closed_gate_leads_to_what_is_missing(self):
        self.target.write({"gate_success_definition": True, "gate_coverage": 100})
        error = self._refused("does not say", f"0 of {self._due()}")
        _text, action, button, context = error.args
        self.assertEqual(action, self.env.ref("customer_success.customer_success_move_action").id)
        self.assertEqual(button, "See what is missing")
        wizard = (
            self.env["customer.success.move"].with_user(self.csm).with_context(**context).create({})
        )
        self.assertTrue(wizard.lacks_plan and wizard.lacks_answers)
        self.assertFalse(wizard.has_critical_barrier or wizard.may_overrule)
        self.assertEqual(wizard.action_open_plan()["res_model"], "customer.success.plan")

    def test_only_a_manager_overrules_and_says_why(self):
        self.target.gate_success_definition = True
        for user in (self.csm, self.lead_csm):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._wizard(user, reason="Trust me").action_move()
        self._refused("does not say", user=self.manager)
        with self.assertRaises(UserError):
            self._wizard(self.manager, reason="  ").action_move()
        self._wizard(self.manager, reason="Their board decides in May").action_move()
        self.assertEqual(self.customer.success_stage_id, self.target)
        move = self.customer.success_stage_move_ids.sorted("id")[-1]
        self.assertEqual(
            (move.reason, move.user_id, move.days), ("Their board decides in May", self.manager, 40)
        )
        self.assertIn("does not say what success is", move.overruled)

    def test_salespeople_cannot_move_through_the_wizard_either(self):
        with self.assertRaises(AccessError):
            self._wizard(self.sales, reason="Sold it").action_move()

    def test_a_csm_cannot_move_another_ones_customer_through_the_wizard(self):
        self.customer.success_user_id = self.lead_csm
        with self.assertRaises(AccessError):
            self._wizard(self.csm, reason="Mine now").action_move()

    def test_a_click_on_a_stage_moves_or_opens_the_dialog(self):
        self.target.gate_success_definition = True
        customer = self.customer.with_user(self.csm)
        dialog = customer.action_success_move(self.target.id)
        self.assertEqual(dialog["res_model"], "customer.success.move")
        self.assertEqual(customer.success_stage_id, self.stages["first_use"])
        self.target.gate_success_definition = False
        self.assertFalse(customer.action_success_move(self.target.id))
        self.assertEqual(customer.success_stage_id, self.target)
        with self.assertRaises(AccessError):
            self.customer.with_user(self.sales).action_success_move(self.stages["sustained_use"].id)

    def test_going_back_needs_a_reason(self):
        back = self.stages["prepare"]
        self._refused("needs a reason", stage=back)
        with self.assertRaises(UserError):
            self._wizard(self.csm, back).action_move()
        self._wizard(self.csm, back, reason="New owner starts over").action_move()
        move = self.customer.success_stage_move_ids.sorted("id")[-1]
        self.assertEqual(
            (move.from_stage_id, move.stage_id, move.reason),
            (self.stages["first_use"], back, "New owner starts over"),
        )

    def test_the_first_stage_is_free(self):
        self.target.gate_success_definition = True
        company = self.env["res.partner"].create({"name": "Brought in", "is_company": True})
        company.with_user(self.csm).success_stage_id = self.target
        self.assertEqual(company.success_stage_move_ids.stage_id, self.target)
        self.assertFalse(company.success_stage_move_ids.from_stage_id)

    def test_a_gate_is_not_evaded_by_stopping_and_following_again(self):
        self.target.gate_success_definition = True
        customer = self.customer.with_user(self.csm)
        customer.action_success_stop()
        left = self.customer.success_stage_move_ids.sorted("id")[-1]
        self.assertEqual((left.from_stage_id, left.days), (self.stages["first_use"], 40))
        self._refused("does not say what success is")
        self._refused("needs a reason", stage=self.stages["prepare"])
        customer.success_stage_id = self.stages["first_use"]

    def test_what_was_overruled_stays_as_it_was_kept(self):
        self.target.gate_success_definition = True
        self._wizard(self.manager, reason="Their board decides in May").action_move()
        for user in (self.manager, self.csm):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self._wizard(user, reason="Other").action_move()
        move = self.customer.success_stage_move_ids.sorted("id")[-1]
        self.assertEqual(move.reason, "Their board decides in May")

    def test_the_dialog_tells_nothing_of_another_ones_customer(self):
        self.customer.success_user_id = self.lead_csm
        self.target.gate_no_critical_barrier = True
        self._barrier(self.customer, "3", name="SECRET")
        self.assertFalse(self._wizard(self.csm).closed_gates)
        self.assertIn("SECRET", self._wizard(self.lead_csm).closed_gates)

    def test_nobody_dates_a_stage_but_the_system(self):
        customer = self.customer.with_user(self.csm)
        customer.write({"success_stage_id": self.target.id, "success_stage_date": "2020-01-01"})
        self.assertEqual(self.customer.success_stage_date, TODAY)

    def test_nobody_enters_an_archived_stage(self):
        self.target.active = False
        self._refused("is archived")

    def test_every_move_is_kept_and_cannot_be_changed(self):
        self._move()
        self._move(stage=self.stages["sustained_use"])
        moves = self.customer.success_stage_move_ids.sorted("id")
        self.assertEqual(moves.mapped("days"), [False, 40, 0])
        for user in (self.csm, self.manager):
            for operation in ("create", "write", "unlink"):
                self.assertFalse(moves.with_user(user).has_access(operation))

    def test_go_live_to_come_and_a_stage_after_it_do_not_fit(self):
        with self.assertRaises(ValidationError):
            self.customer.with_user(self.csm).success_go_live_date = days(-1)
        early = self._customer("Early", "discover", success_go_live_date=days(-30))
        with self.assertRaises(ValidationError):
            early.with_user(self.csm).success_stage_id = self.target

    def test_averages_over_ten_thousand_moves_take_one_query(self):
        self.env.cr.execute(
            """
            INSERT INTO customer_success_stage_move (partner_id, from_stage_id, stage_id, date, days)
            SELECT %s, %s, %s, %s, n %% 100 FROM generate_series(1, 10000) n
            """,
            [self.customer.id, self.target.id, self.stages["sustained_use"].id, TODAY],
        )
        moves = self.env["customer.success.stage.move"].with_user(self.manager)
        moves.search([], limit=1)  # warms the caches of rules and names
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            groups = moves._read_group(
                [("from_stage_id", "=", self.target.id)], ["from_stage_id"], ["days:avg", "__count"]
            )
        self.assertEqual(groups, [(self.target, 49.5, 10000)])
