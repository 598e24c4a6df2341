from odoo import models

from ..barriers.customer_success_barrier import OPEN_STATES


class ResUsers(models.Model):
    """Who leaves the team leaves no work behind that nobody sees."""

    _inherit = "res.users"

    def action_archive(self):
        # Odoo deletes the open activities of who is archived, before it archives.
        self._hand_over_success_work()
        return super().action_archive()

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self.filtered("active")._hand_over_success_work()
        return super().write(vals)

    def unlink(self):
        self._hand_over_success_work()
        return super().unlink()

    def _hand_over_success_work(self):
        """Give open work at customers to who stays, and leave the customers to the whole team.

        The work goes to whoever archives them, if of the team, else to the first manager of customer
        success there is in the company. Where nobody is, it is left to Odoo.
        """
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
        self._hand_over_success_records()
        customers = (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            .search([("success_user_id", "in", self.ids)])
        )
        customers.success_user_id = False

    def _hand_over_success_records(self):
        """Planned conversations, open barriers, changes ahead, plans and plays go to who stays as well."""
        for model, domain in (
            ("interaction", [("state", "=", "planned")]),
            ("barrier", [("state", "in", OPEN_STATES)]),
            ("change", [("state", "in", ("planned", "running"))]),
            ("plan", [("state", "in", ("draft", "active"))]),
            ("play", []),
        ):
            records = (
                self.env[f"customer.success.{model}"]
                .sudo()
                .search([("user_id", "in", self.ids), *domain])
            )
            for company, theirs in records.grouped(
                lambda record: record.company_id or record.user_id.company_id
            ).items():
                if heir := self._success_heir(company):
                    theirs.user_id = heir

    def _success_heir(self, company):
        """Who takes over the work of these users in a company."""
        me = self.env.user
        managers = self.env.ref("customer_success.group_success_manager").sudo().all_user_ids
        candidates = managers.sorted("id")
        if me.has_group("customer_success.group_success_user"):
            candidates = me | candidates
        return next(
            (
                user
                for user in candidates - self
                if user.active and not user.share and company in user.company_ids
            ),
            self.browse(),
        )
