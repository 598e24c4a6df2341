from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .fair_common import FairCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFair(FairCase):
    """A figure is judged for what it is, and the words say what is, not what a formula has cut off."""

    def _quarter(self, months, active):
        """Record three months of use that begin this many months ago."""
        for month in range(months, months - 3, -1):
            day = days(0).replace(day=1)
            year, place = divmod(day.year * 12 + day.month - 1 - month, 12)
            self._usage(self.customer, active=active, when=day.replace(year=year, month=place + 1))

    # ------------------------------------------------------------------------------------------
    # Words show the fact, formulas cap
    # ------------------------------------------------------------------------------------------

    def test_a_barrier_of_400_days_is_open_since_its_day(self):
        barrier = self._barrier(self.customer, date_opened=days(400))
        self.assertIn("open since 05/11/2025", self._lines())
        self.assertNotIn("180 days", self._lines())
        before = self._factor("barriers")["value"]
        barrier.date_opened = days(180)
        self.assertEqual(
            self._factor("barriers")["value"], before, "the formula goes up to 180 days"
        )

    def test_a_go_live_200_days_late_shows_its_day(self):
        customer = self._customer("Late", "prepare", success_go_live_date=days(200))
        self._usage(customer)
        self._barrier(customer)
        self.assertIn("Go-live was planned for 11/27/2025", self._lines(customer))
        self.assertNotIn("90 days", self._lines(customer))

    def test_a_stage_of_1000_days_shows_since_when(self):
        customer = self._customer("Slow", success_stage_date=days(1000))
        self._usage(customer)
        self.assertIn("In its stage since 09/19/2023; 180 days are expected", self._lines(customer))

    def test_nothing_changes_from_day_to_day_once_the_formula_is_at_its_end(self):
        self._barrier(self.customer, date_opened=days(400))
        score = self._rescore(self.customer)
        fingerprint = score.fingerprint
        with freeze_time(days(-1)):
            self.env.invalidate_all()
            self.assertEqual(self._rescore(self.customer).fingerprint, fingerprint)

    # ------------------------------------------------------------------------------------------
    # A year says more than a quarter
    # ------------------------------------------------------------------------------------------

    def test_the_year_weighs_more_than_the_quarter_as_soon_as_it_is_known(self):
        self._quarter(6, 80)
        self._quarter(3, 40)
        quarter_alone = self._factor("trend")["value"]
        self.assertLess(quarter_alone, 20)
        self._quarter(15, 40)
        line = self._factor("trend")
        self.assertEqual(line["evidence"]["year"], 0)
        self.assertAlmostEqual(line["value"], (quarter_alone + 2 * 70) / 3, 1)

    # ------------------------------------------------------------------------------------------
    # People of two products do not add up
    # ------------------------------------------------------------------------------------------

    def test_people_of_two_products_do_not_fill_the_seats_of_one_renewal(self):
        other = self.env["product.product"].create({"name": "Reporter"})
        renewal = self._renewal(self.customer, product_id=False, seats=50)
        self._usage(self.customer, licensed=50, active=26)
        self._rescore(self.customer)
        alone = renewal.contraction_risk
        self.assertGreater(alone, 20)
        self._usage(self.customer, licensed=50, active=26, product_id=other.id)
        self._rescore(self.customer)
        self.assertEqual(renewal.contraction_risk, alone)
        self.assertLess(renewal.expected_seats, 50)

    # ------------------------------------------------------------------------------------------
    # New licences are expected to be used later
    # ------------------------------------------------------------------------------------------

    def test_innocent_who_buys_more_licences_loses_nothing(self):
        self._months(*[(100, 92)] * 8)
        before = self._factor("use")["value"]
        self.assertEqual(before, 100)
        usage = self.env["customer.success.usage"].search(
            [("partner_id", "=", self.customer.id)], order="date desc", limit=1
        )
        usage.write({"licensed_users": 200, "active_users": 95})
        line = self._factor("use")
        self.assertGreaterEqual(line["value"], before)
        self.assertEqual(line["evidence"]["adoption"], 47.5, "what is shown stays as it is")
        self.assertIn("of the licences are so new that their use is expected later", self._lines())
        self.env["customer.success.symptom.flag"]._check(self.customer.ids)
        self.assertFalse(self.customer.success_symptom_flag_ids)

    def test_new_licences_are_expected_to_be_used_half_a_year_later(self):
        self._months(*[(100, 92)] * 8, (200, 95))
        values = [self._factor("use")["value"]]
        for age in (40, 70, 100, 170):
            with freeze_time(days(-age)):
                values.append(self._factor("use")["value"])
        self.assertEqual(values, sorted(values, reverse=True))
        self.assertLess(values[-1], 65)

    def test_innocent_a_second_product_starts_like_a_first(self):
        other = self.env["product.product"].create({"name": "Reporter"})
        self._months(*[(100, 92)] * 8)
        self._months((100, 20), product=other)
        self.assertIn("of the licences are so new that their use is expected later", self._lines())
        self.assertEqual(self._factor("use")["value"], 100)

    def test_cheat_licences_given_back_and_taken_again_are_not_new(self):
        self._months(*[(100, 30)] * 6, (50, 30), (100, 30))
        self.assertNotIn("coming", self._factor("use")["evidence"])

    def test_cheat_the_first_figures_ever_are_not_of_new_licences(self):
        self._months((100, 30))
        self.assertNotIn("coming", self._factor("use")["evidence"])

    def test_cheat_more_licences_do_not_excuse_who_does_not_use_the_old_ones(self):
        self._months(*[(100, 20)] * 8)
        before = self._factor("use")["value"]
        usage = self.env["customer.success.usage"].search(
            [("partner_id", "=", self.customer.id)], order="date desc", limit=1
        )
        usage.licensed_users = 200
        self.assertLessEqual(self._factor("use")["value"], before)

    # ------------------------------------------------------------------------------------------
    # A time of year is compared with the same time of earlier years
    # ------------------------------------------------------------------------------------------

    def test_innocent_a_school_is_not_accused_each_time_of_year(self):
        self._school(15, 15, 15)
        self.assertGreater(self._factor("use")["value"], 90)
        self.assertGreaterEqual(self._factor("trend")["value"], 60)
        self.assertIn("As every year at this time", self._lines())
        self.env["customer.success.symptom.flag"]._check(self.customer.ids)
        self.assertFalse(self.customer.success_symptom_flag_ids)

    def test_innocent_a_school_in_its_second_year_is_not_accused(self):
        self._school(15, 15)
        self.assertGreater(self._factor("use")["value"], 90)

    def test_a_worse_season_than_before_is_seen(self):
        self._school(15, 15, 15)
        usual_use, usual_trend = self._factor("use")["value"], self._factor("trend")["value"]
        self.customer.success_usage_ids.unlink()
        self._school(15, 15, 7)
        self.assertLess(self._factor("use")["value"], usual_use - 30)
        self.assertLess(self._factor("trend")["value"], usual_trend - 20)

    def test_cheat_one_bad_season_of_the_past_excuses_nothing(self):
        self._school(95, 15, 15)
        self.assertLess(self._factor("use")["value"], 30)

    def test_cheat_a_start_is_no_season(self):
        self._months(*[(100, 5)] * 1, (100, 20), (100, 20), *[(100, 90)] * 11, (100, 20))
        self.assertLess(self._factor("use")["value"], 30)

    def test_cheat_use_that_is_always_low_has_no_season(self):
        self._months(*[(100, 12)] * 30)
        self.assertLess(self._factor("use")["value"], 20)

    # ------------------------------------------------------------------------------------------
    # Losing the figures is never the better choice
    # ------------------------------------------------------------------------------------------

    def _silent(self, active, *ages, **vals):
        """Record use whose last figures are 20 days old, and return the scores now and after so many days more."""
        for age in range(20, 260, 30):
            self._usage(self.customer, active=active, when=days(age).replace(day=1), **vals)
        self._barrier(self.customer, "1", date_opened=days(300))
        scores = []
        for age in (0, *ages):
            with freeze_time(days(-age)):
                self.env.invalidate_all()
                score = self._rescore(self.customer)
                scores.append((score.health, score.renewal_risk, score.value_at_risk))
        return scores

    def test_bad_use_that_goes_silent_never_reads_better(self):
        self._renewal(self.customer, date_renewal=days(-800))
        now, *later = self._silent(12, 90, 130, 200, 400, 700)
        for health, risk, at_risk in later:
            self.assertLess(health, now[0])
            self.assertGreaterEqual(risk, now[1])
            self.assertGreaterEqual(at_risk, now[2])

    def test_good_use_that_goes_silent_falls_little_by_little(self):
        healths = [
            health for health, _risk, _money in self._silent(90, 100, 120, 160, 220, 290, 350)
        ]
        self.assertEqual(healths, sorted(healths, reverse=True))
        self.assertGreater(healths[0] - healths[-1], 10)
        with freeze_time(days(-400)):
            self.assertIn("Nothing new since the period from 05/01/2026", self._lines())

    def test_silence_is_of_each_product(self):
        other = self.env["product.product"].create({"name": "Reporter"})
        self._usage(self.customer, active=90)
        alone = self._factor("use")["value"]
        self._usage(self.customer, active=90, product_id=other.id, when=days(300))
        self.assertLess(self._factor("use")["value"], alone)
        self.assertRegex(self._lines(), r"Reporter, \d\d of 100: Nothing new since the period from")
        self.assertIn("Planner, 100 of 100: 90 of 100", self._lines())

    def test_innocent_a_product_whose_licences_ended_is_over_and_not_silent(self):
        former = self.env["product.product"].create({"name": "Former"})
        self._usage(self.customer, active=90)
        alone = self._factor("use")["value"]
        self._usage(self.customer, active=5, product_id=former.id, when=days(150))
        self.assertLess(self._factor("use")["value"], alone)
        self.assertTrue(self.customer.success_is_silent)
        renewal = self._renewal(
            self.customer, product_id=former.id, date_start=days(500), date_renewal=days(135)
        )
        renewal.write({"outcome": "churned", "date_outcome": days(140)})
        self.assertEqual(self._factor("use")["value"], alone)
        self.assertFalse(self.customer.success_is_silent)

    def test_innocent_a_product_with_no_more_licences_is_over(self):
        former = self.env["product.product"].create({"name": "Former"})
        self._usage(self.customer, active=90)
        alone = self._factor("use")["value"]
        self._usage(self.customer, 0, 0, product_id=former.id, when=days(150))
        self.assertEqual(self._factor("use")["value"], alone)

    def test_innocent_a_delivery_that_comes_late_leaves_nothing_behind(self):
        self._usage(self.customer, active=90, when=days(200))
        silent = self._factor("use")
        self.assertIn("silent_since", silent["evidence"])
        self._usage(self.customer, active=90)
        line = self._factor("use")
        self.assertNotIn("silent_since", line["evidence"])
        self.assertEqual(line["value"], 100)

    def test_old_figures_raise_no_new_symptom_and_meet_no_condition(self):
        self._usage(self.customer, active=12, when=days(200))
        self.env["customer.success.symptom.flag"]._check(self.customer.ids)
        self.assertFalse(self.customer.success_symptom_flag_ids)
        self._usage(self.customer, active=95, when=days(190))
        self.assertNotIn("adoption", self._factor("progress")["evidence"]["met"])

    # ------------------------------------------------------------------------------------------
    # A year is a year of the calendar
    # ------------------------------------------------------------------------------------------

    def test_the_year_of_an_objective_changes_on_the_day_of_go_live(self):
        self.customer.success_go_live_date = "2022-01-01"
        objective = self.env["customer.success.objective"].create(
            {"name": "Half the paper", "partner_id": self.customer.id}
        )
        for due, year in (
            ("2022-01-01", 1),
            ("2022-12-31", 1),
            ("2023-01-01", 2),
            ("2024-12-31", 3),
            ("2025-01-01", 4),
            ("2032-01-01", 11),
            ("2021-12-31", 0),
        ):
            with self.subTest(due=due):
                objective.date_due = due
                self.assertEqual(objective.year_live, year)
