import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date

from ...scoring.followed import followed
from ...scoring.terms import STAYING, contradiction
from ..common.money import Money

_logger = logging.getLogger(__name__)

KINDS = [("end", "Ends the Contract"), ("reduce", "Reduces It")]
# What a person enters of a notice.
NOTICE = ("notice_given_on", "notice_kind", "notice_seats", "notice_value", "notice_reason_id")
# What only the system sets of it.
MACHINE = {
    "notice_asked_on",
    "notice_entered_on",
    "notice_user_id",
    "withdrawal_reason",
    "withdrawal_user_id",
}
# A person who does not say how a term ended is asked again after this many days.
ASK_AGAIN_DAYS = 7


class CustomerSuccessRenewal(models.Model):
    """A notice that the customer gave: the end of the contract, or less of it, to expect.

    It stands on the term until the term is over, and the person in charge then says how it ended; nothing ends by itself.
    How it is withdrawn is in customer_success_renewal_withdrawal.py.
    """

    _inherit = "customer.success.renewal"

    notice_given_on = fields.Date(
        tracking=True, copy=False, help="The day on which the customer gave notice."
    )
    notice_kind = fields.Selection(KINDS, tracking=True, copy=False)
    notice_seats = fields.Integer("Seats That Stay", copy=False)
    notice_value = Money("Annual Value That Stays", copy=False)
    notice_reason_id = fields.Many2one(
        "customer.success.renewal.reason",
        "Reason of the Notice",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
    )
    notice_is_late = fields.Boolean(
        "Notice Came Late",
        compute="_compute_notice_is_late",
        store=True,
        help="The notice came after the notice date: by contract, the term renews once more.",
    )
    notice_state = fields.Selection(
        [("end", "Notice Given"), ("reduce", "Reduction Announced"), ("asked", "Withdrawal Asked")],
        "Notice Given",
        compute="_compute_notice_state",
    )
    notice_said = fields.Char("About the Notice", compute="_compute_notice_said")
    notice_user_id = fields.Many2one(
        "res.users", "Notice Entered By", readonly=True, copy=False, ondelete="set null"
    )
    notice_entered_on = fields.Date(readonly=True, copy=False)
    notice_asked_on = fields.Date("Asked How It Ended On", readonly=True, copy=False)
    withdrawal_reason = fields.Char("Reason for the Withdrawal", readonly=True, copy=False)
    withdrawal_user_id = fields.Many2one(
        "res.users", "Withdrawal Asked By", readonly=True, copy=False, ondelete="set null"
    )

    _notice_idx = models.Index(
        "(date_renewal) WHERE active AND outcome = 'pending' AND notice_given_on IS NOT NULL"
    )
    _check_notice_whole = models.Constraint(
        "CHECK((notice_given_on IS NULL) = (notice_kind IS NULL))",
        "A notice needs the day on which it was given and what it is about.",
    )
    _check_notice_stays = models.Constraint(
        "CHECK(notice_seats >= 0 AND notice_value BETWEEN 0 AND 1e15)",
        "What stays after a notice cannot be negative.",
    )

    # ------------------------------------------------------------------------------------------
    # Computed fields
    # ------------------------------------------------------------------------------------------

    @api.depends("notice_given_on", "date_notice")
    def _compute_notice_is_late(self):
        for renewal in self:
            given, last = renewal.notice_given_on, renewal.date_notice
            renewal.notice_is_late = bool(given and last and given > last)

    @api.depends("notice_kind", "withdrawal_reason")
    def _compute_notice_state(self):
        for renewal in self:
            asked = renewal.notice_kind and renewal.withdrawal_reason and "asked"
            renewal.notice_state = asked or renewal.notice_kind

    @api.depends(
        "notice_given_on", "notice_kind", "notice_seats", "notice_value", "notice_is_late",
        "date_renewal", "date_notice",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_notice_said(self):
        for renewal in self:
            renewal.notice_said = renewal.notice_kind and renewal._say_notice()

    def _say_notice(self):
        """Return the notice in words."""
        _ = self.env._
        says = {
            "given": format_date(self.env, self.notice_given_on),
            "end": format_date(self.env, self.date_renewal),
            "value": self.currency_id.format(self.notice_value),
        }
        if self.notice_kind == "end":
            said = _("The customer gave notice on %(given)s: the contract ends on %(end)s.", **says)
        elif self.seats and not self.notice_value:  # the value of the term is not known either
            said = _(
                "The customer gave notice on %(given)s: from %(end)s on, %(seats)s stay.",
                seats=self._say_seats(self.notice_seats),
                **says,
            )
        elif self.seats:
            said = _(
                "The customer gave notice on %(given)s: from %(end)s on, %(seats)s stay, for %(value)s a year.",
                seats=self._say_seats(self.notice_seats),
                **says,
            )
        else:
            said = _(
                "The customer gave notice on %(given)s: from %(end)s on, %(value)s a year stays.",
                **says,
            )
        if not self.notice_is_late:
            return said
        late = _(
            "It came after the notice date, %s: by contract, the term renews once more. Agree with the customer.",
            format_date(self.env, self.date_notice),
        )
        return f"{said} {late}"

    # ------------------------------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------------------------------

    @api.constrains("notice_given_on", "date_renewal")
    def _check_notice_given_on(self):
        today = fields.Date.context_today(self)
        for renewal in self.filtered("notice_given_on"):
            if renewal.notice_given_on > today:
                raise ValidationError(
                    self.env._(
                        "%s: the day on which notice was given cannot be in the future.",
                        renewal.display_name,
                    )
                )
            if renewal.notice_given_on > renewal.date_renewal:
                raise ValidationError(
                    self.env._(
                        "%(renewal)s: a notice on %(given)s came after the term ended, on %(end)s. Enter it on the next term.",
                        renewal=renewal.display_name,
                        given=format_date(self.env, renewal.notice_given_on),
                        end=format_date(self.env, renewal.date_renewal),
                    )
                )

    @api.constrains("notice_kind", "notice_seats", "notice_value", "seats", "annual_value")
    def _check_notice_reduces(self):
        for renewal in self.filtered(lambda r: r.notice_kind == "reduce"):
            if not renewal._reduces(renewal._at_end()):
                raise ValidationError(
                    self.env._(
                        "%s: a notice that reduces the contract leaves fewer seats or a lower annual value than before, and more "
                        "than nothing. Enter what stays.",
                        renewal.display_name,
                    )
                )

    def _reduces(self, before):
        """Return True if the notice leaves less than ``before``, which is ``(value, seats)``, and more than nothing."""
        self.ensure_one()
        stays = self.notice_value, self.notice_seats
        return not contradiction("contracted", before, stays) and all(
            new <= old for new, old in zip(stays, before, strict=True)
        )

    def _amended(self, before):
        """Refuse amendments after which a notice would leave no less than the term ends with anyway."""
        for renewal in self.sudo().filtered(lambda r: r.notice_kind == "reduce"):
            if renewal.outcome == "pending" and not renewal._reduces(renewal._at_end()):
                raise ValidationError(
                    self.env._(
                        "%(renewal)s: by a notice, %(value)s a year stays at the end of the term, which would be no less than before. "
                        "Amend it to more than that, or withdraw the notice.",
                        renewal=renewal.display_name,
                        value=renewal.currency_id.format(renewal.notice_value),
                    )
                )
        return super()._amended(before)

    @api.constrains("outcome", "notice_kind")
    def _check_notice_outcome(self):
        """Refuse an outcome that contradicts the notice; a late one may be followed by one more term."""
        for renewal in self.filtered(lambda r: r._is_noticed_in_time()):
            stays = renewal.outcome in STAYING
            as_noticed = renewal.notice_kind == "reduce" and renewal.outcome == "contracted"
            if stays and not as_noticed:
                raise ValidationError(
                    self.env._(
                        "%s: the customer gave notice, which this outcome contradicts. If they changed their mind, withdraw the "
                        "notice first.",
                        renewal.display_name,
                    )
                )

    # ------------------------------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        renewals = super().create([{**vals, **self._complete_notice(vals)} for vals in vals_list])
        renewals.filtered("notice_given_on")._stamp_notice()
        return renewals

    def write(self, vals):
        if not set(NOTICE) & vals.keys():
            return super().write(vals)
        given = {renewal.id: renewal._notice_facts() for renewal in self}
        result = True
        groups = {}
        for renewal in self:
            key = tuple(sorted(renewal._complete_notice(vals).items()))
            groups[key] = groups.get(key, self.browse()) | renewal
        for key, renewals in (groups or {(): self}).items():
            result = super(CustomerSuccessRenewal, renewals).write({**vals, **dict(key)})
        changed = self.filtered(lambda renewal: renewal._notice_facts() != given[renewal.id])
        changed.filtered("notice_given_on")._stamp_notice()
        return result

    def _notice_facts(self):
        return tuple(self[name] for name in NOTICE)

    @api.model
    def _machine_fields(self):
        return super()._machine_fields() | MACHINE

    def _complete_notice(self, vals):
        """Return the values that follow from what ``vals`` say of a notice, on this term or on a new one."""
        if not set(NOTICE) & vals.keys():
            return {}
        given = vals.get("notice_given_on", self.notice_given_on)
        if not given:
            return dict.fromkeys((*NOTICE, *MACHINE), False)
        kind = vals.get("notice_kind", self.notice_kind) or "end"
        if kind == "end":
            return {"notice_kind": kind, "notice_seats": 0, "notice_value": 0.0}
        value, seats = (
            self._at_end(vals)
            if self
            else (vals.get(name) or 0 for name in ("annual_value", "seats"))
        )
        stay = vals.get("notice_seats", self.notice_seats) or 0
        worth = vals.get("notice_value", self.notice_value) or 0.0
        if seats and not stay and worth:
            stay = seats  # a lower price for the same seats
        elif seats and stay and not worth:
            worth = value * min(stay, seats) / seats
        return {"notice_kind": kind, "notice_seats": stay, "notice_value": worth}

    def _is_noticed_in_time(self):
        """Return True if the customer gave notice of this term, and not too late."""
        return bool(self.notice_kind and not self.notice_is_late)

    def _stamp_notice(self):
        """Keep who entered the notice and when; a notice that is entered anew is not withdrawn."""
        self.sudo().write(
            {
                "notice_user_id": self.env.uid,
                "notice_entered_on": fields.Date.context_today(self),
                "notice_asked_on": False,
                "withdrawal_reason": False,
                "withdrawal_user_id": False,
            }
        )
        self._notice_changed()

    def _notice_changed(self):
        """Tell others of notices that came or were withdrawn; higher wings extend it."""

    def _prepare_next_vals(self):
        """Let a notice that came late count for the next term, if the term renewed once more."""
        vals = super()._prepare_next_vals()
        if not self.notice_is_late:
            return vals
        notice = {
            "notice_given_on": self.notice_given_on,
            "notice_kind": self.notice_kind,
            "notice_reason_id": self.notice_reason_id.id,
        }
        if self.notice_kind == "end":
            return vals | notice
        before = vals["annual_value"], vals["seats"]
        value, seats = map(min, (self.notice_value, self.notice_seats), before)
        if contradiction("contracted", before, (value, seats)):
            return vals  # the next term is what the customer wanted already
        return vals | notice | {"notice_seats": seats, "notice_value": value}

    # ------------------------------------------------------------------------------------------
    # The end of a term of which notice was given
    # ------------------------------------------------------------------------------------------

    @api.model
    def _due_to_confirm(self):
        """Return the ids of the terms that are over, with a notice, of which nobody said how they ended; one query."""
        self.flush_model()
        today = fields.Date.today()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT renewal.id
                  FROM customer_success_renewal renewal
                  JOIN res_partner customer ON customer.id = renewal.partner_id
                 WHERE renewal.active
                   AND renewal.outcome = 'pending'
                   AND renewal.notice_given_on IS NOT NULL
                   AND renewal.date_renewal + (renewal.end_is_last_day IS TRUE)::int <= %(today)s
                   AND COALESCE(renewal.notice_asked_on <= %(again)s, TRUE)
                   AND %(followed)s
              ORDER BY renewal.id
                """,
                followed=SQL(followed("customer")),
                today=today,
                again=today - timedelta(days=ASK_AGAIN_DAYS),
            )
        )
        return [renewal_id for (renewal_id,) in rows]

    @api.model
    def _ask_how_it_ended(self, ids):
        """Ask the CSMs how these terms ended."""
        for renewal in self.sudo().browse(ids).exists():
            told = renewal._told_in()
            told._ask_to_confirm(
                told.env._("%s The term is over: record how it ended.", told._say_notice())
            )
            renewal.notice_asked_on = fields.Date.today()

    @api.model
    def _note_not_asked(self, renewal_id, error):
        _logger.warning("Nobody was asked how renewal %s ended: %s", renewal_id, error)
