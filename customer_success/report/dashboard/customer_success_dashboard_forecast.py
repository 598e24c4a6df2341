from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.fields import Domain

from .. import tiles


class CustomerSuccessDashboard(models.Model):
    """The chart of expected revenue: by quarter what came, what is expected, its interval, and what salespeople say."""

    _inherit = "customer.success.dashboard"

    def _forecast(self):
        """Return the forecast of the renewals in view, which the workbook reads in the same way."""
        model = self.env["customer.success.forecast"]
        model = model.with_company(self.company_id or self.env.company)
        return model._read(self._records(), self._records("user_id", tiles.ENDED))

    def _chart_forecast(self):
        found = self._forecast()
        series = (
            ("fresh", self.env._("Up for renewal"), lambda q: _sum(q.decided, q.value), False),
            ("good", self.env._("Came"), lambda q: q.came, True),
            ("calm", self.env._("Expected"), lambda q: q.total, False),
            ("unknown", self.env._("Expected, in 4 of 5 cases"), _interval, False),
            ("watch", self.env._("Salespeople say"), lambda q: q.said, False),
        )
        return {
            "title": self.env._("Revenue of renewals: what is expected"),
            "hint": self._say_forecast(found),
            "kind": "bar",
            "unit": found.currency.symbol or found.currency.name,
            "labels": [self._quarter(quarter.start) for quarter in found.quarters],
            "series": [
                {
                    "label": label,
                    "tone": tone,
                    "data": [value(quarter) for quarter in found.quarters],
                    "actions": [
                        self._open_quarter(label, quarter, is_decided or quarter.count is None)
                        for quarter in found.quarters
                    ],
                }
                for tone, label, value, is_decided in series
            ],
        }

    @staticmethod
    def _quarter(start):
        return f"{start.year} Q{(start.month + 2) // 3}"

    def _open_quarter(self, label, quarter, is_decided):
        name = f"{label}: {self._quarter(quarter.start)}"
        if not is_decided:
            pending = self.env["customer.success.forecast"]._pending_domain(quarter.start)
            return self._open(name, "customer.success.renewal", self._records() & pending)
        end = quarter.start + relativedelta(months=3)
        decided = Domain("outcome", "!=", "undecided") & Domain("date", ">=", str(quarter.start))
        return self._open(
            name,
            "customer.success.retention",
            self._records("user_id", tiles.ENDED) & decided & Domain("date", "<", str(end)),
        )

    def _say_forecast(self, found):
        """Return what is expected of all quarters ahead, and what is left out."""
        ahead, money = found.ahead, found.currency.format
        said = [
            self.env._(
                "Four quarters: %(total)s of %(value)s expected, in four of five cases %(low)s to %(high)s; salespeople say "
                "%(said)s of the %(leads)d renewals with an opportunity.",
                total=money(ahead.total),
                value=money(ahead.value),
                low=money(ahead.low),
                high=money(ahead.high),
                said=money(ahead.said),
                leads=ahead.leads,
            )
        ]
        said += self.env["customer.success.forecast"]._say_left_out(found)
        return " ".join(said)


def _sum(*amounts):
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def _interval(quarter):
    return None if quarter.low is None else [quarter.low, quarter.high]
