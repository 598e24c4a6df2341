from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

FORECASTS = [("committed", "Committed"), ("best_case", "Best Case"), ("at_risk", "At Risk")]
# The forecast that each band of the risk suggests; an unknown risk suggests none.
SUGGESTED = {
    "low": "committed",
    "medium": "best_case",
    "high": "at_risk",
    "critical": "at_risk",
}


def suggested_sql(risk_band):
    """Return the SQL of the suggested forecast, from the SQL of the band of the risk."""
    whens = (SQL("WHEN %s THEN %s", band, forecast) for band, forecast in SUGGESTED.items())
    return SQL("CASE %s %s END", risk_band, SQL(" ").join(whens))


class CustomerSuccessRenewal(models.Model):
    """The forecast of a renewal: the judgement of a person, else the suggestion of the risk.

    Only the judgement is stored. The forecast in force is an SQL expression, so that it follows the risk
    without a job that rewrites renewals, and people can still search, sort and group by it.
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
        help="Leave it empty to let the forecast follow the churn risk.",
    )
    forecast_suggested = fields.Selection(
        FORECASTS,
        "Suggested",
        compute="_compute_forecast_suggested",
        help="The forecast that the churn risk suggests.",
    )
    forecast_effective = fields.Selection(
        FORECASTS,
        "Forecast",
        compute="_compute_forecast_effective",
        inverse="_inverse_forecast_effective",
        search="_search_forecast_effective",
        group_expand=True,
        help="The forecast of a person or, as long as there is none, the forecast that the churn risk suggests.",
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
        """Return the domain of the renewals with this forecast in force; ``False`` stands for no forecast."""
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
        """Refuse to change the forecast of a renewal that has ended."""
        ended = self.filtered(
            lambda renewal: renewal.outcome != "pending" and renewal.forecast != (forecast or False)
        )
        if ended:
            raise UserError(
                self.env._(
                    "%(renewal)s has ended, so its forecast can no longer be changed.",
                    renewal=ended[0].name,
                )
            )
