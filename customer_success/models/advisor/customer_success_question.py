from odoo import api, fields, models
from odoo.exceptions import UserError

DIMENSIONS = [("ready", "Ready"), ("willing", "Willing"), ("able", "Able")]


class CustomerSuccessQuestion(models.Model):
    """A question that a trusted advisor asks: why, when, and what an answer to it says."""

    _name = "customer.success.question"
    _description = "Advisor's Question"
    _order = "sequence, id"

    name = fields.Char("Question", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    topic_id = fields.Many2one("customer.success.topic", index=True, ondelete="restrict")
    topic = fields.Char("Code of the Topic", related="topic_id.code", store=True)
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
    purpose = fields.Text("Why It Is Asked", translate=True)
    strong_answer = fields.Text("A Strong Answer", translate=True, help="What it sounds like.")
    worrying_answer = fields.Text("A Worrying Answer", translate=True, help="What it sounds like.")
    guidance = fields.Text("Further Notes", translate=True)
    recommendation_ids = fields.One2many(
        "customer.success.recommendation", "question_id", "What to Do about Worrying Answers"
    )

    _check_refresh_months = models.Constraint(
        "CHECK(refresh_months BETWEEN 1 AND 120)",
        "A question is asked again after 1 to 120 months.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_answered(self):
        """What was answered stays readable: a question with answers is archived, never deleted."""
        answered = (
            self.env["customer.success.answer"]
            .sudo()
            .search([("question_id", "in", self.ids)], limit=1)
        )
        if answered:
            raise UserError(
                self.env._(
                    "“%s” has answers, which would be lost. Archive the question: it is asked no more, "
                    "and its answers stay.",
                    answered.question_id.name,
                )
            )
