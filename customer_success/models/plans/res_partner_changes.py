from odoo import api, fields, models
from odoo.tools import SQL

from .customer_success_change import PHASES

# The areas that no change touches: after go-live if the customer is live, else in any phase.
_WITH_GAPS = """(
    SELECT partner.id
      FROM res_partner partner
      JOIN customer_success_stage stage ON stage.id = partner.success_stage_id
     WHERE (SELECT count(DISTINCT touched.area_id)
              FROM customer_success_change change
              JOIN customer_success_change_area_rel touched ON touched.change_id = change.id
             WHERE change.partner_id = partner.id
               AND change.active
               AND change.state <> 'dropped'
               AND (stage.phase = 'before' OR COALESCE(change.phase, 'after') = 'after'))
           < (SELECT count(*) FROM customer_success_change_area))"""


class ResPartner(models.Model):
    """The grid of a customer's changes by area and phase, and the areas that no change touches."""

    _inherit = "res.partner"

    success_change_grid = fields.Html(
        "Changes by Area and Phase",
        compute="_compute_success_change_grid",
        sanitize=False,
        groups="customer_success.group_success_user",
    )
    success_change_gaps = fields.Char(
        "Areas without a Change",
        compute="_compute_success_change_grid",
        search="_search_success_change_gaps",
        groups="customer_success.group_success_user",
        help="The areas that no change touches: after go-live for a live customer, otherwise in any phase.",
    )

    @api.depends(
        "success_stage_id.phase",
        "success_change_ids.active",
        "success_change_ids.area_ids",
        "success_change_ids.phase",
        "success_change_ids.state",
    )
    @api.depends_context("lang")
    def _compute_success_change_grid(self):
        areas = self.env["customer.success.change.area"]._all()
        phases = dict(
            self.env["customer.success.change"]._fields["phase"]._description_selection(self.env)
        )
        for partner in self:
            if not partner.success_stage_id:
                partner.success_change_grid = partner.success_change_gaps = False
                continue
            changes = partner.success_change_ids.filtered(
                lambda change: change.active and change.state != "dropped"
            )
            is_before = partner.success_stage_id.phase == "before"
            rows = []
            for area in areas:
                touching = changes.filtered(lambda change, area=area: area in change.area_ids)
                cells = []
                for code, _label in PHASES:
                    # Without a go-live date the phase is not known; the change may still be after it.
                    here = touching.filtered(
                        lambda change, code=code: (change.phase or "after") == code
                    )
                    cells.append(
                        {
                            "done": len(here.filtered(lambda change: change.state == "done")),
                            "open": len(here.filtered("is_open")),
                            # What is past can no longer be planned.
                            "is_gap": not here and (is_before or code == "after"),
                        }
                    )
                rows.append({"area": area.name, "cells": cells})
            gaps = [
                row["area"]
                for row in rows
                if all(
                    not (cell["done"] or cell["open"])
                    for cell in (row["cells"] if is_before else row["cells"][-1:])
                )
            ]
            partner.success_change_gaps = ", ".join(gaps) or False
            partner.success_change_grid = self.env["ir.qweb"]._render(
                "customer_success.change_grid",
                {
                    "rows": rows,
                    "phases": list(phases.values()),
                    "gaps": gaps,
                    "is_before": is_before,
                },
            )

    def _search_success_change_gaps(self, operator, value):
        if operator != "in" or {*value} != {False}:
            return NotImplemented
        self._check_success_field("success_change_gaps")
        self.env["customer.success.change"].flush_model()
        self.flush_model(["success_stage_id"])
        return fields.Domain("id", "not in", SQL(_WITH_GAPS))

    @api.depends("success_change_gaps")
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        is_live = self.success_stage_id.phase != "before"
        if is_live and self.success_change_gaps and any(self.success_change_ids.mapped("is_ahead")):
            lines.append(
                self.env._(
                    "Changes are planned after go-live, but none of them touches: %s.",
                    self.success_change_gaps,
                )
            )
        return lines
