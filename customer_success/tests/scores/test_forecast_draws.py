from math import exp, log
from random import Random

from odoo.tests import BaseCase, tagged

from ...scoring.forecast import (
    COMMON_SD,
    SINGLE,
    expected,
    interval,
    simulate,
    single,
    together,
)


def book(number, seed=5, quarters=1, **vals):
    """Return a book of renewals with random risks and skewed values, each a group of its own."""
    random = Random(seed)
    return [
        single(
            random.randrange(quarters),
            round(random.betavariate(2, 8) * 100, 1),
            round(random.lognormvariate(9, 1), 2),
            **{"shrinks": 0.1, "kept": 0.6, "grows": 0.15, "growth": 0.3, **vals},
        )
        for _renewal in range(number)
    ]


def grouped(groups):
    """Return the groups as the database brings them: the large ones each, the others by their risk."""
    ordered = sorted(groups, key=lambda group: -group.value)
    return [*ordered[:SINGLE], *together(g._replace(chances=None) for g in ordered[SINGLE:])]


@tagged("at_install", "-post_install")
class TestForecastDraws(BaseCase):
    """The simulation of expected revenue: the right mean, and an interval that is as wide as it says."""

    def test_the_mean_is_value_times_probability(self):
        for number in (1, 7, 60, 900):
            groups = book(number)
            exact = sum(
                (1 - g.risk / 100) * (g.value - g.value * 0.1 * 0.4 + g.value * 0.15 * 0.3)
                for g in groups
            )
            for form in (groups, grouped(groups)):
                [found], _all = expected(form, 1)
                self.assertAlmostEqual(found.total, exact, places=4)
                [drawn] = simulate(form, 1, draws=4000)
                deviation = sum(g.squares for g in groups) ** 0.5 + 0.3 * exact
                tolerance = 4 * deviation / 4000**0.5
                self.assertAlmostEqual(sum(drawn) / 4000, exact, delta=tolerance)

    def test_the_parts_add_up(self):
        found, total = expected(grouped(book(300, quarters=4)), 4)
        for one in (*found, total):
            self.assertAlmostEqual(one.value - one.lost - one.shrunk + one.grown, one.total)
            self.assertLess(one.low, one.total)
            self.assertLess(one.total, one.high)
        self.assertAlmostEqual(sum(one.total for one in found), total.total, places=4)

    def test_grouping_loses_nothing(self):
        groups = book(400)
        [each], _all = expected(groups, 1, draws=4000)
        [some], _all = expected(grouped(groups), 1, draws=4000)
        self.assertAlmostEqual(each.total, some.total, places=4)
        width = each.high - each.low
        self.assertAlmostEqual(each.low, some.low, delta=0.08 * width)
        self.assertAlmostEqual(each.high, some.high, delta=0.08 * width)

    def test_more_uncertainty_is_a_wider_interval(self):
        groups = grouped(book(2000))
        widths = []
        for sd in (0.0, 0.15, 0.3, 0.6, 1.0):
            [found], _all = expected(groups, 1, sd=sd)
            widths.append(found.high - found.low)
        self.assertEqual(widths, sorted(widths))
        self.assertGreater(widths[-1], 3 * widths[0], "what is common does not even out")

    def test_the_common_uncertainty_does_not_even_out_over_the_quarters(self):
        found, total = expected(grouped(book(4000, quarters=4)), 4)
        widths = [one.high - one.low for one in found]
        apart = sum(width**2 for width in widths) ** 0.5
        self.assertGreater(total.high - total.low, 1.5 * apart)

    def test_the_interval_covers_what_comes_as_often_as_it_says(self):
        random = Random(11)
        groups = book(250)
        [found], _all = expected(grouped(groups), 1)
        worlds, inside, below = 1500, 0, 0
        for _world in range(worlds):
            came = self._come(groups, random, COMMON_SD)
            inside += found.low <= came <= found.high
            below += came < found.low
        self.assertAlmostEqual(inside / worlds, 0.8, delta=0.04)
        self.assertAlmostEqual(below / worlds, 0.1, delta=0.04)
        # Without the common uncertainty it would be far too narrow.
        [narrow], _all = expected(grouped(groups), 1, sd=0.0)
        random = Random(11)
        inside = sum(
            narrow.low <= self._come(groups, random, COMMON_SD) <= narrow.high
            for _world in range(500)
        )
        self.assertLess(inside / 500, 0.76)

    def _come(self, groups, random, sd):
        """Return what comes of a book in a world whose risks all differ from what was expected."""
        shift, less, more = (random.gauss(0, sd) for _kind in range(3))
        total = 0.0
        for group in groups:
            odds = group.risk / (100 - group.risk) * exp(shift)
            if random.random() < odds / (1 + odds):
                continue
            shrinks, grows = 0.1 * exp(less), 0.15 * exp(more)
            ends = random.random()
            if ends < shrinks:
                total += group.value * 0.6
            elif ends < shrinks + grows:
                total += group.value * 1.3
            else:
                total += group.value
        return total

    def test_no_renewals(self):
        found, total = expected([], 4)
        self.assertEqual(len(found), 4)
        for one in (*found, total):
            self.assertEqual(set(one), {0.0})

    def test_one_huge_renewal_decides_the_quarter(self):
        small = book(100, shrinks=0.0, grows=0.0)
        rest = sum(group.value for group in small)
        huge = single(0, 15.0, 20 * rest)
        [found], _all = expected(grouped([*small, huge]), 1)
        self.assertLess(found.low, 2 * rest, "it may be gone")
        self.assertGreater(found.high, 20 * rest)
        self.assertGreater(found.total - found.low, 3 * (found.high - found.total), "skewed")

    def test_a_certain_end_is_certain(self):
        for risk, comes in ((0.0, 500.0), (100.0, 0.0)):
            [found], _all = expected([single(0, risk, 500.0)], 1)
            self.assertEqual((found.total, found.low, found.high), (comes, comes, comes))

    def test_it_is_the_same_each_time(self):
        groups = grouped(book(500, quarters=4))
        self.assertEqual(expected(groups, 4), expected(list(groups), 4))

    def test_the_order_of_small_renewals_does_not_matter(self):
        groups = [g._replace(chances=None) for g in book(200)]
        one, other = (expected(together(some), 1)[1] for some in (groups, groups[::-1]))
        for a, b in zip(one, other, strict=True):
            self.assertAlmostEqual(a, b, places=4)

    def test_the_interval_holds_four_of_five(self):
        drawn = [log(n) for n in range(1, 1001)]
        low, high = interval(drawn)
        self.assertEqual(sum(low <= value <= high for value in drawn), 800)
