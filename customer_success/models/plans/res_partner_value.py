from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from ..common.known_float import KnownFloat
from .customer_success_objective import GOAL_STATES


class ResPartner(models.Model):
    """The value that a customer got from its objectives: how soon, at what cost, and with what return."""

    _inherit = "res.partner"

    success_days_to_value = KnownFloat(
        "Time to First Value (Days)",
        digits=(16, 0),
        compute="_compute_success_days_to_value",
        store=True,
        copy=False,
        groups="customer_success.group_success_user",
        help="The number of days from go-live to the first result that the customer confirmed from that day on.",
    )
    success_days_to_full_value = KnownFloat(
        "Time to Full Value (Days)",
        digits=(16, 0),
        compute="_compute_success_days_to_value",
        store=True,
        copy=False,
        groups="customer_success.group_success_user",
        help="The number of days from go-live to the first day on which all objectives begun by then were confirmed, a long-term one among them, and none of them below its target.",
    )
    success_return_rate = KnownFloat(
        "Return %",
        digits=(16, 1),
        compute="_compute_success_return_rate",
        groups="customer_success.group_success_user",
        help="The return from the confirmed objectives whose cost and value are known: their net value as a percentage of their cost.",
    )
    success_objective_summary = fields.Html(
        "Summary of Objectives",
        compute="_compute_success_objective_summary",
        sanitize=False,
        groups="customer_success.group_success_user",
    )

    success_objective_chart = fields.Json(
        "Progress and Use",
        compute="_compute_success_objective_chart",
        groups="customer_success.group_success_user",
    )

    # ------------------------------------------------------------------------------------------
    # Time to value
    # ------------------------------------------------------------------------------------------

    @api.depends(
        "success_go_live_date",
        "success_go_live_first",
        "success_objective_ids.state",
        "success_objective_ids.proof",
        "success_objective_ids.confirmed_date",
        "success_objective_ids.date_start",
        "success_objective_ids.horizon",
    )
    def _compute_success_days_to_value(self):
        """Count from the first go-live that is known, so that moving the date later makes nothing faster.

        A confirmation from before go-live is no first value; it is left out, and the form says so.
        """
        for partner in self:
            live = min(
                filter(None, (partner.success_go_live_date, partner.success_go_live_first)),
                default=False,
            )
            if not live:
                # Most contacts are no customers: nothing is read for them.
                partner.success_days_to_value = partner.success_days_to_full_value = False
                continue
            objectives = partner.success_objective_ids.filtered(lambda o: o.state != "dropped")
            proven = objectives.filtered(
                lambda o: o.proof and o.proof != "early" and o.confirmed_date
            )
            first = min(proven.mapped("confirmed_date"), default=False)
            full = objectives._full_value_date()
            for name, day in (
                ("success_days_to_value", first),
                ("success_days_to_full_value", full),
            ):
                partner[name] = (day - live).days if day and day >= live else False

    # ------------------------------------------------------------------------------------------
    # Cost and return
    # ------------------------------------------------------------------------------------------

    @api.depends("success_objective_ids.return_rate")
    @api.depends_context("company")
    def _compute_success_return_rate(self):
        returns = self._success_returns()
        for partner in self:
            found = returns.get(partner._origin)
            is_known = found and not found["missing"]
            partner.success_return_rate = (
                100 * found["net"] / found["cost"] if is_known and found["cost"] else False
            )

    def _success_returns(self):
        """Return ``{customer: {cost, net, currency, known, unknown, missing}}`` of the confirmed objectives.

        The sums are of the ``known`` objectives whose cost and value are known, in one currency: their own, or the one of the
        current company at today's rates if they have several. ``unknown`` is the number of confirmed values without a cost.
        ``missing`` has the currencies without a rate; there is no sum then.
        """
        objectives = self.env["customer.success.objective"]
        own = fields.Domain("partner_id", "in", self._origin.ids)
        found = {
            partner: {"known": 0, "unknown": unknown, "amounts": {}}
            for partner, unknown in objectives._read_group(
                own
                & fields.Domain([("confirmed_value", "!=", False), ("return_rate", "=", False)]),
                ["partner_id"],
                ["__count"],
            )
        }
        for partner, currency, *sums, count in objectives._read_group(
            own & fields.Domain("return_rate", "!=", False),
            ["partner_id", "currency_id"],
            ["cost:sum", "net_value:sum", "__count"],
        ):
            of_partner = found.setdefault(partner, {"known": 0, "unknown": 0, "amounts": {}})
            of_partner["known"] += count
            of_partner["amounts"][currency] = sums
        company = self.env.company
        currencies = self.env["res.currency"].union(
            *(currency for row in found.values() for currency in row["amounts"])
        )
        factors = currencies._success_factors(company) if currencies else {}
        for row in found.values():
            amounts = row.pop("amounts")
            only = next(iter(amounts)) if len(amounts) == 1 else None
            worth = {
                currency: 1.0 if only else factors.get((company.id, currency.id))
                for currency in amounts
            }
            row["currency"] = only or company.currency_id
            row["missing"] = [currency.name for currency in amounts if worth[currency] is None]
            row["cost"], row["net"] = (
                None
                if row["missing"]
                else sum(amounts[currency][place] * worth[currency] for currency in amounts)
                for place in (0, 1)
            )
        return found

    @api.depends(
        "success_objective_ids.return_rate",
        "success_objective_ids.cost",
        "success_objective_ids.horizon",
        "success_objective_ids.state",
        "success_objective_ids.our_contribution",
        "success_objective_ids.customer_contribution",
    )
    @api.depends_context("lang", "company")
    def _compute_success_objective_summary(self):
        returns = self._success_returns()
        for partner in self:
            values = {
                "returned": partner._say_success_return(returns.get(partner._origin)),
                "terms": partner._success_goals_by_term(),
            }
            partner.success_objective_summary = (
                self.env["ir.qweb"]._render("customer_success.objective_summary", values)
                if partner.success_stage_id
                else False
            )

    @api.depends(
        "success_objective_ids.measure_ids.value",
        "success_objective_ids.measure_ids.date",
        "success_objective_ids.product_id",
        "success_objective_ids.state",
    )
    @api.depends_context("lang")
    def _compute_success_objective_chart(self):
        for partner in self:
            objectives = partner._origin.success_objective_ids
            partner.success_objective_chart = objectives and objectives._chart_of_progress()

    def _success_goals_by_term(self):
        """Return ``[(label of the term, its objectives)]`` of the goals, the short term first; a term may have none."""
        self.ensure_one()
        goals = self.success_objective_ids.filtered(lambda o: o.state in GOAL_STATES)
        terms = self.env["customer.success.objective"]._fields["horizon"]
        return [
            (label, goals.filtered(lambda o, term=term: o.horizon == term))
            for term, label in terms._description_selection(self.env)
        ]

    def _say_success_return(self, found):
        """Return texts about the sums of cost and confirmed value, and about what is not in them."""
        if not found:
            return []
        said = []
        if found["missing"]:
            said.append(
                self.env._(
                    "The cost and the value cannot be added up: there is no exchange rate for %s. Enter the rate first.",
                    ", ".join(found["missing"]),
                )
            )
        elif found["known"]:
            currency = found["currency"]
            cost, value = found["cost"], found["cost"] + found["net"]
            said.append(
                self.env._(
                    "Cost %(cost)s, confirmed value %(value)s: a return of %(rate)s %%.",
                    cost=format_amount(self.env, cost, currency),
                    value=format_amount(self.env, value, currency),
                    rate=f"{100 * found['net'] / cost:.0f}",
                )
            )
        if found["unknown"]:
            said.append(
                self.env._(
                    "Confirmed values left out because their cost is unknown: %d.",
                    found["unknown"],
                )
            )
        return said

    # ------------------------------------------------------------------------------------------
    # Attention
    # ------------------------------------------------------------------------------------------

    @api.depends(
        "success_objective_ids.is_early",
        "success_objective_ids.horizon",
        "success_objective_ids.state",
    )
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        missing = [label for label, goals in self._success_goals_by_term() if not goals]
        if missing:
            lines.append(
                self.env._(
                    "Terms without a goal: %s. Agree on one, and on what we contribute to it.",
                    ", ".join(missing),
                )
            )
        for objective in self.success_objective_ids.filtered("is_early"):
            lines.append(
                self.env._(
                    "“%(objective)s” was confirmed on %(date)s, before go-live: it counts neither as a result of use "
                    "nor for the time to first value. Ask the customer to confirm it again.",
                    objective=objective.name,
                    date=format_date(self.env, objective.confirmed_date),
                )
            )
        return lines
