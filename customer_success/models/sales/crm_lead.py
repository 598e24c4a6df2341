from odoo import api, fields, models
from odoo.tools import SQL, plaintext2html

from ..scores.customer_success_customer_risk import CUSTOMER


class CrmLead(models.Model):
    """Churn risk where salespeople work: read through the customer, never copied to the lead."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "customer.success.customer.risk"]

    success_customer_id = fields.Many2one(
        related=CUSTOMER,
        string="Company of the Customer",
        groups="base.group_user",
    )
    success_value_at_risk = fields.Monetary(
        help="Of the customer, not of this opportunity: a sum counts each customer once."
    )
    success_why_bought = fields.Text(
        "Why They Bought",
        groups="base.group_user",
        help="For the customer success manager: in the customer's own words.",
    )
    success_promised = fields.Text(
        "What Was Promised",
        groups="base.group_user",
        help="For the customer success manager: what they now rely on.",
    )

    def _read_group_select(self, aggregate_spec, query):
        """Add up the value at risk of customers, not of cards: each customer once, in one currency only."""
        if aggregate_spec == "success_value_at_risk:sum":
            return SQL(
                """(SELECT SUM(value::numeric)
                      FROM jsonb_each_text(
                          jsonb_object_agg(%(customer)s, %(value)s)
                              FILTER (WHERE %(value)s IS NOT NULL)))""",
                customer=self._field_to_sql(self._table, "success_customer_id", query),
                value=self._field_to_sql(self._table, "success_value_at_risk", query),
            )
        if aggregate_spec == "success_value_at_risk:sum_currency":
            return SQL("NULL::numeric")
        return super()._read_group_select(aggregate_spec, query)

    def action_success_renewal(self):
        """Open the renewal that this opportunity is for, as sales sees it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "customer.success.sales.renewal",
            "res_id": self.success_renewal_id.id,
            "view_mode": "form",
        }

    # ------------------------------------------------------------------------------------------
    # Handover: the acquisition is just the beginning
    # ------------------------------------------------------------------------------------------

    def _handle_won_lost(self, old_status_by_lead, new_status_by_lead):
        result = super()._handle_won_lost(old_status_by_lead, new_status_by_lead)
        self.filtered(
            lambda lead: (
                new_status_by_lead.get(lead.id, {}).get("is_won")
                and not lead.sudo().success_renewal_id  # a term goes on, nobody takes them over
                and not old_status_by_lead.get(lead.id, {}).get("is_won")
            )
        )._start_success()
        return result

    @api.model
    def _success_manager(self):
        """Who takes a new customer that nobody follows: a manager of customer success."""
        managers = self.env.ref("customer_success.group_success_manager").sudo().all_user_ids
        return managers.filtered(lambda user: user.active and not user._is_superuser())[:1]

    def _merge_get_fields_specific(self):
        """Merged opportunities keep all that was promised."""

        def joined(fname, leads):
            return "\n".join(text for text in leads.mapped(fname) if text)

        return {
            **super()._merge_get_fields_specific(),
            "success_why_bought": joined,
            "success_promised": joined,
        }

    def write(self, vals):
        result = super().write(vals)
        if vals.get("partner_id"):
            # Won before anybody said whose it is: now it can start.
            self.filtered(
                lambda lead: lead.won_status == "won" and not lead.sudo().success_renewal_id
            )._start_success()
        return result

    def _start_success(self):
        """Start the customer record of the companies that just bought, with a handover from sales.

        In sudo: salespeople win customers, but do not say where these stand in their adoption. A
        customer that has a plan keeps it, and its CSM is told what was sold and promised now.
        """
        first = self.env["customer.success.stage"].search(fields.Domain.TRUE, limit=1)
        templates = self.env["customer.success.plan.template"].sudo()
        template = templates.search(fields.Domain.TRUE, limit=1)
        for lead in self.sudo():
            customer = lead.partner_id.commercial_partner_id
            if not customer or not first:
                continue
            if not customer.success_stage_id:
                customer.success_stage_id = first
            plan = customer.success_plan_id or customer.success_plan_ids[:1]
            if not plan:
                plan = plan.create(
                    {
                        "partner_id": customer.id,
                        "template_id": template.id,
                        "user_id": customer.success_user_id.id,
                        "why_bought": lead.success_why_bought,
                        "promised": lead.success_promised,
                    }
                )
            elif not (lead.success_why_bought or lead.success_promised):
                continue
            said = [
                self.env._(
                    "%(customer)s bought: “%(lead)s”. Take over from %(seller)s, and agree on what "
                    "success is.",
                    customer=customer.name,
                    lead=lead.name,
                    seller=lead.user_id.name or self.env._("sales"),
                ),
                lead.success_why_bought or "",
                lead.success_promised or "",
            ]
            plan.activity_schedule(
                "customer_success.mail_activity_type_handover",
                user_id=(customer.success_user_id or self._success_manager()).id,
                note=plaintext2html("\n".join(filter(None, said))),
            )
