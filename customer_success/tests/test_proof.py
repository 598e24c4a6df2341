from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.migration import load_script
from odoo.tests import Form, freeze_time, tagged
from odoo.tools.misc import file_path

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestProof(SuccessCase):
    """Value counts as far as it is proven (S28, S29, S87)."""

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
                    "name": "Orders the same day",
                    "partner_id": self.customer.id,
                    "confirmed_by_id": self.contact.id,
                    "evidence": "Mail of 3 May",
                    **vals,
                }
            )
        )

    def _measured(self, actual, **vals):
        objective = self._objective(baseline=20, target=80, unit="%", **vals)
        objective.actual = actual
        return objective

    def _value(self):
        self.env.invalidate_all()
        score = self._rescore(self.customer)
        lines = {line["code"]: line for line in score.breakdown["factors"]}
        return lines["value"]["value"] if "value" in lines else None

    def _said(self):
        return str(self.customer.with_user(self.csm).success_explanation)

    def _refused(self, words):
        return self.assertRaisesRegex(UserError, words)

    # ------------------------------------------------------------------------------------------
    # Innocents: what is proven counts
    # ------------------------------------------------------------------------------------------

    def test_innocent_a_measured_target_that_is_confirmed_counts_in_full(self):
        self._measured(85).action_confirm()
        self.assertEqual(self._value(), 100)
        self.assertIn("Orders the same day: 100 of 100, confirmed", self._said())

    def test_innocent_a_confirmed_result_without_a_measure_counts_less_and_says_so(self):
        self._objective().action_confirm()
        self.assertEqual(self._value(), 60)
        self.assertIn("Orders the same day: 60 of 100, confirmed without a measure", self._said())

    def test_innocent_a_target_nearly_reached_is_confirmed_with_a_reason(self):
        objective = self._measured(74)
        with self._refused("measured progress is 90 %. Write why"), self.cr.savepoint():
            objective.action_confirm()
        objective.shortfall_reason = "The last site follows in autumn; the board counts it as done"
        objective.action_confirm()
        self.assertEqual(self._value(), 90, "the measured progress, not 100")
        self.assertIn("90 of 100, confirmed below target", self._said())

    def test_innocent_a_confirmed_result_is_measured_on(self):
        objective = self._measured(85, date_start=days(90))
        objective.action_confirm()
        self.env["customer.success.objective.measure"].with_user(self.csm).create(
            {"objective_id": objective.id, "date": days(60), "value": 70}
        )
        self.assertEqual(self._value(), 100)

    def test_innocent_a_confirmation_of_the_first_day_is_a_first_value(self):
        self._objective(state="confirmed", confirmed_date=days(395))
        self.assertEqual(self.customer.success_days_to_value, 5)

    # ------------------------------------------------------------------------------------------
    # Cheats
    # ------------------------------------------------------------------------------------------

    def test_cheat_confirming_without_evidence(self):
        for evidence in (False, "", " \n"):
            objective = self._objective(evidence=evidence)
            with (
                self.subTest(evidence=evidence),
                self._refused("Describe the evidence"),
                self.cr.savepoint(),
            ):
                objective.action_confirm()
            with self._refused("Describe the evidence"), self.cr.savepoint():
                objective.state = "confirmed"
            self.assertIsNone(self._value())
        objective.evidence = "Their report"
        objective.action_confirm()
        with self._refused("Describe the evidence"), self.cr.savepoint():
            objective.evidence = False

    def test_cheat_confirming_what_went_backwards(self):
        objective = self._measured(10)
        self.assertEqual(round(objective.progress), -17)
        before = self._value()
        for reason in (False, "  "):
            with self._refused("measured progress is -17 %"), self.cr.savepoint():
                objective.write({"state": "confirmed", "shortfall_reason": reason})
        objective.write({"state": "confirmed", "shortfall_reason": "They like it all the same"})
        self.assertLess(before, 1)
        self.assertAlmostEqual(
            before, self._value(), delta=0.2, msg="confirming lifts next to nothing"
        )

    def test_cheat_changing_the_figures_after_the_confirmation(self):
        objective = self._measured(50, shortfall_reason="Half of it is worth it")
        objective.action_confirm()
        self.assertEqual(self._value(), 50)
        for act in (
            lambda: objective.write({"target": 40}),
            lambda: objective.write({"baseline": 49, "target": 50}),
            lambda: objective.measure_ids.write({"value": 80}),
            lambda: objective.measure_ids.with_user(self.manager).unlink(),
        ):
            with self._refused("confirmed on its figures"), self.cr.savepoint():
                act()
        with self.assertRaises(AccessError), self.cr.savepoint():
            objective.measure_ids.unlink()
        self.assertEqual(self._value(), 50)

    def test_cheat_a_confirmation_before_go_live(self):
        objective = self._objective()
        for day in (401, 500):
            with self._refused("as a result of use"), self.cr.savepoint():
                objective.write({"state": "confirmed", "confirmed_date": days(day)})
        new = self._customer("New", "prepare", success_go_live_date=days(35))
        objective = self._objective(partner_id=new.id, confirmed_by_id=self._contact(new, "Ben").id)
        with self._refused("still in a stage before go-live"), self.cr.savepoint():
            objective.action_confirm()
        new.success_go_live_date = False
        with self._refused("still in a stage before go-live"), self.cr.savepoint():
            objective.action_confirm()

    def test_cheat_moving_or_deleting_the_go_live_date(self):
        self._objective(state="confirmed", confirmed_date=days(300))
        objective = self._measured(85)
        objective.write({"state": "confirmed", "confirmed_date": days(300)})
        self.assertEqual((self._value(), self.customer.success_days_to_value), (80, 100))
        self.customer.success_go_live_date = days(200)
        self.assertTrue(objective.is_early)
        self.assertEqual(self._value(), 80, "of the measured one alone, as not confirmed")
        self.assertIs(self.customer.success_days_to_value, False, "unknown, not 0")
        self.customer.success_go_live_date = False
        self.assertEqual(self._value(), 80)
        self.assertTrue(objective.is_early)

    def test_cheat_dates_that_cannot_be(self):
        objective = self._objective(baseline=0, target=10, unit="days", date_start=days(20))
        measures = self.env["customer.success.objective.measure"].with_user(self.csm)
        for day, words in ((-1, "in the future"), (21, "starts on 05/26/2026")):
            with self.subTest(day=day), self._refused(words), self.cr.savepoint():
                measures.create({"objective_id": objective.id, "date": days(day), "value": 10})
        measures.create({"objective_id": objective.id, "date": days(20), "value": 10})
        with self._refused("cannot be measured on"), self.cr.savepoint():
            objective.date_start = days(19)
        with self._refused("that day is in the future"), self.cr.savepoint():
            objective.write({"state": "confirmed", "confirmed_date": days(-1)})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._objective(state="confirmed", confirmed_date=days(-30))

    def test_s22_on_time_and_within_the_budget_is_project_data_and_no_result(self):
        plan = (
            self.env["customer.success.plan"]
            .with_user(self.csm)
            .create({"partner_id": self.customer.id, "success_definition": "Orders the same day"})
        )
        plan.action_activate()
        scores = []
        for said in (False, "no", "yes"):
            plan.write({"project_on_time": said, "project_on_budget": said})
            self.assertIsNone(self._value(), "no result of use is known")
            scores.append((self.customer.success_health, plan.completeness))
        self.assertEqual(len(set(scores)), 1, "neither answer moves the score or the plan")
        self.assertIn(
            "Project Data: Never Counted as Success", plan.get_view(view_type="form")["arch"]
        )

    # ------------------------------------------------------------------------------------------
    # The screen and old rows
    # ------------------------------------------------------------------------------------------

    def test_the_form_asks_for_the_reason_and_lists_find_the_weak_ones(self):
        weak = self._measured(50)
        form = Form(weak)
        self.assertFalse(form._get_modifier("shortfall_reason", "invisible"))
        form.shortfall_reason = "Half of it is worth it"
        form.save().action_confirm()
        strong = self._measured(85)
        self.assertTrue(Form(strong)._get_modifier("shortfall_reason", "invisible"))
        strong.action_confirm()
        bare = self._objective()
        bare.action_confirm()
        objectives = self.env["customer.success.objective"].with_user(self.csm)
        own = [("partner_id", "=", self.customer.id), ("state", "=", "confirmed")]
        self.assertEqual(objectives.search([*own, ("progress", "<", 100)]), weak)
        self.assertEqual(objectives.search([*own, ("progress", "=", False)]), bare)

    def test_old_objectives_start_with_their_first_measurement(self):
        measured = self._measured(50, date_start=days(90))
        self.env["customer.success.objective.measure"].create(
            {"objective_id": measured.id, "date": days(60), "value": 30}
        )
        bare = self._objective()
        old = measured | bare
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_success_objective SET date_start = NULL, create_date = %s WHERE id = ANY(%s)",
            [days(10), old.ids],
        )
        path = file_path("customer_success/migrations/19.0.2.0.0/pre-objectives.py")
        load_script(path, "pre_objectives").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all(flush=False)
        self.assertEqual(old.mapped("date_start"), [days(60), days(10)])
