from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring.rhythm import FIRST_FOLLOWED, LAST_TALK


class ResPartner(models.Model):
    """The last conversation with a customer, held against the rhythm of its segment."""

    _inherit = "res.partner"

    success_rhythm_days = fields.Integer(
        related="success_segment_id.rhythm_days",
        string="Rhythm (Days)",
        groups="customer_success.group_success_user",
    )
    success_last_talk_date = fields.Date(
        "Last Conversation",
        compute="_compute_success_last_talk",
        groups="customer_success.group_success_user",
        help="The last conversation on advice that was held and left a summary or an answer. Support and training do not count.",
    )
    success_days_without_talk = fields.Integer(
        "Days without a Conversation",
        compute="_compute_success_last_talk",
        groups="customer_success.group_success_user",
        help="The number of days since the last conversation; if there was none, since the customer is followed.",
    )
    success_talk_overdue = fields.Boolean(
        "No Conversation in Time",
        compute="_compute_success_talk_overdue",
        search="_search_success_talk_overdue",
        groups="customer_success.group_success_user",
        help="The last conversation is longer ago than the rhythm of the customer's segment.",
    )

    def _success_flush_talks(self):
        self.env["customer.success.interaction"].flush_model(
            ["partner_id", "date", "state", "is_advice", "summary"]
        )
        self.env["customer.success.answer"].flush_model(["interaction_id"])
        self.env["customer.success.stage.move"].flush_model(["partner_id", "date", "stage_id"])
        self.flush_model(["success_stage_id", "success_segment_id"])
        self.env["customer.success.segment"].flush_model(["rhythm_days"])

    @api.depends(
        "success_stage_id",
        "success_interaction_ids.state",
        "success_interaction_ids.date",
        "success_interaction_ids.summary",
        "success_stage_move_ids.date",
    )
    def _compute_success_last_talk(self):
        """Read both days of all customers in one query; other companies have none."""
        today = fields.Date.context_today(self)
        talks = self._success_talks(self.filtered("success_stage_id")._origin.ids)
        for partner in self:
            talk, followed = talks.get(partner._origin.id, (None, None))
            since = talk or followed
            partner.success_last_talk_date = talk
            partner.success_days_without_talk = (today - since).days if since else 0

    def _success_talks(self, ids):
        """Return ``{id: (last conversation, first day followed)}`` of customers."""
        if not ids:
            return {}
        self._success_flush_talks()
        scope = "= ANY(%s)"
        rows = self.env.execute_query(
            SQL(
                """SELECT p.id, talk.date, followed.date
                     FROM res_partner p
                LEFT JOIN (%(talk)s) talk ON talk.partner_id = p.id
                LEFT JOIN (%(followed)s) followed ON followed.partner_id = p.id
                    WHERE p.id = ANY(%(ids)s)""",
                talk=SQL(LAST_TALK.replace("IN_SCOPE", scope), ids),
                followed=SQL(FIRST_FOLLOWED.replace("IN_SCOPE", scope), ids),
                ids=ids,
            )
        )
        return {row[0]: row[1:] for row in rows}

    @api.depends("success_stage_id", "success_rhythm_days", "success_days_without_talk")
    def _compute_success_talk_overdue(self):
        for partner in self:
            rhythm = partner.success_stage_id and partner.success_rhythm_days
            partner.success_talk_overdue = bool(
                rhythm and partner.success_days_without_talk > rhythm
            )

    def _search_success_talk_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_success_field("success_talk_overdue")
        self._success_flush_talks()
        scope = "= ANY(SELECT id FROM res_partner WHERE success_segment_id IS NOT NULL)"
        overdue = SQL(
            """(SELECT p.id
                  FROM res_partner p
                  JOIN customer_success_segment segment ON segment.id = p.success_segment_id
             LEFT JOIN (%(talk)s) talk ON talk.partner_id = p.id
             LEFT JOIN (%(followed)s) followed ON followed.partner_id = p.id
                 WHERE p.success_stage_id IS NOT NULL
                   AND segment.rhythm_days > 0
                   AND COALESCE(talk.date, followed.date) + segment.rhythm_days < %(today)s)""",
            talk=SQL(LAST_TALK.replace("IN_SCOPE", scope)),
            followed=SQL(FIRST_FOLLOWED.replace("IN_SCOPE", scope)),
            today=fields.Date.context_today(self),
        )
        return [("id", "in" if True in value else "not in", overdue)]

    @api.depends("success_talk_overdue")
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        if self.success_talk_overdue:
            lines.append(
                self.env._(
                    "No conversation for %(days)d days: the rhythm of the segment “%(segment)s” is %(rhythm)d days.",
                    days=self.success_days_without_talk,
                    segment=self.success_segment_id.sudo().name,
                    rhythm=self.success_rhythm_days,
                )
            )
        return lines
