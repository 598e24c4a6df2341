from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ...scoring.said import fault
from ..common.machine_fields import without_defaults
from ..common.money import Money

# Fields that follow from others: only the system sets them.
MACHINE = {"company_id", "counted_value", "currency_id", "partner_id"}
# Set, in sudo only, while figures are carried between a term and its amendments, so that neither follows the other back.
CARRIED = "success_amendment_carried"


class CustomerSuccessRenewalAmendment(models.Model):
    """A change within a term: from ``date`` on the term has these seats and this annual value, until the next one.

    Figures are those after the change, not differences. The term itself shows the figures of today (``annual_value``,
    ``seats``), and keeps what it began with (``start_value``, ``start_seats``) as soon as an amendment has taken effect.
    So the annual value on a day is that of the last amendment until that day, else ``start_value``, else
    ``annual_value``: ``renewal._annual_value_on(day)``, and in SQL ``scoring.amendments.value_on``. Both read
    ``counted_value``, the former value while a lower one waits for a manager.

    An amendment is kept. Its author may correct it on the day of entry, a manager later.
    """

    _name = "customer.success.renewal.amendment"
    _inherit = [
        "customer.success.fact",
        "customer.success.revenue.source",
        "customer.success.money",
    ]
    _description = "Amendment of a Term"
    _order = "date, id"
    _rec_name = "renewal_id"

    active = fields.Boolean(default=True)
    renewal_id = fields.Many2one(
        "customer.success.renewal", "Term", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        related="renewal_id.partner_id", store=True, index=True, precompute=True
    )
    product_id = fields.Many2one(related="renewal_id.product_id")
    company_id = fields.Many2one(related="renewal_id.company_id", store=True, precompute=True)
    currency_id = fields.Many2one(related="renewal_id.currency_id", store=True, precompute=True)
    date = fields.Date("From", required=True, help="The first day of these figures.")
    seats = fields.Integer(help="The number of users or licences from this day on.")
    annual_value = Money(help="The annual value from this day on.")
    reason = fields.Char(help="Say in a few words what was agreed.")
    change_ids = fields.One2many(
        "customer.success.renewal.change", "amendment_id", "Lowered Values", readonly=True
    )
    counted_value = Money(
        "Annual Value That Counts",
        compute="_compute_counted_value",
        store=True,
        help="The annual value, or the former one while a lower one waits for a manager.",
    )

    _date_uniq = models.UniqueIndex(
        "(renewal_id, date) WHERE active",
        "A term has one amendment a day: correct the one that is there.",
    )
    _check_seats = models.Constraint("CHECK(seats >= 0)", "The number of seats cannot be negative.")
    _check_value = models.Constraint(
        "CHECK(annual_value BETWEEN 0 AND 1e15)", "The value of a renewal cannot be negative."
    )

    @api.depends("annual_value", "change_ids.state", "change_ids.old_value")
    def _compute_counted_value(self):
        for line in self:
            waiting = line._waiting_changes()
            line.counted_value = max([line.annual_value, *waiting.mapped("old_value")])

    def _waiting_changes(self):
        return self.sudo().change_ids.filtered(lambda change: change.state == "proposed")

    @api.constrains("date", "renewal_id", "active")
    def _check_date(self):
        """Refuse a day outside of the term, in words."""
        for line in self.filtered("active"):
            term = line.renewal_id.sudo()
            start, after = term.date_start, term._date_after()
            if (not start or line.date >= start) and line.date < after:
                continue
            said = {
                "term": term.display_name,
                "date": format_date(self.env, line.date),
                "start": start and format_date(self.env, start),
                "end": format_date(self.env, term.date_renewal),
            }
            raise ValidationError(
                self.env._(
                    "%(term)s: an amendment from %(date)s is outside of the term, which runs from %(start)s to %(end)s.",
                    **said,
                )
                if start
                else self.env._(
                    "%(term)s: an amendment from %(date)s is outside of the term, which ends on %(end)s.",
                    **said,
                )
            )

    # ------------------------------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        terms = self.env["customer.success.renewal"]
        terms = terms.browse({vals["renewal_id"] for vals in vals_list if vals.get("renewal_id")})
        before = terms._ends_with()
        self = without_defaults(self, MACHINE)
        lines = super().create([self._without_machine(vals) for vals in vals_list])
        lines._check_open()
        if not self.env.su:
            lines.renewal_id.filtered("is_generated").is_generated = False
        lines._judge()
        lines.renewal_id._amended(before)
        return lines

    def write(self, vals):
        vals = self._without_machine(vals)
        is_carried = self.env.su and self.env.context.get(CARRIED)
        if is_carried or not vals.keys() & {
            "active", "annual_value", "date", "reason", "renewal_id", "seats",
        }:  # fmt: skip
            return super().write(vals)
        self._check_open()
        self._check_correction(vals)
        before = self.renewal_id._ends_with()
        result = super().write(vals)
        self._judge()
        self.renewal_id._amended(before)
        return result

    def unlink(self):
        terms = self.renewal_id
        before = terms._ends_with()
        result = super().unlink()
        terms.exists()._amended(before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        self._check_open()
        self._check_correction({})

    @api.model
    def _without_machine(self, vals):
        """Return ``vals`` without the fields that only the system sets; in sudo, unchanged."""
        if self.env.su:
            return vals
        return {name: value for name, value in vals.items() if name not in MACHINE}

    def _check_open(self):
        """Refuse amendments of a term that has ended."""
        if self.env.su:
            return
        labels = dict(self.renewal_id._fields["outcome"]._description_selection(self.env))
        for line in self:
            if line.renewal_id.outcome != "pending":
                raise UserError(
                    self.env._(
                        "%(term)s has ended (%(outcome)s): amend the next term, or reopen this one if its outcome was a mistake.",
                        term=line.renewal_id.display_name,
                        outcome=labels[line.renewal_id.outcome],
                    )
                )

    def _check_correction(self, vals):
        """Let authors correct an amendment on the day of entry, and managers who decide on the customer later."""
        if self.env.su:
            return
        if "renewal_id" in vals and any(line.renewal_id.id != vals["renewal_id"] for line in self):
            raise UserError(self.env._("An amendment stays with its term. Enter another one."))
        today = fields.Date.context_today(self)
        for line in self:
            entered = fields.Datetime.context_timestamp(line, line.create_date).date()
            if line.create_uid == self.env.user and entered == today:
                continue
            if not (
                self.env.user.has_group("customer_success.group_success_manager")
                and self.env.user._success_decides_on(line.partner_id)
            ):
                raise UserError(
                    self.env._(
                        "%(term)s: the amendment from %(date)s is kept as it was agreed. Enter another one from the day of the "
                        "change, or ask a manager to correct it.",
                        term=line.renewal_id.display_name,
                        date=format_date(self.env, line.date),
                    )
                )

    # ------------------------------------------------------------------------------------------
    # Lower values
    # ------------------------------------------------------------------------------------------

    def _judge(self):
        """Log each lower value, which waits for a manager as any lower value of a term; ask for a reason in any case."""
        if self.env.su:
            return
        self._waiting_changes()._close("withdrawn")
        values = []
        for line in self.filtered("active"):
            if fault(line.reason):
                raise UserError(
                    self.env._(
                        "%(term)s: say in a few words what was agreed from %(date)s on.",
                        term=line.renewal_id.display_name,
                        date=format_date(self.env, line.date),
                    )
                )
            before = line.renewal_id._annual_value_on(fields.Date.subtract(line.date, days=1))
            if line.currency_id.compare_amounts(line.annual_value, before) < 0:
                values.append(line._prepare_lowered_vals(before))
        changes = self.env["customer.success.renewal.change"].sudo().create(values)
        changes.filtered(lambda change: change.state == "proposed")._ask()

    def _prepare_lowered_vals(self, before):
        self.ensure_one()
        waits = not self.env.user._success_decides_on(self.partner_id)
        changes = self.env["customer.success.renewal.change"]
        return changes._entered(self.partner_id, True, waits, self.reason) | {
            "renewal_id": self.renewal_id.id,
            "amendment_id": self.id,
            "currency_id": self.currency_id.id,
            "old_value": before,
            "new_value": self.annual_value,
        }
