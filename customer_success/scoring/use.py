"""The SQL steps that return the latest use of each product at each customer; scores and symptoms share them."""

from typing import NamedTuple

from .factor import Step
from .successors import DEGREES, SUCCESSOR_STEPS, USED
from .usual import LICENCES, SEASON, USUAL_MONTHS

# The figures, in %, of the four steps in which people assess a degree, from the best to the worst. The worst two are
# low enough to show a symptom of misuse.
STEP_FIGURES = (100, 70, 25, 0)


def nearest_step(figure):
    """Return the figure of the step that is nearest to a figure, the better one of two; ``None`` stays ``None``.

    >>> nearest_step(62.0), nearest_step(85), nearest_step(12.5), nearest_step(None)
    (70, 100, 25, None)
    """
    if figure is None:
        return None
    return min(STEP_FIGURES, key=lambda step: (abs(step - figure), -step))


class Reading(NamedTuple):
    """The limits for reading use; :class:`~.rules.Rules` has the same names."""

    adoption_target: float  # % of the licensed users that should be active
    ramp_months: int  # after go-live, the target rises to its full height over this many months
    usage_fresh_days: int  # older usage says nothing about today


# The maximum of [place, figure] holds the figure of the latest place: one pass for all eight figures, no sorting.
_LATEST = "(max(ARRAY[place, {name}]) FILTER (WHERE {name} IS NOT NULL))[2] AS {name}"
_FIGURES = ("licensed_users", "active_users", *DEGREES)


def _each(template, names):
    return ",\n".join(template.format(name=name) for name in names)


# A degree of a product in percent of what was intended, beside what was measured and what was intended.
_DEGREE = """\
           CASE WHEN found.{name} IS NOT NULL
                THEN LEAST(100, 100 * found.{name} / COALESCE(meant.{name}, own.{name}, usual.{name}, 100)) END AS {name},
           found.{name} AS {name}_measured,
           found.{name}_said,
           CASE WHEN found.{name} IS NOT NULL
                THEN COALESCE(meant.{name}, own.{name}, usual.{name}, 100) END AS {name}_intended"""


# The steps from records of use to one row for each product; symptoms are found in these rows as well.
# Parameters: today, fresh_days, adoption_target, ramp_months.
USE_STEPS = (
    *SUCCESSOR_STEPS,
    # Products whose licences ended, and until when their use counted: they are over, not silent. Use that went on, as
    # that of a successor, until a month before the day on which a former product ended, is not over.
    Step(
        "ended",
        """
    SELECT r.partner_id, COALESCE(line.line_id, r.product_id) AS product_id,
           max(r.date_renewal - CASE WHEN line.steps > 0 THEN 62 ELSE 0 END) AS until
      FROM customer_success_renewal r
 LEFT JOIN line ON line.partner_id = r.partner_id AND line.product_id = r.product_id
     WHERE r.partner_id IN_SCOPE
       AND r.product_id IS NOT NULL
       AND r.active
  GROUP BY 1, 2
    HAVING bool_or(outcome = 'churned'
                   AND date_renewal + (end_is_last_day IS TRUE)::int <= %(today)s)
       AND NOT bool_or(outcome = 'pending')
""",
        on=None,
    ),
    # The first day that counts for each product: the last days until today, or, if nothing has come in them, the
    # last days until it went silent. So a figure that was bad does not become unknown when the delivery stops.
    Step(
        "heard",
        f"""
    SELECT use.partner_id,
           use.product_id,
           use.last,
           CASE WHEN use.last > %(today)s - %(fresh_days)s THEN %(today)s
                ELSE use.last END - %(fresh_days)s AS since
      FROM (SELECT partner_id, product_id, max(date) AS last
              FROM {USED} used
          GROUP BY partner_id, product_id) use
 LEFT JOIN ended ON ended.partner_id = use.partner_id AND ended.product_id = use.product_id
     WHERE ended.until IS NULL OR use.last > ended.until + 31
""",
        on=None,
    ),
    # Each figure as last known, for each product and source. A period that is over takes precedence over one
    # that still runs, because its measured figures are not complete. A row with some figures hides no others.
    Step(
        "known",
        f"""
    SELECT u.*,
           (u.period_end - DATE '2000-01-01')
           + CASE WHEN u.source = 'assessed' OR u.period_end <= %(today)s THEN 1000000 ELSE 0 END AS place
      FROM (SELECT *, (date + CASE period WHEN 'week' THEN interval '7 days'
                                          ELSE interval '1 month' END)::date AS period_end
              FROM {USED} used) u
      JOIN heard ON heard.partner_id = u.partner_id
                AND heard.product_id = u.product_id
                AND u.date > heard.since
""",
        on=None,
    ),
    Step(
        "latest",
        f"""
    SELECT partner_id, product_id, source, max(date) AS date,
{_each(f"           {_LATEST}", _FIGURES)}
      FROM known
  GROUP BY partner_id, product_id, source
""",
        on=None,
    ),
    # Measured figures take precedence over assessed ones, figure by figure.
    Step(
        "found",
        f"""
    SELECT COALESCE(m.partner_id, a.partner_id) AS partner_id,
           COALESCE(m.product_id, a.product_id) AS product_id,
           GREATEST(m.date, a.date) AS date,
{_each("           COALESCE(m.{name}, a.{name}) AS {name}", _FIGURES)},
{_each("           CASE WHEN m.{name} IS NULL THEN a.{name} END AS {name}_said", DEGREES)}
      FROM (SELECT * FROM latest WHERE source = 'measured') m
 FULL JOIN (SELECT * FROM latest WHERE source = 'assessed') a
        ON a.partner_id = m.partner_id AND a.product_id = m.product_id
""",
        on=None,
    ),
    LICENCES,
    USUAL_MONTHS,
    SEASON,
    # One row for each product. Degrees are in percent of the
    # intended use of this customer, else of this product, else of 100. LEAST ignores NULL and would return 100
    # for an unknown degree, hence the CASE. Both parts of each degree are kept, and what people said of it, for the
    # words that explain it.
    Step(
        "product",
        f"""
    SELECT found.partner_id,
           found.product_id,
           found.date,
           -- the weeks without new figures beyond those for which figures count
           CASE WHEN found.date <= %(today)s - %(fresh_days)s
                THEN (%(today)s - %(fresh_days)s - found.date) / 7 END AS silent_weeks,
           found.licensed_users,
           found.active_users,
           CASE WHEN found.active_users >= 0 AND found.licensed_users > 0
                THEN LEAST(100, 100 * found.active_users / found.licensed_users) END AS adoption,
           COALESCE(meant.adoption, own.adoption, usual.adoption, %(adoption_target)s)
           * COALESCE(season.share, 1) AS adoption_target,
           season.share AS season,
           season.users AS season_users,
           season.frequency AS season_frequency,
           LEAST(COALESCE(licences.coming, 0), found.licensed_users) AS coming_licences,
           COALESCE(meant.forced_use, own.forced_use, usual.forced_use, 'no') = 'yes' AS is_forced,
{_each(_DEGREE, DEGREES)}
      FROM found
 LEFT JOIN season ON season.partner_id = found.partner_id AND season.product_id = found.product_id
 LEFT JOIN licences ON licences.partner_id = found.partner_id AND licences.product_id = found.product_id
 LEFT JOIN meant ON meant.partner_id = found.partner_id AND meant.product_id = found.product_id
 LEFT JOIN customer_success_intended_use own
        ON own.partner_id = found.partner_id AND own.product_id = found.product_id
 LEFT JOIN customer_success_intended_use usual
        ON usual.partner_id IS NULL AND usual.product_id = found.product_id
     -- A silent product without licences is over.
     WHERE found.date > %(today)s - %(fresh_days)s OR found.licensed_users IS DISTINCT FROM 0
""",
        on=None,
    ),
)
LATEST_USE = "\n".join(step.text() for step in USE_STEPS)
