from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.customer_success.tests.common import TODAY

from .common import ContractCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestForWhom(ContractCase):
    """A contract of a reseller is the term of the customer who uses the product."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reseller = cls.env["res.partner"].create({"name": "Resell Ltd", "is_company": True})
        cls.other = cls._customer("Other")

    def test_the_term_stands_where_the_product_is_used(self):
        self._contract(self._contact(self.reseller), success_for_id=self.customer.id)
        term = self._renewals()
        self.assertEqual((term.annual_value, term.buyer_id), (12000, self.reseller))
        self.assertFalse(self._renewals(self.reseller))

    def test_innocent_an_invoice_address_of_the_parent_makes_no_buyer(self):
        parent = self._customer("Parent")
        self.customer.parent_id = parent
        self._contract(invoice_partner_id=parent.id)
        self.assertFalse(self._renewals().buyer_id)

    def test_a_buyer_that_a_person_entered_stays(self):
        contract = self._contract()
        term = self._renewals()
        term.with_user(self.csm).buyer_id = self.reseller
        contract.contract_line_ids.quantity = 60
        self._commit()
        self.assertEqual((term.seats, term.buyer_id), (60, self.reseller))

    def test_another_customer_gets_the_term_with_all_that_was_written(self):
        contract = self._contract(self.reseller, success_for_id=self.customer.id)
        term = self._renewals()
        term.message_post(body="They call in autumn", message_type="comment")
        with freeze_time(TODAY + timedelta(days=1)):
            with self.assertRaisesRegex(UserError, "ask a manager"):
                contract.success_for_id = self.other
            self.manager.group_ids += self.accountant.group_ids
            contract.with_user(self.manager).success_for_id = self.other
            self._commit()
        self.assertEqual(self._renewals(self.other), term)
        self.assertEqual((term.buyer_id, term.annual_value), (self.reseller, 12000))
        self.assertFalse(self._renewals())
