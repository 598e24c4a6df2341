"""The factor use: the adoption rate and the six degrees of use."""

from math import ceil

from ..counted import say_day
from ..ends import less
from ..factor import BOTH, LARGE, SMALL, UNKNOWN, Factor, Lever, register
from ..head_counts import USAGE, head_counts, says_nothing
from ..how_used import (
    ADOPTION_WEIGHT,
    PARTS,
    assessed,
    degree_parts,
    in_percent,
    known_degrees,
    known_share,
    say_assessed,
    say_degree,
    say_missing,
    say_silence,
    silent_weeks,
)
from ..products import Product, narrowed, products
from ..risk import NEUTRAL
from ..rules import round_tenth
from ..stages import STAY
from ..use import DEGREES, FADE_WEEKS, USE_STEPS

# Silence by itself costs a few points, so that losing the figures is never the better choice.
SILENCE_COST = 5.0
# The place of the active users in the row of a product.
ACTIVE = Product._fields.index("active")


def faded(result, facts):
    """Return a value of the number of users after silence: a good one falls to the neutral value, a bad one stays.

    >>> from ..facts import Facts
    >>> [faded(90.0, Facts(1, silent_share=1.0, silent_weeks=weeks)) for weeks in (0, 13, 26)]
    [90.0, 75.0, 60.0]
    >>> faded(12.0, Facts(1, silent_share=1.0, silent_weeks=26)), faded(90.0, Facts(1))
    (12.0, 90.0)
    """
    return _faded(result, facts.silent_weeks or 0, facts.silent_share or 0)


def _faded(result, weeks, share=1):
    """Return a value after these weeks of silence of this share of it."""
    if not share or result <= NEUTRAL:
        return result
    return result - share * (result - NEUTRAL) * min(weeks, FADE_WEEKS) / FADE_WEEKS


def value(facts, rules):
    """Return the mean of the adoption rate, in % of its target, and of the known degrees; and the evidence.

    A figure that is silent counts as it was last, see :func:`faded`, and costs a little. After go-live the target rises from month to month, so that a customer that has just started is not
    judged as poor. Before go-live it is that of the first month, so that going live never lowers the target.

    >>> from ..facts import Facts
    >>> from ..rules import Rules
    >>> rules = Rules({}, {}, adoption_target=80.0)
    >>> value(Facts(1, licensed_users=100, active_users=40, as_intended=80), rules)
    (57.485, {'adoption': 40.0, 'target': 80.0, 'active': 40, 'licensed': 100, 'as_intended': 80})
    >>> value(Facts(1, licensed_users=100, active_users=20, ramp_month=2), rules)[1]
    {'adoption': 20.0, 'target': 26.7, 'active': 20, 'licensed': 100, 'ramp_month': 2, 'ramp_months': 6}
    >>> value(Facts(1, quality=70), rules)
    (70.0, {'quality': 70})
    >>> value(Facts(1, quality=100, degrees=[[None, None]] * 2 + [[45, 45]] + [[None, None]] * 3), rules)
    (100.0, {'quality': 100, 'intended': {'quality': [45.0, 45.0]}})
    >>> value(Facts(1, timely=70, degrees=[[None] * 3, [70, 100, 70]] + [[None] * 3] * 4), rules)
    (70.0, {'timely': 70, 'steps': {'timely': 70}})
    >>> value(Facts(1), rules)
    (None, None)
    """
    counted = head_counts(facts, rules)
    result = _judged(facts, counted)
    if result is None:
        return UNKNOWN
    evidence = {}
    if counted:
        licensed, active, target, _coming = counted
        evidence = {
            # what is, also if more people use it than have a licence; the formula counts up to 100
            "adoption": round_tenth(100.0 * active / licensed),
            "target": round_tenth(target),
            "active": active,
            "licensed": licensed,
        }
        if facts.ramp_month:
            evidence["ramp_month"] = facts.ramp_month
            evidence["ramp_months"] = rules.ramp_months
        if facts.season is not None:
            evidence["season"] = round_tenth(100.0 * facts.season)
        if facts.paused_since is not None:
            evidence["paused_since"] = facts.paused_since
        if facts.licensed_since is not None and not facts.silent_share:
            evidence["licensed_since"] = facts.licensed_since
        if counted.coming:
            evidence["coming"] = int(counted.coming)
    if facts.forced_licensed:
        evidence["forced_active"] = facts.forced_active
        evidence["forced_licensed"] = facts.forced_licensed
        evidence["forced_counts"] = int(not says_nothing(facts, rules))
    evidence |= {degree: getattr(facts, degree) for degree in known_degrees(facts)}
    evidence |= degree_parts(facts)
    if facts.silent_share:
        evidence["silent_since"] = facts.silent_since
        evidence["silent_share"] = round_tenth(100.0 * facts.silent_share)
    return result, evidence


def _judged(facts, counted):
    """Return the value by these :class:`HeadCounts` and the known degrees; ``None`` if nothing is known.

    Each figure is silent by itself: one that stopped is not forgotten because others go on.

    >>> from ..facts import Facts
    >>> silent = [[None] * 5] * 2 + [[10, 100, 10, 26, 9000]] + [[None] * 5] * 3
    >>> facts = Facts(1, timely=90, quality=10, degrees=silent)
    >>> _judged(facts, None), _judged(facts.replaced(degrees=None), None), _judged(facts.replaced(quality=None), None)
    (47.5, 50.0, 90.0)
    """
    total = weight = cost = 0.0
    if counted:
        total = ADOPTION_WEIGHT * faded(counted.reached, facts)
        weight = ADOPTION_WEIGHT
        cost = ADOPTION_WEIGHT * SILENCE_COST * (facts.silent_share or 0)
    silent = silent_weeks(facts)
    for degree in known_degrees(facts):
        result = getattr(facts, degree)
        if degree in silent:
            result = _faded(result, silent[degree])
            cost += SILENCE_COST
        total += result
        weight += 1
    if not weight:
        return None
    return less(total / weight, cost / weight)


def reach(facts, rules, result):
    """Return how much of its weight the factor deserves, so that it earns at most the share of its points that is known.

    A head count alone earns a third: that people log in does not say how they use it. That they do not log in says
    enough, so a value that is not more than what is known counts whole. More of what is good, and another degree
    that is as good as the rest, never lower the health score.

    >>> from ..facts import Facts
    >>> from ..rules import Rules
    >>> rules = Rules({}, {}, adoption_target=80.0)
    >>> everything = dict.fromkeys(DEGREES, 80)
    >>> def share(**known):
    ...     facts = Facts(1, **known)
    ...     return round_tenth(100 * reach(facts, rules, value(facts, rules)[0]))
    >>> [share(licensed_users=100, active_users=n) for n in (95, 80, 40, 12)]
    [33.3, 33.3, 66.7, 100.0]
    >>> share(licensed_users=100, active_users=95, **everything), share(**everything)
    (100.0, 100.0)
    >>> share(licensed_users=100, active_users=95, timely=100)
    44.4
    """
    known = known_share(facts, head_counts(facts, rules) is not None)
    return 1.0 if result <= 100.0 * known else 100.0 * known / result


def words(env, evidence):
    """Return the adoption rate, the month of the rising target, the known degrees and a silence, as text."""
    said, last = say_silence(env, evidence)
    if evidence.has("active", "licensed", "adoption", "target"):
        said.append(
            env._(
                "%(active)d of %(licensed)d licensed users are active (%(adoption)d %%, "
                "target %(target)d %%)",
                active=evidence["active"],
                licensed=evidence["licensed"],
                adoption=evidence["adoption"],
                target=evidence["target"],
            )
        )
    if evidence.has("paused_since"):
        said.append(
            env._(
                "Nothing comes at this time of every year: these are the figures of the period from %s",
                say_day(env, evidence["paused_since"]),
            )
        )
    if evidence.has("licensed_since"):
        said.append(
            env._(
                "The number of licences is that of the period from %s",
                say_day(env, evidence["licensed_since"]),
            )
        )
    if evidence.has("forced_active", "forced_licensed", "forced_counts"):
        people = {
            "active": evidence["forced_active"],
            "licensed": evidence["forced_licensed"],
        }
        said.append(
            env._(
                "Work is said to be impossible without the product, yet only %(active)d of %(licensed)d use it, which "
                "counts",
                **people,
            )
            if evidence["forced_counts"]
            else env._(
                "Work cannot be done without the product: that %(active)d of %(licensed)d use it says nothing and is "
                "left out",
                **people,
            )
        )
    if evidence.has("ramp_month", "ramp_months"):
        said.append(
            env._(
                "Month %(month)d of the %(months)d months after go-live in which the target rises",
                month=evidence["ramp_month"],
                months=evidence["ramp_months"],
            )
        )
    if evidence.has("season"):
        said.append(
            env._(
                "As every year at this time, when %.0f %% of the use of busy months is usual: compared with earlier years",
                evidence["season"],
            )
        )
    if evidence.has("coming"):
        said.append(
            env._(
                "%d of the licences are so new that their use is expected later", evidence["coming"]
            )
        )
    said += [_say_degree(env, evidence, code, last) for code in DEGREES if evidence.has(code)]
    if missing := say_missing(env, evidence):
        said.append(missing)
    return " · ".join(said)


def _say_degree(env, evidence, code, last):
    """Return a degree as text, and since when nothing new came of it, unless this is the day that was named before."""
    label = env["customer.success.usage"]._fields[code]._description_string(env)
    figure = say_degree(env, evidence, code)
    stopped = evidence.get("stopped")
    day = stopped.get(code) if isinstance(stopped, dict) else None
    if day is not None and day != last:
        return env._(
            "%(degree)s: %(figure)s, nothing new since the period from %(day)s",
            degree=label,
            figure=figure,
            day=say_day(env, day),
        )
    return env._("%(degree)s: %(figure)s", degree=label, figure=figure)


def narrow(facts, product):
    """Return the facts of this factor for one product alone.

    >>> from ..facts import Facts
    >>> from ..products import Product
    >>> one = narrow(Facts(1), Product(7, licensed=100, active=3, target=80, degrees=(45, 90, *[None] * 28)))
    >>> one["licensed_users"], one["as_intended"], one["timely"], one["degrees"][0]
    (100, 50.0, None, [45, 90, None, None, None])
    """
    counted = product.licensed is not None and product.active is not None
    licensed, active, target, coming = (
        (product.licensed, product.active, product.target, product.coming or None)
        if counted
        else (None,) * 4
    )
    forced = counted and product.forced
    parts = [list(product.degrees[n : n + PARTS]) for n in range(0, len(product.degrees), PARTS)]
    is_silent = product.silent_weeks is not None
    return {
        "licensed_users": licensed,
        "active_users": active,
        "adoption_target": target,
        "forced_licensed": licensed if forced else None,
        "forced_active": active if forced else None,
        "forced_target": target if forced else None,
        "forced_coming": coming if forced else None,
        "season": product.season,
        "coming_licences": coming,
        "silent_share": 1.0 if is_silent else None,
        "silent_weeks": product.silent_weeks,
        "silent_since": product.silent_since,
        "paused_since": product.paused_since if counted else None,
        "licensed_since": product.licensed_since if counted else None,
        # A product without use, such as a contract of support, has nothing to ask about.
        "how_known": float(
            not product.is_used or any(part[0] is not None and part[3] is None for part in parts)
        ),
        "degrees": parts,
        **{
            degree: in_percent(measured, intended)
            for degree, (measured, intended, *_rest) in zip(DEGREES, parts)
        },
    }


def _adopted(facts, rules):
    """Yield the number of active users missing to the target, by product, and the facts with them.

    The subject is a number, or ``[product, number]`` at a customer with several products.
    """
    for product in products(facts):
        missing = _missing(narrowed(facts, product), rules)
        if missing:
            more = [
                [*row[:ACTIVE], row[ACTIVE] + missing, *row[ACTIVE + 1 :]]
                if row[0] == product.id
                else row
                for row in facts.products
            ]
            total = (facts.active_users or 0) + missing
            yield [int(product.id), missing], facts.replaced(products=more, active_users=total)
    if not facts.products:
        missing = _missing(facts, rules)
        if missing:
            yield missing, facts.replaced(active_users=facts.active_users + missing)


def _missing(facts, rules):
    """Return how many more users the target asks for, after the ramp; 0 if it is not known how many there are today."""
    if facts.silent_share:
        return 0
    counted = head_counts(facts.replaced(ramp_month=None), rules)
    if not counted:
        return 0
    licensed, active, target, coming = counted
    return max(0, int(ceil((licensed - coming) * target / 100) - active))


def _say_adopted(env, subject):
    if isinstance(subject, list):
        product, number = subject
        catalogue = env["product.product"].sudo().with_context(display_default_code=False)
        name = catalogue.browse(product).display_name
        if number == 1:
            return env._("Get one more person to use %s", name)
        return env._("Get %(number)d more people to use %(product)s", number=number, product=name)
    if subject == 1:
        return env._("Get one more person to use the product")
    return env._("Get %d more people to use the product", subject)


USE = register(
    Factor(
        "use",
        value=value,
        narrow=narrow,
        reach=reach,
        words=words,
        steps=(STAY, *USE_STEPS, USAGE),
        columns={
            "licensed_users": "usage.licensed_users",
            "active_users": "usage.active_users",
            "adoption_target": "usage.adoption_target",
            # those whose work cannot be done without the product
            "forced_licensed": "usage.forced_licensed",
            "forced_active": "usage.forced_active",
            "forced_target": "usage.forced_target",
            "forced_coming": "NULLIF(usage.forced_coming, 0)",
            "season": "usage.season",  # the share of the use of busy months that is usual in this month, if it is low
            "coming_licences": "NULLIF(usage.coming_licences, 0)",  # so new that nobody expects their use
            # The month since go-live, as long as use is still ramping up, and 1 before go-live. It runs from the
            # earliest of the dates that are known, so that it does not begin anew when the date is moved.
            "ramp_month": """
                CASE WHEN NOT customer.is_live THEN 1
                     WHEN customer.go_live_date <= %(today)s
                      AND LEAST(customer.go_live_date, customer.first_go_live_date, stay.live_since)
                          > %(today)s - 30 * %(ramp_months)s
                     THEN (%(today)s - LEAST(customer.go_live_date, customer.first_go_live_date,
                                             stay.live_since)) / 30 + 1 END""",
            # the share of the licences whose number of users is silent, for how many weeks, and the day of its last period
            "silent_share": "NULLIF(usage.silent_share, 0)",
            "silent_weeks": "usage.silent_weeks",
            "silent_since": "usage.silent_since",
            "paused_since": "usage.paused_since",  # the day of the last period before a silence that comes every year
            "licensed_since": "usage.licensed_since",
            **{degree: f"usage.{degree}" for degree in DEGREES},
            "how_known": "usage.how_known",  # the share of the licences of which any recent degree is known
            # What was measured and what was intended for each degree, which explains its percentage.
            "degrees": "usage.degrees",
        },
        levers=(
            Lever("adopted", _adopted, _say_adopted, by=BOTH, effort=LARGE),
            Lever("assessed", assessed, say_assessed, effort=SMALL),
        ),
        formula=5,
    )
)
