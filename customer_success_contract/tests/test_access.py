from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.customer_success.tests.common import TODAY

from .common import ContractCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAccess(ContractCase):
    def test_an_accountant_needs_no_right_to_renewals(self):
        contract = self._contract()
        self.assertTrue(self._renewals())
        with self.assertRaises(AccessError):
            self._renewals().with_user(self.accountant).read(["annual_value"])
        with self.assertRaises(AccessError):
            contract.contract_line_ids.read(["success_renewal_id"])

    def test_a_csm_sees_the_renewal_of_own_customers_and_not_the_contract(self):
        contract = self._contract()
        others = self._customer("Others", success_user_id=self.lead_csm.id)
        self._contract(others)
        seen = self.env["customer.success.renewal"].with_user(self.csm).search([])
        self.assertIn(self._renewals(), seen)
        self.assertNotIn(self._renewals(others), seen)
        with self.assertRaises(AccessError):
            contract.with_user(self.csm).read(["name"])

    def test_salespeople_and_portal_users_get_nothing_new(self):
        contract = self._contract()
        portal = new_test_user(self.env, "test_contract_portal", "base.group_portal")
        for user in (self.sales, portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                contract.contract_line_ids.with_user(user).read(["success_renewal_id"])
        with self.assertRaises(AccessError):
            self._renewals().with_user(self.csm).read(["source_values"])

    def test_nothing_of_ours_is_callable_from_outside(self):
        for name in dir(type(self.env["customer.success.renewal.source"])):
            if "success" in name and callable(getattr(type(self.env["contract.line"]), name)):
                self.assertTrue(name.startswith("_"), name)

    def test_companies_are_kept_apart(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.accountant.write({"company_ids": [(4, other.id)]})
        self.env["account.journal"].create(
            {"name": "Sales", "code": "OSAL", "type": "sale", "company_id": other.id}
        )
        self._contract()
        self._contract(company_id=other.id)
        renewals = self._renewals()
        self.assertEqual(renewals.company_id, self.company | other)
        seen = self.env["customer.success.renewal"].with_user(self.csm).search([])
        self.assertEqual((seen & renewals).company_id, self.company)
