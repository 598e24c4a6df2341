from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..common.known_float import KnownFloat
from ..common.known_monetary import KnownMonetary

PROOFS = [
    ("met", "Measured, Target Reached"),
    ("below", "Measured, below Target"),
    ("word", "Without a Measure"),
    ("early", "Confirmed before Go-Live"),
]


class CustomerSuccessObjective(models.Model):
    """The cost of an objective beside the value that the customer confirmed, and the return from it."""

    _inherit = "customer.success.objective"

    expected_value = KnownMonetary(help="The expected value a year, once the target is reached.")
    realised_value = KnownMonetary(
        tracking=True,
        help="The value so far. It counts once the customer has confirmed the result.",
    )
    cost = KnownMonetary(
        tracking=True,
        help="The cost of the result, to the customer and to us: licences, work and training. Leave it empty while it is not known. It is internal unless you show it to the customer.",
    )
    is_cost_shared = fields.Boolean(
        "Show Cost to the Customer",
        tracking=True,
        copy=False,
        help="If the objective is shared, the people of the customer see its cost and return as well, in their portal and in their brief.",
    )
    proof = fields.Selection(
        PROOFS,
        "Kind of Proof",
        compute="_compute_proof",
        store=True,
        help="The proof on which the confirmation rests.",
    )
    confirmed_value = KnownMonetary(
        compute="_compute_return",
        store=True,
        help="The realised value, if the customer has confirmed the result and did not do so before go-live.",
    )
    net_value = KnownMonetary(
        compute="_compute_return",
        store=True,
        help="The confirmed value minus the cost, if both are known.",
    )
    return_rate = KnownFloat(
        "Return %",
        compute="_compute_return",
        store=True,
        digits=(16, 1),
        help="The confirmed value minus the cost, as a percentage of the cost. For several objectives it is calculated from their sums.",
    )

    return_note = fields.Char(compute="_compute_return_note")

    _check_value = models.Constraint(
        "CHECK(expected_value BETWEEN 0 AND 1e15 AND realised_value BETWEEN 0 AND 1e15)",
        "The expected value and the realised value cannot be negative.",
    )
    _check_cost = models.Constraint(
        "CHECK(cost BETWEEN 0 AND 1e15)", "The cost of an objective cannot be negative."
    )

    @api.depends("state", "is_early", "progress")
    def _compute_proof(self):
        for objective in self:
            if objective.state != "confirmed":
                objective.proof = False
            elif objective.is_early:
                objective.proof = "early"
            elif objective.progress is False:
                objective.proof = "word"
            else:
                objective.proof = "met" if objective.progress >= 100 else "below"

    @api.depends("state", "is_early", "realised_value", "cost", "currency_id")
    def _compute_return(self):
        for objective in self:
            counts = objective.state == "confirmed" and not objective.is_early
            value, cost = objective.realised_value if counts else False, objective.cost
            is_known = value is not False and cost is not False and cost > 0
            objective.confirmed_value = value
            objective.net_value = value - cost if is_known else False
            objective.return_rate = 100 * (value - cost) / cost if is_known else False

    @api.depends("return_rate", "state", "is_early", "realised_value", "cost")
    @api.depends_context("lang")
    def _compute_return_note(self):
        """Say why the return is unknown."""
        for objective in self:
            if objective.return_rate is not False:
                note = False
            elif objective.state != "confirmed":
                note = self.env._("unknown until the customer confirms the result")
            elif objective.is_early:
                note = self.env._("unknown: the result was confirmed before go-live")
            elif objective.cost is False:
                note = self.env._("unknown: the cost is missing")
            else:
                note = self.env._("unknown: the realised value is missing")
            objective.return_note = note

    def _full_value_date(self):
        """Return the first day on which all of these objectives that had begun were confirmed; ``False`` if there is none.

        A long-term objective must be among them: a quick result alone is a first value, not the full one. An objective that
        is confirmed below its target, was missed, or was confirmed before go-live holds it up. One that begins later does
        not take it back.
        """
        full = {o: o.confirmed_date for o in self if o.proof in ("met", "word")}
        for day in sorted(filter(None, full.values())):
            begun = [o for o in self if not o.date_start or o.date_start <= day]
            if all(o in full and full[o] <= day for o in begun) and any(
                o.horizon == "long" for o in begun
            ):
                return day
        return False

    @api.constrains("cost")
    def _check_cost(self):
        for objective in self:
            if objective.cost is not False and not 0 < objective.cost <= 1e15:
                raise ValidationError(
                    self.env._(
                        "The cost of “%s” must be more than 0: work costs something as well. "
                        "Leave it empty while it is not known; its return is then unknown, too.",
                        objective.name,
                    )
                )

    def write(self, vals):
        shown = (
            self.filtered("is_cost_shared")
            if {"partner_id", "is_shared"} & vals.keys()
            else self.browse()
        )
        result = super().write(vals)
        # When sharing ends, the cost is internal again, also if the objective is shared later.
        shown.filtered(lambda objective: not objective.is_shared).is_cost_shared = False
        return result

    def _read_group_select(self, aggregate_spec, query):
        """Compute the return of a group from its sums, not as the mean of the returns of its rows."""
        if aggregate_spec == "return_rate:avg":
            known = SQL("%s IS NOT NULL", self._field_to_sql(self._table, "return_rate", query))
            net, cost = (
                self._sum_in_one_currency(name, query, known) for name in ("net_value", "cost")
            )
            return SQL("round((100 * %s / NULLIF(%s, 0))::numeric, 1)", net, cost)
        return super()._read_group_select(aggregate_spec, query)
