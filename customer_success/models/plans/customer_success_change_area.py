from odoo import api, fields, models


class CustomerSuccessChangeArea(models.Model):
    """One of the four areas of an organisation that a change may touch."""

    _name = "customer.success.change.area"
    _description = "Area of Change"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(default=10)

    _code_uniq = models.Constraint("UNIQUE(code)", "An area with this code exists already.")

    @api.model
    def _all(self):
        """Return all areas, in their order."""
        return self.search([("code", "!=", False)])
