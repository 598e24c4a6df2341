from datetime import date

from odoo.tests import new_test_user

from odoo.addons.customer_success.tests.common import SuccessCase


class ContractCase(SuccessCase):
    """A base class with a contract of a customer, managed by an accountant; today is 2026-06-15."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env,
            "test_accountant",
            "account.group_account_manager,contract_termination.can_terminate_contract",
        )
        cls.env["account.journal"].create({"name": "Sales", "code": "TSAL", "type": "sale"})
        cls.customer = cls._customer("Acme")

    @classmethod
    def _contract(cls, partner=None, lines=({},), **vals):
        contract = (
            cls.env["contract.contract"]
            .with_user(cls.accountant)
            .create(
                {
                    "name": "Planner at Acme",
                    "code": "C-7",
                    "partner_id": (partner or cls.customer).id,
                    "contract_type": "sale",
                    "line_recurrence": True,
                    "contract_line_ids": [(0, 0, cls._line_vals(**line)) for line in lines],
                    **vals,
                }
            )
        )
        cls._commit()
        return contract

    @classmethod
    def _line_vals(cls, **vals):
        return {
            "product_id": cls.product.id,
            "name": "Planner",
            "quantity": 50,
            "price_unit": 20.0,
            "recurring_rule_type": "monthly",
            "recurring_interval": 1,
            "date_start": date(2025, 9, 1),
            "date_end": date(2026, 8, 31),
            "recurring_next_date": date(2026, 7, 1),
            "is_auto_renew": True,
            "auto_renew_rule_type": "yearly",
            "auto_renew_interval": 1,
            "termination_notice_rule_type": "monthly",
            "termination_notice_interval": 3,
            **vals,
        }

    @classmethod
    def _commit(cls):
        """Run what runs at the end of a transaction."""
        cls.env.cr.flush()

    def _renewals(self, customer=None):
        return self.env["customer.success.renewal"].search(
            [("partner_id", "=", (customer or self.customer).id)], order="date_renewal"
        )
