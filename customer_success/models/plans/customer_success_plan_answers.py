from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring.readiness import answer_value, to_rating
from .customer_success_plan_content import ANSWERED, CAPABILITY, LEADERS

LINKED = (*LEADERS, *CAPABILITY)
# From this value of an answer on, a leaders' check is “Yes”; up to the other one, it is “No”. An answer between
# them decides nothing.
YES_FROM, NO_UP_TO = 75.0, 25.0
# An object that no remote caller can send: a write that carries it comes from a conversation and not from a hand.
_CONVERSATION = object()


def check_value(check, rating, signal):
    """Return what an answer of a conversation means for a check of the plan; ``None`` if it decides nothing.

    >>> check_value("leaders_ask_users", None, "strength"), check_value("leaders_ask_users", "2", None)
    ('yes', 'no')
    >>> check_value("leaders_ask_users", None, "neutral")
    >>> check_value("capacity", None, "concern"), check_value("capacity", "4", "concern")
    ('2', '4')
    """
    value = answer_value(rating, signal)
    if value is None:
        return None
    if check in CAPABILITY:
        return str(round(to_rating(value)))
    if value >= YES_FROM:
        return "yes"
    return "no" if value <= NO_UP_TO else None


class CustomerSuccessPlan(models.Model):
    """The sources of a plan's answers, and the checks that conversations fill in."""

    _inherit = "customer.success.plan"

    source_ids = fields.One2many("customer.success.plan.source", "plan_id", "Sources")
    differs = fields.Boolean(
        compute="_compute_differs",
        help="A conversation differs from a check that was set by hand.",
    )

    @api.depends("source_ids.newer_answer_id")
    def _compute_differs(self):
        for plan in self:
            plan.differs = bool(plan.source_ids.newer_answer_id)

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        today = fields.Date.context_today(self)
        for plan in plans:
            said = [name for name in self._dated_questions() if plan[name]]
            have = plan.source_ids.mapped("question")
            plan._note_said(set(said) - set(have), min(plan.date, today))
        self._take_answers(plans.partner_id.ids)
        return plans

    def write(self, vals):
        names = [name for name in self._dated_questions() if name in vals]
        by_hand = names and self.env.context.get("success_said") is not _CONVERSATION
        changed = {
            plan: {
                name
                for name in names
                if plan._fields[name].convert_to_cache(vals[name], plan)
                != plan._fields[name].convert_to_cache(plan[name], plan)
            }
            for plan in self
            if by_hand
        }
        result = super().write(vals)
        for plan, questions in changed.items():
            plan._note_said(questions, fields.Date.context_today(self))
        emptied = [plan.partner_id.id for plan, names in changed.items() if names & set(LINKED)]
        if emptied:
            self._take_answers(emptied)
        return result

    def copy(self, default=None):
        """Copy the sources as well: a copied answer is as old as the one that it was copied from."""
        copies = super().copy(default)
        for plan, copied in zip(self.sudo(), copies.sudo()):
            if plan.partner_id != copied.partner_id:
                continue
            same = [name for name in self._dated_questions() if plan[name] == copied[name]]
            copied.source_ids.filtered(lambda source, same=same: source.question in same).unlink()
            kept = plan.source_ids.filtered(lambda source, same=same: source.question in same)
            kept.copy({"plan_id": copied.id})
        self._take_answers(copies.partner_id.ids)
        return copies

    @api.model
    def _dated_questions(self):
        """Return the questions whose answers are the plan's own; the environment is the customer's."""
        return [name for name in ANSWERED if self._fields[name].store]

    def _note_said(self, questions, date, answer=None):
        """Record that these questions were answered on this day, by hand or with ``answer``."""
        self.ensure_one()
        sources = self.sudo().source_ids.filtered(lambda source: source.question in questions)
        gone = sources.filtered(lambda source: not self[source.question])
        gone.unlink()
        vals = {
            "date": date,
            "origin": "conversation" if answer else "hand",
            "answer_id": answer and answer.id,
            "user_id": answer.user_id.id if answer else self.env.uid,
            "newer_answer_id": False,
        }
        (sources - gone).write(vals)
        have = (sources - gone).mapped("question")
        self.env["customer.success.plan.source"].sudo().create(
            [
                {"plan_id": self.id, "question": question, **vals}
                for question in ANSWERED
                if question in questions and question not in have and self[question]
            ]
        )

    @api.model
    def _newest_answers(self, partner_ids):
        """Return ``{(customer's id, check): (answer, value)}`` of the newest answers that decide a check."""
        self.env["customer.success.answer"].flush_model()
        self.env["customer.success.question"].flush_model(["plan_check"])
        self.env.cr.execute(
            SQL(
                """
                SELECT answer.partner_id, question.plan_check, answer.id, answer.rating, answer.signal
                  FROM customer_success_answer answer
                  JOIN customer_success_question question ON question.id = answer.question_id
                 WHERE answer.partner_id = ANY(%s)
                   AND answer.is_current
                   AND question.plan_check IS NOT NULL
              ORDER BY answer.date, answer.id
                """,
                list(partner_ids),
            )
        )
        answers = self.env["customer.success.answer"].sudo()
        return {
            (partner_id, check): (answers.browse(answer_id), value)
            for partner_id, check, answer_id, rating, signal in self.env.cr.fetchall()
            if (value := check_value(check, rating, signal))
        }

    @api.model
    def _take_answers(self, partner_ids):
        """Fill in the linked checks of the drafts and active plans of these customers, as their owner would.

        What somebody set by hand is kept, and marked if a conversation says something else. If the answer is
        deleted, the check takes the next one, or becomes empty again.
        """
        plans = self.sudo().search(
            [("partner_id", "in", list(partner_ids)), ("state", "in", ("draft", "active"))]
        )
        newest = self._newest_answers(plans.partner_id.ids) if plans else {}
        for plan in plans:
            sources = plan.source_ids.grouped("question")
            for check in LINKED:
                source = sources.get(check, plan.source_ids.browse())
                answer, value = newest.get((plan.partner_id.id, check), (None, False))
                if plan[check] and source.origin != "conversation":
                    differs = (
                        answer
                        if answer and value != plan[check]
                        else plan.env["customer.success.answer"]
                    )
                    if source.newer_answer_id != differs:
                        source.newer_answer_id = differs
                    continue
                if plan[check] != value:
                    plan.with_context(success_said=_CONVERSATION)[check] = value
                if (answer and source.answer_id != answer) or (source and not answer):
                    plan._note_said({check}, answer and answer.date, answer)

    def action_take_answers(self):
        """Let conversations fill in the checks that differ from them, though they were set by hand."""
        self.ensure_one()
        self._check_not_replaced()
        differing = self.source_ids.filtered("newer_answer_id")
        self.sudo().with_context(success_said=_CONVERSATION).write(
            dict.fromkeys(differing.mapped("question"), False)
        )
        differing.sudo().unlink()
        self._take_answers(self.partner_id.ids)
