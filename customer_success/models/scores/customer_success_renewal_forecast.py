from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

FORECASTS = [("committed", "Committed"), ("best_case", "Best Case"), ("at_risk", "At Risk")]
# What the machine would say, by the band of the risk; where the risk is unknown it says nothing.
SUGGESTED = {
    "low": "committed",
    "medium": "best_case",
    "high": "at_risk",
    "critical": "at_risk",
}


def suggested_sql(risk_band):
    """The machine's forecast, as SQL over the band of the risk."""
    whens = (SQL("WHEN %s THEN %s", band, forecast) for band, forecast in SUGGESTED.items())
    return SQL("CASE %s %s END", risk_band, SQL(" ").join(whens))


class CustomerSuccessRenewal(models.Model):
    """What to count on: a person's judgement, else what the risk suggests.

    Only the judgement is stored. The forecast in force is an expression in SQL, so that it follows the
    risk without a job that rewrites renewals, and still is searched, sorted and grouped by.
    """

    _name = "customer.success.renewal"
    _inherit = ["customer.success.renewal", "customer.success.scored"]
    _unknown_last = ("value_at_risk",)
    _sorted_by = {"risk_band": "churn_risk"}

    forecast = fields.Selection(
        FORECASTS,
        "Forecast of a Person",
        tracking=True,
        copy=False,
        help="Empty: the forecast follows the risk.",
    )
    forecast_suggested = fields.Selection(
        FORECASTS,
        "Suggested",
        compute="_compute_forecast_suggested",
        help="What the churn risk suggests.",
    )
    forecast_effective = fields.Selection(
        FORECASTS,
        "Forecast",
        compute="_compute_forecast_effective",
        inverse="_inverse_forecast_effective",
        search="_search_forecast_effective",
        group_expand=True,
        help="What a person said; until somebody does, what the risk suggests.",
    )

    @api.depends("risk_band")
    def _compute_forecast_suggested(self):
        for renewal in self:
            renewal.forecast_suggested = SUGGESTED.get(renewal.risk_band)

    @api.depends("forecast", "forecast_suggested")
    def _compute_forecast_effective(self):
        for renewal in self:
            renewal.forecast_effective = renewal.forecast or renewal.forecast_suggested

    def _inverse_forecast_effective(self):
        for renewal in self:
            renewal.forecast = renewal.forecast_effective

    def _search_forecast_effective(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._forecast_domain(forecast) for forecast in value)

    @api.model
    def _forecast_domain(self, forecast):
        """The renewals with this forecast in force; ``False`` for those without any."""
        bands = [band for band, suggested in SUGGESTED.items() if suggested == forecast]
        silent = Domain("forecast", "=", False) & Domain("risk_band", "in", bands or [False])
        return silent | Domain("forecast", "=", forecast) if forecast else silent

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "forecast_suggested":
            return suggested_sql(self._field_to_sql(alias, "risk_band", query))
        if field_expr == "forecast_effective":
            return SQL(
                "COALESCE(%s, %s)",
                self._field_to_sql(alias, "forecast", query),
                self._field_to_sql(alias, "forecast_suggested", query),
            )
        return super()._field_to_sql(alias, field_expr, query)

    def write(self, vals):
        if "forecast" in vals:
            self._check_forecast_open(vals["forecast"])
        return super().write(vals)

    def _check_forecast_open(self, forecast):
        """A forecast is made before the outcome: afterwards it would flatter whoever made it."""
        ended = self.filtered(
            lambda renewal: renewal.outcome != "pending" and renewal.forecast != (forecast or False)
        )
        if ended:
            raise UserError(
                self.env._(
                    "%(renewal)s has ended: its forecast stays as it was.", renewal=ended[0].name
                )
            )
