"""The sheet of the forecast: by quarter what was decided and came, what is expected, and what salespeople say."""

from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from ...models.outputs.customer_success_forecast import Quarter
from .sheet import register
from .table import Column, ListTable

_lt = LazyTranslate(__name__)

AMOUNTS = tuple(name for name in Quarter._fields if name not in ("start", "count", "leads"))
# The limits of the quarters do not add up to those of the year: not all quarters end badly at once.
LIMITS = ("low", "high")


@register
class Forecast(ListTable):
    code = "forecast"
    title = _lt("Forecast")
    sequence = 65
    model = "customer.success.renewal"

    def heading(self):
        return self.env._("Expected revenue of renewals by quarter")

    def note(self):
        found = self.found
        money = found.currency.format
        said = [
            self.env._(
                "Four quarters: %(total)s expected, in four of five cases %(low)s to %(high)s. The limits of quarters do not "
                "add up.",
                total=money(found.ahead.total),
                low=money(found.ahead.low),
                high=money(found.ahead.high),
            )
        ]
        said += self.env["customer.success.forecast"]._say_left_out(found)
        return " ".join(said)

    @classmethod
    def explain(cls, env):
        yield (
            env._("Expected revenue"),
            env._(
                "Annual value up for renewal − value × churn risk − what contraction takes + what expansion adds, each times "
                "its probability. A main term and its add-ons are one event. The limits hold four of five draws of a "
                "simulation, in which all risks may be wrong together."
            ),
        )
        yield (
            env._("What salespeople say"),
            env._(
                "The expected revenue of the opportunities of these renewals × their probability, which is 100 % less the "
                "churn risk as long as nobody enters another one."
            ),
        )

    @property
    def found(self):
        """Return the forecast of the customers of the book, read once; the dashboard reads it in the same way."""
        if not hasattr(self, "_found"):
            self._found = self.env["customer.success.forecast"]._read(
                Domain(self.partner, "in", self.book.customers),
                Domain(self.partner, "in", self.book.ended),
            )
        return self._found

    def make_columns(self):
        _ = self.env._
        titles = {
            "decided": _("Decided: up for renewal"),
            "came": _("Decided: came, with expansion"),
            "value": _("Pending: up for renewal"),
            "lost": _("Lost to churn, expected"),
            "shrunk": _("Lost to contraction, expected"),
            "grown": _("Expansion, expected"),
            "total": _("Expected"),
            "low": _("Expected, in 4 of 5 cases from"),
            "high": _("to"),
            "revenue": _("Opportunities: expected revenue"),
            "said": _("Salespeople say, by probability"),
            "true_up": _("True-up a year, in no other amount"),
        }
        money = {
            name: Column(name, title, "money", 15, currency="currency")
            for name, title in titles.items()
        }
        return (
            Column("quarter", _("Quarter"), "text", 11),
            money["decided"],
            money["came"],
            Column("count", _("Pending renewals"), "whole", 10, total="sum"),
            *(money[name] for name in AMOUNTS[2:9]),
            Column("leads", _("With an opportunity"), "whole", 11, total="sum"),
            money["revenue"],
            money["said"],
            money["true_up"],
            Column("currency", _("Currency"), "text", 9, names=self.currencies),
        )

    def make_rows(self):
        for quarter in self.found.quarters:
            start, *values = quarter
            yield (f"{start.year} Q{(start.month + 2) // 3}", *values, self.found.currency.id)

    def prepare(self):
        made = super().prepare()
        for sums in self.money.values():
            for name in LIMITS:
                sums.pop(name, None)
        return made
