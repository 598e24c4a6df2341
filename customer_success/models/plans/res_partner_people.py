from odoo import api, fields, models
from odoo.tools import format_date

from ..customer.customer_success_stakeholder import AGAINST, NEEDED_ROLES, ROLES, UNSKILLED


class ResPartner(models.Model):
    """Sponsors, champions and leaders of a customer who need attention, with the reason."""

    _inherit = "res.partner"

    @api.depends(
        "success_stakeholder_ids.needs_attention",
        "success_stakeholder_ids.role_due",
        "success_stakeholder_ids.skills",
    )
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        for person in self.success_stakeholder_ids.filtered(lambda person: not person.is_gone):
            lines += self._success_person_lines(person)
        return lines

    def _success_person_lines(self, person):
        """Return a sentence for each reason why a stakeholder needs attention."""
        values = {
            "role": dict(ROLES)[person.role].lower(),
            "name": person.contact_id.name,
        }
        lines = []
        is_needed = person.role in NEEDED_ROLES
        if is_needed and person.willingness in AGAINST:
            day = person.willingness_date
            since = self.env._(" (seen on %s)", format_date(self.env, day)) if day else ""
            lines.append(
                self.env._(
                    "The %(role)s %(name)s is against it%(since)s. Find out the reason, or win somebody else.",
                    since=since,
                    **values,
                )
                if person.willingness == "1"
                else self.env._(
                    "The %(role)s %(name)s is reluctant%(since)s. Find out the reason.",
                    since=since,
                    **values,
                )
            )
        if person.is_silent:
            day = person.last_talk_date
            lines.append(
                self.env._(
                    "The %(role)s %(name)s has been silent since %(day)s. Call, or note until when they are away.",
                    day=format_date(self.env, day),
                    **values,
                )
                if day
                else self.env._(
                    "Nobody has talked with the %(role)s %(name)s yet. Arrange a first conversation.",
                    **values,
                )
            )
        if is_needed and person.skills in UNSKILLED:
            lines.append(
                self.env._(
                    "The skills of the %(role)s %(name)s are %(skills)s of 5. Agree on one thing to learn as a next step.",
                    skills=person.skills,
                    **values,
                )
            )
        if person.role_due:
            lines.append(
                self.env._(
                    "Explain your role to the %(role)s %(name)s, named on %(day)s: nobody has done it yet.",
                    day=format_date(self.env, person.date),
                    **values,
                )
            )
        return lines + self._success_step_lines(person)

    def _success_step_lines(self, person):
        day = person.next_step_date
        if not day or day >= fields.Date.context_today(self):
            return []
        return [
            self.env._(
                "The next step with %(name)s was due on %(day)s: %(step)s.",
                name=person.contact_id.name,
                day=format_date(self.env, day),
                step=person.next_step,
            )
        ]
