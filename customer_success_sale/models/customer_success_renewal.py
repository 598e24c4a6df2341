from odoo import models


class CustomerSuccessRenewal(models.Model):
    _inherit = "customer.success.renewal"

    def _success_of_orders(self):
        """Whether orders still have a say in it: a contract that took over speaks for all of the term."""
        told = (self.source_values or {}).get("model")
        return self.outcome == "pending" and told in (None, "sale.order.line")

    def _success_give(self, value, seats):
        """More or less than before, on top of whatever a person wrote."""
        self.ensure_one()
        told = dict(self.source_values or {})
        vals = {
            "annual_value": max(self.annual_value + value, 0.0),
            "seats": max(self.seats + seats, 0),
        }
        if told:  # what a person wrote stays apart from what was told
            told["annual_value"] = max((told.get("annual_value") or 0.0) + value, 0.0)
            told["seats"] = max((told.get("seats") or 0) + seats, 0)
            vals["source_values"] = told
        self.write(vals)
