from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...ingestion import statements

USAGE = "customer.success.usage"
# Terms get back the figures that amendments changed; they let go of their opportunities, and both of their customers.
UNDO_ORDER = (
    "customer.success.renewal.amendment",
    "customer.success.renewal",
    "crm.lead",
    "",
    "res.partner",
)


class CustomerSuccessMassChange(models.Model):
    """The load of a file, taken back as one.

    Its customers, terms and opportunities have lines. Its figures of use have none: each figure knows the delivery that
    brought it, and what it replaced stands in the revisions, so they go back with a few statements.
    """

    _inherit = "customer.success.mass.change"

    delivery_ids = fields.One2many("customer.success.usage.delivery", "mass_change_id", "Files")
    usage_count = fields.Integer("Figures of Use", compute="_compute_usage_count")

    @api.depends("delivery_ids", "state")
    def _compute_usage_count(self):
        counts = {
            delivery: count
            for delivery, count in self.env[USAGE]
            .sudo()
            ._read_group(
                [("delivery_id", "in", self.delivery_ids.ids)], ["delivery_id"], ["__count"]
            )
        }
        for change in self:
            change.usage_count = sum(counts.get(one, 0) for one in change.delivery_ids)

    def _is_allowed_to_undo(self):
        """Ask of who takes back a file what loading one needs: the role, and the company."""
        if self.kind != "load":
            return super()._is_allowed_to_undo()
        deliveries, user = self.sudo().delivery_ids, self.env.user
        is_manager = user.has_group("customer_success.group_success_manager")
        may_load = is_manager or (
            self.user_id == user
            and user.has_group("customer_success.group_success_user")
            and "customers" not in deliveries.mapped("kind")
        )
        return may_load and deliveries.company_id <= user.company_ids

    def action_open_usages(self):
        """Open the figures of use that the file brought and that stand today."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Figures of Use"),
            "res_model": USAGE,
            "views": [(False, "list"), (False, "form")],
            "domain": [("delivery_id", "in", self.sudo().delivery_ids.ids)],
        }

    def action_open_file(self):
        """Open the record of the file, with its counts and its refused rows."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "customer.success.usage.delivery",
            "res_id": self.sudo().delivery_ids[:1].id,
            "views": [(False, "form")],
        }

    # Taking back

    def _before_undo(self, uid):
        result = super()._before_undo(uid)
        if self.delivery_ids:
            if any(self.delivery_ids.mapped("is_loading")):
                raise UserError(
                    self.env._("This file is still being loaded. Wait until it is loaded.")
                )
            self._take_back_use(uid)
        return result

    def _in_order(self, names):
        def place(name):
            return UNDO_ORDER.index(name if name in UNDO_ORDER else "")

        return sorted(names, key=place) if self.kind == "load" else super()._in_order(names)

    def _take_back_use(self, uid):
        """Give the figures of use back what stood there before, and delete those that did not exist."""
        cr = self.env.cr
        self.env["customer.success.person"]._take_back(self.delivery_ids)
        self.env.flush_all()
        parameters = {"change": self.id, "deliveries": self.delivery_ids.ids, "uid": uid}
        cr.execute(statements.TO_UNDO, parameters)
        found = [id_ for (id_,) in self.env.execute_query(SQL("SELECT id FROM usage_undone"))]
        usages = self.env[USAGE].browse(found)
        forbidden = usages - usages.with_user(uid).with_context(
            allowed_company_ids=self.delivery_ids.company_id.ids
        )._filtered_access("write")
        parameters |= {
            "forbidden": forbidden.ids,
            "no_right": self.env._("You do not follow this customer any more."),
            "changed": self.env._("Its figures were changed since."),
            "deleted": self.env._("It was deleted."),
        }
        for statement in (statements.LEAVE, statements.LEAVE_DELETED, statements.ONLY_UNDONE):
            cr.execute(statement, parameters)
        cr.execute(statements.UNDONE_CUSTOMERS)
        customers = self.env["res.partner"].browse(id_ for (id_,) in cr.fetchall())
        undone = {id_ for (id_,) in self.env.execute_query(SQL("SELECT id FROM usage_undone"))}
        customers |= self._take_back_parts(uid, undone, set(found) - undone)
        for statement in (statements.KEEP_UNDONE, statements.UNDO, statements.CLEAR_UNDONE):
            cr.execute(statement, parameters)
        self.env.invalidate_all(flush=False)
        self.env["customer.success.score.request"]._add(customers)

    def _take_back_parts(self, uid, undone, left):
        """Give the use by contract back what it was, of the records ``undone`` and of those whose total stays.

        Return the customers of the latter.
        """
        parts = self.env["customer.success.usage.contract"].search(
            [("delivery_id", "in", self.delivery_ids.ids), ("usage_id", "not in", list(left))]
        )
        moved = parts.filtered(lambda part: part.usage_id.id not in undone)
        theirs = moved.usage_id.with_user(uid).with_context(
            allowed_company_ids=self.delivery_ids.company_id.ids
        )
        may_write = theirs._filtered_access("write").ids
        kept = moved.browse()
        for usage, changed in moved.grouped("usage_id").items():
            if usage.id not in may_write or not changed._keeps_total(self.delivery_ids):
                kept |= changed
        customers = (moved - kept).partner_id
        (parts - kept)._give_back(self.delivery_ids)
        return customers
