import logging

from odoo import api, fields, models

_logger = logging.getLogger(__name__)


class CustomerSuccessSettings(models.AbstractModel):
    """The limits on the settings page. Each wing adds its own defaults."""

    _name = "customer.success.settings"
    _description = "Limits of Customer Success"

    @api.model
    def _defaults(self):
        """Return the defaults ``{key: number}`` of the system parameters ``customer_success.<key>``."""
        return {"turn_days": 14}

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
    """Return a field of the settings page for one limit, with its default."""
    return type_(
        config_parameter=f"customer_success.{key}",
        default=lambda self: self.env["customer.success.settings"]._defaults()[key],
        **kwargs,
    )
