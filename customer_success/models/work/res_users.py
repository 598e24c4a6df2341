from odoo import models


class ResUsers(models.Model):
    """Users whose playbooks and open activities are reassigned when they leave."""

    _inherit = "res.users"

    def _success_work_domains(self):
        return {
            **super()._success_work_domains(),
            "customer.success.play": [],
        }

    def _hand_over_success_work(self):
        activities = (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("user_id", "in", self.ids),
                    ("success_partner_id.success_stage_id", "!=", False),
                ]
            )
        )
        for company, work in activities.grouped(
            lambda work: work.success_partner_id.company_id or work.user_id.company_id
        ).items():
            if heir := self._success_heir(company):
                work.with_context(mail_activity_quick_update=True).user_id = heir
                runs = work.success_run_id.filtered(lambda run: run.user_id in self)
                runs.user_id = heir
        return super()._hand_over_success_work()
