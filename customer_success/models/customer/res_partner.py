from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...scoring import terms
from ..barriers.customer_success_barrier import OPEN_STATES
from ..common.known_float import KnownFloat
from ..common.machine_fields import without_defaults

# What a person decides about a customer; only the customer-success team may write it.
FACTS = {
    "success_stage_id",
    "success_stage_date",
    "success_user_id",
    "success_go_live_date",
    "success_sentiment",
    "success_sentiment_date",
    "success_sentiment_note",
}
# What only the machine writes, whoever sends it.
MACHINE = {"success_score_id"}
# Of these the scores make something.
SCORED_FACTS = {"success_stage_id", "success_stage_date", "success_go_live_date", "active"}


class ResPartner(models.Model):
    """A customer is a commercial partner with a stage. Every field here is hidden from portal users."""

    _name = "res.partner"
    _inherit = ["res.partner", "customer.success.scored"]
    _unknown_last = ("success_value_at_risk", "success_next_renewal_date")
    _sorted_by = {
        "success_risk_band": "success_renewal_risk",
        "success_health_band": "success_health",
    }

    success_user_id = fields.Many2one(
        "res.users",
        "CSM",
        default=lambda self: (
            self.env.uid
            if self.env.context.get("success_new_customer")
            and not self.env.context.get("default_parent_id")
            else False
        ),
        index="btree_not_null",
        tracking=True,
        copy=False,
        domain=[("share", "=", False)],
        groups="base.group_user",
        help="The customer success manager: the customer's trusted advisor.",
    )
    success_go_live_date = fields.Date(
        "Go-Live", tracking=True, copy=False, groups="base.group_user", help="Planned or past."
    )
    success_years_live = KnownFloat(
        "Years Live", compute="_compute_success_years_live", groups="base.group_user", digits=(5, 1)
    )
    success_sentiment = fields.Selection(
        [("confident", "Confident"), ("watchful", "Watchful"), ("worried", "Worried")],
        "My View",
        tracking=True,
        copy=False,
        groups="base.group_user",
        help="The CSM's own view, kept beside the machine's.",
    )
    success_sentiment_date = fields.Date(
        "View Since", readonly=True, copy=False, groups="base.group_user"
    )
    success_sentiment_note = fields.Text(
        "Why I Think So",
        copy=False,
        groups="customer_success.group_success_user",
    )
    success_answer_ids = fields.One2many(
        "customer.success.answer",
        "partner_id",
        "Current Answers",
        domain=[("is_current", "=", True)],
        groups="customer_success.group_success_user",
    )
    success_barrier_ids = fields.One2many(
        "customer.success.barrier",
        "partner_id",
        "Barriers",
        groups="customer_success.group_success_user",
    )
    success_renewal_ids = fields.One2many(
        "customer.success.renewal",
        "partner_id",
        "Renewals",
        groups="customer_success.group_success_user",
    )
    success_usage_ids = fields.One2many(
        "customer.success.usage", "partner_id", "Use", groups="customer_success.group_success_user"
    )

    # The machine's scores, in their own table: related, never copied.
    success_score_id = fields.Many2one(
        "customer.success.score",
        "Score",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups="base.group_user",
    )
    success_health = KnownFloat(
        related="success_score_id.health",
        string="Health",
        groups="base.group_user",
        help="0 to 100, high is good.",
    )
    success_health_band = fields.Selection(
        related="success_score_id.health_band",
        string="Health Band",
        groups="base.group_user",
    )
    success_confidence = KnownFloat(
        related="success_score_id.confidence",
        string="Known %",
        groups="base.group_user",
        help="How much of what makes the health is known. What is unknown is left out, not zero.",
    )
    success_renewal_risk = KnownFloat(
        related="success_score_id.renewal_risk",
        string="Risk of Leaving %",
        groups="base.group_user",
        help="That the customer does not renew: 0 to 100 %, high is bad.",
    )
    success_risk_band = fields.Selection(
        related="success_score_id.risk_band",
        string="Renewal Risk",
        groups="base.group_user",
    )
    success_contraction_risk = KnownFloat(
        related="success_score_id.contraction_risk",
        string="Risk of Shrinking %",
        groups="base.group_user",
        help="That the customer renews, but with fewer seats: 0 to 100 %, high is bad.",
    )
    success_value_at_risk = fields.Monetary(
        related="success_score_id.value_at_risk",
        currency_field="success_currency_id",
        string="Value at Risk",
        groups="base.group_user",
    )
    success_currency_id = fields.Many2one(
        related="success_score_id.currency_id",
        string="Currency of the Value at Risk",
        groups="base.group_user",
    )
    success_next_renewal_date = fields.Date(
        related="success_score_id.next_renewal_date",
        string="Next Renewal",
        groups="base.group_user",
    )
    success_scored_at = fields.Datetime(
        related="success_score_id.scored_at", string="Scored At", groups="base.group_user"
    )
    success_score_error = fields.Char(
        related="success_score_id.error", string="Scoring Failed", groups="base.group_user"
    )
    success_explanation = fields.Html(
        "Why",
        compute="_compute_success_explanation",
        compute_sudo=True,
        sanitize=False,
        groups="base.group_user",
    )
    success_view_gap = fields.Boolean(
        "Views Differ",
        compute="_compute_success_view_gap",
        search="_search_success_view_gap",
        groups="base.group_user",
        help="The machine and the CSM disagree: worth a conversation.",
    )
    success_barrier_count = fields.Integer(
        "Open Barriers",
        compute="_compute_success_barrier_count",
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

    # Readers of the score never look at it through a contact's form, so this index is the customers'.
    _success_customer_idx = models.Index("(id) WHERE success_stage_id IS NOT NULL AND active")

    # ------------------------------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------------------------------

    @api.depends("success_go_live_date", "success_stage_id.phase")
    def _compute_success_years_live(self):
        """Years since go-live, for who is live: a date that passed before go-live is a go-live that slipped."""
        today = fields.Date.context_today(self)
        for partner in self:
            live = partner.success_go_live_date
            is_live = live and live <= today and partner.success_stage_id.phase != "before"
            partner.success_years_live = is_live and (today - live).days / 365.25

    @api.depends("success_score_id.breakdown", "success_score_id.error")
    @api.depends_context("lang", "uid")
    def _compute_success_explanation(self):
        explain = self.env["customer.success.explanation"]
        for partner in self:
            partner.success_explanation = (
                explain._render(partner) if partner.success_stage_id else False
            )

    @api.depends("success_sentiment", "success_risk_band")
    def _compute_success_view_gap(self):
        for partner in self:
            partner.success_view_gap = terms.views_differ(
                partner.success_sentiment, partner.success_risk_band
            )

    def _search_success_view_gap(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_success_field("success_view_gap")
        gap = fields.Domain.OR(
            fields.Domain("success_sentiment", "=", view)
            & fields.Domain("success_risk_band", "in", terms.bands_against(view))
            for view in terms.VIEW_SAYS
        )
        return gap if True in value else ~gap

    @api.depends("success_barrier_ids.state", "success_barrier_ids.active")
    def _compute_success_barrier_count(self):
        counts = dict(
            self.env["customer.success.barrier"]._read_group(
                [("partner_id", "in", self.ids), ("state", "in", OPEN_STATES)],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.success_barrier_count = counts.get(partner, 0)

    @api.depends("success_stage_id", "success_answer_ids.is_current", "success_answer_ids.date")
    def _compute_success_questions(self):
        """Fresh answers over due questions, from one query, whatever the number of customers."""
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
        for partner in self:
            due = partner._success_due_questions(questions)
            partner.success_questions_due = len(due)
            partner.success_questions_fresh = len(due & fresh.get(partner, due.browse()))

    def _check_success_field(self, name):
        """Check the groups of a field with a search method: Odoo leaves that to the method."""
        self._check_field_access(self._fields[name], "read")

    def _field_to_sql(self, alias, field_expr, query=None):
        """Check the groups of our related fields, too.

        Odoo checks those of the field at the end of the relation only, so that a portal user could
        sort, group and average by a score that it may not read.
        """
        if field_expr.startswith("success_"):
            field = self._fields.get(field_expr)
            if field and field.related and not field.store:
                self._check_field_access(field, "read")
        return super()._field_to_sql(alias, field_expr, query)

    # ------------------------------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self = without_defaults(self, MACHINE)
        vals_list = [self._without_machine_fields(vals) for vals in vals_list]
        for vals in vals_list:
            self._check_success_facts(vals)
            self._stamp_success_dates(vals)
        partners = super().create(vals_list)
        customers = partners.filtered("success_stage_id")
        customers._open_success_score()
        self.env["customer.success.score.request"]._add(customers)
        return partners

    def write(self, vals):
        vals = self._without_machine_fields(vals)
        self._check_success_facts(vals)
        self._stamp_success_dates(vals)
        result = super().write(vals)
        if vals.get("success_stage_id"):
            self._open_success_score()
        if SCORED_FACTS & vals.keys():
            self.env["customer.success.score.request"]._add(self)
        return result

    @api.model
    def _without_machine_fields(self, vals):
        """A link to another customer's score would show that score: nobody but the system sets it."""
        if self.env.su or not MACHINE & vals.keys():
            return vals
        return {name: value for name, value in vals.items() if name not in MACHINE}

    @api.model
    def _stamp_success_dates(self, vals):
        if vals.get("success_sentiment"):
            vals.setdefault("success_sentiment_date", fields.Date.context_today(self))

    def _check_success_facts(self, vals):
        """Everybody who sees customers reads where they stand; the customer-success team says so.

        Members who follow their own customers may write to those and to customers of nobody.
        """
        if self.env.su or not any(
            self._changes_success(name, vals) for name in FACTS & vals.keys()
        ):
            return
        self._check_success_role()

    def _check_success_role(self):
        """Refuse who may not say where these customers stand."""
        user = self.env.user
        if not user.has_group("customer_success.group_success_user"):
            raise AccessError(
                self.env._("Only the customer-success team may change a customer's adoption.")
            )
        if user.has_group("customer_success.group_success_user_all"):
            return
        others = self.sudo().filtered(lambda p: p.success_user_id and p.success_user_id != user)
        if others:
            raise AccessError(
                self.env._(
                    "%(customer)s is followed by %(csm)s. Ask them, or your manager, to hand it over.",
                    customer=others[0].display_name,
                    csm=others[0].success_user_id.name,
                )
            )

    def _changes_success(self, name, vals):
        """Whether a value says something new; Odoo's merge writes all values, unchanged ones too."""
        if not self:
            return bool(vals[name])
        field = self._fields[name]
        return any(
            field.convert_to_cache(vals[name], partner)
            != field.convert_to_cache(partner[name], partner)
            for partner in self.sudo()
        )

    def _open_success_score(self):
        """Give new customers their row in the score table, so that later only the row changes."""
        missing = self.filtered(lambda partner: not partner.success_score_id)
        if missing:
            scores = self.env["customer.success.score"].sudo()
            known = {
                score.partner_id: score
                for score in scores.search([("partner_id", "in", missing.ids)])
            }
            fresh = scores.create([{"partner_id": p.id} for p in missing if p not in known])
            for score in (*known.values(), *fresh):
                score.partner_id.sudo().success_score_id = score

    @api.model
    def _get_success_customer_domain(self):
        """The customers that the user follows, or all, as the role allows; what the lists and exports show."""
        customers = fields.Domain("success_stage_id", "!=", False)
        if self.env.user.has_group("customer_success.group_success_user_all"):
            return customers
        return customers & fields.Domain("success_user_id", "in", [self.env.uid, False])

    # ------------------------------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------------------------------

    def action_success_rescore(self):
        """Score these customers now, for somebody who does not want to wait for the job."""
        self.check_access("read")
        if not self.env.user.has_group("customer_success.group_success_user"):
            raise AccessError(self.env._("Only the customer-success team may rescore a customer."))
        mine = self.filtered_domain(self._get_success_customer_domain())
        self.env["customer.success.symptom.flag"].sudo()._check(mine.ids)
        self.env["customer.success.score"].sudo()._rescore(mine)
        return True

    def _action_success(self, xmlid, **context):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(f"customer_success.{xmlid}")
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {"default_partner_id": self.id, **context}
        return action

    def action_success_barriers(self):
        return self._action_success(
            "customer_success_barrier_action", search_default_partner_id=self.id
        )

    def action_success_answers(self):
        return self._action_success("customer_success_answer_action")

    def action_success_usage(self):
        return self._action_success("customer_success_usage_action")

    def action_success_renewals(self):
        return self._action_success("customer_success_renewal_action")

    def action_success_history(self):
        return self._action_success("customer_success_score_history_action", fill_temporal=False)

    def action_success_log_answer(self):
        """Log one answer in a dialog."""
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

    def action_success_raise_barrier(self):
        """Raise one barrier in a dialog."""
        self.ensure_one()
        return self.env["customer.success.barrier"]._action_raise(self)
