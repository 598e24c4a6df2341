from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from ..common import AS_INTENDED, TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestSegmentScores(SuccessCase):
    """The weights and bands of a segment, and how a change of segment is told apart from a change of the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segments = cls.env["customer.success.segment"]
        cls.segments.search([]).unlink()
        cls._leave_out("trend", "advisor", "progress", "value", "plan")
        # Use is good, a barrier is bad: the weights decide how good the customer is.
        cls.large = cls._segment("Large", 10, "[('ref', '=like', 'L%')]")
        cls.standard = cls._segment("Standard", 20, "[('ref', '=like', 'S%')]")
        cls.factors = {
            factor.code: factor for factor in cls.env["customer.success.factor"].search([])
        }

    @classmethod
    def _segment(cls, name, sequence, domain, **vals):
        return cls.segments.with_user(cls.manager).create(
            {"name": name, "sequence": sequence, "domain": domain, **vals}
        )

    @classmethod
    def _known(cls, ref="L1", name="Acme", **vals):
        customer = cls._customer(name, ref=ref, success_go_live_date=days(800), **vals)
        cls._usage(customer, active=80, when=days(60), **AS_INTENDED)
        cls._barrier(customer, "2", authority="granted", date_opened=days(400))
        customer.sudo().write({"success_barriers_checked": days(60), "success_barriers_asked": 10})
        return customer

    def _weights(self, segment, **weights):
        segment.with_user(self.manager).weights = weights

    @classmethod
    def _rescore(cls, customers):
        cls.env.flush_all()
        return super()._rescore(customers)

    def _health(self, customer):
        self._rescore(customer)
        return customer.with_user(self.csm).success_health

    def _says(self, customer):
        return " ".join(str(customer.with_user(self.csm).success_explanation).split())

    def _scored_before(self, customer, ago=30):
        """Score the customer as of a day before today."""
        with freeze_time(days(ago)):
            self._rescore(customer)
        self.env["customer.success.score.request"].search([]).unlink()

    def _changes(self, customer):
        """Return the changes of a customer since the score before, by code, and the whole of them."""
        found = self.env["customer.success.explanation"]._changes(customer.success_score_id)
        for kind in ("health", "risk"):
            if moved := found[kind]:
                total = sum(line["points"] for line in moved["lines"])
                self.assertAlmostEqual(total, moved["now"] - moved["before"], places=1)
        lines = found["health"]["lines"] if found["health"] else []
        return {line["code"]: line["points"] for line in lines}, found

    # ------------------------------------------------------------------------------------------
    # Weights: innocents
    # ------------------------------------------------------------------------------------------

    def test_weights_of_a_segment_are_those_of_its_customers_scores(self):
        large, standard, none = self._known(), self._known("S1", "B"), self._known("X", "C")
        usual = self._health(none)
        self._weights(self.large, use=10, barriers=90)
        self.assertEqual(self._health(large), 46.8)  # (10 × 100 + 90 × 40.9) / 100
        self.assertEqual(self._health(standard), usual)
        self.assertEqual(self._health(none), usual)
        self.assertIn("Weights of the segment “Large”: Use 10 instead of 30", self._says(large))
        self.assertIn("weight 90", self._says(large))
        self.assertNotIn("Weights of the segment", self._says(standard))

    def test_an_unset_weight_is_that_of_the_factor(self):
        customer = self._known()
        usual = self._health(customer)
        with Form(self.large.with_user(self.manager)) as form:
            with form.weight_ids.new() as line:
                line.factor_id = self.factors["use"]
            with form.weight_ids.new() as line:
                line.factor_id = self.factors["barriers"]
                line.weight = self.factors["barriers"].weight
        self.assertEqual(self.large.weights, {"barriers": self.factors["barriers"].weight})
        self.assertEqual(self._health(customer), usual)
        self.assertIn("the usual ones", self.large.with_user(self.manager).scoring)

    def test_a_weight_of_0_leaves_a_factor_out_of_the_health_not_out_of_the_risk(self):
        customer = self._known()
        renewal = self._renewal(customer)
        self._rescore(customer)
        risk, lines = renewal.churn_risk, renewal.score_id.breakdown["lines"]
        self._weights(self.large, barriers=0)
        self.assertEqual(self._health(customer), 100.0)
        self.assertEqual(customer.success_confidence, 100.0)
        self.assertEqual(renewal.churn_risk, risk)
        self.assertEqual(renewal.score_id.breakdown["lines"], lines)
        self.assertNotIn("barriers", customer.success_score_id.breakdown["unknown"])

    def test_a_factor_that_is_left_out_elsewhere_counts_in_one_segment_only(self):
        large, standard = self._known(), self._known("S1", "B")
        renewal = self._renewal(large)
        self.factors["barriers"].with_user(self.manager).weight = 0
        self._rescore(large | standard)
        risk = renewal.churn_risk
        self._weights(self.large, barriers=30)
        self.assertEqual(self._health(large), 70.5)
        self.assertEqual(self._health(standard), 100.0)
        self.assertEqual(renewal.churn_risk, risk)

    def test_levers_count_by_the_weights_of_the_segment(self):
        customer = self._known()
        barrier = self.env["customer.success.barrier"].search([("partner_id", "=", customer.id)])
        barrier.authority = "none"
        self._weights(self.large, use=10, barriers=90)
        self.assertEqual(self._health(customer), 37.3)
        helpful = self.env["customer.success.explanation"]._helpful(customer)
        self.assertIn("health from 37.3 to", " ".join(helpful))
        barrier.authority = "granted"
        self.assertEqual(self._health(customer), 46.8)

    def test_a_second_run_changes_nothing_and_segments_cost_no_queries(self):
        customers = self._known() | self._known("S1", "B") | self._known("X", "C")
        self._weights(self.large, use=10)

        def queries():
            customers.success_score_id.fingerprint = False
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(self.scores._score(customers.ids), 3)
            return self.env.cr.sql_log_count - before

        queries()
        few = queries()
        for number in range(5):
            self._segment(f"More {number}", 30, "[]", expected_days=100 + number)
            self._weights(self.segments.search([], order="id desc", limit=1), use=50 + number)
        queries()
        self.assertEqual(queries(), few)
        self.assertEqual(self.scores._score(customers.ids), 0)

    def test_only_the_customers_of_a_changed_segment_are_computed_anew(self):
        customers = self._known() | self._known("S1", "B") | self._known("X", "C")
        self._rescore(customers)
        self._weights(self.large, use=10)
        self.env.flush_all()
        self.assertEqual(self.scores._score(customers.ids), 1)

    # ------------------------------------------------------------------------------------------
    # Weights: from their wrong side
    # ------------------------------------------------------------------------------------------

    def test_weights_of_0_in_all_are_refused_in_words(self):
        use, barriers = (self.factors[code].with_user(self.manager) for code in ("use", "barriers"))
        refused = "“Large”, all factors have the weight 0"
        with self.assertRaisesRegex(ValidationError, refused), self.cr.savepoint():
            self._weights(self.large, use=0, barriers=0)
        self._weights(self.large, use=0, barriers=20)
        with self.assertRaisesRegex(ValidationError, refused), self.cr.savepoint():
            barriers.active = False
        use.weight = 0
        with self.assertRaisesRegex(ValidationError, "All factors"), self.cr.savepoint():
            barriers.weight = 0

    def test_removing_the_one_weight_that_is_left_is_refused(self):
        self._weights(self.large, barriers=20)
        self._weights(self.standard, barriers=20)
        self.factors["use"].with_user(self.manager).weight = 0
        self.factors["barriers"].flush_recordset()
        self.env.cr.execute("UPDATE customer_success_factor SET weight = 0 WHERE code = 'barriers'")
        self.env.invalidate_all()
        with self.assertRaisesRegex(ValidationError, "“Large”, all factors have the weight 0"):
            self.large.with_user(self.manager).weight_ids.unlink()

    def test_a_fact_of_the_renewal_has_no_weight(self):
        with self.assertRaisesRegex(ValidationError, "no weight in the health score"):
            self._weights(self.large, tenure=10)
        with self.assertRaisesRegex(ValidationError, "There is no factor “mood”"):
            self._weights(self.large, mood=10)

    def test_negative_and_huge_weights_and_a_factor_twice_are_refused(self):
        lines = self.env["customer.success.segment.weight"].with_user(self.manager)
        values = {"segment_id": self.large.id, "factor_id": self.factors["use"].id}
        for weight in (-1, 1001):
            with (
                self.subTest(weight),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                lines.create({**values, "weight": weight})
        lines.create({**values, "weight": 5})
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            lines.create({**values, "weight": 6})

    # ------------------------------------------------------------------------------------------
    # Bands
    # ------------------------------------------------------------------------------------------

    def test_bands_of_a_segment_are_those_of_its_customers(self):
        large, standard = self._known(), self._known("S1", "B")
        self._renewal(large)
        self._rescore(large | standard)
        self.assertEqual((large | standard).mapped("success_health_band"), ["good", "good"])
        health, risk = large.success_health, large.success_renewal_risk
        self.large.with_user(self.manager).write({"health_good": 90, "risk_medium": 1})
        self._rescore(large | standard)
        self.assertEqual(large.success_health_band, "watch")
        self.assertEqual(standard.success_health_band, "good")
        self.assertEqual(large.success_risk_band, "medium")
        self.assertEqual((large.success_health, large.success_renewal_risk), (health, risk))
        self.assertIn("Bands of the segment “Large”: Good from 90", self._says(large))

    def test_bands_in_the_wrong_order_are_refused_also_with_those_of_the_settings(self):
        for vals, said in (
            ({"health_good": 40}, "Good From"),
            ({"health_watch": 71}, "Good From"),
            ({"health_good": 101}, "Good From"),
            ({"risk_high": 66}, "rise from medium"),
            ({"risk_medium": 0}, "rise from medium"),
        ):
            with (
                self.subTest(vals),
                self.assertRaisesRegex(ValidationError, said),
                self.cr.savepoint(),
            ):
                self.large.with_user(self.manager).write(vals)
        self.large.with_user(self.manager).health_watch = 60
        self.env.flush_all()
        settings = self.env["res.config.settings"].create({"success_health_good": 55})
        with self.assertRaisesRegex(ValidationError, "“Large”"), self.cr.savepoint():
            settings.set_values()

    # ------------------------------------------------------------------------------------------
    # A change of segment is no change of the customer: innocents
    # ------------------------------------------------------------------------------------------

    def test_a_change_of_segment_is_told_and_no_change_of_the_customer(self):
        customer = self._known()
        renewal = self._renewal(customer)
        self._weights(self.standard, use=10, barriers=90)
        self._scored_before(customer)
        before = customer.success_health
        customer.with_user(self.csm).ref = "S1"
        self.segments._assign(customer.ids)
        self._rescore(customer)
        self.assertEqual(customer.success_health, 46.8)
        moved, found = self._changes(customer)
        self.assertEqual(moved, {"rules": round(46.8 - before, 1)})
        self.assertFalse(found["risk"])
        self.assertIn("Segment: Large, now Standard.", found["rules"])
        says = self._says(customer)
        self.assertIn("Segment: Large, now Standard.", says)
        self.assertIn("no change of the customer", says)
        self.assertIn("Segment: Large", str(renewal.with_user(self.csm).explanation))

    def test_history_chart_and_list_say_the_segment_of_each_day(self):
        customer = self._known()
        self._scored_before(customer)
        customer.success_segment_id = self.standard
        self._rescore(customer)
        history = self.env["customer.success.score.history"].with_user(self.csm)
        old, new = history.search([("partner_id", "=", customer.id)], order="date")
        self.assertEqual(old.segment_id + new.segment_id, self.large + self.standard)
        self.assertFalse(old.rules_changed)
        self.assertEqual(new.rules_changed, "Segment: Large, now Standard")
        self.assertEqual((old.health, new.health_shift), (new.health, 0))
        groups = history._read_group([], ["segment_id"], ["health:avg"])
        self.assertIn(self.standard, [segment for segment, _health in groups])
        points = customer.with_user(self.csm).success_history_chart
        self.assertEqual([len(point) for point in points], [3, 4])
        self.assertEqual(points[1][3], "Segment: Large, now Standard")

    def test_the_dashboard_does_not_list_a_customer_that_only_changed_its_segment(self):
        customer = self._known()
        self._weights(self.standard, use=10, barriers=90)
        with freeze_time(days(40)):
            self._rescore(customer)
        customer.success_segment_id = self.standard
        self._rescore(customer)
        dashboard = self.env["customer.success.dashboard"].with_user(self.csm).create({})
        moved = dashboard.content["moved"]
        self.assertFalse(moved["rows"])
        self.assertIn("0 better, 0 worse", moved["summary"])

    def test_changed_weights_of_a_segment_are_told(self):
        customer = self._known()
        self._scored_before(customer)
        before = customer.success_health
        self._weights(self.large, use=10, barriers=90)
        self._rescore(customer)
        moved, found = self._changes(customer)
        self.assertEqual(moved, {"rules": round(46.8 - before, 1)})
        self.assertIn("weights or the expected days of the segment “Large”", found["rules"])

    def test_changed_weights_of_the_factors_are_told(self):
        customer = self._known("X")
        self._scored_before(customer)
        self.factors["use"].with_user(self.manager).weight = 5
        self._rescore(customer)
        moved, found = self._changes(customer)
        self.assertEqual(list(moved), ["rules"])
        self.assertIn("The weights of factors were changed.", found["rules"])

    def test_other_expected_days_are_no_change_of_progress(self):
        self.env["customer.success.factor"].with_context(active_test=False).search(
            [("code", "=", "progress")]
        ).active = True
        usual = self.stages["prepare"].expected_days
        customer = self._known(stage="prepare", success_stage_date=days(usual))
        self._renewal(customer)
        # The score of today's facts by the usual days, kept as that of a day before.
        self._rescore(customer)
        self.env["customer.success.score.history"].search([]).date = days(30)
        self.large.with_user(self.manager).expected_days = 50
        self._rescore(customer)
        moved, found = self._changes(customer)
        self.assertEqual(list(moved), ["rules"])
        self.assertLess(moved["rules"], 0)
        risk = {line["code"]: line["points"] for line in found["risk"]["lines"]}
        self.assertEqual(list(risk), ["rules"])
        self.assertGreater(risk["rules"], 0)

    def test_nothing_is_told_where_nothing_changed(self):
        customer = self._known()
        self._scored_before(customer)
        self._rescore(customer)
        self.assertFalse(self._changes(customer)[1]["rules"])
        self.assertNotIn("Segment:", self._says(customer))

    # ------------------------------------------------------------------------------------------
    # A change of segment hides nothing: cheats
    # ------------------------------------------------------------------------------------------

    def test_a_fall_on_the_day_of_another_segment_is_seen(self):
        customer = self._known()
        self._weights(self.standard, use=90, barriers=10)
        self._scored_before(customer)
        self._usage(customer, active=20, when=days(32), **dict.fromkeys(AS_INTENDED, 25))
        customer.success_segment_id = self.standard
        self._rescore(customer)
        moved, _found = self._changes(customer)
        self.assertLess(moved["use"], -20)
        self.assertIn("rules", moved)
        dashboard = self.env["customer.success.dashboard"].with_user(self.csm).create({})
        [row] = dashboard.content["moved"]["rows"]
        self.assertEqual(row["name"], "Acme")
        self.assertGreater(row["health"][0] - row["health"][1], 20)

    def test_another_segment_with_mild_weights_is_not_an_improvement(self):
        customer = self._known()
        self._weights(self.standard, barriers=0)
        with freeze_time(days(40)):
            self._rescore(customer)
        customer.success_segment_id = self.standard
        self.assertEqual(self._health(customer), 100.0)
        dashboard = self.env["customer.success.dashboard"].with_user(self.csm).create({})
        self.assertIn("0 better", dashboard.content["moved"]["summary"])

    def test_there_and_back_again_leaves_no_trace_in_the_sum(self):
        customer = self._known()
        self._weights(self.standard, use=10, barriers=90)
        self._scored_before(customer)
        for segment in (self.standard, self.large, self.standard, self.large):
            customer.success_segment_id = segment
            self._rescore(customer)
        self.assertEqual(customer.success_score_id.health_shift, 0)
        self.assertFalse(self._changes(customer)[0])

    def test_too_little_known_in_between_loses_nothing(self):
        customer = self._known()
        self._scored_before(customer)
        before = customer.success_health
        self._weights(self.standard, use=10, barriers=90)
        customer.success_segment_id = self.standard
        self.env["ir.config_parameter"].set_param("customer_success.known_enough", "101")
        self._rescore(customer)
        self.assertFalse(customer.success_health)
        self.env["ir.config_parameter"].set_param("customer_success.known_enough", "25")
        self._rescore(customer)
        self.assertEqual(customer.success_score_id.health_shift, round(46.8 - before, 1))

    # ------------------------------------------------------------------------------------------
    # Two that both fit, none that fits
    # ------------------------------------------------------------------------------------------

    def _note(self, customer):
        return str(customer.with_user(self.csm).success_segment_note or "")

    def test_the_customer_says_which_segments_fit(self):
        both = self._segment("Both & All", 30, "[('ref', '!=', False)]")
        large, none = self._customer(ref="L1"), self._customer("None")
        self.assertIn("Also fits: Both &amp; All.", self._note(large))
        self.assertIn("No segment fits", self._note(none))
        self.assertFalse(self._note(self._customer("Gone", success_stage_id=False)))
        large.with_user(self.csm).success_segment_id = both
        self.assertIn("The filters would choose “Large”", self._note(large))
        none.with_user(self.csm).success_segment_id = both
        self.assertIn("By the filters, no segment fits", self._note(none))
        self.segments.with_context(active_test=False).search([]).unlink()
        self.assertFalse(self._note(none))

    def test_the_segment_says_how_many_no_segment_fits(self):
        self._customer("None")
        said = self.large.with_user(self.manager).explanation
        self.assertRegex(said, r"Customers whom no segment fits, .*: \d+\.")

    def test_a_broken_filter_keeps_no_customer_from_opening(self):
        customer = self._customer(ref="L1")
        self.large.flush_recordset()
        self.env.cr.execute(
            "UPDATE customer_success_segment SET domain = %s WHERE id = %s",
            ["[('create_date', '=', 'yesterday evening')]", self.standard.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self._note(customer))

    # ------------------------------------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------------------------------------

    def test_a_csm_reads_weights_and_only_a_manager_changes_them(self):
        self._weights(self.large, use=10)
        segment = self.large.with_user(self.csm)
        self.assertEqual(segment.weights, {"use": 10})
        self.assertIn("Use 10 instead of 30", segment.scoring)
        line = segment.weight_ids
        for act in (
            lambda: line.write({"weight": 1}),
            lambda: line.unlink(),
            lambda: line.copy({"factor_id": self.factors["barriers"].id}),
            lambda: segment.write({"health_good": 1}),
            lambda: segment.write({"weights": {"use": 1}}),
            lambda: segment.write({"weight_ids": [Command.clear()]}),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                act()
        with self.assertRaises(AccessError):
            self.env["customer.success.segment.weight"].with_user(self.sales).search([])
        for user in (self.csm, self.manager, self.sales):
            with self.assertRaises(AccessError):
                self.env["customer.success.score.rules"].with_user(user).search([])

    def test_weights_of_other_companies_are_hidden(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.segments.create(
            {"name": "Theirs", "company_id": other.id, "weights": {"use": 1}}
        )
        lines = self.env["customer.success.segment.weight"].with_user(self.manager)
        self.assertFalse(lines.search([("segment_id", "=", theirs.id)]))

    def test_a_segment_of_a_playbook_is_not_deleted(self):
        play = self.env.ref("customer_success.customer_success_play_stalled")
        play.with_user(self.manager).segment_ids = self.large
        with self.assertRaisesRegex(UserError, "runs for this segment only"):
            self.large.with_user(self.manager).unlink()
        self.large.with_user(self.manager).active = False
