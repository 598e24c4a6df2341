"""The charts of the Summary, and the cells that they draw."""

from xlsxwriter.utility import quote_sheetname, xl_range_abs

from odoo.fields import Domain

from ...models.common.excel_text import clean

CHART = {"width": 470, "height": 240}
CHART_ROWS = 12  # of 20 pixels
INK = ("#17504F", "#5E9C97", "#C8A24A", "#B02A37", "#8C8C8C")
FILLS = {
    "good": "#5FAF6B",
    "watch": "#E0B23C",
    "poor": "#C0504D",
    "unsure": "#D9D9D9",
    None: "#BFBFBF",
}
CHARTS_AT = 6  # their first column


class Charts:
    """The four charts of a Summary, placed beside its figures; the numbers that they draw are below everything else."""

    def __init__(self, book, sheet, name):
        self.book, self.env = book, book.env
        self.sheet, self.name = sheet, name
        self.charts = self._chart_data()

    def _chart_data(self):
        """Return ``[(title, kind, [(label, value, colour)])]``."""
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
        """Return value at risk by band, in the company's currency; customers by band if no money is known."""
        _, partners = self.env._, self.env["res.partner"]
        bands = dict(partners._fields["success_risk_band"]._description_selection(self.env))
        money = dict(
            partners._read_group(
                scope & partners._success_rated(scope),
                ["success_risk_band"],
                ["success_value_at_risk:sum_currency"],
            )
        )
        title = _("Value at risk by risk band, %s", self.env.company.currency_id.name)
        if not any(money.values()):
            money = dict(partners._read_group(scope, ["success_risk_band"], ["__count"]))
            title = _("Customers by risk band")
        colours = ("#5FAF6B", "#E0B23C", "#D9734E", "#B02A37")
        return (
            title,
            "bar",
            [(bands[band], money.get(band) or 0, colour) for band, colour in zip(bands, colours)],
        )

    def draw(self, top, row):
        """Place the charts from row ``top`` on. Their numbers are written later, from ``row`` on: rows go top to bottom."""
        for number, (title, kind, data) in enumerate(self.charts):
            if data and any(value for _label, value, _colour in data):
                chart = self._chart(title, kind, data, row + 1, number)
                self.sheet.insert_chart(
                    top + number // 2 * CHART_ROWS,
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
            # For horizontal bars, xlsxwriter calls the axis of the values x
            named, valued = chart.set_x_axis, chart.set_y_axis
            if kind == "bar":
                named, valued = valued, named
            named(axis)
            valued({**axis, "visible": False, "min": 0})
        return chart

    @staticmethod
    def _columns_behind(number):
        """Return the columns of a chart's numbers: two charts in the wide columns, two further right."""
        return ((0, 1), (2, 3), (CHARTS_AT, CHARTS_AT + 3), (CHARTS_AT + 5, CHARTS_AT + 8))[number]

    def write_numbers(self, row):
        """Write the numbers that the charts draw: their titles in ``row``, then a row for each label."""
        charts, sheet, formats = self.charts, self.sheet, self.book.formats
        sheet.set_row(row, 32)
        lines = max((len(data) for _title, _kind, data in charts), default=0)
        for number, (title, _kind, _data) in enumerate(charts):
            label_col, value_col = self._columns_behind(number)
            sheet.merge_range(row, label_col, row, value_col, title, formats.head)
        for line in range(lines):
            for number, (_title, _kind, data) in enumerate(charts):
                if line < len(data):
                    label_col, value_col = self._columns_behind(number)
                    label, value, _colour = data[line]
                    sheet.write_string(row + 1 + line, label_col, clean(label or ""), formats.inner)
                    sheet.write_number(row + 1 + line, value_col, value, formats.cell["whole"])
