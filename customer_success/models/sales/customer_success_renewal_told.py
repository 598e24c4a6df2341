from odoo import api, models
from odoo.tools import SQL

from ...scoring.followed import followed
from ..renewals.customer_success_renewal_notice import NOTICE
from ..renewals.customer_success_renewal_terms import PERIOD, TERM

# What is copied to the opportunity besides its revenue, and what each copy is made from.
COPIED = {
    "name": ("name",),
    "date_deadline": ("date_notice", "date_renewal"),
    "partner_id": ("partner_id", "buyer_id"),
    "success_for_id": ("partner_id", "buyer_id"),
    "company_id": ("company_id",),
}
# A change of these may change what the opportunity is told.
SOURCES = {
    *TERM, *PERIOD, *NOTICE, "date_notice", "notice_is_by_hand", "partner_id", "buyer_id", "product_id", "contract_number",
    "company_id", "currency_id", "annual_value", "main_id", "outcome", "active",
}  # fmt: skip
# The number of opportunities that follow in one transaction.
BATCH = 100


class CustomerSuccessRenewal(models.Model):
    """The opportunity follows its renewal, as far as nobody has touched it.

    What the renewal gave last stands on the opportunity (``success_told``). A value that differs from it was entered by a
    person: it stays, and the opportunity says what the renewal says now. A job lets copies follow what changes without a
    write, as exchange rates do.
    """

    _inherit = "customer.success.renewal"

    # ------------------------------------------------------------------------------------------
    # What the opportunity is told
    # ------------------------------------------------------------------------------------------

    def _lead_sources(self):
        """Return the values that the copies on the opportunity are made from, as plain values."""
        self.ensure_one()
        names = {name for sources in COPIED.values() for name in sources}
        return {name: self._plain(name) for name in sorted(names)}

    def _said_to_lead(self, lead, factors):
        """Return what the opportunity of this term is told now, as plain values, with the sources of each.

        A copy stays what it is as long as its sources do: a deadline does not move when its day passes.
        """
        self.ensure_one()
        sources, told = self._lead_sources(), lead.success_told or {}
        said = {"expected_revenue": self._event_value(factors), "sources": sources}
        fresh = self._prepare_lead_copies(lead.user_id)
        for name, of in COPIED.items():
            same = name in told and all(
                told["sources"].get(source) == sources[source] for source in of
            )
            said[name] = told[name] if same else _plain_copy(fresh[name])
        return said

    def _lead_follows(self, quiet=False):
        """Give the open opportunities of these terms, and of their main terms, what changed; say what stays as entered."""
        terms = self.sudo() | self.sudo().main_id
        terms = terms.filtered(
            lambda term: (
                term.outcome == "pending" and term.active and term.lead_id.won_status == "pending"
            )
        )
        factors = terms._company_factors() if terms else {}
        for term in terms:
            lead = term.lead_id
            told, said = lead.success_told or {}, term._said_to_lead(lead, factors)
            if told == said:
                continue
            changes, kept = {}, []
            for name in (*COPIED, "expected_revenue"):
                if told.get(name) == said[name] or said[name] is None:
                    continue
                if lead._success_is_as_told(name, said[name]):
                    continue
                if name in told and lead._success_is_as_told(name, told[name]):
                    changes[name] = said[name]
                else:
                    kept.append(name)
            if "company_id" in changes:
                changes |= term._sellers_in_company(lead)
            lead.write({**changes, "success_told": said})
            if not quiet:
                lead.with_context(lang=lead.user_id.lang or self.env.lang)._success_say_kept(
                    said, kept
                )

    def _sellers_in_company(self, lead):
        """Return who sells after the term moved to another company: as before, if that is possible there."""
        self.ensure_one()
        team = lead.team_id
        stays = not lead.user_id or self.company_id in lead.user_id.company_ids
        if stays and (not team.company_id or team.company_id == self.company_id):
            return {}
        user, team = self._find_sellers()[self.id]
        return {"user_id": user.id, "team_id": team.id}

    # ------------------------------------------------------------------------------------------
    # Terms of customers that were merged
    # ------------------------------------------------------------------------------------------

    def _fold_opportunities(self, gone):
        """Take over the opportunity of a term that is this one; merge two that are open, part one that is over."""
        result = super()._fold_opportunities(gone)
        for lead in gone.lead_ids:
            ours = self.lead_id
            if ours and ours.won_status != "pending" and lead.won_status == "pending":
                ours.success_renewal_id = False  # it is over, and the other one goes on
                ours = self.lead_id
            follows = not ours and lead._success_is_untouched()
            lead.success_renewal_id = False if ours else self
            if follows:
                lead.expected_revenue = (lead.success_told or {}).get("expected_revenue") or 0.0
            if ours and {lead.won_status, ours.won_status} == {"pending"}:
                # The opportunity of the term that stays is the head, so that it stays what it was told.
                ours._merge_opportunity_into(lead)
        if self.active and self.outcome == "pending":
            self._open_lead_again()  # it was lost only because its term was set aside
        return result

    @api.model
    def _follow_merge(self, customers):
        terms = super()._follow_merge(customers)
        terms._lead_follows()
        return terms

    # ------------------------------------------------------------------------------------------
    # When it is told
    # ------------------------------------------------------------------------------------------

    def _amended(self, before):
        result = super()._amended(before)
        self._lead_follows()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        terms = super().create(vals_list)
        terms.main_id._lead_follows()
        return terms

    def write(self, vals):
        if vals.keys().isdisjoint(SOURCES):
            return super().write(vals)
        mains = self.sudo().main_id
        result = super().write(vals)
        (self | mains)._lead_follows()
        return result

    def unlink(self):
        mains = self.sudo().main_id - self
        result = super().unlink()
        mains._lead_follows()
        return result

    @api.model
    def _cron_open_leads(self):
        """Let the open opportunities follow what changed without a write, before new ones are opened."""
        behind = self._with_open_leads().sudo()
        factors = behind._company_factors() if behind else {}
        behind = behind.filtered(
            lambda term: term.lead_id.success_told != term._said_to_lead(term.lead_id, factors)
        )
        if behind:
            self.env["customer.success.job"]._walk(
                behind,
                lambda terms: terms.exists()._lead_follows(quiet=True),
                self._note_no_lead,
                size=BATCH,
            )
        return super()._cron_open_leads()

    @api.model
    def _with_open_leads(self):
        """Return the pending terms with an open opportunity; one query."""
        self.flush_model()
        self.env["crm.lead"].flush_model(["success_renewal_id", "active", "won_status"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT renewal.id
                  FROM customer_success_renewal renewal
                  JOIN res_partner customer ON customer.id = renewal.partner_id
                  JOIN crm_lead lead ON lead.success_renewal_id = renewal.id
                 WHERE renewal.active
                   AND renewal.outcome = 'pending'
                   AND lead.active
                   AND lead.won_status = 'pending'
                   AND %s
              ORDER BY renewal.id
                """,
                SQL(followed("customer")),
            )
        )
        return self.browse([renewal_id for (renewal_id,) in rows])


def _plain_copy(value):
    return value.isoformat() if hasattr(value, "isoformat") else value
