from odoo import fields, models
from odoo.tools import SQL

from ..common.money import Money
from ..scores.customer_success_customer_risk import CUSTOMER


class CrmLead(models.Model):
    """A lead with the churn risk of the customer that it is about, who may not be the one that buys: read, never copied."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "customer.success.customer.risk"]

    success_customer_id = fields.Many2one(
        related=CUSTOMER,
        string="Company of Who Uses It",
        groups="base.group_user",
    )
    success_value_at_risk = Money(
        help="The value at risk of the customer, not of this opportunity. A sum counts each customer once."
    )

    def _read_group_select(self, aggregate_spec, query):
        """Sum the value at risk over customers, each once, and not over leads; only in one currency."""
        if aggregate_spec == "success_value_at_risk:sum":
            return SQL(
                """(SELECT SUM(value::numeric)
                      FROM jsonb_each_text(
                          jsonb_object_agg(%(customer)s, %(value)s)
                              FILTER (WHERE %(value)s IS NOT NULL)))""",
                customer=self._field_to_sql(self._table, "success_customer_id", query),
                value=self._field_to_sql(self._table, "success_value_at_risk", query),
            )
        if aggregate_spec == "success_value_at_risk:sum_currency":
            return SQL("NULL::numeric")
        return super()._read_group_select(aggregate_spec, query)

    def action_success_renewal(self):
        """Open the renewal that this opportunity is for, as sales sees it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "customer.success.sales.renewal",
            "res_id": self.success_renewal_id.id,
            "view_mode": "form",
        }
