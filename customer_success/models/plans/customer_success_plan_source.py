from odoo import api, fields, models

from .customer_success_plan_content import ANSWERED


class CustomerSuccessPlanSource(models.Model):
    """The day and the source of one answer in a plan: by hand, from a conversation, or said again.

    Only the system writes it, together with the answer.
    """

    _name = "customer.success.plan.source"
    _description = "Source of an Answer in a Plan"
    _order = "plan_id, id"
    _rec_name = "question"

    plan_id = fields.Many2one(
        "customer.success.plan", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="plan_id.partner_id.company_id")
    question = fields.Selection(
        lambda self: self._question_selection(), required=True, readonly=True
    )
    origin = fields.Selection(
        [("hand", "Set by Hand"), ("conversation", "From a Conversation")],
        required=True,
        readonly=True,
        default="hand",
    )
    date = fields.Date("Said On", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True)
    answer_id = fields.Many2one(
        "customer.success.answer", index="btree_not_null", ondelete="set null", readonly=True
    )
    contact_id = fields.Many2one(related="answer_id.contact_id", string="Told By")
    newer_answer_id = fields.Many2one(
        "customer.success.answer",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        help="An answer of a conversation that differs from what was set by hand.",
    )

    _question_uniq = models.UniqueIndex(
        "(plan_id, question)", "The plan has a source for this question already."
    )

    @api.model
    def _question_selection(self):
        plan = self.env["customer.success.plan"]
        return [(name, plan._fields[name].string) for name in ANSWERED if name in plan._fields]
