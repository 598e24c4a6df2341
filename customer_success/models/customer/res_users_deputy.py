from odoo import fields, models


class ResUsers(models.Model):
    """The users for whom somebody stands in today; record rules of own customers name them."""

    _inherit = "res.users"

    success_deputy_for_ids = fields.Many2many(
        "res.users",
        string="Stands In For",
        compute="_compute_success_deputy_for_ids",
        compute_sudo=True,
        groups="base.group_user",
    )

    def _compute_success_deputy_for_ids(self):
        absences = self.env["customer.success.deputy"]
        for day, users in self.grouped(lambda user: user._success_day()).items():
            now = absences.search([("deputy_id", "in", users.ids), *absences._on(day)])
            for user in users:
                user.success_deputy_for_ids = now.filtered(
                    lambda absence, user=user: absence.deputy_id == user
                ).user_id

    def _success_day(self):
        """Return the day of this user, whatever time zone a request brings."""
        # Odoo keeps the context of a user in memory; record rules ask for the day with each request.
        tz = self.env(user=self.id)["res.users"].context_get().get("tz")
        return fields.Date.context_today(self.with_context(tz=tz))
