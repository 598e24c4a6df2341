from odoo import api, models
from odoo.tools import SQL

# The columns that decide when a term, or an amendment of it, brings which value: those that scoring/pieces.py reads.
READ = {
    "customer.success.renewal": [
        "active",
        "annual_value",
        "company_id",
        "contract_number",
        "counted_value",
        "currency_id",
        "date_renewal",
        "date_start",
        "end_is_last_day",
        "main_id",
        "notice_is_late",
        "notice_kind",
        "notice_value",
        "outcome",
        "partner_id",
        "previous_id",
        "product_id",
        "renewed_free",
        "renewed_value",
        "replaced_by_id",
        "start_value",
    ],
    "customer.success.renewal.amendment": [
        "active",
        "annual_value",
        "counted_value",
        "date",
        "renewal_id",
    ],
}
NAMES = frozenset(name for names in READ.values() for name in names)


class CustomerSuccessRevenueSource(models.AbstractModel):
    """A record that decides on the recurring revenue of a customer, which is stored anew when the record changes.

    The change is noticed when it is written to the database, so that computed columns are noticed as well.
    """

    _name = "customer.success.revenue.source"
    _description = "Source of Recurring Revenue"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._ask_revenue()
        return records

    def _write_multi(self, vals_list):
        changed = {name for vals in vals_list for name in vals} & NAMES
        if changed:
            self._ask_revenue()
        result = super()._write_multi(vals_list)
        if changed & {"partner_id", "renewal_id"}:
            self._ask_revenue()
        return result

    def unlink(self):
        self._ask_revenue()
        return super().unlink()

    def _ask_revenue(self):
        """Request that the revenue of the customers of these records be stored anew, as they are in the database."""
        self.env["customer.success.revenue.request"]._add_from(
            SQL(
                "SELECT partner_id FROM %s WHERE id = ANY(%s)",
                SQL.identifier(self._table),
                list(self._ids),
            )
        )
