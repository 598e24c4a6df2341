from odoo import fields, models
from odoo.fields import Domain

NAMED = 10  # activities that are named in the chatter


class ResPartner(models.Model):
    """The activities and playbook runs of a customer, which are closed if it leaves and the dialog says so."""

    _inherit = "res.partner"

    def _success_open_activities(self):
        """Return the open activities of customer success; not those of others, nor the steps for leaving and coming back."""
        theirs = Domain.OR(
            Domain("success_partner_id", "=", partner.id)
            & Domain("user_id", "in", partner.success_user_id.ids)
            for partner in self
        )
        ours = Domain("success_run_id", "!=", False) | Domain(
            "res_model", "=like", "customer.success.%"
        )
        return self.env["mail.activity"].search(
            ((Domain("success_partner_id", "in", self.ids) & ours) | theirs)
            & Domain("activity_type_id.success_for_former", "=", False)
        )

    def _success_cancel_steps(self):
        result = super()._success_cancel_steps()
        self.env["mail.activity"].sudo().search(
            [
                ("success_partner_id", "in", self.ids),
                ("activity_type_id.success_for_former", "=", True),
            ]
        ).unlink()
        return result

    def _success_waiting_runs(self):
        return self.env["customer.success.play.run"].search(
            [("partner_id", "in", self.ids), ("state", "=", "waiting")]
        )

    def _success_open_work(self):
        lines = super()._success_open_work()
        if activities := self._success_open_activities():
            names = [one.summary or one.activity_type_id.name for one in activities[:NAMED]]
            lines.append(
                self.env._(
                    "activities: %(number)d (%(names)s)",
                    number=len(activities),
                    names=", ".join([*names, *(["…"] if len(activities) > NAMED else [])]),
                )
            )
        if runs := self._success_waiting_runs():
            lines.append(self.env._("playbooks that wait: %d", len(runs)))
        return lines

    def _success_close_records(self):
        """Cancel the activities, which ends the runs of playbooks, and the runs that wait."""
        result = super()._success_close_records()
        today = fields.Date.context_today(self)
        self._success_waiting_runs().write(
            {"state": "done", "outcome": "dropped", "date_done": today}
        )
        self._success_open_activities().unlink()
        return result
