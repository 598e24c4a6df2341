from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...scoring.chain import day_after

# Terms of at most this many days that renew themselves are month to month.
ROLLING_DAYS = 62
# A change of these fields may let a term renew itself earlier.
DECISIVE = {
    "auto_renew",
    "date_notice",
    "date_renewal",
    "date_start",
    "end_is_last_day",
    "main_id",
    "notice_given_on",
    "notice_is_by_hand",
    "notice_period",
    "notice_to",
    "notice_unit",
}
# What the next term takes over from one that renews itself.
CARRIED = ("auto_renew", "price_rise")


class CustomerSuccessRenewal(models.Model):
    """A contract that renews itself: without a notice, a scheduled action renews its term on the same terms.

    The action (customer_success_renewal_auto_job.py) does so on the day after the notice date or, without a notice date, on
    the day after the end. Nobody has to record it, so such a term is never overdue. A person cannot let it renew itself in
    the past: who ticks the box on a term that is over, or moves its notice date to before today, would record an outcome
    without saying so.
    """

    _inherit = "customer.success.renewal"

    auto_renew = fields.Boolean(
        "Renews Itself",
        tracking=True,
        help="Without a notice, the term renews itself on the day after the notice date or, without a notice period, on the day "
        "after its end.",
    )
    price_rise = fields.Float(
        "Agreed Price Rise %",
        digits=(5, 2),
        help="The annual value rises by this when the term renews itself.",
    )
    renewed_itself = fields.Boolean(
        readonly=True, copy=False, help="The contract renewed itself, because no notice was given."
    )
    date_decision = fields.Date(
        "Decided By",
        compute="_compute_date_decision",
        store=True,
        help="The notice date of a term that renews itself. For any other term, and after a notice, it is the renewal date.",
    )
    is_rolling = fields.Boolean(
        "Month to Month",
        compute="_compute_is_rolling",
        store=True,
        help="The term renews itself after two months at most. Lists show its latest term only.",
    )
    auto_text = fields.Char("Renewal Without Notice", compute="_compute_auto_text")
    term_count = fields.Integer("Terms of the Contract", compute="_compute_term_count")

    _decision_idx = models.Index("(date_decision) WHERE active AND outcome = 'pending'")
    _check_price_rise = models.Constraint(
        "CHECK(price_rise BETWEEN 0 AND 200)",
        "An agreed price rise is between 0 and 200 %. Enter a lower price when the renewal ends.",
    )

    # ------------------------------------------------------------------------------------------
    # Computed fields
    # ------------------------------------------------------------------------------------------

    @api.depends("auto_renew", "notice_given_on", "date_notice", "date_renewal")
    def _compute_date_decision(self):
        for renewal in self:
            by_notice = renewal.auto_renew and not renewal.notice_given_on
            renewal.date_decision = (by_notice and renewal.date_notice) or renewal.date_renewal

    @api.depends("auto_renew", "date_start", "date_renewal", "end_is_last_day")
    def _compute_is_rolling(self):
        for renewal in self:
            start, end = renewal.date_start, renewal.date_renewal
            renewal.is_rolling = bool(
                renewal.auto_renew
                and start
                and end
                and (renewal._date_after() - start).days <= ROLLING_DAYS
            )

    @api.depends(
        "auto_renew", "outcome", "notice_given_on", "date_notice", "date_start", "date_renewal",
        "end_is_last_day", "price_rise", "anchor_start", "anchor_end", "following_months",
    )  # fmt: skip
    def _compute_auto_text(self):
        """Say in words when the term renews itself, and until when."""
        for renewal in self:
            renewal.auto_text = False
            if not renewal._is_to_renew_itself() or not renewal.date_renewal:
                continue
            try:
                end = renewal._next_term()[1]
            except UserError:  # there is no such date
                continue
            dates = {
                "day": format_date(self.env, renewal._renews_on()),
                "end": format_date(self.env, end),
            }
            renewal.auto_text = (
                self.env._(
                    "Unless notice is given, it renews itself on %(day)s until %(end)s, for a price that is %(rise)g %% higher.",
                    rise=renewal.price_rise,
                    **dates,
                )
                if renewal.price_rise
                else self.env._(
                    "Unless notice is given, it renews itself on %(day)s until %(end)s.", **dates
                )
            )

    @api.depends("previous_id", "next_ids")
    def _compute_term_count(self):
        terms = self._terms_of_contract()
        for renewal in self:
            renewal.term_count = len(terms.get(renewal._origin.id, ())) or 1

    def _terms_of_contract(self):
        """Return ``{id: ids of all terms of its chain}``, by one query."""
        if not self._origin:
            return {}
        self.flush_model(["previous_id"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE
                before AS (
                    SELECT id AS mine, id, previous_id
                      FROM customer_success_renewal
                     WHERE id = ANY(%(ids)s)
                     UNION
                    SELECT before.mine, term.id, term.previous_id
                      FROM before
                      JOIN customer_success_renewal term ON term.id = before.previous_id
                ),
                chain AS (
                    SELECT mine, id
                      FROM before
                     WHERE previous_id IS NULL
                     UNION
                    SELECT chain.mine, term.id
                      FROM chain
                      JOIN customer_success_renewal term ON term.previous_id = chain.id AND term.active
                )
                SELECT mine, array_agg(id)
                  FROM chain
              GROUP BY mine
                """,
                ids=self._origin.ids,
            )
        )
        return dict(rows)

    # ------------------------------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------------------------------

    def write(self, vals):
        if self.env.su or not DECISIVE & vals.keys():
            return super().write(vals)
        before = self.filtered(lambda renewal: not renewal._renews_today())
        result = super().write(vals)
        before._refuse_backdated()
        return result

    def _refuse_backdated(self):
        """Refuse a change after which a term that a person left open renews itself at once."""
        for renewal in self.filtered(lambda renewal: renewal._renews_today()):
            if renewal._is_slip() or self.env.user._success_decides_on(renewal.partner_id):
                continue
            raise UserError(
                self.env._(
                    "“%(renewal)s” would have renewed itself on %(day)s, which is over. That no notice was given until then is "
                    "an outcome: record it, or ask a customer success manager to set this.",
                    renewal=renewal.display_name,
                    day=format_date(self.env, renewal._renews_on()),
                )
            )

    @api.model
    def _machine_fields(self):
        return super()._machine_fields() | {"renewed_itself"}

    def _prepare_next_vals(self):
        return super()._prepare_next_vals() | {name: self[name] for name in CARRIED}

    def _complete_outcome(self, vals):
        """Forget that a term renewed itself when a person says how it ended."""
        if "outcome" in vals and "renewed_itself" not in vals:
            vals = {**vals, "renewed_itself": False}
        return super()._complete_outcome(vals)

    # ------------------------------------------------------------------------------------------
    # When a term renews itself
    # ------------------------------------------------------------------------------------------

    def _is_to_renew_itself(self):
        """Return True for a term that waits to renew itself."""
        return self.auto_renew and self.outcome == "pending" and not self.notice_given_on

    def _renews_on(self):
        """Return the day on which the term renews itself: after the last day for notice, and not before it begins."""
        self.ensure_one()
        day = day_after(self.date_notice, True) if self.date_notice else self._date_after()
        return max(day, self.date_start) if self.date_start else day

    def _renews_today(self):
        """Return True for a term that renews itself in the next run."""
        today = fields.Date.context_today(self)
        return self.active and self._is_to_renew_itself() and self._renews_on() <= today

    # ------------------------------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------------------------------

    def action_terms(self):
        """Open all terms of this contract, the latest first."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Terms of the Contract"),
            "res_model": self._name,
            "view_mode": "list,kanban,form",
            "views": [
                (
                    self.env.ref("customer_success.customer_success_renewal_view_list_terms").id,
                    "list",
                ),
                (False, "kanban"),
                (False, "form"),
            ],
            "domain": [("id", "in", sorted(self._terms_of_contract().get(self.id, self.ids)))],
            "context": {"create": False},
        }
