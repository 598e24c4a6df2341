from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..common import TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestFacts(SuccessCase):
    """The values that use, barriers and renewals accept and refuse."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()

    def _refused(self, error, create, **vals):
        with (
            self.subTest(**vals),
            mute_logger("odoo.sql_db"),
            self.assertRaises(error),
            self.cr.savepoint(),
        ):
            create(self.customer, **vals)

    def test_empty_degrees_stay_empty(self):
        usage = self._usage(self.customer, active=0, quality=False, accuracy=0)
        self.env.invalidate_all()
        self.assertIs(usage.quality, False)
        self.assertEqual((usage.accuracy, usage.active_users, usage.adoption), (0, 0, 0))
        self.assertIsNot(usage.accuracy, False)
        self.env.cr.execute(
            "SELECT quality, accuracy FROM customer_success_usage WHERE id = %s", [usage.id]
        )
        self.assertEqual(self.env.cr.fetchone(), (None, 0))
        self.assertEqual(usage.search([("quality", "=", False), ("id", "=", usage.id)]), usage)
        self.assertFalse(usage.search([("accuracy", "=", False), ("id", "=", usage.id)]))

    def test_unknown_is_empty_on_screen_and_in_exports(self):
        usage = self._usage(self.customer, quality=False).with_user(self.manager)
        self.assertIs(usage.read(["quality"])[0]["quality"], False)
        rows = usage.export_data(["quality", "active_users"])["datas"]
        self.assertEqual(rows, [["", 80.0]])

    def test_adoption_is_unknown_without_licences(self):
        self.assertIs(self._usage(self.customer, licensed=False).adoption, False)
        self.assertIs(self._usage(self.customer, licensed=0, when=days(60)).adoption, False)

    def test_more_active_than_licensed_is_kept_and_counts_as_all(self):
        usage = self._usage(self.customer, licensed=50, active=60)
        self.assertEqual((usage.active_users, usage.adoption), (60, 100))

    def test_a_period_starts_on_its_first_day(self):
        usage = self._usage(self.customer, when="2026-05-20")
        self.assertEqual(str(usage.date), "2026-05-01")
        usage.period = "week"
        self.assertEqual(str(usage.date), "2026-04-27")

    def test_use_refuses_what_cannot_be(self):
        nan, infinity = float("nan"), float("inf")
        for vals in (
            {"quality": 101},
            {"quality": -1},
            {"active": -1},
        ):
            self._refused(IntegrityError, self._usage, **vals)
        for vals in ({"quality": nan}, {"licensed": infinity}, {"licensed": 1e30}):
            self._refused(ValidationError, self._usage, **vals)
        for when in ("1900-01-01", "2200-01-01"):
            self._refused(ValidationError, self._usage, when=when)

    def test_one_entry_a_period_and_source(self):
        self._usage(self.customer)
        self._refused(IntegrityError, self._usage)

    def test_renewals_refuse_what_cannot_be(self):
        for vals in (
            {"seats": -1},
            {"value": -1},
            {"date_start": days(-200)},
            {"date_notice": days(-200)},
        ):
            self._refused(IntegrityError, self._renewal, **vals)

    def test_barriers_refuse_what_cannot_be(self):
        stranger = self._contact(self._customer("Other"), "Eve")
        self._refused(ValidationError, self._barrier, owner_contact_id=stranger.id)
        self._refused(IntegrityError, self._barrier, people_affected=-1)
        self._refused(IntegrityError, self._barrier, state="removed", date_removed=days(100))

    def test_an_outcome_is_dated(self):
        renewal = self._renewal(self.customer).with_user(self.csm)
        renewal.outcome = "renewed"
        self.assertEqual(renewal.date_outcome, TODAY)
        renewal.write({"outcome": "expanded", "date_outcome": days(20), "renewed_value": 15000})
        renewal.write({"outcome": "contracted", "renewed_value": 9000})
        self.assertEqual(renewal.date_outcome, days(20), "a correction keeps the day")
        renewal.outcome = "pending"
        self.assertFalse(renewal.date_outcome)
