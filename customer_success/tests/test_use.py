from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestUse(SuccessCase):
    """Use over time and against its targets, and customers without fresh use."""

    def _factor(self, customer, code):
        score = self._rescore(customer)
        lines = {line["code"]: line for line in score.breakdown["factors"]}
        return lines.get(code)

    def _months(self, customer, *active, **vals):
        """Record monthly use; the last figure is that of May 2026, the latest month that is over."""
        for number, users in enumerate(reversed(active)):
            if users is not None:
                month = (4 - number) % 12 + 1
                year = 2026 + (4 - number) // 12
                self._usage(customer, active=users, when=f"{year}-{month:02}-01", **vals)

    # -- corrections ----------------------------------------------------------------------------

    def test_a_correction_on_the_form_keeps_what_it_replaced(self):
        usage = self._usage(self._customer(), active=80, quality=50, source="assessed")
        usage = usage.with_user(self.csm)
        usage.active_users = 70
        usage.write({"active_users": 70, "quality": 50})
        self.assertEqual(len(usage.revision_ids), 1)
        self.assertEqual((usage.revision_ids.active_users, usage.revision_ids.quality), (80, 50))
        self.assertEqual(usage.revision_ids.user_id, self.csm)

    def test_what_was_deleted_can_be_traced(self):
        customer = self._customer()
        usage = self._usage(customer).with_user(self.manager)
        usage.unlink()
        revision = self.env["customer.success.usage.revision"].search(
            [("partner_id", "=", customer.id)]
        )
        self.assertEqual((revision.active_users, revision.user_id), (80, self.manager))

    def test_nobody_rewrites_what_was(self):
        usage = self._usage(self._customer())
        usage.active_users = 1
        for user in (self.csm, self.manager):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(usage.revision_ids.with_user(user).has_access(operation))

    # -- intended use ---------------------------------------------------------------------------

    def test_degrees_are_measured_against_what_was_intended(self):
        customer = self._customer(stage="sustained_use")
        self._usage(customer, licensed=False, active=False, quality=45, timely=45)
        self.assertEqual(self._factor(customer, "use")["value"], 45)
        intended = self.env["customer.success.intended.use"]
        usual = intended.create({"product_id": self.product.id, "quality": 60})
        self.assertEqual(self._factor(customer, "use")["value"], 60)  # 75 and 45
        intended.create(
            {"product_id": self.product.id, "partner_id": customer.id, "quality": 45, "timely": 45}
        )
        self.assertEqual(self._factor(customer, "use")["value"], 100)
        usual.quality = 10
        self.assertEqual(
            self._factor(customer, "use")["value"],
            100,
            "the customer's own target takes precedence",
        )

    def test_reasons_say_what_was_measured_and_what_was_intended(self):
        customer = self._customer(stage="sustained_use")
        self._usage(customer, quality=45, timely=30, frequency=80)
        self.env["customer.success.intended.use"].with_user(self.manager).create(
            {
                "product_id": self.product.id,
                "quality": 45,
                "timely": 60,
                "reason": "Planners plan twice a month, by hand.",
            }
        )
        self._rescore(customer)
        text = str(customer.with_user(self.csm).success_explanation)
        self.assertIn("How Well: 45 of 45 intended", text)
        self.assertIn("When: On Time: 30 of 60 intended", text)
        self.assertIn("How Often: 80 %", text, "nothing less than all was intended")

    def test_adoption_is_measured_against_the_products_own_target(self):
        customer = self._customer(stage="sustained_use")
        self._usage(customer, active=40)
        self.env["customer.success.intended.use"].create(
            {"product_id": self.product.id, "adoption": 50}
        )
        line = self._factor(customer, "use")
        self.assertEqual((line["value"], line["evidence"]["target"]), (80, 50))

    def test_a_new_target_asks_for_its_customers_to_be_rescored(self):
        customer, other = self._customer("Uses it"), self._customer("Does not")
        self._usage(customer)
        self.env.cr.execute("DELETE FROM customer_success_score_request")
        self.env["customer.success.intended.use"].create(
            {"product_id": self.product.id, "quality": 50}
        )
        asked = self.env["customer.success.score.request"].search([]).partner_id
        self.assertIn(customer, asked)
        self.assertNotIn(other, asked)

    def test_who_says_what_was_intended(self):
        intended = self.env["customer.success.intended.use"]
        mine, others = self._customer(), self._customer("Others", success_user_id=self.lead_csm.id)
        with self.assertRaises(AccessError):
            intended.with_user(self.csm).create({"product_id": self.product.id})
        with self.assertRaises(AccessError):
            intended.with_user(self.csm).create(
                {"product_id": self.product.id, "partner_id": others.id}
            )
        own = intended.with_user(self.csm).create(
            {"product_id": self.product.id, "partner_id": mine.id}
        )
        usual = intended.with_user(self.manager).create({"product_id": self.product.id})
        self.assertEqual(intended.with_user(self.csm).search([]), own | usual)
        with self.assertRaises(AccessError):
            usual.with_user(self.csm).adoption = 10

    @mute_logger("odoo.sql_db")
    def test_targets_that_are_none_are_refused(self):
        intended = self.env["customer.success.intended.use"]
        intended.create({"product_id": self.product.id})
        for vals in ({}, {"quality": 0}, {"quality": 101}, {"adoption": -1}):
            other = self.env["product.product"].create({"name": "Other"})
            product = other if vals else self.product
            with self.subTest(vals), self.assertRaises(IntegrityError), self.cr.savepoint():
                intended.create({"product_id": product.id, **vals})

    # -- ramp -----------------------------------------------------------------------------------

    def test_the_target_rises_over_six_months_after_go_live(self):
        customer = self._customer(stage="first_use", success_go_live_date=days(40))
        self._usage(customer, active=20)
        line = self._factor(customer, "use")
        self.assertEqual((line["evidence"]["ramp_month"], line["evidence"]["ramp_months"]), (2, 6))
        self.assertEqual(line["evidence"]["target"], 26.7)
        self.assertEqual(line["value"], 75)
        customer.success_go_live_date = days(180)
        self.assertEqual(self._factor(customer, "use")["value"], 25)

    # -- trend ----------------------------------------------------------------------------------

    def test_a_falling_quarter_and_year(self):
        """98 to 78 in a quarter: -20 %. 98 to 78 in a year: -20 %. 70 - 1.5 x 20 = 40."""
        customer = self._customer()
        year_ago = (98, 98, 98) + (None,) * 6
        self._months(customer, *year_ago, 98, 98, 98, 78, 78, 78)
        line = self._factor(customer, "trend")
        self.assertEqual(line["evidence"], {"quarter": -20, "year": -20, "now": 78})
        self.assertEqual(line["value"], 40)
        self.assertEqual(
            (customer.success_change_quarter, customer.success_change_year), (-20, -20)
        )
        explanation = str(customer.with_user(self.csm).success_explanation)
        self.assertIn("Active users: -20 % compared with the previous quarter", explanation)

    def test_steady_use_is_seventy_and_growth_more(self):
        steady, growing = self._customer("Steady"), self._customer("Growing")
        self._months(steady, 80, 80, 80, 80, 80, 80)
        self._months(growing, 48, 48, 48, 60, 60, 60)
        self.assertEqual(self._factor(steady, "trend")["value"], 70)
        self.assertEqual(self._factor(growing, "trend")["value"], 96.3)

    def test_one_quarter_alone_has_no_trend(self):
        customer = self._customer()
        self._months(customer, 80, 80, 80)
        self.assertIsNone(self._factor(customer, "trend"))
        self.assertIs(customer.success_change_quarter, False)

    def test_weeks_are_not_compared_with_months_nor_measured_with_assessed(self):
        customer = self._customer()
        self._months(customer, 80, 80, 80)
        self._usage(customer, active=10, when="2026-05-25", period="week")
        self._usage(customer, active=10, when="2026-01-01", source="assessed")
        self.assertIsNone(self._factor(customer, "trend"))

    def test_a_product_that_is_new_is_no_growth(self):
        customer = self._customer()
        self._months(customer, 50, 50, 50, 50, 50, 50)
        other = self.env["product.product"].create({"name": "New"})
        self._usage(customer, active=90, when="2026-05-01", product_id=other.id)
        self.assertEqual(self._factor(customer, "trend")["value"], 70)
        self.assertEqual(customer.success_change_quarter, 0)

    # -- seats ----------------------------------------------------------------------------------

    def test_seats_to_expect_follow_the_seats_used_and_where_they_go(self):
        """40 in use, -16 % a quarter, two quarters left: 28.2 at the renewal, cut to 32 seats."""
        customer = self._customer()
        self._months(customer, 48, 48, 48, 40, 40, 40)
        renewal = self._renewal(customer, seats=100, date_renewal=days(-120))
        self._rescore(customer)
        seats = renewal.score_id.breakdown["seats"]
        self.assertEqual((seats["active"], seats["change"], seats["used"]), (40, -16, 28.2))
        self.assertEqual(seats["reduced"], 32)
        stays = 1 / (1 + 2.718281828459045 ** -(-3 + 5 * (1 - 28.224 / 100)))
        self.assertAlmostEqual(renewal.expected_seats, 100 - stays * 68, 1)
        text = str(customer.with_user(self.sales).success_explanation)
        self.assertIn("100 seats are bought and 40 are in use", text)
        self.assertIn("-16 % in a quarter, so about 28 seats are expected to be in use", text)

    def test_growth_is_not_counted_on(self):
        customer = self._customer()
        self._months(customer, 20, 20, 20, 40, 40, 40)
        renewal = self._renewal(customer, seats=100)
        self._rescore(customer)
        self.assertEqual(renewal.score_id.breakdown["seats"]["used"], 40)

    # -- silence --------------------------------------------------------------------------------

    def test_silence_is_not_zero(self):
        fresh, broken, never = (self._customer(name) for name in ("Fresh", "Broken", "Never"))
        before = self._customer("Before", "prepare")
        self._usage(fresh)
        self._usage(broken, when=days(200))
        everybody = fresh | broken | never | before
        self._rescore(everybody)
        partners = self.env["res.partner"].with_user(self.lead_csm)
        silent = partners.search([("success_is_silent", "=", True), ("id", "in", everybody.ids)])
        self.assertEqual(silent, broken | never)
        heard = partners.search([("success_is_silent", "=", False), ("id", "in", everybody.ids)])
        self.assertEqual(heard, fresh | before)
        self.assertEqual(everybody.filtered("success_is_silent"), broken | never)
        self.assertIn("use", never.success_score_id.breakdown["unknown"])
        self.assertIs(broken.success_adoption, False)
        self.assertIn("Check whether the delivery has stopped.", str(broken.success_attention))
        self.assertIn("counts as unknown", str(never.success_attention))

    # -- the charts -----------------------------------------------------------------------------

    def test_the_chart_tells_measured_from_assessed_and_shows_gaps(self):
        customer = self._customer(success_go_live_date=days(300))
        self._months(customer, 40, None, 60, licensed=90)
        self._usage(customer, active=50, when="2026-04-01", source="assessed", licensed=False)
        self._usage(customer, active=5, when="2026-05-01", source="assessed", quality=70)
        self._usage(customer, active=1, when="2026-05-04", period="week")
        self.env["customer.success.intended.use"].create(
            {"product_id": self.product.id, "quality": 80}
        )
        self._rescore(customer)
        chart = customer.with_user(self.csm).success_usage_chart
        [product] = chart["products"]
        self.assertEqual(
            product["months"],
            [
                ["2026-03-01", 90, 40, "measured"],
                ["2026-04-01", None, 50, "assessed"],
                ["2026-05-01", 90, 60, "measured"],
                ["2026-06-01", None, None, "measured"],
            ],
        )
        self.assertEqual(product["assessed"], [None, None, 70, None, None, None])
        self.assertEqual(product["intended"], [None, None, 80, None, None, None])
        figures = {line[0]: line[1:] for line in chart["figures"]}
        self.assertEqual(figures["Adoption rate"][0], "67 %")
        self.assertEqual(figures["Since last quarter"][0], "unknown")
        self.assertEqual(
            figures["Ramp-up since go-live"],
            ["month 11", "The target is not reached yet: 67 % of 80 % due in this month"],
        )

    # -- which records count --------------------------------------------------------------------

    def test_a_month_that_still_runs_does_not_look_idle(self):
        customer = self._customer(stage="sustained_use")
        self._usage(customer, active=80, when="2026-05-01")
        self._usage(customer, active=4, when="2026-06-01")
        self.assertEqual(self._factor(customer, "use")["value"], 100)
        with freeze_time("2026-07-01"):
            self.assertEqual(self._factor(customer, "use")["value"], 5)

    def test_a_row_with_some_figures_hides_no_others(self):
        customer = self._customer(stage="sustained_use")
        self._usage(customer, active=40, licensed=100, when="2026-04-01", quality=30)
        self._usage(customer, active=80, licensed=False, when="2026-05-01")
        evidence = self._factor(customer, "use")["evidence"]
        self.assertEqual((evidence["active"], evidence["licensed"]), (80, 100))
        self.assertEqual(evidence["quality"], 30)

    def test_one_product_that_went_silent_is_seen(self):
        customer = self._customer(stage="sustained_use")
        other = self.env["product.product"].create({"name": "Other"})
        self._usage(customer, when="2026-05-01")
        self._usage(customer, when="2026-01-01", product_id=other.id)
        self._rescore(customer)
        self.assertTrue(customer.success_is_silent)
        self.assertEqual(str(customer.success_usage_date), "2026-01-01")

    def test_a_chart_of_nothing(self):
        chart = self._customer().with_user(self.csm).success_usage_chart
        self.assertEqual(chart["products"], [])
        self.assertFalse(self.env["res.partner"].create({"name": "N"}).success_usage_chart)
