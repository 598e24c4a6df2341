from odoo import fields, models


class CustomerSuccessSymptom(models.Model):
    """A way in which a system is misused. When it shows is said by the object of the same code in `scoring/symptoms`."""

    _name = "customer.success.symptom"
    _description = "Symptom of Misuse"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    code = fields.Char(required=True, readonly=True)
    active = fields.Boolean(default=True, help="Switch off to have it flagged no more.")
    description = fields.Text(translate=True, help="How it is recognised.")
    advice = fields.Text(translate=True, help="What usually stands behind it, and what to ask.")

    _code_uniq = models.Constraint("UNIQUE(code)", "A symptom with this code exists already.")
