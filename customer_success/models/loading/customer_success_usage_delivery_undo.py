from odoo import api, fields, models


class CustomerSuccessUsageDelivery(models.Model):
    """The load of a file as a change that can be taken back."""

    _inherit = "customer.success.usage.delivery"

    mass_change_id = fields.Many2one(
        "customer.success.mass.change", readonly=True, index="btree_not_null", ondelete="set null"
    )
    load_state = fields.Selection(related="mass_change_id.state", string="State")
    may_undo = fields.Boolean(related="mass_change_id.may_undo")
    is_loading = fields.Boolean("Still Loading", readonly=True)
    may_see_change = fields.Boolean(compute="_compute_may_see_change")

    @api.depends("mass_change_id")
    @api.depends_context("uid")
    def _compute_may_see_change(self):
        seen = self.mass_change_id.sudo(False)._filtered_access("read")
        for delivery in self:
            delivery.may_see_change = bool(delivery.mass_change_id & seen)

    @api.model
    def _of_file(self, kind):
        delivery = super()._of_file(kind)
        delivery._load_change()
        return delivery

    def _load_change(self):
        """Return the mass change of this file, which keeps what it writes; it is made when it is missing."""
        self.ensure_one()
        if not self.mass_change_id and self.origin == "file":
            self.mass_change_id = (
                self.env["customer.success.mass.change"]
                .with_user(self.user_id)
                ._begin("load", self.name, company_ids=self.company_id.ids)
            )
        return self.mass_change_id

    def _drop_empty_change(self):
        """Forget the change of a file that has changed nothing."""
        change = self.mass_change_id
        parts = self.env["customer.success.usage.contract"].sudo()
        if change and not (
            self.created
            or self.updated
            or change.line_ids
            or parts.search_count([("delivery_id", "=", self.id)], limit=1)
        ):
            change.unlink()

    def action_undo(self):
        """Take back what this file has written, as far as nobody has changed it since."""
        self.ensure_one()
        self.mass_change_id.action_undo()
        return self.action_open_change()

    def action_open_change(self):
        """Open the record of what this file has changed."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "customer.success.mass.change",
            "res_id": self.mass_change_id.id,
            "views": [(False, "form")],
        }
