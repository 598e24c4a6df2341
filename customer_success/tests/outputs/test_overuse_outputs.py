from datetime import date

from odoo.fields import Domain
from odoo.tests import freeze_time, tagged

from ...report.tiles import read
from ..common import TODAY, days
from ..scores.overuse_common import OveruseCase
from .workbook_common import WorkbookCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestOveruseOutputs(OveruseCase, WorkbookCase):
    """The workbook and the dashboard say of use above the licences what the screens say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.over = cls._over()
        cls.peak = cls._over("Peak", months=2)
        cls.theirs = cls._over("Theirs", success_user_id=cls.lead_csm.id, active=110, months=4)
        cls.customers |= cls.over | cls.theirs | cls.peak
        cls._rescore(cls.customers)

    def _said(self, sheet, customer):
        """Return the values of a customer's row by heading."""
        line = self._rows(sheet).get(customer.name, {})
        return {heading: cell.value for heading, cell in line.items()}

    def test_the_sheet_of_use_says_licences_users_and_since_when(self):
        sheet = self._book(values=True)["Degrees of use"]
        said = self._said(sheet, self.over)
        [line] = self.over.success_overuse_ids
        self.assertEqual(said["Active users"], line.active_users)
        self.assertEqual(said["Licences paid for, if use is above them"], line.licences)
        self.assertEqual(said["Users above licences"], 50)
        self.assertEqual(said["Above licences since"].date(), line.date_since)
        self.assertEqual(said["Months above licences"], 7)
        self.assertEqual([said[f"2026-0{month}"] for month in (3, 4, 5)], [150] * 3)
        self.assertEqual(said["2025-10"], 90)
        self.assertIsNone(self._said(sheet, self.peak)["Users above licences"], "two months")

    def test_the_sheet_of_renewals_has_the_true_up(self):
        sheet = self._book(values=True)["Renewals"]
        said = self._said(sheet, self.over)
        term = self.over.success_renewal_ids
        self.assertEqual((said["Users above licences"], said["True-up a year"]), (50, term.true_up))
        self.assertAlmostEqual(said["True-up until the renewal"], term.true_up_rest, 2)
        self.assertEqual(said["Above licences since"].date(), date(2025, 11, 1))
        self.assertEqual(said["Annual value"], 12000, "the true-up is not part of it")

    def test_a_csm_gets_own_customers_only(self):
        book = self._book(self.csm, values=True)
        for name in ("Degrees of use", "Renewals"):
            self.assertTrue(self._said(book[name], self.over))
            self.assertFalse(self._said(book[name], self.theirs))

    def test_the_dashboard_and_the_list_agree(self):
        for user, customers, money in ((self.csm, 1, 6000), (self.manager, 2, 7200)):
            partners = self.env["res.partner"].with_user(user)
            seen = partners.search(
                partners._get_success_customer_domain() & Domain("id", "in", self.customers.ids)
            )
            found = read(
                self.env(user=user),
                ["overuse", "true_up"],
                lambda model, seen=seen: Domain(
                    "id" if model == "res.partner" else "partner_id", "in", seen.ids
                ),
                TODAY,
            )
            self.assertEqual(found["overuse"], customers)
            self.assertEqual(list(found["true_up"].values()), [money])
            listed = self.env["customer.success.overuse"].with_user(user)
            listed = listed.search(
                [("is_lasting", "=", True), ("partner_id", "in", self.customers.ids)]
            )
            self.assertEqual(sum(listed.mapped("true_up")), money)
        dashboard = self.env["customer.success.dashboard"].with_user(self.csm).create({})
        cards = {card["label"]: card for card in dashboard.content["tiles"]}
        self.assertEqual(cards["Above their licences"]["value"], "1")
        self.assertIn("6,000.00 a year", cards["Above their licences"]["hint"])

    def test_a_month_later_it_says_more(self):
        with freeze_time(date(2026, 7, 10)):
            self._usage(self.over, active=160, when=date(2026, 6, 1))
            self._rescore(self.over)
            said = self._said(self._book(values=True)["Degrees of use"], self.over)
        self.assertEqual((said["Months above licences"], said["Users above licences"]), (8, 60))
        self.assertEqual(said["Above licences since"].date(), date(2025, 11, 1))

    def test_a_notice_keeps_it_out_of_the_true_up_of_the_year(self):
        term = self.over.success_renewal_ids
        term.write({"notice_given_on": days(3), "notice_kind": "end"})
        self._rescore(self.over)
        dashboard = self.env["customer.success.dashboard"].with_user(self.csm).create({})
        cards = {card["label"]: card for card in dashboard.content["tiles"]}
        self.assertIn("unknown value", cards["Above their licences"]["hint"])
