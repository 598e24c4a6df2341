from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date

from ...scoring.counted import say_seats
from ...scoring.terms import STAYING, contradiction, same_contract

# A change of these fields by a person makes a generated term an ordinary one.
FACTS = {
    "partner_id",
    "buyer_id",
    "product_id",
    "contract_number",
    "company_id",
    "currency_id",
    "date_start",
    "date_renewal",
    "date_notice",
    "end_is_last_day",
    "following_months",
    "notice_period",
    "notice_unit",
    "notice_to",
    "annual_value",
    "seats",
    "outcome",
    "active",
    "auto_renew",
    "price_rise",
    "notice_given_on",
    "notice_kind",
    "notice_seats",
    "notice_value",
}
RENEWED = ("renewed_value", "renewed_seats")
# The fields, besides the outcome, that the next term is computed from.
NEXT_FACTS = {
    *RENEWED,
    "partner_id",
    "company_id",
    "next_value",
    "next_currency_id",
    "date_renewal",
    "date_start",
    "end_is_last_day",
    "following_months",
    "notice_period",
    "notice_unit",
    "notice_to",
    "currency_id",
    "product_id",
    "contract_number",
    "buyer_id",
    "auto_renew",
    "price_rise",
}
# A term recorded by hand is the next one if it starts within this many days before or after the end.
NEXT_FROM_DAYS, NEXT_TO_DAYS = 31, 92


class CustomerSuccessRenewal(models.Model):
    """The outcome of a term, with figures that agree with each other, and the term that follows.

    The same rules apply to forms, imports and the ORM:

    - *Renewed* keeps the seats and no less than the value; both default to those with which the term ends.
    - *Expanded* and *contracted* need the renewed value; the seats default to those of the term. Money decides: the value
      must be higher, or lower, than before. Where it is the same, or was not known before, the seats must.
    - *Churned* has neither value nor seats.
    - The date of the decision is within the term or after it, and never in the future. A decision before the
      notice date is allowed: many customers decide long before they have to.
    """

    _inherit = "customer.success.renewal"

    # ------------------------------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------------------------------

    @api.constrains("outcome", "renewed_value", "renewed_seats", "annual_value", "seats")
    def _check_outcome(self):
        for renewal in self:
            before = renewal._at_end()
            wrong = contradiction(
                renewal.outcome, before, (renewal.renewed_value, renewal.renewed_seats)
            )
            if wrong:
                words = self._say_contradiction(wrong, before[1], renewal.renewed_seats)
                raise ValidationError(
                    self.env._("%(renewal)s: %(wrong)s", renewal=renewal.display_name, wrong=words)
                )

    @api.model
    def _say_contradiction(self, wrong, seats, renewed_seats):
        """Return the text of a contradiction in an outcome; also used for the rows of a file.

        ``wrong`` is a code that ``scoring.terms.contradiction`` returns.
        """
        _ = self.env._
        words = {
            "something_left": _("A churned renewal cannot have a renewed value or renewed seats."),
            "nothing_left": _(
                "Neither value nor seats are left. Choose Churned, or enter the renewed value."
            ),
            "seats_changed": _(
                "Renewed keeps the number of seats, but it changes from %(before)d to %(after)d. Choose Expanded for more "
                "seats, or Contracted for fewer.",
                before=seats,
                after=renewed_seats,
            ),
            "no_value": _("Enter the renewed value a year: this outcome needs it."),
            "less_money": _(
                "The renewed value is lower than before, also if there are more seats. Choose Contracted: money decides."
            ),
            "more_money": _(
                "The renewed value is higher than before, also if there are fewer seats. Choose Expanded: money decides."
            ),
            "not_more": _(
                "Expanded needs a higher value than before or, for the same value, more seats."
            ),
            "not_less": _(
                "Contracted needs a lower value than before or, for the same value, fewer seats."
            ),
        }
        return words[wrong]

    @api.constrains("date_outcome", "date_start", "outcome")
    def _check_date_outcome(self):
        today = fields.Date.context_today(self)
        for renewal in self.filtered("date_outcome"):
            if renewal.date_outcome > today:
                raise ValidationError(
                    self.env._(
                        "%s: the date of the decision cannot be in the future.",
                        renewal.display_name,
                    )
                )
            if renewal.date_start and renewal.date_outcome < renewal.date_start:
                raise ValidationError(
                    self.env._(
                        "%(renewal)s: the date of the decision, %(date)s, is before the start of the term.",
                        renewal=renewal.display_name,
                        date=format_date(self.env, renewal.date_outcome),
                    )
                )

    @api.constrains("reason_id", "outcome")
    def _check_reason(self):
        for renewal in self.filtered("reason_id"):
            if renewal.reason_id.outcome != renewal.outcome:
                raise ValidationError(
                    self.env._(
                        "%(renewal)s: “%(reason)s” is not a reason of this outcome.",
                        renewal=renewal.display_name,
                        reason=renewal.reason_id.name,
                    )
                )

    # ------------------------------------------------------------------------------------------
    # Default values of an outcome
    # ------------------------------------------------------------------------------------------

    @api.model
    def _with_outcome(self, vals):
        """Return the values of a new renewal, completed with the defaults of its outcome."""
        if vals.get("outcome", "pending") == "pending":
            return {**vals, "date_outcome": False} if vals.get("date_outcome") else vals
        implied = self._imply_outcome(
            vals["outcome"],
            (vals.get("annual_value") or 0.0, vals.get("seats") or 0),
            {name: vals[name] for name in RENEWED if vals.get(name) is not None},
        )
        if not vals.get("date_outcome"):
            implied["date_outcome"] = self._day_of_outcome(
                fields.Date.to_date(vals.get("date_renewal"))
            )
        return {**vals, **implied}

    def _complete_outcome(self, vals):
        """Return ``[(renewals, values)]``: ``vals`` completed with the defaults of the outcome."""
        if "outcome" not in vals:
            return [(self, vals)]
        if vals["outcome"] == "pending":
            cleared = {
                "date_outcome": False,
                "renewed_value": 0.0,
                "renewed_seats": 0,
                "reason_id": False,
                "reason_note": False,
            }
            return [(self, {**vals, **cleared})]
        groups = {}
        for renewal in self:
            before = renewal._at_end(vals)
            # Figures entered before the decision count; those of another outcome do not.
            said = {
                name: vals.get(name, renewal[name])
                for name in RENEWED
                if name in vals or (renewal.outcome == "pending" and renewal[name])
            }
            implied = (
                {}
                if renewal.outcome == vals["outcome"]
                else self._imply_outcome(vals["outcome"], before, said)
            )
            if not vals.get("date_outcome") and not renewal.date_outcome:
                implied["date_outcome"] = self._day_of_outcome(renewal.date_renewal)
            if "reason_id" not in vals and renewal.reason_id.outcome != vals["outcome"]:
                implied["reason_id"] = False
            key = tuple(sorted(implied.items()))
            groups[key] = groups.get(key, self.browse()) | renewal
        return [(renewals, {**vals, **dict(key)}) for key, renewals in groups.items()]

    @api.model
    def _imply_outcome(self, outcome, before, said):
        """Return renewed value and seats: as ``said``, else from ``before``, which is ``(value, seats)``.

        Raise ValidationError if the outcome needs a value that is missing.
        """
        value, seats = before
        if outcome in ("expanded", "contracted") and value and "renewed_value" not in said:
            raise ValidationError(self._say_contradiction("no_value", seats, 0))
        stays = outcome != "churned"
        usual = {
            "renewed_value": value if outcome == "renewed" else 0.0,
            "renewed_seats": seats if stays else 0,
        }
        return {name: said.get(name, usual[name]) or 0 for name in RENEWED}

    @api.model
    def _day_of_outcome(self, date_renewal):
        """Return the default date of a decision: today, but no later than the end of the term."""
        today = fields.Date.context_today(self)
        return min(today, date_renewal) if date_renewal else today

    def _touched(self, vals):
        """Return ``vals``, which also end ``is_generated`` if a person changes a fact of the term."""
        if self.env.su or "is_generated" in vals or not FACTS & vals.keys():
            return vals
        return {**vals, "is_generated": False} if any(self.mapped("is_generated")) else vals

    # ------------------------------------------------------------------------------------------
    # Consequences of an outcome
    # ------------------------------------------------------------------------------------------

    @api.model
    def _names_of_jobs(self):
        """Name the previous term, which follows from the terms that a file brings: it is no change by a person."""
        return super()._names_of_jobs() | {"previous_id"}

    def _written(self, vals):
        if "outcome" in vals:
            self._outcome_changed()
            return
        if FACTS & vals.keys():
            self._supersede()
        if NEXT_FACTS & vals.keys():
            staying = self.filtered(lambda renewal: renewal.outcome in STAYING)
            staying._follow(staying)

    def _outcome_changed(self, is_new=False):
        """Delete the scores of ended renewals, and create, correct or remove the next terms."""
        if not self:
            return
        self.filtered(lambda renewal: renewal.outcome != "pending").sudo().score_id.unlink()
        self._supersede()
        staying = self.filtered(lambda renewal: renewal.outcome in STAYING)
        (self - staying)._take_back_next()
        asking = staying
        if is_new:
            self._link_before()
            today = fields.Date.context_today(self)
            # A renewal recorded for the past does not create a next term that is already over.
            asking = staying.filtered(lambda r: r._next_term()[1] >= today)
        staying._follow(asking)
        self._close_lead()

    def _link_before(self):
        """Link new terms to the term that ends on the day they start, or on the day before; with one query."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mine.id, min(before.id)
                  FROM customer_success_renewal mine
                  JOIN customer_success_renewal before
                    ON before.partner_id = mine.partner_id
                   AND before.product_id = mine.product_id
                   AND before.company_id = mine.company_id
                   AND mine.date_start BETWEEN before.date_renewal
                                           AND before.date_renewal + (before.end_is_last_day IS TRUE)::int
                   AND before.active
                   AND before.outcome = ANY(%(staying)s)
                   AND %(same_contract)s
                 WHERE mine.id = ANY(%(ids)s)
                   AND mine.previous_id IS NULL
                   AND NOT EXISTS (SELECT 1
                                     FROM customer_success_renewal other
                                    WHERE other.previous_id = before.id)
              GROUP BY mine.id
                """,
                same_contract=SQL(same_contract("mine", "before")),
                staying=list(STAYING),
                ids=self.ids,
            )
        )
        for mine_id, before_id in rows:
            self.sudo().browse(mine_id).previous_id = before_id

    def _supersede(self):
        """Remove generated terms that overlap with terms recorded by a person, found with one query."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT made.id, mine.id
                  FROM customer_success_renewal mine
                  JOIN customer_success_renewal made
                    ON made.partner_id = mine.partner_id
                   AND made.product_id = mine.product_id
                   AND made.company_id = mine.company_id
                   AND made.id <> mine.id
                   AND made.previous_id IS DISTINCT FROM mine.id
                   AND made.is_generated
                   AND made.active
                   AND made.date_start < mine.date_renewal
                   AND made.date_renewal > COALESCE(mine.date_start, mine.date_renewal - 1)
                   AND (%(same_contract)s OR made.previous_id = mine.previous_id)
                 WHERE mine.id = ANY(%(ids)s)
                   AND mine.active
                   AND mine.is_generated IS NOT TRUE
              ORDER BY made.id, mine.date_renewal
                """,
                same_contract=SQL(same_contract("mine", "made")),
                ids=self.ids,
            )
        )
        by_hand = {}
        for made_id, mine_id in rows:
            by_hand.setdefault(self.sudo().browse(made_id), self.browse(mine_id))
        for made, mine in by_hand.items():
            before = made.previous_id
            if made._is_untouched():
                made.unlink()
            else:
                made.active = False
            if not mine.previous_id and before != mine:
                mine.sudo().previous_id = before

    def _is_untouched(self):
        """Return True if nobody has worked on a generated term.

        A checkpoint or an opportunity also counts as work: either ends ``is_generated``.
        """
        self.ensure_one()
        made = self.sudo()
        return (
            made.is_generated
            and made.outcome == "pending"
            and not made.activity_ids
            and not made.message_ids.filtered(lambda m: m.message_type in ("comment", "email"))
        )

    def _follow(self, asking):
        """Link the next term of each of these renewals; create it once for those in ``asking``.

        A created term is the next one of the chain and has the renewed value and seats. A
        term that a person recorded for that time is linked and not changed. A generated term is kept up to
        date until somebody works on it.
        """
        if not self:
            return
        next_of = self._find_next()
        new = []
        for renewal in self.sudo():
            term = next_of.get(renewal.id)
            if not term:
                if renewal in asking:
                    new.append(renewal._prepare_next_vals())
                continue
            if not term.previous_id:
                term.previous_id = renewal
            if term.is_generated and term._is_untouched():
                vals = renewal._prepare_next_vals()
                changes = {
                    name: value
                    for name, value in vals.items()
                    if term._fields[name].convert_to_cache(value, term)
                    != term._fields[name].convert_to_cache(term[name], term)
                }
                if {"date_start", "date_renewal"} & changes.keys():
                    changes["end_is_last_day"] = vals["end_is_last_day"]
                if changes:
                    term.write(changes)
        for term in self.sudo().create(new):
            term.previous_id._message_log(
                body=self.env._(
                    "The next term, which ends on %s, was created.",
                    format_date(self.env, term.date_renewal),
                )
            )

    def _find_next(self):
        """Return ``{id: next term}``: the linked one, else one recorded for that time; one query."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (mine.id) mine.id, term.id
                  FROM customer_success_renewal mine
                  JOIN customer_success_renewal term
                    ON term.id <> mine.id
                   AND (term.partner_id = mine.partner_id OR term.previous_id = mine.id AND term.is_generated)
                   AND (term.previous_id = mine.id
                        OR term.id = mine.replaced_by_id
                        OR term.previous_id IS NULL
                           AND term.active
                           AND term.product_id IS NOT DISTINCT FROM mine.product_id
                           AND term.company_id = mine.company_id
                           AND %(same_contract)s
                           AND term.date_renewal > mine.date_renewal
                           AND COALESCE(term.date_start, mine.date_renewal)
                               BETWEEN mine.date_renewal - %(from_days)s
                                   AND mine.date_renewal + %(to_days)s)
                 WHERE mine.id = ANY(%(ids)s)
              ORDER BY mine.id, term.id = mine.replaced_by_id DESC NULLS LAST, term.previous_id = mine.id DESC NULLS LAST, (term.contract_number IS NULL) <> (mine.contract_number IS NULL),
                       term.date_renewal, term.id
                """,
                same_contract=SQL(same_contract("mine", "term")),
                ids=self.ids,
                from_days=NEXT_FROM_DAYS,
                to_days=NEXT_TO_DAYS,
            )
        )
        return {mine_id: self.sudo().browse(term_id) for mine_id, term_id in rows}

    def _prepare_next_vals(self):
        self.ensure_one()
        starts, ends = self._next_term()
        return {
            "partner_id": self.partner_id.id,
            "product_id": self.product_id.id,
            "contract_number": self.contract_number,
            "buyer_id": self.buyer_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "date_start": starts,
            "date_renewal": ends,
            "end_is_last_day": self.end_is_last_day,
            "following_months": self.following_months,
            "notice_period": self.notice_period,
            "notice_unit": self.notice_unit,
            "notice_to": self.notice_to,
            "annual_value": self.renewed_value,
            "seats": self.renewed_seats,
            "previous_id": self.id,
            "is_generated": True,
        }

    def _take_back_next(self):
        """Delete the generated next terms; keep those that people worked on, and log that in the chatter."""
        for term in self.sudo().next_ids:
            before = term.previous_id
            if term._is_untouched():
                term.unlink()
            else:
                before._message_log(
                    body=self.env._(
                        "The next term, which ends on %s, is kept because it has been worked on.",
                        format_date(self.env, term.date_renewal),
                    )
                )

    # ------------------------------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------------------------------

    def action_reopen(self):
        """Set renewals back to pending if the outcome was a mistake; log the former outcome."""
        self.check_access("write")
        labels = dict(self._fields["outcome"]._description_selection(self.env))
        for renewal in self:
            if renewal.outcome == "pending":
                raise UserError(self.env._("%s is already pending.", renewal.display_name))
            said = renewal._say_outcome(labels)
            renewal.outcome = "pending"
            renewal._message_log(body=self.env._("Reopened. Former outcome: %s", said))
        return True

    def _say_seats(self, number):
        return say_seats(self.env, number)

    def _say_outcome(self, labels):
        """Return a text of the outcome and its details, which reopening clears, for the chatter."""
        parts = [
            labels[self.outcome],
            self.date_outcome and format_date(self.env, self.date_outcome),
            self.renewed_value and self.currency_id.format(self.renewed_value),
            self.renewed_seats and self._say_seats(self.renewed_seats),
            self.reason_id.name,
            self.reason_note,
        ]
        return ", ".join(part for part in parts if part)
