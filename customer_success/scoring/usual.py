"""The SQL steps that say what is usual: the licences whose use is not expected yet, and the time of year."""

from .factor import Step
from .successors import USED

# A month is low if its use is below this share of that of the busy months.
LOW = 0.8
# The busy months are those from this quantile on: three of twelve, so that one or two wrong figures are none.
BUSY = 0.8
# A year is known by so many months.
LEAST_MONTHS = 9

# What the users of the quarter before would become if this quarter were as low against it as a year ago.
USUAL_QUARTER = (
    "quarter.before * LEAST(1, COALESCE(quarter.year_ago / NULLIF(quarter.year_ago_before, 0), 1))"
)

# The licences that are so new that they are not expected to be used yet. Licences that were added in the latest
# months are expected little by little over as many months as after a go-live, from the end of the period in which
# they came; so are those of a product that came later than the first one. While the target of the whole customer
# still rises after go-live, they are expected over the months since then, so that nothing is allowed for twice:
# what came with go-live is not new. A number counts if it is there in two periods, or is the last one, so a mistyped
# one neither brings licences nor makes later ones old. Licences that were there within a year before are not new.
LICENCES = Step(
    "licences",
    f"""
    SELECT grown.partner_id,
           grown.product_id,
           round(sum(added * (1 - LEAST(1, ((%(today)s - date) / 30)::numeric / span)))) AS coming
      FROM (SELECT lasting.partner_id, lasting.product_id, lasting.date, p.live,
                   LEAST(lasting.number, found.licensed_users)
                   - COALESCE(lasting.before,
                              CASE WHEN lasting.place = 1 AND lasting.first < lasting.date - 60 THEN 0 END) AS added,
                   CASE WHEN p.live > %(today)s - 30 * %(ramp_months)s
                        THEN LEAST((%(today)s - p.live) / 30 + 1, %(ramp_months)s)
                        ELSE %(ramp_months)s END AS span
              FROM (SELECT *, max(number) OVER (PARTITION BY partner_id, product_id ORDER BY date
                                                RANGE BETWEEN interval '365 days' PRECEDING
                                                          AND interval '1 day' PRECEDING) AS before
                      FROM (SELECT partner_id, product_id, date,
                                   LEAST(licensed, lead(licensed) OVER dated) AS number,
                                   row_number() OVER dated AS place,
                                   min(date) OVER (PARTITION BY partner_id) AS first
                              FROM (SELECT partner_id, product_id, date, max(licensed_users) AS licensed
                                      FROM {USED} used
                                     WHERE licensed_users > 0
                                       AND date > %(today)s - 30 * %(ramp_months)s - 365
                                  GROUP BY partner_id, product_id, date) told
                            WINDOW dated AS (PARTITION BY partner_id, product_id ORDER BY date)) numbered) lasting
              JOIN found ON found.partner_id = lasting.partner_id AND found.product_id = lasting.product_id
              JOIN (SELECT partner.id,
                           CASE WHEN LEAST(partner.success_go_live_date, partner.success_go_live_first) <= %(today)s
                                THEN LEAST(partner.success_go_live_date, partner.success_go_live_first) END AS live
                      FROM res_partner partner
                      JOIN customer_success_stage stage ON stage.id = partner.success_stage_id
                     WHERE partner.id IN_SCOPE
                       AND (stage.phase <> 'before' OR partner.success_go_live_first <= %(today)s)) p
                ON p.id = lasting.partner_id
             WHERE lasting.date > %(today)s - 30 * %(ramp_months)s) grown
     WHERE added > 0
       AND COALESCE(date > live + 30, TRUE)
  GROUP BY grown.partner_id, grown.product_id
""",
    on=None,
)

# The months of each product that few people use now; ``age`` counts back from that of the figure that counts.
# Weeks are taken together, measured figures come first, and a measured period that still runs is left out.
USUAL_MONTHS = Step(
    "usual_month",
    f"""
    SELECT partner_id, product_id, active, frequency,
           COALESCE(max(serial) FILTER (WHERE is_fresh) OVER product_months,
                    max(serial) OVER product_months) - serial AS age
      FROM (SELECT u.partner_id,
                   u.product_id,
                   (extract(year FROM u.date) * 12 + extract(month FROM u.date))::int AS serial,
                   bool_or(u.source = 'measured' AND u.date > %(today)s - %(fresh_days)s) AS is_fresh,
                   COALESCE(avg(u.active_users) FILTER (WHERE u.source = 'measured'),
                            avg(u.active_users))::numeric AS active,
                   COALESCE(avg(u.frequency) FILTER (WHERE u.source = 'measured'), avg(u.frequency))::numeric AS frequency
              FROM (SELECT partner_id, product_id
                      FROM found
                     WHERE 100 * active_users < %(adoption_target)s * licensed_users) low
              JOIN {USED} u ON u.partner_id = low.partner_id AND u.product_id = low.product_id
             WHERE u.active_users IS NOT NULL
               AND u.date > %(today)s - 950
               AND (u.source = 'assessed'
                    OR u.date + CASE u.period WHEN 'week' THEN interval '7 days' ELSE interval '1 month' END
                       <= %(today)s)
          GROUP BY u.partner_id, u.product_id, 3) month
    WINDOW product_months AS (PARTITION BY partner_id, product_id)
""",
    on=None,
)


def _at(age, figure="active"):
    return f"max({figure}) FILTER (WHERE age = {age})"


def _busy(first, last, figure="active"):
    """Return the SQL of the use of the busy months of a year; unknown if too few of its months are known."""
    return f"""CASE WHEN count({figure}) FILTER (WHERE age BETWEEN {first} AND {last}) >= {LEAST_MONTHS}
                   THEN NULLIF(percentile_disc({BUSY}) WITHIN GROUP (ORDER BY {figure})
                               FILTER (WHERE age BETWEEN {first} AND {last}), 0) END"""


def _then(age, busy):
    """Return the SQL of the use of a month, or, if only those beside it were low, of the lower one: holidays move."""
    return f"""CASE WHEN COALESCE({_at(age)} >= {LOW} * {busy}, TRUE)
                         AND LEAST({_at(age - 1)}, {_at(age + 1)}) < {LOW} * {busy}
                    THEN LEAST({_at(age - 1)}, {_at(age + 1)}) ELSE {_at(age)} END"""


# The season of each product that few people use now: what was usual in this month a year ago, and two years ago if that is
# known, as a share of the busy months; the higher share counts, so that one bad month of the past is no season. If two
# years are not known, the season had more than one low month, with better ones before it, or the figures begin in it, long
# after go-live, and it has returned at the same time. There may not be more low months now than there were then: who does not come back after
# the season is seen. ``users`` are those of the whole year: what the active users of a low month amount to in busy ones.
SEASON = Step(
    "season",
    f"""
    SELECT partner_id, product_id, share, frequency,
           LEAST(busy, COALESCE(now / NULLIF(share, 0), busy)) AS users
      FROM (SELECT m.partner_id, m.product_id, y.busy, y.frequency, {_at(0)} AS now,
                   GREATEST(({_then(12, "y.busy")}) / y.busy,
                            ({_then(24, "y.busy_before")}) / y.busy_before) AS share,
                   ({_then(12, "y.busy")}) AS year_ago,
                   ({_then(24, "y.busy_before")}) / y.busy_before IS NOT NULL AS is_known_twice,
                   count(*) FILTER (WHERE age BETWEEN 0 AND 6 AND active < {LOW} * y.busy) AS lows,
                   count(*) FILTER (WHERE age BETWEEN 11 AND 18 AND active < {LOW} * y.busy_then) AS lows_then,
                   max(active) FILTER (WHERE age BETWEEN 13 AND 24) AS best_before,
                   count(*) FILTER (WHERE age >= 12) AS months_before,
                   count(*) FILTER (WHERE age >= 12 AND active < {LOW} * y.busy) AS lows_before,
                   max(age) AS oldest
              FROM usual_month m
              JOIN (SELECT partner_id, product_id,
                           {_busy(1, 12)} AS busy,
                           {_busy(13, 24)} AS busy_before,
                           percentile_disc({BUSY}) WITHIN GROUP (ORDER BY active)
                               FILTER (WHERE age BETWEEN 12 AND 24) AS busy_then,
                           LEAST(1, GREATEST({_at(12, "frequency")} / {_busy(1, 12, "frequency")},
                                             {_at(24, "frequency")} / {_busy(13, 24, "frequency")})) AS frequency
                      FROM usual_month
                  GROUP BY partner_id, product_id) y
                ON y.partner_id = m.partner_id AND y.product_id = m.product_id
             WHERE y.busy IS NOT NULL
          GROUP BY m.partner_id, m.product_id, y.busy, y.busy_before, y.busy_then, y.frequency) compared
     WHERE share < {LOW}
       AND CASE WHEN months_before = lows_before AND NOT is_known_twice
                THEN lows_before >= 2 AND lows = lows_before AND oldest - 11 = lows_before
                     AND NOT EXISTS (SELECT FROM res_partner started
                                      WHERE started.id = compared.partner_id
                                        AND LEAST(started.success_go_live_date, started.success_go_live_first)
                                            > %(today)s - 30 * (oldest + %(ramp_months)s))
                ELSE lows <= lows_then
                     AND (is_known_twice OR (lows_then >= 2 AND year_ago < {LOW} * best_before)) END
""",
    on=None,
)
