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
# What is read of the conversations with content; those that are not rated are left out of the averages.
RATED = (
    "__count",
    "proactive_share:avg",
    "quality_rating:avg",
    "focus_rating:avg",
    "feature_share:avg",
)


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
            "and requirements are the work of other teams; these hours count as leaked. Conversations without "
            "content count as no hours on advice.",
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
            Column("content", _("With content"), "whole", 10, total="sum"),
            Column("proactive", _("Proactive"), "whole", 10, total="sum"),
            Column(
                "proactive_share",
                _("Proactive, share (high is good)"),
                "percent",
                12,
                share=(("proactive",), ("content",)),
            ),
            Column("quality", _("Quality, 1 to 5 (high is good)"), "number", 12),
            Column("focus", _("Focus, 1 to 5 (high is good)"), "number", 12),
            Column("features", _("On features (low is good)"), "percent", 12),
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
        for user, month, kind, talks, hours in interactions._read_group(
            domain, ["user_id", "date:month", "kind"], ["__count", "duration:sum"]
        ):
            line = found.setdefault((user, month), {"talks": 0, "hours": {}})
            line["talks"] += talks
            line["hours"][kind] = line["hours"].get(kind, 0.0) + hours
        rated = {
            (user, month): counts
            for user, month, *counts in interactions._read_group(
                domain & Domain("has_content", "=", True), ["user_id", "date:month"], RATED
            )
        }
        hours_on = {
            (user, month): counts
            for user, month, *counts in interactions._read_group(
                domain, ["user_id", "date:month"], ["advice_hours:sum", "leaked_hours:sum"]
            )
        }
        for (user, month), line in sorted(
            found.items(), key=lambda item: (item[0][0].sudo().name or "", item[0][1])
        ):
            content, proactive, *ratings = rated.get((user, month), (0, *[None] * 4))
            hours = line["hours"]
            advice, leaked = hours_on[user, month]
            yield (
                user.sudo().name,
                month,
                line["talks"],
                content,
                round(content * (proactive or 0) / 100),
                proactive,
                *(None if rating is False else rating for rating in ratings),
                *(hours.get(kind) for kind in (*ADVICE, *LEAKED)),
                advice,
                leaked,
                100 * advice / (advice + leaked) if advice + leaked else None,
            )
