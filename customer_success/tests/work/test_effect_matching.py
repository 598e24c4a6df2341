from random import Random

from odoo.tests import BaseCase, tagged

from ...scoring.effects import CALIPERS, LEAST, Case, Pool, estimate, interval, match, verdict

UNKNOWN = (None,) * len(CALIPERS)


def book(random, size, effect=0.0, chance=lambda risk, moved: 0.1, csm=lambda treated: 1):
    """Return treated and other customers of one month: the use of those at risk falls, and what moved before turns back."""
    treated, others = [], []
    for customer in range(size):
        risk, moved = random.uniform(0, 100), random.gauss(0, 5)
        is_treated = random.random() < chance(risk, moved)
        change = -0.1 * risk - 0.5 * moved + random.gauss(0, 6) + effect * is_treated
        case = Case(
            customer,
            ("stage",),
            (risk, None, None, None, moved, None, None),
            csm(is_treated),
            changes={90: {"use": change}},
        )
        (treated if is_treated else others).append(case)
    return treated, others


def compared(treated, others):
    """Return the estimate of the use of matched customers, and the plain difference of the means."""
    pool = Pool(others)
    pairs = match(treated, lambda case: pool.near(case, 90))

    def change(case):
        return case.changes[90]["use"]

    def mean(cases):
        return sum(map(change, cases)) / len(cases)

    found = estimate([(a.customer, change(a), b.customer, change(b)) for a, b in pairs])
    return found, mean(treated) - mean(others)


@tagged("post_install", "-at_install")
class TestEffectMatching(BaseCase):
    """The comparison finds what was planted, and nothing else."""

    def test_without_an_effect_the_interval_holds_nothing_as_often_as_it_says(self):
        random = Random(28)
        held = 0
        for _trial in range(200):
            found, _plain = compared(*book(random, 400))
            held += found.low <= 0 <= found.high
        # 95 of 100; the bounds are three standard errors of 200 trials.
        self.assertGreaterEqual(held, 180)
        self.assertLess(held, 200)

    def test_an_effect_is_found_at_its_size(self):
        found, _plain = compared(*book(Random(28), 4000, effect=4.0))
        self.assertGreater(found.low, 0)
        self.assertTrue(found.low <= 4.0 <= found.high, found)
        found, _plain = compared(*book(Random(29), 4000, effect=-4.0))
        self.assertLess(found.high, 0)

    def test_matching_removes_what_the_risk_did(self):
        # It is done for those at risk, who lose use anyway: the plain difference says that it harms.
        found, plain = compared(
            *book(Random(28), 4000, chance=lambda risk, _moved: risk * risk / 20000)
        )
        self.assertLess(plain, -1.5)
        self.assertLess(abs(found.difference), 0.25 * abs(plain))
        self.assertTrue(found.low <= 0 <= found.high, found)

    def test_what_is_done_after_a_fall_is_not_praised_for_the_return(self):
        # It is done for those whose use has just fallen, which comes back by itself.
        found, plain = compared(
            *book(Random(30), 4000, chance=lambda _risk, moved: 0.3 if moved < -5 else 0.0)
        )
        self.assertGreater(plain, 2.5)
        self.assertLess(abs(found.difference), 0.25 * plain)
        self.assertTrue(found.low <= 0 <= found.high, found)

    def test_the_same_input_gives_the_same_result(self):
        treated, others = book(Random(5), 600)
        once = compared(treated, others)
        self.assertEqual(once, compared(treated[::-1], others[::-1]))

    def test_nobody_and_everybody(self):
        treated, others = book(Random(5), 300)
        self.assertEqual(match([], Pool(others).near), [])
        self.assertEqual(match(treated, lambda case: Pool([]).near(case, 90)), [])
        self.assertIsNone(estimate([]).difference)
        # Done for all but nine: nothing is told.
        found = estimate([(n, 9.0, 1000 + n % (LEAST - 1), 0.0) for n in range(200)])
        self.assertEqual((found.treated, found.controls), (200, LEAST - 1))
        self.assertEqual((found.difference, found.low, found.high), (None, None, None))
        self.assertEqual(verdict(200, {"use": found})[0], "nobody")

    def test_customers_who_are_all_alike(self):
        cases = [Case(n, (), (50.0, *UNKNOWN[1:]), changes={90: {"use": 0.0}}) for n in range(60)]
        found, _plain = compared(cases[:20], cases[20:])
        self.assertEqual((found.treated, found.controls), (20, 40))
        self.assertEqual((found.difference, found.low, found.high), (0.0, 0.0, 0.0))
        self.assertEqual(verdict(20, {"use": found})[0], "open")

    def test_nobody_is_a_control_of_itself_or_twice(self):
        cases = [Case(n, (), (float(n), *UNKNOWN[1:])) for n in range(30)]
        pool = Pool(cases)
        pairs = match(cases[:10], lambda case: pool.near(case, 90))
        self.assertTrue(all(a.customer != b.customer for a, b in pairs))
        controls = [b.customer for _a, b in pairs]
        self.assertEqual(len(controls), len(set(controls)))

    def test_the_unknown_is_compared_with_the_unknown_only(self):
        known = Case(1, (), (10.0, *UNKNOWN[1:]))
        unknown = Case(2, (), UNKNOWN)
        self.assertFalse(Pool([unknown]).near(known, 90))
        self.assertTrue(Pool([unknown]).near(Case(3, (), UNKNOWN), 90))
        self.assertFalse(Pool([Case(4, ("other stage",), UNKNOWN)]).near(unknown, 90))

    def test_whoever_falls_every_summer_is_compared_with_its_like(self):
        summer = Case(1, (), UNKNOWN, seasons={90: -30.0})
        school = Case(2, (), UNKNOWN, seasons={90: -28.0})
        office = Case(3, (), UNKNOWN, seasons={90: 0.0})
        near = Pool([school, office]).near(summer, 90)
        self.assertEqual([control.customer for _distance, control in near], [2])

    def test_customers_of_the_same_csm_come_first(self):
        mine = Case(1, (), (50.0, *UNKNOWN[1:]), csm=7)
        theirs = Case(2, (), (50.0, *UNKNOWN[1:]), csm=8)
        other = Case(3, (), (55.0, *UNKNOWN[1:]), csm=7)
        near = Pool([theirs, other]).near(mine, 90)
        self.assertEqual([control.customer for _distance, control in near], [3, 2])

    def test_one_customer_many_times_is_one_customer(self):
        pairs = [(1, 50.0, 100 + n, 0.0) for n in range(90)]
        pairs += [(2 + n, 0.0, 200 + n, 0.0) for n in range(9)]
        found = estimate(pairs)
        self.assertEqual(found.treated, 10)
        self.assertEqual(found.difference, 5.0)
        self.assertLess(found.low, 0)

    def test_renewals_that_were_all_kept_prove_little(self):
        low, high = interval([0.0] * 10, is_rate=True)
        self.assertLess(low, -15)
        self.assertGreater(high, 15)
