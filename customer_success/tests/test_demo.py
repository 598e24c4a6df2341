from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_open
from odoo.tools.safe_eval import safe_eval


@tagged("post_install", "-at_install", "customer_success_demo", "-standard")
class TestDemo(TransactionCase):
    """The demo data tell a story: these hold it to that, on a database that has them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = cls.env["ir.model.data"].search(
            [
                ("module", "=", "customer_success"),
                ("model", "=", "res.partner"),
                ("name", "=like", "demo_partner_%"),
            ]
        )
        partners = cls.env["res.partner"].browse(names.mapped("res_id"))
        cls.customers = partners.filtered("success_stage_id")
        cls.env["customer.success.score"]._rescore(cls.customers)

    @classmethod
    def _logins(cls):
        """Login and password of the file that the tools print."""
        with file_open("customer_success/demo/LOGINS") as stream:
            lines = [line.split() for line in stream if line[:1] not in ("#", "\n")]
        return {login: password for _role, login, password in lines}

    def _user(self, login):
        return self.env["res.users"].search([("login", "=", login)])

    def test_demo_loads_without_failure(self):
        self.assertFalse(self.env["ir.demo_failure"].search([]))

    def test_every_stage_has_a_customer(self):
        stages = self.env["customer.success.stage"].search([])
        self.assertEqual(self.customers.success_stage_id, stages)

    def test_every_band_occurs_and_the_unknown(self):
        self.assertEqual(
            set(self.customers.mapped("success_health_band")), {"good", "watch", "poor", False}
        )
        self.assertEqual(
            set(self.customers.mapped("success_risk_band")),
            {"low", "medium", "high", "critical", False},
        )

    def test_no_customer_fails_to_be_scored(self):
        self.assertFalse(self.customers.filtered("success_score_error"))

    def test_two_companies_and_two_currencies(self):
        main = self.env.ref("base.main_company")
        second = self.env.ref("customer_success.demo_company_uk")
        self.assertEqual(self.customers.company_id, main | second)
        currencies = self.customers.success_currency_id
        self.assertEqual(currencies, main.currency_id | second.currency_id)
        foreign = self.customers.success_renewal_ids.filtered(
            lambda renewal: (
                renewal.outcome == "pending"
                and renewal.currency_id != renewal.company_id.currency_id
            )
        )
        self.assertTrue(foreign, "one contract is in another currency than its company's")
        self.assertTrue(all(foreign.mapped("value_at_risk")), "which has a rate")

    def test_contacts_belong_to_the_company_of_their_customer(self):
        for customer in self.customers:
            self.assertEqual(customer.child_ids.company_id, customer.company_id)

    def test_machine_and_csm_disagree_about_one(self):
        self.assertEqual(
            self.customers.filtered("success_view_gap"),
            self.env.ref("customer_success.demo_partner_greyfield"),
        )

    def test_somebody_sells_to_a_customer_who_may_leave(self):
        sales = self._user("sales")
        leads = self.env["crm.lead"].with_user(sales)
        bands = leads.search([("user_id", "=", sales.id)]).mapped("success_risk_band")
        self.assertIn("critical", bands)
        self.assertIn(False, bands)

    def test_logins_are_those_of_the_file(self):
        for login, password in self._logins().items():
            with self.subTest(login):
                user = self._user(login)
                self.assertTrue(user)
                credential = {"type": "password", "login": login, "password": password}
                user.with_user(user)._check_credentials(credential, {"interactive": True})

    def test_each_csm_opens_my_customers(self):
        action = self.env.ref("customer_success.res_partner_action_success")
        for login, least in (("csm", 9), ("csm-uk", 2), ("manager", 1)):
            with self.subTest(login):
                user = self._user(login)
                domain = safe_eval(action.domain, {"uid": user.id})
                found = self.env["res.partner"].with_user(user).search(domain)
                self.assertGreaterEqual(len(found), least)
                self.assertLessEqual(found.company_id, user.company_ids)
                for customer in found:
                    self.assertIn("Health", customer.success_explanation)

    def test_manager_sees_all_customers(self):
        manager = self._user("manager")
        partners = (
            self.env["res.partner"]
            .with_user(manager)
            .with_context(allowed_company_ids=manager.company_ids.ids)
        )
        found = partners.search([("success_stage_id", "!=", False)])
        self.assertLessEqual(self.customers, found)

    def test_portal_customer_reads_no_success_field(self):
        portal = self._user("portal-customer")
        partner = portal.partner_id.with_user(portal)
        self.assertTrue(partner.name)
        for name in self.env["res.partner"]._fields:
            if name.startswith("success_"):
                with self.subTest(name), self.assertRaises(AccessError):
                    partner.read([name])
