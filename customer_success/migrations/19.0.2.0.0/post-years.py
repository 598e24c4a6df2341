from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Compute the years after go-live of all customers soon, not only in the next night."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    if cron := env.ref("customer_success.ir_cron_years", raise_if_not_found=False):
        cron._trigger()
