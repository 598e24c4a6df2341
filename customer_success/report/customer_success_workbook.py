from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from . import sheet_customers, sheet_renewals
from .sheet import MAX_ROWS, Formats

SHEETS = {"customers": sheet_customers, "renewals": sheet_renewals}
# Rows above and below the data: heading, totals.
RESERVED_ROWS = 50


class CustomerSuccessWorkbook(models.AbstractModel):
    """Writes the customer book to Excel: the same rows and figures that the screens show."""

    _name = "customer.success.workbook"
    _description = "Customer Success Workbook"

    @api.model
    def _check_export(self):
        """Exporting takes the customer-success role and Odoo's own right to export."""
        user = self.env.user
        if not (
            user.has_group("customer_success.group_success_user")
            and user.has_group("base.group_allow_export")
        ):
            raise AccessError(
                self.env._(
                    "You may not export the customer book. Ask for the right to export, and for a "
                    "role in Customer Success."
                )
            )

    @api.model
    def _write(self, stream, domain=None, sheets=None):
        """Write one xlsx into a binary stream, for the customers in ``domain`` that the user may see.

        ``sheets`` names the sheets, in their order; all when empty. Rows are streamed from
        set-based queries in constant memory. Raises ``AccessError`` without the right to export.
        """
        import xlsxwriter

        self._check_export()
        partners = self.env["res.partner"]
        scope = partners._get_success_customer_domain() & fields.Domain(domain or [])
        customer_ids = partners._search(
            scope, order="success_renewal_risk desc, name, id"
        ).get_result_ids()
        if len(customer_ids) > MAX_ROWS - RESERVED_ROWS:
            raise UserError(
                self.env._(
                    "%(customers)d customers do not fit into one Excel sheet. Filter the list, and "
                    "export the parts.",
                    customers=len(customer_ids),
                )
            )
        workbook = xlsxwriter.Workbook(
            stream,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        formats = Formats(workbook)
        note = self.env._(
            "Customers: %(customers)d, as seen by %(user)s on %(date)s. Health: high is good. Risk: high "
            "is bad. Empty cells are unknown, and left out of averages.",
            customers=len(customer_ids),
            user=self.env.user.name,
            date=format_date(self.env, fields.Date.context_today(self)),
        )
        for name in sheets or SHEETS:
            SHEETS[name].write(self.env, workbook, formats, customer_ids, note)
        workbook.close()
