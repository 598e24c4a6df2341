from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# The figures of a kind of business: over all years, and of this year.
FIGURES = {
    "renewal": ("success_renewed_count", "success_renewed_year"),
    "upsell": ("success_upsell_count", "success_upsell_year"),
    "referral": ("success_referral_count", "success_referral_year"),
}


def _figure(label, **more):
    return fields.Integer(
        label,
        compute="_compute_success_business",
        compute_sudo=True,
        groups="base.group_user",
        **more,
    )


class ResPartner(models.Model):
    """The renewals, upsells and referrals that a customer brings, in all and in this year."""

    _inherit = "res.partner"

    success_renewed_count = _figure("Renewals Won", search="_search_success_renewed_count")
    success_renewed_year = _figure("Renewals Won This Year")
    success_upsell_count = _figure("Upsells Won", search="_search_success_upsell_count")
    success_upsell_year = _figure("Upsells Won This Year")
    success_referral_count = _figure(
        "Referrals Won",
        search="_search_success_referral_count",
        help="The number of new customers that this customer referred.",
    )
    success_referral_year = _figure("Referrals Won This Year")

    @api.model
    def _success_won(self, kinds=tuple(FIGURES)):
        """Return the domain of the business won in the user's companies."""
        return Domain("kind", "in", kinds) & Domain(
            "company_id", "in", [*self.env.companies.ids, False]
        )

    @api.depends_context("allowed_company_ids")
    def _compute_success_business(self):
        """Count what each customer brought, in one query for all."""
        this_year = fields.Date.start_of(fields.Date.context_today(self), "year")
        won = {}
        for partner, kind, year, count in self.env["customer.success.business"]._read_group(
            self._success_won() & Domain("partner_id", "in", self.ids),
            ["partner_id", "kind", "date:year"],
            ["__count"],
        ):
            in_all, now = FIGURES[kind]
            own = won.setdefault(partner.id, {})
            own[in_all] = own.get(in_all, 0) + count
            if year == this_year:
                own[now] = own.get(now, 0) + count
        for partner in self:
            own = won.get(partner.id, {})
            for figures in FIGURES.values():
                for name in figures:
                    partner[name] = own.get(name, 0)

    def _search_success_renewed_count(self, operator, value):
        return self._search_success_won("renewal", operator, value)

    def _search_success_upsell_count(self, operator, value):
        return self._search_success_won("upsell", operator, value)

    def _search_success_referral_count(self, operator, value):
        return self._search_success_won("referral", operator, value)

    def _search_success_won(self, kind, operator, value):
        """Search customers by a count, in one query; customers without any have a count of 0."""
        self._check_success_field(FIGURES[kind][0])
        compare = {"in": "= ANY(%s)", "<": "< %s", "<=": "<= %s", ">": "> %s", ">=": ">= %s"}
        if operator not in compare:
            return NotImplemented
        value = [int(number) for number in value] if operator == "in" else value
        business = self.env["customer.success.business"].sudo()
        won = business._search(self._success_won([kind]))
        found = SQL(
            "(SELECT partner.id FROM res_partner partner"
            " LEFT JOIN (SELECT won.partner_id, count(*) AS number FROM (%s) won GROUP BY won.partner_id) counted"
            " ON counted.partner_id = partner.id WHERE COALESCE(counted.number, 0) %s)",
            won.select(SQL.identifier(won.table, "partner_id")),
            SQL(compare[operator], value),
        )
        return Domain("id", "in", found)

    def action_success_business(self):
        """Open the business of this customer; the context may name one kind as ``success_kind``."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.customer_success_business_action"
        )
        kind = self.env.context.get("success_kind")
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {f"search_default_{kind}": 1} if kind in FIGURES else {}
        return action
