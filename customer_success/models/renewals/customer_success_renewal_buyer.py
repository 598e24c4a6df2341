from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerSuccessRenewal(models.Model):
    """The buyer: a reseller or a parent company may buy a term that its customer uses.

    The term stands at the customer who uses the product: its use, barriers, scores, risk, retention and recurring revenue are
    those of that customer, and its value is counted there, once. The buyer is who is sold to. It changes no figure.
    """

    _inherit = "customer.success.renewal"

    buyer_id = fields.Many2one(
        "res.partner",
        "Bought Through",
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        check_company=True,
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False), ('id', '!=', partner_id)]",
        help="The company that buys the term for this customer: a reseller, or another company of the group. Sales sells to it; "
        "the term, its risk and its value stay with the customer. Empty: the customer buys.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        terms = super().create([self._with_buyer(vals) for vals in vals_list])
        terms._drop_own_buyer()
        return terms

    def write(self, vals):
        result = super().write(self._with_buyer(vals))
        if {"buyer_id", "partner_id"} & vals.keys():
            self._drop_own_buyer()
        return result

    @api.model
    def _with_buyer(self, vals):
        """Return ``vals`` with the company of a contact that is said to buy."""
        if not vals.get("buyer_id"):
            return vals
        said = self.env["res.partner"].sudo().browse(vals["buyer_id"])
        return {**vals, "buyer_id": said.commercial_partner_id.id}

    def _drop_own_buyer(self):
        """Empty the buyer of terms that their customer buys itself."""
        own = self.filtered(lambda term: term.buyer_id and term.buyer_id == term.partner_id)
        if own:
            own.buyer_id = False

    def _sells_to(self):
        """Return who is sold to: the buyer, else the customer."""
        return self.buyer_id or self.partner_id

    @api.model
    def _follow_merge(self, customers):
        terms = super()._follow_merge(customers)
        terms._drop_own_buyer()
        return terms

    # ------------------------------------------------------------------------------------------
    # The order or contract is for another customer than was said
    # ------------------------------------------------------------------------------------------

    def _check_may_move(self):
        """Refuse that a term is moved to another customer by its order or contract, where it could not be moved by hand."""
        for term in self.sudo():
            if term.outcome != "pending":
                raise UserError(
                    self.env._(
                        "“%s” has ended at this customer and stays counted in the retention of its year. Leave for whom it was, "
                        "or have its outcome reopened first.",
                        term.display_name,
                    )
                )
        self.sudo()._check_may_leave()

    def _move_to(self, customer):
        """Move terms to another customer, with all that was written about them; log it with both customers."""
        for term in self.sudo():
            before, name = term.partner_id, term.display_name
            said = self.env._(
                "The renewal “%(term)s” is now that of %(new)s, because the order or contract is for them. It counts there from "
                "its first day; until now it counted at %(old)s.",
                term=name,
                new=customer.display_name,
                old=before.display_name,
            )
            term.write({"partner_id": customer.id, "previous_id": False, "main_id": False})
            for record in (term, before, customer):
                record.sudo()._message_log(body=said)
