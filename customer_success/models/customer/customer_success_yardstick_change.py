from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CustomerSuccessYardstickChange(models.AbstractModel):
    """A change of what a customer is measured by, with its author, day and reason. Append-only.

    A change that lifts the figures waits here until a manager approves it; until then the former yardstick counts. A model
    that inherits from this one names the record with the yardstick (``_yardstick``) and stores what was approved
    (``_apply``). A manager who is the customer's own CSM does not decide while there is another manager.
    """

    _name = "customer.success.yardstick.change"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Change of What a Customer Is Measured By"
    _order = "id desc"
    _yardstick = None

    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    company_id = fields.Many2one(related="partner_id.company_id")
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
    is_own_customer = fields.Boolean(
        "By the Customer's Own CSM",
        readonly=True,
        help="The manager who let it count was the CSM of this customer, because there was no other manager.",
    )
    effective_date = fields.Date("Counts Since", readonly=True)

    def action_approve(self):
        """Let the proposed changes count from today on."""
        for change in self._decidable():
            change._apply()
            change.write(
                {
                    "state": "approved",
                    "approved_by_id": self.env.uid,
                    "is_own_customer": self.env.user in change._measured().success_user_id,
                    "effective_date": fields.Date.context_today(self),
                }
            )
            change._close()
        return True

    def action_decline(self):
        """Keep what counted before."""
        self._decidable()._close("declined")
        return True

    def _apply(self):
        """Let the new yardstick count."""
        raise NotImplementedError

    def _measured(self):
        """Return the customers that are measured by what these changes change, in sudo."""
        return self.partner_id.sudo()

    def _said(self):
        """Return this change in one sentence."""
        raise NotImplementedError

    def _decidable(self):
        """Return these changes to be written, if this manager may decide on them and they are still open."""
        if not self.env.user.has_group("customer_success.group_success_manager"):
            raise AccessError(
                self.env._("Only a customer success manager decides on lower targets. Ask one.")
            )
        self.check_access("read")
        if any(change.state != "proposed" or not change[self._yardstick] for change in self):
            raise UserError(
                self.env._("This target was decided on already. Reload the page to see it.")
            )
        self[self._yardstick].check_access("write")
        for change in self:
            if self.env.user._success_decides_on(change._measured()):
                continue
            raise UserError(
                self.env._(
                    "You are the CSM of %s. Another manager decides on the targets of your own customers.",
                    change.partner_id.display_name,
                )
                if change.partner_id
                else self.env._(
                    "You are the CSM of a customer that is measured by this target. Another manager decides on it."
                )
            )
        return self.sudo()

    def _close(self, state=None):
        if state:
            self.write({"state": state})
        self.activity_unlink(["mail.mail_activity_data_todo"])

    def _ask(self):
        """Ask a manager of the customer's company, who is not its CSM, to decide, with an activity."""
        users = self.env["res.users"]
        for change in self:
            own = change._measured().success_user_id
            managers = users._success_managers(change.partner_id.company_id)
            managers = managers or users._success_managers()
            if manager := ((managers - own) or managers)[:1]:
                change.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=manager.id,
                    summary=self.env._("Approve or decline a lower target"),
                    note=change._said(),
                )

    @api.model
    def _entered(self, partner, lowered, waits, reason):
        """Return the values of a change that was entered now, without what was changed."""
        today = fields.Date.context_today(self)
        decided = lowered and not waits
        return {
            "partner_id": partner.id,
            "direction": "lowered" if lowered else "raised",
            "reason": reason,
            "user_id": self.env.uid,
            "date": today,
            "state": "proposed" if waits else "approved",
            "approved_by_id": self.env.uid if decided else False,
            "is_own_customer": bool(
                decided and partner and partner.sudo().success_user_id == self.env.user
            ),
            "effective_date": False if waits else today,
        }

    @api.model
    def _kinds(self):
        """Return the models that keep changes of a yardstick."""
        names = self.pool.descendants(["customer.success.yardstick.change"], "_inherit")
        return [self.env[name] for name in sorted(names) if not self.env[name]._abstract]

    @api.model
    def _say_lowered(self):
        """Return what the history of scores says on the day on which such a change began to count."""
        raise NotImplementedError

    @api.model
    def _lowered(self, partner, since):
        """Return the sentences of a customer's lower targets that count since a day after ``since``."""
        return [
            change._said()
            for kind in self._kinds()
            for _partner_id, change in kind._lowered_of(partner, [("effective_date", ">", since)])
        ]

    @api.model
    def _lowered_of(self, partners, domain):
        """Return ``[(customer's id, change)]`` of the changes that lowered what these customers are measured by."""
        found = self.sudo().search_fetch(
            [
                ("partner_id", "in", partners.ids),
                ("state", "=", "approved"),
                ("direction", "=", "lowered"),
                *domain,
            ],
            ["partner_id", "effective_date"],
        )
        return [(change.partner_id.id, change) for change in found]

    @api.model
    def _lowered_days(self, partners, days):
        """Return ``{(customer, day): text}`` for the days on which lower targets began to count."""
        texts = {}
        for kind in self._kinds():
            found = kind._lowered_of(partners, [("effective_date", "in", days)])
            for key in {(partner_id, change.effective_date) for partner_id, change in found}:
                texts[key] = "; ".join(filter(None, (texts.get(key), kind._say_lowered())))
        return texts
