from odoo import api, fields, models
from odoo.exceptions import UserError

DIMENSIONS = [("ready", "Ready"), ("willing", "Willing"), ("able", "Able")]


class CustomerSuccessQuestion(models.Model):
    """A question of a trusted advisor: why and when to ask it, and how to read its answers."""

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
        help="The side of readiness that an answer shows. Leave empty if it shows none.",
    )
    stage_ids = fields.Many2many(
        "customer.success.stage",
        relation="customer_success_question_stage_rel",
        column1="question_id",
        column2="stage_id",
        string="Stages",
        help="The stages in which to ask the question. Leave empty for all stages.",
    )
    refresh_months = fields.Integer(
        "Ask Again after (Months)",
        default=12,
        required=True,
        help="After this number of months an answer is stale: it no longer counts, and the question is due again.",
    )
    purpose = fields.Text("Why It Is Asked", translate=True)
    strong_answer = fields.Text(translate=True, help="Describe what a strong answer sounds like.")
    worrying_answer = fields.Text(
        translate=True, help="Describe what a worrying answer sounds like."
    )
    guidance = fields.Text("Further Notes", translate=True)
    recommendation_ids = fields.One2many(
        "customer.success.recommendation", "question_id", "Recommendations for Worrying Answers"
    )

    _check_refresh_months = models.Constraint(
        "CHECK(refresh_months BETWEEN 1 AND 120)",
        "The months until a question is asked again must be between 1 and 120.",
    )

    def _due_in(self, stage):
        """Return those of these questions that are asked in a stage."""
        return self.filtered(lambda question: not question.stage_ids or stage in question.stage_ids)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_answered(self):
        """Refuse to delete a question with answers, which must stay readable."""
        answered = (
            self.env["customer.success.answer"]
            .sudo()
            .search([("question_id", "in", self.ids)], limit=1)
        )
        if answered:
            raise UserError(
                self.env._(
                    "“%s” has answers and cannot be deleted. Archive the question instead: it is no longer "
                    "asked, and its answers are kept.",
                    answered.question_id.name,
                )
            )
