from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .auto_renewal_common import AutoCase
from .common import TODAY


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestUsualTerms(AutoCase):
    """A product says on which terms it is usually sold; a new term takes them over where nothing else is said."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.write(
            {
                "success_term_months": 24,
                "success_auto_renew": True,
                "success_notice_period": 3,
                "success_notice_unit": "months",
            }
        )

    def _new(self, **vals):
        return self.renewals.with_user(self.csm).create(
            {
                "partner_id": self.customer.id,
                "product_id": self.product.id,
                "date_start": date(2026, 1, 1),
                "date_renewal": date(2026, 12, 31),
                **vals,
            }
        )

    def test_the_form_proposes_them(self):
        form = Form(self.renewals.with_user(self.csm))
        form.partner_id = self.customer
        form.product_id = self.product
        form.date_start = date(2026, 6, 1)
        self.assertEqual(form.date_renewal, date(2028, 6, 1))
        self.assertTrue(form.auto_renew)
        self.assertEqual((form.notice_period, form.notice_unit), (3, "months"))
        term = form.save()
        self.assertEqual((term.auto_renew, term.date_notice), (True, date(2028, 3, 1)))

    def test_what_the_csm_says_goes_first(self):
        form = Form(self.renewals.with_user(self.csm))
        form.partner_id = self.customer
        form.date_start, form.date_renewal = date(2026, 6, 1), date(2026, 12, 31)
        form.notice_period, form.notice_unit = 2, "weeks"
        form.product_id = self.product
        form.auto_renew = False
        term = form.save()
        self.assertEqual(term.date_renewal, date(2026, 12, 31))
        self.assertEqual(
            (term.auto_renew, term.notice_period, term.notice_unit), (False, 2, "weeks")
        )

    def test_a_term_by_the_api_takes_over_what_it_does_not_say(self):
        term = self._new()
        self.assertEqual((term.auto_renew, term.date_notice), (True, date(2026, 9, 30)))
        other = self._new(
            date_start=date(2027, 1, 1), date_renewal=date(2027, 12, 31), auto_renew=False,
            date_notice=date(2027, 11, 30),
        )  # fmt: skip
        self.assertEqual((other.auto_renew, other.date_notice), (False, date(2027, 11, 30)))

    def test_a_file_takes_them_over(self):
        intake = self.env["customer.success.intake"].with_user(self.manager)
        head = ["customer", "product", "date_start", "date_renewal", "annual_value", "auto_renew"]
        rows = [
            ["Filed", "PLANNER", "2026-01-01", "2026-12-31", "1200", ""],
            ["Other", "PLANNER", "2026-01-01", "2026-12-31", "1200", "no"],
        ]
        for changed in ("created", "unchanged"):
            said = intake.load(head, [list(row) for row in rows])
            self.assertEqual(said["messages"], [])
            self.assertEqual(said["counts"][f"renewals_{changed}"], 2)
        terms = self.renewals.search([("partner_id.name", "in", ("Filed", "Other"))], order="id")
        self.assertEqual(terms.mapped("auto_renew"), [True, False])
        self.assertEqual(terms.mapped("notice_period"), [3, 3])

    def test_innocent_terms_are_left_alone(self):
        """No term renews itself because a default came too late, or is of another contract."""
        over = self._new(date_start=date(2025, 1, 1), date_renewal=date(2025, 12, 31))
        self.assertFalse(over.auto_renew, "it is over")
        late = self._new(date_start=date(2026, 1, 1), date_renewal=date(2026, 8, 31))
        self.assertFalse(late.auto_renew, "the day for notice was before it was recorded")
        other = self.env["product.product"].create({"name": "Other"})
        known = self._renewal(self.customer, product_id=other.id).with_user(self.csm)
        other.success_auto_renew = True
        self.assertFalse(known.auto_renew, "it was there before")
        self._run()
        self.assertEqual(set((over | late | known).mapped("outcome")), {"pending"})

    def test_the_next_term_is_as_the_last_one(self):
        term = self._new(auto_renew=False, notice_period=1)
        dialog = self.env["customer.success.renewal.end"].with_user(self.csm)
        dialog = dialog.with_context(default_renewal_id=term.id, default_outcome="renewed")
        Form(dialog).save().action_end()
        following = term.next_ids
        self.assertEqual((following.auto_renew, following.notice_period), (False, 1))

    def test_an_add_on_is_as_its_main_term(self):
        main = self._renewal(
            self.customer,
            product_id=self.env["product.product"].create({"name": "Main"}).id,
            date_start=date(2026, 1, 1),
            date_renewal=date(2026, 12, 31),
        )
        addon = self._new(main_id=main.id)
        self.assertEqual((addon.auto_renew, addon.notice_period), (False, 0))

    def test_terms_that_cannot_be_are_refused(self):
        for vals in (
            {"success_term_months": -1},
            {"success_term_months": 241},
            {"success_notice_period": -1},
            {"success_notice_period": 25},
            {"success_notice_period": 700, "success_notice_unit": "days"},
        ):
            with (
                self.subTest(vals),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                self.product.write(vals)
                self.env.flush_all()

    def test_salespeople_read_and_portal_users_do_not(self):
        self.assertTrue(self.product.with_user(self.sales).success_auto_renew)
        portal = new_test_user(self.env, "usual_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            self.product.with_user(portal).read(["success_auto_renew"])
