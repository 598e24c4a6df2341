import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...scoring.symptoms.check import check
from ...scoring.symptoms.symptom import SYMPTOMS
from ...scoring.use import Reading
from ..common.machine_fields import without_defaults
from .customer_success_usage_figures import DEGREES

_logger = logging.getLogger(__name__)

# Fields that only the server writes.
MACHINE = ("source", "user_id", "evidence")
# The number of customers that are checked in one transaction.
CHECK_BATCH = 20_000


class CustomerSuccessSymptomFlag(models.Model):
    """A symptom of misuse at a customer, with its first and last day and its evidence.

    The nightly check writes the flags that figures of use show. People tag what they have seen themselves; only
    people end those.
    """

    _name = "customer.success.symptom.flag"
    _description = "Symptom at a Customer"
    _order = "date_to desc, date_from desc, id desc"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        ondelete="cascade",
        domain=[("success_stage_id", "!=", False)],
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    csm_id = fields.Many2one(related="partner_id.success_user_id")
    product_id = fields.Many2one("product.product", required=True, index=True, ondelete="cascade")
    symptom_id = fields.Many2one(
        "customer.success.symptom", required=True, index=True, ondelete="restrict"
    )
    advice = fields.Text(related="symptom_id.advice")
    source = fields.Selection(
        [("measured", "Figures of Use"), ("observed", "A Person")],
        "Found By",
        required=True,
        readonly=True,
        default=lambda self: "measured" if self.env.su else "observed",
        help="Figures of use: the nightly check flags and clears it. A person: only people clear it.",
    )
    user_id = fields.Many2one("res.users", "Tagged By", readonly=True, ondelete="set null")
    observation = fields.Char(help="One sentence: what was seen, where, and by whom.")
    date_from = fields.Date("Seen Since", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Gone Since", help="The field is empty as long as the symptom shows.")
    days_shown = fields.Integer("Days", compute="_compute_days_shown")
    evidence = fields.Json("Evidence in Numbers", readonly=True)
    evidence_text = fields.Char("Evidence", compute="_compute_evidence_text")

    _partner_idx = models.Index("(partner_id, date_to)")
    _open_uniq = models.UniqueIndex(
        "(partner_id, product_id, symptom_id, source) WHERE date_to IS NULL",
        "This symptom of this product is tagged already. Change that entry, or end it first.",
    )
    _check_dates = models.Constraint(
        "CHECK(date_to >= date_from)", "A symptom cannot be gone before it was seen."
    )

    @api.depends("symptom_id", "product_id")
    def _compute_display_name(self):
        for flag in self:
            product = flag.product_id.sudo().with_context(display_default_code=False).display_name
            known = filter(None, (product, flag.symptom_id.name))
            flag.display_name = ": ".join(known)

    @api.depends("date_from", "date_to")
    def _compute_days_shown(self):
        today = fields.Date.context_today(self)
        for flag in self:
            start = flag.date_from or today
            flag.days_shown = max(0, ((flag.date_to or today) - start).days)

    @api.depends("evidence", "observation", "source")
    @api.depends_context("lang")
    def _compute_evidence_text(self):
        names = {
            "adoption": self.env._("Adoption rate"),
            **{
                name: field["string"]
                for name, field in self.env["customer.success.usage"]
                .fields_get(DEGREES, ["string"])
                .items()
            },
        }
        for flag in self:
            seen = flag.evidence or {}
            if not seen:
                flag.evidence_text = flag.observation
                continue
            said = self.env._(
                "%(figure)s %(value).0f %%, limit %(bound).0f %%",
                figure=names.get(seen["figure"], seen["figure"]),
                value=seen["value"],
                bound=seen["bound"],
            )
            if (seen.get("intended") or 100) != 100:
                said = self.env._(
                    "%(said)s: %(measured).0f of %(intended).0f intended",
                    said=said,
                    measured=seen["measured"],
                    intended=seen["intended"],
                )
            if seen["figure"] == "adoption":
                said = self.env._(
                    "%(said)s: %(active).0f of %(licensed).0f licensed users are active",
                    said=said,
                    active=seen["active"],
                    licensed=seen["licensed"],
                )
            flag.evidence_text = self.env._(
                "%(said)s (%(date)s)",
                said=said,
                date=format_date(self.env, seen["date"], date_format="medium"),
            )

    # ------------------------------------------------------------------------------------------
    # Tagged by hand. A record rule keeps people from writing what the nightly check found.
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self = without_defaults(self, MACHINE)
            vals_list = [
                {
                    **self._without_machine_values(vals),
                    "source": "observed",
                    "user_id": self.env.uid,
                }
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        return super().write(self._without_machine_values(vals))

    @api.model
    def _without_machine_values(self, vals):
        if self.env.su:
            return vals
        return {name: value for name, value in vals.items() if name not in MACHINE}

    @api.constrains("source", "observation", "date_from", "date_to")
    def _check_observation(self):
        today = fields.Date.context_today(self)
        for flag in self.filtered(lambda flag: flag.source == "observed"):
            if not (flag.observation or "").strip():
                raise ValidationError(
                    self.env._(
                        "Describe in one sentence what was seen of “%s”, where, and by whom.",
                        flag.symptom_id.name,
                    )
                )
            if max(flag.date_from, flag.date_to or flag.date_from) > today:
                raise ValidationError(
                    self.env._("A symptom is tagged once it was seen: its days cannot lie ahead.")
                )

    def action_end(self):
        """Note that a symptom that a person tagged is no longer seen, as of today."""
        self.filtered(lambda flag: not flag.date_to).date_to = fields.Date.context_today(self)

    # ------------------------------------------------------------------------------------------
    # The nightly check
    # ------------------------------------------------------------------------------------------

    @api.model
    def _check(self, scope):
        """Flag and clear the symptoms of customers; return both numbers.

        ``scope`` is a list of ids, or a tuple of the first and the last id of a range.
        """
        self.env.flush_all()
        limit = self.env["customer.success.settings"]._limit
        reading = Reading(
            adoption_target=limit("adoption_target"),
            ramp_months=int(limit("ramp_months")),
            usage_fresh_days=int(limit("usage_fresh_days")),
        )
        limits = {symptom.setting: limit(symptom.setting) for symptom in SYMPTOMS.values()}
        # A symptom that a bridge of another database registered has no record here.
        records = self.env["customer.success.symptom"].sudo().with_context(active_test=False)
        known = set(records.search([("code", "in", list(SYMPTOMS))]).mapped("code"))
        codes = [code for code in SYMPTOMS if code in known]
        found = check(self.env.cr, scope, codes, limits, reading, fields.Date.today())
        self.invalidate_model()
        return found

    @api.model
    def _cron_check(self):
        """Check all customers, range by range, and commit each range."""
        self.env.cr.execute(
            "SELECT id FROM res_partner WHERE success_stage_id IS NOT NULL OR id IN"
            " (SELECT partner_id FROM customer_success_symptom_flag WHERE date_to IS NULL) ORDER BY id"
        )
        self.env["customer.success.job"]._walk(
            [id_ for (id_,) in self.env.cr.fetchall()],
            lambda ids: self._check((ids[0], ids[-1])),
            self._note_not_checked,
            size=CHECK_BATCH,
            bookmark="symptoms",
        )

    @api.model
    def _note_not_checked(self, partner_id, error):
        """Leave the flags of this customer as they are; the next night checks it again."""
        _logger.warning("The symptoms of customer %s could not be checked: %s", partner_id, error)
