"""The sheet of segments: one row for each, with its customers, their scores, and how the risk model did."""

from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from .sheet import register
from .table import Column, ListTable

_lt = LazyTranslate(__name__)

RETENTION = "customer.success.retention"
AT_RISK = ("high", "critical")


@register
class Segments(ListTable):
    code = "segments"
    title = _lt("By segment")
    sequence = 75
    model = "res.partner"

    @classmethod
    def is_for(cls, env):
        """Leave the sheet out as long as there are no segments."""
        return super().is_for(env) and bool(
            env["customer.success.segment"].search_count(Domain.TRUE, limit=1)
        )

    def heading(self):
        return self.env._("Customers by segment")

    def note(self):
        return self.env._(
            "The segment of each customer today. Empty cells are unknown and left out of averages. Expected and "
            "actual churn: of the terms that ended, with the churn risk at the checkpoint."
        )

    @classmethod
    def explain(cls, env):
        yield (
            env._("Expected and actual churn"),
            env._(
                "The average churn risk at the checkpoint 90 days before the renewal, else at the nearest one, and "
                "the share of these terms that ended in churn."
            ),
        )

    def make_columns(self):
        _ = self.env._
        return (
            Column("segment", _("Segment"), "text", 24),
            Column("customers", _("Customers"), "whole", 11, total="sum"),
            Column("by_hand", _("Set by hand"), "whole", 11, total="sum"),
            Column("health", _("Average health (high is good)"), "number", 12),
            Column("unsure", _("Too little known"), "whole", 11, total="sum"),
            Column("risk", _("Average churn risk (high is bad)"), "risk", 12),
            Column("at_risk", _("At high or critical risk"), "whole", 11, total="sum"),
            Column("adoption", _("Average adoption rate"), "percent", 12),
            Column("gross", _("Gross retention (high is good)"), "percent", 12, bar=1),
            Column("net", _("Net retention (high is good)"), "percent", 12, bar=1),
            Column("terms", _("Terms with a known risk"), "whole", 11, total="sum"),
            Column("expected", _("Expected churn"), "percent", 11),
            Column("actual", _("Actual churn"), "percent", 11),
        )

    def make_rows(self):
        partners = self.env["res.partner"]
        scope = Domain("id", "in", self.book.customers)
        by = ["success_segment_id"]
        counts = {
            name: dict(partners._read_group(scope & domain, by, ["__count"]))
            for name, domain in (
                ("by_hand", Domain("success_segment_manual", "=", True)),
                ("unsure", Domain("success_health_band", "=", "unsure")),
                ("at_risk", Domain("success_risk_band", "in", AT_RISK)),
            )
        }
        ended = self._ended()
        found = partners._read_group(
            scope,
            by,
            ["__count", "success_health:avg", "success_renewal_risk:avg", "success_adoption:avg"],
        )
        for segment, customers, health, risk, adoption in sorted(
            found, key=lambda row: (not row[0], row[0].sudo().sequence, row[0].id)
        ):
            yield (
                segment.sudo().name or self.env._("No segment"),
                customers,
                counts["by_hand"].get(segment, 0),
                health,
                counts["unsure"].get(segment, 0),
                risk,
                counts["at_risk"].get(segment, 0),
                adoption,
                *ended.get(segment, (None,) * 5),
            )

    def _ended(self):
        """Return the retention and the churn of the terms that ended, ``{segment: values of the columns}``."""
        if not self.env[RETENTION].has_access("read"):
            return {}
        rows = self.env[RETENTION]._read_group(
            Domain("partner_id", "in", self.book.ended) & Domain("outcome", "!=", "undecided"),
            ["segment_id"],
            ["gross_retention:avg", "net_retention:avg", "predicted_risk:avg", "actual_left:avg"],
        )
        known = dict(
            self.env[RETENTION]._read_group(
                Domain("partner_id", "in", self.book.ended) & Domain("predicted_risk", "!=", False),
                ["segment_id"],
                ["__count"],
            )
        )
        return {
            segment: (gross, net, known.get(segment, 0), expected, actual)
            for segment, gross, net, expected, actual in rows
        }
