from odoo import api, fields, models

from ...ingestion.persons import RESTORE, STATES

KEPT_DAYS = 400
# The days for which those that a newer file has replaced are kept, so that it can be taken back.
REPLACED_DAYS = 90
GROUP = "customer_success.group_success_persons"


class CustomerSuccessPerson(models.Model):
    """A person with a licence of a product, as the latest file with one row a user names them.

    It is personal data, so it is kept only if the settings say so, and no more of it than is needed to see who stopped:
    the name of the file, the last activity, and what follows from both. A newer file replaces the persons of its
    customers and products; they are out of sight, and deleted after 90 days, unless it is taken back. Nobody writes them by hand.
    """

    _name = "customer.success.person"
    _description = "User of a Product"
    _order = "partner_id, product_id, last_active desc nulls last, id"
    _rec_name = "person"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, index=True, ondelete="cascade"
    )
    person = fields.Char("User", required=True, readonly=True)
    last_active = fields.Date("Last Active On", readonly=True)
    state = fields.Selection(STATES, "Use", required=True, readonly=True)
    date = fields.Date(
        "Seen From", required=True, readonly=True, help="The first day of the period of the file."
    )
    delivery_id = fields.Many2one(
        "customer.success.usage.delivery",
        "File",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )

    active = fields.Boolean(default=True, readonly=True)
    replaced_by_id = fields.Many2one(
        "customer.success.usage.delivery",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )

    _customer_idx = models.Index("(partner_id, product_id)")

    @api.model
    def _is_kept(self):
        """Return whether the settings say that persons are kept."""
        team = self.env.ref("customer_success.group_success_user")
        # Asked of the database: a worker that has not heard yet of a change would delete what is to be kept.
        domain = [("id", "=", team.id), ("implied_ids", "in", self.env.ref(GROUP).ids)]
        return bool(self.env["res.groups"].sudo().search_count(domain, limit=1))

    @api.autovacuum
    def _gc_persons(self):
        """Forget the persons of old files, and all of them if none are to be kept."""
        everybody = self.with_context(active_test=False)
        if not self._is_kept():
            everybody.search(fields.Domain.TRUE).unlink()
            return
        now = fields.Datetime.now()
        old = fields.Domain("date", "<", fields.Date.subtract(now.date(), days=KEPT_DAYS))
        replaced = fields.Domain("active", "=", False) & fields.Domain(
            "replaced_by_id.create_date", "<", fields.Datetime.subtract(now, days=REPLACED_DAYS)
        )
        everybody.search(old | replaced).unlink()

    @api.model
    def _take_back(self, deliveries):
        """Forget the persons of files that are taken back, and give those that they had replaced back."""
        brought = self.with_context(active_test=False)
        brought.search([("delivery_id", "in", deliveries.ids)]).unlink()
        self.env.flush_all()
        self.env.cr.execute(RESTORE, {"deliveries": deliveries.ids})
        self.invalidate_model()
