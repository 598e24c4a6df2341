from odoo.tests import freeze_time, tagged

from ..auto_renewal_common import AutoCase
from ..common import TODAY, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestNoticeOpportunities(AutoCase):
    """The opportunity of a renewal is worth what a notice leaves of the contract."""

    def _term(self, **vals):
        term = self._yearly(annual_value=10000, seats=100, **vals)
        term.sudo()._open_leads()
        return term

    def _reduce(self, term):
        return self._give_notice(
            term, given_on=days(1), kind="reduce", notice_seats=60, notice_value=6000
        )

    def test_a_reduction_lowers_what_sales_expects(self):
        term = self._term()
        self.assertEqual(term.lead_id.expected_revenue, 10000)
        self._reduce(term)
        self.assertEqual(term.lead_id.with_user(self.sales).expected_revenue, 6000)

    def test_a_withdrawn_one_raises_it_again(self):
        term = self._reduce(self._term())
        self._withdraw(term, user=self.manager)
        self.assertEqual(term.lead_id.expected_revenue, 10000)

    def test_what_sales_entered_stays(self):
        term = self._term()
        term.lead_id.with_user(self.sales).expected_revenue = 12000
        self._reduce(term)
        self.assertEqual(term.lead_id.expected_revenue, 12000)

    def test_an_opportunity_that_opens_after_the_notice(self):
        term = self._yearly(annual_value=10000, seats=100)
        self._reduce(term)
        term.sudo()._open_leads()
        self.assertEqual(term.lead_id.expected_revenue, 6000)

    def test_winning_it_asks_the_csm(self):
        term = self._reduce(self._term())
        term.lead_id.with_user(self.sales).action_set_won()
        self.assertEqual(term.outcome, "pending")

    def test_an_addon_that_ends_is_expected_no_more(self):
        term = self._term()
        product = self.env["product.product"].create({"name": "Reports"})
        addon = self._yearly(annual_value=2000, product_id=product.id, main_id=term.id)
        self.assertEqual(term.lead_id.expected_revenue, 12000)
        self._give_notice(addon, given_on=days(1))
        self.assertEqual(term.lead_id.with_user(self.sales).expected_revenue, 10000)
