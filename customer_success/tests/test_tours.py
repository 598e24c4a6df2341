from odoo.tests import HttpCase, tagged

from .common import SuccessCase


@tagged("post_install", "-at_install")
class TestTours(HttpCase, SuccessCase):
    """One way through the screens for each role, in a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Tour Customer", success_user_id=False)
        cls.env["customer.success.usage"].create(
            {
                "partner_id": cls.customer.id,
                "product_id": cls.product.id,
                "licensed_users": 100,
                "active_users": 20,
            }
        )

    def _renew_soon(self):
        today = (
            self.env["customer.success.renewal"]
            ._fields["date_renewal"]
            .context_today(self.env.user)
        )
        self.env["customer.success.renewal"].create(
            {
                "partner_id": self.customer.id,
                "annual_value": 12000,
                "date_renewal": today.replace(year=today.year + 1),
            }
        )
        self._rescore(self.customer)

    def test_csm_follows_a_customer(self):
        self.start_tour("/odoo", "customer_success_csm", login="test_csm")
        self.assertEqual(self.customer.success_user_id, self.csm)
        self.assertEqual(self.customer.success_stage_id, self.stages["sustained_use"])
        self.assertEqual(self.customer.success_sentiment, "worried")
        answer = self.env["customer.success.answer"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((answer.signal, answer.user_id), ("concern", self.csm))
        barrier = self.customer.success_barrier_ids
        self.assertEqual(barrier.name, "Managers ask for the weekly sheet")
        self.assertTrue(self.customer.success_health)

    def test_salesperson_sees_risk_in_the_pipeline(self):
        self._renew_soon()
        self.env["crm.lead"].create(
            {
                "name": "Tour Upsell",
                "type": "opportunity",
                "partner_id": self.customer.id,
                "user_id": self.sales.id,
            }
        )
        self.start_tour("/odoo", "customer_success_sales", login="test_sales")

    def test_manager_reads_the_book_and_takes_it_to_excel(self):
        self._renew_soon()
        self.start_tour("/odoo", "customer_success_manager", login="test_manager")
        wizard = self.env["customer.success.workbook.wizard"].search([], limit=1, order="id desc")
        self.assertEqual(wizard.create_uid, self.manager)
        self.assertEqual(wizard.selected_ids, self.customer.ids)
