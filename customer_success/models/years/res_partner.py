from odoo import fields, models
from odoo.tools import SQL

from ..common.known_float import KnownFloat
from ..customer.res_partner_live import counted_search, whole_years

TENURE = "success_score_id.tenure_id"


def _rate(name, label, **more):
    return KnownFloat(related=f"{TENURE}.{name}", string=label, groups="base.group_user", **more)


class ResPartner(models.Model):
    """The time of a customer with us and its adoption since then, as related fields of their own table."""

    _inherit = "res.partner"
    _unknown_last = ("success_value_at_risk", "success_next_renewal_date", "success_since")

    success_since = fields.Date(
        related=f"{TENURE}.date_since",
        string="Customer Since",
        groups="base.group_user",
        help="The day that was entered, else the earliest of the first contract term, the first won opportunity and "
        "go-live. Unknown without any of them.",
    )
    success_since_source = fields.Selection(
        related=f"{TENURE}.since_source", string="Since, Known By", groups="base.group_user"
    )
    success_years_customer = KnownFloat(
        "Years as Customer",
        compute="_compute_success_years_customer",
        search=counted_search("success_years_customer"),
        groups="base.group_user",
        digits=(5, 1),
    )
    success_year_customer = fields.Integer(
        "Year as Customer",
        compute="_compute_success_years_customer",
        search=counted_search("success_year_customer"),
        groups="base.group_user",
        aggregator=None,
        help="The current year as a customer, counted from 1.",
    )
    success_days_to_adoption = _rate(
        "days_to_adoption",
        "Time to Target Adoption (Days)",
        help="The number of days from go-live to the first month in which the adoption rate over all products reached its "
        "target.",
    )
    success_reached_adoption = _rate("reached_adoption", "Reached Target Adoption %")
    success_adoption_purchase = _rate("adoption_purchase", "Adoption Rate at Purchase %")
    success_adoption_live = _rate("adoption_live", "Adoption Rate at Go-Live %")
    success_adoption_plan = _rate("adoption_plan", "Adoption Rate at Start of Plan %")
    success_gain_purchase = _rate("gain_purchase", "Adoption Gained since Purchase (Points)")
    success_gain_live = _rate(
        "gain_live",
        "Adoption Gained since Go-Live (Points)",
        help="The adoption rate now less the one at go-live, in percentage points.",
    )
    success_gain_plan = _rate("gain_plan", "Adoption Gained since Start of Plan (Points)")
    success_sustain = _rate(
        "sustain",
        "Use Kept %",
        help="The active users in this year after go-live in % of the same months a year before. Unknown in the first "
        "year, and below three months that can be compared.",
    )
    success_sustain_first = _rate(
        "sustain_first",
        "Use Kept since First Year %",
        help="The active users in this year after go-live in % of the same months of the first one.",
    )
    success_year_verdict = fields.Selection(
        related=f"{TENURE}.verdict",
        string="Year Compared with Targets",
        groups="base.group_user",
        help="The running year after go-live, if enough is known of it, else the one before.",
    )
    success_year_ids = fields.One2many(
        "customer.success.year",
        "partner_id",
        "Years after Go-Live",
        groups="customer_success.group_success_user",
    )

    def _compute_success_years_customer(self):
        """Compute the years since the company became a customer; the relation has no end at go-live."""
        today = fields.Date.context_today(self)
        for partner in self:
            since = partner.success_since
            partner.success_years_customer = since and round((today - since).days / 365.25, 1)
            partner.success_year_customer = since and whole_years(since, today) + 1

    def _success_customer_sql(self, name, alias, query):
        since = self._field_to_sql(alias, "success_since", query)
        today = SQL("%s::date", fields.Date.context_today(self))
        if name == "success_years_customer":
            return SQL("round((%s - %s) / 365.25, 1)", today, since)
        return SQL("date_part('year', age(%s, %s))::int + 1", today, since)

    def _success_counted(self):
        return super()._success_counted() | dict.fromkeys(
            ("success_years_customer", "success_year_customer"), self._success_customer_sql
        )
