from odoo import models


class CustomerSuccessRenewal(models.Model):
    _inherit = "customer.success.renewal"

    def _success_of_orders(self):
        """Return True if orders may change the term: it is pending and has no contract as its source."""
        told = (self.source_values or {}).get("model")
        return self.outcome == "pending" and told in (None, "sale.order.line")

    def _success_give(self, value, seats):
        """Add an annual value and seats, which may be negative, to those of the term.

        Figures that a person entered stay: the amounts are added to them.
        """
        self.ensure_one()
        told = dict(self.source_values or {})
        vals = {
            "annual_value": max(self.annual_value + value, 0.0),
            "seats": max(self.seats + seats, 0),
        }
        if told:  # the source's figures are kept apart from those that a person entered
            told["annual_value"] = max((told.get("annual_value") or 0.0) + value, 0.0)
            told["seats"] = max((told.get("seats") or 0) + seats, 0)
            vals["source_values"] = told
        self.write(vals)
