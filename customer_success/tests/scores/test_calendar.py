from datetime import date
from itertools import pairwise

from odoo.tests import freeze_time, tagged

from ..common import TODAY
from ..years.years_common import YearsCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCalendar(YearsCase):
    """A year is one of the calendar, also with a leap day in it."""

    def test_who_went_live_on_a_leap_day(self):
        customer = self._customer(success_go_live_date="2024-02-29")
        for day, year in (("2025-02-28", 1), ("2025-03-01", 2), ("2026-02-28", 2)):
            with self.subTest(day=day), freeze_time(day):
                self.env.invalidate_all()
                running = self._year(customer, year)
                self.assertTrue(running.is_running)
                self.assertLessEqual(running.date_from, date.fromisoformat(day))
                self.assertGreaterEqual(running.date_to, date.fromisoformat(day))
                objective = self.env["customer.success.objective"].create(
                    {"name": "Half the paper", "partner_id": customer.id, "date_due": day}
                )
                self.assertEqual(objective.year_live, year)

    def test_the_years_of_a_leap_day_leave_no_day_out(self):
        customer = self._customer(success_go_live_date="2020-02-29")
        self._rescore(customer)
        years = self.env["customer.success.year"].search(
            [("partner_id", "=", customer.id)], order="year"
        )
        self.assertEqual(len(years), 7)
        for former, later in pairwise(years):
            self.assertEqual((later.date_from - former.date_to).days, 1)
        self.assertEqual(years[4].date_from, date(2024, 2, 29))

    def test_a_renewal_in_a_year_is_due_within_it_also_over_a_leap_day(self):
        customer = self._customer()
        self._usage(customer)
        other = self.env["product.product"].create({"name": "Later"})
        for today in ("2027-06-15", "2026-06-15"):
            with self.subTest(today=today), freeze_time(today):
                self.env.invalidate_all()
                day = date.fromisoformat(today)
                near = self._renewal(customer, 1000, date_renewal=day.replace(year=day.year + 1))
                far = self._renewal(
                    customer,
                    1000,
                    date_renewal=day.replace(year=day.year + 1, day=16),
                    product_id=other.id,
                )
                score = self._rescore(customer)
                self.assertAlmostEqual(score.value_at_risk, near.value_at_risk, 2)
                (near | far).active = False

    def test_the_years_as_a_customer_change_on_the_anniversary(self):
        customer = self._customer()
        renewal = self._renewal(customer, date_start="2024-06-15", date_renewal="2028-06-15")
        risks = []
        for day in ("2026-06-14", "2026-06-15", "2027-06-14", "2027-06-15"):
            with freeze_time(day):
                self.env.invalidate_all()
                if day.endswith("14"):
                    self._usage(customer, when=date.fromisoformat(day).replace(day=1, month=5))
                self._rescore(customer)
                lines = renewal.score_id.breakdown["lines"]
                risks.append(lines.get("tenure", 0))
        self.assertGreater(risks[0], 0, "one year")
        self.assertEqual(risks[1:3], [0, 0], "two years")
        self.assertLess(risks[3], 0, "three years")
