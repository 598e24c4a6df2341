import json
import re

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import freeze_time, tagged

from odoo.addons.customer_success.tests.common import TODAY, SuccessCase
from odoo.addons.spreadsheet.utils.validate_data import (
    fields_in_spreadsheet,
    menus_xml_ids_in_spreadsheet,
    odoo_charts,
)

MENU_LINK = re.compile(r"^\[[^\]]+\]\(odoo://ir_menu_xml_id/([\w.]+)\)$")

SCORED = {
    "risk_band",
    "success_health",
    "success_health_band",
    "success_renewal_risk",
    "success_risk_band",
    "success_value_at_risk",
}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSpreadsheetDashboard(SuccessCase):
    """The dashboard's sources: they exist, its users may read them, and its filters apply to all of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = cls.env.ref("customer_success_spreadsheet.spreadsheet_dashboard_success")
        cls.data = json.loads(cls.dashboard.spreadsheet_data)
        cls.charts = odoo_charts(cls.data)
        cls.sources = [*cls.charts, *cls.data["pivots"].values(), *cls.data["lists"].values()]

    @staticmethod
    def _model(source):
        return source.get("model") or source["metaData"]["resModel"]

    @staticmethod
    def _domain(source):
        return source["domain"] if "domain" in source else source["searchParams"]["domain"]

    def _field(self, model, chain):
        *path, name = chain.split(".")
        for step in path:
            model = self.env[model]._fields[step].comodel_name
        return self.env[model]._fields[name]

    def test_odoos_own_check_finds_nothing(self):
        self.dashboard._check_spreadsheet_data()
        self.assertIn("res.partner", fields_in_spreadsheet(self.data))
        self.assertTrue(menus_xml_ids_in_spreadsheet(self.data))

    def test_whoever_sees_all_customers_sees_the_dashboard(self):
        for user in (self.lead_csm, self.manager):
            found = self.env["spreadsheet.dashboard"].with_user(user).search([])
            self.assertIn(self.dashboard, found)
        for user in (self.csm, self.sales):
            found = self.env["spreadsheet.dashboard"].with_user(user).search([])
            self.assertNotIn(self.dashboard, found)
            with self.assertRaises(AccessError):
                _data = self.dashboard.with_user(user).name

    def test_every_source_can_be_read_by_whoever_sees_it(self):
        for source in self._each(self.sources):
            model = self.env[self._model(source)].with_user(self.lead_csm)
            with self.subTest(source=source.get("name") or source["id"]):
                model.search_count(self._domain(source))
        for model, chains in fields_in_spreadsheet(self.data).items():
            visible = self.env[model].with_user(self.lead_csm).fields_get()
            for chain in chains:
                self.assertIn(chain.split(".")[0], visible, model)

    def test_filters_reach_a_user_or_a_day_in_every_source(self):
        kinds = {one["id"]: one["type"] for one in self.data["globalFilters"]}
        self.assertEqual(kinds, {"period": "date", "csm": "relation"})
        for source in self._each(self.sources):
            name, matching = source.get("name") or source["id"], source["fieldMatching"]
            with self.subTest(source=name):
                field = self._field(self._model(source), matching["csm"]["chain"])
                self.assertEqual((field.type, field.comodel_name), ("many2one", "res.users"))
                # A source of current values cannot be limited to a period.
                dated = self._model(source) in (
                    "customer.success.renewal",
                    "customer.success.retention",
                    "customer.success.revenue.bridge",
                    "customer.success.revenue.retention",
                )
                self.assertEqual("period" in matching, dated)
                if dated:
                    field = self._field(self._model(source), matching["period"]["chain"])
                    self.assertEqual((field.type, matching["period"]["type"]), ("date", "date"))

    def test_the_filter_of_a_csm_finds_what_they_follow(self):
        mine = self._customer("Mine")
        others = self._customer("Others", success_user_id=self.lead_csm.id)
        for customer in (mine, others):
            self._barrier(customer)
            self._renewal(customer)
        for source in self._each(self.sources):
            model = self.env[self._model(source)].with_user(self.manager)
            whose = Domain(source["fieldMatching"]["csm"]["chain"], "in", self.csm.ids)
            found = model.search(whose & Domain(self._domain(source)))
            customers = found if found._name == "res.partner" else found.partner_id
            with self.subTest(source=source.get("name") or source["id"]):
                self.assertNotIn(others, customers)
                # No customer is scored and no term has ended, so sources that need a band or retention are empty.
                leaves = {leaf[0] for leaf in self._domain(source)}
                if found._name != "customer.success.retention" and not leaves & SCORED:
                    self.assertIn(mine, customers)

    def test_open_barriers_are_those_that_the_lists_call_open(self):
        of_barriers = [s for s in self.sources if self._model(s) == "customer.success.barrier"]
        for source in self._each(of_barriers):
            self.assertIn(["is_open", "=", True], self._domain(source))

    def test_money_is_split_by_currency_and_shares_are_never_summed(self):
        of_money = [
            chart
            for chart in self.charts
            if chart["metaData"]["measure"] != "__count"
            and self._field(self._model(chart), chart["metaData"]["measure"]).type == "monetary"
        ]
        for chart in self._each(of_money):
            currencies = [
                group
                for group in chart["metaData"]["groupBy"]
                if self._field(self._model(chart), group.split(":")[0]).comodel_name
                == "res.currency"
            ]
            self.assertTrue(currencies, chart["id"])
            self.assertFalse(chart["stacked"], chart["id"])
        measured = [
            (pivot, self._field(pivot["model"], measure["fieldName"]), measure["aggregator"])
            for pivot in self.data["pivots"].values()
            for measure in pivot["measures"]
            if measure["fieldName"] != "__count"
        ]
        for pivot, field, aggregator in self._each(measured):
            if field.type == "monetary":
                self.assertEqual(pivot["rows"][0]["fieldName"], "currency_id")
                self.assertEqual(aggregator, "sum")
            else:
                self.assertEqual((field.type, aggregator), ("float", "avg"))

    def test_the_tables_of_a_month_add_up(self):
        """The sum of what came and went is the difference of start and end, for each currency and month."""
        customer = self._customer("Grown")
        self._renewal(customer, 1000, date_start="2026-01-01", date_renewal="2027-01-01")
        gone = self._customer("Gone")
        self._renewal(
            gone, 700, date_start="2025-02-01", date_renewal="2026-02-01", outcome="churned"
        )
        tables = [
            pivot
            for pivot in self.data["pivots"].values()
            if pivot["model"] == "customer.success.revenue.bridge"
        ]
        self.assertEqual(len(tables), 3)
        found = {}
        for pivot in tables:
            names = [measure["fieldName"] for measure in pivot["measures"]]
            for currency, month, *values in (
                self.env[pivot["model"]]
                .with_user(self.manager)
                ._read_group(
                    [*pivot["domain"], ("partner_id", "in", (customer | gone).ids)],
                    ["currency_id", "month:month"],
                    [f"{name}:sum" for name in names],
                )
            ):
                found.setdefault((currency, month), {}).update(zip(names, values))
        self.assertEqual(
            {month.isoformat()[:7] for (_currency, month), row in found.items() if row["amount"]},
            {"2025-02", "2026-01", "2026-02"},
        )
        for row in self._each(list(found.values())):
            start, amount, end = (row.pop(name) for name in ("at_start", "amount", "at_end"))
            self.assertEqual(sum(row.values()), amount)
            self.assertEqual(start + amount, end)

    def test_every_figure_opens_records(self):
        figures = [figure for sheet in self.data["sheets"] for figure in sheet["figures"]]
        menus = self.data["chartOdooMenusReferences"]
        self.assertEqual({figure["id"] for figure in figures}, set(menus))
        links = [
            match[1]
            for sheet in self.data["sheets"]
            for cell in sheet["cells"].values()
            if (match := MENU_LINK.match(cell))
        ]
        self.assertEqual(len(links), 7)
        visible = self.env["ir.ui.menu"].with_user(self.lead_csm)._visible_menu_ids()
        for menu in {*menus.values(), *links}:
            record = self.env.ref(menu)
            self.assertTrue(record.action, menu)
            self.assertIn(record.id, visible, menu)
        for chart in self._each(self.charts):
            action = self.env.ref(chart["actionXmlId"])
            self.assertEqual(action.res_model, chart["metaData"]["resModel"])
