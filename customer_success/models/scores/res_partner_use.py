from odoo import api, fields, models
from odoo.tools import format_date

from ..common.known_float import KnownFloat
from ..use.customer_success_usage_figures import DEGREES

# From this willingness on (1 to 5, from their answers) people want to, and are kept from it.
WILLING = 3.4
NOT_USING = ("idle", "barely_used")
CHART_MONTHS = 25


class ResPartner(models.Model):
    """How a customer uses what it bought: measured, assessed, silent, and misused."""

    _inherit = "res.partner"

    success_adoption = KnownFloat(
        related="success_score_id.adoption", string="Adoption Rate %", groups="base.group_user"
    )
    success_change_quarter = KnownFloat(
        related="success_score_id.change_quarter",
        string="Use, Change to Last Quarter %",
        groups="base.group_user",
        help="Of the active users.",
    )
    success_change_year = KnownFloat(
        related="success_score_id.change_year",
        string="Use, Change to Last Year %",
        groups="base.group_user",
        help="Of the active users, against the same quarter a year ago.",
    )
    success_usage_date = fields.Date(
        related="success_score_id.usage_date", string="Use Known Until", groups="base.group_user"
    )
    success_is_silent = fields.Boolean(
        "No Fresh Use",
        compute="_compute_success_is_silent",
        search="_search_success_is_silent",
        groups="base.group_user",
        help="Live, and nothing fresh is known of its use: it was never delivered, or the telemetry broke.",
    )
    success_willing_not_using = fields.Boolean(
        "Willing but Not Using",
        compute="_compute_success_willing_not_using",
        search="_search_success_willing_not_using",
        groups="customer_success.group_success_user",
        help="They want to and do not: look for a barrier, not at people.",
    )
    success_usage_chart = fields.Json(
        "Use over Time",
        compute="_compute_success_usage_chart",
        groups="customer_success.group_success_user",
    )

    @api.depends("success_symptom_flag_ids", "success_is_silent", "success_willing_not_using")
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    @api.model
    def _success_fresh_since(self):
        """Use from this day on says something of today."""
        days = self.env["customer.success.score"]._rules().usage_fresh_days
        return fields.Date.subtract(fields.Date.today(), days=days - 1)

    @api.depends("success_stage_id.phase", "success_usage_date")
    def _compute_success_is_silent(self):
        since = self._success_fresh_since()
        for partner in self:
            known = partner.success_usage_date
            is_live = partner.success_stage_id.phase in ("go_live", "after")
            partner.success_is_silent = is_live and (not known or known < since)

    def _search_success_is_silent(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_success_field("success_is_silent")
        silent = fields.Domain("success_stage_id.phase", "in", ("go_live", "after")) & (
            fields.Domain("success_usage_date", "=", False)
            | fields.Domain("success_usage_date", "<", self._success_fresh_since())
        )
        return silent if True in value else ~silent

    @api.depends("success_symptom_flag_ids.symptom_id", "success_score_id.willing")
    def _compute_success_willing_not_using(self):
        for partner in self:
            willing = partner.success_score_id.sudo().willing
            codes = partner.success_symptom_flag_ids.symptom_id.mapped("code")
            partner.success_willing_not_using = (
                willing is not False and willing >= WILLING and bool({*NOT_USING} & {*codes})
            )

    def _search_success_willing_not_using(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_success_field("success_willing_not_using")
        found = fields.Domain("success_score_id.willing", ">=", WILLING) & fields.Domain(
            "success_symptom_flag_ids", "any", [("symptom_id.code", "in", NOT_USING)]
        )
        return found if True in value else ~found

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        if self.success_willing_not_using:
            lines.insert(
                0,
                self.env._(
                    "They are willing and do not use it: something stands in their way. Look for a barrier, "
                    "not at people."
                ),
            )
        unexplained = self.success_symptom_flag_ids.filtered(lambda flag: not flag.has_barrier)
        if unexplained:
            lines.append(
                self.env._(
                    "Misuse without a barrier: %s.",
                    ", ".join(
                        f"{flag.symptom_id.name} ({flag.product_id.sudo().name})"
                        for flag in unexplained
                    ),
                )
            )
        if self.success_is_silent:
            lines.append(
                self.env._(
                    "Nothing fresh is known of its use since %s: did the telemetry break?",
                    format_date(self.env, self.success_usage_date),
                )
                if self.success_usage_date
                else self.env._("Nothing was ever known of its use: it counts as unknown.")
            )
        return lines

    # ------------------------------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------------------------------

    def action_success_assess(self):
        """Say in a dialog how the customer uses a product, where it is not measured."""
        self.ensure_one()
        latest = self.env["customer.success.usage"].search([("partner_id", "=", self.id)], limit=1)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Assess Use"),
            "res_model": "customer.success.usage",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_partner_id": self.id,
                "default_product_id": latest.product_id.id,
                "default_source": "assessed",
            },
        }

    def action_success_intended_use(self):
        """What use is meant to look like here, and of the products in general."""
        self.ensure_one()
        action = self._action_success("customer_success_intended_use_action")
        products = self.success_usage_ids.product_id
        action["domain"] = [
            "|",
            ("partner_id", "=", self.id),
            "&",
            ("partner_id", "=", False),
            ("product_id", "in", products.ids),
        ]
        return action

    # ------------------------------------------------------------------------------------------
    # The charts of the form
    # ------------------------------------------------------------------------------------------

    @api.depends("success_usage_ids", "success_score_id.adoption")
    @api.depends_context("lang")
    def _compute_success_usage_chart(self):
        for partner in self:
            partner.success_usage_chart = (
                partner._success_chart() if partner.success_stage_id else False
            )

    def _success_chart(self):
        """What the charts show: by product the users of each month, and the latest six degrees.

        ``{products: [{id, name, months: [[month, licensed, active, source]], measured, assessed,
        intended}], degrees: [label], figures: [[label, value, hint]], go_live}``; what is unknown is null.
        """
        months = self._success_chart_months()
        degrees = self._success_chart_degrees()
        products = self.env["product.product"].browse(list(dict.fromkeys([*months, *degrees])))
        labels = self.env["customer.success.usage"].fields_get(DEGREES, ["string"])
        return {
            "products": [
                {
                    "id": product.id,
                    "name": product.with_context(display_default_code=False).display_name,
                    "months": months.get(product.id, []),
                    **degrees.get(product.id, {}),
                }
                for product in products.sudo()
            ],
            "degrees": [labels[code]["string"] for code in DEGREES],
            "figures": self._success_chart_figures(),
            "go_live": str(self.success_go_live_date) if self.success_go_live_date else None,
        }

    def _success_chart_months(self):
        """Users by product and month, ``{product id: [[month, licensed, active, source]]}``.

        Each figure as measured, else as assessed, of months where there are any, else the mean of weeks. A month
        of which nothing is known stands there empty, up to the current one: a gap is to be seen.
        """
        this_month = fields.Date.start_of(fields.Date.context_today(self), "month")
        start = fields.Date.subtract(this_month, months=CHART_MONTHS - 1)
        groups = self.env["customer.success.usage"]._read_group(
            [("partner_id", "=", self._origin.id), ("date", ">=", start)],
            ["product_id", "period", "source", "date:month"],
            ["licensed_users:avg", "active_users:avg"],
        )
        found = {}
        for product, period, source, month, licensed, active in groups:
            rows = found.setdefault(product.id, {}).setdefault(period, {})
            rows.setdefault(month, {})[source] = _nulls((licensed, active))
        return {
            product_id: self._success_chart_lines(
                periods.get("month") or periods["week"], this_month
            )
            for product_id, periods in found.items()
        }

    @api.model
    def _success_chart_lines(self, rows, last):
        """One line a month from the first known to the last, from ``{month: {source: [licensed, active]}}``."""
        lines = []
        month = min(rows)
        while month <= last:
            sources = rows.get(month, {})
            measured = sources.get("measured", [None, None])
            assessed = sources.get("assessed", [None, None])
            licensed, active = (
                one if one is not None else other for one, other in zip(measured, assessed)
            )
            source = "assessed" if measured[1] is None and active is not None else "measured"
            lines.append([str(month), licensed, active, source])
            month = fields.Date.add(month, months=1)
        while lines and lines[0][1] is None and lines[0][2] is None:
            del lines[0]
        return lines

    def _success_chart_degrees(self):
        """The latest fresh six degrees, ``{product id: {measured, assessed, intended}}``."""
        usages = self.env["customer.success.usage"].search(
            [("partner_id", "=", self._origin.id), ("date", ">=", self._success_fresh_since())],
            order="date desc, period, id desc",
        )
        found = {}
        for usage in usages:
            of_product = found.setdefault(usage.product_id.id, {})
            if usage.source not in of_product:
                of_product[usage.source] = _nulls(usage[code] for code in DEGREES)
        targets = self.env["customer.success.intended.use"].search(
            [("product_id", "in", list(found)), ("partner_id", "in", [self._origin.id, False])],
            order="partner_id nulls first",
        )
        for target in targets:  # the customer's own last, each figure of it above the usual one
            of_product = found[target.product_id.id]
            known = of_product.get("intended") or [None] * len(DEGREES)
            own = _nulls(target[code] for code in DEGREES)
            of_product["intended"] = [
                usual if value is None else value for usual, value in zip(known, own)
            ]
        return found

    def _success_chart_figures(self):
        """The figures beside the charts, as the score has them: ``[[label, value, hint]]``."""
        self.ensure_one()
        unknown = self.env._("unknown")

        def shown(value, form):
            return unknown if value is False else form % value

        figures = [
            [
                self.env._("Adoption"),
                shown(self.success_adoption, "%.0f %%"),
                self.env._("active of the licensed users"),
            ],
            [
                self.env._("Since last quarter"),
                shown(self.success_change_quarter, "%+.0f %%"),
                self.env._("active users, three months against the three before"),
            ],
            [
                self.env._("Since last year"),
                shown(self.success_change_year, "%+.0f %%"),
                self.env._("active users, against the same three months a year ago"),
            ],
        ]
        live = self.success_go_live_date
        today = fields.Date.context_today(self)
        if live and live <= today and self.success_stage_id.phase != "before":
            month = (today - live).days // 30 + 1
            reached = self.success_days_to_adoption
            figures.append(
                [
                    self.env._("Ramp since go-live"),
                    self.env._("month %d", month),
                    self.env._("target not reached yet")
                    if reached is False
                    else self.env._("target reached after %d days", reached),
                ]
            )
        if self.success_is_silent:
            figures.append(
                [
                    self.env._("Known until"),
                    format_date(self.env, self.success_usage_date)
                    if self.success_usage_date
                    else unknown,
                    self.env._("nothing fresh: its use counts as unknown, not as zero"),
                ]
            )
        return figures


def _nulls(values):
    """The unknown as JSON has it."""
    return [None if value is False else value for value in values]
