import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...scoring.chain import day_after
from ...scoring.followed import followed

_logger = logging.getLogger(__name__)

# The number of terms that are renewed in one transaction.
BATCH = 100
# Terms of at most this many days that renew themselves are month to month.
ROLLING_DAYS = 62
# A change of these fields may let a term renew itself earlier.
DECISIVE = {
    "auto_renew",
    "date_notice",
    "date_renewal",
    "date_start",
    "end_is_last_day",
    "notice_given_on",
    "notice_is_by_hand",
    "notice_period",
    "notice_to",
    "notice_unit",
}
# What the next term takes over from one that renews itself.
CARRIED = ("auto_renew", "price_rise")
# Questions about the end of a term that nobody has to answer once it renewed itself.
QUESTIONS = (
    "customer_success.mail_activity_type_view_gap",
    "customer_success.mail_activity_type_renewal_confirm",
)


class CustomerSuccessRenewal(models.Model):
    """A contract that renews itself: without a notice, a scheduled action renews its term on the same terms.

    It does so on the day after the notice date or, without a notice date, on the day after the end. Nobody has to record
    it, so such a term is never overdue. A person cannot let it renew itself in the past: who ticks the box on a term that is
    over, or moves its notice date to before today, would record an outcome without saying so.
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
        "end_is_last_day", "price_rise", "anchor_start", "anchor_end",
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
    # Scheduled action
    # ------------------------------------------------------------------------------------------

    @api.model
    def _cron_renew_themselves(self):
        """Renew the terms that renew themselves, each once, then ask how those ended of which notice was given.

        A run that comes late renews one term of each contract after the other. Each batch is committed, and a term that was
        renewed is no longer due: a job that is killed loses nothing and repeats nothing.
        """
        job, seen = self.env["customer.success.job"], set()
        while due := [id_ for id_ in self._due_to_renew() if id_ not in seen]:
            if not job._walk(due, self._renew_themselves, self._note_not_renewed, size=BATCH):
                return
            seen.update(due)
        job._walk(self._due_to_confirm(), self._ask_how_it_ended, self._note_not_asked, size=BATCH)

    @api.model
    def _due_to_renew(self, ids=None):
        """Return the ids of the terms that renew themselves by today, of ``ids`` or of all; one query.

        The terms that a contract or subscription of another addon keeps up to date are renewed with it.
        """
        self.flush_model()
        self.env["res.partner"].flush_model(["success_stage_id", "success_former_date", "active"])
        kept = self.pool.descendants(["customer.success.renewal.source"], "_inherit")
        rows = self.env.execute_query(
            SQL(
                """
                SELECT renewal.id
                  FROM customer_success_renewal renewal
                  JOIN res_partner customer ON customer.id = renewal.partner_id
                 WHERE renewal.active
                   AND renewal.outcome = 'pending'
                   AND renewal.auto_renew
                   AND renewal.notice_given_on IS NULL
                   AND renewal.date_decision <= %(today)s
                   AND GREATEST(COALESCE(renewal.date_notice + 1,
                                         renewal.date_renewal + (renewal.end_is_last_day IS TRUE)::int),
                                renewal.date_start) <= %(today)s
                   AND NOT COALESCE(renewal.source_values ->> 'model', '') = ANY(%(kept)s)
                   AND %(followed)s
                   AND (%(ids)s::int[] IS NULL OR renewal.id = ANY(%(ids)s::int[]))
              ORDER BY renewal.date_renewal, renewal.id
                """,
                followed=SQL(followed("customer")),
                kept=sorted(kept),
                today=fields.Date.today(),
                ids=ids,
            )
        )
        return [renewal_id for (renewal_id,) in rows]

    @api.model
    def _renew_themselves(self, ids):
        """Renew these terms, as far as they are still due and nobody works on them; say so in each."""
        quiet = self.sudo().with_context(tracking_disable=True, mail_create_nolog=True)
        due = quiet.browse(ids).exists().try_lock_for_update()
        due = due.browse(self._due_to_renew(due.ids))
        groups = {}
        for renewal in due:
            value = renewal._value_after_rise()
            groups.setdefault((renewal._renews_on(), value, renewal.seats), []).append(renewal.id)
        for (day, value, seats), same in groups.items():
            due.browse(same).write(
                {
                    "outcome": "renewed",
                    "date_outcome": day,
                    "renewed_value": value,
                    "renewed_seats": seats,
                    "renewed_itself": True,
                    "is_generated": False,
                }
            )
        due._refuse_double_terms()
        due.activity_unlink(QUESTIONS)
        due._message_log_batch(
            bodies={renewal.id: renewal._say_renewed_itself() for renewal in due}
        )

    def _value_after_rise(self):
        return self.currency_id.round(self.annual_value * (1 + (self.price_rise or 0.0) / 100))

    def _say_renewed_itself(self):
        """Return what the chatter says of a term that renewed itself."""
        _ = self.env._
        day = format_date(self.env, self.date_outcome)
        said = [
            _(
                "The contract renewed itself on %(day)s, because no notice was given until %(notice)s.",
                day=day,
                notice=format_date(self.env, self.date_notice),
            )
            if self.date_notice
            else _(
                "The contract renewed itself on %s, because no notice was given before the end of the term.",
                day,
            )
        ]
        if self.renewed_value != self.annual_value:
            said.append(
                _(
                    "The annual value rises by %(rise)g %%, as agreed, from %(before)s to %(after)s.",
                    rise=self.price_rise,
                    before=self.currency_id.format(self.annual_value),
                    after=self.currency_id.format(self.renewed_value),
                )
            )
        return " ".join(said)

    def _refuse_double_terms(self):
        """Refuse to renew a term of a product for which another term is recorded at that time; one query."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mine.id, other.id
                  FROM customer_success_renewal mine
                  JOIN customer_success_renewal made ON made.previous_id = mine.id AND made.active
                  JOIN customer_success_renewal other
                    ON other.partner_id = made.partner_id
                   AND other.product_id = made.product_id
                   AND other.company_id = made.company_id
                   AND other.id NOT IN (mine.id, made.id)
                   AND other.active
                   AND made.date_start < other.date_renewal
                   AND made.date_renewal > COALESCE(other.date_start, other.date_renewal - 1)
                 WHERE mine.id = ANY(%s)
              ORDER BY mine.id, other.id
                 LIMIT 1
                """,
                self.ids,
            )
        )
        for mine_id, other_id in rows:
            mine, other = self.browse(mine_id), self.browse(other_id)
            raise UserError(
                self.env._(
                    "“%(renewal)s” did not renew itself: its next term would run beside the one that ends on %(end)s. Only one "
                    "of the two is the contract of today: record how the other ended.",
                    renewal=mine.display_name,
                    end=format_date(self.env, other.date_renewal),
                )
            )

    @api.model
    def _note_not_renewed(self, renewal_id, error):
        """Ask the CSM, once, about a term that could not renew itself; the job tries it again the next day."""
        _logger.warning("Renewal %s could not renew itself: %s", renewal_id, error)
        renewal = self.sudo().browse(renewal_id)
        if isinstance(error, UserError) and not renewal.activity_search(QUESTIONS[1:]):
            renewal._ask_to_confirm(str(error))

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
