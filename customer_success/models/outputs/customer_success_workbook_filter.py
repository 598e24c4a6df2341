import json

from lxml.builder import E

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..scores.customer_success_renewal_score import RISK_BANDS
from ..scores.customer_success_score import HEALTH_BANDS


class CustomerSuccessWorkbookFilter(models.AbstractModel):
    """The choice of the customers and the sheets of a workbook, shared by the wizard and the schedule."""

    _name = "customer.success.workbook.filter"
    _description = "Filters of a Workbook"

    stage_ids = fields.Many2many("customer.success.stage", string="Stages")
    segment_ids = fields.Many2many("customer.success.segment", string="Segments")
    csm_ids = fields.Many2many(
        "res.users",
        string="CSMs",
        domain=[("share", "=", False)],
        help="The customer success managers whose customers are included.",
    )
    risk_from = fields.Selection(
        RISK_BANDS[1:],
        "Risk at Least",
        help="Customers with this churn risk or a higher one are included.",
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
        help="The period of renewals, changes and retention. If it is empty, everything is included. Time on "
        "advice covers the months back, or a year if it is empty.",
    )
    # Each sheet adds its check box with_<code>: report/workbook/sheet.py

    @api.constrains(lambda filters: filters._boxes())
    def _check_sheets(self):
        for chosen in self:
            if not chosen._sheets():
                raise ValidationError(self.env._("Choose at least one sheet."))

    def _valid_field_parameter(self, field, name):
        return name == "sheet" or super()._valid_field_parameter(field, name)

    @api.model
    def _sheet_types(self):
        """Return the classes of the sheets of all installed addons, in the order of the workbook."""
        sheets = (getattr(field, "sheet", None) for field in self._fields.values())
        return sorted(filter(None, sheets), key=lambda sheet: (sheet.sequence, sheet.code))

    @api.model
    def _boxes(self):
        """Return the names of the check boxes of the sheets."""
        return [f"with_{sheet.code}" for sheet in self._sheet_types()]

    @api.model
    def _is_ticked(self, sheet):
        """Return whether the check box of a sheet is ticked by default."""
        return True

    def _sheets(self):
        """Return the codes of the chosen sheets. The workbook leaves out those that its reader may not have."""
        chosen = self.sudo()
        return [sheet.code for sheet in self._sheet_types() if chosen[f"with_{sheet.code}"]]

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Put the check boxes of all sheets into the group ``sheets``."""
        arch, view = super()._get_view(view_id, view_type, **options)
        for group in arch.xpath("//group[@name='sheets']"):
            group.extend(E.field(name=name) for name in self._boxes())
        return arch, view

    def _filter_domain(self):
        """Return the domain of the customers that match the filters; record rules are applied elsewhere."""
        domain = fields.Domain.TRUE
        if self.stage_ids:
            domain &= fields.Domain("success_stage_id", "in", self.stage_ids.ids)
        if self.segment_ids:
            domain &= fields.Domain("success_segment_id", "in", self.segment_ids.ids)
        if self.csm_ids:
            domain &= fields.Domain("success_user_id", "in", self.csm_ids.ids)
        if self.risk_from:
            bands = [band for band, _label in RISK_BANDS]
            domain &= fields.Domain("success_risk_band", "in", bands[bands.index(self.risk_from) :])
        if self.health_band:
            domain &= fields.Domain("success_health_band", "=", self.health_band)
        return domain

    def _filter_text(self):
        """Return the filters as a text in the reader's language."""
        said = [
            (name, ", ".join(self[name].sudo().mapped("display_name")))
            for name in ("stage_ids", "segment_ids", "csm_ids", "company_ids")
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
        """Return the values from which the workbook is created, as plain values that can be stored as JSON."""
        return {
            "domain": json.loads(json.dumps(list(self._filter_domain()), default=list)),
            "sheets": self._sheets(),
            "months": int(self.period) if self.period else None,
            "company_ids": sorted(self.company_ids.ids),
        }
