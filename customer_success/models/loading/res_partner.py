from odoo import fields, models


class ResPartner(models.Model):
    """The users of a customer who stopped, and the erasure of a contact among them."""

    _inherit = "res.partner"

    success_stopped_count = fields.Integer(
        "Stopped",
        compute="_compute_success_stopped_count",
        groups="customer_success.group_success_user",
        help="Users with a licence who were active before, and not in the period of the latest file.",
    )

    def _compute_success_stopped_count(self):
        counts = dict(
            self.env["customer.success.person"]._read_group(
                [("partner_id", "in", self.ids), ("state", "=", "stopped")],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.success_stopped_count = counts.get(partner, 0)

    def action_success_persons(self):
        return self._action_success("customer_success_person_action", search_default_stopped=1)

    def unlink(self):
        """Forget contacts among the users of their company as well."""
        persons = self.env["customer.success.person"].sudo().with_context(active_test=False)
        if persons._is_kept():
            persons = persons.search(
                fields.Domain.OR(
                    fields.Domain("partner_id", "=", contact.commercial_partner_id.id)
                    & fields.Domain("person", "=ilike", called.replace("%", r"\%"))
                    for contact in self
                    for called in {contact.name, contact.email, contact.email_normalized}
                    if called
                )
            )
        result = super().unlink()
        persons.exists().unlink()
        return result
