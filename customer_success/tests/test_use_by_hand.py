from datetime import datetime, time
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import TODAY, SuccessCase, days

MAY = "2026-05-01"
REASON = "The product counted test accounts of our own"


class ByHandCase(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(ref="C-1")
        cls.usages = cls.env["customer.success.usage"].with_user(cls.csm)
        cls.source = new_test_user(
            cls.env, "test_source", "customer_success.group_success_user_all"
        )

    def _entered(self, user=None, **vals):
        return self.usages.with_user(user or self.csm).create(
            {
                "partner_id": self.customer.id,
                "product_id": self.product.id,
                "date": MAY,
                "source": "assessed",
                **vals,
            }
        )

    def _delivered(self, user=None, **vals):
        """Deliver measured figures by the API, as a source does."""
        usages = self.usages.with_user(user or self.source)
        usages.ingest([self._row(self.customer, licensed_users=100, **vals)])
        return self.usages.search([("partner_id", "=", self.customer.id)], limit=1)

    def _health(self):
        self._rescore(self.customer)
        return self.customer.success_health


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestUnlikelyByHand(ByHandCase):
    """A number of users that is hard to believe is asked about, however it is entered."""

    def _form(self):
        action = self.customer.with_user(self.csm).action_success_usage()
        form = Form(self.usages.with_context(**action["context"]))
        form.product_id = self.product
        return form

    def test_cheat_the_form_asks_and_takes_what_is_confirmed(self):
        form = self._form()
        form.licensed_users = 10
        form.active_users = 10**9
        self.assertIn("ten times the customer's licences (10)", form.doubt)
        with self.assertRaisesRegex(UserError, "The Figures Are Right"):
            form.save()
        form.confirmed = True
        self.assertEqual(form.save().active_users, 10**9)

    def _past_without_licences(self):
        for month in (2, 3, 4):
            self._entered(date=f"2026-0{month}-01", active_users=60)

    def test_cheat_the_form_asks_about_users_with_licences_of_their_own(self):
        self._past_without_licences()
        form = self._form()
        form.licensed_users = form.active_users = 10**9
        self.assertIn("ten times this customer's past (60)", form.doubt)
        with self.assertRaisesRegex(UserError, "The Figures Are Right"):
            form.save()
        form.confirmed = True
        self.assertEqual(form.save().active_users, 10**9)

    def test_cheat_odoos_own_import_asks_about_users_with_licences_of_their_own(self):
        self._past_without_licences()
        names = ["partner_id/.id", "product_id/.id", "date", "licensed_users", "active_users"]
        row = [str(self.customer.id), str(self.product.id), MAY, str(10**9), str(10**9)]
        result = self.usages.load(names, [row])
        self.assertFalse(result["ids"])
        self.assertIn("this customer's past (60)", result["messages"][0]["message"])

    def test_another_number_is_asked_about_anew(self):
        form = self._form()
        form.licensed_users = 10
        form.active_users = 500
        form.confirmed = True
        form.active_users = 5000
        self.assertFalse(form.confirmed)

    def test_what_stands_confirmed_is_not_asked_about_again(self):
        self._entered(licensed_users=10, active_users=500, confirmed=True)
        form = self._form()
        form.date = MAY
        self.assertEqual(form.active_users, 500)
        self.assertFalse(form.doubt)
        form.quality = 70
        self.assertEqual(form.save().quality, 70)

    def test_cheat_odoos_own_import_refuses_in_words_unless_a_column_confirms(self):
        names = ["partner_id/.id", "product_id/.id", "date", "active_users", "confirmed"]
        self._entered(date="2026-04-01", active_users=50)
        row = [str(self.customer.id), str(self.product.id), MAY, str(10**12)]
        result = self.usages.load(names, [[*row, ""]])
        self.assertFalse(result["ids"])
        self.assertIn(
            "more than ten times this customer's past (50)", result["messages"][0]["message"]
        )
        self.assertFalse(self.customer.success_usage_ids.filtered(lambda u: str(u.date) == MAY))
        result = self.usages.load(names, [[*row, "1"]])
        self.assertTrue(result["ids"], result["messages"])

    def test_cheat_a_change_is_asked_about(self):
        usage = self._entered(licensed_users=10, active_users=5)
        with self.assertRaisesRegex(UserError, "ten times"):
            usage.active_users = 10**6
        usage.write({"active_users": 10**6, "confirmed": True})
        self.assertEqual(usage.active_users, 10**6)

    def test_innocent_a_pilot_grows_tenfold(self):
        self._entered(date="2026-04-01", licensed_users=5, active_users=4)
        self.assertTrue(self._entered(licensed_users=100, active_users=90))

    def test_innocent_nobody_knows_the_past(self):
        self.assertTrue(self._entered(active_users=50_000))

    def test_innocent_licences_bought_with_the_users(self):
        self._entered(date="2026-04-01", licensed_users=100, active_users=90)
        self.assertTrue(self._entered(licensed_users=1000, active_users=950))

    def test_innocent_a_large_customer_shrinks(self):
        self._entered(date="2026-04-01", licensed_users=50_000, active_users=40_000)
        self.assertTrue(self._entered(licensed_users=500, active_users=40))

    def test_innocent_another_customer_is_large(self):
        self._entered(date="2026-04-01", active_users=20)
        other = self._customer("Globex")
        self.assertTrue(self._entered(partner_id=other.id, active_users=9000))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestMeasuredByHand(ByHandCase):
    """Measured figures are no matter of the one who is rated by them."""

    def test_cheat_the_csm_overwrites_what_a_source_measured(self):
        usage = self._delivered(active_users=12)
        before = self._health()
        for vals in ({"active_users": 95}, {"active_users": 95, "figure_reason": REASON}):
            with self.assertRaisesRegex(UserError, "brought by somebody else"):
                usage.write(vals)
        self.assertEqual(self._health(), before)

    def test_cheat_the_measured_record_is_moved_away(self):
        usage = self._delivered(active_users=12)
        other = self.env["product.product"].create({"name": "Ledger"})
        for vals in (
            {"source": "assessed"},
            {"date": "2020-05-01"},
            {"product_id": other.id},
            {"licensed_users": 12},
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, "brought by somebody else"):
                usage.write(vals)

    def test_cheat_a_measured_week_is_entered_beside_the_source(self):
        self._delivered(active_users=12)
        with self.assertRaisesRegex(UserError, "a source delivers"):
            self._entered(
                date="2026-06-08",
                period="week",
                source="measured",
                licensed_users=100,
                active_users=95,
            )
        assessed = self._entered(date="2026-06-01", active_users=95)
        with self.assertRaisesRegex(UserError, "a source delivers"):
            assessed.source = "measured"

    def test_cheat_the_form_corrects_what_stands(self):
        self._delivered(active_users=12)
        action = self.customer.with_user(self.csm).action_success_usage()
        form = Form(self.usages.with_context(**action["context"]))
        form.product_id, form.date, form.source = self.product, MAY, "measured"
        self.assertEqual(form.active_users, 12)
        form.active_users = 95
        form.figure_reason = REASON
        with self.assertRaisesRegex(UserError, "brought by somebody else"):
            form.save()

    def test_a_manager_corrects_and_the_customer_remembers(self):
        usage = self._delivered(active_users=12)
        usage.with_user(self.manager).write({"active_users": 95, "figure_reason": REASON})
        self.assertEqual(usage.active_users, 95)
        said = self.customer.message_ids[0].body
        for words in ("Active Users 12 → 95", REASON, "test_manager"):
            self.assertIn(words, said)

    def test_cheat_a_manager_corrects_the_own_customer(self):
        usage = self._delivered(active_users=12).with_user(self.manager)
        self.customer.success_user_id = self.manager
        new_test_user(self.env, "test_manager_2", "customer_success.group_success_manager")
        with self.assertRaisesRegex(UserError, "brought by somebody else"):
            usage.active_users = 95
        with self.assertRaisesRegex(UserError, "brought by somebody else"):
            usage.unlink()

    def test_who_delivered_it_corrects_it_with_a_reason(self):
        usage = self._delivered(self.csm, active_users=12)
        usage.delivery_id.sudo().create_date = days(20)
        with self.assertRaisesRegex(UserError, "Reason for the Correction"):
            usage.active_users = 95
        with self.assertRaisesRegex(UserError, "Reason for the Correction"):
            usage.write({"active_users": 95, "figure_reason": "…"})
        usage.write({"active_users": 95, "figure_reason": REASON})
        self.assertIn(REASON, self.customer.message_ids[0].body)
        self.assertEqual(usage.revision_ids.active_users, 12)

    def test_innocent_a_slip_of_the_day(self):
        now = datetime.combine(TODAY, time(9))
        with patch.object(self.env.cr, "now", lambda: now):
            usage = self._entered(source="measured", licensed_users=100, active_users=21)
        usage.active_users = 12
        self.assertEqual(usage.active_users, 12)

    def test_innocent_the_source_delivers_again(self):
        usage = self._delivered(active_users=12)
        self._delivered(active_users=21)
        self.assertEqual(usage.active_users, 21)

    def test_innocent_what_is_assessed_beside_it(self):
        self._delivered(active_users=12)
        assessed = self._entered(date="2026-06-01", active_users=30, quality=70)
        assessed.quality = 25
        self.assertEqual(assessed.quality, 25)

    def test_innocent_what_stands_is_saved_again(self):
        usage = self._delivered(active_users=12)
        usage.write({"active_users": 12, "source": "measured"})
        self.assertFalse(usage.revision_ids)

    def test_innocent_the_source_ended_long_ago(self):
        self._delivered(active_users=12, date="2025-11-20")
        self.assertTrue(self._entered(source="measured", licensed_users=100, active_users=90))
