"""The sheet of products: the health and the risk of each product at each customer, the worst first."""

from odoo.tools.translate import LazyTranslate

from .rows import Labels
from .sheet import register
from .sheet_customers import HEALTH_COLOURS, RISK_COLOURS, coloured
from .table import Column, Table

_lt = LazyTranslate(__name__)


@register
class Products(Table):
    code = "products"
    title = _lt("Products")
    sequence = 25
    model = "customer.success.product.score"
    order = "health, id"

    def heading(self):
        return self.env._("Health and churn risk by product, the worst first")

    def note(self):
        return self.env._(
            "The health of a customer is the mean of its products by annual value. High health is good, high risk is bad."
        )

    def make_columns(self):
        _ = self.env._
        scores = self.env[self.model]
        health, risk = Labels(scores, "health_band"), Labels(scores, "risk_band")
        return (
            self.customer(),
            self.record("product_id", _("Product"), "product.product", 24),
            Column("health", _("Health (high is good)"), "number", 9, total="average"),
            self.choice(
                "health_band", _("Health band"), 12, colours=coloured(health, HEALTH_COLOURS)
            ),
            Column("confidence", _("Known"), "percent", 9, total="average", bar=1),
            Column("adoption", _("Adoption rate"), "percent", 10, total="average", bar=1),
            Column(
                "is_worst",
                _("Worst of its customer"),
                "text",
                10,
                names={True: _("Worst"), False: ""},
            ),
            Column("churn_risk", _("Churn risk (high is bad)"), "risk", 11, total="average"),
            self.choice("risk_band", _("Risk band"), 9, colours=coloured(risk, RISK_COLOURS)),
            Column("value_at_risk", _("Value at risk"), "money", 15, currency="currency_id"),
            Column("currency_id", _("Currency"), "text", 9, names=self.currencies),
            Column("date_renewal", _("Renewal"), "date", 11),
        )
