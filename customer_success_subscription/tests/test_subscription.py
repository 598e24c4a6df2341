from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.customer_success.tests.common import TODAY, SuccessCase


class SubscriptionCase(SuccessCase):
    """A base class with templates of subscriptions; today is 2026-06-15."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Acme")
        cls.pricelist = cls.env["product.pricelist"].create({"name": "Usual"})
        cls.monthly = cls.env["sale.subscription.template"].create(
            {
                "name": "Two years, monthly",
                "code": "TWO",
                "recurring_rule_type": "months",
                "recurring_rule_boundary": "limited",
                "recurring_rule_count": 24,
            }
        )
        cls.forever = cls.env["sale.subscription.template"].create(
            {"name": "Forever", "recurring_rule_type": "months", "recurring_interval": 3}
        )

    def _subscribe(self, partner=None, template=None, quantity=40, start=True, **vals):
        subscription = (
            self.env["sale.subscription"]
            .with_user(self.sales)
            .create(
                {
                    "partner_id": (partner or self.customer).id,
                    "template_id": (template or self.monthly).id,
                    "pricelist_id": self.pricelist.id,
                    "date_start": TODAY,
                    "sale_subscription_line_ids": [
                        Command.create(
                            {
                                "product_id": self.product.id,
                                "product_uom_qty": quantity,
                                "price_unit": 10.0,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                    **vals,
                }
            )
        )
        if start:
            subscription.action_start_subscription()
        self.env.cr.flush()
        return subscription

    def _renewals(self, customer=None):
        return self.env["customer.success.renewal"].search(
            [("partner_id", "=", (customer or self.customer).id)], order="date_renewal"
        )

    def _reconcile(self, subscription):
        subscription.sale_subscription_line_ids.sudo()._success_reconcile()


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSubscription(SubscriptionCase):
    """A salesperson starts, changes and closes subscriptions; the CSM sees the renewals."""

    def test_a_subscription_in_progress_is_a_renewal(self):
        subscription = self._subscribe()
        renewal = self._renewals()
        self.assertEqual(len(renewal), 1)
        self.assertEqual(renewal.date_start, TODAY)
        self.assertEqual(renewal.date_renewal, date(2028, 6, 15))
        self.assertEqual(renewal.annual_value, 4800)
        self.assertEqual(renewal.seats, 40)
        self.assertIn(subscription.name, renewal.source_name)

    def test_one_that_has_not_started_is_none(self):
        self._subscribe(start=False)
        self.assertFalse(self._renewals())

    def test_without_an_end_it_is_renewed_year_by_year(self):
        subscription = self._subscribe(template=self.forever)
        renewal = self._renewals()
        self.assertEqual(renewal.date_renewal, date(2027, 6, 15))
        self.assertEqual(renewal.annual_value, 1600)
        with freeze_time("2027-06-16"):
            self._reconcile(subscription)
        ended, following = self._renewals()
        self.assertEqual((ended.outcome, following.outcome), ("renewed", "pending"))
        self.assertEqual(following.date_renewal, date(2028, 6, 15))

    def test_closing_is_churn_with_its_reason(self):
        subscription = self._subscribe()
        reason = self.env.ref("subscription_oca.close_reason_use")
        subscription.close_subscription(reason.id)
        self.env.cr.flush()
        renewal = self._renewals()
        self.assertEqual((renewal.outcome, renewal.date_outcome), ("churned", TODAY))
        self.assertEqual(renewal.reason_id.name, reason.name)

    def test_closed_for_another_subscription_is_renewed(self):
        subscription = self._subscribe()
        with freeze_time("2028-06-10"):
            subscription.close_subscription()
            self.env.cr.flush()
            self.assertEqual(self._renewals().outcome, "churned")
            self._subscribe(quantity=60, date_start=date(2028, 6, 10))
            ended, following = self._renewals()
            self.assertEqual((ended.outcome, ended.renewed_seats), ("expanded", 60))
            self.assertEqual(following.date_renewal, date(2030, 6, 10))

    def test_starting_again_takes_the_churn_back(self):
        subscription = self._subscribe()
        subscription.close_subscription()
        self.env.cr.flush()
        subscription.action_start_subscription()
        self.env.cr.flush()
        self.assertEqual(self._renewals().outcome, "pending")

    def test_a_pause_is_no_end(self):
        subscription = self._subscribe()
        subscription.action_pause()
        self.env.cr.flush()
        self.assertEqual(self._renewals().outcome, "pending")

    def test_what_a_person_wrote_stays(self):
        subscription = self._subscribe()
        renewal = self._renewals()
        renewal.with_user(self.csm).seats = 35
        subscription.sale_subscription_line_ids.write({"product_uom_qty": 50})
        self.env.cr.flush()
        self.assertEqual((renewal.seats, renewal.annual_value), (35, 6000))

    def test_a_deleted_subscription_takes_its_renewal_back(self):
        self._subscribe().unlink()
        self.env.cr.flush()
        self.assertFalse(self._renewals())

    def test_the_daily_job_updates_all_subscriptions(self):
        partner = self.env["res.partner"].create({"name": "Later", "is_company": True})
        self._subscribe(partner)
        partner.success_stage_id = self.stages["effective_use"]
        with self.enter_registry_test_mode():
            self.env.ref("customer_success_subscription.ir_cron_reconcile").method_direct_trigger()
        self.assertEqual(len(self._renewals(partner)), 1)
        before = self._renewals(partner).write_date
        with freeze_time("2026-06-16"), self.enter_registry_test_mode():
            self.env.ref("customer_success_subscription.ir_cron_reconcile").method_direct_trigger()
        self.assertEqual(self._renewals(partner).write_date, before)

    def test_each_sees_what_is_theirs(self):
        subscription = self._subscribe()
        others = self._customer("Others", success_user_id=self.lead_csm.id)
        self._subscribe(others)
        seen = self.env["customer.success.renewal"].with_user(self.csm).search([])
        self.assertIn(self._renewals(), seen)
        self.assertNotIn(self._renewals(others), seen)
        portal = new_test_user(self.env, "test_subscription_portal", "base.group_portal")
        line = subscription.sale_subscription_line_ids
        for user in (self.sales, portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                line.with_user(user).read(["success_renewal_id"])
        with self.assertRaises(AccessError):
            self._renewals().with_user(self.sales).read(["annual_value"])

    def test_companies_are_kept_apart(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.sales.write({"company_ids": [Command.link(other.id)]})
        self._subscribe()
        self._subscribe(company_id=other.id)
        self.assertEqual(self._renewals().company_id, self.company | other)
        seen = self.env["customer.success.renewal"].with_user(self.csm).search([])
        self.assertEqual((seen & self._renewals()).company_id, self.company)
