from odoo import api, fields, models


class CustomerSuccessOpen(models.AbstractModel):
    """A record that is open as long as its state means that something is left to do.

    Domains, views and SQL read ``is_open``, so that each model lists its open states in one place only. Raw SQL that
    writes ``state`` must write ``is_open`` as well.
    """

    _name = "customer.success.open"
    _description = "Record with Open States"

    # The states of the model in which something is left to do.
    _open_states = ()

    is_open = fields.Boolean("Open", compute="_compute_is_open", store=True)

    @api.depends("state")
    def _compute_is_open(self):
        for record in self:
            record.is_open = record.state in self._open_states

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_without_is_open(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(_without_is_open(vals))


def _without_is_open(vals):
    """Return ``vals`` without ``is_open``, which follows the state and ignores the value of a caller."""
    return {name: value for name, value in vals.items() if name != "is_open"}
