import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...scoring.followed import followed
from ...scoring.terms import same_contract

_logger = logging.getLogger(__name__)

# The number of terms that are renewed in one transaction.
BATCH = 100
# Questions about the end of a term that nobody has to answer once it renewed itself.
QUESTIONS = (
    "customer_success.mail_activity_type_view_gap",
    "customer_success.mail_activity_type_renewal_confirm",
)
# The SQL of an add-on that began after its main term had ended, and that did not end with it.
LEFT_BEHIND = "(renewal.date_start > main.date_outcome AND renewal.ended_with_main IS NOT TRUE)"


class CustomerSuccessRenewal(models.Model):
    """The scheduled action that renews the contracts that renew themselves, and asks how those ended that do not."""

    _inherit = "customer.success.renewal"

    @api.model
    def _cron_renew_themselves(self):
        """Renew the terms that renew themselves, each once, then ask how those ended of which notice was given.

        Add-ons that began after their main term had ended are ended as that one before. A run that comes late renews one term
        of each contract after the other. Each batch is committed, and a term that was renewed is no longer due: a job that is
        killed loses nothing and repeats nothing.
        """
        job, seen = self.env["customer.success.job"], set()
        late = self._due_with_main()
        if late and not job._walk(late, self._end_with_mains, self._note_not_renewed, size=BATCH):
            return
        while due := [id_ for id_ in self._due_to_renew() if id_ not in seen]:
            if not job._walk(due, self._renew_themselves, self._note_not_renewed, size=BATCH):
                return
            seen.update(due)
        job._walk(self._due_to_confirm(), self._ask_how_it_ended, self._note_not_asked, size=BATCH)

    @api.model
    def _due_with_main(self):
        """Return the ids of the add-ons that have begun since their main term ended, and were not ended with it; one query."""
        self.flush_model()
        self.env["res.partner"].flush_model(["success_stage_id", "success_former_date", "active"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT renewal.id
                  FROM customer_success_renewal renewal
                  JOIN customer_success_renewal main ON main.id = renewal.main_id
                  JOIN res_partner customer ON customer.id = renewal.partner_id
                 WHERE renewal.active
                   AND renewal.outcome = 'pending'
                   AND renewal.date_start <= %(today)s
                   AND main.active
                   AND %(left_behind)s
                   AND (main.outcome = 'churned' OR renewal.notice_given_on IS NULL AND %(followed)s)
              ORDER BY renewal.id
                """,
                followed=SQL(followed("customer")),
                left_behind=SQL(LEFT_BEHIND),
                today=fields.Date.today(),
            )
        )
        return [renewal_id for (renewal_id,) in rows]

    @api.model
    def _end_with_mains(self, ids):
        """End these add-ons as their main terms ended, as far as nobody works on them."""
        quiet = self.sudo().with_context(tracking_disable=True, mail_create_nolog=True)
        for addon in quiet.browse(ids).exists().try_lock_for_update():
            if addon._follows_main(fields.Date.context_today(addon)):
                addon._end_with_main()

    @api.model
    def _due_to_renew(self, ids=None):
        """Return the ids of the terms that renew themselves by today, of ``ids`` or of all; one query.

        The terms that a contract or subscription of another addon keeps up to date are renewed with it, and add-ons with
        their main term.
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
                   AND NOT EXISTS (SELECT 1
                                     FROM customer_success_renewal main
                                    WHERE main.id = renewal.main_id
                                      AND main.active
                                      AND (main.outcome = 'pending'
                                           OR main.outcome = 'churned' AND %(left_behind)s))
                   AND GREATEST(COALESCE(renewal.date_notice + 1,
                                         renewal.date_renewal + (renewal.end_is_last_day IS TRUE)::int),
                                renewal.date_start) <= %(today)s
                   AND NOT COALESCE(renewal.source_values ->> 'model', '') = ANY(%(kept)s)
                   AND %(followed)s
                   AND (%(ids)s::int[] IS NULL OR renewal.id = ANY(%(ids)s::int[]))
              ORDER BY renewal.date_renewal, renewal.id
                """,
                followed=SQL(followed("customer")),
                left_behind=SQL(LEFT_BEHIND),
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
            key = (renewal._renews_on(), renewal._value_after_rise(), renewal._at_end()[1])
            groups.setdefault(key, []).append(renewal.id)
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
            bodies={renewal.id: renewal._told_in()._say_renewed_itself() for renewal in due}
        )

    def _value_after_rise(self):
        """Return the annual value of the next term, from what this one ends with."""
        rise = 1 + (self.price_rise or 0.0) / 100
        return self.currency_id.round(self._at_end()[0] * rise)

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
        before = self._at_end()[0]
        if self.renewed_value != before:
            said.append(
                _(
                    "The annual value rises by %(rise)g %%, as agreed, from %(before)s to %(after)s.",
                    rise=self.price_rise,
                    before=self.currency_id.format(before),
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
                   AND %(same_contract)s
                   AND made.date_start < other.date_renewal
                   AND made.date_renewal > COALESCE(other.date_start, other.date_renewal - 1)
                 WHERE mine.id = ANY(%(ids)s)
              ORDER BY mine.id, other.id
                 LIMIT 1
                """,
                same_contract=SQL(same_contract("made", "other")),
                ids=self.ids,
            )
        )
        for mine_id, other_id in rows:
            mine, other = self.browse(mine_id)._told_in(), self.browse(other_id)
            raise UserError(
                mine.env._(
                    "“%(renewal)s” did not renew itself: its next term would run beside the one that ends on %(end)s. Only one "
                    "of the two is the contract of today: record how the other ended.",
                    renewal=mine.display_name,
                    end=format_date(mine.env, other.date_renewal),
                )
            )

    @api.model
    def _note_not_renewed(self, renewal_id, error):
        """Ask the CSM, once, about a term that could not renew itself; the job tries it again the next day."""
        _logger.warning("Renewal %s could not renew itself: %s", renewal_id, error)
        renewal = self.sudo().browse(renewal_id)
        if isinstance(error, UserError) and not renewal.activity_search(QUESTIONS[1:]):
            renewal._told_in()._ask_to_confirm(str(error))
