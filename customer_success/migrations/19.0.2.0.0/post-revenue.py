from odoo import SUPERUSER_ID, api
from odoo.tools import SQL


def migrate(cr, version):
    """Compute the revenue of all customers on each look until the job, which is woken, has stored it."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["customer.success.revenue.request"]._add_from(
        SQL("SELECT partner_id FROM customer_success_renewal")
    )
    env.flush_all()
    if cron := env.ref("customer_success.ir_cron_revenue", raise_if_not_found=False):
        cron._trigger()
