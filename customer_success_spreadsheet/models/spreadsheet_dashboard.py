import json

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.customer_success.report.tiles import CUSTOMERS, RECORDS, TILES

# The key in a dashboard of {row of the sheet "data": code of its figure}.
MARK = "successTiles"


class SpreadsheetDashboard(models.Model):
    """A dashboard with figures that are defined in ``report/tiles.py`` and filled in when the dashboard is read.

    The figures therefore have the same values and names as on the app's dashboard and in the workbook, in the reader's
    language.
    """

    _inherit = "spreadsheet.dashboard"

    @api.depends_context("lang")
    def _compute_spreadsheet_data(self):
        result = super()._compute_spreadsheet_data()
        for dashboard in self:
            if MARK in (dashboard.spreadsheet_data or ""):
                data = json.loads(dashboard.spreadsheet_data)
                dashboard._fill_success_tiles(data)
                dashboard.spreadsheet_data = json.dumps(data)
        return result

    def _fill_success_tiles(self, data):
        """Add a pivot and two cells for each figure, and the names and menus of the cards that show them."""
        [cells] = (sheet["cells"] for sheet in data["sheets"] if sheet["id"] == "data")
        tiles = {row: TILES[code] for row, code in data.pop(MARK, {}).items()}
        for row, tile in tiles.items():
            pivot = self._success_pivot(tile, str(data["pivotNextId"]))
            data["pivots"][pivot["id"]] = pivot
            data["pivotNextId"] += 1
            cells[f"A{row}"] = self.env._(tile.label)
            cells[f"B{row}"] = self._success_formula(tile, pivot["id"])
        for figure in (figure for sheet in data["sheets"] for figure in sheet["figures"]):
            row = figure["data"].get("keyValue", "").removeprefix("Data!B")
            if row in tiles:
                tile = tiles[row]
                figure["data"]["title"]["text"] = self.env._(tile.title or tile.label)
                data["chartOdooMenusReferences"][figure["id"]] = tile.menu

    def _success_pivot(self, tile, id_):
        """Return the source of one figure: a pivot without rows and columns."""
        is_customer = tile.model == "res.partner"
        whose = "success_user_id" if is_customer else "partner_id.success_user_id"
        matching = {"csm": {"chain": whose, "type": "many2one"}}
        if tile.date:
            matching["period"] = {"chain": tile.date, "type": "date", "offset": 0}
        # A stored filter cannot follow the day, so a figure that depends on it has no place in a spreadsheet.
        domain = (CUSTOMERS if is_customer else RECORDS) & Domain(tile.domain)
        measures = [{"id": "__count", "fieldName": "__count"}]
        if tile.measure != "__count":
            name, aggregator = tile.measure.split(":")
            domain &= Domain(name, "!=", False)
            measure = {"id": tile.measure, "fieldName": name, "aggregator": aggregator}
            measures.append({**measure, "format": "0"})
        return {
            "type": "ODOO",
            "id": id_,
            "formulaId": id_,
            "name": self.env._(tile.label),
            "model": tile.model,
            "domain": list(domain),
            "context": {},
            "columns": [],
            "rows": [],
            "fieldMatching": matching,
            "measures": measures,
        }

    def _success_formula(self, tile, id_):
        """Return the formula of a cell; the average of nothing is unknown, not zero."""
        value = f'PIVOT.VALUE({id_},"{tile.measure}")'
        if tile.measure == "__count":
            return f"={value}"
        unknown = self.env._("unknown").replace('"', '""')
        return f'=IF(PIVOT.VALUE({id_},"__count")=0,"{unknown}",{value})'
