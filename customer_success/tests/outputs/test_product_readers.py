from ast import literal_eval

from lxml import etree

from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .workbook_common import WorkbookCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestProductReaders(WorkbookCase):
    """The views of products for their readers: the filter, the group and the column of customers, and two sheets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.default_code = False
        cls.ledger = cls.env["product.product"].create({"name": "Ledger"})
        cls.mixed = cls._customer("Mixed", success_go_live_date=days(900))
        for month in range(8):
            when = days(14 + 30 * month)
            cls._usage(cls.mixed, active=95, when=when, quality=100, as_intended=100)
            cls._usage(cls.mixed, active=3, when=when, quality=10, product_id=cls.ledger.id)
        cls._renewal(cls.mixed, 90000)
        cls._renewal(cls.mixed, 1000, product_id=cls.ledger.id)
        cls.fine = cls._customer("Fine", success_go_live_date=days(900))
        for month in range(8):
            cls._usage(cls.fine, active=95, when=days(14 + 30 * month), quality=100)
        cls.customers |= cls.mixed | cls.fine
        cls._rescore(cls.customers)

    def _search_view(self, user):
        partners = self.env["res.partner"].with_user(user)
        view = self.env.ref("customer_success.res_partner_view_success_search")
        return partners, etree.fromstring(partners.get_view(view.id, "search")["arch"])

    def test_the_filter_finds_a_customer_with_one_poor_product(self):
        partners, arch = self._search_view(self.csm)
        (found,) = arch.xpath("//filter[@name='poor_product']")
        domain = literal_eval(found.get("domain"))
        customers = partners.search([*domain, ("id", "in", self.customers.ids)])
        self.assertIn(self.mixed, customers, "its whole is not poor")
        self.assertNotEqual(self.mixed.success_health_band, "poor")
        self.assertNotIn(self.fine, customers)
        self.assertNotIn(self.evil, customers, "of another CSM")
        self.assertFalse(self._search_view(self.sales)[1].xpath("//filter[@name='poor_product']"))

    def test_customers_are_grouped_by_their_worst_product(self):
        partners, arch = self._search_view(self.csm)
        (found,) = arch.xpath("//filter[@name='group_worst_product']")
        name = literal_eval(found.get("context"))["group_by"]
        groups = dict(
            partners._read_group([("id", "in", self.customers.ids)], [name], ["id:recordset"])
        )
        self.assertEqual(groups[self.ledger], self.mixed)
        self.assertIn(self.fine, groups[self.env["product.product"]], "it has one product only")

    def test_the_column_names_the_worst_product(self):
        rows = self.mixed.with_user(self.csm).web_read(
            {"success_worst_product_id": {"fields": {"display_name": {}}}}
        )
        self.assertEqual(rows[0]["success_worst_product_id"]["display_name"], "Ledger")
        self.env["customer.success.usage"].search(
            [("partner_id", "=", self.mixed.id), ("product_id", "=", self.ledger.id)]
        ).write({"active_users": 100, "quality": 100, "as_intended": 100})
        self.env["customer.success.usage"].search(
            [("partner_id", "=", self.mixed.id), ("product_id", "=", self.product.id)]
        ).write({"active_users": 5, "quality": 10})
        self._rescore(self.mixed)
        self.env.invalidate_all()
        self.assertEqual(self.mixed.success_worst_product_id, self.product)

    def test_the_sheet_of_products_has_the_worst_first(self):
        lines = self._lines(self._book(self.csm, sheets=["products"])["Products"])
        mine = {line["Product"].value: line for line in lines if line["Customer"].value == "Mixed"}
        self.assertEqual(mine.keys(), {"Ledger", "Planner"})
        ledger, planner = mine["Ledger"], mine["Planner"]
        self.assertEqual(
            (ledger["Worst of its customer"].value, planner["Worst of its customer"].value),
            ("Worst", None),
        )
        self.assertEqual(ledger["Health band"].value, "Poor")
        score = self.mixed.success_product_score_ids.filtered(lambda s: s.product_id == self.ledger)
        self.assertAlmostEqual(ledger["Health (high is good)"].value, score.health)
        self.assertAlmostEqual(ledger["Adoption rate"].value, 0.03)
        self.assertGreater(
            ledger["Churn risk (high is bad)"].value, planner["Churn risk (high is bad)"].value
        )
        known = [line["Health (high is good)"].value for line in lines]
        known = [health for health in known if health is not None]
        self.assertEqual(known, sorted(known), "the worst first")
        self.assertFalse([line for line in lines if "HYPERLINK" in line["Customer"].value])

    # The sheet of use

    def _use(self):
        lines = self._lines(self._book(self.csm, sheets=["use"])["Degrees of use"])
        return {line["Product"].value: line for line in lines if line["Customer"].value == "Mixed"}

    def test_the_sheet_of_use_follows_successors(self):
        self.assertEqual(self._use().keys(), {"Planner", "Ledger"})
        self.ledger.success_successor_id = self.product
        self._rescore(self.mixed)
        lines = self._use()
        self.assertEqual(lines.keys(), {"Planner"}, "the replaced product is no row of its own")
        line = lines["Planner"]
        self.assertAlmostEqual(line["Adoption rate"].value, self.mixed.success_adoption / 100)
        self.assertEqual(line[f"{days(45):%Y-%m}"].value, 95)

    def test_the_sheet_of_use_has_the_months_before_the_successor(self):
        suite = self.env["product.product"].create({"name": "Suite"})
        self._usage(self.mixed, active=90, product_id=suite.id)
        self.product.success_successor_id = suite
        lines = self._use()
        self.assertEqual(lines.keys(), {"Suite", "Ledger"})
        self.assertEqual(lines["Suite"][f"{days(105):%Y-%m}"].value, 95)

    def test_the_sheet_of_use_knows_the_season_as_the_scores_do(self):
        school = self._customer("School", success_go_live_date=days(1500))
        for ago in range(30):
            year, month = divmod(2026 * 12 + 4 - ago, 12)
            active = 15 if month + 1 in (3, 4, 5) else 95
            self._usage(school, active=active, when=f"{year}-{month + 1:02}-01")
        self.customers |= school
        self._rescore(school)
        lines = self._lines(self._book(self.csm, sheets=["use"])["Degrees of use"])
        (line,) = [line for line in lines if line["Customer"].value == "School"]
        use = {one["code"]: one for one in school.success_score_id.breakdown["factors"]}["use"]
        self.assertAlmostEqual(line["Target"].value * 100, use["evidence"]["target"], 1)
