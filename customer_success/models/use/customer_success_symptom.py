from odoo import fields, models


class CustomerSuccessSymptom(models.Model):
    """A symptom of misuse. The class with the same code in `scoring/symptoms` defines when it shows."""

    _name = "customer.success.symptom"
    _description = "Symptom of Misuse"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    code = fields.Char(required=True, readonly=True)
    active = fields.Boolean(default=True, help="Archive a symptom to stop flagging it.")
    description = fields.Text(translate=True, help="The sign by which the symptom is recognised.")
    advice = fields.Text(
        translate=True, help="The usual cause of the symptom, and the questions to ask."
    )

    _code_uniq = models.Constraint("UNIQUE(code)", "A symptom with this code exists already.")
