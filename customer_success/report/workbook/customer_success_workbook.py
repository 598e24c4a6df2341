import errno
import tempfile

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .book import Book
from .sheet import FILTER

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class CustomerSuccessWorkbook(models.AbstractModel):
    """The writer of the customer book as an Excel workbook, with the same rows and figures as the screens."""

    _name = "customer.success.workbook"
    _description = "Customer Success Workbook"

    @api.model
    def _check_export(self):
        """Check that the user has a customer success role and Odoo's own right to export."""
        if not self._may_export():
            raise AccessError(
                self.env._(
                    "You may not export the customer book. Ask for the right to export, and for a "
                    "role in Customer Success."
                )
            )

    @api.model
    def _may_export(self):
        user = self.env.user
        return user.has_group("customer_success.group_success_user") and user.has_group(
            "base.group_allow_export"
        )

    @api.model
    def _customer_domain(self, domain=None):
        """Return the domain of the customers in ``domain``, of any form of domain, that the user may export."""
        return self.env["res.partner"]._get_success_customer_domain() & fields.Domain(domain or [])

    @api.model
    def _everybody_domain(self, domain=None):
        """Return the same domain with the former customers, for the sheets of what has ended."""
        return self.env["res.partner"]._get_success_own_domain() & fields.Domain(domain or [])

    @api.model
    def _write(
        self,
        stream,
        domain=None,
        sheets=None,
        filters="",
        months=None,
        before=None,
        report_progress=None,
    ):
        """Write one xlsx into a binary stream, for the customers in ``domain`` that the user may see.

        ``sheets`` are the codes of the sheets, all if empty; sheets that the user may not have are left out.
        ``filters`` describes ``domain`` as a text. ``months`` is the number of months that the workbook covers back and
        ahead. ``before`` is ``{"date", "figures"}`` of the workbook to compare with. ``report_progress`` is called with
        the progress in percent. Rows are streamed in constant memory.

        :return: ``{"customers", "figures"}``
        :raise AccessError: if the user has no right to export
        :raise UserError: if the disk is full; the stream is then left empty
        """
        import xlsxwriter

        self._check_export()
        self.env.flush_all()
        customers = self.env["res.partner"]._search(self._customer_domain(domain))
        everybody = self.env["res.partner"]._search(self._everybody_domain(domain))
        ended = self.env["res.partner"].with_context(active_test=False)
        ended = ended._search(fields.Domain(domain or []))
        # An unfinished workbook is deleted with the directory, whatever happens.
        with tempfile.TemporaryDirectory(prefix="customer_success_workbook") as directory:
            workbook = xlsxwriter.Workbook(
                stream,
                {
                    "constant_memory": True,
                    "tmpdir": directory,
                    "strings_to_formulas": False,
                    "strings_to_urls": False,
                    "strings_to_numbers": False,
                },
            )
            workbook.use_zip64()
            try:
                book = Book(
                    self.env,
                    workbook,
                    customers,
                    everybody,
                    ended,
                    filters=filters,
                    months=months,
                    before=before,
                    report_progress=report_progress,
                )
                answer = self._write_sheets(book, sheets)
                workbook.close()
            except Exception as error:
                workbook.fileclosed = True
                self._clear(stream)
                if _is_full(error):
                    raise UserError(
                        self.env._(
                            "There is not enough disk space on the server for the workbook. Nothing was stored. "
                            "Choose fewer customers or sheets, or tell your administrator."
                        )
                    ) from error
                raise
        return answer

    def _write_sheets(self, book, codes):
        """Claim the names, read the totals, then write, because the Summary refers to cells of later sheets."""
        known = {sheet.code: sheet for sheet in self.env[FILTER]._sheet_types()}
        unknown = set(codes or ()) - known.keys()
        if unknown:
            raise UserError(self.env._("There is no sheet “%s”.", ", ".join(sorted(unknown))))
        theirs = {code: sheet for code, sheet in known.items() if sheet.is_for(self.env)}
        book.chosen = [code for code in theirs if not codes or code in codes]
        if not book.chosen:
            raise UserError(self.env._("You do not have access to any of these sheets."))
        asked = {*book.chosen, *(need for code in book.chosen for need in theirs[code].needs)}
        book.sheets = {code: theirs[code](book) for code in theirs if code in asked}
        for sheet in book.sheets.values():
            sheet.prepare()
        for code in book.chosen:
            book.sheets[code].fill()
        customers = book.sheets.get("customers")
        return {"customers": customers and customers.count, "figures": book.figures}

    @staticmethod
    def _clear(stream):
        """Empty the stream, so that no half workbook remains."""
        stream.seek(0)
        stream.truncate()


def _is_full(error):
    """Return whether this error or one of its causes means that the disk is full."""
    while error:
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        error = error.__cause__ or error.__context__
    return False
