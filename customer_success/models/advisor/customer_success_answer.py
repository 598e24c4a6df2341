from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ...scoring.people import HAS_LEFT

SIGNALS = [
    ("strength", "Strength"),
    ("neutral", "Neutral"),
    ("concern", "Concern"),
    ("blocker", "Blocker"),
]
RATINGS = [
    ("1", "1 - Not at all"),
    ("2", "2 - Little"),
    ("3", "3 - Half-way"),
    ("4", "4 - Well"),
    ("5", "5 - Fully"),
]
# An object that no remote caller can send: its presence in the context proves that the write comes
# from the correction below.
_CORRECTION = object()
MACHINE = ("is_current", "interaction_id")
# The content of an answer; after the day on which it was logged it no longer changes.
CONTENT = {
    "partner_id",
    "question_id",
    "contact_id",
    "date",
    "user_id",
    "answer",
    "signal",
    "rating",
    "not_asked_reason",
}


class CustomerSuccessAnswer(models.Model):
    """A dated answer of a customer. A newer one supersedes it; none is ever overwritten."""

    _name = "customer.success.answer"
    _inherit = ["customer.success.fact"]
    _description = "Answer of a Customer"
    _order = "date desc, id desc"

    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("success_stage_id", "!=", False)],
    )
    question_id = fields.Many2one(
        "customer.success.question", required=True, index=True, ondelete="restrict"
    )
    topic_id = fields.Many2one(related="question_id.topic_id")
    dimension = fields.Selection(related="question_id.dimension")
    purpose = fields.Text(related="question_id.purpose")
    strong_answer = fields.Text(related="question_id.strong_answer")
    worrying_answer = fields.Text(related="question_id.worrying_answer")
    guidance = fields.Text(related="question_id.guidance")
    interaction_id = fields.Many2one(
        "customer.success.interaction",
        "Conversation",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
    )
    contact_id = fields.Many2one(
        "res.partner",
        "Told By",
        index="btree_not_null",
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="The contact at the customer who gave this answer.",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        "res.users", "Asked By", default=lambda self: self.env.user, required=True
    )
    answer = fields.Text(help="Write down the customer's own words if you can.")
    signal = fields.Selection(
        SIGNALS,
        help="The signal says what the answer means for the customer's success with the system.",
    )
    rating = fields.Selection(
        RATINGS,
        help="The rating says how ready, willing or able the answer shows them to be. If it is empty, the signal counts.",
    )
    not_asked_reason = fields.Char(help="The reason why the question could not be asked this time.")
    is_current = fields.Boolean(
        readonly=True,
        help="There is no newer answer by the same person to the same question, and that person has not left.",
    )
    is_stale = fields.Boolean(compute="_compute_is_stale", search="_search_is_stale")
    company_id = fields.Many2one(related="partner_id.company_id")
    stage_id = fields.Many2one(related="partner_id.success_stage_id")
    edit_ids = fields.One2many("customer.success.answer.edit", "answer_id", "Corrections")

    _current_idx = models.Index("(partner_id, question_id) WHERE is_current IS TRUE")
    _check_said = models.Constraint(
        "CHECK(signal IS NOT NULL OR rating IS NOT NULL OR not_asked_reason IS NOT NULL)",
        "Give the answer a signal or a rating, or say why the question was not asked.",
    )

    @api.depends("date", "question_id.refresh_months")
    def _compute_is_stale(self):
        today = fields.Date.context_today(self)
        for answer in self:
            due = answer.date and fields.Date.add(
                answer.date, months=answer.question_id.refresh_months
            )
            answer.is_stale = bool(due and due < today)

    def _search_is_stale(self, operator, value):
        if operator != "in":
            return NotImplemented
        query = SQL(
            """(SELECT answer.id
                  FROM customer_success_answer answer
                  JOIN customer_success_question question ON question.id = answer.question_id
                 WHERE (answer.date + make_interval(months => question.refresh_months))::date < %s)""",
            fields.Date.context_today(self),
        )
        self.flush_model(["date", "question_id"])
        self.env["customer.success.question"].flush_model(["refresh_months"])
        return [("id", "in" if True in value else "not in", query)]

    @api.depends("question_id")
    def _compute_display_name(self):
        for answer in self:
            answer.display_name = answer.question_id.name

    @api.constrains("partner_id", "contact_id")
    def _check_contact(self):
        for answer in self:
            if answer.contact_id and answer.contact_id.commercial_partner_id != answer.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s does not belong to %(customer)s.",
                        contact=answer.contact_id.display_name,
                        customer=answer.partner_id.display_name,
                    )
                )

    @api.constrains("partner_id", "interaction_id")
    def _check_interaction(self):
        for answer in self:
            talk = answer.sudo().interaction_id
            if talk and talk.partner_id != answer.partner_id:
                raise ValidationError(
                    self.env._("The answer and its conversation must belong to the same customer.")
                )

    @api.constrains("signal", "rating", "answer", "not_asked_reason")
    def _check_words(self):
        """Refuse a neutral answer without a word: it would cover a question that nobody asked."""
        for answer in self:
            is_neutral = answer.signal == "neutral" and not answer.rating
            if is_neutral and not answer.not_asked_reason and not (answer.answer or "").strip():
                raise ValidationError(
                    self.env._(
                        "“%s” is neutral: write down what they said, or rate it.",
                        answer.question_id.name,
                    )
                )

    @api.constrains("date")
    def _check_date(self):
        for answer in self:
            if answer.date > fields.Date.context_today(self):
                raise ValidationError(self.env._("An answer cannot be dated in the future."))

    @api.model_create_multi
    def create(self, vals_list):
        answers = super().create(vals_list)
        answers._refresh_current()
        return answers

    def write(self, vals):
        if not self.env.su:
            # Only the system sets which answer is current and which conversation it comes from.
            vals = {name: value for name, value in vals.items() if name not in MACHINE}
        if self.env.context.get("success_correction") is not _CORRECTION:
            self._check_may_write(vals)
        # Another answer to the old question, or by the old person, may become the current one.
        moved = {
            "partner_id",
            "question_id",
            "contact_id",
            "date",
            "not_asked_reason",
        } & vals.keys()
        before = {(answer.partner_id.id, answer.question_id.id) for answer in self} if moved else ()
        result = super().write(vals)
        if moved:
            self._refresh_current(before)
        return result

    def _check_may_write(self, vals):
        """Refuse to change an answer after the day on which it was logged.

        Later a new answer supersedes it, or it is corrected with a reason.
        """
        today = fields.Date.context_today(self)
        if CONTENT & vals.keys() and any(
            fields.Datetime.context_timestamp(answer, answer.create_date).date() < today
            for answer in self
        ):
            raise UserError(
                self.env._(
                    "This answer can no longer be changed. Log a new answer, which supersedes it; both are "
                    "kept. If it was written down wrong, use Correct and enter a reason."
                )
            )

    def _correct(self, vals, reason):
        """Correct an answer that was written down wrong, and keep its former content and the reason."""
        self.ensure_one()
        self.check_access("write")
        if not (reason or "").strip():
            raise UserError(self.env._("Enter the reason for the correction."))
        changed = {
            name: value
            for name, value in vals.items()
            if name in CONTENT
            and self._fields[name].convert_to_cache(value, self)
            != self._fields[name].convert_to_cache(self[name], self)
        }
        if not changed:
            return
        self.env["customer.success.answer.edit"].sudo().create(
            {
                "answer_id": self.id,
                "user_id": self.env.uid,
                "reason": reason.strip(),
                "answer": self.answer,
                "signal": self.signal,
                "rating": self.rating,
                "date": self.date,
            }
        )
        self.with_context(success_correction=_CORRECTION).write(changed)

    def action_correct(self):
        """Open the dialog that corrects this answer and asks for the reason."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct an Answer"),
            "res_model": "customer.success.correction",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_answer_id": self.id},
        }

    def unlink(self):
        before = {(answer.partner_id.id, answer.question_id.id) for answer in self}
        result = super().unlink()
        self.browse()._refresh_current(before)
        return result

    def _refresh_current(self, pairs=()):
        """Mark the newest answer of each person who is there to the questions of these answers and of ``pairs``.

        ``pairs`` are ``(partner_id, question_id)``. One statement marks any number of answers. Several
        contacts may answer a question, and an answer that is logged late, dated before the current
        one, does not supersede it. Answers of people who have left are history. Return the customers
        whose current answers have changed.
        """
        pairs = {*pairs, *((answer.partner_id.id, answer.question_id.id) for answer in self)}
        customers = self.env["res.partner"]
        if not pairs:
            return customers
        self.flush_model()
        customers.flush_model(["active", "commercial_partner_id"])
        partner_ids, question_ids = zip(*pairs)
        changed = self.env.execute_query(
            SQL(
                f"""
                WITH touched AS (
                    SELECT unnest(%s) AS partner_id, unnest(%s) AS question_id
                ),
                ranked AS (
                    SELECT answer.id,
                           answer.not_asked_reason IS NULL AND NOT ({HAS_LEFT}) AND row_number() OVER (
                               PARTITION BY answer.partner_id, answer.question_id,
                                            answer.contact_id, answer.not_asked_reason IS NULL
                               ORDER BY answer.date DESC, answer.id DESC) = 1 AS is_current
                      FROM customer_success_answer answer
                      JOIN touched USING (partner_id, question_id)
                 LEFT JOIN res_partner contact ON contact.id = answer.contact_id
                )
                UPDATE customer_success_answer answer
                   SET is_current = ranked.is_current
                  FROM ranked
                 WHERE ranked.id = answer.id
                   AND answer.is_current IS DISTINCT FROM ranked.is_current
             RETURNING answer.partner_id
                """,
                list(partner_ids),
                list(question_ids),
            )
        )
        self.invalidate_model(["is_current"])
        return customers.browse({partner_id for (partner_id,) in changed})
