from odoo.tests import HttpCase, freeze_time, tagged

from .common import TODAY, SuccessCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFileTours(HttpCase, SuccessCase):
    """Exports of other systems, loaded in a browser as they are, twice; the second time nothing changes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        currencies = cls.env["res.currency"].with_context(active_test=False)
        cls.euro = currencies.search([("name", "=", "EUR")])
        cls.euro.active = True

    def _book(self):
        """Return what the files brought: the value of the pending renewal by customer."""
        renewals = self.env["customer.success.renewal"].search([])
        return {
            renewal.partner_id.name: (
                str(renewal.date_renewal),
                renewal.annual_value,
                renewal.currency_id.name,
            )
            for renewal in renewals
        }

    def _load(self, system):
        self.start_tour(
            "/odoo/success-load", f"customer_success_file_{system}", login="test_manager"
        )
        return self._book()

    def test_hubspot(self):
        book = self._load("hubspot")
        self.assertEqual(book["Blue Harbour Bakery"], ("2027-01-31", 12000.50, "EUR"))
        customer = self.env["res.partner"].search([("ref", "=", "9001")])
        self.assertEqual(customer.success_stage_id, self.stages["first_use"])
        self.assertEqual(customer.success_user_id, self.csm)
        mapping = self.env["customer.success.file.mapping"].search([])
        self.assertEqual(mapping.name, "HubSpot companies")
        self.assertEqual(mapping.replacements["stage"], {"Onboarding finished": "First use"})

    def test_salesforce(self):
        self.assertEqual(
            self._load("salesforce"),
            {
                "Blauer Hafen Bäckerei": ("2027-01-30", 12000.50, "EUR"),
                "Süßer Farn Medien": ("2027-02-27", 9500, "EUR"),
            },
        )

    def test_gainsight(self):
        own = self.company.currency_id.name
        self.assertEqual(self._load("gainsight")["Gain Bakery"], ("2027-01-31", 12000.50, own))

    def test_churnzero(self):
        book = self._load("churnzero")
        self.assertEqual(book["Zero Bakery"][:2], ("2027-03-04", 12000.50))
        self.assertEqual(book["Zero Media"][:2], ("2027-05-04", 9500))

    def test_planhat(self):
        self.assertEqual(self._load("planhat")["Plan Bakery"][:2], ("2027-01-31", 12006))

    def test_stripe(self):
        book = self._load("stripe")
        self.assertEqual(book["Stripe Bakery"], ("2027-01-31", 12000.50, "EUR"))
        self.assertEqual(book["Stripe Media"], ("2026-06-28", 9603, "EUR"))

    def test_chargebee(self):
        self.assertEqual(self._load("chargebee")["Bee Bakery"], ("2027-01-31", 12006, "EUR"))

    def test_users(self):
        """A file with one row a user, as the CSM of the customer."""
        customer = self._customer("Tour Works", success_user_id=self.csm.id)
        self.product.name = "Planner"
        self.start_tour("/odoo/success-load-use", "customer_success_file_users", login="test_csm")
        usage = customer.success_usage_ids
        self.assertEqual((usage.licensed_users, usage.active_users), (3, 2))
        self.assertEqual(str(usage.date), "2026-06-01")
