from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .plays_common import PlaysCase


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestPlaySegments(PlaysCase):
    """A playbook may be for some segments only, and another segment is no event that starts one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segments = cls.env["customer.success.segment"].with_user(cls.manager)
        cls.segments.search([]).unlink()
        cls.large = cls.segments.create(
            {"name": "Large", "sequence": 1, "domain": "[('ref', '=like', 'L%')]"}
        )
        cls.standard = cls.segments.create(
            {"name": "Standard", "sequence": 2, "domain": "[('ref', '=like', 'S%')]"}
        )
        cls.late = {"success_stage_date": days(200)}

    def _was_in(self, customer, segment, *risks):
        """Record the scores of some days in this segment."""
        self._history(customer, *risks)
        history = self.env["customer.success.score.history"]
        history.search([("partner_id", "=", customer.id), ("segment_id", "=", False)]).write(
            {"segment_id": segment.id}
        )
        customer.success_score_id.segment_id = segment

    # The segment as a condition ------------------------------------------------------------------

    def test_it_runs_for_customers_of_its_segments_only(self):
        large = self._customer("L", ref="L1", **self.late)
        standard = self._customer("S", ref="S1", **self.late)
        none = self._customer("None", **self.late)
        play = self._play("stalled")
        play.with_user(self.manager).segment_ids = self.large
        self._evaluate(large, standard, none)
        found = self.runs.search([("play_id", "=", play.id)])
        self.assertEqual(found.partner_id, large)

    def test_without_segments_it_runs_for_all_also_for_those_without_one(self):
        customers = self._customer("L", ref="L1", **self.late) | self._customer("None", **self.late)
        play = self._play("stalled")
        self._evaluate(customers)
        self.assertEqual(self.runs.search([("play_id", "=", play.id)]).partner_id, customers)

    def test_a_segment_that_a_person_set_counts_as_well(self):
        customer = self._customer("S", ref="S1", **self.late)
        customer.with_user(self.csm).success_segment_id = self.large
        self._play("stalled", segment_ids=self.large.ids)
        self.assertEqual(self._evaluate(customer), 1)

    def test_an_archived_segment_runs_nothing(self):
        customer = self._customer("L", ref="L1", **self.late)
        self._play("stalled", segment_ids=self.large.ids)
        self.large.active = False
        self.assertEqual(self._evaluate(customer), 0)

    def test_a_csm_does_not_change_the_segments_of_a_playbook(self):
        play = self._play("stalled")
        with self.assertRaises(AccessError):
            play.with_user(self.csm).segment_ids = self.large

    # Another segment is no rise of the risk: innocents ----------------------------------------------

    def test_stricter_bands_of_another_segment_are_no_rise(self):
        play = self._play("risk_band")
        self.large.write({"risk_high": 30})
        customer = self._customer(ref="L1")
        self._was_in(customer, self.standard, (30, 10), (20, 35))
        self._was_in(customer, self.large, (5, 35))
        customer.success_score_id.risk_band = "high"
        self._evaluate(customer)
        self.assertFalse(self._reasons(play, customer))

    def test_a_risk_that_only_the_rules_raised_is_no_rise(self):
        play = self._play("risk_band")
        customer = self._customer(ref="L1")
        self._was_in(customer, self.large, (30, 35), (20, 34), (5, 44))
        history = self.env["customer.success.score.history"]
        history.search([("partner_id", "=", customer.id)], limit=1).risk_shift = 10
        customer.success_score_id.risk_shift = 10
        self._evaluate(customer)
        self.assertFalse(self._reasons(play, customer))

    def test_a_view_that_another_segment_contradicts_is_no_news(self):
        play = self._play("views_differ")
        self.large.write({"risk_high": 30})
        customer = self._customer(ref="L1", success_sentiment="confident")
        customer.success_sentiment_date = days(20)
        self._was_in(customer, self.standard, (30, 35), (10, 35))
        self._was_in(customer, self.large, (5, 35))
        customer.success_score_id.risk_band = "high"
        self._evaluate(customer)
        self.assertFalse(self._reasons(play, customer))
        customer.success_sentiment_date = days(1)
        self._evaluate(customer)
        self.assertTrue(self._reasons(play, customer), "a view that was given since then counts")

    def test_a_view_that_only_other_weights_contradict_is_no_news(self):
        play = self._play("views_differ")
        customer = self._customer(ref="L1", success_sentiment="confident")
        customer.success_sentiment_date = days(25)
        self._was_in(customer, self.large, (30, 35), (20, 35), (5, 45))
        self._reweigh(customer, 10)
        self._evaluate(customer)
        self.assertFalse(self._reasons(play, customer))
        customer.success_sentiment_date = days(1)
        self._evaluate(customer)
        self.assertTrue(self._reasons(play, customer), "a view that was given since then counts")

    def test_a_view_that_another_segment_contradicts_after_a_quiet_month_is_no_news(self):
        play = self._play("views_differ")
        self.large.write({"risk_high": 30})
        customer = self._customer(ref="L1", success_sentiment="confident")
        customer.success_sentiment_date = days(20)
        self._was_in(customer, self.standard, (30, 35))
        self._was_in(customer, self.large, (5, 35))
        customer.success_score_id.risk_band = "high"
        self._evaluate(customer)
        self.assertFalse(self._reasons(play, customer))

    def test_a_worried_view_that_only_other_weights_contradict_is_no_news(self):
        play = self._play("views_differ")
        customer = self._customer(ref="L1", success_sentiment="worried")
        customer.success_sentiment_date = days(25)
        self._was_in(customer, self.large, (30, 25), (5, 12))
        self._reweigh(customer, -13)
        self._evaluate(customer)
        self.assertFalse(self._reasons(play, customer))

    def test_other_weights_hide_no_view_that_differed_before(self):
        for points, shift in (((30, 50), (5, 55)), 5), (((30, 20), (5, 55)), 5):
            with self.subTest(points=points):
                play = self._play("views_differ")
                customer = self._customer(success_sentiment="confident")
                customer.success_segment_id = self.large
                customer.success_sentiment_date = days(25)
                self._was_in(customer, self.large, *points)
                self._reweigh(customer, shift)
                self._evaluate(customer)
                self.assertTrue(self._reasons(play, customer))

    def _reweigh(self, customer, shift):
        """Let other weights have moved the risk by so many points on the last day of the history."""
        history = self.env["customer.success.score.history"]
        history.search([("partner_id", "=", customer.id)], limit=1).risk_shift = shift
        customer.success_score_id.risk_shift = shift

    # Another segment hides no rise: cheats -----------------------------------------------------------

    def test_a_rise_on_the_day_of_another_segment_starts_it(self):
        play = self._play("risk_band")
        customer = self._customer(ref="L1")
        self._was_in(customer, self.standard, (30, 10), (20, 12))
        self._was_in(customer, self.large, (5, 52))
        self._evaluate(customer)
        self.assertEqual(self._reasons(play, customer), ["The churn risk has become high: 52 %"])

    def test_a_rise_after_another_segment_starts_it(self):
        play = self._play("risk_band")
        customer = self._customer(ref="L1")
        self._was_in(customer, self.standard, (30, 10))
        self._was_in(customer, self.large, (20, 12), (5, 52))
        self._evaluate(customer)
        self.assertEqual(len(self._reasons(play, customer)), 1)

    def test_mild_rules_do_not_hide_a_rise(self):
        play = self._play("risk_band")
        customer = self._customer(ref="L1")
        # It rose by 20 by itself; the rules took 5 of it.
        self._was_in(customer, self.large, (30, 30), (5, 45))
        history = self.env["customer.success.score.history"]
        history.search([("partner_id", "=", customer.id)], limit=1).risk_shift = -5
        customer.success_score_id.risk_shift = -5
        self._evaluate(customer)
        self.assertEqual(len(self._reasons(play, customer)), 1)

    def test_bands_of_the_segment_decide_what_high_is(self):
        play = self._play("risk_band")
        self.large.write({"risk_high": 60, "risk_critical": 90})
        customer = self._customer(ref="L1")
        self._was_in(customer, self.large, (30, 10), (20, 50), (5, 62))
        customer.success_score_id.risk_band = "high"
        self._evaluate(customer)
        self.assertEqual(self.runs.search([("play_id", "=", play.id)]).date_cause, days(5))

    def test_falling_use_starts_it_in_any_segment(self):
        play = self._play("falling", percent=20)
        customer = self._customer(ref="L1")
        self._was_in(customer, self.standard, (30, 10))
        self._was_in(customer, self.large, (5, 10))
        self._evaluate(customer)
        self.assertFalse(self._reasons(play, customer))
        customer.success_score_id.write({"usage_date": days(14), "change_quarter": -34})
        self._evaluate(customer)
        self.assertEqual(len(self._reasons(play, customer)), 1)
