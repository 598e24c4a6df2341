from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Number the existing barriers in the order in which they were opened."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    barriers = env["customer.success.barrier"].with_context(active_test=False)
    for barrier in barriers.search([("number", "=", False)], order="date_opened, id"):
        barrier.number = env["ir.sequence"].next_by_code(barrier._name)
    env.flush_all()
    # Their waiting time starts today, so that the first nightly job does not escalate old barriers.
    cr.execute(
        """
        UPDATE customer_success_barrier
           SET waiting_since = CURRENT_DATE
         WHERE state = 'confirmed'
           AND waiting_since IS NULL
        """
    )
