"""What is known of a customer, and the one query that gathers it for a whole batch."""

from datetime import date
from functools import cache
from typing import NamedTuple

from . import money
from .use import LATEST_USE


class Renewal(NamedTuple):
    """One pending renewal, as numbers; ``None`` is unknown. Money is in the company's currency."""

    id: int
    within_year: bool = False
    value: float = None
    currency_id: int = None
    rate_missing: bool = False
    term_months: int = None
    tenure_years: int = None
    overdue: bool = False
    seats: int = None
    active_users: float = None
    # what was active on average in the latest quarter and in the one before, quarters to the renewal
    active_quarter: float = None
    active_before: float = None
    quarters_left: int = None


class Facts(NamedTuple):
    """One customer's facts, in the order of the columns of :func:`gather`; ``None`` is unknown."""

    partner_id: int
    # use: sums over the products whose licensed and active users are both known, the share that should
    # be active in %, the month since go-live while use is still ramping up, then degrees in % of what
    # was intended
    licensed_users: float = None
    active_users: float = None
    adoption_target: float = None
    ramp_month: int = None
    as_intended: float = None
    timely: float = None
    quality: float = None
    frequency: float = None
    in_place: float = None
    accuracy: float = None
    # trend: active users in the latest quarter, over the products also known in the quarter before,
    # and over those also known a year ago
    active_quarter: float = None
    active_before: float = None
    active_this_year: float = None
    active_last_year: float = None
    usage_date: date = None  # the start of the latest period, of the product that went silent first
    # barriers: was any ever recorded, or looked for; the open: [id, severity, age in days, no authority, potential]
    barriers_known: bool = False
    barriers: list = None
    # advisor: current answers, questions due in this stage, due ones freshly answered and gone stale,
    # fresh concerns and blockers, means 0-100
    answers: int = 0
    questions_due: int = 0
    questions_fresh: int = 0
    questions_stale: int = 0
    worrying: int = 0
    ready: float = None
    willing: float = None
    able: float = None
    # progress, in days
    days_expected: int = None
    days_over: int = None
    go_live_late: int = None
    nothing_ahead: bool = None  # live, and the plan says nothing of what comes after
    # objectives, each a list of numbers: [id, progress in %, confirmed, missed or never measured]
    objectives: list = None
    # the active plan: complete in %, relies on a mandate, leaders' blind spots, review overdue
    plan_complete: float = None
    plan_mandate: int = None
    plan_blind_spots: int = None
    plan_review_late: int = None
    # pending renewals, the next one first, each a list of numbers in the order of Renewal
    next_renewal_date: date = None
    renewals: list = None
    # factors of other addons: code -> [value 0 to 100, evidence]
    extra: dict = None
    # of all of the above, and of the rules
    fingerprint: str = None
    # what stands in the score now
    health: float = None
    renewal_risk: float = None
    confidence: float = None

    @property
    def headline(self):
        """What the history keeps of the score that stands now."""
        return self.health, self.renewal_risk, self.confidence

    @property
    def adoption(self):
        """Active users in % of the licensed; above 100 only in the facts, never here."""
        return min(100.0, 100.0 * self.active_users / self.licensed_users)


# Parameters: today, fresh_days, version, and those of the scope. One row a customer whose facts, or the
# rules, are not those it was last scored by; see ``fingerprint``. The ages are cut off where they stop
# to matter, so that a customer to whom nothing happens keeps its fingerprint from day to day.
# Each step is materialised, so that none is worked out once per row of the next.
_GATHER = """
WITH
-- Step 1: the customers of this batch
customer AS MATERIALIZED (
    SELECT p.id,
           stage.id AS stage_id,
           CASE WHEN p.success_stage_date IS NOT NULL
                THEN NULLIF(stage.expected_days, 0) END AS days_expected,
           LEAST(GREATEST(%(today)s - p.success_stage_date - stage.expected_days, 0),
                 2 * stage.expected_days) AS days_over,
           CASE WHEN stage.phase = 'before' AND p.success_go_live_date < %(today)s
                THEN LEAST(%(today)s - p.success_go_live_date, 90) END AS go_live_late,
           p.success_go_live_date AS go_live_date,
           CASE WHEN stage.phase <> 'before'
                 AND p.success_go_live_date BETWEEN %(today)s - 30 * %(ramp_months)s + 1 AND %(today)s
                THEN (%(today)s - p.success_go_live_date) / 30 + 1 END AS ramp_month,
           p.success_barriers_checked IS NOT NULL AS barriers_checked,
           stage.phase <> 'before' AS is_live
      FROM res_partner p
      JOIN customer_success_stage stage ON stage.id = p.success_stage_id
     WHERE p.id IN_SCOPE
       AND p.active
),
LATEST_USE
usage AS MATERIALIZED (
    SELECT partner_id,
           sum(licensed_users) FILTER (WHERE active_users IS NOT NULL)::float8 AS licensed_users,
           sum(active_users) FILTER (WHERE licensed_users IS NOT NULL)::float8 AS active_users,
           (sum(licensed_users * adoption_target) FILTER (WHERE active_users IS NOT NULL)
            / NULLIF(sum(licensed_users) FILTER (WHERE active_users IS NOT NULL), 0)
           )::float8 AS adoption_target,
           sum(active_users)::float8 AS all_active_users,
           avg(as_intended)::float8 AS as_intended,
           avg(timely)::float8 AS timely,
           avg(quality)::float8 AS quality,
           avg(frequency)::float8 AS frequency,
           avg(in_place)::float8 AS in_place,
           avg(accuracy)::float8 AS accuracy
      FROM product
  GROUP BY partner_id
),
-- Step 3b: active users by quarter, of each series of periods, then of one series a product: measured before
-- assessed, one that can be compared, the one that goes on longest. Of each product also how long it is known;
-- the one that went silent first speaks for the customer, unless it was given up long ago.
series AS MATERIALIZED (
    SELECT u.partner_id, u.product_id, u.source, u.period, max(u.date) AS date,
           avg(u.active_users::float8) FILTER (
               WHERE u.date >= %(quarter)s AND u.date < %(month)s) AS latest,
           avg(u.active_users::float8) FILTER (
               WHERE u.date >= %(quarter_before)s AND u.date < %(quarter)s) AS before,
           avg(u.active_users::float8) FILTER (
               WHERE u.date >= %(year_ago)s AND u.date < %(year_ago_end)s) AS year_ago
      FROM customer_success_usage u
     WHERE u.partner_id IN_SCOPE
       AND u.date <= %(today)s
  GROUP BY u.partner_id, u.product_id, u.source, u.period
),
last AS MATERIALIZED (
    SELECT partner_id,
           COALESCE(min(date) FILTER (WHERE date > %(today)s - 400), max(date)) AS date
      FROM (SELECT partner_id, product_id,
                   COALESCE(max(date) FILTER (WHERE source = 'measured'), max(date)) AS date
              FROM series
          GROUP BY partner_id, product_id) product_last
  GROUP BY partner_id
),
quarter AS MATERIALIZED (
    SELECT DISTINCT ON (partner_id, product_id) partner_id, product_id, latest, before, year_ago
      FROM series
     WHERE latest IS NOT NULL
  ORDER BY partner_id, product_id, source DESC, before IS NULL, date DESC, period
),
trend AS MATERIALIZED (
    SELECT partner_id,
           sum(latest) FILTER (WHERE before IS NOT NULL) AS active_quarter,
           sum(before) AS active_before,
           sum(latest) FILTER (WHERE year_ago IS NOT NULL) AS active_this_year,
           sum(year_ago) AS active_last_year
      FROM quarter
  GROUP BY partner_id
),
-- Step 4: barriers, the open ones in full
barrier AS MATERIALIZED (
    SELECT partner_id,
           array_agg(ARRAY[
               id,
               severity::int,
               LEAST(GREATEST(%(today)s - date_opened, 0), 180),
               CASE WHEN authority = 'granted' THEN 0 ELSE 1 END,
               CASE WHEN state = 'potential' THEN 1 ELSE 0 END
           ] ORDER BY severity DESC, id)
               FILTER (WHERE is_open) AS open
      FROM customer_success_barrier
     WHERE partner_id IN_SCOPE
       AND active
  GROUP BY partner_id
),
-- Step 5: questions with the stages they are due in, then the current answers to them
question AS MATERIALIZED (
    SELECT question.id,
           question.dimension,
           make_interval(months => question.refresh_months) AS refreshed,
           array_agg(stage.id) AS due_in
      FROM customer_success_question question
 LEFT JOIN customer_success_question_stage_rel rel ON rel.question_id = question.id
 LEFT JOIN customer_success_stage stage ON rel.stage_id IS NULL OR rel.stage_id = stage.id
     WHERE question.active
  GROUP BY question.id
),
due_count AS MATERIALIZED (
    SELECT stage.id AS stage_id, count(question.id) AS questions
      FROM customer_success_stage stage
      JOIN question ON stage.id = ANY(question.due_in)
  GROUP BY stage.id
),
answer AS MATERIALIZED (
    SELECT partner_id,
           count(*) AS answers,
           count(DISTINCT question_id) FILTER (WHERE is_fresh AND is_due) AS fresh,
           count(DISTINCT question_id) FILTER (WHERE is_due) AS asked,
           count(*) FILTER (WHERE is_fresh AND signal IN ('concern', 'blocker')) AS worrying,
           avg(value) FILTER (WHERE is_fresh AND dimension = 'ready') AS ready,
           avg(value) FILTER (WHERE is_fresh AND dimension = 'willing') AS willing,
           avg(value) FILTER (WHERE is_fresh AND dimension = 'able') AS able
      FROM (SELECT answer.partner_id,
                   answer.question_id,
                   question.dimension,
                   answer.signal,
                   customer.stage_id = ANY(question.due_in) AS is_due,
                   answer.date + question.refreshed >= %(today)s AS is_fresh,
                   CASE WHEN answer.rating IS NOT NULL THEN (answer.rating::int - 1) * 25.0::float8
                        ELSE CASE answer.signal WHEN 'strength' THEN 100.0
                                                WHEN 'neutral' THEN 60.0
                                                WHEN 'concern' THEN 25.0
                                                WHEN 'blocker' THEN 0.0 END
                   END AS value
              FROM customer_success_answer answer
              JOIN customer ON customer.id = answer.partner_id
              JOIN question ON question.id = answer.question_id
             WHERE answer.partner_id IN_SCOPE
               AND answer.is_current) said
  GROUP BY partner_id
),
-- Step 6: objectives, and the active plan with what it says of the time after go-live
objective AS MATERIALIZED (
    SELECT partner_id,
           array_agg(ARRAY[
               id,
               progress,
               CASE WHEN state = 'confirmed' THEN 1 ELSE 0 END,
               CASE WHEN state = 'missed'
                      OR (state = 'open' AND actual IS NULL AND date_due < %(today)s)
                    THEN 1 ELSE 0 END
           ]::float8[] ORDER BY id) AS objectives
      FROM customer_success_objective
     WHERE partner_id IN_SCOPE
       AND state <> 'dropped'
  GROUP BY partner_id
),
ahead AS MATERIALIZED (
    SELECT DISTINCT partner_id
      FROM customer_success_change
     WHERE partner_id IN_SCOPE
       AND active
       AND phase = 'after'
       AND is_open
),
plan AS MATERIALIZED (
    SELECT plan.partner_id,
           plan.completeness::float8 AS complete,
           CASE WHEN plan.relies_on_mandate = 'yes' THEN 1 ELSE 0 END AS mandate,
           (plan.leaders_commit_resources IS NOT DISTINCT FROM 'no')::int
           + (plan.leaders_seek_barriers IS NOT DISTINCT FROM 'no')::int
           + (plan.leaders_ask_users IS NOT DISTINCT FROM 'no')::int
           + (plan.leaders_reward_use IS NOT DISTINCT FROM 'no')::int AS blind_spots,
           CASE WHEN plan.next_review_date < %(today)s THEN 1 ELSE 0 END AS review_late,
           (btrim(COALESCE(plan.sustaining_plan, '')) = '' OR plan.sustaining_plan LIKE '%%…%%')
           AND ahead.partner_id IS NULL AS ends_at_go_live
      FROM customer_success_plan plan
 LEFT JOIN ahead ON ahead.partner_id = plan.partner_id
     WHERE plan.partner_id IN_SCOPE
       AND plan.state = 'active'
),
-- Step 7: the rate of the day, by company and currency
rate AS MATERIALIZED (
    RATES
),
-- Step 8: pending renewals
renewal AS MATERIALIZED (
    SELECT r.partner_id,
           min(r.date_renewal) AS next_date,
           array_agg(ARRAY[
               r.id,
               (r.date_renewal <= %(today)s + 365)::int,
               CONVERTED_VALUE,
               company.currency_id,
               (rate.rate IS NULL)::int,
               CASE WHEN r.date_start < r.date_renewal
                    THEN GREATEST(round((r.date_renewal - r.date_start) / 30.4375), 1) END,
               CASE WHEN COALESCE(customer.go_live_date, r.date_start) IS NOT NULL
                    THEN GREATEST(%(today)s - LEAST(customer.go_live_date, r.date_start), 0) / 365
                END,
               (r.date_renewal < %(today)s)::int,
               r.seats,
               CASE WHEN r.product_id IS NULL THEN usage.all_active_users
                    ELSE product.active_users END,
               CASE WHEN r.product_id IS NULL THEN trend.active_quarter
                    WHEN quarter.before IS NOT NULL THEN quarter.latest END,
               CASE WHEN r.product_id IS NULL THEN trend.active_before ELSE quarter.before END,
               LEAST(GREATEST(ceil((r.date_renewal - %(today)s) / 91.0), 0), 4)
           ]::float8[] ORDER BY r.date_renewal, r.id) AS renewals
      FROM customer_success_renewal r
      JOIN customer ON customer.id = r.partner_id
      JOIN res_company company ON company.id = r.company_id
 LEFT JOIN rate ON rate.company_id = r.company_id AND rate.currency_id = r.currency_id
 LEFT JOIN product ON product.partner_id = r.partner_id AND product.product_id = r.product_id
 LEFT JOIN quarter ON quarter.partner_id = r.partner_id AND quarter.product_id = r.product_id
 LEFT JOIN usage ON usage.partner_id = r.partner_id
 LEFT JOIN trend ON trend.partner_id = r.partner_id
     WHERE r.partner_id IN_SCOPE
       AND r.outcome = 'pending'
       AND r.active
  GROUP BY r.partner_id
),
EXTRA_STEPS
-- Step 9: one row a customer
fact AS MATERIALIZED (
    SELECT customer.id AS partner_id,
           usage.licensed_users,
           usage.active_users,
           usage.adoption_target,
           customer.ramp_month,
           usage.as_intended,
           usage.timely,
           usage.quality,
           usage.frequency,
           usage.in_place,
           usage.accuracy,
           trend.active_quarter,
           trend.active_before,
           trend.active_this_year,
           trend.active_last_year,
           last.date AS usage_date,
           customer.barriers_checked OR barrier.partner_id IS NOT NULL AS barriers_known,
           barrier.open AS barriers,
           COALESCE(answer.answers, 0) AS answers,
           COALESCE(due_count.questions, 0) AS questions_due,
           COALESCE(answer.fresh, 0) AS questions_fresh,
           COALESCE(answer.asked - answer.fresh, 0) AS questions_stale,
           COALESCE(answer.worrying, 0) AS worrying,
           answer.ready,
           answer.willing,
           answer.able,
           customer.days_expected,
           customer.days_over,
           customer.go_live_late,
           customer.is_live AND plan.ends_at_go_live AS nothing_ahead,
           objective.objectives,
           plan.complete AS plan_complete,
           plan.mandate AS plan_mandate,
           plan.blind_spots AS plan_blind_spots,
           plan.review_late AS plan_review_late,
           renewal.next_date AS next_renewal_date,
           renewal.renewals,
           EXTRA_COLUMN AS extra
      FROM customer
 LEFT JOIN usage ON usage.partner_id = customer.id
 LEFT JOIN trend ON trend.partner_id = customer.id
 LEFT JOIN last ON last.partner_id = customer.id
 LEFT JOIN barrier ON barrier.partner_id = customer.id
 LEFT JOIN answer ON answer.partner_id = customer.id
 LEFT JOIN due_count ON due_count.stage_id = customer.stage_id
 LEFT JOIN objective ON objective.partner_id = customer.id
 LEFT JOIN plan ON plan.partner_id = customer.id
 LEFT JOIN renewal ON renewal.partner_id = customer.id
EXTRA_JOINS
),
marked AS MATERIALIZED (
    SELECT fact.*, md5(fact::text || %(version)s) AS fingerprint FROM fact
)
-- Step 10: only those whose facts or rules are not what they were last scored by
    SELECT marked.*,
           score.health::float8,
           score.renewal_risk::float8,
           score.confidence::float8
      FROM marked
 LEFT JOIN customer_success_score score
        ON score.partner_id = marked.partner_id AND score.partner_id IN_SCOPE
     WHERE %(everything)s OR score.fingerprint IS DISTINCT FROM marked.fingerprint
  ORDER BY marked.partner_id
"""

_GATHER = _GATHER.replace("LATEST_USE", LATEST_USE)
_GATHER = _GATHER.replace("RATES", money.RATES)
_GATHER = _GATHER.replace("CONVERTED_VALUE", money.converted("r.annual_value"))
# Neighbours are read in one sweep of each index; looking up each of 5,000 ids takes a fifth longer.
IN_RANGE = "BETWEEN %(first)s AND %(last)s"
IN_LIST = "= ANY(%(ids)s)"


@cache
def statement(scope, extra=()):
    """The text of the query for a scope, with the steps of the factors that other addons bring.

    ``extra`` is pairs of a code and a SELECT of ``partner_id, value, evidence``.

    >>> "extra_tickets" in statement(IN_LIST, (("tickets", "SELECT ... WHERE partner_id IN_SCOPE"),))
    True
    >>> any(mark in statement(IN_RANGE) for mark in ("EXTRA_", "IN_SCOPE", "LATEST_USE"))
    False
    """
    steps = [f"extra_{code} AS MATERIALIZED (\n{select}\n)," for code, select in extra]
    joins = [f" LEFT JOIN extra_{c} ON extra_{c}.partner_id = customer.id" for c, _select in extra]
    values = [
        f"'{code}', CASE WHEN extra_{code}.value IS NOT NULL"
        f" THEN jsonb_build_array(extra_{code}.value, extra_{code}.evidence) END"
        for code, _select in extra
    ]
    column = f"jsonb_strip_nulls(jsonb_build_object({', '.join(values)}))" if extra else "NULL"
    text = _GATHER.replace("EXTRA_STEPS", "\n".join(steps))
    text = text.replace("EXTRA_JOINS", "\n".join(joins)).replace("EXTRA_COLUMN", column)
    return text.replace("IN_SCOPE", scope)


def quarters(today):
    """The first days that trends are told apart by: whole months, of those that are over.

    >>> [str(day) for day in quarters(date(2026, 6, 15)).values()]
    ['2026-06-01', '2026-03-01', '2025-12-01', '2025-03-01', '2025-06-01']
    """

    def start(months):
        place = today.year * 12 + today.month - 1 - months
        return date(place // 12, place % 12 + 1, 1)

    return {
        "month": start(0),
        "quarter": start(3),
        "quarter_before": start(6),
        "year_ago": start(15),
        "year_ago_end": start(12),
    }


def gather(cr, partner_ids, rules, today, neighbours=False, everything=False):
    """Return the facts of those of these customers whose facts or rules changed, in order of their ids.

    ``neighbours`` says that these are all the customers from the first id to the last, ``everything``
    that also those are wanted that did not change.
    """
    # Compiling this query takes longer than running it. And every step is read whole, once: where a
    # book was just loaded and has no statistics, PostgreSQL expects a row or two in each and would
    # compare all rows of a step with all of the next, which takes five times as long.
    cr.execute("SET LOCAL jit TO off; SET LOCAL enable_nestloop TO off")
    parameters = {
        "today": today,
        "fresh_days": rules.usage_fresh_days,
        "ramp_months": rules.ramp_months,
        **quarters(today),
        "adoption_target": rules.adoption_target,
        "version": rules.version(),
        "everything": everything,
    }
    if neighbours:
        parameters |= {"first": min(partner_ids), "last": max(partner_ids)}
    else:
        parameters["ids"] = list(partner_ids)
    cr.execute(statement(IN_RANGE if neighbours else IN_LIST, rules.extra), parameters)
    rows = cr.fetchall()
    cr.execute("SET LOCAL enable_nestloop TO DEFAULT")
    return list(map(Facts._make, rows))
