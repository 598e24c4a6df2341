from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...scoring.asked import ASKED_STAGE
from ...scoring.readiness import WORRYING_VALUE, answer_value, to_rating
from .customer_success_question import DIMENSIONS

# Current readiness is compared with readiness this many days ago.
BEFORE_DAYS = 90


class ResPartner(models.Model):
    """The answers and conversations of a customer, and how ready, willing and able it is."""

    _inherit = "res.partner"

    success_answer_ids = fields.One2many(
        "customer.success.answer",
        "partner_id",
        "Current Answers",
        domain=[("is_current", "=", True)],
        groups="customer_success.group_success_user",
    )
    success_questions_fresh = fields.Integer(
        "Questions with a Fresh Answer",
        compute="_compute_success_questions",
        groups="customer_success.group_success_user",
    )
    success_questions_due = fields.Integer(
        "Questions Due",
        compute="_compute_success_questions",
        groups="customer_success.group_success_user",
    )
    success_interaction_ids = fields.One2many(
        "customer.success.interaction",
        "partner_id",
        "Conversations",
        groups="customer_success.group_success_user",
    )
    success_interaction_count = fields.Integer(
        "Conversations Held",
        compute="_compute_success_interaction_count",
        groups="customer_success.group_success_user",
    )
    success_skill_rating_ids = fields.One2many(
        "customer.success.skill.rating",
        "partner_id",
        "Skills",
        groups="customer_success.group_success_user",
    )
    success_readiness = fields.Html(
        "Readiness",
        compute="_compute_success_readiness",
        sanitize=False,
        groups="customer_success.group_success_user",
    )

    @api.depends(
        "success_stage_id",
        "success_stage_move_ids.date",
        "success_answer_ids.is_current",
        "success_answer_ids.date",
    )
    def _compute_success_questions(self):
        """Count due questions and those with a fresh answer, in one query for all customers."""
        questions = self.env["customer.success.question"].search(fields.Domain.TRUE)
        fresh = dict(
            self.env["customer.success.answer"]._read_group(
                [
                    ("partner_id", "in", self.ids),
                    ("is_current", "=", True),
                    ("is_stale", "=", False),
                ],
                ["partner_id"],
                ["question_id:recordset"],
            )
        )
        stages = self._success_asked_stages()
        for partner in self:
            due = questions._due_in(stages[partner])
            partner.success_questions_due = len(due)
            partner.success_questions_fresh = len(due & fresh.get(partner, due.browse()))

    def _success_due_questions(self, questions=None):
        """Return the questions, of these or of all, to ask in the stage of this customer."""
        if questions is None:
            questions = self.env["customer.success.question"].search(fields.Domain.TRUE)
        return questions._due_in(self.success_stage_id)

    def _success_asked_stages(self):
        """Return ``{customer: stage}`` whose questions count, in one query; a new stage counts after a grace time."""
        moves = self.env["customer.success.stage.move"]
        moves.flush_model(["partner_id", "date", "stage_id"])
        scope = ASKED_STAGE.replace("IN_SCOPE", "= ANY(%(ids)s)")
        today = fields.Date.context_today(self)
        found = dict(self.env.execute_query(SQL(scope, ids=self._origin.ids, today=today)))
        stages = self.env["customer.success.stage"]
        return {
            partner: stages.browse(found.get(partner._origin.id)) or partner.success_stage_id
            for partner in self
        }

    @api.depends("success_interaction_ids.has_content")
    def _compute_success_interaction_count(self):
        counts = dict(
            self.env["customer.success.interaction"]._read_group(
                [("partner_id", "in", self.ids), ("has_content", "=", True)],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.success_interaction_count = counts.get(partner, 0)

    # ------------------------------------------------------------------------------------------
    # Readiness
    # ------------------------------------------------------------------------------------------

    @api.depends(
        "success_answer_ids.rating", "success_answer_ids.signal", "success_answer_ids.is_current"
    )
    @api.depends_context("lang")
    def _compute_success_readiness(self):
        for partner in self:
            people = partner._success_readiness() if partner.success_stage_id else []
            partner.success_readiness = (
                self.env["ir.qweb"]._render(
                    "customer_success.readiness",
                    {"people": people, "days": BEFORE_DAYS, "dimensions": self._dimension_labels()},
                )
                if people
                else False
            )

    @api.model
    def _dimension_labels(self):
        question = self.env["customer.success.question"]
        return dict(question._fields["dimension"]._description_selection(self.env))

    def _success_readiness(self):
        """Return how ready, willing and able the customer and each of its people are, with the answers.

        ``[{contact, dimensions: {code: {value, before, answers}}}]``: values from 1 to 5 or ``None``, the
        customer's line first, without a contact. ``before`` is the value of 90 days ago. Answers of people
        who have left count in neither, so that a departure is not read as a change of mind.
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        answers = (
            self.env["customer.success.answer"]
            .search(
                [
                    ("partner_id", "=", self.id),
                    ("question_id.dimension", "!=", False),
                    ("question_id.active", "=", True),
                    ("not_asked_reason", "=", False),
                ],
                order="date desc, id desc",
            )
            .filtered(lambda answer: not answer.is_gone)
        )
        now = self._success_answers_at(answers, today)
        before = self._success_answers_at(answers, fields.Date.subtract(today, days=BEFORE_DAYS))
        people = [None, *now.contact_id.sorted("name")]
        return [
            {
                "contact": contact,
                "dimensions": {
                    code: {
                        "value": self._success_rating(now, code, contact)[0],
                        "before": self._success_rating(before, code, contact)[0],
                        "answers": self._success_rating(now, code, contact)[1],
                    }
                    for code, _label in DIMENSIONS
                },
            }
            for contact in people
            if now
        ]

    @api.model
    def _success_answers_at(self, answers, day):
        """Return the answers that counted on ``day``: current, and fresh or worrying.

        That is the latest answer up to that day for each question and person, if not stale then. One that worried counts
        until it is asked again.
        ``answers`` must be sorted with the newest first.
        """
        seen = set()
        found = answers.browse()
        for answer in answers:  # newest first
            key = answer.question_id.id, answer.contact_id.id
            if answer.date > day or key in seen:
                continue
            seen.add(key)
            due = fields.Date.add(answer.date, months=answer.question_id.refresh_months)
            value = answer_value(answer.rating, answer.signal)
            if due >= day or (value is not None and value <= WORRYING_VALUE):
                found |= answer
        return found

    @api.model
    def _success_rating(self, answers, dimension, contact):
        """Return the mean rating, from 1 to 5 or None, and the answers that it is computed from."""
        behind = answers.filtered(
            lambda answer: (
                answer.question_id.dimension == dimension
                and (contact is None or answer.contact_id == contact)
            )
        )
        values = [answer_value(answer.rating, answer.signal) for answer in behind]
        values = [value for value in values if value is not None]
        return to_rating(sum(values) / len(values) if values else None), behind

    # ------------------------------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------------------------------

    def action_success_prepare(self):
        """Open a new conversation with the questions that are due for this customer."""
        self.ensure_one()
        if not self.success_stage_id:
            raise UserError(self.env._("Click the customer's stage first to start following it."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Conversation"),
            "res_model": "customer.success.interaction",
            "views": [(False, "form")],
            "context": {"default_partner_id": self.id},
        }

    def action_success_interactions(self):
        return self._action_success("customer_success_interaction_action")

    def action_success_answers(self):
        return self._action_success("customer_success_answer_action")

    def action_success_log_answer(self):
        """Open a dialog that logs one answer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log an Answer"),
            "res_model": "customer.success.answer",
            "view_mode": "form",
            "views": [
                (self.env.ref("customer_success.customer_success_answer_view_form").id, "form")
            ],
            "target": "new",
            "context": {"default_partner_id": self.id},
        }

    def _success_closed_gates(self, passed):
        closed = super()._success_closed_gates(passed)
        coverage = max(passed.mapped("gate_coverage"), default=0)
        due, fresh = self.success_questions_due, self.success_questions_fresh
        if coverage and due and 100 * fresh < coverage * due:
            closed["coverage"] = self.env._(
                "%(fresh)d of %(due)d due questions have a fresh answer; %(coverage)d %% are required.",
                fresh=fresh,
                due=due,
                coverage=coverage,
            )
        return closed
