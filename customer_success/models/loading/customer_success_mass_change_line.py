from odoo import models
from odoo.exceptions import UserError

from ...scoring.terms import STAYING


class CustomerSuccessMassChangeLine(models.Model):
    """The deletion of what a file has created: each kind of record lets go of what hangs on it first."""

    _inherit = "customer.success.mass.change.line"

    def _give_back(self, model, old):
        if model._name == "customer.success.renewal.amendment":
            # What a term ended with is kept, as its outcome was compared with it.
            model.browse(self.mapped("res_id")).sudo(False)._check_open()
        return super()._give_back(model, old)

    def _delete(self, records):
        if records._name == "crm.lead":
            # Nobody can delete the opportunity of a pending renewal, which may be older than the file.
            records.success_renewal_id = False
        if records._name != "customer.success.renewal":
            super()._delete(records)
            return
        before = records.previous_id - records
        records._take_back_next()
        if made := records.next_ids.filtered("is_generated"):
            raise UserError(
                self.env._("Somebody has worked on the next term: %s.", made[0].display_name)
            )
        super()._delete(records)
        # The file's term had taken the place of the one that followed by itself.
        before = before.exists().filtered(lambda term: term.outcome in STAYING)
        before._follow(before)
