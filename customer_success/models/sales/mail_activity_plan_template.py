from odoo import fields, models

SALESPERSON = "success_salesperson"


class MailActivityPlanTemplate(models.Model):
    """A step of a playbook for the salesperson of the customer, because the talk about money is theirs."""

    _inherit = "mail.activity.plan.template"

    responsible_type = fields.Selection(
        selection_add=[(SALESPERSON, "Salesperson of the customer, else the CSM")],
        ondelete={SALESPERSON: "set default"},
    )

    def _determine_responsible(self, on_demand_responsible, applied_on_record):
        if self.responsible_type != SALESPERSON:
            return super()._determine_responsible(on_demand_responsible, applied_on_record)
        seller = (
            applied_on_record._success_seller()
            if applied_on_record._name == "res.partner"
            else self.env["res.users"]
        )
        return {"responsible": seller or on_demand_responsible, "error": False, "warning": False}
