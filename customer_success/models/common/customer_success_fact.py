from odoo import api, models


class CustomerSuccessFact(models.AbstractModel):
    """A record about a customer whose changes may change the scores.

    A model with a ``partner_id`` that inherits from this one requests a new score of its customers after
    each create, write and unlink. The scheduled action computes it within minutes.
    """

    _name = "customer.success.fact"
    _inherit = ["customer.success.undoable"]
    _description = "Fact about a Customer"

    @api.model_create_multi
    def create(self, vals_list):
        facts = super().create(vals_list)
        self.env["customer.success.score.request"]._add(facts.partner_id)
        return facts

    def write(self, vals):
        partners = self.partner_id if "partner_id" in vals else self.env["res.partner"]
        result = super().write(vals)
        if partners:
            # Odoo checked the rules for the former customer only; check them for the new one as well.
            self.check_access("write")
        self.env["customer.success.score.request"]._add(partners | self.partner_id)
        return result

    def unlink(self):
        partners = self.partner_id
        result = super().unlink()
        self.env["customer.success.score.request"]._add(partners)
        return result
