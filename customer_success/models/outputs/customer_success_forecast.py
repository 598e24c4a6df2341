from datetime import date
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...scoring import forecast
from ...scoring.amendments import ends_with
from ...scoring.money import converted

AHEAD = PAST = 4
PENDING = Domain("outcome", "=", "pending")
# What an expansion adds: experts expect a fifth of the value, and count like this many expansions that were seen. One that
# more than doubles the value says no more than one that doubles it.
GROWTH, GROWTH_SEEN, GROWTH_MOST = 0.2, 10, 1.0
# The number of checkpoints that say what is known of the renewals that are pending.
SEEN = 500


class Quarter(NamedTuple):
    """A quarter of the forecast, in one currency; what is unknown is ``None``."""

    start: date
    # What was decided in it: the value that was up for renewal, and what came, with expansion.
    decided: float | None
    came: float | None
    # What is pending: None before the quarter of today. Undecided renewals whose date has passed are in that one.
    count: int | None = None
    value: float | None = None
    lost: float | None = None
    shrunk: float | None = None
    grown: float | None = None
    total: float | None = None
    low: float | None = None
    high: float | None = None
    # What salespeople say of it: their opportunities, the revenue they expect, and this by their probabilities.
    leads: int | None = None
    revenue: float | None = None
    said: float | None = None
    # The true-up of use above the licences, a year from these renewals: in no other amount, and with no probability.
    true_up: float | None = None


class Forecast(NamedTuple):
    """The quarters, oldest first, and all that is ahead as one quarter."""

    quarters: list
    ahead: Quarter
    currency: object
    missing: list  # the names of the currencies without an exchange rate
    left_out: int  # pending renewals without an exchange rate
    unknown: int  # pending renewals without a churn risk


class CustomerSuccessForecast(models.AbstractModel):
    """The expected revenue of the renewals by quarter, beside what salespeople say and what came.

    A main term and its add-ons are one event, as they are one opportunity: they end with the risk of the main term. Money is
    the annual value, in the currency of the current company at today's rates. Renewals without a rate or without a
    risk are left out and counted.
    """

    _name = "customer.success.forecast"
    _description = "Forecast of Renewals"

    @api.model
    def _read(self, pending=Domain.TRUE, ended=Domain.TRUE):
        """Return the :class:`Forecast`, by six queries and the simulation.

        ``pending`` limits the renewals, ``ended`` the rows of ``customer.success.retention``; the reader's access rights
        limit both.
        """
        currency = self.env.company.currency_id
        starts = self._starts()
        rows = self._pending(pending, starts[PAST])
        groups = [row.group for row in rows if row.group]
        found, total = forecast.expected(groups, AHEAD, sd=self._common_sd())
        decided, true_ups = self._decided(ended, starts), self._true_ups(pending, starts)
        quarters = [Quarter(start, *decided.get(start, (None, None))) for start in starts]
        for number, one in enumerate(found):
            own = [row for row in rows if row.quarter == number]
            filled = self._filled(quarters[PAST + number], one, own, currency)
            quarters[PAST + number] = filled._replace(true_up=true_ups.get(filled.start, 0.0))
        ahead = quarters[PAST:]
        sums = {
            name: currency.round(sum(getattr(quarter, name) for quarter in ahead))
            for name in (
                "count",
                "value",
                "lost",
                "shrunk",
                "grown",
                "total",
                "leads",
                "revenue",
                "said",
                "true_up",
            )
        }
        return Forecast(
            quarters,
            Quarter(starts[PAST], None, None, **sums)._replace(
                count=int(sums["count"]),
                leads=int(sums["leads"]),
                low=currency.round(total.low),
                high=currency.round(total.high),
            ),
            currency,
            sorted({row.no_rate for row in rows if row.no_rate}),
            sum(row.count for row in rows if row.no_rate),
            sum(row.count for row in rows if row.is_unknown),
        )

    @api.model
    def _common_sd(self):
        """Return what is uncertain of all churn risks at once, in logits: by the outcomes that the risk was learned from.

        The latest checkpoints say which facts are known of the renewals that are pending, whoever reads.
        """
        self.env["customer.success.checkpoint"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT checkpoint.breakdown -> 'found'
                  FROM customer_success_checkpoint checkpoint
                  JOIN customer_success_renewal renewal ON renewal.id = checkpoint.renewal_id
                 WHERE renewal.active
                   AND renewal.outcome = 'pending'
                   AND jsonb_typeof(checkpoint.breakdown -> 'found') = 'object'
              ORDER BY checkpoint.id DESC
                 LIMIT %s
                """,
                SEEN,
            )
        )
        _shapes, spread = self.env["customer.success.risk.version"].sudo()._in_force()
        found = [features for (features,) in rows]
        return forecast.common_sd(spread.common(found)) if spread else forecast.common_sd(0.0)

    @api.model
    def _starts(self):
        """Return the first days of the quarters, the oldest first; the one of today is at the place ``PAST``."""
        first = fields.Date.start_of(fields.Date.context_today(self), "quarter")
        return [first + relativedelta(months=3 * number) for number in range(-PAST, AHEAD)]

    @api.model
    def _pending_domain(self, quarter):
        """Return the domain of the pending renewals of the quarter that begins on this day, which a click opens."""
        end = quarter + relativedelta(months=3)
        domain = PENDING & Domain("date_renewal", "<", str(end))
        if quarter > fields.Date.context_today(self):
            domain &= Domain("date_renewal", ">=", str(quarter))
        return domain

    @api.model
    def _filled(self, quarter, one, rows, currency):
        """Return a quarter with what is pending. Amounts are rounded one by one, so that they add up to the cent."""
        value, lost, shrunk, grown = map(
            currency.round, (one.value, one.lost, one.shrunk, one.grown)
        )
        return quarter._replace(
            count=sum(row.count for row in rows if row.group),
            value=value,
            lost=lost,
            shrunk=shrunk,
            grown=grown,
            total=currency.round(value - lost - shrunk + grown),
            low=currency.round(one.low),
            high=currency.round(one.high),
            leads=sum(row.leads for row in rows),
            revenue=currency.round(sum(row.revenue for row in rows)),
            said=currency.round(sum(row.said for row in rows)),
        )

    @api.model
    def _say_left_out(self, found):
        """Return sentences about the renewals that a forecast leaves out."""
        said = []
        if found.left_out:
            said.append(
                self.env._(
                    "Left out, because there is no exchange rate for %(currencies)s: %(count)d.",
                    currencies=", ".join(found.missing),
                    count=found.left_out,
                )
            )
        if found.unknown:
            said.append(
                self.env._("Left out, because the churn risk is unknown: %d.", found.unknown)
            )
        return said

    # ------------------------------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------------------------------

    @api.model
    def _decided(self, ended, starts):
        """Return ``{first day of a quarter: (value that was decided, what came)}``; ``None`` without a rate of today."""
        domain = ended & Domain("outcome", "!=", "undecided")
        domain &= Domain("date", ">=", str(starts[0]))
        sums = ["value_before:sum_currency", "value_renewed:sum_currency"]
        rows = self.env["customer.success.retention"]._read_group(domain, ["date:quarter"], sums)
        rounded = self.env.company.currency_id.round
        return {
            quarter: tuple(
                None if amount is None or amount is False else rounded(float(amount))
                for amount in amounts
            )
            for quarter, *amounts in rows
        }

    @api.model
    def _true_ups(self, pending, starts):
        """Return ``{first day of a quarter: true-up of its renewals}``, what is overdue in that of today."""
        end = starts[-1] + relativedelta(months=3)
        domain = pending & PENDING & Domain("overuse_id", "!=", False)
        rows = self.env["customer.success.renewal"]._read_group(
            domain & Domain("date_renewal", "<", str(end)),
            ["date_renewal:quarter"],
            ["true_up:sum_currency"],
        )
        sums = {}
        for quarter, amount in rows:
            start = max(quarter, starts[PAST])
            sums[start] = sums.get(start, 0.0) + float(amount or 0.0)
        return {start: self.env.company.currency_id.round(amount) for start, amount in sums.items()}

    @api.model
    def _pending(self, pending, first):
        """Return the pending renewals in groups, by one query: :class:`_Row` for each."""
        renewals = self.env["customer.success.renewal"]
        end = first + relativedelta(months=3 * AHEAD)
        domain = pending & PENDING & Domain("date_renewal", "<", str(end))
        self.env["crm.lead"].flush_model(["success_renewal_id", "expected_revenue", "probability"])
        self.env["customer.success.renewal.amendment"].flush_model()
        renewals.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH rate AS MATERIALIZED %(rates)s,
                -- Step 1: each line with what it is renewed at, and its chances if the customer stays
                line AS (
                    SELECT COALESCE(main.id, r.id) AS event_id,
                           COALESCE(main.date_renewal, r.date_renewal) AS date_renewal,
                           r.currency_id,
                           CASE WHEN main.id IS NOT NULL AND r.notice_kind = 'end' THEN 0
                                WHEN r.notice_kind = 'reduce' THEN COALESCE(r.notice_value, 0)
                                ELSE %(ends_with)s END AS amount,
                           CASE WHEN r.notice_kind = 'reduce' OR score.churn_risk >= 100 THEN 0
                                ELSE COALESCE(score.contraction_risk / (100 - score.churn_risk), 0) END AS shrinks,
                           CASE WHEN r.notice_kind = 'reduce' THEN 0
                                WHEN r.seats > 0 THEN LEAST(GREATEST(1 - score.expected_seats / r.seats, 0), 1)
                                END AS idle,
                           CASE WHEN r.notice_kind = 'reduce' OR score.churn_risk >= 100 THEN 0
                                ELSE COALESCE(score.expansion_likelihood / (100 - score.churn_risk), 0) END AS grows
                      FROM customer_success_renewal r
                 LEFT JOIN customer_success_renewal main
                        ON main.id = r.main_id AND main.active AND main.outcome = 'pending'
                 LEFT JOIN customer_success_renewal_score score ON score.id = r.score_id
                     WHERE r.id IN %(renewals)s
                ),
                -- Step 2: each event, a main term with its add-ons, in the currency of the reader's company
                event AS (
                    SELECT line.event_id,
                           min(line.date_renewal) AS date_renewal,
                           min(currency.name) FILTER (WHERE rate.rate IS NULL AND line.amount <> 0) AS no_rate,
                           sum(%(amount)s) AS value,
                           sum(%(amount)s * COALESCE(line.idle, 0)) AS shrunk,
                           sum(%(amount)s * line.grows * %(growth)s) AS grown,
                           LEAST(max(CASE WHEN line.idle > 0 THEN line.shrinks END), 1) AS shrinks,
                           max(line.grows) AS grows
                      FROM line
                      JOIN res_currency currency ON currency.id = line.currency_id
                 LEFT JOIN rate ON rate.currency_id = line.currency_id
                  GROUP BY line.event_id
                ),
                -- Step 3: what salespeople say of each
                seen AS (
                    SELECT event.event_id, event.no_rate,
                           CASE WHEN event.no_rate IS NULL THEN score.churn_risk END AS risk,
                           event.no_rate IS NULL AND score.churn_risk IS NULL AS is_unknown,
                           GREATEST((date_part('year', event.date_renewal) - date_part('year', %(first)s::date)) * 4
                                    + date_part('quarter', event.date_renewal)
                                    - date_part('quarter', %(first)s::date), 0)::int AS quarter,
                           event.value::float8 AS v,
                           event.shrunk::float8 AS s,
                           event.grown::float8 AS g,
                           COALESCE(event.shrinks, 0)::float8 AS shrinks,
                           COALESCE(event.grows, 0)::float8 AS grows,
                           lead.id AS lead_id,
                           lead_rate.rate IS NULL AS lead_unrated,
                           %(revenue)s AS revenue,
                           lead.probability / 100 AS probability
                      FROM event
                      JOIN customer_success_renewal r ON r.id = event.event_id
                 LEFT JOIN customer_success_renewal_score score ON score.id = r.score_id
                 LEFT JOIN crm_lead lead ON lead.success_renewal_id = event.event_id
                 LEFT JOIN res_company company ON company.id = COALESCE(lead.company_id, r.company_id)
                 LEFT JOIN rate lead_rate ON lead_rate.currency_id = company.currency_id
                ),
                placed AS (
                    SELECT seen.*,
                           row_number() OVER (PARTITION BY quarter, risk IS NULL ORDER BY v DESC, event_id) AS place
                      FROM seen
                )
                -- Step 4: the large ones each, the others by their risk
                SELECT quarter, no_rate, is_unknown, risk,
                       CASE WHEN place <= %(single)s AND risk IS NOT NULL THEN event_id END AS single_id,
                       count(*), sum(v), sum(s), sum(g),
                       sum(v * v - 2 * v * s + CASE WHEN shrinks > 0 THEN s * s / shrinks ELSE 0 END
                           + 2 * v * g + CASE WHEN grows > 0 THEN g * g / grows ELSE 0 END),
                       sum((v - s + g) * (v - s + g)),
                       max(shrinks), max(grows),
                       count(lead_id) FILTER (WHERE NOT lead_unrated),
                       COALESCE(sum(revenue), 0), COALESCE(sum(revenue * probability), 0)
                  FROM placed
              GROUP BY 1, 2, 3, 4, 5
              ORDER BY 1, 4, 5
                """,
                rates=self.env["res.currency"]._success_rates(self.env.company),
                ends_with=SQL(ends_with()),
                renewals=renewals._search(domain).subselect(),
                amount=SQL(converted("line.amount", "rate")),
                growth=self._growth(),
                revenue=SQL(converted("lead.expected_revenue", "lead_rate")),
                first=first,
                single=forecast.SINGLE,
            )
        )
        return [_Row.of(*row) for row in rows]

    @api.model
    def _growth(self):
        """Return the share of the value that an expansion adds, learned from those that were seen."""
        [(seen, added)] = self.env.execute_query(
            SQL(
                """
                SELECT count(*), COALESCE(sum(LEAST(renewed_value / annual_value - 1, %s)), 0)::float8
                  FROM customer_success_renewal
                 WHERE active
                   AND outcome = 'expanded'
                   AND annual_value > 0
                   AND renewed_value > annual_value
                """,
                GROWTH_MOST,
            )
        )
        return (GROWTH * GROWTH_SEEN + added) / (GROWTH_SEEN + seen)


class _Row(NamedTuple):
    """Pending events of one quarter with the same risk; ``group`` is missing if they cannot be counted."""

    quarter: int
    no_rate: str | None
    is_unknown: bool
    count: int
    leads: int
    revenue: float
    said: float
    group: forecast.Group | None

    @classmethod
    def of(cls, quarter, no_rate, is_unknown, risk, single_id, count, *rest):
        *sums, shrinks, grows, leads, revenue, said = rest
        group = None
        if risk is not None:
            chances = (shrinks, grows) if single_id else None
            group = forecast.Group(quarter, float(risk), *sums, chances)
        return cls(quarter, no_rate, is_unknown, count, leads, float(revenue), float(said), group)
