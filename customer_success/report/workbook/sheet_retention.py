"""The sheet of retention by cohort: the value up for renewal of the customers of one year, and the share kept each year."""

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from .sheet import register
from .table import Column, ListTable

_lt = LazyTranslate(__name__)

MODEL = "customer.success.retention"
YEARS = 8


@register
class Retention(ListTable):
    code = "retention"
    title = _lt("Retention")
    sequence = 70
    model = MODEL

    def heading(self):
        return self.env._("Retention by year in which customers came")

    @classmethod
    def explain(cls, env):
        yield (
            env._("Gross and net retention"),
            env._(
                "The share of the value up for renewal that was kept, without expansion (gross), and that was "
                "renewed, with expansion (net)."
            ),
        )

    def note(self):
        return self.env._(
            "Gross: the share kept of the value up for renewal, without expansion. Net: with expansion. Amounts are "
            "in the currency of the company; undecided terms count in neither. Year n: gross retention of the "
            "terms that ended in the n-th year as a customer."
        )

    def domain(self):
        decided = Domain("outcome", "!=", "undecided")
        if self.book.months:
            first = self.book.today - relativedelta(months=self.book.months)
            decided &= Domain("date", ">=", first)
        return decided

    def make_columns(self):
        _ = self.env._
        return (
            Column("cohort", _("Customers since"), "text", 18),
            Column("terms", _("Terms ended"), "whole", 10, total="sum"),
            Column("value_before", _("Up for renewal"), "money", 16, currency="currency"),
            Column("value_kept", _("Kept"), "money", 16, currency="currency"),
            Column("value_renewed", _("Renewed, with expansion"), "money", 16, currency="currency"),
            Column("currency", _("Currency"), "text", 9, names=self.currencies),
            Column("gross", _("Gross retention (high is good)"), "percent", 12, bar=1),
            Column("net", _("Net retention (high is good)"), "percent", 12, bar=1),
            Column("lost", _("Customers gone"), "whole", 10, total="sum"),
            *(
                Column(f"year{n}", _("Year %d", n), "percent", 9, bar=1)
                for n in range(1, YEARS + 1)
            ),
        )

    def make_rows(self):
        amounts = ("value_before", "value_kept", "value_renewed")
        cohorts = {}
        for since, currency, years, terms, lost, *sums in self.env[MODEL]._read_group(
            Domain(self.partner, "in", self.book.ended) & self.domain(),
            ["cohort_date:year", "currency_id", "years"],
            ["__count", "customers_lost:sum", *(f"{name}:sum" for name in amounts)],
        ):
            cohort = cohorts.setdefault(
                (since, currency.id), {"terms": 0, "lost": 0, "sums": [0, 0, 0], "years": {}}
            )
            cohort["terms"] += terms
            cohort["lost"] += lost or 0
            cohort["sums"] = [known + (value or 0) for known, value in zip(cohort["sums"], sums)]
            cohort["years"][years] = _ratio(sums[1], sums[0])
        for (since, currency_id), cohort in sorted(
            cohorts.items(), key=lambda item: (str(item[0][0] or ""), item[0][1] or 0)
        ):
            before, kept, renewed = cohort["sums"]
            yield (
                str(since.year) if since else self.env._("Unknown"),
                cohort["terms"],
                before,
                kept,
                renewed,
                currency_id or None,
                _ratio(kept, before),
                _ratio(renewed, before),
                cohort["lost"],
                *(cohort["years"].get(year) for year in range(1, YEARS + 1)),
            )


def _ratio(part, whole):
    return 100 * part / whole if part is not None and whole else None
