import logging

from odoo import api, fields, models
from odoo.tools import format_date

from ...scoring.symptoms.check import check
from ...scoring.symptoms.symptom import SYMPTOMS
from ...scoring.use import Reading
from .customer_success_usage_figures import DEGREES

_logger = logging.getLogger(__name__)

# The number of customers that are checked in one transaction.
CHECK_BATCH = 20_000


class CustomerSuccessSymptomFlag(models.Model):
    """A symptom of misuse at a customer, with its first and last day and its evidence.

    Only the nightly check writes flags.
    """

    _name = "customer.success.symptom.flag"
    _description = "Symptom at a Customer"
    _order = "date_to desc, date_from desc, id desc"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    csm_id = fields.Many2one(related="partner_id.success_user_id")
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, index=True, ondelete="cascade"
    )
    symptom_id = fields.Many2one(
        "customer.success.symptom", required=True, readonly=True, index=True, ondelete="restrict"
    )
    advice = fields.Text(related="symptom_id.advice")
    date_from = fields.Date("Seen Since", required=True, readonly=True)
    date_to = fields.Date(
        "Gone Since", readonly=True, help="The field is empty as long as the symptom shows."
    )
    evidence = fields.Json("Evidence in Numbers", readonly=True)
    evidence_text = fields.Char("Evidence", compute="_compute_evidence_text")

    _partner_idx = models.Index("(partner_id, date_to)")
    _open_uniq = models.UniqueIndex(
        "(partner_id, product_id, symptom_id) WHERE date_to IS NULL",
        "A symptom of a product can be flagged only once at a time.",
    )

    @api.depends("symptom_id", "product_id")
    def _compute_display_name(self):
        for flag in self:
            product = flag.product_id.sudo().with_context(display_default_code=False).display_name
            flag.display_name = f"{product}: {flag.symptom_id.name}"

    @api.depends("evidence")
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
                flag.evidence_text = False
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
