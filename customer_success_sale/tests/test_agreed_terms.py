from datetime import date

from odoo.fields import Command
from odoo.modules.migration import load_script
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import file_path

from odoo.addons.customer_success.tests.common import TODAY

from .common import OrderCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAgreedTerms(OrderCase):
    """A seller confirms an order; its term has what the product says, or what was agreed in the order."""

    def _run(self):
        with self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_renew_themselves").method_direct_trigger()
        self.env.invalidate_all()

    def test_an_order_of_a_product_that_renews_itself_makes_such_a_term(self):
        self.product.write(
            {
                "success_auto_renew": True,
                "success_notice_period": 3,
                "success_notice_unit": "months",
            }
        )
        self._order()
        term = self._renewals()
        self.assertTrue(term.auto_renew)
        self.assertEqual((term.notice_period, term.notice_unit), (3, "months"))
        self.assertEqual(term.date_notice, date(2027, 3, 15))
        with freeze_time("2027-03-16"):
            self._run()
            self.assertEqual(term.outcome, "renewed")
            self.assertEqual(term.next_ids.date_renewal, date(2028, 6, 15))
            self.assertTrue(term.next_ids.auto_renew)

    def test_the_order_overrides_the_product(self):
        self.product.success_auto_renew = True
        self._order(success_auto_renew="no", success_notice_period=2, success_notice_unit="weeks")
        term = self._renewals()
        self.assertFalse(term.auto_renew)
        self.assertEqual(term.date_notice, date(2027, 6, 1))
        with freeze_time("2027-06-16"):
            self._run()
            self.assertEqual(term.outcome, "pending")

    def test_an_order_may_agree_what_the_product_does_not_say(self):
        self._order(success_auto_renew="yes")
        self.assertTrue(self._renewals().auto_renew)

    def test_fourteen_months_then_yearly(self):
        self._order(price=140.0, success_first_months=14)
        term = self._renewals().with_user(self.csm)
        self.assertEqual(term.date_renewal, date(2027, 8, 15))
        self.assertEqual(term.annual_value, 6000)
        self.assertIn("08/15/2028", term.next_text)
        with freeze_time(term.date_renewal):
            dialog = self.env["customer.success.renewal.end"].with_user(self.csm)
            dialog = dialog.with_context(default_renewal_id=term.id, default_outcome="renewed")
            Form(dialog).save().action_end()
        self.assertEqual(term.next_ids.date_renewal, date(2028, 8, 15))

    def test_a_renewal_for_three_years_that_renews_itself_afterwards(self):
        self._order(**self._later(2025, 6, 20))
        term = self._renewals()
        self._order(
            price=360.0,
            success_first_months=36,
            success_auto_renew="yes",
            success_notice_period=6,
            **self._later(2026, 6, 20),
        )
        following = term.next_ids
        self.assertEqual((term.outcome, term.renewed_value), ("renewed", 6000))
        self.assertEqual(following.date_renewal, date(2029, 6, 20))
        self.assertEqual((following.auto_renew, following.date_notice), (True, date(2028, 12, 20)))
        self.assertFalse(term.auto_renew)

    def test_a_prospect_becomes_a_customer_within_the_first_term(self):
        prospect = self.env["res.partner"].create({"name": "Prospect", "is_company": True})
        self._order(prospect, success_first_months=14, **self._later(2025, 5, 1))
        prospect.success_stage_id = self.stages["first_use"]
        self.assertEqual(self._renewals(prospect).date_renewal, date(2026, 7, 1))

    def test_a_seller_sees_what_was_agreed_and_its_refusal(self):
        order = self._order(confirm=False)
        form = Form(order)
        self.assertTrue(form.success_is_renewable)
        form.success_auto_renew = "yes"
        form.save()
        order.action_confirm()
        self.assertTrue(self._renewals().auto_renew)

    def test_a_day_for_notice_that_is_over_renews_nothing_by_default(self):
        self.product.success_auto_renew = True
        self._order(**self._later(2025, 7, 1))  # notice was due in April
        self.assertFalse(self._renewals().auto_renew)

    def test_cancelling_takes_such_a_term_back(self):
        self.product.success_auto_renew = True
        order = self._order()
        self.assertTrue(self._renewals().auto_renew)
        order._action_cancel()
        self.assertFalse(self._renewals())

    def test_the_upgrade_keeps_the_notice_in_days(self):
        self.product.write({"success_notice_period": 0})
        other = self.env["product.template"].create({"name": "Not renewable"})
        self.env.flush_all()
        self.cr.execute(
            "ALTER TABLE product_template ADD COLUMN IF NOT EXISTS success_notice_days int"
        )
        self.cr.execute("UPDATE product_template SET success_notice_days = 45")
        script = file_path("customer_success_sale/migrations/19.0.2.0.0/post-notice.py")
        for _turn in range(2):
            load_script(script, "post-notice").migrate(self.cr, "19.0.1.0.0")
            self.env.invalidate_all()
            self.assertEqual(self.product.success_notice_period, 45)
            self.assertEqual(self.product.success_notice_unit, "days")
            self.assertFalse(other.success_notice_period)

    def test_two_products_keep_their_own_terms(self):
        other = self.env["product.product"].create(
            {"name": "Other", "type": "service", "success_renews": True, "success_auto_renew": True}
        )
        order = self._order(confirm=False)
        line = {"product_id": other.id, "product_uom_qty": 5, "price_unit": 10.0}
        order.sudo().order_line = [Command.create(line)]
        order.action_confirm()
        said = {term.product_id: term.auto_renew for term in self._renewals()}
        self.assertEqual(said, {self.product: False, other: True})
