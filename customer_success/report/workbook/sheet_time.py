"""The sheet of time on advice: the hours of each CSM by month, and the hours spent on other people's work."""

from dateutil.relativedelta import relativedelta

from odoo.fields import Date, Domain
from odoo.tools.translate import LazyTranslate

from ...models.advisor.customer_success_interaction import ADVICE, LEAKED
from .rows import Labels
from .sheet import register
from .table import Column, ListTable

_lt = LazyTranslate(__name__)

MONTHS = 12


@register
class Time(ListTable):
    code = "time"
    title = _lt("Time on advice")
    sequence = 100
    model = "customer.success.interaction"

    def heading(self):
        return self.env._("Time on advice, by CSM and month")

    def note(self):
        return self.env._(
            "Hours of conversations held with these customers in %d months. Support, training, broadcasts "
            "and requirements are the work of other teams; these hours count as leaked.",
            self.book.months or MONTHS,
        )

    def domain(self):
        first = Date.start_of(self.book.today, "month") - relativedelta(
            months=(self.book.months or MONTHS) - 1
        )
        return Domain("state", "=", "held") & Domain("date", ">=", first)

    def make_columns(self):
        _ = self.env._
        kind = Labels(self.env[self.model], "kind")
        return (
            Column("user", _("CSM"), "text", 36),
            Column("month", _("Month"), "month", 12),
            Column("talks", _("Conversations"), "whole", 15, total="sum"),
            Column("proactive", _("Proactive"), "whole", 10, total="sum"),
            *(
                Column(code, _("%s, hours", kind[code]), "number", 14, total="sum")
                for code in (*ADVICE, *LEAKED)
            ),
            Column("advice", _("Hours on advice"), "number", 10, total="sum"),
            Column("leaked", _("Hours leaked"), "number", 10, total="sum"),
            Column(
                "share",
                _("Time on advice (high is good)"),
                "percent",
                12,
                share=(("advice",), ("advice", "leaked")),
                bar=1,
            ),
        )

    def make_rows(self):
        interactions = self.env[self.model]
        domain = Domain(self.partner, "in", self.book.customers) & self.domain()
        found = {}
        for user, month, kind, proactive, talks, hours in interactions._read_group(
            domain, ["user_id", "date:month", "kind", "proactive"], ["__count", "duration:sum"]
        ):
            line = found.setdefault((user, month), {"talks": 0, "proactive": 0, "hours": {}})
            line["talks"] += talks
            line["proactive"] += talks if proactive else 0
            line["hours"][kind] = line["hours"].get(kind, 0.0) + hours
        for (user, month), line in sorted(
            found.items(), key=lambda item: (item[0][0].sudo().name or "", item[0][1])
        ):
            hours = line["hours"]
            advice, leaked = (
                sum(hours.get(kind, 0) for kind in kinds) for kinds in (ADVICE, LEAKED)
            )
            yield (
                user.sudo().name,
                month,
                line["talks"],
                line["proactive"],
                *(hours.get(kind) for kind in (*ADVICE, *LEAKED)),
                advice,
                leaked,
                100 * advice / (advice + leaked) if advice + leaked else None,
            )
