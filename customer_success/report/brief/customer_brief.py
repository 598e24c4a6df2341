from odoo import api, fields, models

# The number of lines of each list that fit on one page; the number of further ones is shown below the list.
MOST = {
    "objectives_proven": 3,
    "objectives_open": 3,
    "barriers_removed": 3,
    "barriers_open": 3,
    "changes_ahead": 3,
    "steps": 4,
}
MONTHS = 12


class ReportCustomerBrief(models.AbstractModel):
    """The report of one page for a business review: the customer's results of a year, which it may see."""

    _name = "report.customer_success.customer_brief"
    _description = "Customer Brief"

    @api.model
    def _get_report_values(self, docids, data=None):
        partners = self.env["res.partner"].browse(docids).commercial_partner_id
        brief = self.env["customer.success.brief"]
        brief._check_may_print(partners)
        today = fields.Date.context_today(self)
        start = fields.Date.subtract(today, months=MONTHS)
        briefs = []
        for partner in partners:
            lang = brief._language_of(partner)
            told = partner.with_context(lang=lang)
            teller = brief.with_context(lang=lang)
            facts = teller._for_customer(teller._facts(told, start, today))
            more = {}
            for key, most in MOST.items():
                more[key] = max(0, len(facts[key]) - most)
                facts[key] = facts[key][:most]
            briefs.append(
                {
                    "record": told,
                    "company": (partner.company_id or self.env.company)
                    .sudo()
                    .with_context(lang=lang),
                    "lang": lang,
                    "dir": brief._direction(lang),
                    "name": partner.name,
                    "csm": partner.success_user_id.name,
                    "facts": facts,
                    "more": more,
                }
            )
        return {
            "doc_ids": partners.ids,
            "doc_model": partners._name,
            "docs": partners,
            "briefs": briefs,
        }
