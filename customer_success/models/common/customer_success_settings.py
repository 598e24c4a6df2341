import logging

from odoo import api, fields, models

_logger = logging.getLogger(__name__)


class CustomerSuccessSettings(models.AbstractModel):
    """The limits that the settings page shows. Each wing adds the defaults of its own."""

    _name = "customer.success.settings"
    _description = "Limits of Customer Success"

    @api.model
    def _defaults(self):
        """Return ``{key: number}``: what holds for ``customer_success.<key>`` where nobody changed it."""
        return {}

    @api.model
    def _limit(self, key):
        """Return the limit in force, as a float.

        Fall back to the default when the system parameter is not a number, so that the nightly jobs continue.
        """
        default = self._defaults()[key]
        value = self.env["ir.config_parameter"].sudo().get_param(f"customer_success.{key}", default)
        try:
            return float(value)
        except ValueError:
            _logger.warning(
                "The system parameter customer_success.%s is “%s”, which is not a number; %s is used.",
                key,
                value,
                default,
            )
            return float(default)


def limit_field(key, type_=fields.Float, **kwargs):
    """A field of the settings page for one limit, with the default that holds without it."""
    return type_(
        config_parameter=f"customer_success.{key}",
        default=lambda self: self.env["customer.success.settings"]._defaults()[key],
        **kwargs,
    )
