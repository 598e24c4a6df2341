from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..barriers.customer_success_barrier import AREAS

WORRYING = [("concern", "Concern"), ("blocker", "Blocker")]
KINDS = [("activity", "Activities"), ("barrier", "A Barrier"), ("plan", "A Change to the Plan")]
# Where in a success plan a recommendation may belong.
PLAN_FIELDS = (
    "success_definition",
    "intended_use",
    "choice_assumption",
    "internal_programme",
    "organisational_measures",
    "sustaining_plan",
    "new_hire_plan",
    "upgrade_plan",
)


class CustomerSuccessRecommendation(models.Model):
    """What to do about a worrying answer to a question."""

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
        help="The answers it is for; what is said about a concern holds for a blocker, too.",
    )
    advice = fields.Text("How", translate=True)
    kind = fields.Selection(KINDS, "Leads To", required=True, default="activity")
    activity_plan_id = fields.Many2one(
        "mail.activity.plan",
        domain=[("res_model", "=", "res.partner")],
        ondelete="restrict",
        help="Empty: one activity, with what to do as its summary.",
    )
    barrier_area = fields.Selection(AREAS, "Area of the Barrier")
    plan_field = fields.Selection(
        lambda self: self._plan_field_selection(), "Part of the Plan", help="Where it belongs."
    )

    @api.model
    def _plan_field_selection(self):
        plan = self.env["customer.success.plan"]
        return [(name, plan._fields[name].string) for name in PLAN_FIELDS]

    @api.constrains("kind", "barrier_area", "plan_field")
    def _check_target(self):
        for recommendation in self:
            if recommendation.kind == "barrier" and not recommendation.barrier_area:
                raise ValidationError(self.env._("Say in which area the barrier lies."))
            if recommendation.kind == "plan" and not recommendation.plan_field:
                raise ValidationError(self.env._("Say to which part of the plan it belongs."))
