from odoo import api, models


class CustomerSuccessUsageRevision(models.Model):
    """The former figures of running periods, which events change many times a day."""

    _inherit = "customer.success.usage.revision"

    @api.autovacuum
    def _gc_of_events(self):
        """Forget figures from events that other events replaced on the same day: the last ones of each day stay."""
        self.env.cr.execute(
            """
            DELETE FROM customer_success_usage_revision r
             USING customer_success_usage_delivery came, customer_success_usage_delivery gone
             WHERE came.id = r.delivery_id
               AND gone.id = r.replaced_by_id
               AND came.origin = 'events'
               AND gone.origin = 'events'
               AND came.create_date::date = gone.create_date::date
            """
        )
        self.invalidate_model()
