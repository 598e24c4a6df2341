from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Make the answers of people who have left history, as archiving or moving a contact does from now on."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    gone = env["customer.success.answer"].search([("is_gone", "=", True)])
    env["customer.success.score.request"]._add(gone._refresh_current())
