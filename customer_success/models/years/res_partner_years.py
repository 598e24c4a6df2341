from odoo import api, fields, models
from odoo.tools import format_date

from ...scoring.counted import say_days
from .customer_success_year import BAD


class ResPartner(models.Model):
    """The years after go-live of a customer: what needs attention, the figures beside the chart, and the targets."""

    _inherit = "res.partner"

    @api.depends("success_year_ids.verdict", "success_go_live_first")
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        return super()._success_attention_lines() + self._success_year_lines()

    def _success_year_lines(self):
        """Return what the years after go-live missed, and which go-live date they count from if it was moved."""
        self.ensure_one()
        lines = []
        years = self.success_year_ids
        whole = years.filtered(lambda year: not year.product_id)
        judged = whole.filtered(lambda year: year.verdict not in ("unknown", "none"))[:1]
        newest = whole[:1].date_from
        recent = years.filtered(
            lambda year: (
                year.verdict in BAD and (year == judged or (year.product_id and year.is_running))
            )
        )
        for year in recent:
            if newest and (newest - year.date_from).days > 400:
                continue  # a target that was missed two years ago is history
            words = {
                "year": year.year,
                "what": year.shortfall,
                "product": year.product_id.sudo().name or "",
            }
            if year.product_id:
                text = self.env._(
                    "Year %(year)d after go-live is behind its target for %(product)s: %(what)s.",
                    **words,
                )
            elif year.is_running:
                text = self.env._(
                    "Year %(year)d after go-live is behind its target: %(what)s.", **words
                )
            else:
                text = self.env._(
                    "Year %(year)d after go-live missed its target: %(what)s.", **words
                )
            lines.append(text)
        first, planned = self.success_go_live_first, self.success_go_live_date
        if first and self.success_live_date == first and planned != first:
            lines.append(
                self.env._(
                    "The go-live date was moved. The years still count from %s; a manager can say that this date was a mistake.",
                    format_date(self.env, first),
                )
            )
        return lines

    def action_success_years(self):
        """Open the years of this customer after go-live."""
        return self._action_success("customer_success_year_action")

    def action_success_targets(self):
        """Open the targets that count for this customer: its own, those of its segment, and those for all."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.customer_success_target_action"
        )
        action["domain"] = [
            "|",
            ("partner_id", "=", self.id),
            "&",
            ("partner_id", "=", False),
            ("segment_id", "in", [False, self.success_segment_id.id]),
        ]
        action["context"] = {"default_partner_id": self.id}
        return action

    # ------------------------------------------------------------------------------------------
    # The figures beside the chart of use
    # ------------------------------------------------------------------------------------------

    def _success_chart_figures(self):
        return super()._success_chart_figures() + self._success_year_figures()

    def _success_year_figures(self):
        """Return the gains since each baseline, the use that was kept, and the ramp-up, ``[[label, value, hint]]``."""
        self.ensure_one()
        _ = self.env._
        figures = []
        for name, label in (
            ("purchase", _("Gained since purchase")),
            ("live", _("Gained since go-live")),
            ("plan", _("Gained since the plan began")),
        ):
            gain, start = self[f"success_gain_{name}"], self[f"success_adoption_{name}"]
            if gain is not False:
                figures.append(
                    [
                        label,
                        _("%+.0f points", gain),
                        _("The adoption rate was %.0f %% then", start),
                    ]
                )
        if self.success_sustain is not False:
            figures.append(
                [
                    _("Use kept"),
                    f"{self.success_sustain:.0f} %",
                    _("Active users compared with the same months a year before")
                    if self.success_sustain_first in (False, self.success_sustain)
                    else _(
                        "Active users compared with the same months a year before; %.0f %% of those of the first year",
                        self.success_sustain_first,
                    ),
                ]
            )
        if live := self.success_live_date:
            reached = self.success_days_to_adoption
            month = (fields.Date.context_today(self) - live).days // 30 + 1
            if reached is not False:
                hint = _("The target was reached after %s", say_days(self.env, reached))
            elif self.success_adoption is not False:
                hint = _(
                    "The target is not reached yet: %(now).0f %% of %(target).0f %% due in this month",
                    now=self.success_adoption,
                    target=self._success_target_now(month),
                )
            else:
                hint = _("The target is not reached yet")
            figures.append([_("Ramp-up since go-live"), _("month %d", month), hint])
        return figures

    def _success_target_now(self, month):
        """Return the adoption rate that is due in a month after go-live, as the last score took it."""
        lines = (self.success_score_id.sudo().breakdown or {}).get("factors", [])
        for line in lines:
            if line["code"] == "use" and "target" in (line.get("evidence") or {}):
                return line["evidence"]["target"]
        rules = self.env["customer.success.score"]._rules()
        return rules.adoption_target * min(month, rules.ramp_months) / rules.ramp_months

    # ------------------------------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------------------------------

    def write(self, vals):
        stops = "success_stage_id" in vals and not vals["success_stage_id"]
        followed = self.filtered("success_stage_id") if stops else self.browse()
        result = super().write(vals)
        followed._remove_success_years()
        return result

    def _success_leave(self):
        result = super()._success_leave()
        self._remove_success_years()
        return result

    def _success_come_back(self, since):
        result = super()._success_come_back(since)
        self.env.flush_all()
        self.env["customer.success.tenure"].sudo()._refresh_some(self.ids)
        return result

    def _remove_success_years(self):
        """Remove the years of companies that count no more; they can be computed anew from the records, which stay."""
        if self:
            for model in ("customer.success.tenure", "customer.success.year"):
                self.env[model].sudo().search([("partner_id", "in", self.ids)]).unlink()
