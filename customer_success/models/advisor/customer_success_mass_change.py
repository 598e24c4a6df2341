from odoo import models
from odoo.fields import Command

from ..common.customer_success_mass_change import QUIET


class CustomerSuccessMassChange(models.Model):
    """The meetings of planned conversations, which move to the calendar of the new CSM."""

    _inherit = "customer.success.mass.change"

    def _move_work(self, customers, former, new):
        result = super()._move_work(customers, former, new)
        meetings = (
            self.env["customer.success.interaction"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", customers.ids),
                    ("state", "=", "planned"),
                    ("event_id.user_id", "=", former.id),
                ]
            )
            .event_id.filtered(lambda event: event._success_is_to_come())
            .with_context(**QUIET)
        )
        self._write(
            meetings,
            {
                "user_id": new.id,
                "partner_ids": [
                    Command.link(new.partner_id.id),
                    Command.unlink(former.partner_id.id),
                ],
            },
        )
        return result
