from odoo import api, fields, models
from odoo.tools import SQL, plaintext2html

from ..scores.customer_success_customer_risk import CUSTOMER


class CrmLead(models.Model):
    """A lead with the churn risk of its customer: read through the customer, never copied."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "customer.success.customer.risk"]

    success_customer_id = fields.Many2one(
        related=CUSTOMER,
        string="Company of the Customer",
        groups="base.group_user",
    )
    success_value_at_risk = fields.Monetary(
        help="The value at risk of the customer, not of this opportunity. A sum counts each customer once."
    )
    success_why_bought = fields.Text(
        "Why They Bought",
        groups="base.group_user",
        help="Write down for the customer success manager why they bought, in their own words.",
    )
    success_promised = fields.Text(
        "What Was Promised",
        groups="base.group_user",
        help="Write down for the customer success manager what was promised to them.",
    )

    def _read_group_select(self, aggregate_spec, query):
        """Sum the value at risk over customers, each once, and not over leads; only in one currency."""
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
    # Handover from sales to customer success
    # ------------------------------------------------------------------------------------------

    def _handle_won_lost(self, old_status_by_lead, new_status_by_lead):
        result = super()._handle_won_lost(old_status_by_lead, new_status_by_lead)
        self.filtered(
            lambda lead: (
                new_status_by_lead.get(lead.id, {}).get("is_won")
                and not lead.sudo().success_renewal_id  # a renewal needs no handover
                and not old_status_by_lead.get(lead.id, {}).get("is_won")
            )
        )._start_success()
        return result

    @api.model
    def _success_manager(self):
        """Return a customer success manager, who takes over new customers without a CSM, or none."""
        managers = self.env.ref("customer_success.group_success_manager").sudo().all_user_ids
        return managers.filtered(lambda user: user.active and not user._is_superuser())[:1]

    def _merge_get_fields_specific(self):
        """Join the reasons for buying and the promises of merged opportunities."""

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
            # An opportunity that was won without a customer now has one: start its customer record.
            self.filtered(
                lambda lead: lead.won_status == "won" and not lead.sudo().success_renewal_id
            )._start_success()
        return result

    def _start_success(self):
        """Start the customer record of companies that just bought, with a handover from sales.

        This runs in sudo, as salespeople may not set adoption stages. A customer that has a plan keeps
        it, and its CSM gets an activity with what was sold and promised.
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
                    "%(customer)s bought “%(lead)s”. Take over from %(seller)s, and agree with the customer "
                    "on what success is.",
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
