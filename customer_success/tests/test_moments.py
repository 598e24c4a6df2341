"""A moment is not a date: wherever the two are compared, it is said whose day it is (the table in docs/doors.md)."""

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import SuccessCase

# A moment in UTC, a time zone, and the day that its people write.
MOMENTS = (
    ("2026-06-10 09:30:00", "Pacific/Honolulu", "2026-06-09"),
    ("2026-06-10 10:30:00", "Pacific/Honolulu", "2026-06-10"),
    ("2026-06-09 13:00:00", "Pacific/Auckland", "2026-06-10"),
    ("2026-06-09 09:59:00", "Pacific/Kiritimati", "2026-06-09"),
    ("2026-06-09 10:00:00", "Pacific/Kiritimati", "2026-06-10"),
    ("2025-12-31 23:30:00", "Europe/Brussels", "2026-01-01"),
    ("2026-01-01 04:30:00", "America/New_York", "2025-12-31"),
    ("2025-12-31 11:30:00", "Pacific/Auckland", "2026-01-01"),  # summer time there
    ("2026-03-28 23:30:00", "Europe/Brussels", "2026-03-29"),  # the clock goes forward
    ("2026-03-29 22:30:00", "Europe/Brussels", "2026-03-30"),
    ("2026-10-24 22:30:00", "Europe/Brussels", "2026-10-25"),  # the clock goes back
    ("2026-10-25 22:30:00", "Europe/Brussels", "2026-10-25"),
)


@tagged("post_install", "-at_install")
class TestMoments(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()

    def _at(self, zone, user=None):
        """Return the environment of a CSM in a time zone."""
        user = user or self.csm
        user.tz = zone
        return self.env(user=user, context={**self.env.context, "tz": zone})

    def test_what_was_won_is_of_the_readers_day(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Business",
                "type": "opportunity",
                "partner_id": self.customer.id,
                "success_kind": "upsell",
                "stage_id": self.env["crm.lead"]._stage_find(domain=[("is_won", "=", True)]).id,
                "expected_revenue": 1000,
            }
        )
        for moment, zone, day in MOMENTS:
            with self.subTest(moment=moment, zone=zone):
                self.env.cr.execute(
                    "UPDATE crm_lead SET date_closed = %s WHERE id = %s", [moment, lead.id]
                )
                self.env.invalidate_all()
                rows = self._at(zone)["customer.success.business"].search(
                    [("partner_id", "=", self.customer.id)]
                )
                self.assertEqual(rows.mapped(lambda row: str(row.date)), [day])

    def test_a_barrier_is_of_today_for_the_reader_of_its_day(self):
        """The day on which it was found may be corrected on the day on which it was recorded, not later."""
        for moment, zone, day in MOMENTS:
            with self.subTest(moment=moment, zone=zone), freeze_time(moment):
                barrier = self._barrier(self.customer, date_opened="2025-11-01")
                self.env.cr.execute(
                    "UPDATE customer_success_barrier SET create_date = %s WHERE id = %s",
                    [moment, barrier.id],
                )
                self.env.invalidate_all()
                seen = barrier.with_env(self._at(zone))
                seen.date_opened = "2025-11-02"
                self.assertEqual(str(seen.date_opened), "2025-11-02")
            with freeze_time(f"{day} 23:59:59"), self.subTest(moment=moment, zone=zone):
                # A day and a night later it is old for everybody.
                self.env.cr.execute(
                    "UPDATE customer_success_barrier SET create_date = %s::timestamp - interval '48 hours' "
                    "WHERE id = %s",
                    [moment, barrier.id],
                )
                self.env.invalidate_all()
                with self.assertRaisesRegex(UserError, "stays open since"):
                    barrier.with_env(self._at(zone)).date_opened = "2025-11-03"

    def test_a_conversation_may_be_of_the_readers_today(self):
        for moment, zone, day in MOMENTS:
            with self.subTest(moment=moment, zone=zone), freeze_time(moment):
                talks = self._at(zone)["customer.success.interaction"]
                vals = {"partner_id": self.customer.id, "summary": "They agree", "duration": 1}
                talk = talks.create({**vals, "state": "held"})
                self.assertEqual(str(talk.date), day)
                tomorrow = talks._fields["date"].add(talk.date, days=1)
                with self.assertRaisesRegex(UserError, "in the future"):
                    talks.create({**vals, "state": "held", "date": tomorrow})

    def test_a_shared_record_is_open_until_the_end_of_the_visitors_day(self):
        barrier = self._barrier(self.customer, is_shared=True)
        for moment, zone, day in MOMENTS:
            with self.subTest(moment=moment, zone=zone), freeze_time(moment):
                seen = barrier.with_env(self._at(zone))
                barrier.share_until = day
                self.assertTrue(seen._is_shared_now())
                barrier.share_until = barrier._fields["share_until"].subtract(
                    barrier.share_until, days=1
                )
                self.assertFalse(seen._is_shared_now())

    def test_use_of_the_day_that_began_somewhere_is_taken(self):
        self.customer.ref = "C-1"
        for moment, zone, day in MOMENTS:
            with self.subTest(moment=moment, zone=zone), freeze_time(moment):
                env = self._at(zone)
                answer = env["customer.success.usage"].ingest(
                    [self._row(self.customer, date=day, period="week", week_start="monday")]
                )
                self.assertFalse(answer["rejected"])
