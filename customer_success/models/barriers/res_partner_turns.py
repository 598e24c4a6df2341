from odoo import api, models


class ResPartner(models.Model):
    """The next steps on which the customer has waited for us for a long time."""

    _inherit = "res.partner"

    @api.depends(
        "success_barrier_ids.turn_overdue",
        "success_change_ids.turn_overdue",
        "success_objective_ids.turn_overdue",
    )
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        waiting = [
            record.name
            for records in (
                self.success_barrier_ids,
                self.success_objective_ids,
                self.success_change_ids,
            )
            for record in records.filtered("turn_overdue")
        ]
        if waiting:
            lines.append(
                self.env._(
                    "It has been our turn for a long time: %s.",
                    ", ".join(f"“{name}”" for name in waiting),
                )
            )
        return lines
