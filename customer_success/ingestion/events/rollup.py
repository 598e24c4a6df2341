"""The SQL of the roll-up: from new events to the use of a customer in a period, in sets.

Events become one row for each day, company as the product names it, and user. These rows are added up by customer and period;
whose they are is looked up then, so a company that is matched later counts backwards without its events being read again.
"""

CREATE = """
CREATE TABLE IF NOT EXISTS customer_success_event_day (
    source_id int NOT NULL,
    key varchar NOT NULL,
    person uuid NOT NULL,
    day date NOT NULL,
    core int NOT NULL,
    intended int NOT NULL,
    failed int NOT NULL,
    beside int NOT NULL,
    dated int NOT NULL,
    timely int NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS customer_success_event_day_idx ON customer_success_event_day (source_id, key, person, day);
CREATE TABLE IF NOT EXISTS customer_success_event_person (
    source_id int NOT NULL,
    person uuid NOT NULL,
    key varchar,
    key_at timestamp,
    domain varchar,
    mail uuid,
    mail_at timestamp
);
CREATE UNIQUE INDEX IF NOT EXISTS customer_success_event_person_idx ON customer_success_event_person (source_id, person);
CREATE INDEX IF NOT EXISTS customer_success_event_person_key_idx
    ON customer_success_event_person (source_id, (COALESCE(key, '@' || domain)))
"""

# Step 1: the days, companies and users of whom there is something new. A request that began before the last roll-up may have
# been written after it, so some minutes are read again; nothing is counted twice, as days are added up anew.
NEW = """
CREATE TEMP TABLE events_new ON COMMIT DROP AS
SELECT day, COALESCE(key, '') AS key, person
  FROM customer_success_event
 WHERE source_id = %(source)s
   AND received >= %(since)s
   AND name IS NOT NULL
   AND person IS NOT NULL
 GROUP BY 1, 2, 3;
ANALYZE events_new
"""

# Step 2: the company and the domain of users, as they were said last. Users who moved take their days without a company with them.
MOVED = """
CREATE TEMP TABLE events_moved (person uuid, former varchar) ON COMMIT DROP;
WITH said AS (
    SELECT person, key, domain, mail, at
      FROM customer_success_event
     WHERE source_id = %(source)s
       AND received >= %(since)s
       AND name IS NULL
       AND person IS NOT NULL
), last_key AS (
    SELECT DISTINCT ON (person) person, key, at FROM said WHERE key IS NOT NULL ORDER BY person, at DESC, key
), last_mail AS (
    SELECT DISTINCT ON (person) person, domain, mail, at FROM said WHERE mail IS NOT NULL ORDER BY person, at DESC, mail
), merged AS (
    SELECT person,
           CASE WHEN p.key IS NULL OR p.key_at <= k.at THEN COALESCE(k.key, p.key) ELSE p.key END AS key,
           GREATEST(p.key_at, k.at) AS key_at,
           CASE WHEN m.mail IS NULL OR p.mail_at > m.at THEN p.domain ELSE m.domain END AS domain,
           CASE WHEN m.mail IS NULL OR p.mail_at > m.at THEN p.mail ELSE m.mail END AS mail,
           GREATEST(p.mail_at, m.at) AS mail_at,
           COALESCE(p.key, '@' || p.domain) AS former
      FROM last_key k
 FULL JOIN last_mail m USING (person)
 LEFT JOIN (SELECT * FROM customer_success_event_person WHERE source_id = %(source)s) p USING (person)
), written AS (
    INSERT INTO customer_success_event_person AS p (source_id, person, key, key_at, domain, mail, mail_at)
    SELECT %(source)s, person, key, key_at, domain, mail, mail_at
      FROM merged
        ON CONFLICT (source_id, person) DO UPDATE
       SET key = EXCLUDED.key, key_at = EXCLUDED.key_at,
           domain = EXCLUDED.domain, mail = EXCLUDED.mail, mail_at = EXCLUDED.mail_at
     WHERE (p.key, p.key_at, p.domain, p.mail, p.mail_at)
           IS DISTINCT FROM (EXCLUDED.key, EXCLUDED.key_at, EXCLUDED.domain, EXCLUDED.mail, EXCLUDED.mail_at)
)
INSERT INTO events_moved
SELECT person, former FROM merged WHERE former IS DISTINCT FROM COALESCE(key, '@' || domain)
"""

# Step 3: their days, added up anew.
_RULED = "(r.meaning IN ('core', 'intended') OR (r.meaning IS NULL AND %(all_core)s))"
_SUMS = ("core", "intended", "failed", "beside", "dated", "timely")
DAYS = f"""
CREATE TEMP TABLE events_days (key varchar, person uuid, day date) ON COMMIT DROP;
WITH written AS (
    INSERT INTO customer_success_event_day AS d (source_id, key, person, day, {", ".join(_SUMS)})
    SELECT %(source)s,
           COALESCE(e.key, ''),
           e.person,
           e.day,
           count(*) FILTER (WHERE {_RULED}),
           count(*) FILTER (WHERE r.meaning = 'intended'),
           count(*) FILTER (WHERE r.meaning = 'failed'),
           count(*) FILTER (WHERE r.meaning = 'beside'),
           count(*) FILTER (WHERE r.date_property IS NOT NULL AND e.business_date IS NOT NULL),
           count(*) FILTER (WHERE r.date_property IS NOT NULL AND e.day <= e.business_date + r.within_days)
      FROM customer_success_event e
      JOIN events_new n ON n.day = e.day AND n.key = COALESCE(e.key, '') AND n.person = e.person
 LEFT JOIN customer_success_event_rule r ON r.source_id = e.source_id AND r.name = e.name
     WHERE e.source_id = %(source)s
       AND e.day BETWEEN %(first)s AND %(last)s
       AND e.name IS NOT NULL
  GROUP BY 2, 3, 4
        ON CONFLICT (source_id, key, person, day) DO UPDATE
       SET {", ".join(f"{name} = EXCLUDED.{name}" for name in _SUMS)}
     WHERE ({", ".join(f"d.{name}" for name in _SUMS)}) IS DISTINCT FROM ({", ".join(f"EXCLUDED.{name}" for name in _SUMS)})
 RETURNING d.key, d.person, d.day
)
INSERT INTO events_days SELECT key, person, day FROM written;
ANALYZE events_days
"""
NEW_DAYS = "SELECT min(day), max(day) FROM events_new"

# Step 4: the companies as the product names them, with what came of them. At most so many that nobody has matched are kept.
_KEY = "COALESCE(NULLIF(d.key, ''), p.key, '@' || p.domain)"
CHANGED = f"""
CREATE TEMP TABLE events_changed ON COMMIT DROP AS
SELECT {_KEY} AS key, d.day
  FROM events_days d
  LEFT JOIN customer_success_event_person p ON d.key = '' AND p.source_id = %(source)s AND p.person = d.person
 GROUP BY 1, 2
UNION
SELECT unnest(ARRAY[COALESCE(p.key, '@' || p.domain), m.former]), d.day
  FROM events_moved m
  JOIN customer_success_event_person p ON p.source_id = %(source)s AND p.person = m.person
  JOIN customer_success_event_day d ON d.source_id = %(source)s AND d.key = '' AND d.person = m.person
"""
GROUPS = """
INSERT INTO customer_success_event_group (source_id, key, state, event_count, user_count)
SELECT %(source)s, key, 'waiting', 0, 0
  FROM (SELECT key FROM events_changed WHERE key IS NOT NULL
        UNION
        SELECT key FROM customer_success_event
         WHERE source_id = %(source)s AND received >= %(since)s AND name IS NULL AND licensed IS NOT NULL AND key IS NOT NULL) found
 WHERE NOT EXISTS (SELECT 1 FROM customer_success_event_group g WHERE g.source_id = %(source)s AND g.key = found.key)
 LIMIT GREATEST(0, %(most)s - (SELECT count(*) FROM customer_success_event_group
                                WHERE source_id = %(source)s AND partner_id IS NULL))
    ON CONFLICT (source_id, key) DO NOTHING
"""
LICENCES = """
UPDATE customer_success_event_group g
   SET licensed_users = said.licensed, licensed_date = said.at::date, is_changed = TRUE
  FROM (SELECT DISTINCT ON (key) key, licensed, at
          FROM customer_success_event
         WHERE source_id = %(source)s AND received >= %(since)s AND name IS NULL AND licensed IS NOT NULL AND key IS NOT NULL
      ORDER BY key, at DESC, licensed) said
 WHERE g.source_id = %(source)s
   AND g.key = said.key
   AND (g.licensed_date IS NULL OR g.licensed_date <= said.at::date)
   AND (g.licensed_users, g.licensed_date) IS DISTINCT FROM (said.licensed, said.at::date)
"""
# The days of these companies, whether the event says the company or the user does.
_OF_GROUPS = """
       SELECT g.id, g.partner_id, d.source_id, d.person, d.day, {sums}
         FROM {groups} g
         JOIN customer_success_event_day d ON d.source_id = g.source_id AND d.key = g.key
    UNION ALL
       SELECT g.id, g.partner_id, d.source_id, d.person, d.day, {sums}
         FROM {groups} g
         JOIN customer_success_event_person p ON p.source_id = g.source_id AND COALESCE(p.key, '@' || p.domain) = g.key
         JOIN customer_success_event_day d ON d.source_id = p.source_id AND d.key = '' AND d.person = p.person
"""
COUNT_GROUPS = f"""
WITH counted AS (
    SELECT g.* FROM customer_success_event_group g
     WHERE g.source_id = %(source)s AND g.key IN (SELECT key FROM events_changed)
), told AS (
    SELECT id, sum(number) AS events, count(DISTINCT person) AS users, max(day) AS last
      FROM ({_OF_GROUPS.format(groups="counted", sums="core + failed + beside AS number")}) days
  GROUP BY 1
)
UPDATE customer_success_event_group g
   SET event_count = COALESCE(told.events, 0), user_count = COALESCE(told.users, 0), last_date = told.last
  FROM counted
  LEFT JOIN told USING (id)
 WHERE g.id = counted.id
"""

# Step 5: the periods to count: of what changed, and all kept ones of companies that were matched otherwise since.
PERIODS = f"""
CREATE TEMP TABLE events_periods ON COMMIT DROP AS
WITH changed AS (
    SELECT g.partner_id, date_trunc(%(period)s, c.day)::date AS start
      FROM events_changed c
      JOIN customer_success_event_group g ON g.source_id = %(source)s AND g.key = c.key
     UNION
    SELECT unnest(ARRAY[partner_id, counted_partner_id]), date_trunc(%(period)s, day)::date
      FROM (SELECT days.*, g.counted_partner_id
              FROM ({
    _OF_GROUPS.format(
        groups="(SELECT * FROM customer_success_event_group WHERE source_id = %(source)s AND (%(all)s OR is_changed))",
        sums="1 AS number",
    )
}) days
              JOIN customer_success_event_group g USING (id)) matched
)
SELECT DISTINCT partner_id, start FROM changed WHERE partner_id IS NOT NULL AND start >= %(earliest)s;
ANALYZE events_periods
"""

# Step 6: the figures. Each user counts alike in a degree, however many events came of them.
_SHARE = "round((100 * avg({part}::numeric / NULLIF({whole}, 0)))::numeric, 1)"
FIGURES = f"""
WITH asked AS (
    SELECT partner_id, start, (start + ('1 ' || %(period)s)::interval)::date AS stop FROM events_periods
), theirs AS (
    SELECT g.*
      FROM customer_success_event_group g
     WHERE g.source_id = ANY(%(sources)s) AND g.partner_id IN (SELECT partner_id FROM asked)
), days AS (
{_OF_GROUPS.format(groups="theirs", sums=", ".join(f"d.{name}" for name in _SUMS))}
), users AS (
    SELECT a.partner_id, a.start, d.person,
           {", ".join(f"sum(d.{name}) AS {name}" for name in _SUMS)},
           count(DISTINCT d.day) FILTER (WHERE d.core > 0) AS worked,
           LEAST(a.stop, %(today)s::date + 1) - min(d.day) FILTER (WHERE d.core > 0) AS span
      FROM asked a
      JOIN days d ON d.partner_id = a.partner_id AND d.day >= a.start AND d.day < a.stop
  GROUP BY a.partner_id, a.start, a.stop, d.person
), licences AS (
    SELECT a.partner_id, a.start, max(licensed) AS licensed
      FROM (SELECT a.partner_id, a.start, g.source_id, sum(g.licensed_users) AS licensed
              FROM asked a
              JOIN theirs g ON g.partner_id = a.partner_id AND g.licensed_date < a.stop
          GROUP BY 1, 2, 3) a
  GROUP BY 1, 2
), contracts AS (
    SELECT a.partner_id, a.start, NULLIF(sum(r.seats), 0) AS licensed
      FROM asked a
      JOIN customer_success_renewal r ON r.partner_id = a.partner_id AND r.product_id = %(product)s
     WHERE r.active
       AND COALESCE(r.date_start, a.start) < LEAST(a.stop, %(today)s::date + 1)
       AND (r.date_renewal IS NULL OR r.date_renewal >= LEAST(a.stop, %(today)s::date + 1))
  GROUP BY 1, 2
)
SELECT a.partner_id, a.start,
       COALESCE(l.licensed, c.licensed) AS licensed_users,
       count(u.person) FILTER (WHERE u.core > 0) AS active_users,
       CASE WHEN %(knows_intended)s THEN {_SHARE.format(part="u.intended", whole="u.core")} END AS as_intended,
       CASE WHEN %(knows_dates)s THEN {_SHARE.format(part="u.timely", whole="u.dated")} END AS timely,
       CASE WHEN %(days_a_week)s > 0
            THEN round(100 * avg(LEAST(1, u.worked * 7.0 / (%(days_a_week)s * GREATEST(7, u.span)))) FILTER (WHERE u.core > 0), 1)
            END AS frequency,
       CASE WHEN %(knows_beside)s THEN {_SHARE.format(part="u.core", whole="(u.core + u.beside)")} END AS in_place,
       CASE WHEN %(knows_failed)s THEN {_SHARE.format(part="u.core", whole="(u.core + u.failed)")} END AS accuracy,
       count(u.person) AS seen
  FROM asked a
  LEFT JOIN users u USING (partner_id, start)
  LEFT JOIN licences l USING (partner_id, start)
  LEFT JOIN contracts c USING (partner_id, start)
 GROUP BY a.partner_id, a.start, l.licensed, c.licensed
 ORDER BY a.partner_id, a.start
"""
COUNTED = """
UPDATE customer_success_event_group SET counted_partner_id = partner_id, is_changed = FALSE
 WHERE source_id = %(source)s AND (is_changed OR counted_partner_id IS DISTINCT FROM partner_id)
"""
CLEAR = "DROP TABLE events_new, events_moved, events_days, events_changed, events_periods"
FORGET_DAYS = "DELETE FROM customer_success_event_day WHERE day < %s"
# Users of whom no day is kept.
FORGET_PERSONS = """
DELETE FROM customer_success_event_person p
 WHERE NOT EXISTS (SELECT 1 FROM customer_success_event_day d WHERE d.source_id = p.source_id AND d.person = p.person)
   AND COALESCE(GREATEST(key_at, mail_at), '-infinity') < %(before)s
"""
