from datetime import date

from odoo.tests import Form, freeze_time, tagged

from odoo.addons.customer_success.tests.common import TODAY

from .common import ContractCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestContractTerms(ContractCase):
    """The last day of a contract line stays the last day of the term, whoever renews it."""

    def _renew(self, term):
        with freeze_time(term.date_renewal):
            dialog = self.env["customer.success.renewal.end"].with_user(self.csm)
            dialog = dialog.with_context(default_renewal_id=term.id, default_outcome="renewed")
            Form(dialog).save().action_end()
        return term.next_ids

    def test_half_years_keep_last_day_and_notice(self):
        self._contract(
            lines=[
                {
                    "date_start": date(2026, 1, 1),
                    "date_end": date(2026, 6, 30),
                    "auto_renew_rule_type": "monthly",
                    "auto_renew_interval": 6,
                }
            ]
        )
        term = self._renewals().with_user(self.csm)
        self.assertIn("to and including 06/30/2026", term.term_text)
        self.assertEqual(term.date_notice, date(2026, 3, 30))
        term = self._renew(term)
        self.assertIn("to and including 12/31/2026", term.term_text)
        self.assertLessEqual(term.date_notice, date(2026, 9, 30))
        self.assertIn("to and including 06/30/2027", self._renew(term).term_text)

    def test_a_contract_without_an_end_keeps_its_anniversary(self):
        self._contract(
            lines=[{"date_start": date(2024, 2, 29), "date_end": False, "is_auto_renew": False}]
        )
        term = self._renewals()
        self.assertEqual(term.date_renewal, date(2027, 2, 28))
        self.assertEqual(self._renew(term).date_renewal, date(2028, 2, 29))

    def test_the_contract_goes_before_its_product(self):
        self.product.write({"success_auto_renew": True, "success_notice_period": 1})
        self._contract(lines=[{"is_auto_renew": False, "date_end": date(2027, 8, 31)}])
        term = self._renewals()
        self.assertFalse(term.auto_renew)
        self.assertEqual(term.date_notice, date(2027, 5, 31))

    def test_a_contract_without_a_notice_has_that_of_its_product(self):
        self.product.success_notice_period = 1
        self._contract(
            lines=[{"date_start": date(2026, 3, 1), "date_end": False, "is_auto_renew": False}]
        )
        term = self._renewals()
        self.assertEqual(
            (term.date_renewal, term.date_notice), (date(2027, 3, 1), date(2027, 2, 1))
        )
