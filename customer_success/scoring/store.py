"""Store scores: copy the fresh rows beside the table, then upsert them in one statement."""

import json
from io import StringIO

from psycopg2 import sql

SCORE = (
    "partner_id",
    "health",
    "health_band",
    "confidence",
    "adoption",
    "renewal_risk",
    "risk_band",
    "contraction_risk",
    "value_at_risk",
    "currency_id",
    "next_renewal_date",
    "ready",
    "willing",
    "able",
    "fingerprint",
    "breakdown",
    "error",
    "scored_at",
)
RENEWAL_SCORE = (
    "renewal_id",
    "churn_risk",
    "risk_band",
    "contraction_risk",
    "expected_seats",
    "value_at_risk",
    "currency_id",
    "breakdown",
    "scored_at",
)
HISTORY = ("partner_id", "date", "health", "renewal_risk", "confidence", "adoption")

# Rows are plain and never contain themselves; not looking for that halves the time.
_encode = json.JSONEncoder(allow_nan=False, check_circular=False, separators=(",", ":")).encode


def store(cr, scores, renewal_scores, history, failed, today):
    """Write rows of dicts to the score tables, and nothing else of theirs."""
    cr.execute("SELECT now() AT TIME ZONE 'UTC'")
    always = {"scored_at": cr.fetchone()[0], "date": today, "error": None}
    upsert(cr, "customer_success_score", ("partner_id",), SCORE, scores, always)
    upsert(
        cr, "customer_success_renewal_score", ("renewal_id",), RENEWAL_SCORE, renewal_scores, always
    )
    upsert(cr, "customer_success_score_history", ("partner_id", "date"), HISTORY, history, always)
    if scores:
        cr.execute(LINK_CUSTOMERS, {"ids": [row["partner_id"] for row in scores]})
    if renewal_scores:
        cr.execute(LINK_RENEWALS, {"ids": [row["renewal_id"] for row in renewal_scores]})
    if failed:
        cr.execute(MARK_FAILED, {"rows": _encode(failed)})


def upsert(cr, table, key, columns, rows, always):
    """Insert rows, or update those whose key is there; ``always`` holds what they have in common."""
    if not rows:
        return
    names = {
        "table": sql.Identifier(table),
        "key": _identifiers(key),
        "columns": _identifiers(columns),
        "changes": sql.SQL(", ").join(
            sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name))
            for name in columns
            if name not in key
        ),
    }
    create, copy, insert, drop = (sql.SQL(text).format(**names) for text in UPSERT)
    cr.execute(create)
    cr.copy_expert(copy, StringIO(lines(columns, rows, always)))
    cr.execute(insert)
    cr.execute(drop)


def _identifiers(names):
    return sql.SQL(", ").join(map(sql.Identifier, names))


UPSERT = (
    "CREATE TEMP TABLE fresh ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA",
    "COPY fresh ({columns}) FROM STDIN",
    """
    INSERT INTO {table} ({columns})
    SELECT {columns} FROM fresh
        ON CONFLICT ({key}) DO UPDATE SET {changes}
    """,
    "DROP TABLE fresh",
)


def lines(columns, rows, always):
    r"""The rows as PostgreSQL's COPY reads them.

    >>> lines(("id", "x", "y"), [{"id": 1, "y": {"a": "b\n"}}], {"x": None})
    '1\t\\N\t{"a":"b\\\\n"}'
    """
    return "\n".join(
        ["\t".join(map(cell, map({**row, **always}.__getitem__, columns))) for row in rows]
    )


def cell(value):
    r"""One value as text of COPY: the unknown as ``\N``, structures as JSON.

    >>> cell(None), cell(1.5), cell("low"), cell([1])
    ('\\N', '1.5', 'low', '[1]')
    """
    if value is None:
        return r"\N"
    if value.__class__ is dict or value.__class__ is list:
        text = _encode(value)
        return text.replace("\\", r"\\") if "\\" in text else text
    return str(value)


# A customer gets its score row on its first day; only rows that came by other ways are linked here.
LINK_CUSTOMERS = """
UPDATE res_partner partner
   SET success_score_id = score.id
  FROM customer_success_score score
 WHERE score.partner_id = partner.id
   AND partner.success_score_id IS NULL
   AND partner.id = ANY(%(ids)s)
"""

# Once in the life of a renewal: when it is first scored.
LINK_RENEWALS = """
UPDATE customer_success_renewal renewal
   SET score_id = score.id
  FROM customer_success_renewal_score score
 WHERE score.renewal_id = renewal.id
   AND renewal.score_id IS NULL
   AND renewal.id = ANY(%(ids)s)
"""

MARK_FAILED = """
INSERT INTO customer_success_score AS score (partner_id, error)
SELECT key::int, value
  FROM json_each_text(%(rows)s::json)
    ON CONFLICT (partner_id) DO UPDATE SET error = EXCLUDED.error, fingerprint = NULL
"""
