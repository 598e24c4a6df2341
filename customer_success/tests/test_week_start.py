from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

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

    # -- rows that do not say it ----------------------------------------------------------------

    def _unsaid(self, *days, active=90, **vals):
        rows = [self._week(day, active, start=None, **vals) for day in days]
        rows[-1]["active_users"] = 8
        return self._ingest(*rows)

    def test_the_running_week_is_not_taken_as_over_if_weeks_may_start_on_another_day(self):
        answer = self._unsaid("2026-05-24", "2026-05-31", "2026-06-07", "2026-06-14")
        self.assertEqual(self._adoption(), 90)
        [line] = answer["rejected"]
        self.assertEqual(
            (line["row"], line["code"], line["field"]), (3, "week_start", "week_start")
        )
        self.assertIn("Write sunday or monday in the column “week_start”", line["message"])
        [warning] = answer["warnings"]
        self.assertEqual((warning["row"], warning["code"]), (0, "week_start"))
        self.assertIn("All weekly dates fall on a sunday", warning["message"])
        with freeze_time("2026-06-21"):
            answer = self._unsaid("2026-06-07", "2026-06-14")
        self.assertEqual((answer["created"], answer["rejected_count"]), (1, 0), "over either way")

    def test_each_other_day_is_asked_about(self):
        for day, name in (
            ("2026-06-09", "tuesday"),
            ("2026-06-10", "wednesday"),
            ("2026-06-11", "thursday"),
            ("2026-06-12", "friday"),
            ("2026-06-13", "saturday"),
        ):
            with self.subTest(day=day):
                self.env["customer.success.usage.delivery"].sudo().search([]).weekdays = False
                before = str(date.fromisoformat(day) - timedelta(days=7))
                answer = self._unsaid(before, day)
                self.assertEqual(answer["rejected"][0]["row"], 1)
                self.assertIn(f"Write {name} or monday", answer["warnings"][0]["message"])

    def test_one_date_that_may_be_the_first_day_of_the_running_week_is_asked_about(self):
        answer = self._unsaid("2026-06-14")
        self.assertEqual((answer["rejected_count"], len(answer["warnings"])), (1, 1))
        self.assertFalse(self._days())

    def test_a_source_that_sends_every_day_of_its_week_is_seen_through(self):
        with freeze_time("2026-06-13"):
            self._unsaid("2026-05-31", "2026-06-07")
        with freeze_time("2026-06-16"):
            self.assertEqual(self._unsaid("2026-06-14")["rejected_count"], 1)
        self.assertNotIn("2026-06-08", self._days())

    def test_a_file_is_asked_about_the_week_that_may_still_run(self):
        columns = ["customer_ref", "product_code", "date", "period", "active_users"]
        intake = self.env["customer.success.usage.intake"].with_user(self.csm)
        rows = [["C-1", "PLANNER", day, "week", "90"] for day in ("2026-06-07", "2026-06-14")]
        [message] = intake.load(columns, rows)["messages"]
        self.assertEqual((message["record"], message["field"]), (1, "week_start"))

    # Innocents: weeks from Monday, or days of the week that were measured

    def test_weeks_that_start_on_monday_are_not_asked_about(self):
        answer = self._unsaid("2026-06-01", "2026-06-08")
        self.assertEqual((answer["created"], answer["warnings"]), (2, []))

    def test_a_source_that_sends_on_any_day_is_not_asked_about(self):
        for day in ("2026-06-10", "2026-06-11", "2026-06-13", "2026-06-14"):
            with freeze_time(day):
                answer = self._unsaid(day)
                self.assertEqual((answer["rejected"], answer["warnings"]), ([], []))
        answer = self._unsaid("2026-06-14")
        self.assertEqual((answer["rejected"], answer["warnings"]), ([], []))
        self.assertEqual(self._days(), ["2026-06-08"])

    def test_who_says_that_sunday_is_the_last_day_is_not_asked_about(self):
        answer = self._unsaid("2026-06-07", "2026-06-14", week_start="monday")
        self.assertEqual((answer["created"], answer["warnings"]), (2, []))
        self.assertEqual(self._days(), ["2026-06-01", "2026-06-08"])

    def test_months_are_not_asked_about(self):
        rows = [self._row(self.customer, date=day) for day in ("2026-05-31", "2026-04-26")]
        self.assertEqual(self._ingest(*rows)["warnings"], [])

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

    # -- Odoo's own import, forms and programs --------------------------------------------------

    def _load(self, *weeks, **said):
        """Load weeks, each ``(day, active users)``, by Odoo's own import; return its messages."""
        columns = ["partner_id/.id", "product_id/.id", "source", "period", "date"]
        columns += ["licensed_users", "active_users", *said]
        key = [str(self.customer.id), str(self.product.id), "measured", "week"]
        rows = [[*key, day, "100", str(active), *said.values()] for day, active in weeks]
        return (
            self.env["customer.success.usage"].with_user(self.csm).load(columns, rows)["messages"]
        )

    def _form(self, day, active):
        usages = self.env["customer.success.usage"].with_user(self.csm)
        form = Form(usages.with_context(success_by_hand=True))
        form.partner_id, form.product_id = self.customer, self.product
        form.source, form.period, form.date = "measured", "week", day
        form.licensed_users, form.active_users = 100, active
        return form

    def test_odoos_own_import_asks_about_the_week_that_may_still_run(self):
        message = self._load(("2026-06-07", 90), ("2026-06-14", 8))[-1]
        self.assertEqual(message["record"], 1)
        self.assertIn("This week may still run", message["message"])
        self.assertIn("sunday or monday", message["message"])
        self.assertFalse(self._days(), "nothing is stored before the answer")
        self.assertFalse(self._load(("2026-06-07", 90)))
        self.assertEqual(self._adoption(), 90)
        self.assertTrue(self._load(("2026-06-14", 8)), "alone as well")
        self.assertFalse(self._load(("2026-06-14", 8), week_start="sunday"))
        self.assertIn("2026-06-14", self._days())
        self.assertEqual(self._adoption(), 90)
        with freeze_time("2026-06-21"):
            self.assertEqual(self._adoption(), 8)

    def test_the_form_asks_about_the_week_that_may_still_run(self):
        self._form("2026-06-07", 90).save()
        form = self._form("2026-06-14", 8)
        self.assertTrue(form.is_week_asked)
        with self.assertRaisesRegex(AssertionError, "week_start is a required field"):
            form.save()
        form.week_start = "sunday"
        form.save()
        self.assertEqual(self._days(), ["2026-06-01", "2026-06-14"])
        self.assertEqual(self._adoption(), 90)
        form = self._form("2026-06-14", 9)
        form.week_start = "sunday"
        self.assertTrue(form.standing_id, "the week that starts on Sunday stands")
        form.figure_reason = "One more came back on that day"
        form.save()
        self.assertEqual(len(self._days()), 2)

    def test_programs_are_asked_as_well_when_they_enter_or_move_a_week(self):
        usages = self.env["customer.success.usage"].with_user(self.csm)
        vals = {"partner_id": self.customer.id, "product_id": self.product.id, "active_users": 8}
        for day in ("2026-06-09", "2026-06-12", "2026-06-14"):
            with self.subTest(day=day):
                with self.assertRaisesRegex(UserError, "may still run"):
                    usages.create({**vals, "period": "week", "date": day})
                with self.assertRaisesRegex(UserError, "may still run"):
                    usages.with_context(default_period="week").create({**vals, "date": day})
        usage = usages.create({**vals, "period": "week", "date": "2026-06-01"})
        with self.assertRaisesRegex(UserError, "may still run"):
            usage.date = "2026-06-14"
        usage.write({"date": "2026-06-14", "week_start": "sunday"})
        self.assertEqual(str(usage.date), "2026-06-14")

    def test_a_week_that_starts_on_sunday_keeps_its_day_when_it_is_written_again(self):
        self._ingest(self._week("2026-06-07", 90))
        usage = self.customer.success_usage_ids.with_user(self.manager)
        for vals in (
            {"period": "week"},
            {"date": "2026-06-07"},
            {"date": "2026-06-07", "period": "week"},
        ):
            usage.write(vals)
            self.assertEqual(self._days(), ["2026-06-07"])

    # Innocents: nothing to ask

    def test_innocent_monday_other_days_and_weeks_that_are_over_are_not_asked(self):
        self.assertFalse(self._load(("2026-06-08", 90)))
        self.assertFalse(self._load(("2026-06-15", 7)), "it runs either way")
        self.assertFalse(self._load(("2026-06-07", 80)))
        with freeze_time("2026-06-21"):
            self.assertFalse(self._form("2026-06-14", 70).is_week_asked)
        self.assertEqual(self._days(), ["2026-06-01", "2026-06-08", "2026-06-15"])

    def test_innocent_who_says_monday_and_who_writes_months_are_not_held(self):
        self.assertFalse(self._load(("2026-06-14", 90), week_start="monday"))
        form = self._form("2026-06-14", 60)
        form.period = "month"
        self.assertFalse(form.is_week_asked)
        form.save()
        self.assertEqual(self._days(), ["2026-06-01", "2026-06-08"])

    def test_innocent_an_import_with_days_of_several_weekdays_is_not_asked(self):
        self.assertFalse(self._load(("2026-06-04", 90), ("2026-06-12", 88)))
