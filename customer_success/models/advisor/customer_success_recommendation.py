from odoo import fields, models

WORRYING = [("concern", "Concern"), ("blocker", "Blocker")]


class CustomerSuccessRecommendation(models.Model):
    """A recommendation for what to do about a worrying answer to a question."""

    _name = "customer.success.recommendation"
    _description = "Recommendation"
    _order = "question_id, sequence, id"

    name = fields.Char("What to Do", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    question_id = fields.Many2one(
        "customer.success.question", required=True, index=True, ondelete="cascade"
    )
    signal = fields.Selection(
        WORRYING,
        required=True,
        default="concern",
        help="The answers that it is for. A recommendation for a concern is also proposed for a blocker.",
    )
    advice = fields.Text("How", translate=True)
    kind = fields.Selection(
        [("activity", "Activities")],
        "Leads To",
        required=True,
        default="activity",
        help="What accepting the recommendation creates.",
    )
    activity_plan_id = fields.Many2one(
        "mail.activity.plan",
        domain=[("res_model", "=", "res.partner")],
        ondelete="restrict",
        help="Leave empty to create one activity with the recommendation as its summary.",
    )
