from odoo import fields, models

TOPICS = [
    ("goals", "Goals"),
    ("struggles", "Struggles"),
    ("environment", "Changing environment"),
    ("structure", "Structure"),
    ("values", "What they value"),
    ("recognition", "What they recognise"),
    ("rewards", "What they reward"),
    ("processes", "Processes"),
    ("expectations", "Performance expectations"),
]

DIMENSIONS = [("ready", "Ready"), ("willing", "Willing"), ("able", "Able")]


class CustomerSuccessQuestion(models.Model):
    _name = "customer.success.question"
    _description = "Advisor's Question"
    _order = "sequence, id"

    name = fields.Char("Question", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    topic = fields.Selection(TOPICS, required=True)
    dimension = fields.Selection(
        DIMENSIONS,
        help="Which side of readiness an answer speaks of; empty when it speaks of none.",
    )
    stage_ids = fields.Many2many(
        "customer.success.stage",
        relation="customer_success_question_stage_rel",
        column1="question_id",
        column2="stage_id",
        string="Stages",
        help="The stages in which to ask it; empty for all of them.",
    )
    refresh_months = fields.Integer(
        "Ask Again After (months)",
        default=12,
        required=True,
        help="An older answer is stale: it no longer counts, and the question is due again.",
    )
    guidance = fields.Text(
        translate=True,
        help="Why it is asked, and what a strong and a worrying answer sound like.",
    )

    _check_refresh_months = models.Constraint(
        "CHECK(refresh_months BETWEEN 1 AND 120)",
        "A question is asked again after 1 to 120 months.",
    )
