"""The sheet of customers: stage, health, risk, value at risk and both views."""

from functools import partial

from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ...scoring import terms
from ...scoring.money import converted
from .rows import Labels, Names
from .sheet import register
from .table import Column, Table

_lt = LazyTranslate(__name__)

REASONS = 3
RISK_COLOURS = {"low": "good", "medium": "warn", "high": "bad", "critical": "bad"}
HEALTH_COLOURS = {"good": "good", "watch": "warn", "poor": "bad"}
VIEW_COLOURS = {"confident": "good", "watchful": "warn", "worried": "bad"}


def coloured(labels, colours):
    """Return the colours of a selection by the text in the cell."""
    return {labels[value]: colour for value, colour in colours.items() if value in labels}


@register
class Customers(Table):
    code = "customers"
    title = _lt("Customers")
    sequence = 20
    model = "res.partner"
    order = "success_renewal_risk desc, name, id"

    def heading(self):
        return self.env._("Customers, riskiest first")

    def note(self):
        return self.env._(
            "Health: high is good. Risk: high is bad. Empty cells are unknown and left out of averages."
        )

    @classmethod
    def explain(cls, env):
        return (
            (
                env._("Time to first value (days)"),
                env._(
                    "from the first known go-live to the first result that the customer confirmed from that day on"
                ),
            ),
            (
                env._("Time to full value (days)"),
                env._(
                    "to the first day on which all objectives begun by then were confirmed, a long-term one among them, "
                    "and none of them below its target; later objectives do not take it back"
                ),
            ),
            (
                env._("Value at risk of the group"),
                env._(
                    "the sum over the listed customers of a group, in the currency of your company at today's rates; "
                    "empty if a rate is missing. A group is named after its topmost customer that you may see"
                ),
            ),
        )

    def make_columns(self):
        _ = self.env._
        model = self.env[self.model]
        health = Labels(model, "success_health_band")
        risk = Labels(model, "success_risk_band")
        view = Labels(model, "success_sentiment")
        rated = Labels(model, "success_expertise")
        return (
            Column("name", _("Customer"), "text", 32),
            Column("ref", _("Reference"), "text", 13),
            self.record("success_stage_id", _("Stage"), "customer.success.stage", 17),
            self.record("success_segment_id", _("Segment"), "customer.success.segment", 14),
            self.record("success_user_id", _("CSM"), "res.users", 18, "name"),
            Column("group", _("Group"), "text", 24, self._group, names=Names(model, "name")),
            Column(
                "group_value",
                _("Value at risk of the group, %s", self.env.company.currency_id.name),
                "whole",
                15,
                self._value_of_group,
            ),
            Column("success_since", _("Customer since"), "date", 11),
            Column("success_years_customer", _("Years as customer"), "number", 9, total="average"),
            Column("success_go_live_date", _("Go-live"), "date", 11),
            Column(
                "success_days_to_value",
                _("Time to first value (days)"),
                "number",
                10,
                total="average",
            ),
            Column(
                "success_days_to_full_value",
                _("Time to full value (days)"),
                "number",
                10,
                total="average",
            ),
            Column("success_go_live_late", _("Go-live late, days"), "whole", 9),
            Column("success_years_live", _("Years live"), "number", 9, total="average"),
            Column("success_health", _("Health (high is good)"), "number", 9, total="average"),
            Column(
                "success_health_band",
                _("Health band"),
                "text",
                9,
                names=health,
                colours=coloured(health, HEALTH_COLOURS),
            ),
            Column("success_confidence", _("Known"), "percent", 9, total="average", bar=1),
            Column(
                "success_renewal_risk",
                _("Churn risk (high is bad)"),
                "risk",
                11,
                total="average",
            ),
            Column("success_risk_low", _("Churn risk from"), "risk", 9),
            Column("success_risk_high", _("Churn risk to"), "risk", 9),
            Column(
                "success_risk_band",
                _("Risk band"),
                "text",
                9,
                names=risk,
                colours=coloured(risk, RISK_COLOURS),
            ),
            Column("success_contraction_risk", _("Contraction risk"), "risk", 10, total="average"),
            Column(
                "success_value_at_risk",
                _("Value at risk"),
                "money",
                15,
                currency="success_currency_id",
            ),
            Column("success_currency_id", _("Currency"), "text", 9, names=self.currencies),
            Column("success_next_renewal_date", _("Next renewal"), "date", 11),
            Column("success_adoption", _("Adoption rate"), "percent", 10, total="average", bar=1),
            Column(
                "success_gain_live", _("Gained since go-live, points"), "number", 9, total="average"
            ),
            Column("success_sustain", _("Use kept"), "percent", 9, total="average", bar=1),
            Column(
                "success_coverage", _("Questions covered"), "percent", 10, total="average", bar=1
            ),
            Column("success_expertise", _("Expertise"), "text", 11, names=rated),
            Column("success_tools", _("Tools"), "text", 11, names=rated),
            Column("success_capacity", _("Capacity"), "text", 11, names=rated),
            Column(
                "plan_version", _("Plan version"), "whole", 8, partial(self._of_plan, "version")
            ),
            Column("plan_date", _("Plan of"), "date", 11, partial(self._of_plan, "date")),
            Column(
                "plan_reason",
                _("Plan revised because"),
                "text",
                24,
                partial(self._of_plan, "revision_reason"),
            ),
            Column(
                "success_programme",
                _("Own success programme"),
                "text",
                13,
                names=Labels(model, "success_programme"),
            ),
            Column(
                "success_sentiment",
                _("CSM's view"),
                "text",
                11,
                names=view,
                colours=coloured(view, VIEW_COLOURS),
            ),
            Column("success_sentiment_date", _("View since"), "date", 11),
            Column(
                "success_view_gap",
                _("Views differ"),
                "text",
                9,
                self._view_gap,
                names={True: _("Yes"), False: None, None: None},
                colours={_("Yes"): "warn"},
            ),
            Column("success_score_id", _("Reasons for the risk, in points"), "text", 60),
            Column("success_scored_at", _("Scored at"), "datetime", 16),
        )

    def query(self, order=None):
        # A query of its own: the other sheets need none of what is joined here.
        partners = self.env["res.partner"]
        return partners._search(Domain("id", "in", self.book.customers), order=order)

    def _group(self, query):
        """Return the topmost customer of the group, joined for the reader; customers alone have none."""
        alias = query.make_alias(query.table, "group")
        if alias not in query._joins:
            query.add_join(
                "LEFT JOIN",
                alias,
                SQL("(%s)", self.env["res.partner"]._success_group_tops()),
                SQL("%s = %s", SQL.identifier(alias, "id"), SQL.identifier(query.table, "id")),
            )
        return SQL.identifier(alias, "top_id")

    def _value_of_group(self, query):
        """Return the subtotal of the group over the rows of the sheet, in one currency."""
        partners, top = self.env["res.partner"], self._group(query)
        amount, currency = (
            partners._field_to_sql(query.table, name, query)
            for name in ("success_value_at_risk", "success_currency_id")
        )
        rates = query.make_alias(query.table, "group_rates")
        if rates not in query._joins:
            query.add_join(
                "LEFT JOIN",
                rates,
                self.env["res.currency"]._success_rates(self.env.company),
                SQL("%s = %s", SQL.identifier(rates, "currency_id"), currency),
            )
        return SQL(
            "CASE WHEN %(top)s IS NOT NULL AND count(*) FILTER (WHERE %(amount)s <> 0 AND %(rate)s IS NULL)"
            " OVER (PARTITION BY %(top)s) = 0 THEN (sum(%(converted)s) OVER (PARTITION BY %(top)s))::float8 END",
            top=top,
            amount=amount,
            rate=SQL.identifier(rates, "rate"),
            converted=SQL(
                converted("%(amount)s", "%(alias)s"), amount=amount, alias=SQL.identifier(rates)
            ),
        )

    def _of_plan(self, name, query):
        """Return the SQL of a field of the active plan."""
        return SQL(
            "(SELECT plan.%s FROM customer_success_plan plan WHERE plan.partner_id = %s AND plan.state = 'active')",
            SQL.identifier(name),
            SQL.identifier(query.table, "id"),
        )

    def _view_gap(self, query):
        """Return whether the CSM's view contradicts the risk band, as on the form."""
        partners = self.env["res.partner"]
        view, band = (
            partners._field_to_sql(query.table, name, query)
            for name in ("success_sentiment", "success_risk_band")
        )
        pairs = tuple(
            (said, found)
            for said in terms.VIEW_SAYS
            for found in terms.BAND_SAYS
            if terms.views_differ(said, found)
        )
        return SQL("COALESCE((%s, %s) IN %s, FALSE)", view, band, pairs)

    def enrich(self, rows):
        """Add the strongest reasons, from the breakdown that the form shows, with one query for each chunk."""
        at = self.at["success_score_id"]
        reasons = self.env["customer.success.explanation"]._reasons_by_id(
            [row[at] for row in rows if row[at]], REASONS
        )
        return [(*row[:at], reasons.get(row[at]), *row[at + 1 :]) for row in rows]
