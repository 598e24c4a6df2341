from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..common.known_float import KnownFloat

# Kinds that are a CSM's work, kinds that are handed off to others, and talks within our own company.
ADVICE = ("advisory", "review", "check_in", "handover")
LEAKED = ("support", "training", "communication", "requirements")
INTERNAL = ("internal",)
KINDS = [
    ("advisory", "Advice"),
    ("review", "Business Review"),
    ("check_in", "Check-In"),
    ("handover", "Handover"),
    ("support", "Support"),
    ("training", "Training"),
    ("communication", "Broadcast"),
    ("requirements", "Requirements and Go-Live"),
    ("internal", "Inside Our Company"),
]
SCALE = [("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5")]
LONGEST = 24 * 7  # hours
# The fields that no longer change once a conversation was held.
SAID = {"line_ids", "partner_id", "kind", "date", "contact_ids", "handoff_user_id", "duration"}


class CustomerSuccessInteraction(models.Model):
    """A conversation: prepared with the questions that are due, logged with their answers."""

    _name = "customer.success.interaction"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Conversation"
    _order = "date desc, id desc"

    name = fields.Char(compute="_compute_name")
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        index=True,
        ondelete="cascade",
        domain=[("success_stage_id", "!=", False)],
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, readonly=True
    )
    date = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    user_id = fields.Many2one(
        "res.users",
        "CSM",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        tracking=True,
        domain=[("share", "=", False)],
    )
    contact_ids = fields.Many2many(
        "res.partner",
        relation="customer_success_interaction_contact_rel",
        column1="interaction_id",
        column2="contact_id",
        string="With",
        domain="[('commercial_partner_id', '=', partner_id)]",
    )
    kind = fields.Selection(KINDS, required=True, default="advisory", tracking=True)
    is_advice = fields.Boolean(compute="_compute_is_advice", store=True)
    is_leaked = fields.Boolean(compute="_compute_is_advice", store=True)
    duration = fields.Float("Hours", default=0.5, aggregator="sum")
    advice_hours = fields.Float("Hours on Advice", compute="_compute_hours", store=True)
    leaked_hours = fields.Float("Hours Leaked", compute="_compute_hours", store=True)
    advice_share = KnownFloat(
        "Time on Advice %",
        compute="_compute_hours",
        store=True,
        digits=(5, 1),
        help="The percentage of hours with customers that was spent on advice. For several conversations it is weighted by their hours.",
    )
    summary = fields.Text()
    state = fields.Selection(
        [("planned", "Planned"), ("held", "Held")],
        required=True,
        default="planned",
        tracking=True,
        copy=False,
    )
    event_id = fields.Many2one(
        "calendar.event", "Meeting", index="btree_not_null", ondelete="set null", copy=False
    )
    activity_id = fields.Many2one("mail.activity", ondelete="set null", copy=False)
    line_ids = fields.One2many(
        "customer.success.interaction.line", "interaction_id", "Questions", copy=False
    )
    answer_ids = fields.One2many("customer.success.answer", "interaction_id", readonly=True)
    handoff_target = fields.Char(
        "Goes To",
        compute="_compute_handoff_target",
        help="Who receives this kind of work, as it is set under Configuration, Hand-Offs.",
    )
    handoff_user_id = fields.Many2one(
        "res.users",
        "Hand On To",
        copy=False,
        domain=[("share", "=", False)],
        help="Choose who takes over this work, as nobody is set for its kind.",
    )
    handed_to = fields.Char("Handed On To", readonly=True, copy=False, tracking=True)

    _check_duration = models.Constraint(
        f"CHECK(duration >= 0 AND duration <= {LONGEST})",
        "The duration of a conversation must be between 0 and 168 hours.",
    )
    _held_idx = models.Index("(partner_id, date DESC) WHERE state = 'held'")

    @api.depends("partner_id.name", "kind", "date")
    @api.depends_context("lang")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for interaction in self:
            who = interaction.partner_id.name or interaction.company_id.name or ""
            interaction.name = f"{kinds.get(interaction.kind, '')}: {who}"

    @api.depends("partner_id.company_id", "user_id.company_id")
    def _compute_company_id(self):
        for interaction in self:
            interaction.company_id = (
                interaction.partner_id.company_id
                if interaction.partner_id
                else interaction.user_id.company_id
            )

    @api.depends("kind")
    def _compute_is_advice(self):
        for interaction in self:
            interaction.is_advice = interaction.kind in ADVICE
            interaction.is_leaked = interaction.kind in LEAKED

    @api.depends("kind", "duration", "state", "has_content")
    def _compute_hours(self):
        """Count the hours on advice and those leaked; a conversation on advice that left nothing counts as neither."""
        for interaction in self:
            advice = interaction.kind in ADVICE and (
                interaction.state != "held" or interaction.has_content
            )
            leaked = interaction.kind in LEAKED
            interaction.advice_hours = interaction.duration if advice else 0
            interaction.leaked_hours = interaction.duration if leaked else 0
            interaction.advice_share = (advice or leaked) and 100.0 * advice

    @api.depends("kind", "company_id", "user_id.company_id")
    def _compute_handoff_target(self):
        handoffs = self.env["customer.success.handoff"]
        for interaction in self:
            interaction.handoff_target = interaction.kind in LEAKED and (
                handoffs._of(interaction.kind, interaction._company())._receivers()
            )

    def _read_group_select(self, aggregate_spec, query):
        """Average the share of time over several conversations by their hours, not by their number."""
        if aggregate_spec == "advice_share:avg":
            advice, leaked = (
                self._field_to_sql(self._table, name, query)
                for name in ("advice_hours", "leaked_hours")
            )
            return SQL(
                "round((100 * SUM(%s) / NULLIF(SUM(%s) + SUM(%s), 0))::numeric, 1)",
                advice,
                advice,
                leaked,
            )
        return super()._read_group_select(aggregate_spec, query)

    # ------------------------------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------------------------------

    @api.constrains("kind", "partner_id", "contact_ids")
    def _check_people(self):
        for interaction in self:
            if not interaction.partner_id and interaction.kind not in INTERNAL:
                raise ValidationError(self.env._("Choose the customer of the conversation."))
            strangers = interaction.contact_ids.filtered(
                lambda contact, customer=interaction.partner_id: (
                    contact.commercial_partner_id != customer
                )
            )
            if interaction.partner_id and strangers:
                raise ValidationError(
                    self.env._(
                        "%(contact)s does not belong to %(customer)s.",
                        contact=strangers[0].display_name,
                        customer=interaction.partner_id.display_name,
                    )
                )

    @api.constrains("state", "date")
    def _check_date(self):
        for interaction in self:
            if interaction.state == "held" and interaction.date > fields.Date.context_today(self):
                raise ValidationError(
                    self.env._("A conversation in the future cannot be logged as held.")
                )

    # ------------------------------------------------------------------------------------------
    # Prepare
    # ------------------------------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """Fill a new conversation with the questions that are due for its customer."""
        values = super().default_get(fields)
        partner = self.env["res.partner"].browse(values.get("partner_id"))
        if "line_ids" in fields and partner and "line_ids" not in values:
            contacts = self._default_contacts(values)
            values["line_ids"] = self.env["customer.success.interaction.line"]._due_lines(
                partner, contacts
            )
        return values

    @api.model
    def _default_contacts(self, values):
        ids = {id_ for command in values.get("contact_ids") or () for id_ in _linked(command)}
        return self.env["res.partner"].browse(ids)

    @api.onchange("partner_id", "contact_ids")
    def _onchange_people(self):
        """Load the questions that are due for these people; keep lines with an answer."""
        if self.state != "planned" or not self.partner_id:
            return
        lines = self.env["customer.success.interaction.line"]
        written = self.line_ids.filtered("is_written")
        if self._origin and written:
            return
        due = lines._due_lines(self.partner_id, self.contact_ids._origin)
        asked = set(written.question_id.ids)
        self.line_ids = written
        self.line_ids += sum(
            (lines.new(command[2]) for command in due if command[2]["question_id"] not in asked),
            lines,
        )

    # ------------------------------------------------------------------------------------------
    # Log
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_state")
        held = [vals.get("state", default) == "held" for vals in vals_list]
        if not self.env.su:
            vals_list = [{**vals, "handed_to": False} for vals in vals_list]
        if not self.env.su and any(held):
            interactions = super().create([{**vals, "state": "planned"} for vals in vals_list])
            interactions.browse(
                [one.id for one, is_held in zip(interactions, held) if is_held]
            ).action_log()
            return interactions
        return super().create(vals_list)

    def write(self, vals):
        if "state" in vals and not self.env.su:
            raise UserError(
                self.env._("Use the Log button to log the conversation together with its answers.")
            )
        if "handed_to" in vals and not self.env.su:
            raise UserError(self.env._("Use the Hand On button to hand the conversation on."))
        if SAID & vals.keys() and not self.env.su and "held" in self.mapped("state"):
            raise UserError(
                self.env._(
                    "A conversation that was held can no longer be changed. Log a new conversation, or correct an answer."
                )
            )
        result = super().write(vals)
        if {"partner_id", "user_id"} & vals.keys():
            # Record rules were checked on the old values; check them on the new values as well.
            self.check_access("write")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_answered(self):
        if self.sudo().answer_ids:
            raise UserError(
                self.env._(
                    "A conversation with answers cannot be deleted: the answers are part of the customer's history."
                )
            )

    def action_log(self):
        """Log the conversation as held: turn its lines into answers, and hand on other teams' work.

        Return the dialog that asks who takes the work over, if it was handed on to nobody.
        """
        self.check_access("write")
        logged = self.filtered(lambda one: one.state == "planned")
        for interaction in logged:
            interaction._check_long_enough()
            interaction.line_ids._become_answers()
            interaction.sudo().state = "held"
            if interaction.is_leaked:
                interaction._hand_on(interaction.handoff_user_id)
            if interaction.activity_id.exists():
                interaction.activity_id.action_feedback(
                    feedback=interaction.summary or interaction.name
                )
        left = logged._not_handed_on()
        return left.action_hand_on() if left else True

    def _not_handed_on(self):
        """Return the held conversations about other teams' work that nobody received."""
        return self.filtered(
            lambda one: one.state == "held" and one.is_leaked and not one.handed_to
        )

    def action_hand_on(self):
        """Open the dialog that hands on those of these conversations that nobody received."""
        left = self._not_handed_on()
        if not left:
            raise UserError(
                self.env._(
                    "There is nothing to hand on: only conversations about other teams' work that were logged "
                    "and that nobody received can be handed on."
                )
            )
        left.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand On"),
            "res_model": "customer.success.hand.on",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_interaction_ids": left.ids},
        }

    def _company(self):
        """Return the company whose hand-offs apply."""
        return self.company_id or self.user_id.company_id

    def _hand_on(self, user=None):
        """Hand a conversation on to this user, else to whom is set for its kind; return who received it.

        Where nobody is set, nothing is handed on, and the chatter says so.
        """
        self.ensure_one()
        handoffs = self.env["customer.success.handoff"]
        target = handoffs._to(user, self) if user else handoffs._of(self.kind, self._company())
        handed_to = target and target._take(self)
        if handed_to:
            self.sudo().handed_to = handed_to
        else:
            self.message_post(
                body=self.env._(
                    "Nobody received this work, because no hand-off is set for it. Choose a person with the "
                    "Hand On button, or ask a manager to add one under Configuration, Hand-Offs."
                )
            )
        return handed_to

    def _not_received(self, email, reason):
        """Take an address that a mail could not be sent to off those who received the work, and tell the CSM."""
        self.ensure_one()
        left = [name for name in self.handed_to.split(", ") if name != email]
        if ", ".join(left) == self.handed_to:
            return
        self.handed_to = ", ".join(left)
        self.message_post(
            body=self.env._(
                "The mail to %(email)s could not be sent: %(reason)s",
                email=email,
                reason=reason or "?",
            ),
            partner_ids=self.user_id.partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )

    def action_open_answers(self):
        """Open the answers of this conversation."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.customer_success_answer_action"
        )
        return {**action, "domain": [("interaction_id", "=", self.id)], "context": {}}


def _linked(command):
    """Return the ids that an x2many command links."""
    if isinstance(command, int):
        return (command,)
    return {4: (command[1],), 6: command[2] if len(command) > 2 else ()}.get(command[0], ())
