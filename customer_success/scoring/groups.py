"""Groups of companies: their paths in the database, and what the customers of a group say together.

A company with a company above it keeps the path from the topmost one down to itself, as ``"12/40/57/"``: the ids of the
companies, whoever of them is a customer. Companies without a parent have none, so most customers are not touched. What a
group amounts to is never kept: it is computed from the customers whom the reader may see.
"""

from typing import NamedTuple

from .health import mean_health, shares_by_value

MAX_LEVELS = (
    100  # ends the walk if records form a circle, which Odoo refuses, but a script may write
)

# Write the paths of these companies and of all below them. People have none, but companies may stand below them.
WRITE_PATHS = f"""
WITH RECURSIVE below (id) AS (
    SELECT id
      FROM res_partner
     WHERE id = ANY(%(ids)s)
     UNION
    SELECT child.id
      FROM below
      JOIN res_partner child ON child.parent_id = below.id
), above (id, company_id, level) AS (
    SELECT company.id, parent.commercial_partner_id, 1
      FROM below
      JOIN res_partner company ON company.id = below.id AND company.commercial_partner_id = company.id
      JOIN res_partner parent ON parent.id = company.parent_id
     UNION ALL
    SELECT above.id, parent.commercial_partner_id, above.level + 1
      FROM above
      JOIN res_partner company ON company.id = above.company_id
      JOIN res_partner parent ON parent.id = company.parent_id
     WHERE above.level < {MAX_LEVELS}
), path (id, path) AS (
    SELECT id, string_agg(company_id || '/', '' ORDER BY level DESC) || id || '/'
      FROM above
  GROUP BY id
)
UPDATE res_partner p
   SET success_group_path = path.path
  FROM below
  LEFT JOIN path ON path.id = below.id
 WHERE p.id = below.id
   AND p.success_group_path IS DISTINCT FROM path.path
"""

# The ids of the companies below others; parameters are the bounds of their paths, see :func:`bounds`.
BELOW = """
SELECT below.id
  FROM unnest(%(first)s::text[], %(stop)s::text[]) head (first, stop)
  JOIN res_partner below
    ON below.success_group_path ~>=~ head.first AND below.success_group_path ~<~ head.stop
"""

# ``id`` and ``top_id`` of the customers in groups of more than one; ``subsidiaries`` is SQL of the ids and paths of those
# that have a company above, ``customers`` of the ids of all that the reader may see.
TOPS = """
WITH above AS (
    SELECT DISTINCT ON (own.id) own.id, step.id::int AS top_id
      FROM (%(subsidiaries)s) own (id, path)
CROSS JOIN LATERAL unnest(string_to_array(rtrim(own.path, '/'), '/')) WITH ORDINALITY step (id, level)
     WHERE step.id::int IN (%(customers)s)
  ORDER BY own.id, step.level
)
SELECT id, top_id FROM above WHERE top_id <> id
 UNION
SELECT top_id, top_id FROM above WHERE top_id <> id
"""


def prefix(id_, path):
    """Return the beginning of the paths of all companies below one, its own path or its id.

    >>> prefix(12, None), prefix(40, "12/40/")
    ('12/', '12/40/')
    """
    return path or f"{id_}/"


def bounds(id_, path):
    """Return the first path below a company, and the first one after all of them.

    >>> first, stop = bounds(4, None)
    >>> [first <= path < stop for path in ("4/40/", "4/40/57/", "40/57/", "5/7/")]
    [True, True, False, False]
    """
    first = prefix(id_, path)
    return first, first[:-1] + "0"  # the character after the slash


def companies(id_, path):
    """Return the ids on the way from the topmost company down to this one.

    >>> companies(57, "12/40/57/"), companies(12, False)
    ([12, 40, 57], [12])
    """
    return [int(step) for step in path.split("/")[:-1]] if path else [id_]


def nearest(id_, path, shown):
    """Return the id of the nearest company above that is among those ``shown``, or ``None``.

    >>> nearest(57, "12/40/57/", {12, 57}), nearest(57, "12/40/57/", {57})
    (12, None)
    """
    return next((step for step in reversed(companies(id_, path)[:-1]) if step in shown), None)


class Member(NamedTuple):
    """One customer of a group; ``None`` is unknown. ``value`` is what it pays in a year, ``at_risk`` its value at risk."""

    id: int
    health: float = None
    confidence: float = None
    risk: float = None
    at_risk: float = None
    value: float = None

    @property
    def points(self):
        return {"health": self.health}


class Together(NamedTuple):
    """The figures of a group of customers; ``None`` is unknown."""

    health: float = None
    confidence: float = None
    worst_id: int = None
    risk: float = None
    riskiest_id: int = None
    at_risk: float = None


def together(members):
    """Return what these customers say, :class:`Together`: health weighted by value, the worst, and the highest risk.

    The mean is that of the products of a customer. Where nothing is known nothing is said. A customer without a known
    health is left out of the mean; the value at risk is the sum of those that are known.

    >>> head = Member(1, 90.0, 100.0, 10.0, 500.0, 900.0)
    >>> together([head, Member(2, 30.0, 50.0, 60.0, 200.0, 300.0)])
    Together(health=75.0, confidence=87.5, worst_id=2, risk=60.0, riskiest_id=2, at_risk=700.0)
    >>> together([head, Member(2)])
    Together(health=90.0, confidence=50.0, worst_id=1, risk=10.0, riskiest_id=1, at_risk=500.0)
    >>> together([])
    Together(health=None, confidence=None, worst_id=None, risk=None, riskiest_id=None, at_risk=None)
    """
    if not members:
        return Together()
    values = {member.id: member.value for member in members if member.value}
    shares = shares_by_value([member.id for member in members], values)
    health, confidence, _points = mean_health(
        [(shares[each.id], each._replace(confidence=each.confidence or 0.0)) for each in members]
    )
    # Of several alike the one that is worth most is named.
    by_weight = sorted(members, key=lambda member: (-shares[member.id], member.id))
    judged = [member for member in by_weight if member.health is not None]
    worst = min(judged, key=lambda member: member.health, default=None)
    at_stake = [member for member in by_weight if member.risk is not None]
    riskiest = max(at_stake, key=lambda member: member.risk, default=None)
    amounts = [member.at_risk for member in members if member.at_risk is not None]
    return Together(
        health,
        confidence,
        worst and worst.id,
        riskiest and riskiest.risk,
        riskiest and riskiest.id,
        sum(amounts) if amounts else None,
    )
