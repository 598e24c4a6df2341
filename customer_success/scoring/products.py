"""The products of a customer: the same formulas run over each, and together they make the customer's score."""

from typing import NamedTuple

from .factor import FACTORS, Step
from .health import health, mean_health, shares_by_value
from .renewal import Renewal
from .successors import join_line, read_as
from .use import DEGREES
from .usual import USUAL_QUARTER


class Product(NamedTuple):
    """The known use of one product, as numbers; ``None`` is unknown.

    ``is_used`` says that use is known, else the product is only named by a renewal. ``silent_since`` is the day, see
    :data:`~.counted.DAY_ZERO`, of a number of users that is silent, ``licensed_since`` that of licences, ``paused_since`` that of
    one that comes at no such time of the year. The degrees come
    as measured, intended, said by people, and with their own weeks and day of silence.
    ``others`` are the ids of the customer's other products that are judged: what names one of them does not concern
    this one.
    """

    id: int
    is_used: int = 1
    licensed: float = None
    active: float = None
    target: float = None
    forced: int = 0
    coming: float = None
    season: float = None
    silent_weeks: int = None
    silent_since: int = None
    licensed_since: int = None
    active_quarter: float = None
    active_before: float = None
    active_usual: float = None
    active_this_year: float = None
    active_last_year: float = None
    paused_since: int = None
    degrees: tuple = ()
    others: frozenset = frozenset()


_FIGURES = {
    "id": "named.product_id",
    "is_used": "(product.product_id IS NOT NULL)::int",
    "licensed": "product.licensed_users",
    "active": "product.active_users",
    "target": "product.adoption_target",
    "forced": "product.is_forced::int",
    "coming": "product.coming_licences",
    "season": "product.season",
    "silent_weeks": "product.silent_weeks",
    "silent_since": "product.silent_since",
    "licensed_since": "product.licensed_since",
    "active_quarter": "quarter.latest",
    "active_before": "quarter.before",
    "active_usual": USUAL_QUARTER,
    "active_this_year": "CASE WHEN quarter.year_ago IS NOT NULL THEN quarter.latest END",
    "active_last_year": "quarter.year_ago",
    "paused_since": "product.paused_since",
    # Arrays have no arrays in them: the parts of the degrees are the rest of the row.
    "degrees": ", ".join(
        f"product.{name}_measured, product.{name}_intended, product.{name}_said, product.{name}_weeks, "
        f"product.{name}_since"
        for name in DEGREES
    ),
}
PLAIN = len(_FIGURES) - 1
USED = Product._fields.index("is_used")
_ROW = f"ARRAY[{', '.join(_FIGURES.values())}]"
# These steps read the steps of the factors use and trend, which are always gathered.
PRODUCT_STEPS = (
    Step(
        "by_product",
        f"""
    SELECT named.partner_id,
           min(named.product_id) AS only_id,
           -- The one product of a customer has the figures of the customer.
           CASE WHEN count(*) > 1
                THEN array_agg({_ROW}::float8[] ORDER BY named.product_id) END AS figures
      FROM (SELECT partner_id, product_id FROM product
             UNION
            SELECT r.partner_id, {read_as("r")}
              FROM customer_success_renewal r
 {join_line("r")}
             WHERE r.partner_id IN_SCOPE
               AND r.product_id IS NOT NULL
               AND r.outcome = 'pending'
               AND r.active) named
 LEFT JOIN product ON product.partner_id = named.partner_id AND product.product_id = named.product_id
 LEFT JOIN quarter ON quarter.partner_id = named.partner_id AND quarter.product_id = named.product_id
  GROUP BY named.partner_id
""",
    ),
)
PRODUCT_COLUMNS = {
    "only_product": "by_product.only_id",
    "products": "by_product.figures",  # of customers with several products; see Product
}


class Judged(NamedTuple):
    """The factors of a customer, or of one of its products, and the health that they make."""

    product_id: int
    facts: object
    values: dict  # by code of the factor; None is unknown
    evidence: dict
    reaches: dict
    health: float  # also if too little is known to show it
    confidence: float
    points: dict


def products(facts):
    """Return the products that are judged each by itself, as :class:`Product`.

    A renewal may name a product in other words than its use does. So a product without use counts only if
    the use of each other product belongs to a renewal of its own; else its renewal reads the whole customer's use.

    >>> from .facts import Facts
    >>> used, sold = [7, 1, *[None] * 45], [9, 0, *[None] * 45]
    >>> def renewal(product_id):
    ...     return [5, *[None] * 12, product_id]
    >>> [len(products(Facts(1, products=[used, sold], renewals=renewals)))
    ...  for renewals in ([renewal(9)], [renewal(7), renewal(9)])]
    [1, 2]
    """
    rows = facts.products or ()
    if len(rows) < 2:
        return [_product(row, frozenset()) for row in rows]
    named = {Renewal(*row).product_id for row in facts.renewals or ()}
    if any(row[USED] and row[0] not in named for row in rows):
        rows = [row for row in rows if row[USED]]
    judged = frozenset(row[0] for row in rows)
    return [_product(row, judged - {row[0]}) for row in rows]


def _product(row, others):
    return Product(*row[:PLAIN], degrees=tuple(row[PLAIN:]), others=others)


def by_product(rules):
    """Return the codes of the factors that are judged for each product of a customer by itself."""
    return {code for code in rules.weights if FACTORS[code].narrow}


def narrowed(facts, product):
    """Return the facts about one product; what concerns the whole customer stays.

    >>> from .facts import Facts
    >>> facts = Facts(1, licensed_users=200, active_users=98, plan_complete=50.0)
    >>> one = narrowed(facts, Product(7, licensed=100, active=3, target=80.0))
    >>> one.licensed_users, one.active_users, one.plan_complete
    (100, 3, 50.0)
    """
    changes = {}
    for factor in FACTORS.values():
        if factor.narrow:
            changes |= factor.narrow(facts, product)
    return facts.changed(changes)


def shares(facts, judged):
    """Return the share of each product in the customer, which add up to 1, by id: those of the annual values.

    Each contract of a product counts with one term, the one that ends next, so that later terms give it no more weight. A
    product whose value is unknown counts like the mean of the others; without any value all count alike.

    >>> from .facts import Facts
    >>> rows = [[1, True, 900.0, 3, *[None] * 9, 7], [2, True, 300.0, 3, *[None] * 9, 8]]
    >>> shares(Facts(1, renewals=rows), [7, 8])
    {7: 0.75, 8: 0.25}
    >>> shares(Facts(1, renewals=[*rows, [3, False, 90000.0, 3, *[None] * 9, 7]]), [7, 8])
    {7: 0.75, 8: 0.25}
    >>> apart = [[4, True, 300.0, 3, *[None] * 9, 8, None, None, None, 99], *rows]  # another contract
    >>> shares(Facts(1, renewals=apart), [7, 8])
    {7: 0.6, 8: 0.4}
    >>> shares(Facts(1, renewals=rows[:1]), [7, 8]), shares(Facts(1), [7, 8])
    ({7: 0.5, 8: 0.5}, {7: 0.5, 8: 0.5})
    """
    values, currencies, seen = {}, set(), set()
    for renewal in (Renewal(*row) for row in facts.renewals or ()):
        # They come by the day on which they end.
        contract = renewal.product_id, renewal.contract
        if renewal.product_id in judged and contract not in seen and renewal.value:
            seen.add(contract)
            values[renewal.product_id] = values.get(renewal.product_id, 0.0) + renewal.value
            currencies.add(renewal.currency_id)
    # What is in several currencies cannot be compared.
    return shares_by_value(judged, values if len(currencies) < 2 else {})


def judge(facts, rules, codes, usual=None, with_health=True):
    """Return these facts :class:`Judged` by the factors with these codes, and by the others as ``usual`` is.

    ``with_health`` is off for facts that are only a part of what makes a health score.
    """
    values, evidence, reaches = {}, {}, {}
    for code in rules.weights:
        if code in codes:
            factor = FACTORS[code]
            values[code], evidence[code] = factor.value(facts, rules)
            if factor.reach and values[code] is not None:
                reaches[code] = factor.reach(facts, rules, values[code])
        elif usual:
            _take(code, usual, values, evidence, reaches)
    done = health(values, rules.weights, reaches) if with_health else (None, 0.0, {})
    return Judged(None, facts, values, evidence, reaches, *done)


def _take(code, judged, values, evidence, reaches):
    """Take over a factor that concerns the whole customer."""
    values[code], evidence[code] = judged.values[code], judged.evidence[code]
    if code in judged.reaches:
        reaches[code] = judged.reaches[code]


def united(whole, parts, by_id, rules):
    """Return the customer that these products make: the mean of their health by their shares."""
    values, evidence, reaches = {}, {}, {}
    for code in rules.weights:
        if not FACTORS[code].narrow:
            _take(code, whole, values, evidence, reaches)
            continue
        known = [part for part in parts if part.values[code] is not None]
        reach = {
            part.product_id: by_id[part.product_id] * part.reaches.get(code, 1.0) for part in known
        }
        reaches[code] = round(sum(reach.values()), 9)
        values[code] = evidence[code] = None
        if known:
            # A factor of which little is known for all products has a value too, which weighs nothing.
            weights = reach if reaches[code] else {part.product_id: 1.0 for part in known}
            values[code] = sum(
                weights[part.product_id] * part.values[code] for part in known
            ) / sum(weights.values())
            evidence[code] = {
                "products": [[part.product_id, round(part.values[code], 1)] for part in known]
            }
    return Judged(
        None,
        whole.facts,
        values,
        evidence,
        reaches,
        *mean_health([(by_id[part.product_id], part) for part in parts]),
    )


def judgements(renewals, whole, parts, rules):
    """Return the judgement that the renewals of each product read, by its id; others read the whole customer.

    A renewal whose product is not judged names in other words what is used: it reads the products that no renewal names.
    """
    if len(parts) < 2:
        return {}
    found = {part.product_id: part for part in parts}
    named = {renewal.product_id for renewal in renewals}
    unnamed = [part for part in parts if part.product_id not in named]
    if unnamed and len(unnamed) < len(parts):
        alike = dict.fromkeys((part.product_id for part in unnamed), 1 / len(unnamed))
        rest = united(whole, unnamed, alike, rules)
        found |= dict.fromkeys(named - found.keys() - {None}, rest)
    return found
