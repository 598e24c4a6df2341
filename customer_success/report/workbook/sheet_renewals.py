"""The sheet of renewals: pending ones with their risk and forecast, ended ones with their outcome."""

from functools import partial

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ...scoring.renewal import same_end
from .rows import Labels
from .sheet import register
from .sheet_customers import RISK_COLOURS, VIEW_COLOURS, coloured
from .table import Column, Table

_lt = LazyTranslate(__name__)

OUTCOME_COLOURS = {"renewed": "good", "expanded": "good", "contracted": "warn", "churned": "bad"}
FORECAST_COLOURS = {"committed": "good", "best_case": "warn", "at_risk": "bad"}


@register
class Renewals(Table):
    code = "renewals"
    title = _lt("Renewals")
    sequence = 60
    model = "customer.success.renewal"
    order = "date_renewal, id"
    with_former = True

    def heading(self):
        return self.env._("Renewals by date")

    def note(self):
        return self.env._(
            "A pending renewal has a risk, an ended one its outcome. Risk: high is bad."
        )

    def domain(self):
        # Month to month, the latest term stands for those before it.
        latest = Domain("is_rolling", "=", False) | Domain("outcome", "!=", "renewed")
        if not self.book.months:
            return latest
        first, last = (
            self.book.today + relativedelta(months=months)
            for months in (-self.book.months, self.book.months)
        )
        return latest & (
            (Domain("outcome", "=", "pending") & Domain("date_renewal", "<=", last))
            | Domain("date_outcome", ">=", first)
        )

    def make_columns(self):
        _ = self.env._
        renewals = self.env[self.model]
        risk = Labels(renewals, "risk_band")
        outcome = Labels(renewals, "outcome")
        notice = Labels(renewals, "notice_kind")
        return (
            self.customer(),
            self.record("product_id", _("Product"), "product.product", 22),
            Column("contract_number", _("Contract"), "text", 14),
            self.record("buyer_id", _("Bought through"), "res.partner", 22, "name"),
            self.record("segment_id", _("Segment"), "customer.success.segment", 14),
            self.record("company_id", _("Company"), "res.company", 20, "name"),
            Column("date_start", _("Term from"), "date", 11),
            Column("date_renewal", _("Renewal"), "date", 11),
            Column("last_day", _("Runs to and including"), "date", 11, self._last_day),
            Column("date_notice", _("Notice by"), "date", 11),
            Column("auto_renew", _("Renews itself"), "text", 9, self._renews_itself),
            Column("notice_given_on", _("Notice given on"), "date", 11),
            self.choice(
                "notice_kind",
                _("Notice"),
                12,
                colours=coloured(notice, {"end": "bad", "reduce": "warn"}),
            ),
            self.choice("outcome", _("Outcome"), 11, colours=coloured(outcome, OUTCOME_COLOURS)),
            *self._forecast(),
            Column("annual_value", _("Annual value"), "money", 15, currency="currency_id"),
            Column("term_value", _("Value of the term"), "money", 15, currency="currency_id"),
            Column("currency_id", _("Currency"), "text", 9, names=self.currencies),
            Column("churn_risk", _("Churn risk (high is bad)"), "risk", 11, total="average"),
            Column("risk_low", _("Churn risk from"), "risk", 9),
            Column("risk_high", _("Churn risk to"), "risk", 9),
            self.choice("risk_band", _("Risk band"), 9, colours=coloured(risk, RISK_COLOURS)),
            Column("contraction_risk", _("Contraction risk"), "risk", 10, total="average"),
            Column("seats", _("Seats"), "whole", 9, self._seats, total="sum"),
            Column("expected_seats", _("Expected seats"), "number", 10, total="sum"),
            Column(
                "expansion_likelihood", _("Expansion likelihood"), "percent", 10, total="average"
            ),
            Column("users_over", _("Users above licences"), "whole", 10, total="sum"),
            Column("over_since", _("Above licences since"), "date", 11),
            Column(
                "true_up_rest",
                _("True-up until the renewal"),
                "money",
                15,
                currency="currency_id",
            ),
            Column("true_up", _("True-up a year"), "money", 15, currency="currency_id"),
            Column("value_at_risk", _("Value at risk"), "money", 15, currency="score_currency_id"),
            Column("score_currency_id", _("In currency"), "text", 9, names=self.currencies),
            *self._checkpoints(),
            Column("date_outcome", _("Decided on"), "date", 11),
            Column("renewed_value", _("Renewed value"), "money", 15, currency="currency_id"),
            Column(
                "renewed_seats", _("Renewed seats"), "whole", 9, self._renewed_seats, total="sum"
            ),
            self.record("reason_id", _("Reason"), "customer.success.renewal.reason", 26),
        )

    def _forecast(self):
        renewals = self.env[self.model]
        name = "forecast_effective"
        if name not in renewals._fields:
            return ()
        colours = coloured(Labels(renewals, name), FORECAST_COLOURS)
        return (self.choice(name, self.env._("Forecast"), 11, colours=colours),)

    def _checkpoints(self):
        """Return the columns of checkpoints: the churn risk and the CSM's view, side by side."""
        _ = self.env._
        view = Labels(self.env["customer.success.checkpoint"], "csm_view")
        limit = self.env["customer.success.settings"]._limit
        self.horizons = [int(limit(f"checkpoint_days_{n}")) for n in (1, 2, 3)]
        return tuple(
            column
            for days in self.horizons
            for column in (
                Column(
                    f"risk{days}",
                    _("Risk %d days before", days),
                    "risk",
                    10,
                    partial(self._seen, name=f"risk{days}"),
                    total="average",
                ),
                Column(
                    f"view{days}",
                    _("CSM's view %d days before", days),
                    "text",
                    11,
                    partial(self._seen, name=f"view{days}"),
                    names=view,
                    colours=coloured(view, VIEW_COLOURS),
                ),
            )
        )

    def _seen(self, query, name):
        """Return a column of the checkpoints that the reader may see, one row for each renewal; of its end of today."""
        model = self.env["customer.success.checkpoint"]
        seen = model._search(Domain("horizon", "in", self.horizons))
        seen.add_where(
            SQL(
                "EXISTS (SELECT FROM customer_success_renewal term WHERE term.id = %s AND %s)",
                model._field_to_sql(seen.table, "renewal_id", seen),
                SQL(same_end(f"{seen.table}.date_renewal", "term.date_renewal")),
            )
        )
        renewal, horizon, risk, view = (
            model._field_to_sql(seen.table, field, seen)
            for field in ("renewal_id", "horizon", "machine_risk", "csm_view")
        )
        seen.groupby = renewal
        table = seen.select(
            SQL("%s AS renewal_id", renewal),
            *(
                SQL(
                    "max(%s) FILTER (WHERE %s = %s) AS %s",
                    value,
                    horizon,
                    days,
                    SQL.identifier(f"{prefix}{days}"),
                )
                for days in self.horizons
                for prefix, value in (("risk", risk), ("view", view))
            ),
        )
        condition = SQL("checkpoint.renewal_id = %s", SQL.identifier(query.table, "id"))
        query.add_join("LEFT JOIN", "checkpoint", SQL("(%s)", table), condition)
        return SQL.identifier("checkpoint", name)

    def _last_day(self, query):
        """Return the last day of the term, which is the renewal date or the day before it."""
        end, is_last = (
            self.env[self.model]._field_to_sql(query.table, name, query)
            for name in ("date_renewal", "end_is_last_day")
        )
        return SQL("%s - (%s IS NOT TRUE)::int", end, is_last)

    def _renews_itself(self, query):
        renews = self.env[self.model]._field_to_sql(query.table, "auto_renew", query)
        return SQL("CASE WHEN %s THEN %s END", renews, self.env._("yes"))

    def _seats(self, query):
        """Return the seats; a contract without seats has an unknown number, not zero."""
        seats = self.env[self.model]._field_to_sql(query.table, "seats", query)
        return SQL("NULLIF(%s, 0)", seats)

    def _renewed_seats(self, query):
        seats = self.env[self.model]._field_to_sql(query.table, "renewed_seats", query)
        return SQL("NULLIF(%s, 0)", seats)
