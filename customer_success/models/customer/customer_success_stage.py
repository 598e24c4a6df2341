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
        help="Go-live is a milestone on the way. A catalogue must have stages after it.",
    )
    expected_days = fields.Integer(
        help="How long a customer usually stays here. Longer counts against its progress; "
        "0 is for a stage that customers may stay in for good.",
    )
    fold = fields.Boolean("Folded in Kanban")
    gate_success_definition = fields.Boolean(
        "Needs a Definition of Success",
        help="Customers enter once their active success plan says what success is to them.",
    )
    gate_sustaining_plan = fields.Boolean(
        "Needs a Sustaining Plan",
        help="Customers enter once their active success plan says how use will be sustained.",
    )
    gate_coverage = fields.Integer(
        "Needs Answers (%)",
        help="Customers enter once this share of the questions due has a fresh answer; 0 for none.",
    )
    gate_no_critical_barrier = fields.Boolean(
        "Needs No Critical Barrier", help="Customers enter once no critical barrier is open."
    )
    description = fields.Text(
        "Guidance",
        translate=True,
        help="What happens in this stage, and what shows that a customer may move on.",
    )

    _check_expected_days = models.Constraint(
        "CHECK(expected_days >= 0)", "The expected days of a stage cannot be negative."
    )

    _check_gate_coverage = models.Constraint(
        "CHECK(gate_coverage BETWEEN 0 AND 100)", "The share of answers goes from 0 to 100 %."
    )

    @api.constrains("phase", "active")
    def _check_stage_after_go_live(self):
        """Adoption does not end at go-live, so neither may the catalogue."""
        if not self.search_count([("phase", "=", "after")], limit=1):
            raise ValidationError(
                self.env._(
                    "Customers succeed after go-live: keep at least one active stage in the phase "
                    "“After go-live”."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """A stage that customers stand in, or once stood in, is part of their history."""
        moves = self.env["customer.success.stage.move"].sudo()
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        for stage in self:
            used = fields.Domain("stage_id", "=", stage.id) | fields.Domain(
                "from_stage_id", "=", stage.id
            )
            if partners.search_count([("success_stage_id", "=", stage.id)], limit=1):
                reason = self.env._("customers stand in it")
            elif moves.search_count(used, limit=1):
                reason = self.env._("customers have been in it")
            else:
                continue
            raise UserError(
                self.env._(
                    "“%(stage)s” cannot be deleted: %(reason)s. Archive it, and nobody enters it anymore.",
                    stage=stage.name,
                    reason=reason,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last_after_go_live(self):
        if not self.search_count([("phase", "=", "after"), ("id", "not in", self.ids)], limit=1):
            raise ValidationError(
                self.env._(
                    "You cannot delete the last stage after go-live: adoption does not end there."
                )
            )

    def _is_after(self, other):
        """Whether this stage comes later than the other in the catalogue."""
        return (self.sequence, self.id) > (other.sequence, other.id)

    def _between(self, target):
        """The stages that a customer enters on its way from this one to ``target``, the latter included."""
        return self.search(fields.Domain.TRUE).filtered(
            lambda stage: stage._is_after(self) and not stage._is_after(target)
        )
