"""The factor trend: the change of active users from quarter to quarter and from year to year."""

from ..ends import above_zero, below_top
from ..factor import UNKNOWN, Factor, Step, register
from ..head_counts import USAGE
from ..rules import round_tenth
from ..successors import USED
from ..use import DEGREES, MEASURED_DAYS, USE_STEPS
from ..usual import USUAL_QUARTER
from .use import faded

# The value of steady use, and the points by which each percent of change moves it.
STEADY, TREND_SLOPE = 70.0, 1.5
# So near to 0 and to 100 the line bends: the steepest fall and the largest growth still differ from the next one.
BEND = 15.0
# Use that is kept up year after year matters more than the last quarter, which may be a season.
QUARTER_WEIGHT, YEAR_WEIGHT = 1, 2
# A fall by a fifth or more that came a year ago, too, is a season and is said.
SEASON = 0.8

# The quarters to compare for each product: the latest ones, or, if its number of users is silent, the last ones before
# the silence.
QUARTERS = Step(
    "quarters",
    f"""
    SELECT partner_id,
           product_id,
           COALESCE(silent, %(month)s) AS month,
           COALESCE(silent - interval '3 months', %(quarter)s)::date AS quarter,
           COALESCE(silent - interval '6 months', %(quarter_before)s)::date AS quarter_before,
           COALESCE(silent - interval '15 months', %(year_ago)s)::date AS year_ago,
           COALESCE(silent - interval '12 months', %(year_ago_end)s)::date AS year_ago_end
      FROM (SELECT partner_id, product_id,
                   CASE WHEN last <= %(today)s - %(fresh_days)s
                        THEN (date_trunc('month', last) + interval '1 month')::date END AS silent
              FROM (SELECT partner_id, product_id,
                           CASE WHEN assessed >= measured + {MEASURED_DAYS} THEN assessed
                                ELSE COALESCE(measured, assessed) END AS last
                      FROM (SELECT partner_id, product_id,
                                   max(heads) FILTER (WHERE source = 'measured') AS measured,
                                   max(heads) FILTER (WHERE source = 'assessed') AS assessed
                              FROM heard
                          GROUP BY partner_id, product_id) sources) heads) product_heard
""",
    on=None,
)
# The active users of each quarter for each series of periods, and the last day for which each product has data.
SERIES = Step(
    "series",
    f"""
    SELECT u.partner_id, u.product_id, u.source, u.period,
           -- licences alone tell nothing of use
           max(u.date) FILTER (WHERE num_nonnulls(u.active_users, {", ".join(f"u.{name}" for name in DEGREES)}) > 0) AS date,
           avg(u.active_users::float8) FILTER (
               WHERE u.date >= q.quarter AND u.date < q.month) AS latest,
           avg(u.active_users::float8) FILTER (
               WHERE u.date >= q.quarter_before AND u.date < q.quarter) AS before,
           avg(u.active_users::float8) FILTER (
               WHERE u.date >= q.year_ago AND u.date < q.year_ago_end) AS year_ago,
           avg(u.active_users::float8) FILTER (
               WHERE u.date >= q.year_ago - 92 AND u.date < q.year_ago) AS year_ago_before
      FROM {USED} u
      JOIN quarters q ON q.partner_id = u.partner_id AND q.product_id = u.product_id
  GROUP BY u.partner_id, u.product_id, u.source, u.period
""",
    on=None,
)
# The product whose data stopped first stands for the customer, unless it stopped long ago, or stops every year at this time.
LAST = Step(
    "last",
    """
    SELECT partner_id,
           COALESCE(min(date) FILTER (WHERE date > %(today)s - 400 AND until IS NULL),
                    min(date) FILTER (WHERE date > %(today)s - 400),
                    max(date)) AS date,
           CASE WHEN NOT bool_or(date > %(today)s - 400 AND until IS NULL) THEN min(until) END AS until
      FROM (SELECT series.partner_id, series.product_id, pause.until,
                   COALESCE(max(series.date) FILTER (WHERE series.source = 'measured'), max(series.date)) AS date
              FROM series
         LEFT JOIN pause ON pause.partner_id = series.partner_id AND pause.product_id = series.product_id
          GROUP BY series.partner_id, series.product_id, pause.until) product_last
  GROUP BY partner_id
""",
)
# One series for each product. Measured series come first, then those that can be compared, then the latest one.
QUARTER = Step(
    "quarter",
    """
    SELECT DISTINCT ON (partner_id, product_id)
           partner_id, product_id, latest, before, year_ago, year_ago_before
      FROM series
     WHERE latest IS NOT NULL
  ORDER BY partner_id, product_id, source DESC, before IS NULL, date DESC, period
""",
    on=None,
)
# The fall, as a share, from which on the users of a product without which work cannot be done count after all.
FALLEN = 0.9
# The sums of the latest quarter: over products also known in the quarter before, and over those also known a year ago.
# Of these, the products without which work cannot be done: people have no choice, so their number says nothing. As long
# as it reaches the target and does not fall.
TREND_OF_USE = Step(
    "trend",
    f"""
    SELECT partner_id,
           sum(latest) FILTER (WHERE before IS NOT NULL) AS active_quarter,
           sum(before) AS active_before,
           sum(latest) FILTER (WHERE year_ago IS NOT NULL) AS active_this_year,
           sum(year_ago) AS active_last_year,
           -- what the quarter before would become if this quarter were as low against it as a year ago
           sum(usual) AS active_usual,
           CASE WHEN bool_or(says_nothing)
                THEN ARRAY[sum(latest) FILTER (WHERE says_nothing AND before IS NOT NULL),
                           sum(before) FILTER (WHERE says_nothing),
                           sum(usual) FILTER (WHERE says_nothing),
                           sum(latest) FILTER (WHERE says_nothing AND year_ago IS NOT NULL),
                           sum(year_ago) FILTER (WHERE says_nothing)] END AS forced
      FROM (SELECT quarter.*, measure.usual,
                   product.is_forced
                   AND product.adoption >= product.adoption_target
                   AND product.silent_weeks IS NULL
                   AND COALESCE(latest >= {FALLEN} * measure.usual, TRUE)
                   AND COALESCE(latest >= {FALLEN} * year_ago, TRUE) AS says_nothing
              FROM quarter
        CROSS JOIN LATERAL (
                   SELECT {USUAL_QUARTER} AS usual) measure
         LEFT JOIN product ON product.partner_id = quarter.partner_id
                          AND product.product_id = quarter.product_id) rated
  GROUP BY partner_id
""",
)


def change(now, then):
    """Return the change of the number of active users in %; ``None`` if one of the numbers is unknown.

    Two users are added to the divisor, so that one more user of a small team is not a large change.

    >>> round_tenth(change(78, 98)), round_tenth(change(2, 3)), change(5, None), change(0, 0)
    (-20.0, -20.0, None, None)
    """
    if now is None or then is None or not (now or then):
        return None
    return 100.0 * (now - then) / (then + 2.0)


def _rated(moved):
    """Return the value of a change in %: the more users, the better, at both ends.

    >>> [round_tenth(_rated(moved)) for moved in (-100, -60, -40, -20, 0, 10, 20, 60)]
    [0.0, 1.5, 10.7, 40.0, 70.0, 85.0, 94.5, 99.9]
    """
    return below_top(above_zero(STEADY + TREND_SLOPE * moved, BEND), BEND)


def _as_usual(now, usual, before):
    """Return whether nobody uses the products now, as in this quarter of every year, though somebody did before.

    >>> _as_usual(0, 0, 95), _as_usual(0, 0, 0), _as_usual(0, 0, None)
    (True, False, False)
    """
    return bool(before) and now == usual == 0


def rated(facts):
    """Return the active users now, before, as is usual, now for the year, and a year ago, without forced use.

    >>> from ..facts import Facts
    >>> rated(Facts(1, active_quarter=90, active_before=80, active_usual=80, forced_trend=[50, 50, 50, None, None]))
    (40, 30, 30, None, None)
    >>> rated(Facts(1, active_quarter=50, active_before=50, forced_trend=[50, 50, 50, None, None]))
    (None, None, None, None, None)
    """
    known = (
        facts.active_quarter,
        facts.active_before,
        facts.active_before if facts.active_usual is None else facts.active_usual,
        facts.active_this_year,
        facts.active_last_year,
    )
    if not facts.forced_trend:
        return known
    rest = [
        None if number is None else number - (forced or 0)
        for number, forced in zip(known, facts.forced_trend)
    ]
    # Nobody is left to compare if all are users of these products.
    for now, then in ((0, 1), (3, 4)):
        if rest[now] is not None and not (rest[now] > 0 or rest[then]):
            rest[now] = rest[then] = None
    if rest[1] is None:
        rest[2] = None
    return tuple(rest)


def value(facts, rules):
    """Return the value and evidence of the active users compared with the quarter before and with last year.

    Users of products without which work cannot be done are left out. After silence the last quarters that are known are compared, and a good value falls, see :func:`~.use.faded`.

    >>> from ..facts import Facts
    >>> value(Facts(1, active_quarter=78, active_before=98, active_this_year=78, active_last_year=76), None)
    (62.56410256410256, {'quarter': -20.0, 'year': 2.6, 'now': 78.0})
    >>> value(Facts(1, active_quarter=60, active_before=60), None)
    (70.0, {'quarter': 0.0, 'now': 60.0})
    >>> season = Facts(1, active_quarter=0, active_before=95, active_usual=0, active_this_year=0, active_last_year=0)
    >>> value(season, None)
    (70.0, {'quarter': 0.0, 'year': 0.0, 'usual': -97.9, 'now': 0.0})
    >>> value(Facts(1, active_users=50), None)
    (None, None)
    """
    total = weight = 0.0
    evidence = {}
    quarter, before, usual, this_year, last_year = rated(facts)
    is_usual = _as_usual(quarter, usual, before)
    for name, now, then, share in (
        ("quarter", quarter, usual, QUARTER_WEIGHT),
        ("year", this_year, last_year, YEAR_WEIGHT),
    ):
        moved = 0.0 if is_usual and now == then == 0 else change(now, then)
        if moved is not None:
            total += share * _rated(moved)
            weight += share
            evidence[name] = round_tenth(moved)
    if not weight:
        return UNKNOWN
    if "quarter" in evidence and usual < SEASON * before:
        evidence["usual"] = round_tenth(change(usual, before))
    if facts.forced_trend:
        evidence["forced"] = round_tenth(facts.forced_trend[0] or facts.forced_trend[3] or 0)
    now = quarter if "quarter" in evidence else this_year
    return faded(total / weight, facts), {**evidence, "now": round_tenth(now)}


def narrow(facts, product):
    """Return the facts of this factor for one product alone."""
    users = [
        product.active_quarter if product.active_before is not None else None,
        product.active_before,
        product.active_usual,
        product.active_this_year,
        product.active_last_year,
    ]
    names = (
        "active_quarter",
        "active_before",
        "active_usual",
        "active_this_year",
        "active_last_year",
    )
    return {
        **dict(zip(names, users)),
        "forced_trend": users if _says_nothing(product) else None,
    }


def _says_nothing(product):
    """Return whether work cannot be done without a product, and its users reach the target and do not fall."""
    if not product.forced or product.silent_weeks is not None:
        return False
    licensed, active = product.licensed, product.active
    if not licensed or active is None or 100.0 * active < product.target * licensed:
        return False
    pairs = (
        (product.active_quarter, product.active_usual),
        (product.active_this_year, product.active_last_year),
    )
    return not any(None not in pair and pair[0] < FALLEN * pair[1] for pair in pairs)


def words(env, evidence):
    """Return both changes and the average number of active users now, as text."""
    said = []
    if evidence.has("quarter"):
        said.append(
            env._(
                "Active users: %(change)+.0f %% compared with the previous quarter",
                change=evidence["quarter"],
            )
            if not evidence.has("usual")
            else env._(
                "Active users: %(change)+.0f %% compared with what this quarter is usually, as every year at this time "
                "(%(usual)+.0f %%)",
                change=evidence["quarter"],
                usual=evidence["usual"],
            )
        )
    if evidence.has("year"):
        said.append(
            env._(
                "Active users: %(change)+.0f %% compared with the same quarter last year",
                change=evidence["year"],
            )
        )
    if evidence.has("now"):
        said.append(env._("%.0f active users on average in the latest quarter", evidence["now"]))
    if evidence.number("forced"):
        said.append(
            env._(
                "%.0f more use a product without which work cannot be done, which says nothing and is left out",
                evidence["forced"],
            )
        )
    return " · ".join(said)


TREND = register(
    Factor(
        "trend",
        value=value,
        narrow=narrow,
        words=words,
        steps=(*USE_STEPS, USAGE, QUARTERS, SERIES, LAST, QUARTER, TREND_OF_USE),
        columns={
            "active_quarter": "trend.active_quarter",
            "active_before": "trend.active_before",
            "active_usual": "trend.active_usual",
            "active_this_year": "trend.active_this_year",
            "active_last_year": "trend.active_last_year",
            # of the users above those of products without which work cannot be done, in the order of `rated`
            "forced_trend": "trend.forced",
            "usage_date": "last.date",  # the first day of the latest period
            "usage_pause_until": "last.until",  # until when no figures are expected, as in earlier years
        },
        formula=2,
    )
)
