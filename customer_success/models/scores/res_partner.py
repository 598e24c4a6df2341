from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...scoring import terms
from ..common.known_float import KnownFloat
from ..common.machine_fields import without_defaults
from ..common.money import Money

# The fields that only the system writes.
MACHINE = {"success_score_id"}


class ResPartner(models.Model):
    """The scores of a customer, as related fields of their own table, and their explanation."""

    _inherit = "res.partner"
    _unknown_last = ("success_value_at_risk", "success_next_renewal_date")
    _sorted_by = {
        "success_risk_band": "success_renewal_risk",
        "success_health_band": "success_health",
    }

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
        help="The health score, from 0 to 100; high is good.",
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
        help="The share of the health score's weight that is known. Unknown factors are left out, not counted as zero.",
    )
    success_renewal_risk = KnownFloat(
        related="success_score_id.renewal_risk",
        string="Churn Risk %",
        groups="base.group_user",
        help="The probability that the customer does not renew, from 0 to 100 %; high is bad.",
    )
    success_risk_low = KnownFloat(
        related="success_score_id.risk_low",
        string="Churn Risk from %",
        groups="base.group_user",
    )
    success_risk_high = KnownFloat(
        related="success_score_id.risk_high",
        string="Churn Risk to %",
        groups="base.group_user",
    )
    success_risk_range = fields.Char(
        related="success_score_id.risk_range",
        string="Range of the Risk",
        groups="base.group_user",
    )
    success_risk_band = fields.Selection(
        related="success_score_id.risk_band",
        string="Churn Risk",
        groups="base.group_user",
    )
    success_ready = KnownFloat(
        related="success_score_id.ready", string="Ready", groups="base.group_user"
    )
    success_willing = KnownFloat(
        related="success_score_id.willing", string="Willing", groups="base.group_user"
    )
    success_able = KnownFloat(
        related="success_score_id.able", string="Able", groups="base.group_user"
    )
    success_coverage = KnownFloat(
        related="success_score_id.coverage",
        string="Questions Covered %",
        groups="base.group_user",
        help="The share of the due questions that have a fresh answer.",
    )
    success_stale_answers = fields.Integer(
        related="success_score_id.stale_answers",
        string="Stale Answers",
        groups="base.group_user",
    )
    success_contraction_risk = KnownFloat(
        related="success_score_id.contraction_risk",
        string="Contraction Risk %",
        groups="base.group_user",
        help="The probability that the customer renews with fewer seats, from 0 to 100 %; high is bad.",
    )
    success_value_at_risk = Money(
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
    success_worst_product_id = fields.Many2one(
        related="success_score_id.worst_product_id",
        string="Worst Product",
        groups="base.group_user",
        help="The product with the lowest health score, if the customer has several that differ.",
    )
    success_product_score_ids = fields.One2many(
        "customer.success.product.score",
        "partner_id",
        "Scores by Product",
        readonly=True,
        groups="customer_success.group_success_user",
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
        help="The churn risk and the CSM's view contradict each other.",
    )

    @api.depends("success_score_id.breakdown", "success_score_id.error", "success_former_date")
    @api.depends_context("lang", "uid")
    def _compute_success_explanation(self):
        explain = self.env["customer.success.explanation"]
        for partner in self:
            partner.success_explanation = (
                explain._render(partner)
                if partner.success_stage_id and not partner.success_former_date
                else False
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

    @api.model_create_multi
    def create(self, vals_list):
        self = without_defaults(self, MACHINE)
        partners = super().create([self._without_machine_fields(vals) for vals in vals_list])
        partners.filtered("success_stage_id")._open_success_score()
        return partners

    def write(self, vals):
        vals = self._without_machine_fields(vals)
        stops = "success_stage_id" in vals and not vals["success_stage_id"]
        followed = self.filtered("success_stage_id") if stops else self.browse()
        result = super().write(vals)
        if vals.get("success_stage_id"):
            self._open_success_score()
        # A company that is no longer followed has no score; its records stay.
        followed.sudo().success_score_id.unlink()
        followed.sudo().success_product_score_ids.unlink()
        return result

    def _success_leave(self):
        """Remove the score of former customers; its history stays."""
        result = super()._success_leave()
        self.success_score_id.unlink()
        self.success_product_score_ids.unlink()
        return result

    def _success_come_back(self, since):
        result = super()._success_come_back(since)
        self._open_success_score()
        return result

    @api.model
    def _without_machine_fields(self, vals):
        """Return ``vals`` without fields that only the system writes.

        A person who could link another customer's score would see that score.
        """
        if self.env.su or not MACHINE & vals.keys():
            return vals
        return {name: value for name, value in vals.items() if name not in MACHINE}

    @api.model
    def _success_rated(self, domain):
        """Return the domain of the customers, among ``domain``, whose money has a rate into the company's currency today."""
        groups = self._read_group(
            domain & fields.Domain("success_currency_id", "!=", False), ["success_currency_id"]
        )
        currencies = self.env["res.currency"].union(*(currency for (currency,) in groups))
        company = self.env.company
        rated = {id_ for _company, id_ in currencies._success_factors(company)}
        return fields.Domain("success_currency_id", "in", sorted(rated))

    def _open_success_score(self):
        """Create the row of the score for new customers, so that later only this row changes."""
        missing = self.filtered(
            lambda partner: not partner.success_score_id and not partner.success_former_date
        )
        if missing:
            scores = self.env["customer.success.score"].sudo()
            known = scores.search([("partner_id", "in", missing.ids)]).partner_id
            scores.create([{"partner_id": p.id} for p in missing if p not in known])
            # Linked in one statement: a write of each partner would go through all that follows a change of it.
            missing.flush_recordset(["success_score_id"])
            self.env.execute_query(
                SQL(
                    """
                    UPDATE res_partner partner
                       SET success_score_id = score.id
                      FROM customer_success_score score
                     WHERE score.partner_id = partner.id
                       AND partner.id = ANY(%s)
                 RETURNING partner.id
                    """,
                    missing.ids,
                )
            )
            missing.invalidate_recordset(["success_score_id"], flush=False)
            missing.modified(["success_score_id"])

    def action_success_rescore(self):
        """Score these customers now, without waiting for the job.

        Raise ``AccessError`` for users outside the customer success team.
        """
        self.check_access("read")
        if not self.env.user.has_group("customer_success.group_success_user"):
            raise AccessError(self.env._("Only the customer success team may rescore a customer."))
        mine = self.filtered_domain(self._get_success_customer_domain())
        self.env["customer.success.symptom.flag"].sudo()._check(mine.ids)
        self.env["customer.success.score"].sudo()._rescore(mine)
        return True

    def action_success_history(self):
        return self._action_success("customer_success_score_history_action", fill_temporal=False)
