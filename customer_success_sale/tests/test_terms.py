from datetime import date

from odoo.tests import Form, freeze_time, tagged

from odoo.addons.customer_success.tests.common import TODAY

from .common import OrderCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestOrderTerms(OrderCase):
    """A seller confirms an order; its term is renewed in the dialog, and its dates never drift."""

    def _renew(self, term):
        with freeze_time(term.date_renewal):
            dialog = self.env["customer.success.renewal.end"].with_user(self.csm)
            dialog = dialog.with_context(default_renewal_id=term.id, default_outcome="renewed")
            Form(dialog).save().action_end()
        return term.next_ids

    def test_months_from_the_thirtieth(self):
        self.product.write({"success_term_months": 1, "success_notice_period": 10})
        self._order(**self._later(2027, 1, 30))
        term = self._renewals()
        self.assertEqual(term.date_renewal, date(2027, 2, 28))
        self.assertEqual((term.notice_period, term.notice_unit), (10, "days"))
        for end, notice in (
            (date(2027, 3, 30), date(2027, 3, 20)),
            (date(2027, 4, 30), date(2027, 4, 20)),
            (date(2027, 5, 30), date(2027, 5, 20)),
        ):
            term = self._renew(term)
            self.assertEqual((term.date_renewal, term.date_notice), (end, notice))

    def test_an_order_within_the_last_day_adds_to_the_term(self):
        renewal = self._renewal(
            self.customer, date_start=date(2026, 1, 1), date_renewal=date(2026, 12, 31)
        )
        self._order(quantity=10, **self._later(2026, 12, 31))
        self.assertEqual(self._renewals(), renewal)
        self.assertEqual(renewal.seats, 110)
