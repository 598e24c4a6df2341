from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, sql

from ...scoring.counted import say_days
from ...scoring.rhythm import FIRST_FOLLOWED, LAST_TALK, RHYTHM_DAYS, rhythm

# The longest time for which a customer may ask for quiet, in days: a year end or a busy season, not for good.
LONGEST_QUIET = 120
COMPARED = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">="), "in": SQL("IN")}


class ResPartner(models.Model):
    """The last conversation with a customer, compared with its own rhythm, else that of its segment or stage."""

    _inherit = "res.partner"

    success_own_rhythm_days = fields.Integer(
        "Own Rhythm (Days)",
        tracking=True,
        copy=False,
        groups="customer_success.group_success_user",
        help="The longest time without a conversation for this customer. Use 0 for the rhythm of its segment, else of its stage.",
    )
    success_rhythm_days = fields.Integer(
        "Rhythm (Days)",
        compute="_compute_success_rhythm",
        groups="customer_success.group_success_user",
        help="The longest time without a conversation: of the customer itself, else of its segment, else of its stage.",
    )
    success_rhythm_source = fields.Selection(
        [
            ("customer", "set for this customer"),
            ("segment", "of the segment"),
            ("stage", "of the stage"),
        ],
        "Rhythm From",
        compute="_compute_success_rhythm",
        groups="customer_success.group_success_user",
    )
    success_quiet_until = fields.Date(
        "Quiet Until",
        tracking=True,
        copy=False,
        groups="customer_success.group_success_user",
        help="The customer asked not to be contacted until this day, for example during its year end. No conversation is missing until then.",
    )
    success_quiet_reason = fields.Char(
        "Reason for Quiet", copy=False, groups="customer_success.group_success_user"
    )
    # What people log sets it, in their own transaction; no job writes it.
    success_last_talk_date = fields.Date(
        "Last Conversation",
        compute="_compute_success_last_talk_date",
        store=True,
        groups="customer_success.group_success_user",
        help="The last conversation on advice that was held, lasted five minutes at least and left a summary or an answer. Support and training do not count.",
    )
    success_days_without_talk = fields.Integer(
        "Days without a Conversation",
        compute="_compute_success_days_without_talk",
        search="_search_success_days_without_talk",
        groups="customer_success.group_success_user",
        help="The number of days since the last conversation; if there was none, since the customer is followed.",
    )
    success_talk_overdue = fields.Boolean(
        "No Conversation in Time",
        compute="_compute_success_talk_overdue",
        search="_search_success_talk_overdue",
        groups="customer_success.group_success_user",
        help="The last conversation is longer ago than the rhythm of the customer, and it did not ask for quiet.",
    )

    _check_success_own_rhythm_days = models.Constraint(
        "CHECK(success_own_rhythm_days BETWEEN 0 AND 3650)",
        "The rhythm of a customer must be between 0 and 3650 days.",
    )

    def _auto_init(self):
        """Add the column empty while there are no conversations: partners need not be written one by one."""
        cr = self.env.cr
        if not sql.table_exists(cr, "customer_success_interaction") and not sql.column_exists(
            cr, self._table, "success_last_talk_date"
        ):
            sql.create_column(cr, self._table, "success_last_talk_date", "date")
        return super()._auto_init()

    @api.constrains("success_quiet_until", "success_quiet_reason")
    def _check_success_quiet(self):
        latest = fields.Date.add(fields.Date.context_today(self), days=LONGEST_QUIET)
        for partner in self.filtered("success_quiet_until"):
            if partner.success_quiet_until > latest:
                raise ValidationError(
                    self.env._(
                        "Quiet can be agreed for %d days at most. Give the customer a rhythm of its own if it wants fewer conversations.",
                        LONGEST_QUIET,
                    )
                )
            if not (partner.success_quiet_reason or "").strip():
                raise ValidationError(
                    self.env._("Say why the customer asked for quiet, for example its year end.")
                )

    # ------------------------------------------------------------------------------------------
    # Rhythm and last conversation
    # ------------------------------------------------------------------------------------------

    @api.depends(
        "success_own_rhythm_days", "success_segment_id.rhythm_days", "success_stage_id.rhythm_days"
    )
    def _compute_success_rhythm(self):
        for partner in self:
            partner.success_rhythm_days, partner.success_rhythm_source = rhythm(
                partner.success_own_rhythm_days,
                partner.sudo().success_segment_id.rhythm_days,
                partner.sudo().success_stage_id.rhythm_days,
            )

    @api.depends("success_interaction_ids.has_content", "success_interaction_ids.date")
    def _compute_success_last_talk_date(self):
        """Read the last conversation of all of them in one query."""
        talks = self.env["customer.success.interaction"]
        talks.flush_model(["partner_id", "date", "has_content"])
        last = dict(
            self.env.execute_query(
                SQL(LAST_TALK.replace("IN_SCOPE", "= ANY(%s)"), self._origin.ids)
            )
        )
        for partner in self:
            partner.success_last_talk_date = last.get(partner._origin.id)

    @api.depends(
        "success_stage_id",
        "success_former_date",
        "success_last_talk_date",
        "success_stage_move_ids.date",
    )
    def _compute_success_days_without_talk(self):
        today = fields.Date.context_today(self)
        customers = self.filtered(lambda p: p.success_stage_id and not p.success_former_date)
        followed = {}
        if silent := customers.filtered(lambda partner: not partner.success_last_talk_date):
            self.env["customer.success.stage.move"].flush_model(["partner_id", "date", "stage_id"])
            scope = FIRST_FOLLOWED.replace("IN_SCOPE", "= ANY(%s)")
            followed = dict(self.env.execute_query(SQL(scope, silent._origin.ids)))
        for partner in self:
            since = partner in customers and (
                partner.success_last_talk_date or followed.get(partner._origin.id)
            )
            partner.success_days_without_talk = (today - since).days if since else 0

    @api.depends(
        "success_stage_id",
        "success_rhythm_days",
        "success_days_without_talk",
        "success_quiet_until",
        "success_former_date",
    )
    def _compute_success_talk_overdue(self):
        today = fields.Date.context_today(self)
        for partner in self:
            is_current = partner.success_stage_id and not partner.success_former_date
            days = is_current and partner.success_rhythm_days
            quiet = partner.success_quiet_until and partner.success_quiet_until >= today
            partner.success_talk_overdue = bool(
                days and not quiet and partner.success_days_without_talk > days
            )

    # ------------------------------------------------------------------------------------------
    # Search
    # ------------------------------------------------------------------------------------------

    def _success_silent(self, condition):
        """Return the SQL of the customers for which a condition on ``since``, ``p``, ``segment`` and ``stage`` holds."""
        self.env["customer.success.stage.move"].flush_model(["partner_id", "date", "stage_id"])
        self.env["customer.success.segment"].flush_model(["rhythm_days"])
        self.env["customer.success.stage"].flush_model(["rhythm_days"])
        self.flush_model(
            [
                "success_stage_id",
                "success_segment_id",
                "success_own_rhythm_days",
                "success_quiet_until",
                "success_last_talk_date",
                "success_former_date",
            ]
        )
        return SQL(
            """(SELECT p.id
                  FROM res_partner p
                  JOIN customer_success_stage stage ON stage.id = p.success_stage_id
             LEFT JOIN customer_success_segment segment ON segment.id = p.success_segment_id
             LEFT JOIN (%(followed)s) followed ON followed.partner_id = p.id
                 WHERE p.success_former_date IS NULL
                   AND %(condition)s)""",
            followed=SQL(FIRST_FOLLOWED.replace("IN_SCOPE", "IS NOT NULL")),
            condition=condition,
        )

    def _search_success_days_without_talk(self, operator, value):
        if operator not in COMPARED:
            return NotImplemented
        self._check_success_field("success_days_without_talk")
        condition = SQL(
            "%s - COALESCE(p.success_last_talk_date, followed.date) %s %s",
            fields.Date.context_today(self),
            COMPARED[operator],
            tuple(value) if operator == "in" else value,
        )
        return [("id", "in", self._success_silent(condition))]

    def _search_success_talk_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_success_field("success_talk_overdue")
        condition = SQL(
            f"""COALESCE(p.success_last_talk_date, followed.date) + {RHYTHM_DAYS} < %(today)s
            AND COALESCE(p.success_quiet_until < %(today)s, TRUE)""",
            today=fields.Date.context_today(self),
        )
        return [("id", "in" if True in value else "not in", self._success_silent(condition))]

    # ------------------------------------------------------------------------------------------
    # Attention
    # ------------------------------------------------------------------------------------------

    @api.depends("success_talk_overdue")
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        if self.success_talk_overdue:
            lines.append(self._success_say_silence())
        return lines

    def _success_say_silence(self):
        """Return for how long there was no conversation, and whose rhythm that is held against."""
        said = {
            "days": say_days(self.env, self.success_days_without_talk),
            "rhythm": say_days(self.env, self.success_rhythm_days),
        }
        if self.success_rhythm_source == "customer":
            return self.env._(
                "No conversation for %(days)s: the rhythm of this customer is %(rhythm)s.",
                **said,
            )
        if self.success_rhythm_source == "segment":
            return self.env._(
                "No conversation for %(days)s: the rhythm of the segment “%(segment)s” is %(rhythm)s.",
                segment=self.success_segment_id.sudo().name,
                **said,
            )
        return self.env._(
            "No conversation for %(days)s: the rhythm of the stage “%(stage)s” is %(rhythm)s.",
            stage=self.success_stage_id.sudo().name,
            **said,
        )
