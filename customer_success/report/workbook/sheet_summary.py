"""The Summary, the first sheet: the current figures, their changes since the last workbook, and what needs attention."""

import base64
import io

from PIL import Image

from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.translate import LazyTranslate

from ...models.common.excel_text import clean
from . import figures
from .cells import excel
from .rows import Labels
from .sheet import Sheet, register
from .sheet_customers import RISK_COLOURS
from .summary_charts import CHART_ROWS, CHARTS_AT, Charts

_lt = LazyTranslate(__name__)

LOGO_PIXELS = 44
LISTED = 10
FIGURES_AT = 4  # their first row


@register
class Summary(Sheet):
    code = "summary"
    title = _lt("Summary")
    sequence = 10
    needs = ("customers",)

    def fill(self):
        """Write the sheet, and keep its figures for the next workbook of the series."""
        book = self.book
        self.sheet = sheet = book.open_sheet(self.name, self.env._("Customer success: summary"))
        sheet.hide_gridlines(2)
        for column, width in enumerate((44, 18, 18, 16, 11, 3)):
            sheet.set_column(column, column, width)
        sheet.set_column(CHARTS_AT, CHARTS_AT + 12, 9.5)
        self._logo()
        found = figures.collect(book)
        charts = Charts(book, sheet, self.name)
        end = FIGURES_AT + max(len(found) + 2, 2 * CHART_ROWS + 1)
        attention = figures.attention(book)
        risky = self._riskiest()
        table_at = end + len(attention) + 3
        behind_at = table_at + len(risky) + 4
        charts.draw(FIGURES_AT, behind_at + 1)
        self._figures(found)
        self._write_attention(attention, end)
        self._write_riskiest(risky, table_at)
        self._section(behind_at, self.env._("Behind the charts"))
        charts.write_numbers(behind_at + 1)
        sheet.set_first_sheet()
        sheet.activate()
        book.figures = {figure.code: figure.value for figure in found if figure.value is not None}

    # Figures --------------------------------------------------------------------------------------

    def _figures(self, found):
        _, sheet, formats = self.env._, self.sheet, self.book.formats
        before = self.book.before or {}
        known = before.get("figures") or {}
        heads = [_("Figure"), _("Now"), _("Last time"), _("Change"), ""]
        if before:
            heads[2] = _("On %s", format_date(self.env, before["date"]))
        for column, text in enumerate(heads):
            look = formats.head if column in (0, 4) else formats.head_right
            sheet.write_string(FIGURES_AT, column, text, look)
        better, worse = _("better"), _("worse")
        first = row = FIGURES_AT + 1
        for row, figure in enumerate(found, first):
            money = figure.kind == "money"
            look = formats.money(figure.currency_id) if money else formats.cell[figure.kind]
            label = formats.deeper if figure.part_of else formats.body
            sheet.write_string(row, 0, clean(figure.label), label)
            if figure.value is None:
                sheet.write_string(row, 1, _("unknown"), formats.note)
                continue
            self._now(row, figure, look)
            former = known.get(figure.code)
            if former is None:
                continue
            change = figure.value - former
            signed = (
                formats.money(figure.currency_id, "change")
                if money
                else formats.change[figure.kind]
            )
            sheet.write_number(row, 2, former, look)
            sheet.write_formula(row, 3, f"=B{row + 1}-C{row + 1}", signed, change)
            if figure.good:
                up, down = (better, worse) if figure.good > 0 else (worse, better)
                word = up if change > 1e-9 else down if change < -1e-9 else ""
                condition = f'=IF(D{row + 1}>1E-9,"{up}",IF(D{row + 1}<-1E-9,"{down}",""))'
                sheet.write_formula(row, 4, condition, formats.inner, word)
        for text, colour in ((better, "good"), (worse, "bad")):
            sheet.conditional_format(
                first,
                4,
                row,
                4,
                {
                    "type": "cell",
                    "criteria": "==",
                    "value": f'"{text}"',
                    "format": formats.colour[colour],
                },
            )
        if not before:
            sheet.write_string(
                row + 1,
                0,
                _("The next workbook with the same filters will show the changes here."),
                formats.note,
            )
        elif formula := self.env["customer.success.score.history"]._formula_since(before["date"]):
            sheet.write_string(
                row + 1,
                0,
                _(
                    "New formula of the scores since %s: part of the change of health and risk comes from it, not from "
                    "customers.",
                    format_date(self.env, formula),
                ),
                formats.note,
            )

    def _now(self, row, figure, look):
        """Write the figure; if its sheet is in the workbook, as a formula that refers to the total there."""
        if figure.place and figure.place[0] in self.book.chosen:
            code, key = figure.place
            address = self.book.sheets[code].address(key, figure.currency_id)
            self.sheet.write_formula(row, 1, f"={address}", look, figure.value)
        else:
            self.sheet.write_number(row, 1, figure.value, look)

    # What needs attention -------------------------------------------------------------------------

    def _write_attention(self, attention, row):
        _, sheet, formats = self.env._, self.sheet, self.book.formats
        self._section(row, _("What needs attention"))
        if not attention:
            sheet.write_string(row + 1, 0, _("Nothing stands out."), formats.note)
        for at, (number, text) in enumerate(attention, row + 1):
            sheet.write_string(at, 0, text, formats.inner)
            sheet.write_number(at, 4, number, formats.cell["whole"])

    def _riskiest(self):
        partners = self.env["res.partner"]
        risky = Domain("id", "in", self.book.customers) & Domain(
            "success_risk_band", "in", ("high", "critical")
        )
        return partners.search(risky, order="success_renewal_risk desc, name, id", limit=LISTED)

    def _write_riskiest(self, customers, row):
        _, sheet, formats = self.env._, self.sheet, self.book.formats
        title = _("The riskiest customers")
        heads = (title, _("Churn risk"), _("Value at risk"), _("Next renewal"), _("Band"))
        for column, text in enumerate(heads):
            look = formats.head if column in (0, 4) else formats.head_right
            sheet.write_string(row, column, text, look)
        sheet.merge_range(
            row, CHARTS_AT, row, CHARTS_AT + 9, _("Strongest reasons, in points"), formats.head
        )
        scores = customers.sudo().success_score_id
        reasons = self.env["customer.success.explanation"]._reasons_by_id(scores.ids)
        bands = Labels(customers, "success_risk_band")
        if not customers:
            sheet.write_string(
                row + 1, 0, _("No customer is at high or critical risk."), formats.note
            )
        for at, customer in enumerate(customers, row + 1):
            sheet.write_string(at, 0, clean(customer.name or ""), formats.body)
            cells = (
                (customer.success_renewal_risk, "risk", formats.cell["risk"]),
                (
                    customer.success_value_at_risk or None,
                    "money",
                    formats.money(customer.success_currency_id.id),
                ),
                (customer.success_next_renewal_date, "date", formats.cell["date"]),
            )
            for column, (value, kind, look) in enumerate(cells, 1):
                value = excel(value, kind)
                if value is not None:
                    sheet.write_number(at, column, value, look)
            band = customer.success_risk_band
            sheet.write_string(at, 4, bands[band], formats.banner[RISK_COLOURS[band]])
            sheet.write_string(
                at,
                CHARTS_AT,
                clean(reasons.get(customer.sudo().success_score_id.id) or ""),
                formats.inner,
            )

    def _section(self, row, title):
        for column in range(CHARTS_AT - 1):
            self.sheet.write_blank(row, column, None, self.book.formats.section)
        self.sheet.write_string(row, 0, title, self.book.formats.section)

    def _logo(self):
        """Insert the company's logo, if it has one that Excel can show."""
        company = self.env.company
        if company.uses_default_logo or not company.logo:
            return
        try:
            data = base64.b64decode(company.logo)
            with Image.open(io.BytesIO(data)) as image:
                png = io.BytesIO()
                image.convert("RGBA").save(png, "PNG")
                scale = LOGO_PIXELS / image.height
        except (OSError, ValueError):
            return
        self.sheet.insert_image(
            0,
            CHARTS_AT,
            "logo.png",
            {
                "image_data": png,
                "x_scale": scale,
                "y_scale": scale,
                "y_offset": 4,
                "object_position": 3,
                "description": company.name,
            },
        )
