from odoo.tests import freeze_time, tagged

from .common import TODAY, SuccessCase


# The day of the tests is a Monday: the week that started on Sunday, 14 June, has run for one day.
@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestWeekStart(SuccessCase):
    """A source says on which day its weeks start; a week that still runs is not taken for one that is over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(ref="C-1")

    def _ingest(self, *rows):
        return self.env["customer.success.usage"].with_user(self.csm).ingest(list(rows))

    def _week(self, day, active, start="sunday", **vals):
        row = self._row(
            self.customer, date=day, period="week", licensed_users=100, active_users=active, **vals
        )
        return {**row, "week_start": start} if start else row

    def _days(self):
        return sorted(str(day) for day in self.customer.success_usage_ids.mapped("date"))

    def _adoption(self):
        score = self._rescore(self.customer)
        return {line["code"]: line for line in score.breakdown["factors"]}["use"]["evidence"][
            "adoption"
        ]

    # -- innocents ------------------------------------------------------------------------------

    def test_a_week_that_started_on_sunday_is_not_over_on_monday(self):
        self._ingest(self._week("2026-06-07", 90))
        before = self._adoption()
        self._ingest(self._week("2026-06-14", 8))
        self.assertEqual(self._days(), ["2026-06-07", "2026-06-14"])
        self.assertEqual((before, self._adoption()), (90, 90))
        with freeze_time("2026-06-21"):
            self.assertEqual(self._adoption(), 8)

    def test_any_day_of_the_week_is_the_same_week(self):
        answer = self._ingest(self._week("2026-06-10", 90), self._week("2026-06-07", 80))
        self.assertEqual((answer["created"], answer["rejected_count"]), (1, 1))
        answer = self._ingest(self._week("2026-06-13", 90, start="Sunday "))
        self.assertEqual(answer["unchanged"], 1)
        self.assertEqual(self._days(), ["2026-06-07"])

    def test_without_it_weeks_start_on_monday(self):
        self._ingest(
            self._week("2026-05-24", 90, start=None),
            self._week("2026-05-31", 90, start=""),
            self._week("2026-06-07", 90, start=None, week_start=None),
            self._week("2026-06-14", 90, start="monday"),
        )
        self.assertEqual(self._days(), ["2026-05-18", "2026-05-25", "2026-06-01", "2026-06-08"])

    # -- cheats and mistakes --------------------------------------------------------------------

    def test_a_day_that_is_none_is_refused(self):
        answer = self._ingest(self._week("2026-06-07", 90, start="sun"))
        [line] = answer["rejected"]
        self.assertEqual((line["field"], line["code"]), ("week_start", "no_option"))
        self.assertIn("sunday", line["message"])

    def test_a_month_starts_on_its_first_day_whatever_the_week(self):
        self._ingest(self._row(self.customer, week_start="sunday"))
        self.assertEqual(self._days(), ["2026-05-01"])

    def test_a_week_does_not_start_tomorrow(self):
        answer = self._ingest(self._week("2026-06-21", 100))
        self.assertEqual(answer["rejected"][0]["field"], "date")

    # -- files ----------------------------------------------------------------------------------

    def test_files_say_it_in_a_column(self):
        columns = ["customer_ref", "product_code", "date", "period", "active_users", "week_start"]
        intake = self.env["customer.success.usage.intake"].with_user(self.csm)
        row = ["C-1", "PLANNER", "2026-06-10", "week", "90", "sunday"]
        self.assertFalse(intake.load(columns, [row])["messages"])
        self.assertEqual(self._days(), ["2026-06-07"])
        columns = ["reference", "customer", "product", "usage_date", "usage_period", "active_users"]
        intake = self.env["customer.success.intake"].with_user(self.manager)
        row = ["C-1", "Acme", "PLANNER", "2026-06-05", "week", "90", "sunday"]
        self.assertFalse(intake.load([*columns, "week_start"], [row])["messages"])
        self.assertEqual(self._days(), ["2026-05-31", "2026-06-07"])
