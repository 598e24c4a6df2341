from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date

from ...scoring.terms import STAYING, contradiction, next_end

# What makes a term that was made by the machine one of a person.
FACTS = {
    "partner_id",
    "product_id",
    "company_id",
    "currency_id",
    "date_start",
    "date_renewal",
    "date_notice",
    "annual_value",
    "seats",
    "outcome",
    "active",
}
RENEWED = ("renewed_value", "renewed_seats")
# What the next term is made of, besides the outcome.
NEXT_FACTS = {*RENEWED, "date_renewal", "date_start", "date_notice", "currency_id", "product_id"}
# A term recorded by hand is the next one if it starts from so many days before the end to so many after.
NEXT_FROM_DAYS, NEXT_TO_DAYS = 31, 92


class CustomerSuccessRenewal(models.Model):
    """What became of a term, in numbers that agree with each other, and the term that follows.

    The rules, for a form, an import and the ORM alike:

    - *Renewed* keeps the seats; value and seats are those of the term where nobody says otherwise.
    - *Expanded* and *contracted* say the renewed value; the seats are those of the term where nobody says otherwise. One
      of both must be more, or less, than before.
    - *Churned* leaves nothing.
    - A decision lies within the term or after it, and never in the future. One before the notice date is early, which is
      allowed: many customers decide long before they have to.
    """

    _inherit = "customer.success.renewal"

    # ------------------------------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------------------------------

    @api.constrains("outcome", "renewed_value", "renewed_seats", "annual_value", "seats")
    def _check_outcome(self):
        for renewal in self:
            wrong = contradiction(
                renewal.outcome,
                (renewal.annual_value, renewal.seats),
                (renewal.renewed_value, renewal.renewed_seats),
            )
            if wrong:
                words = self._say_contradiction(wrong, renewal.seats, renewal.renewed_seats)
                raise ValidationError(
                    self.env._("%(renewal)s: %(wrong)s", renewal=renewal.display_name, wrong=words)
                )

    @api.model
    def _say_contradiction(self, wrong, seats, renewed_seats):
        """What is wrong with an outcome, in words; also for rows of a file."""
        _ = self.env._
        words = {
            "something_left": _(
                "Who churned has nothing left: no renewed value, no renewed seats."
            ),
            "nothing_left": _(
                "Nothing is left, neither value nor seats: then they churned. Otherwise say the renewed value."
            ),
            "seats_changed": _(
                "Renewed means the same seats: %(before)d before, %(after)d after. With more they expanded, with "
                "fewer they contracted.",
                before=seats,
                after=renewed_seats,
            ),
            "no_value": _("What is the renewed term worth a year? This outcome needs its value."),
            "not_more": _("Expanded means more value or more seats than before."),
            "not_less": _("Contracted means less value or fewer seats than before."),
        }
        return words[wrong]

    @api.constrains("date_outcome", "date_start", "outcome")
    def _check_date_outcome(self):
        today = fields.Date.context_today(self)
        for renewal in self.filtered("date_outcome"):
            if renewal.date_outcome > today:
                raise ValidationError(
                    self.env._("%s: an outcome cannot be of the future.", renewal.display_name)
                )
            if renewal.date_start and renewal.date_outcome < renewal.date_start:
                raise ValidationError(
                    self.env._(
                        "%(renewal)s: decided on %(date)s, before the term began.",
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
    # Complete what was left out
    # ------------------------------------------------------------------------------------------

    @api.model
    def _with_outcome(self, vals):
        """The values of a new renewal, with what its outcome implies."""
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
        """The renewals by what to write to them: ``vals``, and what the outcome implies at each."""
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
            before = (
                vals.get("annual_value", renewal.annual_value) or 0.0,
                vals.get("seats", renewal.seats) or 0,
            )
            # What was noted before the decision counts; what belonged to another outcome does not.
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
        """Renewed value and seats where nobody ``said`` them, from those ``before``."""
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
        """When a renewal was decided, if nobody says: today, and no later than the term's end."""
        today = fields.Date.context_today(self)
        return min(today, date_renewal) if date_renewal else today

    def _touched(self, vals):
        """A term that was made for them is a person's from the first change on."""
        if self.env.su or "is_generated" in vals or not FACTS & vals.keys():
            return vals
        return {**vals, "is_generated": False} if any(self.mapped("is_generated")) else vals

    # ------------------------------------------------------------------------------------------
    # What follows from an outcome
    # ------------------------------------------------------------------------------------------

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
        """A forecast ends with the outcome; the next term is made, corrected or taken back."""
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
            # What is recorded of the past does not ask for a term that is over, too.
            asking = staying.filtered(lambda r: next_end(r.date_start, r.date_renewal) >= today)
        staying._follow(asking)
        self._settle_lead()

    def _link_before(self):
        """Link new terms to the one that they continue, to the day; one query."""
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
                   AND before.date_renewal = mine.date_start
                   AND before.active
                   AND before.outcome = ANY(%s)
                 WHERE mine.id = ANY(%s)
                   AND mine.previous_id IS NULL
                   AND NOT EXISTS (SELECT 1
                                     FROM customer_success_renewal other
                                    WHERE other.previous_id = before.id)
              GROUP BY mine.id
                """,
                list(STAYING),
                self.ids,
            )
        )
        for mine_id, before_id in rows:
            self.sudo().browse(mine_id).previous_id = before_id

    def _supersede(self):
        """Where a person recorded the next term, the one that was made for them goes; one query."""
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
                 WHERE mine.id = ANY(%s)
                   AND mine.active
                   AND mine.is_generated IS NOT TRUE
              ORDER BY made.id, mine.date_renewal
                """,
                self.ids,
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
        """Whether nobody has done anything with a term that was made for them.

        A checkpoint or an opportunity, too, makes it one that counts (``is_generated`` ends there).
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
        """Have the next term after each of these, made for those ``asking`` for one: once, as long as this one, worth what was renewed.

        It starts on the day this one ends. A term that somebody recorded for that time is taken as the next one, and left
        as it is. One that was made here is kept in step while nobody has touched it.
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
                if changes:
                    term.write(changes)
        for term in self.sudo().create(new):
            term.previous_id._message_log(
                body=self.env._(
                    "The next term, to %s, was opened.", format_date(self.env, term.date_renewal)
                )
            )

    def _find_next(self):
        """The term after each of these: the one linked to it, else one that is there; ``{id: term}``, one query."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (mine.id) mine.id, term.id
                  FROM customer_success_renewal mine
                  JOIN customer_success_renewal term
                    ON term.partner_id = mine.partner_id
                   AND term.id <> mine.id
                   AND (term.previous_id = mine.id
                        OR term.previous_id IS NULL
                           AND term.active
                           AND term.product_id IS NOT DISTINCT FROM mine.product_id
                           AND term.company_id = mine.company_id
                           AND term.date_renewal > mine.date_renewal
                           AND COALESCE(term.date_start, mine.date_renewal)
                               BETWEEN mine.date_renewal - %(from_days)s
                                   AND mine.date_renewal + %(to_days)s)
                 WHERE mine.id = ANY(%(ids)s)
              ORDER BY mine.id, term.previous_id = mine.id DESC NULLS LAST, term.date_renewal, term.id
                """,
                ids=self.ids,
                from_days=NEXT_FROM_DAYS,
                to_days=NEXT_TO_DAYS,
            )
        )
        return {mine_id: self.sudo().browse(term_id) for mine_id, term_id in rows}

    def _prepare_next_vals(self):
        self.ensure_one()
        ends = next_end(self.date_start, self.date_renewal)
        notice = self.date_notice and ends - (self.date_renewal - self.date_notice)
        return {
            "partner_id": self.partner_id.id,
            "product_id": self.product_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "date_start": self.date_renewal,
            "date_renewal": ends,
            "date_notice": notice,
            "annual_value": self.renewed_value,
            "seats": self.renewed_seats,
            "previous_id": self.id,
            "is_generated": True,
        }

    def _take_back_next(self):
        """Take back the next terms that were made for these; what people worked on stays, and is said."""
        for term in self.sudo().next_ids:
            before = term.previous_id
            if term._is_untouched():
                term.unlink()
            else:
                before._message_log(
                    body=self.env._(
                        "The next term, to %s, was worked on already and is kept.",
                        format_date(self.env, term.date_renewal),
                    )
                )

    # ------------------------------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------------------------------

    def action_reopen(self):
        """Back to pending, for an outcome that was said by mistake."""
        self.check_access("write")
        labels = dict(self._fields["outcome"]._description_selection(self.env))
        for renewal in self:
            if renewal.outcome == "pending":
                raise UserError(self.env._("%s is pending.", renewal.display_name))
            said = renewal._say_outcome(labels)
            renewal.outcome = "pending"
            renewal._message_log(body=self.env._("Reopened. Before: %s", said))
        return True

    def _say_outcome(self, labels):
        """The outcome with all that goes when it is reopened, so that the chatter keeps it."""
        parts = [
            labels[self.outcome],
            self.date_outcome and format_date(self.env, self.date_outcome),
            self.renewed_value and self.currency_id.format(self.renewed_value),
            self.renewed_seats and self.env._("%d seats", self.renewed_seats),
            self.reason_id.name,
            self.reason_note,
        ]
        return ", ".join(part for part in parts if part)
