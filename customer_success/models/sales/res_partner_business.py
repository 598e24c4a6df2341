from odoo import api, fields, models
from odoo.tools import SQL


class ResPartner(models.Model):
    """The upsells and referrals that a customer brings besides its renewals."""

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
        help="The number of new customers that this customer referred.",
    )
    success_business_this_year = fields.Integer(
        "Upsells and Referrals This Year",
        compute="_compute_success_business",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.depends_context("allowed_company_ids")
    def _compute_success_business(self):
        """Count won upsells and referrals of each customer, in one query for all."""
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
        """Return the query of won opportunities in the user's companies: ``customer_id, date_closed``.

        An upsell counts for the company that bought, a referral for the customer that referred it.
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
        """Search customers by a count, in one query; customers without any have a count of 0."""
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
        """Open the upsells and referrals of this customer."""
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
