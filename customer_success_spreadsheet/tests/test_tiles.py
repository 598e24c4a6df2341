import json

from odoo.fields import Domain
from odoo.tests import freeze_time, tagged

from odoo.addons.customer_success.report.tiles import TILES
from odoo.addons.customer_success.tests.common import TODAY, days
from odoo.addons.customer_success.tests.outputs.workbook_common import WorkbookCase

from ..models.spreadsheet_dashboard import MARK


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTiles(WorkbookCase):
    """The agreement of the spreadsheet, the app's dashboard and the workbook on the figures of the same book."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._barrier(cls.risky, authority="granted")
        cls._renewal(cls.unknown, date_start=days(300), date_renewal=days(-60))
        cls._rescore(cls.customers)
        cls.dashboard = cls.env.ref("customer_success_spreadsheet.spreadsheet_dashboard_success")
        attachment = cls.env["ir.attachment"].search(
            [
                ("res_model", "=", cls.dashboard._name),
                ("res_field", "=", "spreadsheet_binary_data"),
                ("res_id", "=", cls.dashboard.id),
            ]
        )
        cls.rows = json.loads(attachment.raw)[MARK]

    def _spreadsheet(self, user):
        """Return ``{code: value}`` of the cells, as their pivots compute them."""
        data = json.loads(self.dashboard.with_user(user).spreadsheet_data)
        [cells] = (sheet["cells"] for sheet in data["sheets"] if sheet["id"] == "data")
        found = {}
        for row, code in self.rows.items():
            tile = TILES[code]
            self.assertEqual(cells[f"A{row}"], self.env._(tile.label))
            [pivot] = (
                pivot
                for id_, pivot in data["pivots"].items()
                if f'PIVOT.VALUE({id_},"{tile.measure}")' in cells[f"B{row}"]
            )
            [(found[code],)] = (
                self.env[pivot["model"]]
                .with_user(user)
                ._read_group(Domain(pivot["domain"]), [], [tile.measure])
            )
        return found

    def test_all_three_show_the_same_figures(self):
        for user in (self.lead_csm, self.manager):
            user.group_ids += self.env.ref("base.group_allow_export")
            found = self._spreadsheet(user)
            sheet = self._book(user, domain=[("id", "!=", 0)], values=True)["Summary"]
            summary = dict(sheet.iter_rows(min_row=6, max_col=2, values_only=True))
            cards = self.env["customer.success.dashboard"].with_user(user).create({}).content
            cards = {card["label"]: card["value"] for card in cards["tiles"]}
            seen = {"summary": set(), "cards": set()}
            for code, value in found.items():
                label = self.env._(TILES[code].label)
                title = self.env._(TILES[code].title or TILES[code].label)
                with self.subTest(user=user.login, figure=code):
                    if label in summary:
                        seen["summary"].add(code)
                        self.assertAlmostEqual(summary[label], value)
                    if title in cards:
                        seen["cards"].add(code)
                        self.assertEqual(cards[title], f"{value:.0f}")
            self.assertEqual(seen["cards"], {"customers", "health", "barriers"})
            self.assertEqual(seen["summary"], seen["cards"] | {"risky", "barriers_no_authority"})
            self.assertGreater(found["barriers"], found["barriers_no_authority"])
            self.assertGreater(found["customers"], found["health_known"])

    def test_cards_have_names_and_menus(self):
        data = json.loads(self.dashboard.spreadsheet_data)
        cards = [
            figure
            for sheet in data["sheets"]
            for figure in sheet["figures"]
            if figure["data"]["type"] == "scorecard"
        ]
        self.assertEqual(len(cards), 5)
        for card in cards:
            tile = TILES[self.rows[card["data"]["keyValue"].removeprefix("Data!B")]]
            self.assertEqual(card["data"]["title"]["text"], self.env._(tile.title or tile.label))
            self.assertEqual(data["chartOdooMenusReferences"][card["id"]], tile.menu)

    def test_what_is_filled_in_passes_odoos_own_check(self):
        copy = self.dashboard.copy()
        data = copy.spreadsheet_data
        self.assertEqual(data, self.dashboard.spreadsheet_data, "a copy is filled in, too")
        copy.spreadsheet_data = data  # checks each field and menu
        self.assertEqual(json.loads(copy.spreadsheet_data), json.loads(data))
