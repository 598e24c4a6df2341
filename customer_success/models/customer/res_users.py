from odoo import api, models


class ResUsers(models.Model):
    """Users whose open customer work is handed over when they are archived or deleted."""

    _inherit = "res.users"

    def action_archive(self):
        # Odoo deletes the open activities of a user before it archives the user.
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
        """Reassign the open customer work of these users, and clear them as CSM of their customers.

        The work goes to the user who archives them, if a member of the team, else to the first customer success
        manager of the company, a system administrator last. Without either, Odoo's own handling applies.
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
        """Reassign the records that these users are responsible for, company by company."""
        for model, domain in self._success_work_domains().items():
            records = self.env[model].sudo().search([("user_id", "in", self.ids), *domain])
            for company, theirs in records.grouped(
                lambda record: record.company_id or record.user_id.company_id
            ).items():
                if heir := self._success_heir(company):
                    theirs.user_id = heir

    def _success_work_domains(self):
        """Return ``{model: domain}`` of the records to reassign; each wing adds its own."""
        return {}

    def _success_heir(self, company):
        """Return the user who takes over the work of these users in a company, or none."""
        me = self.env.user
        candidates = self._success_managers(company)
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

    @api.model
    def _success_managers(self, company=None):
        """Return the customer success managers of a company, or of all, system administrators last."""
        managers = self.env.ref("customer_success.group_success_manager").sudo().all_user_ids
        return managers.filtered(
            lambda user: (
                user.active
                and not user.share
                and not user._is_superuser()
                and (not company or company in user.company_ids)
            )
        ).sorted(lambda user: (user.has_group("base.group_system"), user.id))

    def _success_decides_on(self, customers):
        """Return True for a manager, except for the CSM of one of the customers while another manager could decide.

        That is a manager who is the CSM of none of them.
        """
        self.ensure_one()
        if not self.has_group("customer_success.group_success_manager"):
            return False
        customers = customers.sudo()
        concerned = customers.success_user_id
        if self not in concerned:
            return True
        companies = {customer.company_id for customer in customers}
        company = companies.pop() if len(companies) == 1 else None
        return not self._success_managers(company) - concerned
