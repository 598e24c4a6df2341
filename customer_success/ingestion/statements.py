"""The SQL of a delivery: stage the rows, compare them with the records, keep replaced values, upsert."""

from .reading import CUSTOMER_KEYS, FIGURES, PRODUCT_KEYS

_KEY = "partner_id, product_id, source, date, period"
NAMES = (*CUSTOMER_KEYS, *PRODUCT_KEYS)  # as they are called in a row
_NAMES = ", ".join(FIGURES)


def _each(template, separator=", ", names=FIGURES):
    return separator.join(template.format(name=name, bit=1 << n) for n, name in enumerate(names))


STAGE = f"""
CREATE TEMP TABLE usage_staged (
    row int, partner_id int, product_id int, date date, period varchar, source varchar,
    given int, {_each("{name} numeric")}, called jsonb
) ON COMMIT DROP
"""
COPY = "COPY usage_staged FROM STDIN (NULL 'None')"

# One row for each staged row: the values that the record will have, whether it has them already, and the position
# among the staged rows of the same record. The first one counts.
COMPARE = f"""
CREATE TEMP TABLE usage_compared ON COMMIT DROP AS
SELECT staged.*, usage_id IS NOT NULL AND NOT ({_each("was_{name} IS DISTINCT FROM {name}", " OR ")}) AS is_same
  FROM (SELECT s.row, s.partner_id, s.product_id, s.date, s.period, s.source, s.given, s.called,
               u.id AS usage_id,
               {_each("u.{name} AS was_{name}")},
               {_each("CASE WHEN s.given & {bit} > 0 THEN s.{name} ELSE u.{name} END AS {name}")},
               first_value(s.row) OVER same_record AS first,
               row_number() OVER same_record AS place
          FROM usage_staged s
     LEFT JOIN customer_success_usage u
            ON u.partner_id = s.partner_id
           AND u.product_id = s.product_id
           AND u.source = s.source
           AND u.date = s.date
           AND u.period = s.period
        WINDOW same_record AS (
               PARTITION BY s.partner_id, s.product_id, s.source, s.date, s.period ORDER BY s.row)
       ) staged
"""

KEEP_REVISIONS = f"""
INSERT INTO customer_success_usage_revision
       (usage_id, {_KEY}, {_NAMES}, delivery_id, replaced_by_id, user_id, create_uid, create_date, write_uid, write_date)
SELECT u.id, {_each("u.{name}", names=_KEY.split(", "))}, {_each("u.{name}")}, u.delivery_id, %(delivery)s,
       %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
  FROM usage_compared
  JOIN customer_success_usage u ON u.id = usage_compared.usage_id
 WHERE place = 1
   AND NOT is_same
"""

_ADOPTION = """
       CASE WHEN {of}active_users >= 0 AND {of}licensed_users > 0
            THEN round(LEAST(100, 100 * {of}active_users / {of}licensed_users), 1) END"""
_OVER = "COALESCE({of}active_users > {of}licensed_users, FALSE)"
# The formulas of ``adoption`` and ``is_over_licensed`` are those of the model; a test compares them.
# Rows are written in the order of their keys, so that two deliveries at once cannot deadlock.
UPSERT = f"""
INSERT INTO customer_success_usage
       ({_KEY}, {_NAMES}, adoption, is_over_licensed, delivery_id,
        create_uid, create_date, write_uid, write_date)
SELECT {_KEY}, {_NAMES},{_ADOPTION.format(of="")}, {_OVER.format(of="")},
       %(delivery)s, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
  FROM usage_compared
 WHERE place = 1
   AND NOT is_same
 ORDER BY {_KEY}
    ON CONFLICT ({_KEY}) DO UPDATE
   SET {_each("{name} = EXCLUDED.{name}")},
       adoption = EXCLUDED.adoption, is_over_licensed = EXCLUDED.is_over_licensed,
       delivery_id = EXCLUDED.delivery_id,
       write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
"""

COUNT = """
SELECT count(*) FILTER (WHERE usage_id IS NULL),
       count(*) FILTER (WHERE usage_id IS NOT NULL AND NOT is_same),
       count(*) FILTER (WHERE is_same)
  FROM usage_compared
 WHERE place = 1
"""
CHANGED_CUSTOMERS = "SELECT DISTINCT partner_id FROM usage_compared WHERE place = 1 AND NOT is_same"
CLEAR = "DROP TABLE usage_staged; DROP TABLE usage_compared"

REFUSE_REPEATED = f"""
INSERT INTO customer_success_usage_rejection (delivery_id, row, field, message, brought)
SELECT %(delivery)s, %(before)s + row + 1, 'date',
       replace(%(repeated)s, '%%s', (%(before)s + first + 1)::text),
       jsonb_strip_nulls(jsonb_build_object(
           {", ".join(f"'{name}', called->{place}" for place, name in enumerate(NAMES))},
           'date', date, 'period', period, 'source', source,
           {_each("'{name}', CASE WHEN given & {bit} > 0 THEN COALESCE({name}::text, 'null') END")}))
  FROM usage_compared
 WHERE place > 1
"""
LIST_REPEATED = """
SELECT row, first FROM usage_compared WHERE place > 1 ORDER BY row LIMIT %(most)s
"""

# The taking back of a delivery: for each record that still has its figures, what stood there before, if anything did.
# What a delivery that was taken back has left does not count as later.
TO_UNDO = """
CREATE TEMP TABLE usage_undone ON COMMIT DROP AS
WITH former AS (
    SELECT DISTINCT ON (usage_id) usage_id, id
      FROM customer_success_usage_revision
     WHERE replaced_by_id = ANY(%(deliveries)s)
       AND is_taken_back IS NOT TRUE
  ORDER BY usage_id, id
), later AS (
    SELECT DISTINCT ON (usage_id) usage_id, id
      FROM customer_success_usage_revision
     WHERE delivery_id = ANY(%(deliveries)s)
       AND (replaced_by_id IS NULL OR replaced_by_id <> ALL(%(deliveries)s))
       AND is_taken_back IS NOT TRUE
  ORDER BY usage_id, id
)
SELECT u.id, u.partner_id, former.id AS revision_id, later.id AS later_id
  FROM customer_success_usage u
  LEFT JOIN former ON former.usage_id = u.id
  LEFT JOIN later ON later.usage_id = u.id
 WHERE u.delivery_id = ANY(%(deliveries)s)
    OR later.id IS NOT NULL;
ANALYZE usage_undone
"""
_FIGURES_OF = "jsonb_strip_nulls(jsonb_build_object(" + _each("'{name}', {{of}}.{name}") + "))"
# Records that are not as the delivery left them, or that the user may no longer change, are listed.
LEAVE = f"""
INSERT INTO customer_success_mass_change_line (mass_change_id, res_model, res_id, state, reason, before, after)
SELECT %(change)s, 'customer.success.usage', x.id, 'left',
       CASE WHEN x.later_id IS NULL THEN %(no_right)s ELSE %(changed)s END,
       CASE WHEN former.id IS NOT NULL THEN {_FIGURES_OF.format(of="former")} END,
       CASE WHEN later.id IS NOT NULL THEN {_FIGURES_OF.format(of="later")} ELSE {_FIGURES_OF.format(of="u")} END
  FROM usage_undone x
  JOIN customer_success_usage u ON u.id = x.id
  LEFT JOIN customer_success_usage_revision former ON former.id = x.revision_id
  LEFT JOIN customer_success_usage_revision later ON later.id = x.later_id
 WHERE x.later_id IS NOT NULL OR x.id = ANY(%(forbidden)s)
 ORDER BY x.id
"""
LEAVE_DELETED = f"""
INSERT INTO customer_success_mass_change_line (mass_change_id, res_model, res_id, state, reason, after)
SELECT DISTINCT ON ({_KEY}) %(change)s, 'customer.success.usage', 0, 'left', %(deleted)s, {_FIGURES_OF.format(of="r")}
  FROM customer_success_usage_revision r
 WHERE r.delivery_id = ANY(%(deliveries)s) AND r.usage_id IS NULL AND r.is_taken_back IS NOT TRUE
   AND (r.replaced_by_id IS NULL OR r.replaced_by_id <> ALL(%(deliveries)s))
 ORDER BY {_KEY}, r.id
"""
ONLY_UNDONE = "DELETE FROM usage_undone WHERE later_id IS NOT NULL OR id = ANY(%(forbidden)s); ANALYZE usage_undone"
KEEP_UNDONE = f"""
UPDATE customer_success_usage_revision r SET is_taken_back = TRUE
  FROM usage_undone x
 WHERE r.usage_id = x.id AND r.replaced_by_id = ANY(%(deliveries)s);
INSERT INTO customer_success_usage_revision
       (usage_id, {_KEY}, {_NAMES}, delivery_id, is_taken_back, user_id, create_uid, create_date, write_uid, write_date)
SELECT CASE WHEN x.revision_id IS NOT NULL THEN u.id END,
       {_each("u.{name}", names=_KEY.split(", "))}, {_each("u.{name}")}, u.delivery_id, TRUE,
       %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
  FROM usage_undone x
  JOIN customer_success_usage u ON u.id = x.id
"""
UNDO = f"""
UPDATE customer_success_usage u
   SET {_each("{name} = r.{name}")}, adoption = {_ADOPTION.format(of="r.")},
       is_over_licensed = {_OVER.format(of="r.")}, delivery_id = r.delivery_id,
       write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
  FROM usage_undone x
  JOIN customer_success_usage_revision r ON r.id = x.revision_id
 WHERE u.id = x.id;
DELETE FROM customer_success_usage u USING usage_undone x WHERE u.id = x.id AND x.revision_id IS NULL
"""
UNDONE_CUSTOMERS = "SELECT DISTINCT partner_id FROM usage_undone"
CLEAR_UNDONE = "DROP TABLE usage_undone"
