from odoo import models


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
        self._hand_over_success_records()
        customers = (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            .search([("success_user_id", "in", self.ids)])
        )
        customers.success_user_id = False

    def _hand_over_success_records(self):
        """Give what these users are responsible for to the people who stay, by company."""
        for model, domain in self._success_work_domains().items():
            records = self.env[model].sudo().search([("user_id", "in", self.ids), *domain])
            for company, theirs in records.grouped(
                lambda record: record.company_id or record.user_id.company_id
            ).items():
                if heir := self._success_heir(company):
                    theirs.user_id = heir

    def _success_work_domains(self):
        """Return ``{model: domain}`` of the records whose responsible user is replaced; each wing adds its own."""
        return {}

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
