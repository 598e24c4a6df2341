from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import Form, freeze_time, tagged

from .auto_renewal_common import AutoCase
from .common import TODAY, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAutoContracts(AutoCase):
    """Contracts that renew themselves and were amended, have add-ons, or stand beside others of the same product."""

    def _amend(self, term, day, value, seats):
        return (
            self.env["customer.success.renewal.amendment"]
            .with_user(self.csm)
            .create(
                {
                    "renewal_id": term.id,
                    "date": day,
                    "annual_value": value,
                    "seats": seats,
                    "reason": "They bought more licences for their second site.",
                }
            )
        )

    def test_the_next_term_begins_with_what_this_one_ends_with(self):
        term = self._yearly(annual_value=10000, seats=100, price_rise=5)
        self._amend(term, date(2026, 11, 1), 12000, 120)
        with freeze_time("2026-10-01"):
            self._run()
        following = self._chain(term)[1:]
        self.assertEqual(term.outcome, "renewed")
        self.assertEqual((following.annual_value, following.seats), (12600, 120))
        self.assertEqual(term.annual_value, 10000, "the amendment is ahead")

    def test_addons_renew_themselves_once_with_their_main_term(self):
        term = self._yearly(annual_value=10000, price_rise=10)
        product = self.env["product.product"].create({"name": "Reports"})
        addon = self._yearly(
            annual_value=2000, price_rise=50, product_id=product.id, main_id=term.id
        )
        with freeze_time("2026-10-01"):
            self._run()
            self._run()
        self.assertEqual((term.outcome, addon.outcome), ("renewed", "renewed"))
        [after, addon_after] = [self._chain(one)[1:] for one in (term, addon)]
        self.assertEqual(addon_after.main_id, after)
        self.assertEqual((after.annual_value, addon_after.annual_value), (11000, 3000))
        self.assertTrue(after.auto_renew and addon_after.auto_renew)

    def test_an_addon_renews_itself_as_its_main_term_does(self):
        term = self._yearly(auto_renew=False, annual_value=10000)
        product = self.env["product.product"].create({"name": "Reports"})
        addon = self._yearly(annual_value=2000, product_id=product.id, main_id=term.id)
        self.assertFalse(addon.auto_renew)
        term.auto_renew = True
        self.assertTrue(addon.auto_renew)

    def test_a_notice_on_the_main_term_is_one_on_its_addons(self):
        term = self._yearly(annual_value=10000, seats=50)
        product = self.env["product.product"].create({"name": "Reports"})
        addon = self._yearly(annual_value=2000, product_id=product.id, main_id=term.id, seats=50)
        self._usage(self.customer)
        self._rescore(self.customer)
        before = addon.churn_risk
        self._give_notice(term, given_on=days(1))
        self._rescore(self.customer)
        self.assertGreater(addon.churn_risk, before)
        self.assertAlmostEqual(addon.churn_risk, term.churn_risk, delta=2)
        with freeze_time("2026-10-01"):
            self._run()
        self.assertEqual((term.outcome, addon.outcome), ("pending", "pending"))

    def test_two_contracts_of_one_product_each_renew_themselves(self):
        sites = [
            self._yearly(annual_value=value, seats=seats, contract_number=number)
            for number, value, seats in (("NORTH", 10000, 100), ("SOUTH", 4000, 30))
        ]
        with freeze_time("2026-10-01"):
            self._run()
            self._run()
        for term, number in zip(sites, ("NORTH", "SOUTH"), strict=True):
            [following] = self._chain(term)[1:]
            self.assertEqual(following.contract_number, number)
            self.assertEqual(following.annual_value, term.annual_value)

    def test_two_sites_from_month_to_month_are_two_lines(self):
        for number in ("NORTH", "SOUTH"):
            self._monthly(contract_number=number, annual_value=1200)
        with freeze_time("2026-09-02"):
            self._run()
            shown = self.renewals.with_user(self.csm).search(
                [("partner_id", "=", self.customer.id), ("outcome", "=", "pending")]
            )
        self.assertEqual(sorted(shown.mapped("contract_number")), ["NORTH", "SOUTH"])
        self.assertEqual(set(shown.mapped("date_renewal")), {date(2026, 9, 30)})

    def test_a_notice_reduces_what_an_amendment_has_made_of_the_term(self):
        term = self._yearly(annual_value=10000, seats=100)
        self._amend(term, TODAY, 15000, 150)
        self._give_notice(
            term,
            given_on=days(1),
            kind="reduce",
            notice_seats=120,
            notice_value=12000,
        )
        self.assertEqual((term.notice_seats, term.notice_value), (120, 12000))

    # ------------------------------------------------------------------------------------------
    # A notice on an add-on alone
    # ------------------------------------------------------------------------------------------

    def _reports(self, main, **vals):
        product = self.env["product.product"].create({"name": "Reports"})
        vals = {"annual_value": 2000, "seats": 50, **vals}
        return self._yearly(product_id=product.id, main_id=main.id, **vals)

    def test_a_notice_on_an_addon_does_not_stop_its_main_term(self):
        term = self._yearly(annual_value=10000)
        addon = self._reports(term)
        self._give_notice(addon, given_on=days(1))
        with freeze_time("2026-10-01"):
            self._run()
            self.assertEqual((term.outcome, addon.outcome), ("renewed", "pending"))
        with freeze_time("2027-01-01"):
            self._run()
            self.assertEqual(addon.activity_ids.user_id, self.csm)
            addon.outcome = "churned"
        self.assertEqual((term.outcome, addon.next_ids.ids), ("renewed", []))

    def test_an_addon_that_is_reduced_goes_on_with_its_main_term(self):
        term = self._yearly(annual_value=10000)
        addon = self._reports(term)
        self._give_notice(addon, given_on=days(1), kind="reduce", notice_seats=20)
        term.outcome = "renewed"
        self.assertEqual((term.outcome, addon.outcome), ("renewed", "pending"))
        addon.write({"outcome": "contracted", "renewed_value": 800, "renewed_seats": 20})
        self.assertEqual(addon.next_ids.main_id, term.next_ids)
        self.assertEqual((addon.next_ids.annual_value, addon.next_ids.seats), (800, 20))

    def test_all_end_if_the_main_term_churns(self):
        term = self._yearly(annual_value=10000)
        addon = self._reports(term)
        self._give_notice(addon, given_on=days(1), kind="reduce", notice_seats=20)
        term.outcome = "churned"
        self.assertEqual(addon.outcome, "churned")

    # ------------------------------------------------------------------------------------------
    # An add-on that begins after its main term has ended
    # ------------------------------------------------------------------------------------------

    def test_an_addon_that_begins_later_ends_with_its_churned_main_term(self):
        term = self._yearly(annual_value=10000)
        addon = self._reports(term, date_start=date(2026, 7, 1))
        term.outcome = "churned"
        self._run()
        self.assertEqual(addon.outcome, "pending", "it has not begun")
        with freeze_time("2026-07-02"):
            self._run()
            self.assertEqual((addon.outcome, addon.date_outcome), ("churned", date(2026, 7, 1)))
            addon.action_reopen()
            self._run()
            self.assertEqual(addon.outcome, "pending", "a person reopened it")

    def test_a_late_run_renews_no_addon_of_a_churned_main_term(self):
        term = self._yearly(annual_value=10000)
        addon = self._reports(term, date_start=date(2026, 7, 1))
        term.outcome = "churned"
        with freeze_time("2026-10-01"):
            self._run()
        self.assertEqual((addon.outcome, addon.next_ids.ids), ("churned", []))

    def test_an_addon_that_begins_later_is_renewed_with_its_main_term(self):
        term = self._yearly(annual_value=10000, auto_renew=False)
        addon = self._reports(term, date_start=date(2026, 7, 1))
        term.outcome = "renewed"
        self.assertEqual(addon.outcome, "pending")
        with freeze_time("2026-07-01"):
            self._run()
        self.assertEqual(addon.outcome, "renewed")
        self.assertEqual(addon.next_ids.main_id, term.next_ids)

    # ------------------------------------------------------------------------------------------
    # Notices and amendments that are ahead
    # ------------------------------------------------------------------------------------------

    def test_a_notice_reduces_what_the_term_ends_with(self):
        term = self._yearly(annual_value=10000, seats=100)
        self._amend(term, date(2026, 11, 1), 20000, 200)
        dialog = self.env["customer.success.renewal.notice"].with_user(self.csm)
        dialog = Form(dialog.with_context(default_renewal_id=term.id))
        dialog.kind = "reduce"
        self.assertEqual((dialog.annual_value, dialog.seats), (20000, 200))
        dialog.notice_seats = 150
        self.assertEqual(dialog.notice_value, 15000)
        term.write({"notice_given_on": TODAY, "notice_kind": "reduce", "notice_seats": 150})
        self.assertEqual((term.notice_seats, term.notice_value), (150, 15000))

    def test_an_amendment_below_the_notice_is_refused_in_words(self):
        term = self._yearly(annual_value=12000, seats=100)
        raised = self._amend(term, date(2026, 8, 1), 13000, 110)
        self._give_notice(term, kind="reduce", notice_seats=105, notice_value=12600)
        for value, seats in ((8400, 70), (12600, 105), (13000, 100)):
            with (
                self.subTest(seats=seats),
                self._refused("withdraw the notice", ValidationError),
                self.cr.savepoint(),
            ):
                self._amend(term, date(2026, 9, 1), value, seats)
        with self._refused("withdraw the notice", ValidationError), self.cr.savepoint():
            raised.with_user(self.manager).seats = 104
        with self._refused("withdraw the notice", ValidationError), self.cr.savepoint():
            raised.with_user(self.manager).unlink()
        self._amend(term, date(2026, 9, 1), 14000, 120)
        self.assertEqual(term._at_end(), (14000, 120))

    # ------------------------------------------------------------------------------------------
    # The opportunity
    # ------------------------------------------------------------------------------------------

    def test_what_is_won_has_the_price_rise_of_each_line(self):
        """
        worked example: 10,000 and 10 % more, add-on 2,000 and 50 % more

        before  10,000 + 2,000 = 12,000
        won     11,000 + 3,000 = 14,000
        """
        term = self._yearly(annual_value=10000, price_rise=10)
        self._reports(term, price_rise=50)
        term.sudo()._open_leads()
        lead = term.sudo().lead_id
        self.assertEqual(lead.expected_revenue, 12000)
        with freeze_time("2026-10-01"):
            self._run()
        self.assertEqual((lead.won_status, lead.expected_revenue), ("won", 14000))
        following = self._chain(term)[1:]
        self.assertEqual(sum((following | following.addon_ids).mapped("annual_value")), 14000)

    def test_what_is_won_leaves_out_an_addon_of_which_notice_was_given(self):
        term = self._yearly(annual_value=10000)
        addon = self._reports(term)
        term.sudo()._open_leads()
        self._give_notice(addon, given_on=days(1))
        lead = term.sudo().lead_id
        with freeze_time("2026-10-01"):
            self._run()
        self.assertEqual((lead.won_status, lead.expected_revenue), ("won", 10000))

    def test_what_is_won_has_an_addon_in_full_whose_notice_came_late(self):
        term = self._yearly(annual_value=10000)
        addon = self._reports(term)
        term.sudo()._open_leads()
        lead = term.sudo().lead_id
        term.with_user(self.manager).date_notice = days(5)
        self._give_notice(addon, kind="reduce", notice_seats=20)
        self.assertEqual((addon.notice_is_late, lead.expected_revenue), (True, 10800))
        term.outcome = "renewed"
        self.assertEqual((addon.renewed_value, lead.expected_revenue), (2000, 12000))
        self.assertEqual((addon.next_ids.notice_kind, addon.next_ids.notice_value), ("reduce", 800))
