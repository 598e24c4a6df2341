import random
from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_success.scoring.chain import Chain, add_months

from .auto_renewal_common import AutoCase
from .common import TODAY
from .test_terms import day

# first term, its notice date, months of the following terms; ends that follow, and their notice dates
TABLE = {
    "fourteen months with their last day, then yearly": (
        ("2026-01-01", "2027-02-28", "2026-11-30", 12),
        [("2028-02-29", "2027-11-30"), ("2029-02-28", "2028-11-30")],
    ),
    "fourteen months from the last day of a month, then yearly": (
        ("2025-12-31", "2027-02-28", None, 12),
        [("2028-02-29", None), ("2029-02-28", None)],
    ),
    "a pilot of thirty days, then yearly": (
        ("2026-03-10", "2026-04-09", None, 12),
        [("2027-04-09", None), ("2028-04-09", None)],
    ),
    "to the end of the year, then half-yearly": (
        ("2026-03-10", "2026-12-31", "2026-09-30", 6),
        [("2027-06-30", "2027-03-31"), ("2027-12-31", "2027-09-30")],
    ),
    "three years, then month to month": (
        ("2026-01-31", "2029-01-31", None, 1),
        [("2029-02-28", None), ("2029-03-31", None), ("2029-04-30", None)],
    ),
    "as long as it is": (
        ("2026-01-01", "2026-12-31", None, 0),
        [("2027-12-31", None), ("2028-12-31", None)],
    ),
}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFirstTerms(AutoCase):
    """A first term of another length than those that follow: fourteen months, then yearly."""

    def _term(self, start, end, notice=None, months=0, **vals):
        if notice:
            vals["date_notice"] = day(notice)
        return self._renewal(
            self._customer("A first term"),
            date_start=day(start),
            date_renewal=day(end),
            following_months=months,
            **vals,
        ).with_user(self.csm)

    def _renew(self, term, **said):
        with freeze_time(term.date_renewal):
            dialog = self.env["customer.success.renewal.end"].with_user(self.csm)
            dialog = Form(
                dialog.with_context(default_renewal_id=term.id, default_outcome="renewed")
            )
            for name, value in said.items():
                dialog[name] = value
            dialog.save().action_end()
        return term.next_ids

    def test_the_following_terms_have_their_own_length(self):
        for name, (first, ends) in TABLE.items():
            with self.subTest(name):
                term = self._term(*first)
                told = term.next_text
                for end, notice in ends:
                    before, term = term, self._renew(term)
                    self.assertEqual(term.date_renewal, day(end))
                    self.assertEqual(term.date_notice, day(notice) or False)
                    self.assertEqual(term.date_start, before._date_after())
                    self.assertIn(term.date_renewal.strftime("%m/%d/%Y"), told)

    def test_the_form_says_it_before_it_is_saved(self):
        form = Form(self.env["customer.success.renewal"].with_user(self.csm))
        form.partner_id = self._customer("New")
        form.date_start, form.date_renewal = date(2026, 1, 1), date(2027, 2, 28)
        self.assertIn("04/30/2028", form.next_text)
        form.following_months = 12
        self.assertIn("02/29/2028", form.next_text)
        self.assertIn("to and including 02/28/2027", form.term_text)

    def test_it_renews_itself_for_the_other_length(self):
        term = self._term("2025-04-01", "2026-05-31", None, 12, auto_renew=True)
        self.assertIn("until 05/31/2027", term.auto_text)
        self._run()
        following = term.next_ids
        self.assertEqual((term.outcome, following.date_renewal), ("renewed", date(2027, 5, 31)))
        self.assertEqual(following.following_months, 12)

    def test_the_dialog_renews_for_several_years(self):
        term = self._term("2025-07-01", "2026-06-30")
        following = self._renew(term, following_months=36)
        self.assertEqual(following.date_renewal, date(2029, 6, 30))
        # and back to a year, from the dialog of that term
        last = self._renew(following, following_months=12)
        self.assertEqual(last.date_renewal, date(2030, 6, 30))

    def test_the_dialog_says_until_when(self):
        term = self._term("2025-07-01", "2026-06-30")
        dialog = self.env["customer.success.renewal.end"].with_user(self.csm)
        dialog = Form(dialog.with_context(default_renewal_id=term.id, default_outcome="renewed"))
        self.assertIn("06/30/2027", dialog.next_text)
        dialog.following_months = 24
        self.assertIn("06/30/2028", dialog.next_text)
        self.assertEqual(term.following_months, 0)

    def test_a_correction_of_the_length_corrects_the_next_term(self):
        term = self._term("2025-07-01", "2026-06-30")
        following = self._renew(term)
        term.following_months = 6
        self.assertEqual(following.date_renewal, date(2026, 12, 31))

    def test_naming_the_length_that_it_has_keeps_the_anchor(self):
        first = self._term("2024-02-29", "2025-02-28")
        second = self._renew(first)
        second.following_months = 12
        self.assertEqual(second.anchor_start, date(2024, 2, 29))
        third = self._renew(self._renew(second))
        self.assertEqual(third.date_renewal, date(2028, 2, 29))

    def test_an_add_on_follows_its_main_term(self):
        main = self._term("2026-01-01", "2027-02-28", None, 12)
        addon = self._renewal(
            main.partner_id,
            product_id=self.env["product.product"].create({"name": "Reports"}).id,
            main_id=main.id,
            date_start=date(2026, 5, 1),
            date_renewal=main.date_renewal,
        )
        self.assertEqual(addon.following_months, 12)
        following = self._renew(main)
        self.assertEqual(addon.next_ids.date_renewal, date(2028, 2, 29))
        self.assertEqual(addon.next_ids.main_id, following)
        with self.assertRaises(UserError):
            addon.next_ids.with_user(self.csm).following_months = 3

    def test_a_file_says_it(self):
        rows = dict(
            customer="Filed",
            product=self.product.default_code,
            date_start="2026-01-01",
            date_renewal="2027-02-28",
            annual_value="12000",
            following_months="12",
        )
        intake = self.env["customer.success.intake"].with_user(self.manager)
        for changed in ("created", "unchanged"):
            said = intake.load(list(rows), [list(rows.values())])
            self.assertEqual(said["messages"], [])
            self.assertEqual(said["counts"][f"renewals_{changed}"], 1)
        term = self.env["customer.success.renewal"].search([("partner_id.name", "=", "Filed")])
        self.assertEqual(self._renew(term.with_user(self.csm)).date_renewal, date(2028, 2, 29))
        rows["following_months"] = "241"
        [refused] = intake.load(list(rows), [list(rows.values())])["messages"]
        self.assertEqual(refused["field"], "following_months")

    def test_a_length_that_cannot_be_is_refused(self):
        for months in (-1, 241):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
                self._term("2026-01-01", "2026-12-31", None, months)

    def test_nothing_drifts_overlaps_or_leaves_a_gap(self):
        rng = random.Random(26)
        for _number in range(2000):
            start = date(2020, 1, 1) + timedelta(days=rng.randrange(3000))
            first = rng.choice([rng.randrange(7, 800), 0])
            end = (
                start + timedelta(days=first) if first else add_months(start, rng.randrange(1, 40))
            )
            months = rng.randrange(1, 40)
            chain = Chain.of(start, end, following=months)
            self.assertEqual(chain.end(0), end)
            after, second = end, chain.second
            for number in range(1, 8):
                begins, after = chain.next_term(after)
                self.assertEqual(begins, chain.start(number))
                self.assertEqual(after, chain.end(number))
                self.assertTrue(chain.has(begins, after))
                boundary = chain.start(number + 1)
                lived = (boundary.year - second.year) * 12 + boundary.month - second.month
                self.assertEqual(lived, number * months)
                short = boundary.day < second.day and boundary.day < 28
                self.assertFalse(short, (start, end, months, number))
