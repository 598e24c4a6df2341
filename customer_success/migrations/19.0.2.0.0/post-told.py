from odoo import SUPERUSER_ID, api, fields
from odoo.tools import split_every

BATCH = 500


def migrate(cr, version):
    """Remember what the open opportunities of renewals were told, so that those that nobody touched follow from now on.

    A revenue that is the value at the rate of the day on which the opportunity was opened was not touched either.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    leads = env["crm.lead"].search(
        [("success_renewal_id", "!=", False), ("won_status", "=", "pending")], order="id"
    )
    leads = leads.filtered(lambda lead: not lead.success_told)
    for ids in split_every(BATCH, leads.ids):
        batch = leads.browse(ids)
        batch._success_remember()
        for lead in batch.filtered(lambda lead: not lead._success_is_untouched()):
            term = lead.success_renewal_id
            day = fields.Datetime.context_timestamp(lead, lead.create_date).date()
            currencies = (term | term.addon_ids).currency_id
            value = term._event_value(currencies._success_factors(term.company_id, day))
            if value is not None and lead._success_is_as_told("expected_revenue", value):
                lead.success_told = {**lead.success_told, "expected_revenue": value}
        env.flush_all()
        env.invalidate_all()
