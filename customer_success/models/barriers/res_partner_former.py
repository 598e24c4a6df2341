from odoo import models


class ResPartner(models.Model):
    """The open barriers of a customer, which are closed if it leaves and the dialog says so."""

    _inherit = "res.partner"

    def _success_open_work(self):
        lines = super()._success_open_work()
        if barriers := self.success_barrier_ids.filtered("is_open"):
            lines.append(self.env._("open barriers: %d", len(barriers)))
        return lines

    def _success_close_records(self):
        """Accept the open barriers, with the reason: they were not removed, so no figure says that they were."""
        result = super()._success_close_records()
        left = self.env._("The customer left before it was removed.")
        for barrier in self.success_barrier_ids.filtered("is_open"):
            barrier.write({"state": "accepted", "resolution": barrier.resolution or left})
        return result
