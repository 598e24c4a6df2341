from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.customer_success.scoring.amendments import seats_on, value_on

from .common import TODAY, SuccessCase, days

WHY = "Twenty more users in Lyon"
LESS = "The second site was closed"


class AmendmentCase(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Acme", success_go_live_date=days(800))
        # from 2026-01-01 to 2026-12-31, its last day; today is 2026-06-15
        cls.term = cls._renewal(
            cls.customer,
            12000,
            seats=100,
            date_start=date(2026, 1, 1),
            date_renewal=date(2026, 12, 31),
        ).with_user(cls.csm)

    def _amend(self, day, value, seats=100, reason=WHY, user=None, term=None):
        return (
            self.env["customer.success.renewal.amendment"]
            .with_user(user or self.csm)
            .create(
                {
                    "renewal_id": (term or self.term).id,
                    "date": day,
                    "annual_value": value,
                    "seats": seats,
                    "reason": reason,
                }
            )
        )

    def _follow(self):
        with self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_amendments").method_direct_trigger()
        self.env.invalidate_all()

    def _on(self, day):
        """Return value and seats on a day by the ORM; SQL has to say the same."""
        said = self.term._annual_value_on(day), self.term._seats_on(day)
        self.env.flush_all()
        (row,) = self.env.execute_query(
            SQL(
                "SELECT {}, {} FROM customer_success_renewal r WHERE r.id = %(id)s".format(
                    value_on("%(day)s::date"), seats_on("%(day)s::date")
                ),
                id=self.term.id,
                day=day,
            )
        )
        self.assertEqual(said, (float(row[0]), row[1]))
        return said


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAmendments(AmendmentCase):
    """A term changes within its time: what it was is kept, and the figures of today follow on the day."""

    def test_the_value_on_each_day_by_hand(self):
        self._amend(date(2026, 3, 1), 15000, 120)
        self._amend(date(2026, 9, 1), 18000, 150)
        for day, said in (
            (date(2026, 1, 1), (12000, 100)),
            (date(2026, 2, 28), (12000, 100)),
            (date(2026, 3, 1), (15000, 120)),
            (TODAY, (15000, 120)),
            (date(2026, 8, 31), (15000, 120)),
            (date(2026, 9, 1), (18000, 150)),
            (date(2026, 12, 31), (18000, 150)),
        ):
            with self.subTest(day=day):
                self.assertEqual(self._on(day), said)

    def test_the_figures_of_today_follow_on_the_day(self):
        self._amend(date(2026, 6, 20), 15000, 120)
        self.assertEqual((self.term.annual_value, self.term.seats), (12000, 100))
        with freeze_time(date(2026, 6, 19)):
            self._follow()
            self.assertEqual((self.term.annual_value, self.term.seats), (12000, 100))
        with freeze_time(date(2026, 6, 20)):
            self._follow()
            self.assertEqual((self.term.annual_value, self.term.seats), (15000, 120))
            self.assertEqual((self.term.start_value, self.term.start_seats), (12000, 100))
            self.assertFalse(self.term._due_for_amendment(), "a second run changes nothing")
        self._amend(TODAY, 13000, 110)
        self.assertEqual((self.term.annual_value, self.term.seats), (13000, 110))

    def test_a_lower_value_waits_for_a_manager(self):
        line = self._amend(date(2026, 6, 1), 9000, 80, LESS)
        self.assertEqual((self.term.annual_value, self.term.seats), (9000, 80))
        self.assertEqual(self.term.counted_value, 12000)
        self.assertEqual(self._on(TODAY), (12000, 80))
        change = line.change_ids
        self.assertEqual((change.old_value, change.new_value, change.reason), (12000, 9000, LESS))
        change.with_user(self.manager).action_approve()
        self.assertEqual((self.term.counted_value, self._on(TODAY)), (9000, (9000, 80)))
        self.assertEqual(self._on(date(2026, 5, 31)), (12000, 100))

    def test_a_declined_lower_value_goes_back(self):
        line = self._amend(date(2026, 7, 1), 9000, 80, LESS)
        self.assertEqual(self.term.counted_value, 12000)
        line.change_ids.with_user(self.manager).action_decline()
        self.assertEqual(line.annual_value, 12000)
        with freeze_time(date(2026, 7, 1)):
            self._follow()
            self.assertEqual((self.term.annual_value, self.term.counted_value), (12000, 12000))

    def test_bad_input_is_refused_in_words(self):
        for day in (date(2025, 12, 31), date(2027, 1, 1)):
            with (
                self.subTest(day=day),
                self.assertRaisesRegex(ValidationError, "outside of"),
                self.cr.savepoint(),
            ):
                self._amend(day, 15000)
        self._amend(date(2026, 12, 31), 15000)
        for wrong in ({"seats": -1}, {"day": date(2026, 12, 31)}, {"value": -1}):
            vals = {"day": date(2026, 8, 1), "value": 15000, **wrong}
            with (
                self.subTest(wrong=wrong),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self._amend(**vals)
        for reason in (False, "", "x", "ok ok"):
            with (
                self.subTest(reason=reason),
                self.assertRaisesRegex(UserError, "was agreed"),
                self.cr.savepoint(),
            ):
                self._amend(date(2026, 8, 1), 15000, reason=reason)
        self.term.write({"outcome": "churned", "date_outcome": TODAY})
        with self.assertRaisesRegex(UserError, "has ended"):
            self._amend(date(2026, 8, 1), 15000)

    def test_a_term_cannot_be_moved_away_from_its_amendments(self):
        self._amend(date(2026, 9, 1), 15000)
        with self.assertRaisesRegex(ValidationError, "outside of the term"):
            self.term.date_renewal = date(2026, 8, 1)

    def test_roles(self):
        line = self._amend(date(2026, 3, 1), 15000)
        line.with_user(self.manager).read(["annual_value"])
        portal = self.env["res.users"].create(
            {
                "name": "P", "login": "amend_portal",
                "group_ids": [(6, 0, [self.env.ref("base.group_portal").id])],
            }
        )  # fmt: skip
        for user in (self.sales, portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                line.with_user(user).read(["annual_value"])
