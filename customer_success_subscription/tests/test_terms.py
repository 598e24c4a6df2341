from datetime import date

from odoo.tests import Form, freeze_time, tagged

from odoo.addons.customer_success.tests.common import TODAY

from .test_subscription import SubscriptionCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSubscriptionTerms(SubscriptionCase):
    """The finish date of a subscription may be its last day; terms without one go from anniversary to anniversary."""

    def _renew(self, term):
        with freeze_time(term.date_renewal):
            dialog = self.env["customer.success.renewal.end"].with_user(self.csm)
            dialog = dialog.with_context(default_renewal_id=term.id, default_outcome="renewed")
            Form(dialog).save().action_end()
        return term.next_ids

    def test_a_finish_date_that_is_the_last_day(self):
        subscription = self._subscribe()
        subscription.sudo().write({"date_start": date(2026, 1, 1), "date": date(2026, 12, 31)})
        self.env.cr.flush()
        renewal = self._renewals()
        self.assertTrue(renewal.end_is_last_day)
        self.assertIn("to and including 12/31/2026", renewal.with_user(self.csm).term_text)
        following = self._renew(renewal)
        self.assertEqual(
            (following.date_start, following.date_renewal), (date(2027, 1, 1), date(2027, 12, 31))
        )

    def test_anniversaries_are_the_ends_of_the_chain(self):
        subscription = self._subscribe(template=self.forever)
        subscription.sudo().date_start = date(2024, 2, 29)
        self.env.cr.flush()
        renewal = self._renewals()
        self.assertEqual(renewal.date_renewal, date(2027, 2, 28))
        following = self._renew(renewal)
        self.assertEqual(following.date_renewal, date(2028, 2, 29))
        with freeze_time("2027-03-02"):
            self._reconcile(subscription)
        self.assertEqual(self._renewals()[-1].date_renewal, date(2028, 2, 29))

    def test_a_subscription_of_a_product_that_renews_itself(self):
        self.product.write({"success_auto_renew": True, "success_notice_period": 1})
        subscription = self._subscribe(template=self.forever)
        renewal = self._renewals().with_user(self.csm)
        self.assertEqual((renewal.auto_renew, renewal.date_notice), (True, date(2027, 5, 15)))
        self.assertIn("it renews itself on", renewal.auto_text)
        with freeze_time("2027-06-16"):
            self._reconcile(subscription)
        terms = self._renewals()
        self.assertEqual(terms.mapped("outcome"), ["renewed", "pending"])
        self.assertEqual(terms.mapped("date_renewal"), [date(2027, 6, 15), date(2028, 6, 15)])
        self.assertEqual(terms.mapped("auto_renew"), [True, True])
        self.assertEqual(terms[-1].date_notice, date(2028, 5, 15))

    def test_a_subscription_with_a_finish_date_ends_on_it(self):
        self.product.success_auto_renew = True
        self._subscribe()
        self.assertFalse(self._renewals().auto_renew)

    def test_a_product_that_changes_later_changes_no_subscription(self):
        subscription = self._subscribe(template=self.forever)
        self.product.success_auto_renew = True
        self._reconcile(subscription)
        self.assertFalse(self._renewals().auto_renew)
