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
       (usage_id, {_KEY}, {_NAMES}, delivery_id, user_id, create_uid, create_date, write_uid, write_date)
SELECT u.id, {_each("u.{name}", names=_KEY.split(", "))}, {_each("u.{name}")}, u.delivery_id,
       %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
  FROM usage_compared
  JOIN customer_success_usage u ON u.id = usage_compared.usage_id
 WHERE place = 1
   AND NOT is_same
"""

# The formulas of ``adoption`` and ``is_over_licensed`` are those of the model; a test compares them.
# Rows are written in the order of their keys, so that two deliveries at once cannot deadlock.
UPSERT = f"""
INSERT INTO customer_success_usage
       ({_KEY}, {_NAMES}, adoption, is_over_licensed, delivery_id,
        create_uid, create_date, write_uid, write_date)
SELECT {_KEY}, {_NAMES},
       CASE WHEN active_users >= 0 AND licensed_users > 0
            THEN round(LEAST(100, 100 * active_users / licensed_users), 1) END,
       COALESCE(active_users > licensed_users, FALSE),
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
