from odoo import api, fields, models
from odoo.exceptions import UserError

from ...scoring.terms import STAYING, whole_value
from ..common.known_monetary import KnownMonetary
from ..common.money import Money

NEXT = ("next_value", "next_currency_id")


class CustomerSuccessRenewal(models.Model):
    """The value of a whole term of several years, and a next term in another currency.

    The renewed value stays in the currency of the term, converted on the day of the decision, so that what was kept can be
    compared; the next term begins with the amount that was agreed (``next_value``, ``next_currency_id``).
    """

    _inherit = "customer.success.renewal"

    term_value = KnownMonetary(
        "Value of the Whole Term",
        compute="_compute_term_value",
        store=True,
        help="The annual values over all months of the term. It is unknown as long as the term has no start.",
    )
    next_currency_id = fields.Many2one(
        "res.currency",
        "Currency of the Next Term",
        copy=False,
        help="Enter it if the contract is renewed in another currency.",
    )
    next_value = Money(
        "Value of the Next Term",
        currency_field="next_currency_id",
        copy=False,
        help="The annual value of the next term in its currency.",
    )

    _check_next_value = models.Constraint(
        "CHECK(next_value BETWEEN 0 AND 1e15)", "The value of a renewal cannot be negative."
    )

    @api.depends(
        "date_start", "date_renewal", "end_is_last_day", "annual_value", "start_value", "amendment_id",
        "amendment_ids.active", "amendment_ids.date", "amendment_ids.annual_value",
        "previous_id.date_renewal", "previous_id.end_is_last_day",
    )  # fmt: skip
    def _compute_term_value(self):
        """Compute the value of the days that the term has by itself: one that begins on the last day of the former one has a day less."""
        for term in self:
            if not term.date_start or not term.date_renewal:
                term.term_value = False
                continue
            lines = term.amendment_ids.filtered(lambda line: line.active and line.date)
            lines = lines.sorted("date")
            first = term.start_value if term.amendment_id else term.annual_value
            after = term._date_after()
            start = term._own_start()
            days = [start, *(max(day, start) for day in lines.mapped("date")), after]
            value = whole_value(days, [first or 0.0, *lines.mapped("annual_value")])
            term.term_value = term.currency_id.round(value) if term.currency_id else value

    def _own_start(self):
        """Return the first day of the term that is not the last day of the one before, as contracts are often written."""
        self.ensure_one()
        before = self.previous_id
        if self.end_is_last_day and before and self.date_start == before.date_renewal:
            return before._date_after()
        return self.date_start

    # ------------------------------------------------------------------------------------------
    # Another currency at the renewal
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        terms = super().create(
            [{name: vals[name] for name in vals if name not in NEXT} for vals in vals_list]
        )
        for term, vals in zip(terms, vals_list, strict=True):
            said = {name: vals[name] for name in NEXT if vals.get(name)}
            if len(said) == len(NEXT) and term.outcome in STAYING:
                term.write(said)
        return terms

    def write(self, vals):
        if vals.get("outcome", "renewed") not in STAYING:
            vals = {**vals, "next_value": 0.0, "next_currency_id": False}
        elif {*NEXT, "renewed_value"} & vals.keys():
            result = True
            for term in self:
                result = super(CustomerSuccessRenewal, term).write(term._with_next(vals))
            return result
        return super().write(vals)

    def _with_next(self, vals):
        """Return ``vals`` with a renewed value that agrees with the value of the next term in its currency.

        Raise UserError without a rate, as nobody could say then what was kept.
        """
        self.ensure_one()
        currency = self.currency_id.browse(vals.get("next_currency_id", self.next_currency_id.id))
        if not currency or currency == self.currency_id:
            if vals.get("next_value") and "renewed_value" not in vals:
                vals = {**vals, "renewed_value": vals["next_value"]}
            return {**vals, "next_value": 0.0, "next_currency_id": False}
        day = fields.Date.to_date(vals.get("date_outcome")) or self.date_outcome
        day = day or fields.Date.context_today(self)
        if (
            "renewed_value" in vals and not {*NEXT} & vals.keys()
        ):  # corrected in the currency of the term
            source, value, target = self.currency_id, vals["renewed_value"], currency
        else:
            source, target = currency, self.currency_id
            value = vals.get("next_value", self.next_value)
        converted = source._success_convert(value, target, self.company_id, day)
        if converted is None:
            raise UserError(
                self.env._(
                    "%(term)s: there is no exchange rate from %(one)s to %(other)s on that day, so the renewed value cannot "
                    "be compared. Enter the rate first.",
                    term=self.display_name,
                    one=source.name,
                    other=target.name,
                )
            )
        name = "next_value" if source == self.currency_id else "renewed_value"
        return {**vals, name: target.round(converted)}

    def _prepare_next_vals(self):
        vals = super()._prepare_next_vals()
        if self.next_currency_id:
            vals |= {"currency_id": self.next_currency_id.id, "annual_value": self.next_value}
        return vals
