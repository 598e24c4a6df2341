"""The sheet of time and adoption: since when a company is a customer, and what it gained since it bought and went live."""

from odoo.tools.translate import LazyTranslate

from .rows import Labels
from .sheet import register
from .sheet_customers import coloured
from .sheet_years import VERDICT_COLOURS
from .table import Column, Table

_lt = LazyTranslate(__name__)


@register
class Tenure(Table):
    code = "tenure"
    title = _lt("Time and adoption")
    sequence = 37
    model = "customer.success.tenure"
    order = "date_since, id"

    def heading(self):
        return self.env._("Time as a customer and adoption gained, longest first")

    @classmethod
    def explain(cls, env):
        yield (
            env._("Adoption gained"),
            env._(
                "The adoption rate now less that at purchase, at go-live or at the start of the first plan, in points."
            ),
        )
        yield (
            env._("Days to target adoption"),
            env._(
                "From go-live to the first month in which the adoption rate over all products reached its target. An "
                "average leaves out the customers that have not, so read it beside the share that reached it."
            ),
        )

    def note(self):
        return self.env._(
            "Gains are in points of the adoption rate. Empty cells are unknown and left out of averages."
        )

    def make_columns(self):
        _ = self.env._
        verdict = Labels(self.env[self.model], "verdict")
        return (
            self.customer(),
            self.record("segment_id", _("Segment"), "customer.success.segment", 14),
            Column("date_since", _("Customer since"), "date", 11),
            self.choice("since_source", _("Known by"), 16),
            Column("date_live", _("Live since"), "date", 11),
            Column("year_live", _("Year after go-live"), "whole", 9),
            Column("days_to_adoption", _("Days to target adoption"), "whole", 10, total="average"),
            Column(
                "reached_adoption", _("Reached target adoption"), "percent", 10, total="average"
            ),
            Column("adoption_purchase", _("Adoption at purchase"), "percent", 10, total="average"),
            Column("adoption_live", _("Adoption at go-live"), "percent", 10, total="average"),
            Column("adoption_plan", _("Adoption at start of plan"), "percent", 10, total="average"),
            Column("gain_purchase", _("Gained since purchase"), "number", 10, total="average"),
            Column("gain_live", _("Gained since go-live"), "number", 10, total="average"),
            Column("gain_plan", _("Gained since plan"), "number", 10, total="average"),
            Column("sustain", _("Use kept"), "percent", 10, total="average", bar=1),
            Column("sustain_first", _("Use kept since first year"), "percent", 10, total="average"),
            self.choice(
                "verdict",
                _("Compared with targets"),
                12,
                colours=coloured(verdict, VERDICT_COLOURS),
            ),
        )
