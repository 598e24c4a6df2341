"""The first sheet: where the book stands, what changed since last time, and what needs attention."""

import base64
import io

from PIL import Image
from xlsxwriter.utility import quote_sheetname, xl_range_abs

from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.translate import LazyTranslate

from ...models.common.excel_text import clean
from . import figures
from .cells import excel
from .rows import Labels
from .sheet import Sheet, register
from .sheet_customers import RISK_COLOURS

_lt = LazyTranslate(__name__)

LOGO_PIXELS = 44
LISTED = 10
CHART = {"width": 470, "height": 240}
CHART_ROWS = 12  # of 20 pixels
INK = ("#17504F", "#5E9C97", "#C8A24A", "#B02A37", "#8C8C8C")
FILLS = {"good": "#5FAF6B", "watch": "#E0B23C", "poor": "#C0504D", None: "#BFBFBF"}
FIGURES_AT, CHARTS_AT = 4, 6  # first row of the figures, first column of the charts


@register
class Summary(Sheet):
    code = "summary"
    title = _lt("Summary")
    sequence = 10
    needs = ("customers",)

    def fill(self):
        """Write the sheet, and keep its figures for the next workbook like this one."""
        book = self.book
        self.sheet = sheet = book.open_sheet(self.name, self.env._("Customer success: summary"))
        sheet.hide_gridlines(2)
        for column, width in enumerate((44, 18, 18, 16, 11, 3)):
            sheet.set_column(column, column, width)
        sheet.set_column(CHARTS_AT, CHARTS_AT + 12, 9.5)
        self._logo()
        found = figures.collect(book)
        charts = self._chart_data()
        end = FIGURES_AT + max(len(found) + 2, 2 * CHART_ROWS + 1)
        attention = figures.attention(book)
        risky = self._riskiest()
        table_at = end + len(attention) + 3
        behind_at = table_at + len(risky) + 4
        self._charts(charts, behind_at + 2)
        self._figures(found)
        self._write_attention(attention, end)
        self._write_riskiest(risky, table_at)
        self._behind(charts, behind_at)
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
                _("The next workbook like this one will show here what changed."),
                formats.note,
            )

    def _now(self, row, figure, look):
        """The figure itself: the total on its sheet, where that is in the workbook."""
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
            sheet.write_string(row + 1, 0, _("None is at high or critical risk."), formats.note)
        for at, customer in enumerate(customers, row + 1):
            sheet.write_string(at, 0, clean(customer.name or ""), formats.body)
            cells = (
                (customer.success_renewal_risk, "percent", formats.cell["percent"]),
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

    # Charts ---------------------------------------------------------------------------------------

    def _chart_data(self):
        """``[(title, heading, kind, [(label, value, colour)])]``: what the charts draw, and cells under them hold."""
        _, env, book = self.env._, self.env, self.book
        partners = env["res.partner"]
        scope = Domain("id", "in", book.customers)
        stages = partners._read_group(scope, ["success_stage_id"], ["__count"])
        bands = dict(partners._read_group(scope, ["success_health_band"], ["__count"]))
        health = dict(partners._fields["success_health_band"]._description_selection(env))
        health[False] = _("Not judged")
        areas = dict(
            env["customer.success.barrier"]._read_group(
                Domain("partner_id", "in", book.customers) & Domain("is_open", "=", True),
                ["area"],
                ["__count"],
            )
        )
        labels = dict(env["customer.success.barrier"]._fields["area"]._description_selection(env))
        return [
            (
                _("Customers by stage"),
                "column",
                [
                    (stage.name, number, INK[0])
                    for stage, number in sorted(
                        stages, key=lambda group: (group[0].sequence, group[0].id)
                    )
                ],
            ),
            (
                _("Customers by health"),
                "doughnut",
                [(health[band], bands.get(band, 0), FILLS[band or None]) for band in health],
            ),
            self._risk_data(scope),
            (
                _("Open barriers by area"),
                "bar",
                [(labels[area], areas.get(area, 0), INK[2]) for area in reversed(labels)],
            ),
        ]

    def _risk_data(self, scope):
        """Value at risk by band, in the currency of most; customers by band where no money is known."""
        _, partners = self.env._, self.env["res.partner"]
        bands = dict(partners._fields["success_risk_band"]._description_selection(self.env))
        valued = partners._read_group(
            scope & Domain("success_value_at_risk", ">", 0), ["success_currency_id"], ["__count"]
        )
        currency = (
            max(valued, key=lambda group: group[1])[0] if valued else self.env.company.currency_id
        )
        money = dict(
            partners._read_group(
                scope & Domain("success_currency_id", "=", currency.id),
                ["success_risk_band"],
                ["success_value_at_risk:sum"],
            )
        )
        title = _("Value at risk by risk band, %s", currency.name)
        if not any(money.values()):
            money = dict(partners._read_group(scope, ["success_risk_band"], ["__count"]))
            title = _("Customers by risk band")
        colours = ("#5FAF6B", "#E0B23C", "#D9734E", "#B02A37")
        return (
            title,
            "bar",
            [(bands[band], money.get(band) or 0, colour) for band, colour in zip(bands, colours)],
        )

    def _charts(self, charts, row):
        """The cells that they draw are written after them: Excel does not mind, and rows go top to bottom."""
        for number, (title, kind, data) in enumerate(charts):
            if data and any(value for _label, value, _colour in data):
                chart = self._chart(title, kind, data, row, number)
                self.sheet.insert_chart(
                    FIGURES_AT + number // 2 * CHART_ROWS,
                    CHARTS_AT + number % 2 * 7,
                    chart,
                    {"object_position": 3},
                )

    def _chart(self, title, kind, data, row, number):
        name = quote_sheetname(self.name)
        label_col, value_col = self._columns_behind(number)
        last = row + len(data) - 1
        chart = self.book.workbook.add_chart({"type": kind})
        labels = {"value": True, "font": {"size": 9}}
        if kind == "doughnut":
            labels["category"] = False
        points = [{"fill": {"color": colour}} for _label, _value, colour in data]
        chart.add_series(
            {
                "name": title,
                "categories": f"={name}!{xl_range_abs(row, label_col, last, label_col)}",
                "values": f"={name}!{xl_range_abs(row, value_col, last, value_col)}",
                "points": points,
                "data_labels": labels,
                "gap": 45,
            }
        )
        chart.set_title(
            {"name": title, "name_font": {"size": 12, "color": INK[0]}, "overlay": False}
        )
        chart.set_size(CHART)
        chart.set_chartarea({"border": {"color": "#D9D9D9"}})
        if kind == "doughnut":
            chart.set_hole_size(55)
            chart.set_legend({"position": "right"})
        else:
            chart.set_legend({"none": True})
            axis = {"major_gridlines": {"visible": False}, "num_font": {"size": 9}}
            # Of bars lying down, xlsxwriter calls the axis of the values x
            named, valued = chart.set_x_axis, chart.set_y_axis
            if kind == "bar":
                named, valued = valued, named
            named(axis)
            valued({**axis, "visible": False, "min": 0})
        return chart

    @staticmethod
    def _columns_behind(number):
        """Where the cells of a chart stand: two charts beside each other in the wide columns, two further right."""
        return ((0, 1), (2, 3), (CHARTS_AT, CHARTS_AT + 3), (CHARTS_AT + 5, CHARTS_AT + 8))[number]

    def _behind(self, charts, row):
        """The numbers that the charts draw."""
        _, sheet, formats = self.env._, self.sheet, self.book.formats
        self._section(row, _("Behind the charts"))
        sheet.set_row(row + 1, 32)
        lines = max((len(data) for _title, _kind, data in charts), default=0)
        for number, (title, _kind, _data) in enumerate(charts):
            label_col, value_col = self._columns_behind(number)
            sheet.merge_range(row + 1, label_col, row + 1, value_col, title, formats.head)
        for line in range(lines):
            for number, (_title, _kind, data) in enumerate(charts):
                if line < len(data):
                    label_col, value_col = self._columns_behind(number)
                    label, value, _colour = data[line]
                    sheet.write_string(row + 2 + line, label_col, clean(label or ""), formats.inner)
                    sheet.write_number(row + 2 + line, value_col, value, formats.cell["whole"])

    def _section(self, row, title):
        for column in range(CHARTS_AT - 1):
            self.sheet.write_blank(row, column, None, self.book.formats.section)
        self.sheet.write_string(row, 0, title, self.book.formats.section)

    def _logo(self):
        """The company's logo, if it has one that Excel can show."""
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
