from markupsafe import Markup

from odoo import fields, models

from ..common.customer_success_mass_change import QUIET


class CustomerSuccessMassChange(models.Model):
    """A hand-over of customers to another CSM, as one change: the customers and the open work at them."""

    _inherit = "customer.success.mass.change"

    kind = fields.Selection(
        selection_add=[("handover", "Hand-Over")], ondelete={"handover": "cascade"}
    )
    user_to_id = fields.Many2one("res.users", "New CSM", readonly=True, ondelete="restrict")

    def _needs_rights(self):
        """Let who has given customers away take them back."""
        return super()._needs_rights() and not self.user_to_id

    def _move_work(self, customers, former, new):
        """Give the open work of ``former`` at these customers to ``new``; what is done stays with who did it."""
        for model, domain in former._success_work_domains().items():
            if "partner_id" not in self.env[model]._fields:
                continue  # is no work at a customer
            found = (
                self.env[model]
                .sudo()
                .search(
                    [
                        ("user_id", "=", former.id),
                        ("partner_id", "in", customers.ids),
                        *domain,
                    ]
                )
            )
            self._write(
                found.with_context(**QUIET),
                {"user_id": new.id},
                guards=[name for name, _operator, _value in domain],
            )

    def _customers(self):
        """Return the customers that were handed over and are not taken back."""
        lines = self.sudo().line_ids.filtered(
            lambda line: line.res_model == "res.partner" and line.state != "undone"
        )
        return self.env["res.partner"].browse(lines.mapped("res_id")).exists()

    def _tell_new_csm(self):
        """Send the new CSM one message about all customers of this hand-over."""
        new = self.sudo().user_to_id
        if not new or new == self.env.user:
            return
        told = self.with_context(lang=new.lang or self.env.lang)
        customers = self._customers()
        items = Markup("").join(Markup("<li>%s</li>") % name for name in customers.mapped("name"))
        self.env["mail.thread"].sudo().message_notify(
            partner_ids=new.partner_id.ids,
            subject=told.env._("Customers handed over to you: %d", len(customers)),
            body=Markup("<p>%s</p>%s<ul>%s</ul>")
            % (
                told.env._(
                    "%s has handed over these customers to you, with the open work at them. Print their hand-over briefs "
                    "from the record of the hand-over.",
                    self.env.user.name,
                ),
                Markup("<p>%s</p>") % self.note if self.note else "",
                items,
            ),
            email_layout_xmlid="mail.mail_notification_light",
        )

    def action_print_briefs(self):
        """Print the hand-over briefs of the customers that this user follows now."""
        self.ensure_one()
        mine = self.env["res.partner"]._get_success_own_domain()
        return self.env.ref("customer_success.handover_brief_report").report_action(
            self._customers().filtered_domain(mine)
        )
