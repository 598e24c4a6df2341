from odoo import models
from odoo.tools import SQL


class CustomerSuccessKept(models.AbstractModel):
    """A report with a row for each term, or for what it brought: a click opens the term, and ratios of groups are those of sums."""

    _name = "customer.success.kept"
    _inherit = "customer.success.money"
    _description = "Report of What Was Kept"
    # The ratios of sums, {field: the amount that is divided by the base}, and the base.
    _ratios = {}
    _ratio_base = ""

    def _renewal_of_row(self):
        """Return the id of the renewal of this row."""
        return self.id

    def action_open_renewal(self):
        """Open the renewal of this row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "customer.success.renewal",
            "res_id": self._renewal_of_row(),
            "views": [(False, "form")],
        }

    def _read_group_select(self, aggregate_spec, query):
        """Compute the ratio of a group from its sums, not as the mean of the ratios of its rows."""
        name, _dot, function = aggregate_spec.partition(":")
        if name in self._ratios and function == "avg":
            return SQL(
                "round((100 * %s / NULLIF(%s, 0))::numeric, 1)",
                self._sum_in_one_currency(self._ratios[name], query),
                self._sum_in_one_currency(self._ratio_base, query),
            )
        return super()._read_group_select(aggregate_spec, query)
