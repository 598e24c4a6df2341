from odoo import api, models
from odoo.exceptions import AccessError


class CustomerSuccessBrief(models.AbstractModel):
    """The facts for a possible customer: the success services on offer, and the results that others allow us to share."""

    _inherit = "customer.success.brief"

    @api.model
    def _opportunity_brief(self, lead):
        """Return what is printed for an opportunity; nothing of it comes from records that sales may not read."""
        company = lead.company_id or self.env.company
        customer = lead.partner_id.commercial_partner_id
        services = (
            self.env["customer.success.service"]
            .sudo()
            .search([("company_id", "in", [False, company.id])])
        )
        told = self.env["customer.success.objective"]._references_for(customer, company)
        alike = [row for is_like, row in told if is_like]
        return {
            "customer": customer.name or lead.partner_name or lead.contact_name or "",
            "services": [
                {"name": service.name, "description": service.description} for service in services
            ],
            "are_like": bool(alike),
            "results": alike or [row for _is_like, row in told],
        }


class ReportOpportunityBrief(models.AbstractModel):
    """The brief for an opportunity, in the language of the possible customer and on the letterhead of the company."""

    _name = "report.customer_success.opportunity_brief"
    _description = "Success Services for an Opportunity"

    @api.model
    def _get_report_values(self, docids, data=None):
        if not self.env.user.has_group("sales_team.group_sale_salesman"):
            raise AccessError(self.env._("Only sales may print briefs for opportunities."))
        brief = self.env["customer.success.brief"]
        leads = self.env["crm.lead"].browse(docids)
        leads.check_access("read")
        briefs = []
        for lead in leads:
            lang = brief._language_of(lead.partner_id)
            told = lead.with_context(lang=lang)
            briefs.append(
                {
                    "record": told,
                    "company": (lead.company_id or self.env.company).sudo(),
                    "lang": lang,
                    "dir": brief._direction(lang),
                    "facts": brief.with_context(lang=lang)._opportunity_brief(told),
                }
            )
        return {"doc_ids": docids, "doc_model": leads._name, "docs": leads, "briefs": briefs}
