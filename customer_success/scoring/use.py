"""The SQL steps that return the latest use of each product at each customer; scores and symptoms share them."""

from typing import NamedTuple

from .counted import DAY_ZERO, day_number
from .degree_season import DEGREE_MONTHS, DEGREE_SEASON
from .factor import Step
from .pause import PAUSE
from .successors import DEGREES, SUCCESSOR_STEPS, USED, join_line, read_as
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


# A measured figure that stopped is not replaced by one that people assess, if that is better by more than this factor,
# before so many days have passed.
BETTER, MEASURED_DAYS = 1.2, 365
# A product that began so many days after the last use of another one, or before it, may have taken its place.
REPLACED_DAYS, BOTH_DAYS = 92, 31
# A silent figure that is good falls to the neutral value over these weeks.
FADE_WEEKS = 26

_TODAY = day_number("%(today)s")
# The maximum of [place, figure, day] holds the figure of the latest place: one pass for all eight figures, no sorting.
_LATEST = "max(ARRAY[place, {name}, day]) FILTER (WHERE {name} IS NOT NULL) AS {name}"
_FIGURES = ("licensed_users", "active_users", *DEGREES)
_LAST_DAYS = "LEAST({})".format(
    ", ".join(f"max(date) FILTER (WHERE {name} IS NOT NULL)" for name in _FIGURES)
)


def _chosen(name):
    """Return the SQL of the latest of two sources of a figure.

    Measured figures take precedence over assessed ones, figure by figure. If they stopped, a newer assessed one counts if
    it is not much better, or a year newer. Fewer licences are better, but none says that the product is over.
    """
    better = f"a.{name}[2] > {BETTER} * m.{name}[2]"
    if name == "licensed_users":
        better = f"a.{name}[2] < m.{name}[2] AND a.{name}[2] > 0"
    return f"""\
                   CASE WHEN a.{name} IS NULL THEN m.{name}
                        WHEN m.{name} IS NULL OR a.{name}[3] >= m.{name}[3] + {MEASURED_DAYS} THEN a.{name}
                        WHEN a.{name}[3] <= m.{name}[3]
                          OR m.{name}[3] > {_TODAY} - %(fresh_days)s
                          OR ({better}) THEN m.{name}
                        ELSE a.{name} END AS {name},
                   m.{name} AS {name}_m"""


def _each(template, names):
    return ",\n".join(template.format(name=name) for name in names)


_CHOSEN = ",\n".join(_chosen(name) for name in _FIGURES)
# The figure, its day, and, if it is silent at an unusual time, the weeks without new ones beyond those for which it counts, and its day.
_FOUND = f"""\
           {{name}}[2] AS {{name}},
           {{name}}[3] AS {{name}}_day,
           CASE WHEN {{name}}[3] <= {_TODAY} - %(fresh_days)s AND (heard IS NULL OR {{name}}[3] < heard)
                THEN LEAST({FADE_WEEKS}, floor(({_TODAY} - %(fresh_days)s - {{name}}[3]) / 7)) END AS {{name}}_weeks,
           CASE WHEN {{name}}[3] <= {_TODAY} - %(fresh_days)s AND (heard IS NULL OR {{name}}[3] < heard)
                THEN {{name}}[3] END AS {{name}}_since"""


def _fresh(names):
    """Return the SQL of the number of these figures that are known and not silent."""
    return "num_nonnulls({})".format(
        ", ".join(f"CASE WHEN found.{name}_weeks IS NULL THEN found.{name} END" for name in names)
    )


# A degree of a product in percent of what was intended, ``NULL`` if it is silent, beside what was measured and what is
# intended, which stay.
# In months in which a degree is low every year, less is meant; none where nobody does any of it then.
_MEANT = "COALESCE(meant.{name}, own.{name}, usual.{name}, 100) * COALESCE(degree_season.{name}, 1)"
_IN_PERCENT = f"CASE WHEN {_MEANT} = 0 THEN 100 ELSE LEAST(100, 100 * found.{{name}} / NULLIF({_MEANT}, 0)) END"
_DEGREE = f"""\
           CASE WHEN found.{{name}}_weeks IS NULL AND found.{{name}} IS NOT NULL THEN {_IN_PERCENT} END AS {{name}},
           CASE WHEN found.{{name}} IS NOT NULL THEN {_IN_PERCENT} END AS {{name}}_last,
           found.{{name}} AS {{name}}_measured,
           found.{{name}}_said,
           found.{{name}}_day,
           found.{{name}}_weeks,
           found.{{name}}_since,
           {_MEANT} AS {{name}}_intended"""


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
    # When each product was used, by source, and the last day of each of its figures: some stop while others go on.
    Step(
        "spoken",
        f"""
    SELECT partner_id, product_id, source,
           min(date) AS first,
           max(date) AS last,
           max(date) FILTER (WHERE active_users IS NOT NULL) AS heads,
           {_LAST_DAYS} AS oldest,
           max(active_users) AS most,
           max(GREATEST(licensed_users, active_users)) FILTER (WHERE date > %(today)s - %(fresh_days)s) AS room
      FROM {USED} used
  GROUP BY partner_id, product_id, source
""",
        on=None,
    ),
    PAUSE,
    # The products that have a pending renewal, of their own or, if they are the only one, of the whole customer.
    Step(
        "pending",
        f"""
    SELECT DISTINCT spoken.partner_id, spoken.product_id
      FROM (SELECT partner_id, product_id, count(*) OVER (PARTITION BY partner_id) = 1 AS is_only
              FROM spoken
          GROUP BY partner_id, product_id) spoken
      JOIN (SELECT r.partner_id, {read_as("r")} AS product_id
              FROM customer_success_renewal r
 {join_line("r")}
             WHERE r.partner_id IN_SCOPE
               AND r.outcome = 'pending'
               AND r.active) r
        ON r.partner_id = spoken.partner_id
       AND (r.product_id = spoken.product_id OR (r.product_id IS NULL AND spoken.is_only))
""",
        on=None,
    ),
    # Products that were replaced in fact: nobody has used them since another one began that is large enough for those
    # who did, and no renewal of theirs is pending. So are those that are no longer sold, as long as another one is used.
    Step(
        "replaced",
        f"""
    SELECT DISTINCT former.partner_id, former.product_id
      FROM (SELECT partner_id, product_id, max(last) AS last, max(most) AS most
              FROM spoken
          GROUP BY partner_id, product_id
            HAVING max(last) <= %(today)s - %(fresh_days)s) former
      JOIN product_product sold ON sold.id = former.product_id
      JOIN (SELECT partner_id, product_id, min(first) AS first, max(room) AS room
              FROM spoken
          GROUP BY partner_id, product_id) other
        ON other.partner_id = former.partner_id
       AND other.room > 0
       AND (NOT sold.active
            OR (other.first > former.last - {BOTH_DAYS}
                AND other.first <= former.last + {REPLACED_DAYS}
                AND other.room >= former.most))
 LEFT JOIN pending ON pending.partner_id = former.partner_id AND pending.product_id = former.product_id
     WHERE pending.product_id IS NULL
""",
        on=None,
    ),
    # The first day that counts for each product and source: the last days until today, or, if nothing has come of some
    # figure in them, the day on which that went silent. So a figure that was bad does not become unknown when its
    # delivery stops, whatever else goes on.
    Step(
        "heard",
        """
    SELECT used.partner_id,
           used.product_id,
           used.source,
           used.heads,
           CASE WHEN used.oldest > %(today)s - %(fresh_days)s THEN %(today)s - %(fresh_days)s
                ELSE used.oldest - 1 END AS since
      FROM (SELECT *, max(last) OVER (PARTITION BY partner_id, product_id) AS product_last
              FROM spoken) used
 LEFT JOIN ended ON ended.partner_id = used.partner_id AND ended.product_id = used.product_id
 LEFT JOIN replaced ON replaced.partner_id = used.partner_id AND replaced.product_id = used.product_id
     WHERE (ended.until IS NULL OR used.product_last > ended.until + 31)
       AND replaced.product_id IS NULL
""",
        on=None,
    ),
    # Each figure as last known, for each product and source. A period that is over takes precedence over one
    # that still runs, because its measured figures are not complete. A row with some figures hides no others. People who
    # say that there are no licences do not end a product whose renewal is pending.
    Step(
        "known",
        f"""
    SELECT u.partner_id, u.product_id, u.source,
           CASE WHEN NOT is_denied THEN licensed_users END AS licensed_users,
           CASE WHEN NOT is_denied THEN active_users END AS active_users,
           {", ".join(DEGREES)},
           {day_number("u.date")} AS day,
           {day_number("u.period_end")}
           - CASE WHEN u.source = 'measured' AND u.period_end > %(today)s THEN %(fresh_days)s + 3 ELSE 0 END AS place
      FROM (SELECT *, (date + CASE period WHEN 'week' THEN interval '7 days'
                                          ELSE interval '1 month' END)::date AS period_end,
                   source = 'assessed'
                   AND COALESCE(licensed_users = 0, FALSE)
                   AND (partner_id, product_id) IN (SELECT partner_id, product_id FROM pending) AS is_denied
              FROM {USED} used) u
      JOIN heard ON heard.partner_id = u.partner_id
                AND heard.product_id = u.product_id
                AND heard.source = u.source
                AND u.date > heard.since
""",
        on=None,
    ),
    Step(
        "latest",
        f"""
    SELECT partner_id, product_id, source,
{_each(f"           {_LATEST}", _FIGURES)}
      FROM known
  GROUP BY partner_id, product_id, source
""",
        on=None,
    ),
    # Each figure by itself, with its own silence. The day of a product is that of its number of users, if that is known.
    Step(
        "found",
        f"""
    SELECT partner_id,
           product_id,
           CASE WHEN active_users[3] <= {_TODAY} - %(fresh_days)s AND active_users[3] >= heard
                THEN active_users[3] END AS paused_since,
           DATE '{DAY_ZERO}' + COALESCE(active_users[3], GREATEST({", ".join(f"{name}[3]" for name in DEGREES)}, licensed_users[3]))::int AS date,
{_each(_FOUND, _FIGURES)},
{_each("           CASE WHEN {name} IS DISTINCT FROM {name}_m THEN {name}[2] END AS {name}_said", DEGREES)}
      FROM (SELECT COALESCE(m.partner_id, a.partner_id) AS partner_id,
                   COALESCE(m.product_id, a.product_id) AS product_id,
{_CHOSEN}
              FROM (SELECT * FROM latest WHERE source = 'measured') m
         FULL JOIN (SELECT * FROM latest WHERE source = 'assessed') a
                ON a.partner_id = m.partner_id AND a.product_id = m.product_id) chosen
 LEFT JOIN (SELECT partner_id AS paused_partner_id, product_id AS paused_product_id, heard FROM pause) pause
        ON paused_partner_id = partner_id AND paused_product_id = product_id
""",
        on=None,
    ),
    LICENCES,
    USUAL_MONTHS,
    SEASON,
    DEGREE_MONTHS,
    DEGREE_SEASON,
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
           -- the weeks without a new number of users beyond those for which it counts, and the day to tell
           found.active_users_weeks AS silent_weeks,
           found.active_users_since AS silent_since,
           found.licensed_users_since AS licensed_since,
           found.paused_since,
           {_fresh(_FIGURES)} = 0 AS is_silent,
           found.licensed_users,
           found.active_users,
           CASE WHEN found.active_users >= 0 AND found.licensed_users > 0 AND found.active_users_weeks IS NULL
                THEN LEAST(100, 100 * found.active_users / found.licensed_users) END AS adoption,
           COALESCE(meant.adoption, own.adoption, usual.adoption, %(adoption_target)s)
           * COALESCE(season.share, 1) AS adoption_target,
           season.share AS season,
           season.users AS season_users,
           LEAST(COALESCE(licences.coming, 0), found.licensed_users) AS coming_licences,
           COALESCE(meant.forced_use, own.forced_use, usual.forced_use, 'no') = 'yes' AS is_forced,
{_each(_DEGREE, DEGREES)}
      FROM found
 LEFT JOIN season ON season.partner_id = found.partner_id AND season.product_id = found.product_id
 LEFT JOIN degree_season ON degree_season.partner_id = found.partner_id AND degree_season.product_id = found.product_id
 LEFT JOIN licences ON licences.partner_id = found.partner_id AND licences.product_id = found.product_id
 LEFT JOIN meant ON meant.partner_id = found.partner_id AND meant.product_id = found.product_id
 LEFT JOIN customer_success_intended_use own
        ON own.partner_id = found.partner_id AND own.product_id = found.product_id
 LEFT JOIN customer_success_intended_use usual
        ON usual.partner_id IS NULL AND usual.product_id = found.product_id
     -- A product without licences is over, unless people use it today, or somebody knows how.
     WHERE found.licensed_users IS DISTINCT FROM 0
        OR (found.active_users > 0 AND found.active_users_weeks IS NULL)
        OR {_fresh(DEGREES)} > 0
""",
        on=None,
    ),
)
LATEST_USE = "\n".join(step.text() for step in USE_STEPS)
