from odoo import fields, models

from ..common.customer_success_mass_change import QUIET


class CustomerSuccessMassChange(models.Model):
    """The activities and playbook runs of a customer that is handed over."""

    _inherit = "customer.success.mass.change"

    def _move_work(self, customers, former, new):
        result = super()._move_work(customers, former, new)
        theirs = [("user_id", "=", former.id)]
        activities = (
            self.env["mail.activity"]
            .sudo()
            .search([*theirs, ("success_partner_id", "in", customers.ids)])
        )
        self._write(activities.with_context(**QUIET), {"user_id": new.id}, guards=["active"])
        runs = (
            self.env["customer.success.play.run"]
            .sudo()
            .search(
                [
                    *theirs,
                    ("partner_id", "in", customers.ids),
                    ("state", "in", ("waiting", "started")),
                ]
            )
        )
        self._write(runs, {"user_id": new.id}, guards=["state"])
        # The new CSM introduces themselves soon, not only after the night.
        self.env.ref("customer_success.ir_cron_success_care").sudo()._trigger()
        return result

    def _after_undo(self, lines):
        """Cancel what playbooks began because of this hand-over, at the customers that were taken back."""
        result = super()._after_undo(lines)
        customers = lines.filtered(lambda line: line.res_model == "res.partner").mapped("res_id")
        runs = self.env["customer.success.play.run"].search(
            [
                ("partner_id", "in", customers),
                ("cause", "in", [f"handover:{change.id}" for change in self]),
                ("state", "in", ("waiting", "started")),
            ]
        )
        if runs:
            self.env["mail.activity"].search([("success_run_id", "in", runs.ids)]).unlink()
            runs.filtered(lambda run: run.state != "done").write(
                {
                    "state": "done",
                    "outcome": "dropped",
                    "date_done": fields.Date.context_today(self),
                }
            )
        return result
