from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CustomerSuccessStage(models.Model):
    _name = "customer.success.stage"
    _description = "Adoption Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    phase = fields.Selection(
        [("before", "Before go-live"), ("go_live", "Go-live"), ("after", "After go-live")],
        required=True,
        default="after",
        help="Go-live is a milestone, not the end: at least one stage must come after it.",
    )
    expected_days = fields.Integer(
        help="The number of days that a customer usually spends in this stage. A longer stay lowers "
        "its progress score. Use 0 for a stage in which customers may stay for good.",
    )
    rhythm_days = fields.Integer(
        "Rhythm (Days)",
        help="The longest time without a conversation in this stage, for customers that have no rhythm of their own or of their segment. Use 0 for no rhythm.",
    )
    fold = fields.Boolean("Folded in Kanban")
    gate_success_definition = fields.Boolean(
        "Needs a Definition of Success",
        help="Customers can enter once their active success plan says what success means to them.",
    )
    gate_sustaining_plan = fields.Boolean(
        "Needs a Sustaining Plan",
        help="Customers can enter once their active success plan says how use will be sustained.",
    )
    gate_coverage = fields.Integer(
        "Needs Answers (%)",
        help="Customers can enter once this percentage of their due questions has a fresh answer. Use 0 for no gate.",
    )
    gate_no_critical_barrier = fields.Boolean(
        "Needs No Critical Barrier",
        help="Customers can enter once they have no open critical barrier.",
    )
    description = fields.Text(
        "Guidance",
        translate=True,
        help="Describe what happens in this stage and what shows that a customer may move on.",
    )

    _check_expected_days = models.Constraint(
        "CHECK(expected_days >= 0)", "The expected days of a stage cannot be negative."
    )

    _check_rhythm_days = models.Constraint(
        "CHECK(rhythm_days BETWEEN 0 AND 3650)", "The rhythm must be between 0 and 3650 days."
    )
    _check_gate_coverage = models.Constraint(
        "CHECK(gate_coverage BETWEEN 0 AND 100)",
        "The percentage of answers must be between 0 and 100.",
    )

    @api.constrains("phase", "active")
    def _check_stage_after_go_live(self):
        """Require at least one active stage after go-live, as adoption does not end there."""
        if not self.search_count([("phase", "=", "after")], limit=1):
            raise ValidationError(
                self.env._(
                    "Adoption continues after go-live: keep at least one active stage in the phase "
                    "“After go-live”."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Refuse to delete a stage that customers are or were in: it is part of their history."""
        moves = self.env["customer.success.stage.move"].sudo()
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        for stage in self:
            used = fields.Domain("stage_id", "=", stage.id) | fields.Domain(
                "from_stage_id", "=", stage.id
            )
            if partners.search_count([("success_stage_id", "=", stage.id)], limit=1):
                reason = self.env._("customers are in this stage")
            elif moves.search_count(used, limit=1):
                reason = self.env._("customers have been in this stage")
            else:
                continue
            raise UserError(
                self.env._(
                    "“%(stage)s” cannot be deleted because %(reason)s. Archive it instead: no customer can enter an archived stage.",
                    stage=stage.name,
                    reason=reason,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last_after_go_live(self):
        if not self.search_count([("phase", "=", "after"), ("id", "not in", self.ids)], limit=1):
            raise ValidationError(
                self.env._(
                    "The last stage after go-live cannot be deleted, because adoption continues after go-live."
                )
            )

    def _is_after(self, other):
        """Return True if this stage comes later than ``other`` in the catalogue."""
        return (self.sequence, self.id) > (other.sequence, other.id)

    def _between(self, target):
        """Return the stages that a customer enters on its way from this one to ``target``, inclusive."""
        return self.search(fields.Domain.TRUE).filtered(
            lambda stage: stage._is_after(self) and not stage._is_after(target)
        )
