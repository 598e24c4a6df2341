"""The facts about a customer, and the one query that gathers them for a whole batch."""

import json
from datetime import date
from functools import cache

from . import factors  # noqa: F401  registers the factors of this addon
from .factor import FACTORS
from .followed import FOLLOWED
from .overuse import OVERUSE_COLUMNS, OVERUSE_STEPS
from .products import PRODUCT_COLUMNS, PRODUCT_STEPS
from .renewal import RENEWAL_COLUMNS, RENEWAL_STEPS, Renewal
from .stages import EXPECTED_DAYS, JOIN_FORMER, JOIN_SEGMENT

__all__ = ["Facts", "Renewal", "gather"]

# The facts of these factors are gathered even if the factor is switched off: the score shows some of them,
# and the query of renewals reads the steps of use and trend.
ALWAYS = ("use", "trend", "advisor")
# The stored score: its headlines, its segment, and how far changes of the rules have moved it so far.
_STORED = {
    "health": "score.health::float8",
    "renewal_risk": "score.renewal_risk::float8",
    "confidence": "score.confidence::float8",
    "was_segment_id": "score.segment_id",
    "was_mark": "score.rules_mark",
    "was_formula": "score.formula",
    "health_shift": "COALESCE(score.health_shift, 0)::float8",
    "risk_shift": "COALESCE(score.risk_shift, 0)::float8",
}
# The columns of each row besides those of the factors: its customer, its segment, the fingerprint of all facts and
# of the rules, and the stored score.
_OWN = (
    "partner_id",
    "segment_id",
    *PRODUCT_COLUMNS,
    *RENEWAL_COLUMNS,
    *OVERUSE_COLUMNS,
    "fingerprint",
    *_STORED,
)


class Facts:
    """The facts about one customer, by the names of the columns of :func:`gather`; ``None`` is unknown.

    The columns are those of the factors and a few of the customer itself. A column that was not gathered
    is unknown. A name that no factor defines raises ``AttributeError``.

    >>> Facts(1, quality=70).quality, Facts(1).quality
    (70, None)
    >>> Facts(1, qualty=70)
    Traceback (most recent call last):
    AttributeError: there is no fact qualty
    """

    def __init__(self, partner_id, **known):
        for name in known:
            self.__getattr__(name)
        self.__dict__.update(known, partner_id=partner_id)

    @classmethod
    def _of(cls, row):
        """Return the facts of a row of the query, given as a dict."""
        self = cls.__new__(cls)
        self.__dict__ = row
        return self

    def __getattr__(self, name):
        if name in _OWN or any(name in factor.columns for factor in FACTORS.values()):
            return None
        raise AttributeError(f"there is no fact {name}")

    def replaced(self, **changes):
        """Return a copy of these facts with some of them changed."""
        return Facts(**{**self.__dict__, **changes})

    def changed(self, changes):
        """Return a copy with changes, a dict, whose names are not checked: many customers need it in each run."""
        return self._of({**self.__dict__, **changes})

    @property
    def headline(self):
        """The stored ``(health, renewal_risk, confidence, segment_id)``, which the history keeps."""
        return self.health, self.renewal_risk, self.confidence, self.was_segment_id

    @property
    def adoption(self):
        """The adoption rate in %, at most 100 even if more users are active than licensed."""
        return min(100.0, 100.0 * self.active_users / self.licensed_users)


# Parameters: today, fresh_days, search_days, version, versions, and those of the scope. The query returns one row per customer whose
# facts or rules differ from those of its last score; see ``fingerprint``. Ages are cut off where they no
# longer matter, so that a customer to whom nothing happens keeps its fingerprint from day to day.
# Each step is materialised, so that it is not computed again for each row of the next step.
_GATHER = f"""
WITH
-- Step 1: the customers of this batch
customer AS MATERIALIZED (
    SELECT p.id,
           stage.id AS stage_id,
           stage.sequence AS stage_sequence,
           p.success_segment_id AS segment_id,
           p.country_id,
           p.industry_id,
           {EXPECTED_DAYS} AS expected_days,
           -- Who went live stays live for the scores, also if it is moved back to an earlier stage.
           stage.phase <> 'before' OR COALESCE(p.success_go_live_first <= %(today)s, FALSE) AS is_live,
           p.success_stage_date AS stage_date,
           COALESCE(NULLIF(p.success_stage_percent, 0), 100) AS stage_percent,
           COALESCE(NULLIF(p.success_environment_percent, 0), 100) AS environment_percent,
           p.success_go_live_date AS go_live_date,
           p.success_go_live_first AS first_go_live_date,
           p.success_barriers_checked AS barriers_checked,
           p.success_barriers_asked AS barriers_asked,
           p.success_barriers_areas AS barriers_areas
      FROM res_partner p
      JOIN customer_success_stage stage ON stage.id = p.success_stage_id
 {JOIN_SEGMENT}
     WHERE p.id IN_SCOPE
       AND {FOLLOWED}
),
-- Step 2: the steps of the factors, then the products, the pending renewals and the use above licences
STEPS
-- Step 3: one row for each customer
fact AS MATERIALIZED (
    SELECT customer.id AS partner_id,
           customer.segment_id,
COLUMNS
      FROM customer
JOINS
),
marked AS MATERIALIZED (
    SELECT fact.*,
           md5(fact::text
               || COALESCE(%(versions)s::jsonb ->> segment_id::text, %(version)s)) AS fingerprint
      FROM fact
)
-- Step 4: only customers whose facts or rules differ from those of their last score
    SELECT marked.*,
           {", ".join(f"{sql} AS {name}" for name, sql in _STORED.items())}
      FROM marked
 LEFT JOIN customer_success_score score
        ON score.partner_id = marked.partner_id AND score.partner_id IN_SCOPE
     WHERE %(everything)s OR score.fingerprint IS DISTINCT FROM marked.fingerprint
  ORDER BY marked.partner_id
"""

# A contiguous range is read in one sweep of each index; looking up each of 5,000 ids takes a fifth longer.
IN_RANGE = "BETWEEN %(first)s AND %(last)s"
IN_LIST = "= ANY(%(ids)s)"


@cache
def statement(scope, gathered, former=False):
    """Return the text of the query for a scope, with the steps and columns of these factors.

    ``former`` takes the expected days of the rules by which the stored scores were computed.

    Raise ``ValueError`` if two factors define different steps, or facts, under the same name.

    >>> text = statement(IN_RANGE, tuple(FACTORS.values()))
    >>> text.count("plan AS MATERIALIZED"), "usage.licensed_users AS licensed_users" in text
    (1, True)
    >>> any(mark in text for mark in ("STEPS", "JOINS", "COLUMNS", "IN_SCOPE"))
    False
    """
    steps, columns = {}, dict.fromkeys(_OWN)
    for factor in gathered:
        for step in factor.steps:
            if steps.setdefault(step.name, step) != step:
                raise ValueError(f"factor {factor.code}: there is another step {step.name}")
        for name, sql in factor.columns.items():
            if name in columns:
                raise ValueError(f"factor {factor.code}: there is another fact {name}")
            columns[name] = sql
    steps |= {step.name: step for step in (*PRODUCT_STEPS, *RENEWAL_STEPS, *OVERUSE_STEPS)}
    columns |= PRODUCT_COLUMNS | RENEWAL_COLUMNS | OVERUSE_COLUMNS
    listed = [f"           {sql.strip()} AS {name}" for name, sql in columns.items() if sql]
    text = _GATHER.replace("STEPS", "\n".join(step.text() for step in steps.values()))
    text = text.replace("COLUMNS", ",\n".join(listed))
    text = text.replace("JOINS", "\n".join(filter(None, (s.join() for s in steps.values()))))
    if former:
        text = text.replace(JOIN_SEGMENT, JOIN_FORMER)
    return text.replace("IN_SCOPE", scope)


def quarters(today):
    """Return the first days of the periods that trends compare; they consist of whole months that are over.

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


def gather(cr, partner_ids, rules, today, contiguous=False, everything=False, former=False):
    """Return the facts of the customers whose facts or rules changed, as a list ordered by id.

    ``contiguous`` says that the ids are all customers from the first id to the last. ``everything``
    includes the customers whose facts and rules did not change. ``former`` returns today's facts by the expected
    days of the rules by which the stored scores were computed.
    """
    # Compiling this query takes longer than running it. Nested loops are off because every step is read
    # whole, once: without statistics, as after a first load, PostgreSQL expects a row or two in each step
    # and would compare all rows of a step with all rows of the next, which takes five times as long.
    cr.execute("SET LOCAL jit TO off; SET LOCAL enable_nestloop TO off")
    parameters = {
        "today": today,
        "fresh_days": rules.usage_fresh_days,
        "search_days": rules.search_fresh_days,
        "ramp_months": rules.ramp_months,
        **quarters(today),
        "adoption_target": rules.adoption_target,
        "version": rules.version(),
        "versions": json.dumps(rules.versions()),
        "everything": everything,
    }
    if contiguous:
        parameters |= {"first": min(partner_ids), "last": max(partner_ids)}
    else:
        parameters["ids"] = list(partner_ids)
    counted = {code for some in (rules, *rules.segments.values()) for code in some.weights}
    gathered = tuple(
        factor for code, factor in FACTORS.items() if code in ALWAYS or code in counted
    )
    cr.execute(statement(IN_RANGE if contiguous else IN_LIST, gathered, former), parameters)
    names = [column.name for column in cr.description]
    facts = [Facts._of(dict(zip(names, row))) for row in cr.fetchall()]
    cr.execute("SET LOCAL enable_nestloop TO DEFAULT")
    return facts
