from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.customer_success.tests.common import SuccessCase


@tagged("post_install", "-at_install")
class TestTour(HttpCase, SuccessCase):
    """The dashboard in a browser, which computes its formulas and charts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = fields.Date.today()
        cls.customer = cls._customer("Tour Customer", success_go_live_date=today)
        cls._usage(cls.customer, active=10, when=today)
        cls._barrier(cls.customer, "3", date_opened=fields.Date.subtract(today, months=4))
        cls._renewal(cls.customer, date_start=today, date_renewal=fields.Date.add(today, months=6))
        lost = cls._customer("Tour Lost")
        cls._renewal(
            lost,
            value=4000,
            date_start=fields.Date.subtract(today, months=14),
            date_renewal=fields.Date.subtract(today, months=2),
            date_outcome=fields.Date.subtract(today, months=2),
            outcome="churned",
            reason_id=cls.env["customer.success.renewal.reason"]
            .search([("outcome", "=", "churned")], limit=1)
            .id,
        )
        # It still has another product; a customer without any is a former one and counts in retention only.
        kept = cls.env["product.product"].create({"name": "Reporter"})
        cls._renewal(
            lost,
            product_id=kept.id,
            date_start=today,
            date_renewal=fields.Date.add(today, months=6),
        )
        cls._rescore(cls.customer | lost)

    def _url(self):
        dashboard = self.env.ref("customer_success_spreadsheet.spreadsheet_dashboard_success")
        return f"/odoo/dashboards?dashboard_id={dashboard.id}"

    def test_manager_reads_the_dashboard_and_opens_what_is_behind(self):
        self.start_tour(self._url(), "customer_success_spreadsheet", login="test_manager")


@tagged("post_install", "-at_install")
class TestTourPhone(TestTour):
    """The dashboard on a phone, where Odoo shows only the figures, one below the other."""

    browser_size = "375x667"
    touch_enabled = True

    def test_manager_reads_the_dashboard_and_opens_what_is_behind(self):
        self.start_tour(self._url(), "customer_success_spreadsheet_phone", login="test_manager")
