from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_date

BRIDGE = "customer.success.revenue.bridge"
MONTHS = 12
# The changes, with the tone of their bars: what comes is above zero, what goes is below.
CHANGES = (
    ("new_value", "new", "good"),
    ("expansion", "expansion", "calm"),
    ("come_back", "come_back", "fresh"),
    ("contraction", "contraction", "watch"),
    ("lost", "lost", "poor"),
    ("currency_change", "currency", "unknown"),
)


class CustomerSuccessDashboard(models.Model):
    """The chart of recurring revenue: what came and went in each month, and what was kept of that of a year ago."""

    _inherit = "customer.success.dashboard"

    def _chart_revenue(self):
        today = fields.Date.context_today(self).replace(day=1)
        currency = self._currency
        # Former customers and those no longer followed belong to it: a loss stays a loss.
        scope = self._records("user_id", Domain.TRUE) & Domain("currency_id", "=", currency.id)
        domain = scope & Domain("month", ">=", str(fields.Date.subtract(today, months=MONTHS - 1)))
        bridge = self.env[BRIDGE]
        rows = bridge._read_group(
            domain,
            ["month:month"],
            ["at_start:sum", "at_end:sum", *(f"{name}:sum" for name, _kind, _tone in CHANGES)],
        )
        labels = bridge.fields_get([name for name, _kind, _tone in CHANGES], ["string"])
        return {
            "title": self.env._("Recurring revenue: what came and went"),
            "hint": self._say_revenue(rows, scope & Domain("month", "=", str(today))),
            "kind": "bar",
            "stacked": True,
            "unit": currency.symbol or currency.name,
            "labels": [format_date(self.env, row[0], date_format="MMM y") for row in rows],
            "series": [
                {
                    "label": labels[name]["string"],
                    "tone": tone,
                    "data": [self._rounded(row[3 + place]) or 0 for row in rows],
                    "actions": [
                        self._open(
                            self.env._(
                                "%(change)s: %(month)s",
                                change=labels[name]["string"],
                                month=format_date(self.env, row[0], date_format="MMMM y"),
                            ),
                            BRIDGE,
                            scope & Domain("month", "=", str(row[0])) & Domain("kind", "=", kind),
                        )
                        for row in rows
                    ],
                }
                for place, (name, kind, tone) in enumerate(CHANGES)
            ],
        }

    def _say_revenue(self, rows, year):
        """Return what stood and stands, and what was kept of the revenue of a year ago."""
        if not rows:
            return ""
        [(gross, net)] = self.env["customer.success.revenue.retention"]._read_group(
            year, [], ["gross_retention:avg", "net_retention:avg"]
        )
        return self.env._(
            "%(start)s at the start, %(end)s today; kept over twelve months: %(gross)s, with expansion: %(net)s",
            start=self._currency.format(rows[0][1] or 0),
            end=self._currency.format(rows[-1][2] or 0),
            gross=self._number(gross, " %"),
            net=self._number(net, " %"),
        )
