"""Dates and numbers have the same limits at every door, and are refused in words."""

from psycopg2 import DataError, IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, SuccessCase, days

NAN, INFINITE = float("nan"), float("inf")
BAD_DAYS = ("0202-01-05", "0001-01-01", "1026-06-01", "1969-12-31", "2101-01-01", "9999-12-31")
GOOD_DAYS = ("1970-01-01", "1999-12-31", "2026-06-15", "2100-12-31")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestLimits(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(stage="prepare", ref="C-1")
        cls.renewal = cls._renewal(cls.customer, date_start=False)

    def _said(self, record, write):
        """Return what a person reads when a value is refused, as the web client shows it; ``None`` if it is taken."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                write()
                self.env.flush_all()
        except (ValidationError, UserError) as refusal:
            return str(refusal)
        except (IntegrityError, DataError) as error:
            return record._sql_error_to_message(error)
        finally:
            self.env.invalidate_all(flush=False)
        return None

    def test_a_day_with_a_wrong_year_is_refused_wherever_it_is_typed(self):
        customer = self.customer.with_user(self.csm)
        plan = self.env["customer.success.plan"].create({"partner_id": self.customer.id})
        barrier = self._barrier(self.customer)
        objective = self.env["customer.success.objective"].create(
            {"name": "Orders", "partner_id": self.customer.id}
        )
        change = self.env["customer.success.change"].create(
            {"name": "New people", "partner_id": self.customer.id}
        )
        for record, name in (
            (customer, "success_go_live_date"),
            (customer, "success_since_date"),
            (customer, "success_quiet_until"),
            (self.renewal, "date_renewal"),
            (self.renewal, "date_start"),
            (plan, "next_review_date"),
            (barrier, "date_due"),
            (barrier, "date_opened"),
            (objective, "date_due"),
            (change, "date"),
        ):
            for day in BAD_DAYS:
                with self.subTest(field=name, day=day):
                    words = self._said(record, lambda r=record, n=name, d=day: r.write({n: d}))
                    self.assertTrue(words, "it is refused, in words")
            words = self._said(record, lambda r=record, n=name: r.write({n: "0202-01-05"}))
            self.assertIn("Check the year", words, name)

    def test_days_within_the_limits_are_taken(self):
        for day in GOOD_DAYS:
            self.assertIsNone(
                self._said(
                    self.customer, lambda d=day: self.customer.write({"success_go_live_date": d})
                )
            )

    def test_the_form_says_it(self):
        form = Form(self.customer.with_user(self.csm), "base.view_partner_form")
        form.success_go_live_date = "0202-01-05"
        with self.assertRaisesRegex(ValidationError, "Go-Live.*0202-01-05.*Check the year"):
            form.save()

    def test_a_change_of_several_in_a_list_is_refused_as_a_whole(self):
        others = self.customer | self._customer("Beta") | self._customer("Gamma")
        with self.assertRaisesRegex(ValidationError, "Check the year"), self.env.cr.savepoint():
            others.with_user(self.manager).write({"success_go_live_date": "0202-01-05"})
        self.assertFalse(any(others.mapped("success_go_live_date")))

    def test_odoos_import_says_it(self):
        terms = self.env["customer.success.renewal"].with_user(self.manager)
        with mute_logger("odoo.sql_db"):
            answer = terms.load(
                ["partner_id/.id", "date_renewal", "annual_value"],
                [[str(self.customer.id), "0202-01-05", "5"]],
            )
        self.assertFalse(answer["ids"])
        self.assertIn("Check the year", answer["messages"][0]["message"])

    def test_a_file_and_the_api_say_it(self):
        intake = self.env["customer.success.intake"].with_user(self.manager)
        for day in BAD_DAYS:
            for column in ("go_live_date", "date_renewal"):
                with self.subTest(day=day, column=column):
                    answer = intake.load(["reference", column], [["C-1", day]])
                    self.assertIn("too far in the past", answer["messages"][0]["message"])
            answer = (
                self.env["customer.success.usage"]
                .with_user(self.csm)
                .ingest([self._row(self.customer, date=day)])
            )
            self.assertIn("between the year 2000", answer["rejected"][0]["message"])

    def test_numbers_that_are_none_are_refused_in_words(self):
        objective = self.env["customer.success.objective"].create(
            {"name": "Orders", "partner_id": self.customer.id}
        )
        change = self.env["customer.success.change"].create(
            {"name": "New people", "partner_id": self.customer.id, "people_affected": 10}
        )
        talk = self.env["customer.success.interaction"].create({"partner_id": self.customer.id})
        use = self._usage(self.customer)
        for record, name, values in (
            (self.renewal, "annual_value", (NAN, INFINITE, -1, 1e16)),
            (self.renewal, "seats", (-1, 2**31, 10**12)),
            (self.renewal, "price_rise", (NAN, -1, 201, INFINITE)),
            (objective, "cost", (NAN, -1, 1e16)),
            (objective, "expected_value", (NAN, -1, 1e16)),
            (objective, "actual", (NAN, INFINITE, 1e16)),
            (change, "people_adopted", (-1, 11, 2**31)),
            (change, "people_affected", (-1, 2**31)),
            (talk, "duration", (NAN, -1, 169, INFINITE)),
            (use, "active_users", (NAN, -1, 1e13, INFINITE)),
            (use, "quality", (NAN, -1, 101)),
            (self.customer, "success_adoption_bought", (NAN, -1, 101)),
        ):
            before = record[name]
            for value in values:
                with self.subTest(field=name, value=value):
                    words = self._said(record, lambda r=record, n=name, v=value: r.write({n: v}))
                    self.assertTrue(words)
                    self.assertNotIn("integer out of range", words)
            self.assertEqual(record[name], before)

    def test_a_number_of_seats_that_no_database_keeps_is_refused_as_it_is_created(self):
        for value in (2**31, 10**12):
            words = self._said(
                self.renewal,
                lambda v=value: self._renewal(self.customer, seats=v, date_renewal=days(-300)),
            )
            self.assertIn("Seats", words)

    def test_innocent_an_old_value_does_not_stop_another_edit(self):
        self.env.cr.execute(
            "UPDATE res_partner SET success_go_live_date = '0202-01-05' WHERE id = %s",
            self.customer.ids,
        )
        self.env.invalidate_all()
        self.customer.with_user(self.csm).comment = "A note"
        self.customer.with_user(self.csm).success_go_live_date = "2020-01-05"

    def test_innocent_the_fields_of_others_have_no_limits_of_ours(self):
        lead = self.env["crm.lead"].create({"name": "L", "date_deadline": "0202-01-05"})
        self.assertEqual(str(lead.date_deadline), "0202-01-05")

    def test_each_date_and_number_that_people_enter_is_limited(self):
        names = self.env["customer.success.renewal"]._success_limited()
        self.assertLessEqual(
            {"date_start", "date_renewal", "annual_value", "seats", "notice_given_on"}, names
        )
        self.assertIn("success_go_live_date", self.env["res.partner"]._success_limited())
        self.assertFalse(self.env["res.country"]._success_limited())
