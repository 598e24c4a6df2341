from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_success_usage_figures import DEGREES

TARGETS = ("adoption", *DEGREES)
FULL = 100


class CustomerSuccessIntendedUse(models.Model):
    """The changes of targets, and the approval of those that are lower than the product's own.

    The fields of the targets hold what counts. A lower target that a manager has to approve is a proposed change.
    """

    _inherit = "customer.success.intended.use"

    change_ids = fields.One2many(
        "customer.success.intended.use.change", "use_id", "Changes of Targets", readonly=True
    )
    reason = fields.Text(
        "Reason for Lower Targets",
        store=False,
        help="Say why a target is lower from now on. Below the target of the product, a manager has to approve it; the "
        "former target counts until then. A target for all customers is approved by a manager who is the CSM of none of them.",
    )
    state = fields.Selection(
        [("proposed", "Lower Target Proposed"), ("approved", "Approved")],
        compute="_compute_state",
        store=True,
        help="Proposed: a lower target waits for a manager, and the former one counts.",
    )
    approved_by_id = fields.Many2one(
        "res.users",
        compute="_compute_state",
        store=True,
        help="The manager who approved the latest lower target.",
    )
    lowered_date = fields.Date(
        "Target Lowered On",
        compute="_compute_state",
        store=True,
        help="The day since which the latest lower target counts.",
    )

    @api.depends("change_ids.state", "change_ids.approved_by_id", "change_ids.effective_date")
    def _compute_state(self):
        for use in self:
            changes = use.sudo().change_ids
            waiting = changes.filtered(lambda change: change.state == "proposed")
            lowered = changes.filtered(
                lambda change: change.state == "approved" and change.direction == "lowered"
            ).sorted(lambda change: (change.effective_date, change.id))[-1:]
            use.state = "proposed" if waiting else "approved"
            use.approved_by_id = lowered.approved_by_id
            use.lowered_date = lowered.effective_date

    @api.model_create_multi
    def create(self, vals_list):
        """Create the entries without targets, then set these as on any other entry."""
        entered, bare = [], []
        for vals in vals_list:
            given = {
                code: vals.get(code, self.env.context.get(f"default_{code}")) for code in TARGETS
            }
            entered.append(
                {
                    code: value
                    for code, value in given.items()
                    if value is not None and value is not False
                }
            )
            entered[-1]["reason"] = vals.get("reason")
            bare.append(
                {name: value for name, value in vals.items() if name != "reason"}
                | dict.fromkeys(TARGETS, False)
            )
        uses = super().create(bare)
        for use, vals in zip(uses, entered, strict=True):
            if len(vals) > 1:
                use.write(vals)
        uses.flush_recordset(TARGETS)
        return uses

    def write(self, vals):
        self.check_access("write")
        vals = dict(vals)
        reason = (vals.pop("reason", None) or "").strip()
        self._check_same(vals)
        targets = {code: vals.pop(code) for code in TARGETS if code in vals}
        result = super().write(vals) if vals else True
        for use in self if targets else ():
            use._set_targets(targets, reason)
        return result

    def unlink(self):
        self.check_access("unlink")
        self._end_targets()
        self.flush_recordset()
        return super().unlink()

    def _end_targets(self):
        """Log the targets that end with these entries, and withdraw what was proposed.

        Raise UserError if lower ones would count for customers on whom this user does not decide.
        """
        for use in self:
            changes = use._set_targets(
                dict.fromkeys(TARGETS, False), self.env._("The entry was deleted.")
            )
            if "proposed" in changes.mapped("state"):
                raise UserError(
                    self.env._(
                        "Without this entry, lower targets count for customers whose CSM you are. Another manager deletes it."
                    )
                )

    def _check_same(self, vals):
        """Refuse to move targets to another customer or product, where they may be lower."""
        if self.env.su:
            return
        for name in ("product_id", "partner_id"):
            if name in vals and any(use[name].id != (vals[name] or False) for use in self):
                raise UserError(
                    self.env._(
                        "Targets stay with their product and customer. Create an entry for the other one instead."
                    )
                )

    def _store_targets(self, targets):
        """Let targets count that need no approval, or have it."""
        models.Model.write(self, targets)
        self.flush_recordset(list(targets))
        self._rescore()

    def _usual_targets(self):
        """Return the targets of the product for all customers; those that are unknown are left out."""
        usual = self.sudo().search(
            [("product_id", "=", self.product_id.id), ("partner_id", "=", False)], limit=1
        )
        return {code: usual[code] for code in TARGETS if usual[code] is not False}

    def _set_targets(self, targets, reason):
        """Set targets, log what changes, and propose what a manager has to approve; return the logged changes."""
        self.ensure_one()
        default = {"adoption": self.env["customer.success.settings"]._limit("adoption_target")}
        usual = self._usual_targets() if self.partner_id else {}
        changes = self.env["customer.success.intended.use.change"]
        now, lines = {}, []
        for code, value in targets.items():
            value = False if value is None or value is False else round(float(value), 1)
            own = self[code]
            instead = usual.get(code, default.get(code, FULL))
            before = instead if own is False else own
            after = instead if value is False else value
            measured = self.partner_id or changes._measured_by(self.product_id, code)
            waits = (
                after < before
                and after < usual.get(code, FULL + 1)
                and not self.env.su
                and not self.env.user._success_decides_on(measured)
            )
            if not waits:
                now[code] = value
            if after == before:
                continue
            if after < before and not reason and not self.env.su:
                raise UserError(
                    self.env._(
                        "“%(target)s” is lowered from %(old)g to %(new)g, which lifts the score. Enter the reason "
                        "for the lower target.",
                        target=self._fields[code]._description_string(self.env),
                        old=before,
                        new=after,
                    )
                )
            line = self._change(code, before, after, value, reason, waits)
            if line["approved_by_id"]:
                line["is_own_customer"] = self.env.user in measured.sudo().success_user_id
            lines.append(line)
        self._withdraw(targets)
        if now:
            self._store_targets(now)
        changes = changes.sudo().create(lines)
        changes.filtered(lambda change: change.state == "proposed")._ask()
        return changes

    def _withdraw(self, targets):
        """Withdraw proposals of these targets, because another value was entered."""
        self.sudo().change_ids.filtered(
            lambda change: change.state == "proposed" and change.target in targets
        )._close("withdrawn")

    def _change(self, code, before, after, value, reason, waits):
        """Return the values of the logged change of a target."""
        changes = self.env["customer.success.intended.use.change"]
        return {
            **changes._entered(self.partner_id, after < before, waits, reason),
            "use_id": self.id,
            "product_id": self.product_id.id,
            "target": code,
            "old_value": before,
            "new_value": after,
            "value": value,
        }
