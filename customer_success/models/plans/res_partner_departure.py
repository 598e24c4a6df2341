from odoo import models


class ResPartner(models.Model):
    """The changes and plans that named a contact, who is no longer there."""

    _inherit = "res.partner"

    def _success_leave_behind(self):
        result = super()._success_leave_behind()
        for name, field, domain in (
            ("customer.success.change", "owner_contact_id", [("is_open", "=", True)]),
            (
                "customer.success.plan",
                "sustained_by_id",
                [("state", "in", ("draft", "active"))],
            ),
        ):
            named = self.env[name].sudo().search([(field, "in", self.ids), *domain])
            lost = named.filtered(
                lambda one, field=field: not one[field]._is_success_at(one.partner_id)
            )
            for person, theirs in lost.grouped(field).items():
                self.env["customer.success.departure"]._note(theirs, person, field)
                theirs.write({field: False})
                for record in theirs:
                    record._message_log(
                        body=self.env._(
                            "%s, who was named here, has left the customer.", person.name
                        )
                    )
        return result
