import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring.followed import followed
from ...scoring.renewal import decided_by
from ...scoring.terms import STAYING

_logger = logging.getLogger(__name__)

# The number of renewals whose opportunities are created in one transaction.
BATCH = 100
CONFIRM_ACTIVITY = "customer_success.mail_activity_type_renewal_confirm"


class CustomerSuccessRenewal(models.Model):
    """A renewal in the pipeline: one opportunity, in time, for the right salesperson; both end together.

    The renewal decides. Ending it wins or loses the opportunity. Winning the opportunity at the value of the
    term renews it, unless other figures were entered on the renewal. Any other end of the opportunity, also by
    dragging its card, changes nothing and asks the CSM for the outcome: an opportunity may be lost because the
    contact changed, and sales does not decide that a customer churned.

    A main term and its add-ons are one opportunity, that of the main term, over the value of all of them.
    """

    _inherit = "customer.success.renewal"

    # ------------------------------------------------------------------------------------------
    # Scheduled action: open opportunities
    # ------------------------------------------------------------------------------------------

    @api.model
    def _cron_open_leads(self):
        """Create an opportunity for each renewal that is due, batch by batch and only once."""
        self.env["customer.success.job"]._walk(
            self._due_for_lead().sudo(), self._open_leads_of, self._note_no_lead, size=BATCH
        )

    @api.model
    def _due_for_lead(self):
        """Return pending renewals without an opportunity whose last day to act is near; one query.

        The last day to act is the notice date, else the renewal date. A lost opportunity counts as well. A notice is due at
        once. A contract that renews itself month to month would always be in the pipeline: it gets an opportunity when
        notice is given.
        """
        days = int(self.env["customer.success.settings"]._limit("renewal_lead_days"))
        self.flush_model()
        self.env["crm.lead"].flush_model(["success_renewal_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT renewal.id
                  FROM customer_success_renewal renewal
                  JOIN res_partner customer ON customer.id = renewal.partner_id
                 WHERE renewal.active
                   AND renewal.outcome = 'pending'
                   AND renewal.date_renewal >= %(today)s
                   AND (renewal.notice_given_on IS NOT NULL
                        OR renewal.is_rolling IS NOT TRUE
                           AND COALESCE(renewal.date_notice, renewal.date_renewal) <= %(last)s
                           AND (renewal.auto_renew IS NOT TRUE OR %(due)s >= %(today)s))
                   AND %(followed)s
                   AND NOT EXISTS (SELECT 1
                                     FROM customer_success_renewal main
                                    WHERE main.id = renewal.main_id
                                      AND main.active
                                      AND main.outcome = 'pending')
                   AND NOT EXISTS (SELECT 1
                                     FROM crm_lead lead
                                    WHERE lead.success_renewal_id = renewal.id)
              ORDER BY renewal.date_renewal, renewal.id
                """,
                followed=SQL(followed("customer")),
                due=SQL(decided_by("renewal")),
                today=fields.Date.today(),
                last=fields.Date.today() + timedelta(days=days),
            )
        )
        return self.browse([renewal_id for (renewal_id,) in rows])

    @api.model
    def _open_leads_of(self, renewals):
        """Create opportunities of the renewals that are still due, as people work during the job."""
        renewals.exists().filtered(
            lambda r: r.active and r.outcome == "pending" and not r.lead_ids
        )._open_leads()

    @api.model
    def _note_no_lead(self, renewal, error):
        """Log that an opportunity could not be created; the job tries again the next day."""
        _logger.warning("No opportunity for renewal %s: %s", renewal.id, error)

    def _open_leads(self):
        """Create the opportunities of these renewals without notifying their salespeople."""
        sellers = self._find_sellers()
        factors = self._company_factors()
        leads = self.env["crm.lead"].sudo()
        leads = leads.with_context(mail_auto_subscribe_no_notify=True, mail_create_nosubscribe=True)
        for company, renewals in self.grouped("company_id").items():
            leads.with_company(company).create(
                [renewal._prepare_lead_vals(*sellers[renewal.id], factors) for renewal in renewals]
            )
        self.filtered("is_generated").is_generated = False

    def _prepare_lead_vals(self, user, team, factors):
        self.ensure_one()
        vals = {
            **self._prepare_lead_copies(user),
            "type": "opportunity",
            "user_id": user.id,
            "expected_revenue": self._event_value(factors) or 0.0,
            "success_renewal_id": self.id,
        }
        if team:
            vals["team_id"] = team.id
        return vals

    def _prepare_lead_copies(self, user):
        """Return what the opportunity copies from the term, besides its revenue, in the language of its salesperson."""
        self.ensure_one()
        notice = self.date_notice
        told = self.with_context(lang=user.lang or self.env.user.lang)
        return {
            "name": told.env._("Renewal: %s", self.name),
            "partner_id": self._sells_to().id,
            "success_for_id": self.partner_id.id if self.buyer_id else False,
            "company_id": self.company_id.id,
            "date_deadline": (
                notice if notice and notice >= fields.Date.today() else self.date_renewal
            ),
        }

    def _company_factors(self):
        """Return what the currencies of these renewals and their add-ons are worth in their companies'; one query."""
        currencies = (self | self.sudo().addon_ids).currency_id
        return currencies._success_factors(self.company_id, fields.Date.today())

    def _event_value(self, factors, own=None):
        """Return what is expected of this term and of its add-ons, in the currency of the company.

        With ``own``, the value with which this term was renewed, return what was won. Return ``None`` if a rate is missing.
        Add-ons that were lost alone do not count.
        """
        self.ensure_one()
        amounts = [self._company_value(self._expected_value() if own is None else own, factors)]
        for addon in self.sudo().addon_ids:
            if addon.outcome == "pending":
                value = addon._expected_value() if own is None else addon._won_value()
                amounts.append(addon._company_value(value, factors))
            elif addon.outcome in STAYING:
                amounts.append(addon._company_value(addon.renewed_value, factors))
        return None if None in amounts else sum(amounts)

    def _expected_value(self):
        """Return the annual value with which the term ends, or what a notice leaves of it; nothing of an add-on that ends."""
        self.ensure_one()
        if self.main_id and self.notice_kind == "end":
            return 0.0
        return self.notice_value if self.notice_kind == "reduce" else self._at_end()[0]

    def _won_value(self):
        """Return what this pending add-on adds to what was won, now that its main term is renewed.

        One of which notice was given in time is not renewed with it.
        """
        self.ensure_one()
        if self._is_noticed_in_time():
            return 0.0
        if not self._follows_main(fields.Date.context_today(self)):
            return self._expected_value()
        if self.main_id.renewed_itself:
            return self._value_after_rise()
        return self.renewed_value or self._at_end()[0]

    def _company_value(self, value, factors):
        """Return an amount in the currency of the company, ``None`` if there is no rate."""
        factor = factors.get((self.company_id.id, self.currency_id.id))
        return None if factor is None else self.company_id.currency_id.round(value * factor)

    def _find_sellers(self):
        """Return ``{renewal id: (user, team)}`` of the salespeople, with two queries.

        The salesperson is that of who buys, else the one who won its last opportunity, else the leader of that
        one's team, else the one of the customer. Users who are archived, external or without access to the company are skipped.
        """
        last = self._last_won()
        users = self.env["res.users"].sudo()
        nobody, no_team = users.browse(), self.env["crm.team"].sudo()
        sellers = {}
        for renewal in self.sudo():
            buyer = renewal._sells_to()
            won_by, team = last.get(buyer.id, (nobody, no_team))
            if not team.active or (team.company_id and team.company_id != renewal.company_id):
                team = no_team
            candidates = (buyer.user_id, won_by, team.user_id, renewal.partner_id.user_id)
            user = next(
                (
                    candidate
                    for candidate in candidates
                    if candidate.active
                    and not candidate.share
                    and renewal.company_id in candidate.company_ids
                ),
                nobody,
            )
            if user not in (team.member_ids | team.user_id):
                team = no_team if user else team
            sellers[renewal.id] = (user, team)
        return sellers

    def _last_won(self):
        """Return ``{id: (salesperson, team)}`` of the opportunity that each company that buys won last."""
        self.env["crm.lead"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (contact.commercial_partner_id)
                       contact.commercial_partner_id, lead.user_id, lead.team_id
                  FROM crm_lead lead
                  JOIN res_partner contact ON contact.id = lead.partner_id
                 WHERE contact.commercial_partner_id = ANY(%s)
                   AND lead.won_status = 'won'
              ORDER BY contact.commercial_partner_id, lead.date_closed DESC NULLS LAST, lead.id DESC
                """,
                [term._sells_to().id for term in self],
            )
        )
        users, teams = self.env["res.users"].sudo(), self.env["crm.team"].sudo()
        return {
            partner_id: (users.browse(user_id or []), teams.browse(team_id or []))
            for partner_id, user_id, team_id in rows
        }

    # ------------------------------------------------------------------------------------------
    # Renewals and opportunities end together
    # ------------------------------------------------------------------------------------------

    def _close_lead(self):
        """Win, lose or reopen the opportunities by the outcomes; in sudo, as CSMs may lack sales rights."""
        for renewal in self.sudo().filtered("lead_id"):
            lead = renewal.lead_id
            if renewal.outcome in STAYING and lead.won_status != "won":
                value = renewal._event_value(renewal._company_factors(), renewal.renewed_value)
                if value is not None:
                    lead._success_win_at(value)
                lead.action_set_won()
            elif renewal.outcome == "churned" and lead.won_status != "lost":
                reason = self.env.ref(
                    "customer_success.crm_lost_reason_churned", raise_if_not_found=False
                )
                lead.action_set_lost(lost_reason_id=reason.id if reason else False)
            elif renewal.outcome == "pending":
                lead._reopen_for_renewal()
        ended = self.sudo().filtered(lambda renewal: renewal.outcome != "pending")
        ended.activity_unlink([CONFIRM_ACTIVITY])  # also where there is no opportunity

    def _lead_won(self):
        """Renew the renewals whose opportunities sales won at the value of the term; else ask the CSM.

        The CSM is also asked if other figures were entered on the renewal. Sales is never stopped by these,
        as it cannot see them.
        """
        for renewal in self.sudo().filtered(lambda renewal: renewal.outcome == "pending"):
            ends_with, seats = renewal._at_end()
            value = renewal._event_value(renewal._company_factors())
            lead, currency = renewal.lead_id, renewal.company_id.currency_id
            revenue = lead.expected_revenue
            begun = not renewal.date_start or renewal.date_start <= fields.Date.context_today(self)
            noted = (
                renewal.notice_given_on
                or (renewal.renewed_value or ends_with) != ends_with
                or (renewal.renewed_seats or seats) != seats
            )
            # Compared in the currency of the contract: untouched, it is the value at the rate of the day it was told.
            same = value and (
                not currency.compare_amounts(value, revenue) or lead._success_is_untouched()
            )
            if same and begun and not noted:
                renewal.outcome = "renewed"
                renewal._message_log(
                    body=self.env._(
                        "Renewed, because the opportunity was won at the value of the term."
                    )
                )
            else:
                renewal._ask_to_confirm(
                    self.env._(
                        "The opportunity was won at %(revenue)s. Confirm the outcome of the renewal: renewed, expanded or contracted.",
                        revenue=currency.format(revenue),
                    )
                )

    def _notice_changed(self):
        """Say on the opportunities that notice was given or withdrawn."""
        result = super()._notice_changed()
        for renewal in self.sudo().filtered(lambda r: r.lead_id and r.outcome == "pending"):
            renewal.lead_id._message_log(
                body=renewal.notice_said
                or self.env._("The notice was withdrawn: the renewal is open again.")
            )
        return result

    def _lead_lost(self):
        """Ask the CSM for the outcome of renewals whose opportunities sales lost."""
        for renewal in self.sudo().filtered(lambda renewal: renewal.outcome == "pending"):
            reason = renewal.lead_id.lost_reason_id.name
            renewal._ask_to_confirm(
                self.env._("The opportunity was lost: %s. Did they churn?", reason)
                if reason
                else self.env._("The opportunity was lost. Did they churn?")
            )

    def _lead_reopened(self):
        """Remove the questions to the CSM, and ask to check renewals that have ended.

        Called when the opportunities of these renewals are opened again.
        """
        for renewal in self.sudo():
            renewal.activity_unlink([CONFIRM_ACTIVITY])
            if renewal.outcome != "pending":
                renewal._ask_to_confirm(
                    self.env._(
                        "The opportunity was opened again, but this renewal has ended. Reopen the renewal if it was ended by mistake."
                    )
                )

    def _told_in(self):
        """Return this record in the language of who is responsible for it, for what a job says."""
        return self.with_context(lang=self._success_responsible().lang or self.env.lang)

    def _ask_to_confirm(self, note):
        self.ensure_one()
        self.activity_unlink([CONFIRM_ACTIVITY])
        self.activity_schedule(CONFIRM_ACTIVITY, user_id=self._success_responsible().id, note=note)

    def _success_responsible(self):
        """Return the CSM, else a customer success manager, or none."""
        self.ensure_one()
        return self.sudo().partner_id._success_in_charge(company=self.company_id)
