from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring.people import IS_HERE, LAST_SIGN, QUIET_DAYS, QUIET_SINCE
from ..customer.customer_success_stakeholder import AGAINST, NEEDED_ROLES

# The roles of leaders, to whom the CSM's role is explained.
LEADERS = ("sponsor", "decision_maker")


class CustomerSuccessStakeholder(models.Model):
    """The conversations with a stakeholder: the last one, silence, and the one that explained the CSM's role."""

    _inherit = "customer.success.stakeholder"

    last_talk_date = fields.Date(
        "Last Conversation",
        compute="_compute_last_talk_date",
        help="The last conversation with this person that left a summary or an answer, or the last answer they gave.",
    )
    is_silent = fields.Boolean(
        compute="_compute_is_silent",
        search="_search_is_silent",
        help="A sponsor or champion not heard from for a long time, and not away.",
    )
    role_explained_date = fields.Date(
        "CSM's Role Explained On",
        compute="_compute_role_explained_date",
        help="The last conversation with this person in which the CSM's role was explained.",
    )
    role_due = fields.Boolean(
        "CSM's Role Not Explained",
        compute="_compute_role_due",
        search="_search_role_due",
        help="A sponsor or decision maker who was named and to whom nobody has explained the CSM's role yet.",
    )
    needs_attention = fields.Boolean(
        compute="_compute_needs_attention",
        search="_search_needs_attention",
        help="A sponsor or champion who has left, is opposed or silent, or a next step that is overdue.",
    )

    def _flush_talks(self):
        self.env["customer.success.interaction"].flush_model(
            ["partner_id", "date", "state", "summary", "contact_ids", "role_explained"]
        )
        self.env["customer.success.answer"].flush_model(
            ["interaction_id", "contact_id", "partner_id", "date", "not_asked_reason"]
        )
        self.env["customer.success.segment"].flush_model(["rhythm_days"])
        self.env["res.partner"].flush_model(
            ["active", "commercial_partner_id", "success_segment_id"]
        )
        self.flush_model()

    @api.depends("contact_id", "partner_id")
    def _compute_last_talk_date(self):
        self._flush_talks()
        found = dict(
            self.env.execute_query(
                SQL(
                    f"""SELECT stakeholder.id, {LAST_SIGN}
                          FROM customer_success_stakeholder stakeholder
                         WHERE stakeholder.id = ANY(%s)""",
                    self._origin.ids,
                )
            )
        )
        for stakeholder in self:
            stakeholder.last_talk_date = found.get(stakeholder._origin.id, False)

    @api.depends("contact_id", "partner_id", "role", "away_until")
    def _compute_is_silent(self):
        silent = self._found("is_silent")
        for stakeholder in self:
            stakeholder.is_silent = stakeholder._origin in silent

    def _search_is_silent(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._flush_talks()
        days = self.env["customer.success.settings"]._limit("person_silent_days")
        silent = SQL(
            f"""(SELECT stakeholder.id
                   FROM customer_success_stakeholder stakeholder
                   JOIN res_partner contact ON contact.id = stakeholder.contact_id
                   JOIN res_partner customer ON customer.id = stakeholder.partner_id
              LEFT JOIN customer_success_segment segment ON segment.id = customer.success_segment_id
                  WHERE stakeholder.role = ANY(%(roles)s)
                    AND {IS_HERE}
                    AND {QUIET_SINCE} + {QUIET_DAYS} < %(today)s)""",
            roles=list(NEEDED_ROLES),
            person_silent_days=int(days),
            today=fields.Date.context_today(self),
        )
        return [("id", "in" if True in value else "not in", silent)]

    @api.depends("contact_id", "partner_id")
    def _compute_role_explained_date(self):
        explained = (
            self.env["customer.success.interaction"]
            .sudo()
            ._read_group(
                [
                    ("state", "=", "held"),
                    ("role_explained", "=", True),
                    ("contact_ids", "in", self.contact_id.ids),
                ],
                ["partner_id", "contact_ids"],
                ["date:max"],
            )
        )
        found = {(partner.id, contact.id): day for partner, contact, day in explained}
        for stakeholder in self:
            key = stakeholder.partner_id._origin.id, stakeholder.contact_id._origin.id
            stakeholder.role_explained_date = found.get(key, False)

    @api.depends("contact_id", "partner_id", "role", "date")
    def _compute_role_due(self):
        due = self._found("role_due")
        for stakeholder in self:
            stakeholder.role_due = stakeholder._origin in due

    def _search_role_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._flush_talks()
        due = SQL(
            f"""(SELECT stakeholder.id
                   FROM customer_success_stakeholder stakeholder
                   JOIN res_partner contact ON contact.id = stakeholder.contact_id
                  WHERE stakeholder.role = ANY(%s)
                    AND stakeholder.date IS NOT NULL
                    AND {IS_HERE}
                    AND NOT EXISTS (SELECT
                                      FROM customer_success_interaction_contact_rel rel
                                      JOIN customer_success_interaction talk ON talk.id = rel.interaction_id
                                     WHERE rel.contact_id = stakeholder.contact_id
                                       AND talk.partner_id = stakeholder.partner_id
                                       AND talk.state = 'held'
                                       AND talk.role_explained))""",
            list(LEADERS),
        )
        return [("id", "in" if True in value else "not in", due)]

    @api.depends("contact_id", "partner_id", "role", "willingness", "away_until")
    def _compute_needs_attention(self):
        found = self._found("needs_attention")
        for stakeholder in self:
            stakeholder.needs_attention = stakeholder._origin in found

    def _search_needs_attention(self, operator, value):
        if operator != "in":
            return NotImplemented
        needed = fields.Domain("role", "in", NEEDED_ROLES) & fields.Domain.OR(
            [
                [("is_gone", "=", True)],
                [("willingness", "in", AGAINST)],
                [("is_silent", "=", True)],
            ]
        )
        overdue = fields.Domain("next_step_date", "<", fields.Date.context_today(self))
        found = needed | (overdue & fields.Domain("is_gone", "=", False))
        return found if True in value else ~found

    def _found(self, name):
        """Return those of these stakeholders for which the search by a field of this name holds."""
        known = self._origin
        return known and self.search([("id", "in", known.ids), (name, "=", True)])
