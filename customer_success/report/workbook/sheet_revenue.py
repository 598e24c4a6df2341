"""The sheets of recurring revenue: from month to month for the whole book, and over twelve months for each group."""

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from .sheet import register
from .table import Column, ListTable

_lt = LazyTranslate(__name__)

BRIDGE = "customer.success.revenue.bridge"
RETENTION = "customer.success.revenue.retention"
MONTHS = 12
# What stands on a day is not added up over months.
STANDS = ("at_start", "at_end")
CHANGES = ("new_value", "expansion", "contraction", "lost", "come_back", "currency_change")
GROUPS = ("segment_id", "product_id", "user_id", "country_id")
RATIOS = ("gross_retention", "net_retention")
AMOUNTS = (
    "base",
    "contraction",
    "lost",
    "kept",
    "expansion",
    "renewed",
    "new_value",
    "come_back",
    "at_end",
)


class RevenueTable(ListTable):
    """A sheet of one of the two models; former customers belong to it."""

    with_former = True

    def amounts(self, *names):
        """Yield the columns of amounts, named as on the screen."""
        labels = self.env[self.model].fields_get(names, ["string"])
        for name in names:
            yield Column(name, labels[name]["string"], "money", 15, currency="currency")

    def ratios(self):
        _ = self.env._
        yield Column("gross_retention", _("Gross retention (high is good)"), "percent", 12, bar=1)
        yield Column("net_retention", _("Net retention (high is good)"), "percent", 12, bar=1)

    def sums(self, domain, groupby, aggregates, model=None):
        return self.env[model or self.model]._read_group(
            Domain(self.partner, "in", self.customers) & domain, groupby, aggregates
        )

    @property
    def this_month(self):
        return self.book.today.replace(day=1)


@register
class Revenue(RevenueTable):
    code = "revenue"
    title = _lt("Recurring revenue")
    sequence = 71
    model = BRIDGE

    def heading(self):
        return self.env._("Recurring revenue from month to month")

    def note(self):
        return self.env._(
            "The annual value of the terms in force. Start and changes add up to the end. Gross and net retention: of the "
            "revenue that stood twelve months before the end of the month, without and with expansion."
        )

    @classmethod
    def explain(cls, env):
        yield (
            env._("Recurring revenue"),
            env._(
                "The annual value that counts of all terms in force on a day. New: from customers who had none before. "
                "Expansion and contraction: more and less from customers who stay. Lost: from customers who left. Come "
                "back: from customers who had left. Exchange rates: what rates changed in what stood at the start. A "
                "term past its end and not decided counts on for 92 days, unless the customer gave notice in time."
            ),
        )

    def make_columns(self):
        return (
            Column("month", self.env._("Month"), "month", 11),
            *self.amounts("at_start", *CHANGES, "at_end"),
            Column("currency", self.env._("Currency"), "text", 9, names=self.currencies),
            *self.ratios(),
        )

    def make_rows(self):
        first = self.this_month - relativedelta(months=(self.book.months or MONTHS) - 1)
        since = Domain("month", ">=", str(first))
        ratios = {
            (month, currency): values
            for month, currency, *values in self.sums(
                since,
                ["month:month", "currency_id"],
                [f"{name}:avg" for name in RATIOS],
                RETENTION,
            )
        }
        for currency in self.env.companies.currency_id:
            for month, *values in self.sums(
                since & Domain("currency_id", "=", currency.id),
                ["month:month"],
                [f"{name}:sum" for name in ("at_start", *CHANGES, "at_end")],
            ):
                known = ratios.get((month, currency), (None, None))
                yield (month, *values, currency.id, *(None if v is False else v for v in known))

    def prepare(self):
        made = super().prepare()
        for sums in self.money.values():
            for name in STANDS:
                sums.pop(name, None)
        return made


@register
class RevenueGroups(RevenueTable):
    code = "revenue_groups"
    title = _lt("Revenue retention")
    sequence = 71
    model = RETENTION

    def heading(self):
        return self.env._("Retention of recurring revenue over twelve months, by group")

    def note(self):
        return self.env._(
            "The twelve months until today, at the exchange rates of today. Start, contraction and loss are what was kept; "
            "with expansion it is the net. Filter or pivot by any group: divide the sums, do not average the ratios."
        )

    @classmethod
    def explain(cls, env):
        yield (
            env._("Gross and net retention of revenue"),
            env._(
                "The share of the recurring revenue of twelve months ago that was kept, without expansion (gross) and with "
                "expansion of the same customers (net). New customers, and those who left and came back, count in neither."
            ),
        )

    def make_columns(self):
        _ = self.env._
        return (
            Column("segment", _("Segment"), "text", 16),
            Column("product", _("Product"), "text", 22),
            Column("csm", _("CSM"), "text", 18),
            Column("country", _("Country"), "text", 18),
            *self.amounts(*AMOUNTS),
            Column("currency", _("Currency"), "text", 9, names=self.currencies),
            *self.ratios(),
        )

    def make_rows(self):
        size = len(GROUPS)
        for row in self.sums(
            Domain("month", "=", str(self.this_month)),
            [*GROUPS, "currency_id"],
            [*(f"{name}:sum" for name in AMOUNTS), *(f"{name}:avg" for name in RATIOS)],
        ):
            names = [group.sudo().display_name or "" for group in row[:size]]
            names[0] = names[0] or self.env._("No segment")
            values = [None if value is False else value for value in row[size + 1 :]]
            *amounts, gross, net = values
            yield (*names, *amounts, row[size].id or None, gross, net)
