from odoo import api, models


class CustomerSuccessFact(models.AbstractModel):
    """A record about a customer that scores are computed from: when it changes, so may they.

    Any model with a ``partner_id`` that inherits from this asks for its customers to be rescored
    after each create, write and unlink; the scheduled action does so within minutes.
    """

    _name = "customer.success.fact"
    _description = "Fact about a customer"

    @api.model_create_multi
    def create(self, vals_list):
        facts = super().create(vals_list)
        self.env["customer.success.score.request"]._add(facts.partner_id)
        return facts

    def write(self, vals):
        partners = self.partner_id if "partner_id" in vals else self.env["res.partner"]
        result = super().write(vals)
        if partners:
            # Rules were checked of the customer it came from; it must be theirs to give, too.
            self.check_access("write")
        self.env["customer.success.score.request"]._add(partners | self.partner_id)
        return result

    def unlink(self):
        partners = self.partner_id
        result = super().unlink()
        self.env["customer.success.score.request"]._add(partners)
        return result
