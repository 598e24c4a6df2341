"""The sheet of objectives: the results that customers want, their progress, and the value that they confirmed."""

from odoo.tools.translate import LazyTranslate

from .rows import Labels
from .sheet import register
from .sheet_customers import coloured
from .table import Column, Table

_lt = LazyTranslate(__name__)

PROOF_COLOURS = {"met": "good", "below": "warn", "word": "warn", "early": "bad"}
STATE_COLOURS = {"confirmed": "good", "reached": "good", "missed": "bad"}


@register
class Objectives(Table):
    code = "objectives"
    title = _lt("Objectives")
    sequence = 80
    model = "customer.success.objective"
    order = "date_due, id"

    def heading(self):
        return self.env._("Objectives and value realised")

    def note(self):
        return self.env._(
            "A value counts once the customer has confirmed the result, and not if that was before go-live. "
            "An empty cost is unknown, and with it the return."
        )

    @classmethod
    def explain(cls, env):
        return (
            (
                env._("Return of an objective"),
                env._(
                    "(confirmed value − cost) / cost, if both are known. For several objectives: the sum of their net "
                    "values divided by the sum of their costs, in one currency."
                ),
            ),
        )

    def make_columns(self):
        _ = self.env._
        state = Labels(self.env[self.model], "state")
        proof = Labels(self.env[self.model], "proof")
        return (
            self.customer(),
            Column("name", _("Objective"), "text", 40),
            self.choice("state", _("State"), 12, colours=coloured(state, STATE_COLOURS)),
            self.choice("horizon", _("Horizon"), 13),
            self.record("product_id", _("Product"), "product.product", 20),
            Column("our_contribution", _("What we contribute"), "text", 30),
            Column("customer_contribution", _("What the customer contributes"), "text", 30),
            Column("date_start", _("Start"), "date", 11),
            Column("date_due", _("Due"), "date", 11),
            Column("metric", _("KPI"), "text", 30),
            Column("unit", _("Unit"), "text", 10),
            Column("baseline", _("Baseline"), "number", 10),
            Column("target", _("Target"), "number", 10),
            Column("actual", _("Actual"), "number", 10),
            Column("date_actual", _("Measured on"), "date", 11),
            Column("progress", _("Progress"), "percent", 10, total="average", bar=1),
            Column("expected_value", _("Value expected"), "money", 15, currency="currency_id"),
            Column("realised_value", _("Value realised"), "money", 15, currency="currency_id"),
            Column("confirmed_value", _("Value confirmed"), "money", 15, currency="currency_id"),
            Column("cost", _("Cost"), "money", 15, currency="currency_id"),
            Column("net_value", _("Net value"), "money", 15, currency="currency_id"),
            Column("return_rate", _("Return"), "percent", 10),
            Column("currency_id", _("Currency"), "text", 9, names=self.currencies),
            self.record("confirmed_by_id", _("Confirmed by"), "res.partner", 20, "name"),
            Column("confirmed_date", _("Confirmed on"), "date", 11),
            self.choice("proof", _("Kind of proof"), 22, colours=coloured(proof, PROOF_COLOURS)),
            Column("evidence", _("Evidence"), "text", 40),
            Column("shortfall_reason", _("Reason below target"), "text", 30),
            self.record("user_id", _("Followed by"), "res.users", 18, "name"),
            self.choice("turn", _("Whose turn"), 14),
        )
