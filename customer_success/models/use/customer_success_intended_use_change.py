from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..common.known_float import KnownFloat
from .customer_success_usage_figures import DEGREES


class CustomerSuccessIntendedUseChange(models.Model):
    """A change of one target of an intended use, with its author, day and reason. Append-only.

    A lower target that a manager has to approve is kept here until then; the intended use keeps the former one.
    """

    _name = "customer.success.intended.use.change"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Change of a Target of Use"
    _order = "id desc"
    _rec_name = "product_id"

    use_id = fields.Many2one(
        "customer.success.intended.use",
        "Intended Use",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    target = fields.Selection(
        [("adoption", "Adoption Rate %"), *DEGREES.items()], required=True, readonly=True
    )
    old_value = KnownFloat("Before", digits=(5, 1), readonly=True)
    new_value = KnownFloat("After", digits=(5, 1), readonly=True)
    value = KnownFloat(
        "Target Entered",
        digits=(5, 1),
        readonly=True,
        help="Empty if the entry has no target of its own any more: that of all customers counts, else the usual one.",
    )
    direction = fields.Selection(
        [("lowered", "Lowered"), ("raised", "Raised")], required=True, readonly=True
    )
    reason = fields.Text(readonly=True)
    user_id = fields.Many2one("res.users", "Author", readonly=True, ondelete="set null")
    date = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("approved", "Approved"),
            ("declined", "Declined"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    effective_date = fields.Date("Counts Since", readonly=True)

    _check_value = models.Constraint(
        "CHECK(value BETWEEN 1 AND 100)",
        "Targets must be between 1 and 100. Leave a target empty if there is none.",
    )

    def action_approve(self):
        """Let the proposed targets count from today on."""
        for change in self._decidable():
            change.use_id._store_targets({change.target: change.value})
            change.write(
                {
                    "state": "approved",
                    "approved_by_id": self.env.uid,
                    "effective_date": fields.Date.context_today(self),
                }
            )
            change._close()
        return True

    def action_decline(self):
        """Keep the former targets."""
        self._decidable()._close("declined")
        return True

    def _decidable(self):
        """Return these changes to be written, if a manager may decide on them and they are still open."""
        if not self.env.user.has_group("customer_success.group_success_manager"):
            raise AccessError(
                self.env._("Only a customer success manager decides on lower targets. Ask one.")
            )
        self.check_access("read")
        if any(change.state != "proposed" or not change.use_id for change in self):
            raise UserError(
                self.env._("This target was decided on already. Reload the page to see it.")
            )
        self.use_id.check_access("write")
        return self.sudo()

    def _close(self, state=None):
        if state:
            self.write({"state": state})
        self.activity_unlink(["mail.mail_activity_data_todo"])

    def _ask(self):
        """Ask a manager of the customer's company to decide, with an activity."""
        users = self.env["res.users"]
        for change in self:
            managers = users._success_managers(change.partner_id.company_id)
            if manager := (managers or users._success_managers())[:1]:
                change.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=manager.id,
                    summary=self.env._("Approve or decline a lower target"),
                    note=change._said(),
                )

    def _said(self):
        """Return this change in one sentence."""
        self.ensure_one()
        product = self.product_id.sudo().with_context(display_default_code=False).display_name
        said = self.env._(
            "%(product)s: target of “%(target)s” lowered from %(old)g to %(new)g by %(user)s",
            product=product,
            target=dict(self._fields["target"]._description_selection(self.env))[self.target],
            old=self.old_value,
            new=self.new_value,
            user=self.user_id.sudo().name or "",
        )
        return f"{said}: {self.reason}" if self.reason else f"{said}."

    @api.model
    def _lowered(self, partner, since):
        """Return the lower targets of a customer, or of all, that count since a day after ``since``."""
        return self.sudo().search(
            [
                ("partner_id", "=", partner.id),
                ("state", "=", "approved"),
                ("direction", "=", "lowered"),
                ("effective_date", ">", since),
            ]
        )
