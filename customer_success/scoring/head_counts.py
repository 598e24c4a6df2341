"""The use of a customer in one row, and the numbers of users that say something."""

from typing import NamedTuple

from .factor import Step
from .how_used import HOW_KNOWN_SQL
from .use import DEGREES

# What was measured and intended of a degree, the figure of the step that people chose, if it is the only one known, the
# weeks for which it has been silent, and the day to tell; see `PARTS`.
_PARTS = """ARRAY[avg({name}_measured),
                  COALESCE(avg({name}_intended) FILTER (WHERE {name}_measured IS NOT NULL), avg({name}_intended)),
                  CASE WHEN count({name}_said) = count({name}_measured)
                        AND min({name}_said) = max({name}_said) THEN min({name}_said) END,
                  max({name}_weeks), min({name}_since)]"""

# Sums include the products whose licensed and active users are both known. The target is the share of licensed
# users that should be active, in %. Degrees are in % of the intended use.
USAGE = Step(
    "usage",
    f"""
    SELECT partner_id,
           sum(licensed_users) FILTER (WHERE active_users IS NOT NULL)::float8 AS licensed_users,
           sum(active_users) FILTER (WHERE licensed_users IS NOT NULL)::float8 AS active_users,
           (sum(licensed_users * adoption_target) FILTER (WHERE active_users IS NOT NULL)
            / NULLIF(sum(licensed_users) FILTER (WHERE active_users IS NOT NULL), 0)
           )::float8 AS adoption_target,
           -- the part of them whose work cannot be done without the product
           sum(licensed_users) FILTER (WHERE is_forced AND active_users IS NOT NULL)::float8 AS forced_licensed,
           sum(active_users) FILTER (WHERE is_forced AND licensed_users IS NOT NULL)::float8 AS forced_active,
           (sum(licensed_users * adoption_target) FILTER (WHERE is_forced AND active_users IS NOT NULL)
            / NULLIF(sum(licensed_users) FILTER (WHERE is_forced AND active_users IS NOT NULL), 0)
           )::float8 AS forced_target,
           sum(coming_licences) FILTER (WHERE is_forced AND active_users IS NOT NULL)::float8 AS forced_coming,
           min(season)::float8 AS season,
           sum(coming_licences) FILTER (WHERE active_users IS NOT NULL)::float8 AS coming_licences,
           avg(as_intended_last)::float8 AS as_intended,
           avg(timely_last)::float8 AS timely,
           avg(quality_last)::float8 AS quality,
           avg(frequency_last)::float8 AS frequency,
           avg(in_place_last)::float8 AS in_place,
           avg(accuracy_last)::float8 AS accuracy,
           {HOW_KNOWN_SQL} AS how_known,
           COALESCE(sum(licensed_users) FILTER (WHERE silent_weeks IS NOT NULL) / NULLIF(sum(licensed_users), 0),
                    avg((silent_weeks IS NOT NULL)::int))::float8 AS silent_share,
           max(silent_weeks)::float8 AS silent_weeks,
           min(silent_since)::float8 AS silent_since,
           min(paused_since)::float8 AS paused_since,
           min(licensed_since) FILTER (WHERE active_users IS NOT NULL)::float8 AS licensed_since,
           ARRAY[{", ".join(_PARTS.format(name=name) for name in DEGREES)}]::float8[] AS degrees
      FROM product
  GROUP BY partner_id
""",
)


def _ramped(target, facts, rules):
    """Return a target, in %, in this month after go-live."""
    return target * facts.ramp_month / rules.ramp_months if facts.ramp_month else target


# The trace that is left for those who use it beyond the target: it is all that was agreed, but more use is never worth nothing.
BEYOND = 0.04


class HeadCounts(NamedTuple):
    """The numbers of users that say something; ``coming`` licences are so new that nobody expects their use yet.

    >>> round(HeadCounts(200, 95, 80.0, 83).adoption, 1), HeadCounts(10, 0, 80.0, 10).adoption
    (81.2, 100.0)
    """

    licensed: float
    active: float
    target: float
    coming: float

    @property
    def adoption(self):
        """The active users in % of the licences whose use is expected, at most 100."""
        expected = self.licensed - self.coming
        return min(100.0, 100.0 * self.active / expected) if expected > 0 else 100.0

    @property
    def of_target(self):
        """The adoption as a share of its target, at most 1."""
        return min(1.0, self.adoption / self.target) if self.target else 1.0

    @property
    def reached(self):
        """The value of the adoption, 0 to 100: all but a trace at the target, and all if everybody uses it.

        >>> [round(HeadCounts(100, active, 80.0, 0).reached, 2) for active in (40, 80, 90, 100)]
        [49.98, 99.96, 99.98, 100.0]
        >>> HeadCounts(100, 0, 0.0, 0).reached, HeadCounts(100, 99, 100.0, 0).reached
        (100.0, 99.0)
        """
        beyond = min(BEYOND, self.target / 4, max(0.0, 100.0 - self.target) / 4)
        if self.adoption < self.target:
            return (100.0 - beyond) * self.of_target
        if self.target >= 100.0:
            return 100.0
        return 100.0 - beyond * (100.0 - self.adoption) / (100.0 - self.target)


def head_counts(facts, rules):
    """Return the :class:`HeadCounts` of the products whose head counts say something; ``None`` if none does.

    Where work cannot be done without a product, reaching the target says nothing. Missing it contradicts that, so
    it counts, as does silence: leaving something out never raises the value. A target of 0 is one: in a season in
    which nobody ever works, nobody is missed.

    >>> from .facts import Facts
    >>> from .rules import Rules
    >>> rules = Rules({}, {}, adoption_target=80.0)
    >>> facts = Facts(1, licensed_users=100, active_users=95, forced_licensed=60, forced_active=60, forced_target=80)
    >>> head_counts(facts, rules)
    HeadCounts(licensed=40, active=35, target=80.0, coming=0)
    >>> head_counts(facts.replaced(forced_active=30, active_users=65), rules)
    HeadCounts(licensed=100, active=65, target=80.0, coming=0)
    >>> head_counts(facts.replaced(licensed_users=60, active_users=60), rules)
    >>> head_counts(Facts(1, licensed_users=100, active_users=0, adoption_target=0), rules).reached
    100.0
    """
    if not facts.licensed_users or facts.active_users is None:
        return None
    licensed, active = facts.licensed_users, facts.active_users
    target = rules.adoption_target if facts.adoption_target is None else facts.adoption_target
    coming = facts.coming_licences or 0
    if says_nothing(facts, rules):
        rest = licensed - facts.forced_licensed
        if rest <= 0:
            return None
        target = (target * licensed - facts.forced_target * facts.forced_licensed) / rest
        licensed, active = rest, active - facts.forced_active
        coming = min(rest, coming - (facts.forced_coming or 0))
    return HeadCounts(licensed, active, _ramped(target, facts, rules), coming)


def says_nothing(facts, rules):
    """Return whether work cannot be done without some products, and their head counts reach the target."""
    if not facts.forced_licensed or facts.silent_share:
        return False
    reached = 100.0 * facts.forced_active / facts.forced_licensed
    return reached >= _ramped(facts.forced_target, facts, rules)
