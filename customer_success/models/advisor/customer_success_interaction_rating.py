from odoo import api, fields, models
from odoo.exceptions import UserError

from ..common.known_float import KnownFloat
from .customer_success_interaction import ADVICE

QUALITY = [
    ("1", "1 - They were polite"),
    ("2", "2 - They told how it goes"),
    ("3", "3 - They saw something new"),
    ("4", "4 - They decided something"),
    ("5", "5 - They changed something"),
]
FOCUS = [
    ("1", "1 - Functions of the product"),
    ("2", "2 - Mostly the product"),
    ("3", "3 - Half and half"),
    ("4", "4 - Mostly obstacles"),
    ("5", "5 - What stands in their way"),
]
# The share of a conversation that was about features of the product, by its focus.
ON_FEATURES = {"1": 100.0, "2": 100.0, "3": 50.0, "4": 0.0, "5": 0.0}
SHORTEST = 5  # minutes; a shorter one was no conversation


class CustomerSuccessInteraction(models.Model):
    """A conversation that is rated when it is logged, as numbers that lists and reports average.

    What is not rated is unknown and stays out of the averages, and so does a conversation without content.
    """

    _inherit = "customer.success.interaction"

    # Content
    has_content = fields.Boolean(
        "With Content",
        compute="_compute_has_content",
        store=True,
        help="A conversation on advice that was held, lasted five minutes at least and left a summary or an answer. "
        "Others are kept, but count neither for the rhythm nor in averages.",
    )

    # Quality and focus
    quality = fields.Selection(
        QUALITY, tracking=True, help="Rate how good the conversation was: what did it lead to?"
    )
    focus = fields.Selection(
        FOCUS,
        tracking=True,
        help="Rate what it was about: functions of the product, or what stands in their way.",
    )
    quality_rating = KnownFloat(
        "Quality (1 to 5)",
        compute="_compute_ratings",
        store=True,
        digits=(3, 1),
        help="The average leaves out conversations that were not rated or have no content.",
    )
    focus_rating = KnownFloat(
        "Focus (1 to 5)",
        compute="_compute_ratings",
        store=True,
        digits=(3, 1),
        help="From 1 (functions of the product) to 5 (what stands in their way).",
    )
    feature_share = KnownFloat(
        "On Features %",
        compute="_compute_ratings",
        store=True,
        digits=(5, 1),
        help="The percentage of conversations about features of the product instead of obstacles; half and half counts as half.",
    )

    # Proactive
    proactive = fields.Boolean(
        compute="_compute_proactive",
        store=True,
        help="It was planned: an activity, a meeting or the conversation itself was there before it took place.",
    )
    proactive_by_hand = fields.Selection(
        [("yes", "Proactive"), ("no", "Reactive")],
        "Set by Hand",
        tracking=True,
        copy=False,
        help="Choose this only if the plan does not say how it was. Leave it empty to derive it from what was planned.",
    )
    proactive_share = KnownFloat(
        "Proactive %",
        compute="_compute_ratings",
        store=True,
        digits=(5, 1),
        help="The percentage of conversations with content that were planned.",
    )
    planned_on = fields.Date("Planned Since", compute="_compute_planned_on")

    @api.depends("state", "kind", "duration", "summary", "answer_ids.not_asked_reason")
    def _compute_has_content(self):
        for talk in self:
            talk.has_content = talk.state == "held" and talk._would_count()

    def _would_count(self, *said):
        """Return True if it counts as a conversation on advice once it is held.

        ``said`` are the summary and the hours that a dialog is about to write, else those of the record.
        """
        self.ensure_one()
        summary, hours = said or (self.summary, self.duration)
        return (
            self.kind in ADVICE
            and round(hours * 60) >= SHORTEST
            and (any(sign.isalnum() for sign in summary or "") or self._is_answered())
        )

    def _check_long_enough(self):
        """Refuse good answers from a conversation that was too short to ask anything, and ask what a meeting leaves open."""
        self.ensure_one()
        event = self.sudo().event_id
        if event and not self.duration and event._success_hours_are_open():
            raise UserError(
                self.env._(
                    "The meeting “%s” does not say how long you talked: enter the hours of the conversation.",
                    event.display_name,
                )
            )
        good = self.line_ids.filtered(
            lambda line: line.signal in ("strength", "neutral") or (line.rating or "0") >= "3"
        )
        if good and round(self.duration * 60) < SHORTEST:
            raise UserError(
                self.env._(
                    "Good answers need a conversation: enter how long it took, %d minutes at least.",
                    SHORTEST,
                )
            )

    def _is_answered(self):
        """Return True if the customer answered a question, or will have once it is logged."""
        if any(not answer.not_asked_reason for answer in self.answer_ids):
            return True
        return self.state != "held" and any(line.signal or line.rating for line in self.line_ids)

    @api.depends("has_content", "quality", "focus", "proactive")
    def _compute_ratings(self):
        for talk in self:
            counts = talk.has_content
            talk.quality_rating = counts and talk.quality and float(talk.quality)
            talk.focus_rating = counts and talk.focus and float(talk.focus)
            talk.feature_share = counts and talk.focus and ON_FEATURES[talk.focus]
            talk.proactive_share = counts and 100.0 * talk.proactive

    @api.depends("proactive_by_hand", "activity_id", "event_id", "date")
    def _compute_proactive(self):
        for talk in self:
            talk.proactive = (
                talk.proactive_by_hand == "yes"
                if talk.proactive_by_hand
                else talk._planned_on() is not None
            )

    @api.depends("activity_id", "event_id", "date")
    def _compute_planned_on(self):
        for talk in self:
            talk.planned_on = talk._planned_on()

    def _planned_on(self):
        """Return the day since which it was planned, or None if nothing was there before it took place.

        A meeting may be arranged on the same day; an activity or a conversation must be there a day before.
        """
        self.ensure_one()
        talk, days = self.sudo(), []
        if talk.activity_id.exists():
            days.append(self._day(talk.activity_id))
        if talk._origin.id:
            days.append(self._day(talk._origin))
        days = [day for day in days if talk.date and day < talk.date]
        event = talk.event_id
        if event and event.create_date and self._is_before(event):
            days.append(min(self._day(event), talk.date or self._day(event)))
        return min(days, default=None)

    def _is_before(self, event):
        """Return True if a meeting was arranged before it began; one that lasts all day begins with its day."""
        if event.allday:
            return self._day(event) < event.start_date
        return event.create_date < event.start

    def _day(self, record):
        """Return the day on which a record was created, in the user's time zone."""
        made = record.create_date or fields.Datetime.now()
        return fields.Datetime.context_timestamp(self, made).date()

    # ------------------------------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._by_hand(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._by_hand(vals))

    @api.model
    def _by_hand(self, vals):
        """Read what a file or another program says about ``proactive`` as set by hand."""
        if "proactive" not in vals:
            return vals
        rest = {name: value for name, value in vals.items() if name != "proactive"}
        return {"proactive_by_hand": "yes" if vals["proactive"] else "no", **rest}

    # ------------------------------------------------------------------------------------------
    # Log
    # ------------------------------------------------------------------------------------------

    def action_open_log(self):
        """Open the dialog that asks for the rating of a conversation on advice; log others at once."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "held" or self.kind not in ADVICE:
            return self.action_log()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log Conversation"),
            "res_model": "customer.success.log",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_interaction_id": self.id},
        }

    def _check_contact(self):
        """Refuse a conversation with nobody at a customer whose people are known."""
        for talk in self:
            if (
                talk.kind in ADVICE
                and talk._people()
                and not (talk.contact_ids or talk.line_ids.contact_id)
            ):
                raise UserError(
                    self.env._(
                        "Say with whom you talked: choose at least one contact of %s under With.",
                        talk.partner_id.display_name,
                    )
                )

    def _people(self):
        """Return the contacts at the customer."""
        return self.env["res.partner"].search(
            [("commercial_partner_id", "=", self.partner_id.id), ("id", "!=", self.partner_id.id)],
            limit=1,
        )
