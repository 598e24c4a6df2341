from odoo import api, fields, models

# The number of objectives that the chart of a customer shows, so that its lines can be told apart.
CHART_LINES = 6


class CustomerSuccessObjective(models.Model):
    """The product whose use is to bring the result: its use and the figure of the objective share a chart."""

    _inherit = "customer.success.objective"

    product_id = fields.Many2one(
        "product.product",
        index="btree_not_null",
        tracking=True,
        help="The product whose use is to bring this result. Its adoption rate is shown beside the figure.",
    )
    date_actual = fields.Date(
        "Measured On",
        compute="_compute_date_actual",
        store=True,
        help="The day of the newest measurement, which is the actual figure.",
    )
    chart = fields.Json("Figure and Use", compute="_compute_chart")

    @api.depends("measure_ids.date")
    def _compute_date_actual(self):
        for objective in self:
            objective.date_actual = max(
                objective.measure_ids.filtered("date").mapped("date"), default=False
            )

    @api.onchange("partner_id")
    def _onchange_success_product(self):
        """Propose the product if the customer uses one only."""
        if not self.product_id and self.partner_id:
            used = self.env["customer.success.usage"]._read_group(
                [("partner_id", "=", self.partner_id._origin.id)], ["product_id"], limit=2
            )
            if len(used) == 1:
                self.product_id = used[0][0]

    @api.depends(
        "product_id",
        "baseline",
        "target",
        "date_start",
        "date_due",
        "unit",
        "measure_ids.value",
        "measure_ids.date",
    )
    @api.depends_context("lang")
    def _compute_chart(self):
        for objective in self:
            objective.chart = objective._origin._chart_of_figure() if objective._origin else False

    def _chart_of_figure(self):
        """Return the data of the chart of one objective, ``{unit, lines: [{name, kind, points: [[day, value]]}]}``.

        The figure has its own axis. It starts with the baseline, on the first day of the objective; the target is a line to
        the day on which it is due. Use is the adoption rate of the product in %.
        """
        figures = self._figures()
        lines = []
        if figures:
            lines.append({"name": self.metric or self.name, "kind": "figure", "points": figures})
        if self.target is not False:
            start = self.date_start or fields.Date.context_today(self)
            days = sorted({start, self.date_due or start, *self.measure_ids.mapped("date")})
            lines.append(
                {
                    "name": self.env._("Target"),
                    "kind": "target",
                    "points": [[str(day), self.target] for day in (days[0], days[-1])],
                }
            )
        lines += self._lines_of_use()
        return {"unit": self.unit or "", "lines": lines} if lines else False

    def _figures(self):
        """Return the baseline and the measurements as ``[[day, value]]``, oldest first."""
        self.ensure_one()
        measures = self.measure_ids.filtered("date").sorted(lambda m: (m.date, m.id))
        points = [[str(measure.date), measure.value] for measure in measures]
        first = measures[:1].date
        if (
            self.baseline is not False
            and self.date_start
            and (not first or self.date_start < first)
        ):
            points.insert(0, [str(self.date_start), self.baseline])
        return points

    def _lines_of_use(self):
        """Return a line with the adoption rate of each product that these objectives name, since the first of them began.

        Measured figures take precedence over assessed ones.
        """
        customer = self.partner_id
        customer.ensure_one()
        products = self.product_id
        if not products:
            return []
        starts = self.filtered("product_id").mapped("date_start")
        known = [day for day in starts if day]
        # The use of a product goes on with that of its successor.
        read_as = customer._success_read_as()
        wanted = {read_as.get(product, product) for product in products}
        used = [one for one, last in read_as.items() if last in wanted]
        domain = [
            ("partner_id", "=", customer.id),
            ("product_id", "in", [one.id for one in used]),
            ("adoption", "!=", False),
        ]
        if known:
            domain.append(("date", ">=", fields.Date.start_of(min(known), "month")))
        rates = {}
        for product, month, source, active, licensed in self.env[
            "customer.success.usage"
        ]._read_group(
            domain,
            ["product_id", "date:month", "source"],
            ["active_users:sum", "licensed_users:sum"],
        ):
            of_month = rates.setdefault(read_as[product], {}).setdefault(str(month), {})
            rate = min(100.0, round(100.0 * active / licensed, 1))
            of_month[source] = max(rate, of_month.get(source, 0.0))
        return [
            {
                "name": self.env._(
                    "Use of %s",
                    product.sudo().with_context(display_default_code=False).display_name,
                ),
                "kind": "use",
                "points": [
                    [month, sources.get("measured", sources.get("assessed"))]
                    for month, sources in sorted(months.items())
                ],
            }
            for product, months in rates.items()
        ]

    def _chart_of_progress(self):
        """Return the data of the chart of a customer: the progress of its objectives and the use of their products, all in %."""
        shown = self.filtered(
            lambda o: (
                o.state != "dropped"
                and o.measure_ids
                and False not in (o.baseline is not False, o.target is not False)
                and o.baseline != o.target
            )
        ).sorted(lambda o: (not o.is_open, -(o.date_actual or o.date_start).toordinal()))
        shown = shown[:CHART_LINES]
        lines = [
            {
                "name": objective.name,
                "kind": "figure",
                "points": [
                    [
                        day,
                        round(
                            100.0
                            * (value - objective.baseline)
                            / (objective.target - objective.baseline),
                            1,
                        ),
                    ]
                    for day, value in objective._figures()
                ],
            }
            for objective in shown
        ]
        lines += shown._lines_of_use() if shown else []
        return {"unit": False, "lines": lines} if lines else False
