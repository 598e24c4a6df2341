from odoo import api, fields, models
from odoo.tools import format_date

from ...scoring.use import BOTH_DAYS, REPLACED_DAYS
from ..common.known_float import KnownFloat
from ..use.customer_success_usage_figures import DEGREES

# The willingness, from 1 to 5 by their answers, from which people count as willing.
WILLING = 3.4
NOT_USING = ("idle", "barely_used")
CHART_MONTHS = 25


class ResPartner(models.Model):
    """The use of products by a customer: its figures, its charts, and what needs attention."""

    _inherit = "res.partner"

    success_adoption = KnownFloat(
        related="success_score_id.adoption", string="Adoption Rate %", groups="base.group_user"
    )
    success_change_quarter = KnownFloat(
        related="success_score_id.change_quarter",
        string="Use, Change to Last Quarter %",
        groups="base.group_user",
        help="The change of the active users compared with the previous quarter.",
    )
    success_change_year = KnownFloat(
        related="success_score_id.change_year",
        string="Use, Change to Last Year %",
        groups="base.group_user",
        help="The change of the active users compared with the same quarter last year.",
    )
    success_usage_date = fields.Date(
        related="success_score_id.usage_date", string="Use Known Until", groups="base.group_user"
    )
    success_usage_pause_until = fields.Date(
        related="success_score_id.usage_pause_until", groups="base.group_user"
    )
    success_is_silent = fields.Boolean(
        "No Recent Use",
        compute="_compute_success_is_silent",
        search="_search_success_is_silent",
        groups="base.group_user",
        help="The customer is live and has no recent figures of use: they were never delivered, or the delivery stopped.",
    )
    success_willing_not_using = fields.Boolean(
        "Willing but Not Using",
        compute="_compute_success_willing_not_using",
        search="_search_success_willing_not_using",
        groups="customer_success.group_success_user",
        help="The people are willing and do not use it. Look for a barrier, do not blame the people.",
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
        """Return the first day from which use counts as recent."""
        days = self.env["customer.success.score"]._rules().usage_fresh_days
        return fields.Date.subtract(fields.Date.today(), days=days - 1)

    @api.depends(
        "success_stage_id.phase",
        "success_usage_date",
        "success_usage_pause_until",
        "success_former_date",
    )
    def _compute_success_is_silent(self):
        since, today = self._success_fresh_since(), fields.Date.today()
        for partner in self:
            known = partner.success_usage_date
            is_live = (
                partner.success_stage_id.phase in ("go_live", "after")
                and not partner.success_former_date
            )
            pause = partner.success_usage_pause_until
            is_pause = bool(pause) and pause > today
            partner.success_is_silent = is_live and (not known or known < since) and not is_pause

    def _search_success_is_silent(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_success_field("success_is_silent")
        live = fields.Domain("success_stage_id.phase", "in", ("go_live", "after"))
        silent = (
            live
            & fields.Domain("success_former_date", "=", False)
            & (
                fields.Domain("success_usage_date", "=", False)
                | fields.Domain("success_usage_date", "<", self._success_fresh_since())
            )
            & (
                fields.Domain("success_usage_pause_until", "=", False)
                | fields.Domain("success_usage_pause_until", "<=", fields.Date.today())
            )
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
        found = fields.Domain("success_willing", ">=", WILLING) & fields.Domain(
            "success_symptom_flag_ids", "any", [("symptom_id.code", "in", NOT_USING)]
        )
        return found if True in value else ~found

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        if self.success_willing_not_using:
            lines.insert(
                0,
                self.env._(
                    "The people are willing and do not use it, so something keeps them from it. Look for a "
                    "barrier, do not blame the people."
                ),
            )
        unexplained = self.success_symptom_flag_ids.filtered(lambda flag: not flag.has_barrier)
        if unexplained:
            lines.append(
                self.env._(
                    "There are symptoms of misuse without a barrier: %s.",
                    # A symptom that figures show and a person has seen is named once.
                    ", ".join(
                        dict.fromkeys(
                            f"{flag.symptom_id.name} ({flag.product_id.sudo().name})"
                            for flag in unexplained
                        )
                    ),
                )
            )
        lines += self._success_replaced_lines()
        if self.success_is_silent:
            lines.append(
                self.env._(
                    "There are no figures of use after %s. Check whether the delivery has stopped.",
                    format_date(self.env, self.success_usage_date),
                )
                if self.success_usage_date
                else self.env._(
                    "There have never been figures of use, so its use counts as unknown."
                )
            )
        return lines

    def _success_replaced_lines(self):
        """Return a question for each silent product near whose end another one began, as text."""
        used = {
            product: days
            for product, *days in self.env["customer.success.usage"]._read_group(
                [("partner_id", "=", self._origin.id)], ["product_id"], ["date:min", "date:max"]
            )
        }
        since = self._success_fresh_since()
        silent = [product for product, (_first, last) in used.items() if last < since]
        if not silent or len(used) == len(silent):
            return []
        pending = self.success_renewal_ids.filtered(lambda term: term.outcome == "pending")
        read_as = self._success_read_as()
        return [
            self.env._(
                "Nothing is known of the use of %(former)s since the period from %(last)s, when %(product)s began. If it took "
                "its place, a manager can name it as the successor; its renewal is still pending.",
                former=former.sudo().name,
                last=format_date(self.env, used[former][1]),
                product=product.sudo().name,
            )
            for former in silent
            if former in pending.product_id and read_as[former] == former
            for product, (first, last) in used.items()
            if last >= since and -BOTH_DAYS < (first - used[former][1]).days <= REPLACED_DAYS
        ]

    # ------------------------------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------------------------------

    def action_success_intended_use(self):
        """Open the intended use of this customer, and that of its products in general."""
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
        """Return the data of the charts: for each product the users of each month and the latest degrees.

        The result is ``{products: [{id, name, months: [[month, licensed, active, source]], measured,
        assessed, intended}], degrees: [label], figures: [[label, value, hint]], go_live}``. Unknown values
        are null.
        """
        read_as = self._success_read_as()
        months = self._success_chart_months(read_as)
        degrees = self._success_chart_degrees(read_as)
        products = self.env["product.product"].browse(list(dict.fromkeys([*months, *degrees])))
        labels = self.env["customer.success.usage"].fields_get(DEGREES, ["string"])
        return {
            "products": [
                {
                    "id": product.id,
                    "name": self._success_chart_name(product, read_as),
                    "months": months.get(product.id, []),
                    **degrees.get(product.id, {}),
                }
                for product in products.sudo()
            ],
            "degrees": [labels[code]["string"] for code in DEGREES],
            "figures": self._success_chart_figures(),
            "go_live": str(self.success_go_live_date) if self.success_go_live_date else None,
        }

    def _success_chart_name(self, product, read_as):
        """Return the name of a product, with those that it replaced here."""
        former = [one.sudo() for one, last in read_as.items() if last == product and one != product]
        plain = {"display_default_code": False}
        name = product.with_context(**plain).display_name
        if not former:
            return name
        return self.env._(
            "%(product)s, formerly %(former)s",
            product=name,
            former=", ".join(one.with_context(**plain).display_name for one in former),
        )

    def _success_chart_months(self, read_as):
        """Return the users by product and month, ``{product id: [[month, licensed, active, source]]}``.

        A product that was replaced is part of its successor, see ``read_as``, as in the scores. Measured figures take
        precedence over assessed ones. Products without monthly figures get the mean of
        their weeks. A month without figures is listed as empty, up to the current month, so that gaps show.
        """
        this_month = fields.Date.start_of(fields.Date.context_today(self), "month")
        start = fields.Date.subtract(this_month, months=CHART_MONTHS - 1)
        groups = self.env["customer.success.usage"]._read_group(
            [("partner_id", "=", self._origin.id), ("date", ">=", start)],
            ["product_id", "period", "source", "date:month"],
            ["licensed_users:avg", "active_users:avg"],
        )
        joined = self._success_joined(read_as)
        rows_of_use = [figures for figures in groups if read_as[figures[0]] not in joined]
        if joined:
            rows_of_use += self._success_joined_months(start)
        found = {}
        for product, period, source, month, licensed, active in rows_of_use:
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
        """Return one line per month from the first known one to ``last``.

        ``rows`` is ``{month: {source: [licensed, active]}}``.
        """
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

    def _success_chart_degrees(self, read_as):
        """Return the latest recent degrees, ``{product id: {measured, assessed, intended}}``."""
        usages = self.env["customer.success.usage"].search(
            [("partner_id", "=", self._origin.id), ("date", ">=", self._success_fresh_since())],
            order="date desc, period, id desc",
        )
        # A successor's own figures come first, and its own targets last.
        usages = usages.sorted(lambda usage: read_as[usage.product_id] != usage.product_id)
        found = {}
        for usage in usages:
            of_product = found.setdefault(read_as[usage.product_id].id, {})
            if usage.source not in of_product:
                of_product[usage.source] = _nulls(usage[code] for code in DEGREES)
        targets = (
            self.env["customer.success.intended.use"]
            .search(
                [
                    (
                        "product_id",
                        "in",
                        [one.id for one, last in read_as.items() if last.id in found],
                    ),
                    ("partner_id", "in", [self._origin.id, False]),
                ]
            )
            .sorted(lambda use: (bool(use.partner_id), read_as[use.product_id] == use.product_id))
        )
        for (
            target
        ) in targets:  # the customer's own target comes last; its figures replace the usual ones
            of_product = found[read_as[target.product_id].id]
            known = of_product.get("intended") or [None] * len(DEGREES)
            own = _nulls(target[code] for code in DEGREES)
            of_product["intended"] = [
                usual if value is None else value for usual, value in zip(known, own)
            ]
        return found

    def _success_chart_figures(self):
        """Return the figures beside the charts, ``[[label, value, hint]]``, from the score."""
        self.ensure_one()
        unknown = self.env._("unknown")

        def shown(value, form):
            return unknown if value is False else form % value

        forced = self._success_forced_products()
        figures = [
            [
                self.env._("Adoption rate"),
                shown(self.success_adoption, "%.0f %%"),
                self.env._(
                    "Work cannot be done without %s: the number of users says nothing",
                    ", ".join(forced.sudo().mapped("name")),
                )
                if forced
                else self.env._("Active users as a share of licensed users"),
            ],
            [
                self.env._("Since last quarter"),
                shown(self.success_change_quarter, "%+.0f %%"),
                self.env._("Active users of three months compared with the three months before"),
            ],
            [
                self.env._("Since last year"),
                shown(self.success_change_year, "%+.0f %%"),
                self.env._("Active users compared with the same three months last year"),
            ],
        ]
        if self.success_is_silent:
            figures.append(
                [
                    self.env._("Known until"),
                    format_date(self.env, self.success_usage_date)
                    if self.success_usage_date
                    else unknown,
                    self.env._(
                        "There are no recent figures; the use counts as unknown, not as zero"
                    ),
                ]
            )
        return figures


def _nulls(values):
    """Return the values as a list in which unknown ones are ``None``, for JSON."""
    return [None if value is False else value for value in values]
