from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date, format_list

from ...scoring.chain import Chain, Notice, day_after

UNITS = [("days", "Days"), ("weeks", "Weeks"), ("months", "Months")]
TARGETS = [
    ("term", "Before the end of the term"),
    ("month", "Before the end of a month"),
    ("quarter", "Before the end of a quarter"),
]
TERM = {"date_start", "date_renewal", "end_is_last_day", "previous_id"}
PERIOD = ("notice_period", "notice_unit", "notice_to")
SHOWN_ENDS = 3
TOO_FAR = (OverflowError, ValueError)  # what Python raises for dates after the year 9999


class CustomerSuccessRenewal(models.Model):
    """The dates of a term in its chain, so that no end and no notice day drifts.

    The chain keeps start and end of its first term (``anchor_start``, ``anchor_end``): each further end is counted from
    them. A term whose dates are not those that its chain predicts begins a chain of its own. ``date_renewal`` is kept
    as it is written in the contract, and ``end_is_last_day`` says what it is; where one day matters, readers take
    ``_date_after``, in SQL ``date_renewal + (end_is_last_day IS TRUE)::int``. The rules are in ``scoring/chain.py``.
    """

    _inherit = "customer.success.renewal"

    end_is_last_day = fields.Boolean(
        "Renewal Date Is the Last Day",
        compute="_compute_end_is_last_day",
        store=True,
        readonly=False,
        precompute=True,
        help="Set if the renewal date is the last day of the term. Otherwise it is the first day of the next term.",
    )
    anchor_start = fields.Date(
        "First Term From", compute="_compute_anchor", store=True, recursive=True
    )
    anchor_end = fields.Date(
        "First Term Until", compute="_compute_anchor", store=True, recursive=True
    )
    date_notice = fields.Date(compute="_compute_date_notice", store=True, readonly=False)
    following_months = fields.Integer(
        "Following Terms in Months",
        help="The length of the terms that follow, if it is another one than that of this term: after a first term of 14 months, "
        "12 for yearly terms. Use 0 for terms as long as this one.",
    )
    notice_period = fields.Integer(
        help="The number of days, weeks or months of notice, also in the terms that follow. Use 0 for no notice."
    )
    notice_unit = fields.Selection(UNITS, default="months")
    notice_to = fields.Selection(
        TARGETS,
        "Notice Is Counted",
        default="term",
        help="Notice to the end of a month or quarter counts back from the last such day in the term.",
    )
    notice_is_by_hand = fields.Boolean(
        "Notice Date by Hand",
        help="The notice date of this term was entered by hand. The following terms have that of the notice period.",
    )
    term_text = fields.Char("Term", compute="_compute_term_text")
    next_text = fields.Char("Following Terms", compute="_compute_term_text")
    notice_text = fields.Char("Notice", compute="_compute_notice_text")

    _check_following_months = models.Constraint(
        "CHECK(following_months BETWEEN 0 AND 240)",
        "The following terms last from 1 to 240 months. Use 0 for terms as long as this one.",
    )
    _check_notice_period = models.Constraint(
        "CHECK(notice_period BETWEEN 0 AND CASE notice_unit WHEN 'days' THEN 7300 WHEN 'weeks' THEN 1040 ELSE 240 END)",
        "A notice period cannot be negative or longer than twenty years.",
    )

    # ------------------------------------------------------------------------------------------
    # Computed fields
    # ------------------------------------------------------------------------------------------

    @api.depends("date_start", "date_renewal")
    def _compute_end_is_last_day(self):
        """Recognise from the pair of dates, or from the chain they continue, what the renewal date is."""
        for renewal in self:
            chain = renewal.previous_id._chain_to(renewal.date_start, renewal.date_renewal)
            renewal.end_is_last_day = bool(chain and chain.last_day)

    @api.depends(
        "date_start",
        "date_renewal",
        "end_is_last_day",
        "following_months",
        "previous_id.anchor_start",
        "previous_id.anchor_end",
        "previous_id.date_renewal",
        "previous_id.end_is_last_day",
        "previous_id.following_months",
    )
    def _compute_anchor(self):
        for renewal in self:
            before = renewal.previous_id
            dates = renewal.date_start, renewal.date_renewal, renewal.end_is_last_day
            if before._has_length(renewal.following_months) and before._continues(*dates):
                renewal.anchor_start = before.anchor_start
                renewal.anchor_end = before.anchor_end or before.date_renewal
            else:
                renewal.anchor_start = renewal.date_start
                renewal.anchor_end = renewal.date_renewal

    @api.depends(
        "date_start", "date_renewal", "end_is_last_day", "anchor_start", "anchor_end", "following_months",
        *PERIOD, "notice_is_by_hand",
    )  # fmt: skip
    def _compute_date_notice(self):
        """Compute the last day for notice from the period; a date without a period, or by hand, stays."""
        for renewal in self:
            if renewal.notice_is_by_hand or not renewal.notice_period:
                renewal.date_notice = renewal.date_notice
            else:
                renewal.date_notice = renewal._notice_by_period()

    @api.depends(
        "date_start", "date_renewal", "end_is_last_day", "anchor_start", "anchor_end", "following_months"
    )  # fmt: skip
    def _compute_term_text(self):
        """Say in words what the renewal date is, and when the following terms end."""
        _ = self.env._
        for renewal in self:
            renewal.term_text = renewal.next_text = False
            chain, end = renewal._chain(), renewal.date_renewal
            if not chain or end == fields.Date.to_date("9999-12-31"):
                continue
            after = day_after(end, chain.last_day)
            says = {
                "last": format_date(self.env, after - timedelta(days=1)),
                "next": format_date(self.env, after),
            }
            renewal.term_text = (
                _("Runs to and including %(last)s, the renewal date.", **says)
                if chain.last_day
                else _("Runs to and including %(last)s. The next term begins on %(next)s.", **says)
            )
            try:
                ends = [chain.next_term(end)[1]]
                for _number in range(1, SHOWN_ENDS):
                    ends.append(chain.next_term(ends[-1])[1])
            except TOO_FAR:
                continue
            days = format_list(self.env, [format_date(self.env, day) for day in ends])
            renewal.next_text = _("The following terms end on %s.", days)

    @api.depends("date_notice", "date_start", "notice_is_by_hand", *PERIOD)
    def _compute_notice_text(self):
        for renewal in self:
            usual = renewal.notice_is_by_hand and renewal._notice_by_period()
            day, start = renewal.date_notice, renewal.date_start
            renewal.notice_text = False
            if usual and usual != day:
                renewal.notice_text = self.env._(
                    "Entered by hand for this term only. By the notice period, it would be %s.",
                    format_date(self.env, usual),
                )
            elif day and start and day < start:
                renewal.notice_text = self.env._(
                    "This day is before the term begins: the notice period is longer than the term."
                )

    # ------------------------------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------------------------------

    @api.constrains("previous_id", "date_renewal")
    def _check_order(self):
        for renewal in self.filtered("previous_id"):
            before = renewal.sudo().previous_id
            if before.date_renewal >= renewal.date_renewal:
                raise ValidationError(
                    self.env._(
                        "%(renewal)s: the previous term ends on %(end)s. A term must end after the one before it.",
                        renewal=renewal.display_name,
                        end=format_date(self.env, before.date_renewal),
                    )
                )

    # ------------------------------------------------------------------------------------------
    # Notice: a period, or a date of one term
    # ------------------------------------------------------------------------------------------

    @api.onchange("date_notice")
    def _onchange_date_notice(self):
        """Recognise the period from the first notice date that is entered; later dates are of this term only."""
        self.update(self._imply_notice({"date_notice": self.date_notice}))

    @api.onchange(*PERIOD)
    def _onchange_notice_period(self):
        self.update(self._imply_notice({"notice_period": self.notice_period}))

    def onchange(self, values, field_names, fields_spec):
        """Leave the name out: the web client shows the former date if a typed date changes the title at once."""
        spec = {name: said for name, said in fields_spec.items() if name != "display_name"}
        return super().onchange(values, field_names, spec)

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, **self._imply_notice(vals)} for vals in vals_list])

    def write(self, vals):
        groups = {}
        for renewal in self:
            key = tuple(sorted(renewal._imply_notice(vals).items()))
            groups[key] = groups.get(key, self.browse()) | renewal
        result = True
        for key, renewals in (groups or {(): self}).items():
            result = super(CustomerSuccessRenewal, renewals).write({**vals, **dict(key)})
        return result

    def _imply_notice(self, vals):
        """Return the values of the notice that follow from ``vals``, given to this term, or to a new one.

        The first date that is given says the period. Any other date is of this term only.
        """
        if not {"date_notice", "notice_is_by_hand", *PERIOD} & vals.keys():
            return {}
        period = vals.get("notice_period", self.notice_period)
        if "date_notice" not in vals:
            if not period:
                return {"notice_is_by_hand": False, "date_notice": False}
            return {"notice_is_by_hand": False}
        day = fields.Date.to_date(vals["date_notice"]) or False
        end = fields.Date.to_date(vals.get("date_renewal", self.date_renewal))
        chain = self._chain_with(vals)
        if not chain or not (day or period):
            return {"notice_is_by_hand": False}
        if period:
            said = [vals.get(name, self[name]) for name in PERIOD]
            return {"notice_is_by_hand": day != _notice_day(chain, end, *said)}
        known = chain.notice_of(end, day)
        if not known:
            return {"notice_is_by_hand": True}
        return {
            "notice_period": known.number,
            "notice_unit": known.unit,
            "notice_to": known.to,
            "notice_is_by_hand": False,
        }

    def _notice_by_period(self):
        """Return the last day for notice by the period, or False without one."""
        chain = self._chain()
        if not chain or not self.notice_period:
            return False
        return _notice_day(chain, self.date_renewal, *(self[name] for name in PERIOD))

    # ------------------------------------------------------------------------------------------
    # The chain
    # ------------------------------------------------------------------------------------------

    def _chain(self, following=None):
        """Return the chain of this term, or None as long as it has no end.

        ``following`` is the length of the terms after it, in months, if it becomes another one: the chain begins anew with
        this term.
        """
        end = self.anchor_end or self.date_renewal
        if not self or not end:
            return None
        if following is not None and not self._has_length(following):
            dates = self.date_start or None, self.date_renewal
            return Chain.of(*dates, bool(self.end_is_last_day), following)
        start = self.anchor_start if self.anchor_end else self.date_start
        return Chain.of(start or None, end, bool(self.end_is_last_day), self.following_months)

    def _has_length(self, following):
        """Return True if terms that follow in this length, in months, or in 0 as long as they are, are those of this chain."""
        chain = self._chain()
        return following == self.following_months or bool(
            chain and not self.following_months and following == chain.months
        )

    def _continues(self, start, end, last_day=None):
        """Return True if a term with these dates is one of the terms that follow this one."""
        chain = self._chain()
        if not (chain and start and end and end > self.date_renewal):
            return False
        if last_day not in (None, chain.last_day):
            return False
        # The term after one that had drifted begins where that ended, and ends on a day of the chain.
        return chain.has(start, end) or chain.follows(self.date_renewal, start, end)

    def _chain_to(self, start, end, last_day=None):
        """Return the chain of a term with these dates after this one, which may be no term; None without an end."""
        if self._continues(start, end, last_day):
            return self._chain()
        return Chain.of(start or None, end, last_day) if end else None

    def _chain_with(self, vals):
        """Return the chain that this term, or a new one, has after ``vals`` are written."""
        if self and not TERM & vals.keys():
            return self._chain()
        start = fields.Date.to_date(vals.get("date_start", self.date_start))
        end = fields.Date.to_date(vals.get("date_renewal", self.date_renewal))
        last_day = vals.get("end_is_last_day")
        if last_day is None and self and not {"date_start", "date_renewal"} & vals.keys():
            last_day = self.end_is_last_day
        before = self.browse(vals.get("previous_id") or self.previous_id.id).sudo()
        return before._chain_to(start, end, last_day)

    def _date_after(self):
        """Return the first day after the term, on which the next one begins."""
        self.ensure_one()
        return day_after(self.date_renewal, self.end_is_last_day)

    def _next_term(self, following=None):
        """Return first day and end of the term that follows; raise UserError if there is no such date.

        ``following`` is the length of the terms after this one, in months, if it becomes another one.
        """
        self.ensure_one()
        try:
            return self._chain(following).next_term(self.date_renewal)
        except TOO_FAR as error:
            raise UserError(
                self.env._("%s: the next term would end after the year 9999.", self.display_name)
            ) from error


def _notice_day(chain, end, number, unit, to):
    """Return the last day for notice, or False if there is no such date."""
    try:
        return chain.notice_day(end, Notice(number, unit or "months", to or "term"))
    except TOO_FAR:
        return False
