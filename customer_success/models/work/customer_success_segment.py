from odoo import api, models
from odoo.exceptions import UserError


class CustomerSuccessSegment(models.Model):
    """The segments that playbooks are for."""

    _inherit = "customer.success.segment"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_play(self):
        """Refuse to delete a segment that a playbook names; without it, the playbook would run for all customers."""
        plays = self.env["customer.success.play"].sudo().with_context(active_test=False)
        if play := plays.search([("segment_ids", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "The playbook “%s” runs for this segment only. Choose another segment there first, or archive this one.",
                    play.name,
                )
            )
