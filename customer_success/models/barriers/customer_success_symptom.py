from odoo import fields, models


class CustomerSuccessSymptom(models.Model):
    """The area in which the barrier behind a symptom is usually found."""

    _inherit = "customer.success.symptom"

    barrier_area = fields.Selection(
        selection=lambda self: self.env["customer.success.barrier"]._area_choices(),
        help="The area in which the barrier behind this symptom is usually found.",
    )
