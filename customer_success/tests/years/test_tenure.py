from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .years_common import YearsCase, month


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestTenure(YearsCase):
    """The time as a customer, the adoption rate at the start, and the days to target adoption."""

    # Years ---------------------------------------------------------------------------------------

    def test_s33_years_as_customer_are_listed_grouped_and_averaged(self):
        old = self._customer("Old", success_since_date=days(3653))
        young = self._customer("Young", success_go_live_date=days(200))
        unknown = self._customer("Unknown")
        customers = old | young | unknown
        self._rescore(customers)
        partners = self.env["res.partner"].with_user(self.sales)
        ours = [("id", "in", customers.ids)]
        self.assertEqual(partners.search(ours, order="success_years_customer desc")[0], old)
        self.assertEqual(partners.search([*ours, ("success_years_customer", ">=", 5)]), old)
        found = partners._read_group(
            ours, ["success_year_customer"], ["__count", "success_years_customer:avg"]
        )
        self.assertEqual(found, [(1, 1, 0.5), (11, 1, 10.0), (False, 1, False)])
        self.assertEqual(partners.search([*ours, ("success_year_customer", "=", False)]), unknown)
        self.assertEqual(partners.search([*ours, ("success_year_customer", "=", 11)]), old)
        self.assertIs(unknown.success_years_customer, False)

    def test_s33_since_when_is_known_by_the_earliest_trace(self):
        customer = self._customer(success_go_live_date=days(100))
        self._rescore(customer)
        self.assertEqual(
            (customer.success_since, customer.success_since_source), (days(100), "live")
        )
        self._renewal(customer, date_start=days(265))
        self._rescore(customer)
        self.assertEqual(
            (customer.success_since, customer.success_since_source), (days(265), "term")
        )
        lead = self.env["crm.lead"].create({"name": "First", "partner_id": customer.id})
        lead.action_set_won()
        lead.date_closed = days(300)
        self._rescore(customer)
        self.assertEqual(
            (customer.success_since, customer.success_since_source), (days(300), "won")
        )
        customer.with_user(self.csm).success_since_date = days(1000)
        self._rescore(customer)
        self.assertEqual(
            (customer.success_since, customer.success_since_source), (days(1000), "entered")
        )
        self.assertEqual(customer.success_year_customer, 3)

    def test_s33_retention_counts_the_cohort_from_the_day_that_was_entered(self):
        customer = self._customer(success_go_live_date=days(100))
        self._renewal(customer, outcome="churned", date_start=days(465), date_renewal=days(100))
        retention = self.env["customer.success.retention"].with_user(self.csm)
        row = retention.search([("partner_id", "=", customer.id)])
        self.assertEqual((row.cohort_date, row.years), (days(465), 1))
        customer.with_user(self.csm).success_since_date = days(1600)
        self.env.flush_all()
        row.invalidate_recordset()
        self.assertEqual((row.cohort_date, row.years), (days(1600), 4))

    def test_s33_a_day_that_cannot_be_is_refused(self):
        customer = self._customer().with_user(self.csm)
        for day, words in ((days(-1), "in the future"), ("0202-01-01", "Check the year")):
            with self.assertRaisesRegex(ValidationError, words):
                customer.success_since_date = day
        with self.assertRaisesRegex(ValidationError, "Check the year"):
            customer.success_go_live_date = "0026-03-01"
        for user in (self.sales, self.lead_csm):
            others = self._customer("Others", success_user_id=self.manager.id).with_user(user)
            if user == self.sales:
                with self.assertRaises(AccessError):
                    others.success_since_date = days(10)
            else:
                others.success_since_date = days(10)

    def test_s35_the_relation_has_no_end_at_go_live(self):
        customer = self._customer(stage="sustained_use", success_go_live_date=days(3000))
        young = self._customer("Young", success_go_live_date=days(400))
        planned = self._customer("Planned", "prepare", success_go_live_date=days(-40))
        self._rescore(customer | young | planned)
        mine = customer.with_user(self.csm)
        self.assertEqual((mine.success_years_live, mine.success_year_live), (8.2, 9))
        running = mine.success_year_ids.filtered("is_running")
        self.assertEqual((running.year, len(mine.success_year_ids)), (9, 9))
        partners = self.env["res.partner"].with_user(self.csm)
        ours = [("id", "in", (customer | young | planned).ids)]
        found = partners._read_group(ours, ["success_year_live"], ["__count"])
        self.assertEqual(found, [(2, 1), (9, 1), (False, 1)])
        self.assertEqual(partners.search(ours, order="success_years_live desc")[0], customer)
        cohorts = partners._read_group(ours, ["success_live_date:year"], ["__count"])
        self.assertEqual([count for _year, count in cohorts], [1, 1, 1])

    def test_a_customer_that_is_no_longer_followed_has_no_years(self):
        customer = self._live().with_user(self.csm)
        self._rescore(customer)
        self.assertTrue(customer.success_year_ids)
        customer.action_success_stop()
        self.assertFalse(customer.success_year_ids)
        self.assertFalse(
            self.env["customer.success.tenure"].search([("partner_id", "=", customer.id)])
        )

    def test_the_night_computes_all_and_a_second_run_changes_nothing(self):
        customer = self._live()
        self._months(customer, 30, [80] * 30)
        tenures = self.env["customer.success.tenure"]
        self._rescore(customer)
        self.assertEqual(tenures._refresh((0, 2**31 - 1)), 0)
        tenures.search([("partner_id", "=", customer.id)]).unlink()
        with self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_years").method_direct_trigger()
        self.assertEqual(customer.success_live_date, month(30))
        self.assertEqual(customer.success_since, month(30))

    # Late go-live ----------------------------------------------------------------------------------

    def test_s22_a_late_go_live_is_project_data_that_scores_nothing(self):
        late = self._customer("Late", "prepare", success_go_live_date=days(45))
        in_time = self._customer("In time", "prepare", success_go_live_date=days(-45))
        live = self._customer("Live", success_go_live_date=days(45))
        customers = late | in_time | live
        self._rescore(customers)
        self.assertIn("progress", late.success_score_id.breakdown["unknown"])
        mine = late.with_user(self.csm)
        self.assertEqual(mine.success_go_live_late, 45)
        self.assertFalse(any((in_time | live).mapped("success_go_live_late")))
        partners = self.env["res.partner"].with_user(self.sales)
        domain = [("id", "in", customers.ids), ("success_go_live_late", ">", 0)]
        self.assertEqual(partners.search(domain), late)
        before = late.success_score_id.read(["health", "renewal_risk", "confidence"])
        late.success_go_live_date = days(-45)
        self._rescore(late)
        self.assertEqual(
            late.success_score_id.read(["health", "renewal_risk", "confidence"]), before
        )

    # Baselines -----------------------------------------------------------------------------------

    def _plan(self, customer, day, state="active"):
        plans = self.env["customer.success.plan"]
        return plans.create({"partner_id": customer.id, "date": day, "state": state})

    def test_s26_adoption_is_held_against_purchase_go_live_and_start_of_the_plan(self):
        customer = self._live(20, success_since_date=month(24))
        self._months(customer, 25, [10] * 3)
        self._months(customer, 20, [20, 25, 30])
        self._months(customer, 12, [50, 55])
        self._months(customer, 2, [70, 72])
        self._plan(customer, month(12))
        self._rescore(customer)
        mine = customer.with_user(self.csm)
        self.assertEqual(
            (
                mine.success_adoption_purchase,
                mine.success_adoption_live,
                mine.success_adoption_plan,
            ),
            (10, 20, 50),
        )
        self.assertEqual(
            (mine.success_gain_purchase, mine.success_gain_live, mine.success_gain_plan),
            (62, 52, 22),
        )
        figures = {line[0]: line[1] for line in mine.success_usage_chart["figures"]}
        self.assertEqual(figures["Gained since go-live"], "+52 points")
        self.assertEqual(figures["Gained since the plan began"], "+22 points")
        partners = self.env["res.partner"].with_user(self.csm)
        other = self._live(20, "Other")
        self._rescore(other)
        ours = [("id", "in", (customer | other).ids)]
        self.assertEqual(partners.search(ours, order="success_gain_live desc")[0], customer)
        rows = self.env["customer.success.tenure"].with_user(self.csm)
        found = rows._read_group(
            [("partner_id", "in", (customer | other).ids)], [], ["gain_live:avg"]
        )
        self.assertEqual(found, [(52,)])

    def test_s26_the_rate_at_purchase_can_be_entered(self):
        customer = self._live(5)
        self._months(customer, 2, [60, 60])
        mine = customer.with_user(self.csm)
        mine.success_adoption_bought = 5
        self._rescore(customer)
        self.assertEqual((mine.success_adoption_purchase, mine.success_gain_purchase), (5, 55))
        with self.assertRaisesRegex(ValidationError, "between 0 and 100"):
            mine.success_adoption_bought = 120
        mine.success_adoption_bought = 0
        self._rescore(customer)
        self.assertEqual(mine.success_gain_purchase, 60)

    def test_s26_three_innocents(self):
        without, stale, late = (self._live(20, name) for name in ("Without", "Stale", "Late"))
        self._months(stale, 20, [60] * 6)
        self._months(late, 5, [60] * 5)
        self._rescore(without | stale | late)
        for customer in (without, stale):
            self.assertIs(customer.success_gain_live, False, customer.name)
        self.assertEqual(stale.success_adoption_live, 60)
        self.assertIs(late.success_adoption_live, False, "no figure near go-live is no rate of 0")

    def test_s26_three_cheats(self):
        customer = self._live(20)
        self._months(customer, 20, [50] * 20)
        self._plan(customer, month(15), "replaced")
        self._plan(customer, days(5))
        self._months(customer, 20, [1] * 3, source="assessed")
        self._rescore(customer)
        self.assertEqual(customer.success_adoption_live, 50, "a low guess is no baseline")
        self.assertEqual(customer.success_adoption_plan, 50)
        self._months(customer, 3, [20, 20, 20], source="assessed")
        self.assertEqual(customer.success_gain_live, 0)
        customer.with_user(self.csm).success_go_live_date = days(3)
        self._rescore(customer)
        self.assertEqual(customer.success_adoption_live, 50, "a moved date is no new start")
        with self.assertRaises(AccessError):
            customer.success_score_id.tenure_id.with_user(self.csm).adoption_live = 1

    # Time to target adoption -----------------------------------------------------------------------

    def test_s88_days_to_target_adoption_by_segment_and_cohort(self):
        fast, slow, never, unknown = (
            self._live(14, name) for name in ("Fast", "Slow", "Never", "Unknown")
        )
        self._months(fast, 14, [60, 85, 60])
        self._months(slow, 14, [20, 40, 60, 79, 80])
        self._months(never, 14, [20] * 14)
        customers = fast | slow | never | unknown
        self._rescore(customers)
        self.assertEqual(fast.success_days_to_adoption, (month(13) - month(14)).days)
        self.assertEqual(slow.success_days_to_adoption, (month(10) - month(14)).days)
        self.assertIs(never.success_days_to_adoption, False)
        self.assertEqual(never.success_reached_adoption, 0)
        self.assertIs(unknown.success_reached_adoption, False)
        rows = self.env["customer.success.tenure"].with_user(self.csm)
        [(segment, cohort, average, reached)] = rows._read_group(
            [("partner_id", "in", customers.ids)],
            ["segment_id", "date_live:quarter"],
            ["days_to_adoption:avg", "reached_adoption:avg"],
        )
        self.assertFalse(segment)
        self.assertEqual(str(cohort)[:10], "2025-04-01")
        self.assertEqual(
            average, (fast.success_days_to_adoption + slow.success_days_to_adoption) / 2
        )
        self.assertAlmostEqual(reached, 66.7, 1)
        figures = {line[0]: line[2] for line in never.success_usage_chart["figures"]}
        self.assertIn("not reached yet", figures["Ramp-up since go-live"])

    def test_s88_the_target_reached_in_the_month_of_go_live_and_an_own_target(self):
        customer = self._customer(success_go_live_date="2026-05-15")
        self._usage(customer, active=59, when="2026-05-01")
        self.env["customer.success.intended.use"].create(
            {"product_id": self.product.id, "partner_id": customer.id, "adoption": 60}
        )
        self._rescore(customer)
        self.assertIs(customer.success_days_to_adoption, False)
        self._usage(customer, active=60, when="2026-05-01", source="assessed")
        self._rescore(customer)
        self.assertIs(customer.success_days_to_adoption, False, "a guess beside a measured figure")
        customer.success_usage_ids.filtered(lambda u: u.source == "measured").active_users = 60
        self._rescore(customer)
        self.assertEqual(customer.success_days_to_adoption, 0)
        self.assertIsNot(customer.success_days_to_adoption, False)

    def test_s88_figures_that_begin_long_after_go_live_do_not_make_it_slow(self):
        late, rising, early = (self._live(30, name) for name in ("Late", "Rising", "Early"))
        self._months(late, 6, [90] * 6)
        self._months(rising, 6, [40, 60, 90])
        self._months(early, 29, [90] * 6)
        self._rescore(late | rising | early)
        self.assertIs(late.success_days_to_adoption, False)
        self.assertEqual(late.success_reached_adoption, 100)
        self.assertEqual(rising.success_days_to_adoption, (month(4) - month(30)).days)
        self.assertEqual(early.success_days_to_adoption, (month(29) - month(30)).days)

    def test_s88_one_small_product_and_a_pilot_do_not_reach_it(self):
        customer = self._live(10)
        small = self.env["product.product"].create({"name": "Small"})
        self._months(customer, 14, [95] * 4)
        self._months(customer, 10, [30] * 10)
        self._months(customer, 10, [1] * 10, licensed=1, product_id=small.id)
        self._rescore(customer)
        self.assertIs(customer.success_days_to_adoption, False)
        self.assertEqual(customer.success_reached_adoption, 0)

    def test_s73_the_ramp_up_since_go_live_says_what_is_due_now(self):
        customer = self._customer(success_go_live_date=days(70))
        self._usage(customer, active=30, when="2026-05-01")
        self._rescore(customer)
        mine = customer.with_user(self.csm)
        figures = {line[0]: line[1:] for line in mine.success_usage_chart["figures"]}
        self.assertEqual(
            figures["Ramp-up since go-live"],
            ["month 3", "The target is not reached yet: 30 % of 40 % due in this month"],
        )
        planned = self._customer("Planned", "prepare", success_go_live_date=days(70))
        figures = {line[0] for line in planned.with_user(self.csm).success_usage_chart["figures"]}
        self.assertNotIn("Ramp-up since go-live", figures)
