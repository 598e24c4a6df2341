from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import format_date

from .customer_success_answer import RATINGS, SIGNALS

# The reasons why a question is due, in the order in which to ask.
REASONS = [
    ("never", "Never Asked"),
    ("gone", "They Left"),
    ("never_them", "Never Asked Them"),
    ("stale", "Stale"),
    ("concern", "Open Concern"),
    ("added", "Added"),
]
_ORDER = {code: place for place, (code, _label) in enumerate(REASONS)}


class CustomerSuccessInteractionLine(models.Model):
    """A question of a conversation, with what they said, until it becomes an answer."""

    _name = "customer.success.interaction.line"
    _description = "Question of a Conversation"
    _order = "sequence, id"
    _rec_name = "question_id"

    interaction_id = fields.Many2one(
        "customer.success.interaction", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="interaction_id.partner_id")
    sequence = fields.Integer(default=1000)
    question_id = fields.Many2one(
        "customer.success.question", required=True, index=True, ondelete="restrict"
    )
    topic_id = fields.Many2one(related="question_id.topic_id")
    dimension = fields.Selection(related="question_id.dimension")
    purpose = fields.Text(related="question_id.purpose")
    strong_answer = fields.Text(related="question_id.strong_answer")
    worrying_answer = fields.Text(related="question_id.worrying_answer")
    why = fields.Selection(REASONS, "Why Now", default="added", readonly=True)
    last_answer_id = fields.Many2one("customer.success.answer", readonly=True, ondelete="set null")
    last_said = fields.Char("Last Time", compute="_compute_last_said")
    answer = fields.Text()
    signal = fields.Selection(SIGNALS)
    rating = fields.Selection(RATINGS)
    contact_id = fields.Many2one(
        "res.partner",
        "Told By",
        ondelete="set null",
        domain="[('commercial_partner_id', '=', partner_id)]",
    )
    not_asked_reason = fields.Char("Reason Not Asked")
    answer_id = fields.Many2one(
        "customer.success.answer", "Logged Answer", readonly=True, ondelete="set null", copy=False
    )
    is_written = fields.Boolean(compute="_compute_is_written")

    _check_twice = models.UniqueIndex(
        "(interaction_id, question_id, COALESCE(contact_id, 0))",
        "The same question is in this conversation twice. Set who gave each answer, or remove one.",
    )

    @api.depends("last_answer_id")
    @api.depends_context("lang")
    def _compute_last_said(self):
        for line in self:
            last = line.last_answer_id
            said = last.answer or dict(SIGNALS).get(last.signal, "")
            line.last_said = f"{format_date(self.env, last.date)}: {said[:120]}" if last else False

    @api.depends("answer", "signal", "rating", "not_asked_reason")
    def _compute_is_written(self):
        for line in self:
            line.is_written = bool(
                line.answer or line.signal or line.rating or line.not_asked_reason
            )

    @api.constrains("answer", "signal", "rating", "not_asked_reason")
    def _check_asked(self):
        for line in self:
            if line.not_asked_reason and (line.answer or line.signal or line.rating):
                raise ValidationError(
                    self.env._(
                        "“%s” has both an answer and a reason why it was not asked: remove one of them.",
                        line.question_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_not_held()
        return lines

    def write(self, vals):
        self._check_not_held()
        result = super().write(vals)
        if "interaction_id" in vals:
            self._check_not_held()
            self.check_access("write")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        self._check_not_held()

    def _check_not_held(self):
        """Refuse to change the lines of a conversation that was held."""
        if not self.env.su and "held" in self.mapped("interaction_id.state"):
            raise UserError(
                self.env._(
                    "A conversation that was held can no longer be changed. Log a new conversation, or correct an answer."
                )
            )

    @api.model
    def _due_lines(self, partner, contacts):
        """Return commands that create lines for the due questions, most urgent first.

        Questions of the customer's stage are due if they were never asked, were answered only by people who have
        left, have stale answers or are still a concern. With ``contacts``, questions that these people were never asked are due as well.
        """
        found = []
        answers = self.env["customer.success.answer"].search(
            [("partner_id", "=", partner.id), ("not_asked_reason", "=", False)],
            order="date desc, id desc",
        )
        current = answers.filtered("is_current")
        by_question = current.grouped("question_id")
        of_gone = (answers - current).filtered("is_gone").grouped("question_id")
        for place, question in enumerate(partner._success_due_questions()):
            said = by_question.get(question, answers.browse())
            theirs = said.filtered(
                lambda answer: not answer.contact_id or answer.contact_id in contacts
            )
            left = of_gone.get(question, answers.browse())
            last = (theirs if contacts else said)[:1] or said[:1] or left[:1]
            why = self._why(said, theirs, contacts)
            if why == "never" and left:
                why = "gone"
            if why:
                found.append(
                    (
                        _ORDER[why],
                        place,
                        {"question_id": question.id, "why": why, "last_answer_id": last.id},
                    )
                )
        found.sort(key=lambda line: line[:2])
        return [
            Command.create({**values, "sequence": number})
            for number, (_order, _place, values) in enumerate(found, start=1)
        ]

    @api.model
    def _why(self, said, theirs, contacts):
        """Return the code of why a question is due, or None if it is not.

        ``said`` are its current answers, ``theirs`` those of the people in ``contacts``.
        """
        if not said:
            return "never"
        asked = theirs if contacts else said
        if not asked:
            return "never_them"
        if all(answer.is_stale for answer in asked):
            return "stale"
        fresh = asked.filtered(lambda answer: not answer.is_stale)
        if any(answer.signal in ("concern", "blocker") for answer in fresh):
            return "concern"
        return None

    def _become_answers(self):
        """Create the answers of the lines that have one; ignore lines that are empty."""
        written = self.filtered(lambda line: line.is_written and not line.answer_id)
        silent = written.filtered(
            lambda line: not (line.signal or line.rating or line.not_asked_reason)
        )
        if silent:
            raise ValidationError(
                self.env._(
                    "Give the answer to “%s” a signal or a rating.",
                    silent[0].question_id.name,
                )
            )
        told = set()
        for line in written:
            talk = line.interaction_id
            contact = line.contact_id or self._only(talk.contact_ids)
            if (talk, line.question_id, contact) in told:
                raise ValidationError(
                    self.env._(
                        "“%s” has two answers by the same person: remove one of them.",
                        line.question_id.name,
                    )
                )
            told.add((talk, line.question_id, contact))
            line.answer_id = self.env["customer.success.answer"].create(
                {
                    "partner_id": talk.partner_id.id,
                    "interaction_id": talk.id,
                    "question_id": line.question_id.id,
                    "contact_id": contact.id,
                    "date": talk.date,
                    "user_id": talk.user_id.id,
                    "answer": line.answer,
                    "signal": line.signal,
                    "rating": line.rating,
                    "not_asked_reason": line.not_asked_reason,
                }
            )

    @api.model
    def _only(self, contacts):
        """Return the contact if the conversation had exactly one participant."""
        return contacts if len(contacts) == 1 else contacts.browse()
