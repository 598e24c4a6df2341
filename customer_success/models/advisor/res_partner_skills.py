from odoo import api, fields, models
from odoo.tools import format_date

# The number of levels from which on a gap needs attention although its step is not overdue.
WIDE = 2


class ResPartner(models.Model):
    """The gaps in the skills of a customer's team that need attention."""

    _inherit = "res.partner"

    @api.depends(
        "success_skill_rating_ids.gap",
        "success_skill_rating_ids.is_current",
        "success_skill_rating_ids.closes_gap",
        "success_skill_rating_ids.date_due",
    )
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        return super()._success_attention_lines() + self._success_skill_gaps()

    def _success_skill_gaps(self):
        """Return a sentence for each wide gap, and for each gap whose step is overdue."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        lines = []
        for rating in self.success_skill_rating_ids.filtered(
            lambda one: one.gap and one.is_current
        ):
            values = {
                "skill": rating.skill_id.name,
                "rating": rating.rating,
                "target": rating.target,
                "step": rating.closes_gap,
                "day": rating.date_due and format_date(self.env, rating.date_due),
            }
            if not rating.closes_gap:
                lines.append(
                    self.env._(
                        "Skill gap: “%(skill)s” is at %(rating)s of the %(target)s needed, and nothing is planned to close it.",
                        **values,
                    )
                )
            elif rating.date_due and rating.date_due < today:
                lines.append(
                    self.env._(
                        "Skill gap: “%(skill)s” is at %(rating)s of the %(target)s needed. This was due on %(day)s: %(step)s",
                        **values,
                    )
                )
            elif rating.gap >= WIDE:
                lines.append(
                    self.env._(
                        "Skill gap: “%(skill)s” is at %(rating)s of the %(target)s needed. Next: %(step)s",
                        **values,
                    )
                )
        return lines
