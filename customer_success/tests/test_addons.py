from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, SuccessCase, days


class EventCase(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Acme", success_go_live_date=days(800), user_id=cls.sales.id)
        cls.main = cls._renewal(
            cls.customer,
            12000,
            date_start=date(2026, 1, 1),
            date_renewal=date(2026, 12, 31),
            notice_period=3,
        ).with_user(cls.csm)
        cls.extras = cls.env["product.product"].create(
            [{"name": "Reporter"}, {"name": "Connector"}]
        )

    def _addon(self, number=0, value=3000, main=None, **vals):
        product = self.extras[number]
        return (
            self.env["customer.success.renewal"]
            .with_user(self.csm)
            .create(
                {
                    "partner_id": self.customer.id,
                    "product_id": product.id,
                    "main_id": (main or self.main).id,
                    "date_start": date(2026, 3, 1),
                    "date_renewal": date(2027, 2, 28),
                    "annual_value": value,
                    "seats": 20,
                    **vals,
                }
            )
        )

    def _dialog(self, term, outcome, **vals):
        ends = self.env["customer.success.renewal.end"].with_user(self.csm)
        return ends.create({"renewal_id": term.id, "outcome": outcome, **vals})


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAddons(EventCase):
    """Add-ons end with their main term, are renewed with it, and are one opportunity for sales."""

    def test_an_addon_ends_with_its_main_term_also_when_that_is_moved(self):
        addon = self._addon()
        self.assertEqual((addon.date_renewal, addon.end_is_last_day), (date(2026, 12, 31), True))
        self.assertEqual((addon.date_notice, addon.notice_period), (self.main.date_notice, 3))
        self.main.date_renewal = date(2027, 1, 31)
        self.assertEqual(addon.date_renewal, date(2027, 1, 31))
        self.assertEqual(addon.date_notice, self.main.date_notice)
        with self.assertRaisesRegex(UserError, "ends with its main term"):
            addon.date_renewal = date(2027, 3, 1)
        addon.main_id = False
        addon.date_renewal = date(2027, 3, 1)
        self.assertEqual(self.main.date_renewal, date(2027, 1, 31))

    def test_who_is_a_main_term(self):
        addon = self._addon()
        with self.assertRaisesRegex(ValidationError, "no add-on itself"), self.cr.savepoint():
            self._addon(1, main=addon)
        other = self._renewal(self._customer("Beta"))
        with self.assertRaises(UserError), self.cr.savepoint():
            self._addon(1, main=other)

    def test_one_renewal_renews_the_lines(self):
        one, two = self._addon(), self._addon(1, 1000)
        dialog = self._dialog(self.main, "expanded", renewed_value=15000, renewed_seats=120)
        self.assertIn("Reporter", dialog.addon_text)
        dialog.action_end()
        self.assertEqual((one.outcome, two.outcome), ("renewed", "renewed"))
        following = self.main.next_ids
        self.assertEqual(following.addon_ids, one.next_ids | two.next_ids)
        self.assertEqual(
            [(t.date_start, t.date_renewal) for t in one.next_ids | following],
            2 * [(date(2027, 1, 1), date(2027, 12, 31))],
        )
        self.main.action_reopen()
        self.assertEqual((one.outcome, one.next_ids.ids, two.outcome), ("pending", [], "pending"))

    def test_a_line_is_lost_alone(self):
        lost, kept = self._addon(), self._addon(1, 1000)
        reason = self.env["customer.success.renewal.reason"].search(
            [("outcome", "=", "churned")], limit=1
        )
        self._dialog(lost, "churned", reason_id=reason.id).action_end()
        self.assertEqual(self.main.outcome, "pending")
        self.assertFalse(self.customer.success_former_date)
        self._dialog(self.main, "renewed").action_end()
        self.assertEqual((lost.outcome, kept.outcome), ("churned", "renewed"))
        self.assertEqual(self.main.next_ids.addon_ids, kept.next_ids)
        self.assertFalse(lost.next_ids)

    def test_all_churn_together(self):
        addon = self._addon()
        reason = self.env["customer.success.renewal.reason"].search(
            [("outcome", "=", "churned")], limit=1
        )
        self._dialog(self.main, "churned", reason_id=reason.id).action_end()
        self.assertEqual((addon.outcome, addon.reason_id), ("churned", reason))

    # Sales

    def test_an_addon_whose_main_term_is_archived_has_its_own_opportunity(self):
        addon = self._addon()
        terms = self.env["customer.success.renewal"]
        with freeze_time(date(2026, 9, 1)):
            self.assertNotIn(addon, terms._due_for_lead())
            self.main.with_user(self.manager).active = False
            self.assertIn(addon, terms._due_for_lead())

    def test_a_main_term_cannot_be_moved_before_its_lines(self):
        self._addon(date_start=date(2026, 9, 1))
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.main.date_renewal = date(2026, 8, 1)

    def test_one_opportunity_over_all_lines_by_hand(self):
        self._addon()
        terms = self.env["customer.success.renewal"]
        with freeze_time(date(2026, 9, 1)):
            due = terms._due_for_lead()
            self.assertEqual(due.filtered(lambda t: t.partner_id == self.customer), self.main)
            due.sudo()._open_leads()
        lead = self.main.sudo().lead_id
        self.assertEqual(lead.expected_revenue, 15000)
        second = self._addon(1, 1000)
        self.assertEqual(lead.expected_revenue, 16000)
        second.annual_value = 1500
        self.assertEqual(lead.expected_revenue, 16500)
        self.env["customer.success.renewal.amendment"].with_user(self.csm).create(
            {
                "renewal_id": second.id,
                "date": date(2026, 8, 1),
                "annual_value": 2000,
                "seats": 30,
                "reason": "Ten more users from August",
            }
        )
        self.assertEqual(lead.expected_revenue, 17000)
        lead.with_user(self.sales).action_set_won()
        self.assertEqual((self.main.outcome, second.outcome), ("renewed", "renewed"))
        self.assertEqual((second.renewed_value, lead.expected_revenue), (2000, 17000))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestWholeTerms(EventCase):
    """A term of several years shows its value a year and as a whole; a renewal may be in another currency."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.currency"].create({"name": "TSW", "symbol": "W"})
        cls.env["res.currency.rate"].create(
            {
                "currency_id": cls.other.id,
                "rate": 2,
                "name": days(900),
                "company_id": cls.company.id,
            }
        )

    def test_three_years_by_hand(self):
        for end, last in ((date(2028, 12, 31), True), (date(2029, 1, 1), False)):
            with self.subTest(end=end):
                self.main.write({"date_renewal": end, "end_is_last_day": last})
                self.assertEqual((self.main.annual_value, self.main.term_value), (12000, 36000))
        self.env["customer.success.renewal.amendment"].with_user(self.csm).create(
            {
                "renewal_id": self.main.id,
                "date": date(2027, 1, 1),
                "annual_value": 15000,
                "seats": 100,
                "reason": "Price of the second year",
            }
        )
        # one year at 12,000 and two at 15,000
        self.assertEqual((self.main.annual_value, self.main.term_value), (12000, 42000))
        self.main.date_start = False
        self.assertIs(self.main.term_value, False, "unknown is not zero")

    def test_an_amendment_within_a_month_adds_nothing(self):
        """From the 16th of a month on 10 seats less for the same money: a term of three years stays at 36,000."""
        self.main.write({"date_renewal": date(2028, 12, 31), "end_is_last_day": True})
        self.env["customer.success.renewal.amendment"].with_user(self.csm).create(
            {
                "renewal_id": self.main.id,
                "date": date(2027, 4, 16),
                "annual_value": 12000,
                "seats": 90,
                "reason": "Fewer seats at a higher price",
            }
        )
        self.assertEqual((self.main.annual_value, self.main.term_value), (12000, 36000))

    def test_another_currency_at_the_renewal(self):
        dialog = self._dialog(
            self.main, "renewed", next_currency_id=self.other.id, next_value=25000
        )
        self.assertTrue(dialog.is_other_currency)
        self.assertRegex(
            dialog.rate_text, r"12,500\.00.* at the rate of that day, before .*12,000\.00"
        )
        dialog.action_end()
        # 25,000 at a rate of 2 are 12,500 in the currency of the term
        self.assertEqual((self.main.renewed_value, self.main.next_value), (12500, 25000))
        following = self.main.next_ids
        self.assertEqual((following.currency_id, following.annual_value), (self.other, 25000))
        self.main.renewed_value = 13000
        self.assertEqual((self.main.next_value, following.annual_value), (26000, 26000))
        self.main.action_reopen()
        self.assertFalse(self.main.next_currency_id or self.main.next_value)

    def test_another_currency_without_a_rate_is_refused_in_words(self):
        bare = self.env["res.currency"].create({"name": "TSX", "symbol": "X"})
        dialog = self._dialog(self.main, "renewed", next_currency_id=bare.id, next_value=25000)
        self.assertIn("no exchange rate for TSX", dialog.rate_text)
        with self.assertRaisesRegex(UserError, "no exchange rate"), self.cr.savepoint():
            dialog.action_end()
        dialog = self._dialog(self.main, "renewed", next_currency_id=self.other.id)
        with self.assertRaisesRegex(ValidationError, "Enter the value of the next term"):
            dialog.action_end()
        self.assertEqual(self.main.outcome, "pending")

    def test_an_addon_on_the_form(self):
        with Form(self.main) as form, form.addon_ids.new() as line:
            line.product_id = self.extras[0]
            line.date_start = date(2026, 5, 1)
            line.annual_value = 100
        self.assertEqual(self.main.addon_ids.date_renewal, self.main.date_renewal)
