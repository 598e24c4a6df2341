from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import freeze_time, tagged
from odoo.tools import format_amount

from ..common import TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestDashboard(SuccessCase):
    """Each figure of the dashboard counts the records that a click on it opens, for every user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.currency = cls.company.currency_id
        cls.mine = cls._customer("Mine", success_go_live_date=days(400))
        cls.others = cls._customer("Others", stage="first_use", success_user_id=cls.lead_csm.id)
        for customer, active in ((cls.mine, 70), (cls.others, 10)):
            cls._usage(customer, active=active)
            cls._barrier(customer, "2", area="process", date_opened=days(45))
            cls._renewal(customer)
        cls._barrier(cls.mine, "1", area="skill", date_opened=days(5))
        with freeze_time(days(60)):
            cls._rescore(cls.mine | cls.others)
        cls._rescore(cls.mine | cls.others)

    def _content(self, user, **vals):
        dashboards = self.env["customer.success.dashboard"].with_user(user)
        return dashboards.create(vals).content

    def _count(self, user, action):
        return self.env[action["model"]].with_user(user).search_count(Domain(action["domain"]))

    def _chart(self, content, title):
        [chart] = [chart for chart in content["charts"] if title in chart["title"]]
        return chart

    def test_every_bar_counts_what_its_click_opens(self):
        for user in (self.csm, self.lead_csm, self.manager):
            content = self._content(user)
            for title in ("by stage and health", "by area and age", "by year after go-live"):
                chart = self._chart(content, title)
                with self.subTest(user=user.login, chart=title):
                    for series in self._each(chart["series"]):
                        self.assertEqual(
                            [self._count(user, action) for action in series["actions"]],
                            series["data"],
                        )
                    self.assertTrue(any(any(series["data"]) for series in chart["series"]))

    def test_every_click_opens_something_that_the_user_may_read(self):
        content = self._content(self.csm)
        actions = [tile["action"] for tile in content["tiles"]]
        for chart in content["charts"]:
            actions += [action for series in chart["series"] for action in series["actions"]]
        for action in actions:
            self._count(self.csm, action)

    def test_s33_s35_the_dashboard_counts_years_without_an_end(self):
        self.mine.success_go_live_date = days(3000)
        self._rescore(self.mine)
        content = self._content(self.csm)
        chart = self._chart(content, "by year after go-live")
        self.assertEqual(chart["labels"][-1], "Year 9")
        self.assertEqual(chart["series"][-1]["data"][-1], 1)
        self.assertIn(
            "8.2 years on average, live for 8.2", self._tile(content, "Customers")["hint"]
        )

    def _tile(self, content, label):
        [tile] = [tile for tile in content["tiles"] if label in tile["label"]]
        return tile

    def test_the_number_of_a_tile_is_that_of_its_list(self):
        other = self.env["product.product"].create({"name": "Other"})
        self._renewal(self.mine, product_id=other.id, date_renewal=days(20), date_start=days(385))
        self._customer("Nobody's", success_user_id=False)
        for user in (self.csm, self.lead_csm, self.manager):
            content = self._content(user)
            for label in ("Customers", "Renewals within", "Open barriers"):
                tile = self._tile(content, label)
                with self.subTest(user=user.login, tile=label):
                    self.assertEqual(tile["value"], str(self._count(user, tile["action"])))
        self.assertIn(
            "1 of them overdue", self._tile(self._content(self.csm), "Renewals within")["hint"]
        )

    def test_the_value_at_risk_is_the_sum_of_its_list(self):
        tile = self._tile(self._content(self.csm), "Value at risk")
        listed = (
            self.env["res.partner"].with_user(self.csm).search(Domain(tile["action"]["domain"]))
        )
        self.assertIn(self.mine, listed)
        at_risk = sum(listed.mapped("success_value_at_risk"))
        self.assertEqual(
            tile["value"], format_amount(self.env, at_risk, self.currency).replace("\xa0", " ")
        )
        self.assertEqual(
            self.env["customer.success.dashboard"]._money([(self.currency, False)]), ""
        )

    def test_ones_filters_are_ones_own(self):
        dashboard = self.env["customer.success.dashboard"].with_user(self.csm).create({})
        with self.assertRaises(AccessError):
            dashboard.with_user(self.manager).write({"period": "365"})
        dashboard = self.env["customer.success.dashboard"].with_user(self.manager).create({})
        # A user who opens a link to it sees their own figures.
        for user, number in ((self.manager, 2), (self.csm, 1)):
            content = dashboard.with_user(user).content
            seen = self._count(user, content["tiles"][0]["action"])
            self.assertEqual(content["tiles"][0]["value"], str(seen))
            self.assertGreaterEqual(seen, number)
        names = [row["name"] for row in dashboard.with_user(self.csm).content["moved"]["rows"]]
        self.assertNotIn("Others", names)

    def test_money_is_that_of_the_chosen_company(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        other = self.env["res.company"].create({"name": "Other", "currency_id": euro.id})
        self.manager.company_ids = [Command.link(other.id)]
        theirs = self._customer("Theirs", company_id=other.id)
        self._renewal(theirs, company_id=other.id)
        self._usage(theirs, active=5)
        self._rescore(theirs)
        self.assertEqual(theirs.success_currency_id, euro)
        dashboards = self.env["customer.success.dashboard"].with_user(self.manager)
        both = dashboards.with_context(allowed_company_ids=[self.company.id, other.id])
        dashboard = both.create({"company_id": other.id})
        chart = self._chart(dashboard.content, "Value at risk")
        self.assertIn("EUR", chart["series"][0]["label"])
        self.assertAlmostEqual(
            sum(chart["series"][0]["data"]), theirs.success_value_at_risk, places=2
        )
        self.assertIn(euro.symbol, self._tile(dashboard.content, "Value at risk")["value"])
        self.assertEqual(
            self._chart(both.create({}).content, "Value at risk")["hint"],
            "Left out because they are in other currencies: 1",
        )
        # A user who deselects that company gets the same dashboard for the companies still selected.
        alone = dashboards.with_context(allowed_company_ids=self.company.ids)
        self.assertTrue(alone.browse(dashboard.id).content["tiles"])
        dashboard = alone.browse(alone._open_dashboard()["res_id"])
        self.assertFalse(dashboard.company_id)
        self.assertNotIn(euro.symbol, self._tile(dashboard.content, "Value at risk")["value"])

    def test_quarters_without_a_decision_are_a_gap(self):
        for customer, when in ((self.mine, days(300)), (self.others, days(10))):
            customer.success_renewal_ids.write(
                {
                    "date_start": when - timedelta(days=365),
                    "date_renewal": when,
                    "outcome": "renewed",
                    "date_outcome": when,
                }
            )
        chart = self._chart(self._content(self.manager), "Retention")
        self.assertEqual(chart["labels"], ["2025 Q3", "2025 Q4", "2026 Q1", "2026 Q2"])
        self.assertEqual(chart["series"][0]["data"], [100.0, None, None, 100.0])

    def test_a_csm_sees_own_customers_and_a_manager_all(self):
        def number(user, **vals):
            return self._content(user, **vals)["tiles"][0]["value"]

        own = self.env["res.partner"].with_user(self.csm)._get_success_customer_domain()
        every = self.env["res.partner"].with_user(self.manager)._get_success_customer_domain()
        self.assertEqual(number(self.csm), str(self.env["res.partner"].search_count(own)))
        self.assertEqual(number(self.manager), str(self.env["res.partner"].search_count(every)))
        self.assertEqual(number(self.manager, user_id=self.lead_csm.id), "1")
        names = [row["name"] for row in self._content(self.csm)["moved"]["rows"]]
        self.assertNotIn("Others", names)

    def test_movement_is_against_the_start_of_the_period(self):
        moved = self._content(self.manager, user_id=self.csm.id)["moved"]
        [row] = moved["rows"]
        self.assertEqual(
            (row["name"], row["health"][1]), ("Mine", round(self.mine.success_health, 1))
        )
        self.assertNotEqual(*row["health"])
        # No customer was scored a year ago, so there is nothing to compare with.
        self.assertEqual(self._content(self.manager, period="365")["moved"]["rows"], [])

    def test_one_segment_is_a_filter_of_every_figure(self):
        segment = self.env["customer.success.segment"].create(
            {"name": "Mine Only", "domain": "[('name', '=', 'Mine')]"}
        )
        content = self._content(self.manager, segment_id=segment.id)
        tile = self._tile(content, "Customers")
        self.assertEqual(tile["value"], "1")
        self.assertEqual(self._count(self.manager, tile["action"]), 1)
        self.assertEqual([row["name"] for row in content["moved"]["rows"]], ["Mine"])
        none = self.env["customer.success.segment"].create(
            {"name": "Nobody", "domain": "[('name', '=', 'nobody')]"}
        )
        content = self._content(self.manager, segment_id=none.id)
        self.assertEqual(self._tile(content, "Customers")["value"], "0")
        self.assertFalse(content["moved"]["rows"])

    def test_value_at_risk_is_of_one_currency_and_says_what_is_left_out(self):
        chart = self._chart(self._content(self.manager, user_id=self.csm.id), "Value at risk")
        self.assertAlmostEqual(
            sum(chart["series"][0]["data"]), self.mine.success_value_at_risk, places=2
        )
        self.assertEqual(chart["hint"], "")

    def test_retention_is_that_of_the_report(self):
        renewal = self.mine.success_renewal_ids
        self.env["customer.success.checkpoint"].create(
            {"renewal_id": renewal.id, "horizon": 90, "date": days(30), "machine_risk": 70}
        )
        renewal.write({"outcome": "churned", "date_outcome": TODAY})
        content = self._content(self.csm)
        gross = self._chart(content, "Retention")["series"][0]
        self.assertEqual(gross["data"], [0.0])
        self.assertEqual(self._count(self.csm, gross["actions"][0]), 1)
        expected, left = self._chart(content, "expected and actual")["series"]
        self.assertEqual((expected["data"], left["data"]), ([70.0], [100.0]))

    def test_an_empty_book_shows_no_figures_as_zero(self):
        nobody = self.env["res.users"].create(
            {
                "name": "New",
                "login": "new_csm",
                "group_ids": [Command.link(self.env.ref("customer_success.group_success_user").id)],
            }
        )
        self.env["res.partner"].search(
            [("success_stage_id", "!=", False)]
        ).success_user_id = self.csm
        tiles = {tile["label"]: tile["value"] for tile in self._content(nobody)["tiles"]}
        self.assertEqual(tiles["Customers"], "0")
        self.assertEqual(tiles["Average health score"], "unknown")
        self.assertEqual(tiles["Value at risk"], "unknown")

    def test_a_company_filter_leaves_out_the_others(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.manager.company_ids = [Command.link(other.id)]
        self.others.company_id = other
        manager = self.manager.with_context(allowed_company_ids=[self.company.id, other.id])
        dashboards = self.env["customer.success.dashboard"].with_user(self.manager)
        dashboards = dashboards.with_context(**manager.env.context)
        content = dashboards.create({"company_id": self.company.id}).content
        self.assertNotIn("Others", [row["name"] for row in content["moved"]["rows"]])

    def test_the_menu_opens_ones_own_dashboard_again(self):
        dashboards = self.env["customer.success.dashboard"]
        first = dashboards.with_user(self.csm)._open_dashboard()["res_id"]
        self.assertEqual(dashboards.with_user(self.csm)._open_dashboard()["res_id"], first)
        self.assertNotEqual(dashboards.with_user(self.manager)._open_dashboard()["res_id"], first)

    def test_salespeople_have_no_dashboard(self):
        with self.assertRaises(AccessError):
            self._content(self.sales)

    def test_its_queries_do_not_grow_with_the_book(self):
        def queries():
            self.env.invalidate_all()
            dashboard = self.env["customer.success.dashboard"].with_user(self.manager).create({})
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.assertTrue(dashboard.content["tiles"])
            return self.env.cr.sql_log_count - before

        queries()
        few = queries()
        for number in range(30):
            customer = self._customer(f"More {number}")
            self._usage(customer)
            self._barrier(customer)
        # New records empty caches, which two queries fill again.
        self.assertLessEqual(queries(), few + 2)
