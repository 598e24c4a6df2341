from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...models.scores.customer_success_renewal_score import RISK_BANDS
from ...models.scores.customer_success_score import HEALTH_BANDS
from .. import tiles

QUARTERS = 8
AGES = ((None, 30), (30, 90), (90, None))


class CustomerSuccessDashboard(models.Model):
    """The charts of the dashboard; each bar and point contains the action that a click on it opens."""

    _inherit = "customer.success.dashboard"

    # ------------------------------------------------------------------------------------------
    # Charts: {title, hint, kind, stacked, unit, labels, series: [{label, tone, data, actions}]}
    # ------------------------------------------------------------------------------------------

    def _bars(self, title, rows, columns, cell, name, model, domain, **options):
        """Return stacked bars; ``rows`` are ``(label, domain)``, ``columns`` are ``(label, tone, domain)``.

        ``cell(row, column)`` returns the number of a bar by the positions of its row and column.
        """
        return {
            "title": title,
            "kind": "bar",
            "stacked": True,
            "labels": [label for label, _domain in rows],
            "series": [
                {
                    "label": label,
                    "tone": tone,
                    "data": [cell(row, column) for row in range(len(rows))],
                    "actions": [
                        self._open(f"{name}: {row_label}, {label}", model, domain & row & only)
                        for row_label, row in rows
                    ],
                }
                for column, (label, tone, only) in enumerate(columns)
            ],
            **options,
        }

    def _chart_stages(self):
        customers = self._customers()
        found = {
            (stage.id, band or None): count
            for stage, band, count in self.env["res.partner"]._read_group(
                customers, ["success_stage_id", "success_health_band"], ["__count"]
            )
        }
        stages = self.env["customer.success.stage"].search(Domain.TRUE)
        names = dict(
            self.env["res.partner"]._fields["success_health_band"]._description_selection(self.env)
        )
        bands = [*(code for code, _label in HEALTH_BANDS), None]
        return self._bars(
            self.env._("Customers by stage and health"),
            [(stage.name, Domain("success_stage_id", "=", stage.id)) for stage in stages],
            [
                (
                    names.get(band, self.env._("Not known")),
                    band or "unknown",
                    Domain("success_health_band", "=", band or False),
                )
                for band in bands
            ],
            lambda row, column: found.get((stages[row].id, bands[column]), 0),
            self.env._("Customers"),
            "res.partner",
            customers,
        )

    def _chart_years(self):
        """Return the customers of each year after go-live, by how the year is compared with its targets."""
        partners = self.env["res.partner"]
        customers = self._customers() & Domain("success_year_live", "!=", False)
        found = {
            (year, verdict or None): count
            for year, verdict, count in partners._read_group(
                customers, ["success_year_live", "success_year_verdict"], ["__count"]
            )
        }
        years = range(1, max((year for year, _verdict in found), default=0) + 1)
        names = dict(partners._fields["success_year_verdict"]._description_selection(self.env))
        columns = (
            (self.env._("Met or On Track"), "good", ("met", "on_track")),
            (names["behind"], "watch", ("behind",)),
            (names["missed"], "poor", ("missed",)),
            (self.env._("Not known, or no target"), "unknown", ("unknown", "none", False)),
        )
        return self._bars(
            self.env._("Customers by year after go-live"),
            [
                (self.env._("Year %d", year), Domain("success_year_live", "=", year))
                for year in years
            ],
            [
                (label, tone, Domain("success_year_verdict", "in", verdicts))
                for label, tone, verdicts in columns
            ],
            lambda row, column: sum(
                found.get((years[row], verdict or None), 0) for verdict in columns[column][2]
            ),
            self.env._("Customers"),
            "res.partner",
            customers,
            hint=self.env._("compared with the targets of the year; the years have no end"),
        )

    def _chart_value_at_risk(self):
        """Return the value at risk by band, of all currencies in one; what has no exchange rate is left out, and counted."""
        currency = self._currency
        customers = self._customers()
        partners = self.env["res.partner"].with_company(self.company_id or self.env.company)
        rated = partners._success_rated(customers)
        own = customers & rated
        found = dict(
            partners._read_group(own, ["success_risk_band"], ["success_value_at_risk:sum_currency"])
        )
        others = partners.search_count(
            customers & Domain("success_currency_id", "!=", False) & ~rated
        )
        names = dict(
            self.env["res.partner"]._fields["success_risk_band"]._description_selection(self.env)
        )
        bands = [code for code, _label in reversed(RISK_BANDS)]
        return {
            "title": self.env._("Value at risk by churn risk"),
            "hint": self.env._("Left out because they are in other currencies: %d", others)
            if others
            else "",
            "kind": "bar",
            "unit": currency.symbol or currency.name,
            "labels": [names[band] for band in bands],
            "series": [
                {
                    "label": self.env._("Value at risk, %s", currency.name),
                    "tone": "risk",
                    "data": [found.get(band) or 0 for band in bands],
                    "actions": [
                        self._open(
                            self.env._("Churn Risk: %s", names[band]),
                            "res.partner",
                            own & Domain("success_risk_band", "=", band),
                        )
                        for band in bands
                    ],
                }
            ],
        }

    def _chart_barriers(self):
        today = fields.Date.context_today(self)
        barriers = self.env["customer.success.barrier"]
        domain = self._records() & Domain("is_open", "=", True)
        areas = barriers._fields["area"]._description_selection(self.env)

        def aged(least, below):
            opened = Domain.TRUE
            if least is not None:
                opened &= Domain("date_opened", "<=", str(fields.Date.subtract(today, days=least)))
            if below is not None:
                opened &= Domain("date_opened", ">", str(fields.Date.subtract(today, days=below)))
            return opened

        counts = [
            dict(barriers._read_group(domain & aged(*age), ["area"], ["__count"])) for age in AGES
        ]
        areas = [(code, label) for code, label in areas if any(code in found for found in counts)]
        labels = (
            self.env._("under 30 days"),
            self.env._("30 to 90 days"),
            self.env._("over 90 days"),
        )
        return self._bars(
            self.env._("Open barriers by area and age"),
            [(label, Domain("area", "=", code)) for code, label in areas],
            [
                (label, tone, aged(*age))
                for label, tone, age in zip(labels, ("fresh", "watch", "poor"), AGES)
            ],
            lambda row, column: counts[column].get(areas[row][0], 0),
            self.env._("Barriers"),
            "customer.success.barrier",
            domain,
        )

    def _chart_coverage(self):
        customers = self._customers()
        found = {
            stage.id: value
            for stage, value in self.env["res.partner"]._read_group(
                customers, ["success_stage_id"], ["success_coverage:avg"]
            )
        }
        stages = (
            self.env["customer.success.stage"].search(Domain.TRUE).filtered(lambda s: s.id in found)
        )
        return {
            "title": self.env._("Questions covered, by stage"),
            "hint": self.env._("due questions with a fresh answer"),
            "kind": "bar",
            "unit": "%",
            "labels": stages.mapped("name"),
            "series": [
                {
                    "label": self.env._("Covered %"),
                    "tone": "calm",
                    "data": [self._rounded(found[stage.id]) for stage in stages],
                    "actions": [
                        self._open(
                            stage.name,
                            "res.partner",
                            customers & Domain("success_stage_id", "=", stage.id),
                        )
                        for stage in stages
                    ],
                }
            ],
        }

    def _chart_retention(self):
        today = fields.Date.context_today(self)
        end = fields.Date.add(fields.Date.start_of(today, "quarter"), months=3)
        start = fields.Date.subtract(end, months=3 * QUARTERS)
        domain = self._records("user_id", tiles.ENDED) & Domain("outcome", "!=", "undecided")
        domain &= Domain("date", ">=", str(start)) & Domain("date", "<", str(end))
        found = {
            quarter: (gross, net)
            for quarter, gross, net in self.env["customer.success.retention"]._read_group(
                domain, ["date:quarter"], ["gross_retention:avg", "net_retention:avg"]
            )
        }
        # Quarters without a decision keep their position as a gap, so that the time axis is not shortened.
        quarters = [min(found)] if found else []
        while quarters and quarters[-1] < max(found):
            quarters.append(fields.Date.add(quarters[-1], months=3))
        actions = [
            self._open(
                self.env._("Decided from %s", format_date(self.env, quarter)),
                "customer.success.retention",
                domain
                & Domain("date", ">=", str(quarter))
                & Domain("date", "<", str(fields.Date.add(quarter, months=3))),
            )
            for quarter in quarters
        ]
        return {
            "title": self.env._("Retention by quarter"),
            "hint": self.env._("of the value that was up for renewal"),
            "kind": "line",
            "unit": "%",
            "labels": [f"{quarter.year} Q{(quarter.month + 2) // 3}" for quarter in quarters],
            "series": [
                {
                    "label": label,
                    "tone": tone,
                    "data": [
                        self._rounded(found[quarter][place]) if quarter in found else None
                        for quarter in quarters
                    ],
                    "actions": actions,
                }
                for place, label, tone in (
                    (0, self.env._("Gross %"), "calm"),
                    (1, self.env._("Net, with expansion %"), "good"),
                )
            ],
        }

    def _chart_expected(self):
        """Return the chart of expected and actual churn, for renewals grouped by their earlier risk."""
        domain = self._records("user_id", tiles.ENDED) & Domain("predicted_risk", "!=", False)
        domain &= Domain("outcome", "!=", "undecided")
        found = {
            band: values
            for band, *values in self.env["customer.success.retention"]._read_group(
                domain, ["risk_band"], ["predicted_risk:avg", "actual_left:avg", "__count"]
            )
        }
        names = dict(
            self.env["res.partner"]._fields["success_risk_band"]._description_selection(self.env)
        )
        bands = [code for code, _label in RISK_BANDS if code in found]
        actions = [
            self._open(
                self.env._("Expected Risk: %s", names[band]),
                "customer.success.retention",
                domain & Domain("risk_band", "=", band),
            )
            for band in bands
        ]
        return {
            "title": self.env._("Churn: expected and actual"),
            "hint": self.env._("of the renewals that ended, by their earlier risk"),
            "kind": "bar",
            "unit": "%",
            "labels": [f"{names[band]} ({found[band][2]})" for band in bands],
            "series": [
                {
                    "label": label,
                    "tone": tone,
                    "data": [self._rounded(found[band][place]) for band in bands],
                    "actions": actions,
                }
                for place, label, tone in (
                    (0, self.env._("Expected %"), "calm"),
                    (1, self.env._("Left %"), "risk"),
                )
            ],
        }
