from datetime import datetime, time
from math import isfinite

from odoo import fields
from odoo.tests import freeze_time, tagged

from odoo.addons.customer_success.tests.common import TODAY
from odoo.addons.customer_success.tests.doors_common import REFUSED, doors, typed_of

from .common import OrderCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestOrderDoor(OrderCase):
    """Orders have the limits of all doors (docs/doors.md)."""

    def _through_order(self, kind, value):
        """Confirm an order with a value; return what its term says, or how it was refused."""
        vals = {"quantity": 50}
        if kind == "date":
            vals["commitment_date"] = datetime.combine(fields.Date.to_date(value), time(12))
        else:
            vals["quantity" if kind == "count" else "price"] = value
        if kind == "amount":
            vals["quantity"] = 1
        with self.env.cr.savepoint() as savepoint:
            order = self._order(**vals)
            self.env.flush_all()
            term = self._renewals()
            said = " ".join(order.message_ids.mapped("body"))
            found = REFUSED
            if term:
                found = {
                    "date": term.date_start.isoformat(),
                    "count": term.seats,
                    "amount": term.annual_value,
                }[kind]
            elif "is over" in said:  # the day was read, and a term that began on it has ended
                self.assertEqual(kind, "date")
                found = vals["commitment_date"].date().isoformat()
            else:
                self.assertIn("The renewals were not updated", said)
                self.assertNotIn("violates", said)
            savepoint.rollback()
        self.env.invalidate_all(flush=False)
        return found

    def test_orders(self):
        gets, kinds = doors()["order"]
        self.assertEqual(gets, "typed")
        for kind in kinds:
            for value, meant in typed_of(kind).items():
                if kind != "date" and (value <= 0 or not isfinite(value)):
                    continue  # no term, or a discount; Odoo's own fields take no NaN and no infinity
                with self.subTest(kind=kind, value=value):
                    found = self._through_order(kind, value)
                    if isinstance(meant, str):
                        self.assertEqual(found, meant)
                    else:
                        self.assertAlmostEqual(found, meant, 2)

    def test_a_term_starts_on_the_salespersons_day_whoever_confirms(self):
        for zone, moment, day in (
            ("Pacific/Honolulu", "2026-06-10 09:30:00", "2026-06-09"),
            ("Pacific/Auckland", "2026-06-10 13:00:00", "2026-06-11"),
            ("Europe/Brussels", "2025-12-31 23:30:00", "2026-01-01"),
            ("America/New_York", "2026-01-01 04:30:00", "2025-12-31"),
            ("Europe/Brussels", "2026-03-28 23:30:00", "2026-03-29"),
        ):
            self.seller.tz = zone
            order = self._order(
                confirm=False, partner=self._customer(f"Of {day}"), user_id=self.seller.id
            )
            order.commitment_date = moment
            for reader in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
                with self.subTest(zone=zone, moment=moment, reader=reader):
                    self.assertEqual(str(order.with_context(tz=reader)._success_start()), day)
