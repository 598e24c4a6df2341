from unittest.mock import patch

from odoo.fields import Domain
from odoo.tests import freeze_time, tagged

from ...report import tiles
from ...scoring import engine
from ..common import AS_INTENDED, TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestScores(SuccessCase):
    def test_a_customer_with_no_facts_has_no_health_but_a_stage(self):
        customer = self._customer(stage="prepare")  # live without a plan is a known fact
        score = self._rescore(customer)
        self.assertIs(customer.success_health, False)
        self.assertFalse(customer.success_health_band)
        self.assertEqual(customer.success_confidence, 0)
        self.assertIs(customer.success_renewal_risk, False)
        self.assertCountEqual(
            score.breakdown["unknown"],
            ["use", "trend", "barriers", "advisor", "progress", "value", "plan"],
        )

    def test_unknown_is_null_and_left_out_of_averages(self):
        self._leave_out("progress", "plan")
        unknown = self._customer("Unknown", stage="sustained_use")
        known = self._customer("Known", stage="sustained_use")
        self._usage(known, active=80, **AS_INTENDED)
        self._rescore(unknown | known)
        [(average, count)] = self.env["res.partner"]._read_group(
            [("id", "in", (unknown | known).ids)], [], ["success_health:avg", "__count"]
        )
        self.assertEqual((average, count), (100, 2))

    def test_health_is_the_weighted_mean_of_the_known(self):
        self._leave_out("progress", "plan")
        customer = self._customer(stage="sustained_use")
        self._usage(customer, active=40)  # 40 % of a target of 80 %: 50
        self._barrier(customer, authority="granted")  # 100 - 30 x 1.5: 55
        customer.sudo().write({"success_barriers_checked": TODAY, "success_barriers_asked": 10})
        self._rescore(customer)
        # A head count earns a third of the points of use: 50 of 100 weighs two thirds of 30.
        self.assertEqual(customer.success_health, 52.5)  # (20 x 50 + 20 x 55) / 40
        self.assertEqual(customer.success_health_band, "watch")
        self.assertEqual(customer.success_confidence, 47.1)  # 40 of 85

    def test_lines_add_up_to_the_scores(self):
        customer = self._customer(success_go_live_date=days(800))
        self._usage(customer, active=33, quality=71, accuracy=13)
        self._barrier(customer, "3")
        self._barrier(customer, "0", state="potential")
        for question, signal in zip(self.questions, ("concern", "blocker", "strength")):
            self._answer(customer, question, signal)
        renewal = self._renewal(customer)
        score = self._rescore(customer)
        points = [line["points"] for line in score.breakdown["factors"]]
        self.assertAlmostEqual(sum(points), score.health, places=6)
        lines = renewal.score_id.breakdown["lines"]
        self.assertAlmostEqual(sum(lines.values()), renewal.churn_risk, places=6)
        self.assertEqual(renewal.churn_risk, customer.success_renewal_risk)

    def test_assessed_fills_what_was_not_measured(self):
        customer = self._customer(stage="sustained_use")
        self._usage(customer, active=80)
        self._usage(customer, False, False, source="assessed", quality=50, when=days(40))
        score = self._rescore(customer)
        evidence = score.breakdown["factors"][0]["evidence"]
        self.assertEqual((evidence["adoption"], evidence["quality"]), (80, 50))

    def test_old_use_is_not_shown_as_that_of_today(self):
        customer = self._customer(stage="sustained_use")
        self._usage(customer, when=days(200))
        self.assertIs(self._rescore(customer).adoption, False)

    def test_removed_barriers_are_known_and_harmless(self):
        self._leave_out("progress", "plan")
        customer = self._customer(stage="sustained_use")
        self._usage(customer, **AS_INTENDED)
        barrier = self._barrier(customer, "3")
        self._rescore(customer)
        before = customer.success_health
        barrier.state = "removed"
        check = self.env["customer.success.barrier.check"].with_user(self.csm)
        check.create({"partner_id": customer.id, "users_asked": 5}).action_finish()
        self._rescore(customer)
        self.assertLessEqual(before, 65)
        self.assertEqual(customer.success_health, 100)

    def test_stale_answers_count_no_more(self):
        customer = self._customer(stage="sustained_use")
        question = self.questions[0]
        question.refresh_months = 6
        self._answer(customer, question, "strength", date=days(182))
        self.assertEqual(self._evidence(customer, "advisor")["fresh"], 1)
        with freeze_time(days(-2)):
            self.assertEqual(self._evidence(customer, "advisor")["fresh"], 0)

    def _evidence(self, customer, code):
        score = self._rescore(customer)
        return next(line["evidence"] for line in score.breakdown["factors"] if line["code"] == code)

    def test_the_riskiest_renewal_within_a_year_speaks_for_the_customer(self):
        customer = self._customer()
        self._renewal(customer, date_renewal=days(-30), product_id=False)
        short = self._renewal(customer, date_start=days(20), date_renewal=days(-10), value=100)
        far = self._renewal(customer, date_start=days(-10), date_renewal=days(-700))
        self._rescore(customer)
        self.assertEqual(customer.success_renewal_risk, short.churn_risk)
        self.assertEqual(customer.success_next_renewal_date, days(-10))
        self.assertTrue(far.churn_risk, "each pending renewal has its own risk")

    def test_an_ended_renewal_has_an_outcome_and_no_forecast(self):
        customer = self._customer()
        renewal = self._renewal(customer)
        self._rescore(customer)
        self.assertTrue(renewal.churn_risk)
        renewal.with_user(self.csm).outcome = "churned"
        self.assertFalse(renewal.score_id)
        self._rescore(customer)
        self.assertIs(renewal.churn_risk, False)
        self.assertEqual(renewal.date_outcome, TODAY)
        self.assertIs(customer.success_renewal_risk, False)
        self.assertFalse(customer.success_risk_band)

    def test_value_at_risk_is_in_the_currency_of_the_company(self):
        other = self._currency(2.0)
        customer = self._customer()
        renewal = self._renewal(customer, value=1000, currency_id=other.id, seats=0)
        self._rescore(customer)
        self.assertEqual(renewal.score_currency_id, self.company.currency_id)
        self.assertAlmostEqual(renewal.value_at_risk, 500 * renewal.churn_risk / 100, places=2)

    def test_a_missing_rate_is_an_error_to_show_and_never_one(self):
        other = self._currency(None)
        customer = self._customer()
        renewal = self._renewal(customer, currency_id=other.id)
        score = self._rescore(customer)
        self.assertFalse(score.value_at_risk)
        self.env.cr.execute(
            "SELECT value_at_risk FROM customer_success_score WHERE id = %s", [score.id]
        )
        self.assertIsNone(self.env.cr.fetchone()[0])
        self.assertTrue(renewal.score_id.breakdown["rate_missing"])
        self.assertIn("no exchange rate", str(customer.success_explanation))

    def _currency(self, rate):
        currency = self.env["res.currency"].create({"name": "TST", "symbol": "T"})
        currency.rate_ids.unlink()
        if rate:
            self.env["res.currency.rate"].create(
                {"currency_id": currency.id, "name": days(1), "rate": rate}
            )
        return currency

    def test_a_second_run_writes_nothing(self):
        customers = self._customer("A") | self._customer("B")
        self._usage(customers[0])
        self._renewal(customers[1])
        self._rescore(customers)
        self.assertEqual(self.scores._score(customers.ids), 0)
        with freeze_time(days(-1)):
            self.assertEqual(
                self.scores._score(customers.ids),
                0,
                "a day on which nothing happens changes nothing",
            )

    def test_other_rules_rescore_unchanged_facts(self):
        self._leave_out("progress", "plan")
        customer = self._customer(stage="sustained_use")
        self._usage(customer, active=40, **dict.fromkeys(AS_INTENDED, 50))
        self._barrier(customer)
        self._rescore(customer)
        self.env.ref("customer_success.customer_success_factor_barriers").weight = 0
        self._rescore(customer)
        self.assertEqual(customer.success_health, 50)
        self.env["ir.config_parameter"].set_param("customer_success.adoption_target", "40")
        self._rescore(customer)
        self.assertEqual(customer.success_health, 66.7)  # (3 x 100 + 6 x 50) / 9

    def test_one_bad_customer_is_marked_and_stepped_over(self):
        good, bad = self._customer("Good"), self._customer("Bad")
        self._rescore(good | bad)
        self._usage(good)
        self._usage(bad)
        score = engine.score

        def broken(facts, rules):
            if facts.partner_id == bad.id:
                raise ZeroDivisionError("of the test")
            return score(facts, rules)

        before = bad.success_health
        with (
            patch.object(engine, "score", broken),
            self.assertLogs("odoo.addons.customer_success.scoring.engine", "ERROR"),
        ):
            self._rescore(good | bad)
        self.assertEqual(bad.success_score_error, "ZeroDivisionError: of the test")
        self.assertEqual(bad.success_health, before)
        self.assertTrue(good.success_health)
        self.assertFalse(good.success_score_error)
        self._rescore(bad)
        self.assertFalse(bad.success_score_error, "the next run tries again")

    def test_one_customer_that_breaks_the_statement_is_found_by_halving(self):
        customers = self.env["res.partner"].union(*(self._customer(f"C{n}") for n in range(5)))
        bad = customers[3]
        score = engine.score

        def broken(facts, rules):
            row, renewals = score(facts, rules)
            if facts.partner_id == bad.id:
                row["currency_id"] = 2**40
            return row, renewals

        with (
            patch.object(engine, "score", broken),
            self.assertLogs(
                "odoo.addons.customer_success.models.scores.customer_success_score", "WARNING"
            ),
        ):
            self.assertEqual(self.scores._score(customers.ids), 4)
        self.assertTrue(bad.success_score_error)
        self.assertFalse(customers[4].success_score_error)

    def test_history_keeps_a_row_for_each_day_the_score_changed(self):
        self._leave_out("progress", "plan")
        customer = self._customer(stage="sustained_use")
        usage = self._usage(customer, active=40, **AS_INTENDED)
        self._rescore(customer)
        usage.active_users = 80
        self._rescore(customer)
        with freeze_time(days(-3)):
            usage.active_users = 20
            self._rescore(customer)
        history = self.env["customer.success.score.history"].search(
            [("partner_id", "=", customer.id)], order="date"
        )
        self.assertEqual(
            [(row.date, row.health) for row in history],
            [(TODAY, 100), (days(-3), 75)],  # (3 x 25 + 6 x 100) / 9
        )

    def test_history_keeps_the_points_of_the_day(self):
        customer, without = self._customer(success_go_live_date=days(800)), self._customer("None")
        self._usage(customer, active=33, quality=71)
        renewal = self._renewal(customer)
        self._usage(without)
        self._rescore(customer | without)
        history = {
            row.partner_id: row.points
            for row in self.env["customer.success.score.history"].search([])
        }
        score = customer.success_score_id
        self.assertEqual(
            history[customer],
            {
                "health": {
                    line["code"]: [line["value"], line["weight"]]
                    for line in score.breakdown["factors"]
                },
                "risk": renewal.score_id.breakdown["lines"],
                "renewal": renewal.id,
            },
        )
        self.assertEqual((history[without]["risk"], history[without]["renewal"]), ({}, None))
        self.assertTrue(history[without]["health"])

    def test_archived_customers_are_not_scored(self):
        customer = self._customer()
        customer.active = False
        self.assertEqual(self.scores._score(customer.ids), 0)

    def test_scoring_posts_nothing_in_the_chatter(self):
        customer = self._customer()
        self._usage(customer)
        before = customer.message_ids
        self._rescore(customer)
        self.assertEqual(customer.message_ids, before)

    def test_riskiest_first_puts_the_unknown_last(self):
        low, unknown, high = (self._customer(name) for name in ("Low", "Unknown", "High"))
        self._renewal(low)
        self._renewal(high, date_start=days(40), date_renewal=days(10))
        self._rescore(low | unknown | high)
        found = self.env["res.partner"].search(
            [("id", "in", (low | unknown | high).ids)], order="success_renewal_risk desc"
        )
        self.assertEqual(found, high | low | unknown)
        found = self.env["res.partner"].search(
            [("id", "in", (low | unknown | high).ids)], order="success_renewal_risk"
        )
        self.assertEqual(found, low | high | unknown)

    def test_the_machine_and_the_csm_may_disagree(self):
        customer = self._customer(success_sentiment="worried")
        self._renewal(customer)
        self._usage(customer, active=90)
        self._rescore(customer)
        self.assertEqual(customer.success_risk_band, "low")
        self.assertTrue(customer.success_view_gap)
        self.assertIn(customer, self.env["res.partner"].search([("success_view_gap", "=", True)]))
        customer.success_sentiment = "watchful"
        self.assertNotIn(
            customer, self.env["res.partner"].search([("success_view_gap", "=", True)])
        )

    def _little_known(self, name, **vals):
        """Return a customer of whom nothing but its sponsor is known."""
        customer = self._customer(name, stage="discover", **vals)
        self.env["customer.success.stakeholder"].create(
            {
                "partner_id": customer.id,
                "contact_id": self._contact(customer).id,
                "role": "sponsor",
            }
        )
        return customer

    def test_a_health_of_which_little_is_known_is_not_judged(self):
        customer = self._little_known("New")
        self._rescore(customer)
        self.assertIs(customer.success_health, False)
        self.assertEqual(
            (customer.success_health_band, customer.success_confidence), ("unsure", 10)
        )
        self._usage(customer, **AS_INTENDED)
        self._rescore(customer)
        self.assertEqual(customer.success_health_band, "good")

    def test_the_same_facts_score_the_same_whoever_asks(self):
        customer = self._customer()
        self._rescore(customer)
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            self.csm.tz = zone
            scores = self.scores.with_user(self.csm).with_context(tz=zone).sudo()
            self.assertEqual(scores._score(customer.ids), 0)

    def test_archived_questions_say_nothing_more(self):
        customer = self._customer(stage="sustained_use")
        question = self.questions.filtered("dimension")[0]
        self._answer(customer, question, "strength")
        self.assertIn(question.dimension, self._evidence(customer, "advisor"))
        question.active = False
        self.assertIn("advisor", self._rescore(customer).breakdown["unknown"])

    # ------------------------------------------------------------------------------------------
    # Progress, value and plan
    # ------------------------------------------------------------------------------------------

    def _line(self, customer, code):
        score = self._rescore(customer)
        return next((line for line in score.breakdown["factors"] if line["code"] == code), None)

    def _plan(self, customer, **vals):
        plan = self.env["customer.success.plan"].create({"partner_id": customer.id, **vals})
        plan.action_activate()
        return plan

    def test_a_plan_counts_by_what_it_answers_less_what_it_builds_on_sand(self):
        customer = self._customer(stage="discover")
        self.assertIsNone(self._line(customer, "plan"), "without a plan it is unknown, not zero")
        answered = {
            name: f"Something about {name}"
            for name in ("success_definition", "intended_use", "choice_assumption", "upgrade_plan")
        }
        plan = self._plan(customer, sustaining_plan="A yearly review", **answered)

        def of_135(points):
            return self.assertAlmostEqual(
                self._line(customer, "plan")["value"], points / 1.35, delta=0.06
            )

        of_135(100 * 5 / 21)  # five answers; no check has one, which is worst
        plan.relies_on_mandate = "yes"
        of_135(100 * 5 / 21)
        plan.leaders_ask_users = "no"
        of_135(100 * 5 / 21)
        plan.relies_on_mandate = "no"
        of_135(100 * 6 / 21 + 15)
        plan.leaders_ask_users = "yes"
        of_135(100 * 7 / 21 + 20)
        plan.write({"date": days(30), "next_review_date": days(1)})
        of_135(100 * 7 / 21 + 20 - 27)

    def test_value_is_the_mean_of_objectives_full_only_when_confirmed(self):
        customer = self._customer(stage="sustained_use")
        contact = self._contact(customer)
        objectives = self.env["customer.success.objective"]
        vals = {"partner_id": customer.id, "baseline": 0, "target": 10, "unit": "days"}
        first = objectives.create({"name": "First", **vals})
        self.assertIsNone(
            self._line(customer, "value"), "it is unknown, because it is neither measured nor due"
        )
        first.actual = 10
        self.assertEqual(self._line(customer, "value")["value"], 80)
        first.write({"confirmed_by_id": contact.id, "evidence": "Their monthly report"})
        first.action_confirm()
        self.assertEqual(self._line(customer, "value")["value"], 100)
        objectives.create({"name": "Overdue", **vals, "date_due": days(1)})
        self.assertEqual(self._line(customer, "value")["value"], 50)
        objectives.create({"name": "Dropped", **vals, "state": "dropped"})
        objectives.create({"name": "Not yet", **vals, "date_due": days(-90)})
        self.assertEqual(self._line(customer, "value")["value"], 50)
        self.assertEqual(self._line(customer, "value")["evidence"]["open"], 1)

    def test_live_with_nothing_planned_after_costs_progress(self):
        customer = self._customer(stage="effective_use", success_stage_date=days(0))
        stakeholders = self.env["customer.success.stakeholder"]
        for role in ("sponsor", "champion"):
            contact = self._contact(customer)
            stakeholders.create({"partner_id": customer.id, "contact_id": contact.id, "role": role})
        self._usage(customer, active=80)
        plan = self._plan(customer, success_definition="Orders on the same day")
        self.assertEqual(self._line(customer, "progress")["value"], 70)
        change = self.env["customer.success.change"].create(
            {"partner_id": customer.id, "name": "New people", "date": days(-90)}
        )
        self.assertEqual(self._line(customer, "progress")["value"], 100)
        change.state = "done"
        self.assertEqual(self._line(customer, "progress")["value"], 70)
        plan.sustaining_plan = "Yearly review"
        self.assertEqual(self._line(customer, "progress")["value"], 100)

    def test_the_three_factors_say_their_facts_on_the_form(self):
        customer = self._customer(stage="effective_use")
        self._plan(customer, relies_on_mandate="yes")
        self.env["customer.success.objective"].create(
            {"partner_id": customer.id, "name": "Same day", "date_due": days(1)}
        )
        self._rescore(customer)
        text = str(customer.success_explanation)
        for said in (
            "Nothing is planned for the time after go-live",
            "It relies on a mandate",
            "Same day: 0 of 100, not confirmed",
        ):
            self.assertIn(said, text)

    def test_customers_of_whom_too_little_is_known_are_counted_beside_the_average(self):
        """Three of whom little is known do not lift the average of a poor customer; each role sees how many."""
        strangers = [self._little_known(f"Stranger {n}") for n in range(3)]
        poor = self._customer("Poor")
        self._usage(poor, active=5)
        self._barrier(poor, "3")
        for customer in (*strangers, poor):
            self._rescore(customer)
        customers = self.env["res.partner"].with_user(self.csm)
        ours = [("id", "in", [poor.id, *(stranger.id for stranger in strangers)])]
        [(average,)] = customers._read_group(ours, [], ["success_health:avg"])
        self.assertAlmostEqual(average, poor.success_health)
        bands = dict(customers._read_group(ours, ["success_health_band"], ["__count"]))
        self.assertEqual(bands, {"poor": 1, "unsure": 3})
        best_first = customers.search(ours, order="success_health desc")
        self.assertEqual(best_first[0], poor, "what is not known is not sorted as 100")
        found = tiles.read(
            customers.env,
            ["health", "health_known", "health_little"],
            lambda model: Domain(ours),
            TODAY,
        )
        self.assertEqual((found["health_known"], found["health_little"]), (1, 3))
        said = str(strangers[0].with_user(self.csm).success_explanation)
        self.assertIn("Too little is known to judge: 10 %", said)
        self.assertNotIn("100.0", said)

    def test_silence_is_no_way_to_a_good_health(self):
        """Whoever records nothing but the stage, an early go-live date or a view gets no good score."""
        for vals in ({}, {"success_go_live_date": days(-30)}, {"success_sentiment": "confident"}):
            with self.subTest(vals):
                customer = self._little_known("Silent", **vals)
                self._rescore(customer)
                self.assertIs(customer.success_health, False)
                self.assertEqual(customer.success_health_band, "unsure")

    def test_who_is_known_enough_is_judged(self):
        """Three customers with use, with use and answers, and with barriers and use keep their health."""
        by_use, by_answers, by_barriers = (self._customer(f"Known {n}") for n in range(3))
        for customer in (by_use, by_answers, by_barriers):
            self._usage(customer)
        self._answer(by_answers, signal="strength")
        self._barrier(by_barriers, "1")
        for customer in (by_use, by_answers, by_barriers):
            self._rescore(customer)
            self.assertIn(customer.success_health_band, ("good", "watch", "poor"))
            self.assertIsNot(customer.success_health, False)
