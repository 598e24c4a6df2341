from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .customer_success_plan_content import MEASURES

# The parts of a success plan that a recommendation may change.
PLAN_FIELDS = (
    "success_definition",
    "intended_use",
    "choice_assumption",
    "internal_programme",
    *MEASURES,
    "organisational_measures",
    "sustaining_plan",
    "new_hire_plan",
    "upgrade_plan",
)


class CustomerSuccessRecommendation(models.Model):
    """A recommendation that changes a part of the success plan."""

    _inherit = "customer.success.recommendation"

    kind = fields.Selection(
        selection_add=[("plan", "A Change to the Plan")], ondelete={"plan": "set default"}
    )
    plan_field = fields.Selection(
        lambda self: self._plan_field_selection(),
        "Part of the Plan",
        help="The part of the success plan to change.",
    )

    @api.model
    def _plan_field_selection(self):
        plan = self.env["customer.success.plan"]
        return [(name, plan._fields[name].string) for name in PLAN_FIELDS]

    @api.constrains("kind", "plan_field")
    def _check_plan_field(self):
        for recommendation in self:
            if recommendation.kind == "plan" and not recommendation.plan_field:
                raise ValidationError(self.env._("Choose the part of the plan to change."))
