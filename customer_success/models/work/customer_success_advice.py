from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, clean_context

from ..advisor.customer_success_answer import SIGNALS

EFFECTS = [("better", "Better"), ("same", "The Same"), ("worse", "Worse")]


class CustomerSuccessAdvice(models.Model):
    """A recommendation proposed for a worrying answer: accepted or declined, with its effect."""

    _name = "customer.success.advice"
    _description = "Advice on a Worrying Answer"
    _order = "effect_rank desc, id desc"
    _rec_name = "recommendation_id"

    answer_id = fields.Many2one(
        "customer.success.answer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    recommendation_id = fields.Many2one(
        "customer.success.recommendation",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(related="answer_id.partner_id", store=True, index=True)
    company_id = fields.Many2one(related="partner_id.company_id")
    csm_id = fields.Many2one(related="partner_id.success_user_id")
    stage_id = fields.Many2one(related="partner_id.success_stage_id")
    interaction_id = fields.Many2one(
        related="answer_id.interaction_id", store=True, index="btree_not_null"
    )
    question_id = fields.Many2one(related="answer_id.question_id", store=True, index=True)
    signal = fields.Selection(related="answer_id.signal", store=True)
    kind = fields.Selection(related="recommendation_id.kind")
    advice = fields.Text(related="recommendation_id.advice")
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("accepted", "Accepted"),
            ("declined", "Declined"),
            ("lapsed", "Not Decided"),
        ],
        required=True,
        default="proposed",
        readonly=True,
        help="Not Decided means that a newer answer was logged before anybody decided.",
    )
    reason = fields.Char(readonly=True, help="The reason why the advice was declined.")
    user_id = fields.Many2one("res.users", "Decided By", readonly=True, ondelete="restrict")
    date_decided = fields.Date("Decided On", readonly=True)
    barrier_ids = fields.One2many("customer.success.barrier", "advice_id", "Barriers")
    next_answer_id = fields.Many2one("customer.success.answer", readonly=True, ondelete="set null")
    effect = fields.Selection(
        EFFECTS,
        readonly=True,
        help="The signal of the next answer compared with this one.",
    )

    effect_rank = fields.Integer(
        compute="_compute_effect_rank",
        help="1 if the recommendation was seen to help, -1 if it was seen to harm, else 0.",
    )

    _uniq = models.UniqueIndex(
        "(answer_id, recommendation_id)",
        "A recommendation can be proposed only once for an answer.",
    )

    @api.depends("recommendation_id", "partner_id.company_id")
    def _compute_effect_rank(self):
        effects = self.env["customer.success.effect"]
        for company, advice in self.grouped(lambda one: one.company_id or self.env.company).items():
            subjects = {str(id_) for id_ in advice.recommendation_id.ids}
            ranks = effects._ranks("advice", subjects, company)
            for one in advice:
                one.effect_rank = ranks.get(str(one.recommendation_id.id), 0)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Sort by what was measured of the recommendations."""
        if field_expr != "effect_rank":
            return super()._field_to_sql(alias, field_expr, query)
        return self.env["customer.success.effect"]._rank_sql(
            "advice", SQL.identifier(alias, "recommendation_id")
        )

    # ------------------------------------------------------------------------------------------
    # Propose advice, and record its effect
    # ------------------------------------------------------------------------------------------

    @api.model
    def _propose(self, answers):
        """Create the advice of each worrying answer, and return it; called when answers are logged."""
        worrying = answers.filtered(lambda answer: answer.signal in ("concern", "blocker"))
        if not worrying:
            return self
        recommendations = (
            self.env["customer.success.recommendation"]
            .sudo()
            .search([("question_id", "in", worrying.question_id.ids)])
        )
        of_question = recommendations.grouped("question_id")
        return (
            self.sudo()
            .with_context(clean_context(self.env.context))
            .create(
                [
                    {"answer_id": answer.id, "recommendation_id": recommendation.id}
                    for answer in worrying
                    for recommendation in of_question.get(answer.question_id.sudo(), ())
                    # Recommendations for a concern are also proposed for a blocker.
                    if answer.signal == "blocker" or recommendation.signal == "concern"
                ]
            )
        )

    @api.model
    def _propose_anew(self, answers):
        """Propose advice again after the signal of answers was corrected; keep advice that is decided."""
        undecided = self.sudo().search(
            [("answer_id", "in", answers.ids), ("state", "=", "proposed")]
        )
        undecided.unlink()
        decided = self.sudo().search([("answer_id", "in", answers.ids)]).answer_id
        self._propose(answers.filtered("is_current") - decided)

    @api.model
    def _follow_up_anew(self, answers):
        """Compute the effect of earlier advice again after the signal of its next answer was corrected."""
        self.sudo().search([("next_answer_id", "in", answers.ids)]).write(
            {"next_answer_id": False, "effect": False}
        )
        self._follow_up(answers)

    @api.model
    def _follow_up(self, answers):
        """Record the effect of earlier advice from these next answers; let undecided advice lapse."""
        ids = answers.filtered(lambda answer: answer.signal or answer.rating).ids
        if not ids:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_success_advice advice
                   SET next_answer_id = next.id,
                       state = CASE advice.state WHEN 'proposed' THEN 'lapsed' ELSE advice.state END,
                       effect = CASE WHEN next.signal IS NULL THEN NULL
                                     WHEN worth.after > worth.before THEN 'better'
                                     WHEN worth.after < worth.before THEN 'worse' ELSE 'same' END
                  FROM customer_success_answer next,
                       customer_success_answer former,
                       LATERAL (SELECT array_position(%(order)s, next.signal::text) AS after,
                                       array_position(%(order)s, former.signal::text) AS before) worth
                 WHERE next.id = ANY(%(ids)s)
                   AND former.id = advice.answer_id
                   AND former.id <> next.id
                   AND former.partner_id = next.partner_id
                   AND former.question_id = next.question_id
                   AND former.contact_id IS NOT DISTINCT FROM next.contact_id
                   AND (former.date, former.id) < (next.date, next.id)
                   AND advice.next_answer_id IS NULL
                """,
                order=[code for code, _label in reversed(SIGNALS)],
                ids=ids,
            )
        )
        self.invalidate_model()

    # ------------------------------------------------------------------------------------------
    # Decide
    # ------------------------------------------------------------------------------------------

    def _decide(self, state, reason=False):
        """Record the decision with user and date; raise UserError if advice is already decided."""
        self.answer_id.check_access("write")
        for advice in self:
            if advice.state not in ("proposed", "lapsed"):
                raise UserError(self.env._("“%s” has already been decided.", advice.display_name))
        self.sudo().write(
            {
                "state": state,
                "reason": reason,
                "user_id": self.env.uid,
                "date_decided": fields.Date.context_today(self),
            }
        )

    def action_accept(self):
        """Accept the advice: start its activities, raise its barrier, or add it to the plan."""
        self.ensure_one()
        self.check_access("read")
        if self.kind == "barrier":  # accepted once the barrier is raised
            return self._accept_barrier()
        self._decide("accepted")
        return self._accept_plan() if self.kind == "plan" else self._accept_activity()

    def _accept_activity(self):
        """Start the steps of its activity plan, or one activity if it has no plan."""
        recommendation = self.recommendation_id.sudo()
        owner = self.partner_id.sudo().success_user_id or self.env.user
        if recommendation.activity_plan_id:
            self.env["mail.activity.schedule"].sudo().create(
                {
                    "res_model": "res.partner",
                    "res_ids": str(self.partner_id.ids),
                    "plan_id": recommendation.activity_plan_id.id,
                    "plan_date": fields.Date.context_today(self),
                    "plan_on_demand_user_id": owner.id,
                }
            ).action_schedule_plan()
        else:
            self._remind(self.partner_id, owner)
        return True

    def _accept_plan(self):
        """Give the owner of the success plan an activity to add the advice, and open the plan."""
        plan = self.partner_id.success_plan_id
        self._remind(plan or self.partner_id, plan.user_id or self.env.user)
        return self.partner_id.action_success_plan()

    def _accept_barrier(self):
        """Open the form of a new barrier with the area and origin of the advice."""
        recommendation = self.recommendation_id
        return self.env["customer.success.barrier"]._action_raise(
            self.partner_id,
            area=recommendation.barrier_area,
            name=recommendation.name,
            evidence=self.answer_id.answer,
            severity="2" if self.signal == "blocker" else "1",
            answer_id=self.answer_id.id,
            advice_id=self.id,
        )

    def _remind(self, record, user):
        recommendation = self.recommendation_id
        record.sudo().activity_schedule(
            "mail.mail_activity_data_todo",
            summary=recommendation.name,
            note=Markup("<p>%s</p>") % (recommendation.advice or ""),
            user_id=user.id,
        )

    def action_decline(self):
        """Open the dialog that asks why the advice is declined."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decline Advice"),
            "res_model": "customer.success.decline",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_advice_id": self.id},
        }
