from odoo import api, fields, models
from odoo.tools import format_date

from ...scoring.shown import whole

LAST_TALKS = 3  # conversations that the brief tells of


class CustomerSuccessBrief(models.AbstractModel):
    """The facts that a new CSM needs: where the customer stands, what is promised, who is there, and the traps."""

    _inherit = "customer.success.brief"

    @api.model
    def _handover_brief(self, partner):
        """Return all facts about a customer that is handed over, for our own eyes."""
        return {
            "stands": self._stands(partner),
            "promises": self._promises(partner),
            "people": self._people(partner),
            "traps": self._traps(partner),
            "talks": self._last_talks(partner),
            "note": partner.sudo().success_handover_id.note,
            "from": partner.success_csm_before_id.sudo().name,
            "since": format_date(self.env, partner.success_csm_since),
        }

    @api.model
    def _stands(self, partner):
        score = partner.success_score_id.sudo()
        bands = self._labels(partner, "success_health_band")
        risks = self._labels(partner, "success_risk_band")
        views = self._labels(partner, "success_sentiment")
        reasons = self.env["customer.success.explanation"]._reasons(score)[score] if score else []
        plan = partner.success_plan_id
        return {
            "stage": partner.success_stage_id.name,
            "days": partner.success_stage_days,
            "health": False if partner.success_health is False else round(partner.success_health),
            "health_band": bands.get(partner.success_health_band, ""),
            "risk": False
            if partner.success_renewal_risk is False
            else whole(partner.success_renewal_risk),
            "risk_band": risks.get(partner.success_risk_band, ""),
            "at_risk": self._money(partner.success_value_at_risk, partner.success_currency_id),
            "renewal": format_date(self.env, partner.success_next_renewal_date),
            "reasons": reasons,
            "view": views.get(partner.success_sentiment, ""),
            "view_note": partner.success_sentiment_note,
            "success": plan.success_definition,
            "promised": plan.promised,
        }

    @api.model
    def _promises(self, partner):
        """Return what is open at the customer and who does it by when, the earliest first."""
        today = fields.Date.context_today(self)
        ours = [("partner_id", "=", partner.id)]
        is_open = [*ours, ("is_open", "=", True)]
        talks = self.env["customer.success.interaction"].search([*ours, ("state", "=", "planned")])
        barriers = self.env["customer.success.barrier"].search(is_open)
        objectives = self.env["customer.success.objective"].search(is_open)
        changes = self.env["customer.success.change"].search(is_open)
        # Steps to introduce oneself are no promise to the customer.
        activities = (
            self.env["mail.activity"]
            .search([("success_partner_id", "=", partner.id)])
            .filtered(lambda one: one.success_run_id.play_id.trigger != "taken_over")
        )
        kinds = self._labels(talks, "kind")
        rows = [
            *((one.date, kinds[one.kind], one.user_id.name) for one in talks),
            *((one.date_due, one.name, one.owner_contact_id.name) for one in barriers),
            *((one.date_due, one.name, one.user_id.name) for one in objectives),
            *((one.date, one.name, one.owner_contact_id.name) for one in changes),
            *(
                (one.date_deadline, one.summary or one.activity_type_id.name, one.user_id.name)
                for one in activities
            ),
        ]
        rows.sort(key=lambda row: (not row[0], row[0] or today))
        return [
            {
                "date": format_date(self.env, date),
                "is_late": bool(date) and date < today,
                "what": what,
                "who": who,
            }
            for date, what, who in rows
        ]

    @api.model
    def _people(self, partner):
        people = partner.success_stakeholder_ids
        roles = self._labels(people, "role")
        influences = self._labels(people, "influence")
        wills = self._labels(people, "willingness")
        return [
            {
                "name": person.contact_id.name,
                "role": roles[person.role],
                "influence": influences.get(person.influence, ""),
                "willingness": wills.get(person.willingness, ""),
                "talk": format_date(self.env, person.last_talk_date),
                "step": person.next_step,
                "is_gone": person.is_gone,
                "note": person.note,
            }
            for person in people
        ]

    @api.model
    def _traps(self, partner):
        """Return what a new CSM could step into: what needs attention, and barriers that nobody may remove."""
        traps = list(partner._success_attention_lines())
        traps += [
            self.env._("Nobody has the authority to remove “%s”.", barrier.display_name)
            for barrier in partner.success_barrier_ids.filtered("is_open")
            if barrier.authority != "granted" or not barrier.owner_contact_id
        ]
        if partner.success_view_gap:
            traps.append(
                self.env._("The former CSM's view and the computed score of this customer differ.")
            )
        return list(dict.fromkeys(traps))

    @api.model
    def _last_talks(self, partner):
        talks = self.env["customer.success.interaction"].search(
            [("partner_id", "=", partner.id), ("state", "=", "held")], limit=LAST_TALKS
        )
        kinds = self._labels(talks, "kind")
        return [
            {
                "date": format_date(self.env, talk.date),
                "kind": kinds[talk.kind],
                "who": talk.user_id.sudo().name,
                "summary": talk.summary,
            }
            for talk in talks
        ]


class ReportHandoverBrief(models.AbstractModel):
    """The hand-over brief for the new CSM, in the reader's language."""

    _name = "report.customer_success.handover_brief"
    _description = "Hand-Over Brief"

    @api.model
    def _get_report_values(self, docids, data=None):
        brief = self.env["customer.success.brief"]
        partners = self.env["res.partner"].browse(docids).commercial_partner_id
        brief._check_may_print(partners)
        lang = self.env.lang or "en_US"
        return {
            "doc_ids": partners.ids,
            "doc_model": partners._name,
            "docs": partners,
            "briefs": [
                {
                    "record": partner,
                    "company": (partner.company_id or self.env.company).sudo(),
                    "lang": lang,
                    "dir": brief._direction(lang),
                    "name": partner.name,
                    "facts": brief._handover_brief(partner),
                }
                for partner in partners
            ],
        }
