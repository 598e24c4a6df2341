import json

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..scores.customer_success_renewal_score import RISK_BANDS
from ..scores.customer_success_score import HEALTH_BANDS

SHEETS = (
    "summary",
    "customers",
    "use",
    "barriers",
    "questions",
    "renewals",
    "retention",
    "objectives",
    "changes",
    "time",
    "method",
)


class CustomerSuccessWorkbookFilter(models.AbstractModel):
    """Which customers and which sheets go into a workbook: the same choice in the wizard and in a schedule."""

    _name = "customer.success.workbook.filter"
    _description = "Filters of a Workbook"

    stage_ids = fields.Many2many("customer.success.stage", string="Stages")
    csm_ids = fields.Many2many(
        "res.users",
        string="CSMs",
        domain=[("share", "=", False)],
        help="Who follows the customers.",
    )
    risk_from = fields.Selection(
        RISK_BANDS[1:], "Risk at Least", help="This churn risk, or a higher one."
    )
    health_band = fields.Selection(HEALTH_BANDS, "Health")
    company_ids = fields.Many2many("res.company", string="Companies")
    period = fields.Selection(
        [
            ("3", "3 months back and ahead"),
            ("6", "6 months back and ahead"),
            ("12", "12 months back and ahead"),
            ("24", "24 months back and ahead"),
        ],
        help="Renewals, changes and retention of this time. Empty: everything. Time on advice is that of the "
        "months back, a year if empty.",
    )
    with_summary = fields.Boolean("Summary", default=True)
    with_customers = fields.Boolean("Customers", default=True)
    with_use = fields.Boolean("Degrees of Use", default=True)
    with_barriers = fields.Boolean("Barriers", default=True)
    with_questions = fields.Boolean("Questions", default=True)
    with_renewals = fields.Boolean("Renewals", default=True)
    with_retention = fields.Boolean("Retention", default=True)
    with_objectives = fields.Boolean("Objectives", default=True)
    with_changes = fields.Boolean("Changes Ahead", default=True)
    with_time = fields.Boolean("Time on Advice", default=True)
    with_method = fields.Boolean("Method", default=True)

    @api.constrains(*(f"with_{code}" for code in SHEETS))
    def _check_sheets(self):
        for chosen in self:
            if not chosen._sheets():
                raise ValidationError(self.env._("Choose at least one sheet."))

    def _sheets(self):
        return [code for code in SHEETS if self[f"with_{code}"]]

    def _filter_domain(self):
        """The customers that the filters let through; who may see which is not decided here."""
        domain = fields.Domain.TRUE
        if self.stage_ids:
            domain &= fields.Domain("success_stage_id", "in", self.stage_ids.ids)
        if self.csm_ids:
            domain &= fields.Domain("success_user_id", "in", self.csm_ids.ids)
        if self.risk_from:
            bands = [band for band, _label in RISK_BANDS]
            domain &= fields.Domain("success_risk_band", "in", bands[bands.index(self.risk_from) :])
        if self.health_band:
            domain &= fields.Domain("success_health_band", "=", self.health_band)
        return domain

    def _filter_text(self):
        """What the filters let through, in the reader's language."""
        said = [
            (name, ", ".join(self[name].sudo().mapped("display_name")))
            for name in ("stage_ids", "csm_ids", "company_ids")
            if self[name]
        ]
        said += [
            (name, dict(self._fields[name]._description_selection(self.env))[self[name]])
            for name in ("risk_from", "health_band", "period")
            if self[name]
        ]
        titles = self.fields_get([name for name, _text in said], ["string"])
        return "; ".join(f"{titles[name]['string']}: {text}" for name, text in said)

    def _prepare_request(self):
        """What a copy is made by, as plain values that last."""
        return {
            "domain": json.loads(json.dumps(list(self._filter_domain()), default=list)),
            "sheets": self._sheets(),
            "months": int(self.period) if self.period else None,
            "company_ids": sorted(self.company_ids.ids),
        }
