from odoo import api, models

# The first opportunity that was won with the company or one of its people, or for it with another one that buys.
SINCE_WON = """
    SELECT contact.commercial_partner_id, min(lead.date_closed)::date, 'won'
      FROM crm_lead lead
      JOIN res_partner contact ON contact.id = COALESCE(lead.success_for_id, lead.partner_id)
     WHERE contact.commercial_partner_id IN_SCOPE
       AND lead.won_status = 'won'
       AND lead.date_closed::date <= %(today)s
  GROUP BY contact.commercial_partner_id
"""


class CustomerSuccessTenure(models.Model):
    """The time as a customer, which may have begun with a won opportunity."""

    _inherit = "customer.success.tenure"

    @api.model
    def _since_sources(self):
        return [*super()._since_sources(), SINCE_WON]
