"""The comparison of customers for whom something was done with customers as much at risk for whom it was not.

Each treated customer is matched with its nearest controls of the same month, within a caliper. What happened to both
afterwards is compared pair by pair, with an interval. It is observation, not proof: whoever chose the customers may have
known more than the scores do. Plain Python on plain values, and the same result each time.
"""

from bisect import bisect_left, bisect_right
from heapq import nsmallest
from math import log2, sqrt
from statistics import NormalDist
from typing import NamedTuple

# Nothing is told about fewer customers than these, on either side.
LEAST = 10
WINDOWS = (90, 180)  # days
# What is compared, and the direction in which it is better. A formula reads what was done into health and risk (a barrier
# that is removed raises the health by itself), so these two are told, but prove nothing.
MEASURES = {"use": 1, "health": 1, "risk": -1, "renewal": 1}
# What decides: the first of these about which enough is known.
DECIDING = ("use", "renewal")

CONTROLS = 3  # at most, for each treated customer
NEAREST = 40  # candidates that are kept for each treated customer
# The place of a customer: risk, health, use, the change of risk, of use, and of health in the 90 days before, and the
# value of its terms as a logarithm to the base 2. A control differs by no more than the caliper in each of them.
CALIPERS = (8.0, 12.0, 10.0, 10.0, 8.0, 10.0, 1.0)
# How differently use may have moved at the same time a year before, where that is known of both.
SEASON_CALIPER = 10.0
# The distance that is added where the CSM is another one, so that habits of CSMs are compared within themselves.
OTHER_CSM = 1.0

CONFIDENCE = 0.95


class Case(NamedTuple):
    """A customer on a day: what it is matched by, and what happened to it afterwards.

    ``exact`` must be the same for both: company, stage, formula of the scores. ``seasons`` and ``changes`` map each window to
    the change of use a year before, and to ``{measure: change}``; a measure that is not known is left out.
    """

    customer: int
    exact: tuple
    place: tuple  # see CALIPERS; None is unknown, and matches the unknown only
    csm: int | None = None
    seasons: dict = {}
    changes: dict = {}


class Estimate(NamedTuple):
    """A difference between treated customers and their controls, with its interval."""

    treated: int
    controls: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None


def size(value):
    """Return the value of a customer as it is matched; nothing and the unknown are alike.

    >>> size(1024.0), size(0.0), size(None)
    (10.0, None, None)
    """
    return log2(value) if value and value > 0 else None


# ----------------------------------------------------------------------------------------------
# Matching
# ----------------------------------------------------------------------------------------------


class Pool:
    """The customers of one month that may be controls, arranged so that near ones are found fast."""

    def __init__(self, cases):
        groups = {}
        for case in cases:
            groups.setdefault(_group(case), []).append(case)
        self._groups = {}
        for group, found in groups.items():
            first = _first(group)
            found.sort(
                key=lambda case: (case.place[first] if first is not None else 0, case.customer)
            )
            keys = [case.place[first] for case in found] if first is not None else None
            self._groups[group] = first, keys, found

    def near(self, case, window, allowed=None):
        """Return ``[(distance, control)]``, nearest first, of the customers within the caliper of a treated one.

        ``allowed(control)`` says who may be a control. Of many that are about as near, everybody gets others, so that customers
        who are alike do not all ask for the same few.

        >>> one, two, far = (Case(n, (), (risk,) + (None,) * 6) for n, risk in ((1, 30.0), (2, 34.0), (3, 60.0)))
        >>> [(distance, control.customer) for distance, control in Pool([one, two, far]).near(one, 90)]
        [(0.25, 2)]
        """
        first, keys, found = self._groups.get(_group(case), (None, None, ()))
        if keys is not None:
            mine, caliper = case.place[first], CALIPERS[first]
            found = found[bisect_left(keys, mine - caliper) : bisect_right(keys, mine + caliper)]
        near = (
            (distance, control)
            for control in found
            if control.customer != case.customer
            and (distance := _distance(case, control, window)) is not None
            and (allowed is None or allowed(control))
        )
        return nsmallest(
            NEAREST,
            near,
            key=lambda pair: (round(pair[0], 1), (pair[1].customer - case.customer) % 2**31),
        )


def match(treated, near, used=()):
    """Return ``[(treated, control)]``: each treated customer with up to three controls, each control once.

    ``near(case)`` returns the candidates of :meth:`Pool.near`. The nearest pairs come first, and everybody gets a first control
    before anybody gets a second one. Customers in ``used`` are no controls.

    >>> cases = [Case(n, (), (risk,) + (None,) * 6) for n, risk in ((1, 30.0), (2, 31.0), (8, 30.0), (9, 32.0))]
    >>> pool = Pool(cases[2:])
    >>> [(a.customer, b.customer) for a, b in match(cases[:2], lambda case: pool.near(case, 90))]
    [(1, 8), (2, 9)]
    """
    pairs = sorted(
        (
            (distance, case.customer, control.customer, case, control)
            for case in treated
            for distance, control in near(case)
        ),
        key=lambda pair: pair[:3],
    )
    taken, found = set(used), []
    for _round in range(CONTROLS):
        served, left = set(), []
        for pair in pairs:
            _apart, customer, other, case, control = pair
            if other in taken:
                continue
            if customer in served:
                left.append(pair)
                continue
            taken.add(other)
            served.add(customer)
            found.append((case, control))
        pairs = left
    return found


def _group(case):
    """Return what must be the same for two customers: the exact values, and what is known of them."""
    return case.exact, tuple(value is None for value in case.place)


def _first(group):
    """Return the index of the first value that is known in a group."""
    return next((n for n, unknown in enumerate(group[1]) if not unknown), None)


def _distance(case, control, window):
    """Return how far two customers are from each other, or ``None`` beyond the caliper."""
    total = 0.0 if case.csm == control.csm else OTHER_CSM
    for mine, theirs, caliper in zip(case.place, control.place, CALIPERS):
        if mine is not None:
            apart = (mine - theirs) / caliper
            if not -1.0 <= apart <= 1.0:
                return None
            total += apart * apart
    mine, theirs = case.seasons.get(window), control.seasons.get(window)
    if mine is not None and theirs is not None:
        apart = (mine - theirs) / SEASON_CALIPER
        if not -1.0 <= apart <= 1.0:
            return None
        total += apart * apart
    return total


# ----------------------------------------------------------------------------------------------
# Differences and their intervals
# ----------------------------------------------------------------------------------------------


def estimate(pairs, is_rate=False):
    """Return the :class:`Estimate` of pairs ``(treated customer, its change, control, its change)``.

    A customer counts once, however often something was done for it: its differences are averaged first. Nothing but the
    numbers is returned if there are fewer than ten on a side.

    >>> estimate([(n, 5.0 + n % 3, 100 + n, 1.0) for n in range(12)])
    Estimate(treated=12, controls=12, difference=5.0, low=4.5, high=5.5)
    >>> estimate([(n, 5.0, 100 + n % 4, 1.0) for n in range(12)])
    Estimate(treated=12, controls=4, difference=None, low=None, high=None)
    >>> estimate([(1, 5.0, 100 + n, 1.0) for n in range(50)]).treated
    1
    """
    by_customer, controls = {}, set()
    for customer, change, control, other in pairs:
        by_customer.setdefault(customer, []).append(change - other)
        controls.add(control)
    treated = len(by_customer)
    if treated < LEAST or len(controls) < LEAST:
        return Estimate(treated, len(controls))
    means = [sum(found) / len(found) for _customer, found in sorted(by_customer.items())]
    low, high = interval(means, is_rate)
    difference = sum(means) / treated
    return Estimate(
        treated, len(controls), *(round(value, 1) + 0.0 for value in (difference, low, high))
    )


def interval(differences, is_rate=False):
    """Return the interval of the mean of differences, by Student's t.

    Rates are shares that were kept, in percent: they gain one pair of each kind (Agresti and Min), half in weight, so that
    customers who were all alike prove as little as their number allows.

    >>> low, high = interval([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0])
    >>> round(low, 2), round(high, 2)
    (3.33, 7.67)
    >>> interval([0.0] * 10), [round(value, 1) for value in interval([0.0] * 10, is_rate=True)]
    ((0.0, 0.0), [-19.2, 19.2])
    """
    count = float(len(differences))
    total = sum(differences)
    squares = sum(value * value for value in differences)
    if is_rate:
        count, squares = count + 2, squares + 100.0**2
    mean = total / count
    variance = max(squares - count * mean * mean, 0.0) / (count - 1)
    half = student(count - 1) * sqrt(variance / count)
    return mean - half, mean + half


def student(freedom, confidence=CONFIDENCE):
    """Return the two-sided quantile of Student's t, by its expansion in the quantile of the normal distribution.

    >>> [round(student(freedom), 3) for freedom in (9, 20, 100)]
    [2.262, 2.086, 1.984]
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / freedom ** (n + 1) for n, term in enumerate(terms))


def verdict(done, estimates, alike=True):
    """Return what can be said of a thing that was done for so many customers, and the measure that says it.

    ``estimates`` maps measures to :class:`Estimate`. ``alike`` is ``False`` if the CSMs who did it have too few customers for whom
    they did not, and the others too few for whom they did. A thing helps if the measure that decides says so and the other
    one does not say the opposite. It harms if the one that decides says so, or leaves it open and the other one says so.

    >>> good, none, bad = Estimate(20, 40, 5.0, 1.0, 9.0), Estimate(20, 40, 1.0, -3.0, 5.0), Estimate(20, 40, -5.0, -9.0, -1.0)
    >>> verdict(20, {"use": good, "renewal": none}), verdict(20, {"use": good, "renewal": bad})
    (('helps', 'use'), ('mixed', 'use'))
    >>> verdict(20, {"use": none, "renewal": good}), verdict(20, {"use": none, "renewal": bad})
    (('open', 'use'), ('harms', 'renewal'))
    >>> verdict(20, {"use": Estimate(4, 9), "renewal": bad})
    ('harms', 'renewal')
    >>> verdict(4, {"use": Estimate(4, 9)}), verdict(40, {"use": Estimate(2, 3)}), verdict(20, {"use": good}, alike=False)
    (('few', 'use'), ('nobody', 'use'), ('habit', 'use'))
    """
    known = [name for name in DECIDING if name in estimates and estimates[name].low is not None]
    if not known:
        fullest = max(
            DECIDING,
            key=lambda name: (
                min(estimates[name].treated, estimates[name].controls) if name in estimates else -1
            ),
        )
        return ("few" if done < LEAST else "nobody"), fullest
    if not alike:
        return "habit", known[0]
    says = [_says(estimates[name]) * MEASURES[name] for name in known]
    if says[0] and -says[0] in says:
        return "mixed", known[0]
    if not says[0] and -1 in says:
        return "harms", known[says.index(-1)]
    return {1: "helps", -1: "harms", 0: "open"}[says[0]], known[0]


def _says(found):
    """Return 1 if the whole interval is above nothing, -1 if it is below, else 0."""
    return 1 if found.low > 0 else -1 if found.high < 0 else 0
