"""The storage of scores: new rows are copied into a temporary table, then upserted in one statement."""

import json
from io import StringIO

SCORE = (
    "partner_id",
    "health",
    "health_band",
    "confidence",
    "adoption",
    "change_quarter",
    "change_year",
    "usage_date",
    "usage_pause_until",
    "renewal_risk",
    "risk_low",
    "risk_high",
    "risk_band",
    "contraction_risk",
    "value_at_risk",
    "currency_id",
    "next_renewal_date",
    "ready",
    "willing",
    "able",
    "coverage",
    "stale_answers",
    "fingerprint",
    "segment_id",
    "rules_mark",
    "formula",
    "health_shift",
    "risk_shift",
    "worst_product_id",
    "breakdown",
)
PRODUCT_SCORE = (
    "partner_id",
    "product_id",
    "health",
    "health_band",
    "confidence",
    "adoption",
    "is_worst",
    "churn_risk",
    "risk_band",
    "renewal_id",
    "value_at_risk",
    "currency_id",
    "breakdown",
)
OVERUSE = (
    "partner_id",
    "product_id",
    "renewal_id",
    "date_since",
    "months",
    "licences",
    "active_users",
    "users_over",
    "users_coming",
    "is_contract",
    "is_lasting",
    "true_up",
)
RENEWAL_SCORE = (
    "renewal_id",
    "churn_risk",
    "risk_low",
    "risk_high",
    "risk_band",
    "contraction_risk",
    "expected_seats",
    "expansion_likelihood",
    "value_at_risk",
    "currency_id",
    "breakdown",
)

# Rows are plain values that never contain themselves; skipping that check halves the time.
_encode = json.JSONEncoder(allow_nan=False, check_circular=False, separators=(",", ":")).encode


# ----------------------------------------------------------------------------------------------
# Rows as lines of COPY. All values except the breakdown are numbers, dates and fixed words, which need no
# escaping. An unknown value is written as Python prints it ("None"), so that one formatting makes a line;
# the statements below declare None to be NULL.
# ----------------------------------------------------------------------------------------------


def _template(columns):
    return "\t".join(f"%({name})s" for name in columns)


# The history needs columns that the score does not keep: whether it changed, its points, and whether this is its first
# score by another formula.
_FRESH_SCORE = (*SCORE, "changed", "points", "is_new_formula")

_SCORE_LINE = _template(_FRESH_SCORE) + "\n"
_PRODUCT_LINE = _template(PRODUCT_SCORE) + "\n"
_OVERUSE_LINE = _template(OVERUSE) + "\n"
_RENEWAL_LINE = _template(RENEWAL_SCORE) + "\n"


def score_line(row, headline):
    """Return one score as a line of COPY.

    ``headline`` is the stored ``(health, renewal_risk, confidence, segment_id)``: a different one adds to the history,
    and so does another formula.
    """
    now = row["health"], row["renewal_risk"], row["confidence"], row["segment_id"]
    # Another formula adds a row in any case, so that the history says since which day it counts.
    changed = now != headline or row["is_new_formula"]
    return _SCORE_LINE % {
        **row,
        "breakdown": structure(row["breakdown"]),
        "changed": changed,
        "points": structure(row["points"]) if changed else None,
    }


def product_line(row):
    r"""Return the score of one product as a line of COPY.

    >>> product_line({**dict.fromkeys(PRODUCT_SCORE), "partner_id": 7, "product_id": 3, "health": 16.8})
    '7\t3\t16.8\tNone\tNone\tNone\tNone\tNone\tNone\tNone\tNone\tNone\tNone\n'
    """
    breakdown = row["breakdown"] and structure(row["breakdown"])
    return _PRODUCT_LINE % {**row, "breakdown": breakdown}


def overuse_line(row):
    r"""Return the use above the licences of one contract as a line of COPY.

    >>> overuse_line({**dict.fromkeys(OVERUSE), "partner_id": 7, "is_lasting": True})
    '7\tNone\tNone\tNone\tNone\tNone\tNone\tNone\tNone\tNone\tTrue\tNone\n'
    """
    return _OVERUSE_LINE % row


def renewal_line(row):
    r"""Return the score of one renewal as a line of COPY.

    >>> renewal_line({**dict.fromkeys(RENEWAL_SCORE), "renewal_id": 7, "churn_risk": 16.8})
    '7\t16.8\tNone\tNone\tNone\tNone\tNone\tNone\tNone\tNone\tnull\n'
    """
    return _RENEWAL_LINE % {**row, "breakdown": structure(row["breakdown"])}


def structure(value):
    r"""Return a structure as JSON for a line of COPY, which has escapes of its own.

    Raise ``ValueError`` for NaN and infinity.

    >>> structure({"a": [None, "b\n"]})
    '{"a":[null,"b\\\\n"]}'
    >>> structure([float("nan")])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: Out of range float values are not JSON compliant...
    """
    text = _encode(value)
    return text.replace("\\", r"\\") if "\\" in text else text


# ----------------------------------------------------------------------------------------------
# Statements
# ----------------------------------------------------------------------------------------------


def store(cr, lines, product_lines, overuse_lines, renewal_lines, today):
    """Write scores, their history as of ``today``, the scores of products and renewals, and use above licences.

    ``lines`` come from :func:`score_line`, ``product_lines`` from :func:`product_line`, ``overuse_lines`` from
    :func:`overuse_line`, ``renewal_lines`` from :func:`renewal_line`. Customers and renewals are linked to scores that
    are new.
    """
    if lines:
        cr.execute(FRESH_SCORES)
        _copy(cr, COPY_SCORES, lines)
        _copy(cr, COPY_PRODUCT_SCORES, product_lines)
        _copy(cr, COPY_OVERUSE, overuse_lines)
        cr.execute(STORE_SCORES, {"today": today})
    if renewal_lines:
        cr.execute(FRESH_RENEWAL_SCORES)
        _copy(cr, COPY_RENEWAL_SCORES, renewal_lines)
        cr.execute(STORE_RENEWAL_SCORES)


def _copy(cr, statement, lines):
    # Send all lines at once, because each further call would interrupt the other thread, which computes.
    text = "".join(lines)
    cr.copy_expert(statement, StringIO(text), len(text))


def mark_failed(cr, failed):
    """Store on the scores of customers why they could not be updated; ``failed`` is ``{partner id: message}``."""
    if failed:
        cr.execute(MARK_FAILED, {"rows": _encode(failed)})


def _names(columns):
    return ", ".join(columns)


def _changes(columns):
    return ", ".join(f"{name} = EXCLUDED.{name}" for name in columns)


FRESH_SCORES = f"""
CREATE TEMP TABLE fresh_score ON COMMIT DROP AS
SELECT {_names(SCORE)}, TRUE AS changed, breakdown AS points, TRUE AS is_new_formula
  FROM customer_success_score WITH NO DATA
"""
FRESH_SCORES += f"""
;CREATE TEMP TABLE fresh_product_score ON COMMIT DROP AS
SELECT {_names(PRODUCT_SCORE)} FROM customer_success_product_score WITH NO DATA
"""
FRESH_SCORES += f"""
;CREATE TEMP TABLE fresh_overuse ON COMMIT DROP AS
SELECT {_names(OVERUSE)} FROM customer_success_overuse WITH NO DATA
"""
COPY_SCORES = "COPY fresh_score FROM STDIN (NULL 'None')"
COPY_PRODUCT_SCORES = "COPY fresh_product_score FROM STDIN (NULL 'None')"
COPY_OVERUSE = "COPY fresh_overuse FROM STDIN (NULL 'None')"
UPSERT_PRODUCT_SCORES = f"""
INSERT INTO customer_success_product_score ({_names(PRODUCT_SCORE)})
SELECT {_names(PRODUCT_SCORE)}
  FROM fresh_product_score
    ON CONFLICT (partner_id, product_id) DO UPDATE
   SET {_changes(PRODUCT_SCORE[2:])}
"""
# Products that are over, at customers scored now. Arrays of ids, for the reason given at LINK_RENEWALS.
DELETE_PRODUCT_SCORES = """
DELETE FROM customer_success_product_score old
 WHERE old.partner_id = ANY(ARRAY(SELECT partner_id FROM fresh_score))
   AND (old.partner_id, old.product_id) NOT IN (SELECT partner_id, product_id FROM fresh_product_score)
"""
# The day on which it was found stays as long as it lasts; it is the day from which a playbook may act.
UPSERT_OVERUSE = f"""
INSERT INTO customer_success_overuse ({_names(OVERUSE)}, currency_id, date_found)
SELECT {", ".join(f"fresh.{name}" for name in OVERUSE)}, renewal.currency_id, %(today)s
  FROM fresh_overuse fresh
  LEFT JOIN customer_success_renewal renewal ON renewal.id = fresh.renewal_id
    ON CONFLICT (partner_id, product_id, COALESCE(renewal_id, 0)) DO UPDATE
   SET {_changes((*OVERUSE[3:], "currency_id"))}
"""
DELETE_OVERUSE = """
DELETE FROM customer_success_overuse old
 WHERE old.partner_id = ANY(ARRAY(SELECT partner_id FROM fresh_score))
   AND (old.partner_id, old.product_id, COALESCE(old.renewal_id, 0))
       NOT IN (SELECT partner_id, product_id, COALESCE(renewal_id, 0) FROM fresh_overuse)
"""
# The pending renewals show what lasts. This happens when it begins to last and when it no longer does.
LINK_OVERUSE = """
UPDATE customer_success_renewal renewal
   SET overuse_id = CASE WHEN overuse.is_lasting THEN overuse.id END
  FROM customer_success_overuse overuse
 WHERE overuse.renewal_id = renewal.id
   AND renewal.overuse_id IS DISTINCT FROM CASE WHEN overuse.is_lasting THEN overuse.id END
   AND renewal.id = ANY(ARRAY(SELECT renewal_id FROM fresh_overuse))
"""
UPSERT_SCORES = f"""
INSERT INTO customer_success_score ({_names(SCORE)}, scored_at)
SELECT {_names(SCORE)}, now() AT TIME ZONE 'UTC'
  FROM fresh_score
    ON CONFLICT (partner_id) DO UPDATE
   SET {_changes((*SCORE[1:], "scored_at"))}, error = NULL
"""
UPSERT_HISTORY = """
INSERT INTO customer_success_score_history AS history
       (partner_id, date, health, renewal_risk, confidence, adoption, segment_id, formula, is_new_formula,
        health_shift, risk_shift, points)
SELECT partner_id, %(today)s, health, renewal_risk, confidence, adoption, segment_id, formula, is_new_formula,
       health_shift, risk_shift, points
  FROM fresh_score
 WHERE changed
    ON CONFLICT (partner_id, date) DO UPDATE
   SET health = EXCLUDED.health, renewal_risk = EXCLUDED.renewal_risk,
       confidence = EXCLUDED.confidence, adoption = EXCLUDED.adoption, segment_id = EXCLUDED.segment_id,
       formula = EXCLUDED.formula,
       is_new_formula = COALESCE(history.is_new_formula, FALSE) OR EXCLUDED.is_new_formula,
       health_shift = EXCLUDED.health_shift, risk_shift = EXCLUDED.risk_shift, points = EXCLUDED.points
"""

FRESH_RENEWAL_SCORES = f"""
CREATE TEMP TABLE fresh_renewal_score ON COMMIT DROP AS
SELECT {_names(RENEWAL_SCORE)} FROM customer_success_renewal_score WITH NO DATA
"""
COPY_RENEWAL_SCORES = "COPY fresh_renewal_score FROM STDIN (NULL 'None')"
UPSERT_RENEWAL_SCORES = f"""
INSERT INTO customer_success_renewal_score ({_names(RENEWAL_SCORE)}, scored_at)
SELECT {_names(RENEWAL_SCORE)}, now() AT TIME ZONE 'UTC'
  FROM fresh_renewal_score
    ON CONFLICT (renewal_id) DO UPDATE
   SET {_changes((*RENEWAL_SCORE[1:], "scored_at"))}
"""

# This happens once in the life of a renewal, when it is first scored. An array of ids makes PostgreSQL
# look up the renewals one by one, whatever the statistics; a join may read the whole table for every batch.
LINK_RENEWALS = """
UPDATE customer_success_renewal renewal
   SET score_id = score.id
  FROM customer_success_renewal_score score
 WHERE score.renewal_id = renewal.id
   AND renewal.score_id IS NULL
   AND renewal.id = ANY(ARRAY(SELECT renewal_id FROM fresh_renewal_score))
"""

# A customer gets its score row on its first day; only score rows that were created later are linked here.
LINK_CUSTOMERS = """
UPDATE res_partner partner
   SET success_score_id = score.id
  FROM customer_success_score score
 WHERE score.partner_id = partner.id
   AND partner.success_score_id IS NULL
   AND partner.id = ANY(ARRAY(SELECT partner_id FROM fresh_score))
"""

# In one statement, for the reason given in _copy.
STORE_SCORES = ";".join(
    (
        UPSERT_HISTORY,
        UPSERT_SCORES,
        LINK_CUSTOMERS,
        DELETE_PRODUCT_SCORES,
        UPSERT_PRODUCT_SCORES,
        DELETE_OVERUSE,
        UPSERT_OVERUSE,
        LINK_OVERUSE,
        "DROP TABLE fresh_score, fresh_product_score, fresh_overuse",
    )
)
STORE_RENEWAL_SCORES = ";".join(
    (UPSERT_RENEWAL_SCORES, LINK_RENEWALS, "DROP TABLE fresh_renewal_score")
)

MARK_FAILED = """
INSERT INTO customer_success_score AS score (partner_id, error)
SELECT key::int, value
  FROM json_each_text(%(rows)s::json)
    ON CONFLICT (partner_id) DO UPDATE SET error = EXCLUDED.error, fingerprint = NULL
"""
