from odoo import api, fields, models


class CustomerSuccessSymptomFlag(models.Model):
    """The barriers that were created for a flagged symptom, and the dialog that creates one."""

    _inherit = "customer.success.symptom.flag"

    barrier_ids = fields.One2many("customer.success.barrier", "symptom_flag_id", "Barriers")
    has_barrier = fields.Boolean(compute="_compute_has_barrier", search="_search_has_barrier")

    @api.depends("barrier_ids")
    def _compute_has_barrier(self):
        for flag in self:
            flag.has_barrier = bool(flag.barrier_ids)

    def _search_has_barrier(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("barrier_ids", "!=" if True in value else "=", False)]

    def action_raise_barrier(self):
        """Open the dialog for a new barrier that names the symptom, so that the CSM finds its cause."""
        self.ensure_one()
        product = self.product_id.sudo().with_context(display_default_code=False)
        return self.env["customer.success.barrier"]._action_raise(
            self.partner_id,
            product_id=self.product_id.id,
            symptom_flag_id=self.id,
            symptom_ids=self.symptom_id.ids,
            area=self.symptom_id.barrier_area or "process",
            name=self.env._(
                "Cause of “%(symptom)s” of %(product)s",
                symptom=self.symptom_id.name,
                product=product.display_name,
            ),
        )

    def action_open_barriers(self):
        """Open the list of the barriers that were created for this symptom."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.customer_success_barrier_action"
        )
        action["domain"] = [("symptom_flag_id", "=", self.id)]
        action["context"] = {}
        return action
