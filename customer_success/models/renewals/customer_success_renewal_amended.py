import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..common.known_monetary import KnownMonetary
from .customer_success_renewal_amendment import CARRIED

_logger = logging.getLogger(__name__)

# The figures that an amendment changes.
FIGURES = ("annual_value", "seats")
BATCH = 500


class CustomerSuccessRenewal(models.Model):
    """A term that changes within its time: the figures are those of today, and what they were is kept.

    See ``customer.success.renewal.amendment`` for how to read a value on a day. A figure that is entered on the term
    itself corrects the amendment in force, or what the term began with as long as there is none.
    """

    _inherit = "customer.success.renewal"

    amendment_ids = fields.One2many(
        "customer.success.renewal.amendment", "renewal_id", "Amendments", copy=False
    )
    amendment_id = fields.Many2one(
        "customer.success.renewal.amendment",
        "Amendment in Force",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    start_value = KnownMonetary(
        "Annual Value at the Start",
        readonly=True,
        copy=False,
        help="The annual value that the term began with. It is empty until an amendment has taken effect.",
    )
    start_seats = fields.Integer(
        "Seats at the Start", readonly=True, copy=False, help="The seats that the term began with."
    )

    def _line_on(self, day):
        """Return the amendment in force on a day, or none."""
        self.ensure_one()
        lines = self.sudo().amendment_ids.filtered(
            lambda line: line.active and line.date and line.date <= day
        )
        return lines.sorted("date")[-1:]

    def _annual_value_on(self, day):
        """Return the annual value that counts on a day, in the currency of the term.

        It does not ask whether the term runs on that day. In SQL, ``scoring.amendments.value_on`` is the same.
        """
        line = self._line_on(day)
        if line:
            return line.counted_value
        return self.start_value if self.amendment_id else self.counted_value

    def _seats_on(self, day):
        """Return the seats on a day; in SQL, ``scoring.amendments.seats_on`` is the same."""
        line = self._line_on(day)
        if line:
            return line.seats
        return self.start_seats if self.amendment_id else self.seats

    def _at_end(self, vals=None):
        """Return ``(annual value, seats)`` with which the term ends, also if ``vals`` are written.

        An amendment that is agreed and not yet in force counts: what is renewed is the term as it ends.
        """
        self.ensure_one()
        line = self._line_on(self.date_renewal) if self.date_renewal else self.amendment_id
        if line and line != self.amendment_id:
            return line.annual_value, line.seats
        vals = vals or {}
        return vals.get("annual_value", self.annual_value) or 0.0, vals.get(
            "seats", self.seats
        ) or 0

    # ------------------------------------------------------------------------------------------
    # The figures of today
    # ------------------------------------------------------------------------------------------

    @api.model
    def _machine_fields(self):
        return super()._machine_fields() | {"amendment_id", "start_value", "start_seats"}

    def write(self, vals):
        self._check_one_currency(vals)
        result = super().write(vals)
        if "amendment_id" not in vals and not vals.keys().isdisjoint(FIGURES):
            self._carry_to_line(vals)
        if not vals.keys().isdisjoint(("date_start", "date_renewal", "end_is_last_day")):
            self.sudo().amendment_ids._check_date()
        return result

    def _check_one_currency(self, vals):
        """Refuse another currency of a term with amendments, whose figures are in the former one."""
        currency_id = vals.get("currency_id")
        for term in self.sudo() if currency_id else ():
            if term.amendment_ids and term.currency_id.id != currency_id:
                raise UserError(
                    self.env._(
                        "%s has amendments in its currency. Another currency begins with the next term.",
                        term.display_name,
                    )
                )

    def _carry_to_line(self, vals):
        """Take over figures that were entered on the term into the amendment in force."""
        for term in self.sudo().filtered("amendment_id"):
            term.amendment_id.with_context(**{CARRIED: True}).write(
                {name: term[name] for name in FIGURES if name in vals}
            )

    def _ends_with(self):
        """Return ``{id: annual value with which the term ends}``."""
        return {term.id: term._at_end()[0] for term in self.sudo()}

    def _amended(self, before):
        """Follow the amendments of these terms; ``before`` is what each ended with, see `_ends_with`."""
        self._follow_amendments()

    def _follow_amendments(self):
        """Give these terms the figures of the amendment in force today; a second run changes nothing."""
        today = fields.Date.context_today(self)
        for term in self.sudo():
            line = term._line_on(today)
            if line:
                vals = {"amendment_id": line.id, **{name: line[name] for name in FIGURES}}
                if not term.amendment_id:
                    vals |= {"start_value": term.counted_value, "start_seats": term.seats}
            elif term.amendment_id or term.start_value is not False:
                vals = {
                    "amendment_id": False,
                    "annual_value": term.start_value,
                    "seats": term.start_seats,
                    "start_value": False,
                    "start_seats": 0,
                }
            else:
                continue
            changes = {
                name: value
                for name, value in vals.items()
                if (term[name].id if name == "amendment_id" else term[name]) != value
            }
            if changes:
                term.write({**changes, "amendment_id": vals["amendment_id"]})

    def _amend_from_source(self, changes, before):
        """Enter figures that the source changes while the term runs as an amendment from today; return the other changes.

        What the source says on the day on which it is read first, or together with other dates, is no amendment.
        """
        today = fields.Date.context_today(self)
        figures = {*FIGURES} & changes.keys() & before.keys()
        taken = fields.Datetime.context_timestamp(self, self.create_date).date()
        if (
            not figures
            or {"date_start", "date_renewal", "currency_id"} & changes.keys()
            or taken >= today
            or not self.date_start
            or not self.date_start < today < self._date_after()
        ):
            return changes
        values = {name: changes.get(name, self[name]) for name in FIGURES}
        line = self.amendment_ids.filtered(lambda line: line.date == today)
        if line:
            line.write(values)
        else:
            source = self.source_name or self.env._("The contract or order")
            self.env["customer.success.renewal.amendment"].create(
                {
                    "renewal_id": self.id,
                    "date": today,
                    "reason": self.env._("Changed in %s", source),
                    **values,
                }
            )
        return {name: value for name, value in changes.items() if name not in values}

    @api.model
    def _cron_follow_amendments(self):
        """Give the terms whose amendments take effect today their new figures, batch by batch."""
        self.env["customer.success.job"]._walk(
            self._due_for_amendment().sudo(),
            lambda terms: terms.exists().with_context(tracking_disable=True)._follow_amendments(),
            self._note_not_amended,
            size=BATCH,
        )

    @api.model
    def _due_for_amendment(self):
        """Return the terms that do not have the figures of the amendment in force; one query."""
        self.flush_model()
        self.env["customer.success.renewal.amendment"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT renewal.id
                  FROM customer_success_renewal renewal
                  JOIN (SELECT DISTINCT ON (renewal_id) renewal_id, id
                          FROM customer_success_renewal_amendment
                         WHERE active
                           AND date <= %s
                      ORDER BY renewal_id, date DESC) line
                    ON line.renewal_id = renewal.id
                 WHERE renewal.amendment_id IS DISTINCT FROM line.id
              ORDER BY renewal.id
                """,
                fields.Date.context_today(self),
            )
        )
        return self.browse([renewal_id for (renewal_id,) in rows])

    @api.model
    def _note_not_amended(self, renewal, error):
        """Log that a term could not follow its amendment; the job tries again the next day."""
        _logger.warning("The term %s does not follow its amendment: %s", renewal.id, error)
