from odoo import api, fields, models
from odoo.tools import format_amount

from ..common.known_float import KnownFloat


class ResPartner(models.Model):
    """The value that a customer got from its objectives: what they cost and what they returned."""

    _inherit = "res.partner"

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

    @api.depends("success_objective_ids.return_rate", "success_objective_ids.cost")
    @api.depends_context("lang", "company")
    def _compute_success_objective_summary(self):
        returns = self._success_returns()
        for partner in self:
            values = {
                "returned": partner._say_success_return(returns.get(partner._origin)),
            }
            partner.success_objective_summary = (
                self.env["ir.qweb"]._render("customer_success.objective_summary", values)
                if partner.success_stage_id and any(values.values())
                else False
            )

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
