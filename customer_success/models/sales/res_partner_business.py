from odoo import api, fields, models
from odoo.tools import SQL


class ResPartner(models.Model):
    """What a customer brings besides its renewals: more business, and other customers."""

    _inherit = "res.partner"

    success_upsell_count = fields.Integer(
        "Upsells Won",
        compute="_compute_success_business",
        compute_sudo=True,
        search="_search_success_upsell_count",
        groups="base.group_user",
    )
    success_referral_count = fields.Integer(
        "Referrals Won",
        compute="_compute_success_business",
        compute_sudo=True,
        search="_search_success_referral_count",
        groups="base.group_user",
        help="Customers whom this one sent.",
    )
    success_business_this_year = fields.Integer(
        "Of These This Year",
        compute="_compute_success_business",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.depends_context("allowed_company_ids")
    def _compute_success_business(self):
        """Opportunities that were won, counted by their customer, in one query for all."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT customer_id,
                       count(*) FILTER (WHERE kind = 'upsell'),
                       count(*) FILTER (WHERE kind = 'referral'),
                       count(*) FILTER (WHERE date_closed >= %(year)s)
                  FROM (SELECT 'upsell' AS kind, upsell.* FROM (%(upsells)s) upsell
                        UNION ALL
                        SELECT 'referral', referral.* FROM (%(referrals)s) referral) won
                 WHERE customer_id = ANY(%(ids)s)
              GROUP BY customer_id
                """,
                upsells=self._success_won_query("upsell"),
                referrals=self._success_won_query("referral"),
                year=fields.Date.start_of(fields.Date.context_today(self), "year"),
                ids=self.ids,
            )
        )
        won = {partner_id: numbers for partner_id, *numbers in rows}
        for partner in self:
            upsells, referrals, now = won.get(partner.id, (0, 0, 0))
            partner.success_upsell_count = upsells
            partner.success_referral_count = referrals
            partner.success_business_this_year = now

    @api.model
    def _success_won_query(self, kind):
        """Won opportunities of the companies at hand: ``customer_id, date_closed``.

        An upsell is the buying company's, a referral that of who sent it.
        """
        leads = self.env["crm.lead"]
        leads.flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        return SQL(
            """
            SELECT contact.commercial_partner_id AS customer_id, lead.date_closed
              FROM crm_lead lead
              JOIN res_partner contact ON contact.id = %(who)s
             WHERE lead.success_kind = %(kind)s
               AND lead.won_status = 'won'
               AND (lead.company_id IS NULL OR lead.company_id = ANY(%(companies)s))
            """,
            kind=kind,
            who=SQL("lead.partner_id" if kind == "upsell" else "lead.success_referred_by_id"),
            companies=self.env.companies.ids,
        )

    def _search_success_upsell_count(self, operator, value):
        return self._search_success_won("success_upsell_count", "upsell", operator, value)

    def _search_success_referral_count(self, operator, value):
        return self._search_success_won("success_referral_count", "referral", operator, value)

    def _search_success_won(self, field, kind, operator, value):
        """Customers by a count, in one query; who has none is counted as well."""
        self._check_success_field(field)
        compare = {"in": "= ANY(%s)", "<": "< %s", "<=": "<= %s", ">": "> %s", ">=": ">= %s"}
        if operator not in compare:
            return NotImplemented
        value = [int(number) for number in value] if operator == "in" else value
        found = SQL(
            "(SELECT partner.id FROM res_partner partner"
            " LEFT JOIN (SELECT customer_id, count(*) AS number FROM (%s) won GROUP BY customer_id) counted"
            " ON counted.customer_id = partner.id WHERE COALESCE(counted.number, 0) %s)",
            self._success_won_query(kind),
            SQL(compare[operator], value),
        )
        return fields.Domain("id", "in", found)

    def action_success_business(self):
        """Upsells and referrals of this customer, by year."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.crm_lead_action_success_business"
        )
        action["domain"] = [
            "|",
            "&",
            ("success_kind", "=", "upsell"),
            ("partner_id", "child_of", self.commercial_partner_id.id),
            "&",
            ("success_kind", "=", "referral"),
            ("success_referred_by_id", "child_of", self.commercial_partner_id.id),
        ]
        return action
