from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CustomerSuccessHandover(models.TransientModel):
    """A dialog that hands customers over to another CSM: one, a selection, or the whole book of a CSM.

    Open work moves along; what is done stays with who did it. The record of the hand-over takes it back as one.
    """

    _name = "customer.success.handover"
    _description = "Hand Over Customers"

    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        domain=[("success_stage_id", "!=", False)],
        help="Leave it empty to hand over the whole book of a CSM.",
    )
    user_from_id = fields.Many2one(
        "res.users",
        "From",
        domain=[("share", "=", False)],
        context={"active_test": False},
        help="Only customers of this CSM are handed over. Without customers, it is their whole book.",
    )
    user_to_id = fields.Many2one("res.users", "To", domain=[("share", "=", False)])
    note = fields.Text(
        "For the New CSM",
        help="What the new CSM should know. It is printed on the hand-over brief of each customer.",
    )
    customer_count = fields.Integer("Customers to Hand Over", compute="_compute_effect")
    effect = fields.Text("What Moves", compute="_compute_effect")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        context = self.env.context
        if "partner_ids" in fields_list and context.get("active_model") == "res.partner":
            chosen = self.env["res.partner"].browse(context.get("active_ids") or [])
            customers = chosen.commercial_partner_id.filtered("success_stage_id")
            values["partner_ids"] = [fields.Command.set(customers.ids)]
        return values

    @api.depends("partner_ids", "user_from_id", "user_to_id")
    def _compute_effect(self):
        for dialog in self:
            customers = dialog._customers()
            dialog.customer_count = len(customers)
            dialog.effect = dialog._say_effect(customers)

    def _customers(self):
        """Return the customers to hand over, without those that the new CSM follows already."""
        book = self.env["res.partner"]
        if self.partner_ids:
            book = self.partner_ids._origin.filtered("success_stage_id")
            if self.user_from_id:
                book = book.filtered(lambda one: one.success_user_id == self.user_from_id._origin)
        elif self.user_from_id:
            book = book.search(
                [
                    ("success_stage_id", "!=", False),
                    ("success_user_id", "=", self.user_from_id.id),
                ]
            )
        return book.filtered(lambda one: one.success_user_id != self.user_to_id._origin)

    def _say_effect(self, customers):
        """Return which open work moves along, as a text with one line for each kind."""
        lines = []
        formers = customers.sudo().success_user_id
        for model, domain in formers._success_work_domains().items():
            records = self.env[model]
            if "partner_id" not in records._fields:
                continue
            count = records.sudo().search_count(
                [
                    ("partner_id", "in", customers.ids),
                    ("user_id", "in", formers.ids),
                    *domain,
                ]
            )
            if count:
                label = self.env["ir.model"]._get(model).name
                lines.append(self.env._("%(kind)s, open: %(number)d", kind=label, number=count))
        activities = (
            self.env["mail.activity"]
            .sudo()
            .search_count(
                [
                    ("success_partner_id", "in", customers.ids),
                    ("user_id", "in", formers.ids),
                ]
            )
        )
        if activities:
            lines.append(self.env._("Activities, open: %d", activities))
        return "\n".join(lines)

    def action_hand_over(self):
        """Hand the customers over and open the record of it, from which it can be taken back."""
        self.ensure_one()
        new = self.user_to_id
        if not new:
            raise UserError(self.env._("Choose who takes the customers over."))
        if new == self.user_from_id:
            raise ValidationError(
                self.env._("%s has these customers already. Choose somebody else.", new.name)
            )
        if not self.partner_ids and not self.user_from_id:
            raise UserError(
                self.env._("Choose customers, or the CSM whose whole book is handed over.")
            )
        if self.user_from_id:
            self._check_whose()
        customers = self._customers()
        if not customers:
            raise UserError(
                self.env._("There is nothing to hand over: no customer of this choice is left.")
            )
        customers.check_access("write")
        customers._check_success_role()
        customers._check_success_may_give()
        customers._check_success_new_csm(new)
        change = self.env["customer.success.mass.change"]._begin(
            "handover",
            customers._say_success_handover(new),
            note=self.note,
            user_to_id=new.id,
        )
        customers.with_context(**change._within()).write({"success_user_id": new.id})
        change = change.sudo(False)
        change._tell_new_csm()
        return {
            "type": "ir.actions.act_window",
            "res_model": change._name,
            "res_id": change.id,
            "views": [(False, "form")],
        }

    def _check_whose(self):
        """Refuse customers that were chosen and that the CSM of the hand-over does not follow."""
        others = self.partner_ids.filtered(
            lambda partner: partner.sudo().success_user_id != self.user_from_id
        )
        if others:
            raise ValidationError(
                self.env._(
                    "%(csm)s does not follow %(customers)s.",
                    csm=self.user_from_id.name,
                    customers=", ".join(others[:3].mapped("display_name")),
                )
            )
