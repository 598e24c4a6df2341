from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import plaintext2html

ASK = "customer_success.mail_activity_type_ask_sales"
TAKE_OVER = "customer_success.mail_activity_type_handover"
# The texts of an opportunity, and the fields of the plan to which they go.
HANDED_OVER = {
    "success_bought": "bought",
    "success_why_bought": "why_bought",
    "success_promised": "promised",
    "success_introduction": "introduction",
}
# The texts without which sales is asked again after winning.
ASKED = ("success_bought", "success_promised")


class CrmLead(models.Model):
    """An opportunity that hands its customer over to customer success when it is won."""

    _inherit = "crm.lead"

    success_bought = fields.Text(
        "What They Bought",
        groups="base.group_user",
        help="Write down for the customer success manager what they bought, and for whom.",
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
    success_introduction = fields.Text(
        "How They Introduce Systems",
        groups="base.group_user",
        help="The customer's own way of introducing a new system: who decides, in which steps, with whose help.",
    )

    # ------------------------------------------------------------------------------------------
    # Asked in the act of winning
    # ------------------------------------------------------------------------------------------

    def _success_asks(self):
        """Return the opportunities of which it is not known what was bought and promised; a renewal needs no handover."""
        return self.filtered(
            lambda lead: (
                not lead.sudo().success_renewal_id
                and not all((lead[name] or "").strip() for name in ASKED)
            )
        )

    def action_set_won_rainbowman(self):
        """Ask first what was bought and promised, if the button on the form asks for it; it never blocks."""
        if self.env.context.get("success_ask") and self._success_asks():
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "customer_success.customer_success_win_action"
            )
            return {**action, "context": {"default_lead_id": self.id}}
        return super().action_set_won_rainbowman()

    def _ask_sales(self):
        """Ask the salesperson what was bought and promised, once for each opportunity, where it is not known."""
        if self.env.context.get("import_file"):
            return  # past sales that are loaded from a file
        for lead in self.sudo()._success_asks():
            seller = lead.user_id if lead.user_id.active else lead.create_uid
            if lead.partner_id and seller.active and not lead.activity_search([ASK]):
                lead.activity_schedule(ASK, user_id=seller.id)

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

    def _merge_get_fields_specific(self):
        """Join the texts of merged opportunities."""

        def joined(fname, leads):
            return "\n".join(text for text in leads.mapped(fname) if text)

        return {**super()._merge_get_fields_specific(), **dict.fromkeys(HANDED_OVER, joined)}

    def write(self, vals):
        said = {
            lead: [lead[name] for name in HANDED_OVER] for lead in self if HANDED_OVER.keys() & vals
        }
        won = self.filtered(lambda lead: lead.won_status == "won") if said else self.browse()
        result = super().write(vals)
        if vals.get("partner_id") or vals.get("success_for_id"):
            # An opportunity that was won without its customer now has one: start its customer record.
            self.filtered(
                lambda lead: lead.won_status == "won" and not lead.sudo().success_renewal_id
            )._start_success()
        elif later := won.filtered(
            lambda lead: (
                not lead.sudo().success_renewal_id
                and said[lead] != [lead[name] for name in HANDED_OVER]
            )
        ):
            later._start_success()
        if said:
            (self - self._success_asks()).sudo().activity_feedback([ASK])
        return result

    def _start_success(self):
        """Start the customer record of companies that just bought, with a handover from sales.

        This runs in sudo, as salespeople may not set adoption stages. The plan of a customer gets the texts that it
        does not have yet, and the CSM an activity with what was sold and promised.
        """
        first = self.env["customer.success.stage"].search(Domain.TRUE, limit=1)
        for lead in self.sudo():
            customer = lead._success_customer()
            if not customer or not first:
                continue
            if not customer.success_stage_id:
                customer.success_stage_id = first
            company = lead.company_id or customer.company_id or lead.user_id.company_id
            customer._success_assign(company, lead.team_id)
            said = {name: lead[name].strip() for name in HANDED_OVER if (lead[name] or "").strip()}
            plan = customer.success_plan_id or customer.success_plan_ids[:1]
            if plan:
                plan.write(
                    {
                        HANDED_OVER[name]: text
                        for name, text in said.items()
                        if not plan._says(HANDED_OVER[name])
                    }
                )
            is_new = not plan
            if is_new:
                plan = lead._start_success_plan(customer, said)
            if is_new or said:
                lead._tell_csm(plan, customer, company, said)
        self._ask_sales()

    def _start_success_plan(self, customer, said):
        templates = self.env["customer.success.plan.template"].sudo()
        return (
            self.env["customer.success.plan"]
            .sudo()
            .create(
                {
                    "partner_id": customer.id,
                    "template_id": templates.search(Domain.TRUE, limit=1).id,
                    "user_id": customer.success_user_id.id,
                    **{HANDED_OVER[name]: text for name, text in said.items()},
                }
            )
        )

    def _tell_csm(self, plan, customer, company, said):
        """Ask who follows the customer to take it over; without a CSM, ask a manager to set one."""
        heir = customer.success_user_id or self._success_manager(company)
        if not heir:
            return  # the customer is listed as one without a CSM
        lines = [
            self.env._(
                "%(customer)s bought “%(lead)s”. Take over from %(seller)s, and agree with the customer on what "
                "success is.",
                customer=customer.name,
                lead=self.name,
                seller=self.user_id.name or self.env._("sales"),
            )
        ]
        if not customer.success_user_id:
            lines.append(
                self.env._("No assignment rule fits this customer. Set who follows it first.")
            )
        lines += [
            f"{self._fields[name]._description_string(self.env)}: {text}"
            for name, text in said.items()
        ]
        if "success_introduction" not in said and not plan._says("introduction"):
            lines.append(self.env._("Ask how they introduce new systems: it is not known."))
        note = plaintext2html("\n".join(lines))
        if open_one := plan.activity_search([TAKE_OVER], user_id=heir.id):
            open_one[:1].note = note
        else:
            plan.activity_schedule(TAKE_OVER, user_id=heir.id, note=note)

    @api.model
    def _success_manager(self, company):
        """Return a manager of a company who finds a CSM for a customer, or none; never a system administrator."""
        managers = self.env["res.users"]._success_managers(company)
        return managers.filtered(lambda user: not user.has_group("base.group_system"))[:1]
