"""Properties of what the risk learns: its prior, its directions, its lines, its ranges, and outcomes of every kind."""

import math
import random
import sys
import unittest
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from backtest_models import load_scoring as load

learning, risk, shapes, spread = map(load, ("learning", "risk", "shapes", "spread"))

KNOTS = risk.FACTOR_KNOTS
PRIORS = {
    "base": learning.Prior(-2.0, learning.BASE_SD),
    "use": learning.Prior(-0.6, sign=-1, knots=KNOTS),
    "barriers": learning.Prior(-0.4, sign=-1, knots=KNOTS),
    "tenure": learning.Prior(-0.25, knots=risk.KNOTS["tenure"]),
    "overdue": learning.Prior(0.8, sign=1),
    "country": learning.Prior(words=True),
}
EXPERTS = {code: prior.mean for code, prior in PRIORS.items() if not prior.words}

deviation = st.floats(-3, 2)
features = st.fixed_dictionaries(
    {},
    optional={
        "use": deviation,
        "barriers": deviation,
        "tenure": st.floats(-1, 2),
        "overdue": st.just(1.0),
        "country": st.sampled_from("abcdef"),
    },
)
any_cases = st.lists(
    st.builds(learning.Case, features, st.booleans(), st.floats(0.1, 3)), max_size=80
)


def drawn(truth, number, draw):
    """Return cases of random facts, whose outcomes follow these shapes."""
    cases = []
    for _case in range(number):
        facts = {
            code: draw.uniform(-3, 2) for code in ("use", "barriers") if draw.random() < 0.8
        } | {"tenure": draw.uniform(-1, 2), "country": draw.choice("abc")}
        if draw.random() < 0.1:
            facts["overdue"] = 1.0
        cases.append(learning.Case(facts, draw.random() < learning.predict(facts, truth)))
    return cases


def log_loss(cases, fitted):
    return sum(
        -math.log(p if case.happened else 1 - p)
        for case in cases
        for p in [min(max(learning.predict(case.features, fitted), 1e-12), 1 - 1e-12)]
    ) / len(cases)


class TestShapes(unittest.TestCase):
    """Whatever happened, what is learned keeps the properties that the screens rely on."""

    @settings(max_examples=40, deadline=None)
    @given(any_cases, features)
    def test_directions_hold_strictly_and_lines_add_up(self, cases, facts):
        fitted, done = learning.posterior(cases, PRIORS)
        for code in ("use", "barriers"):
            heights = fitted[code].heights
            self.assertTrue(all(right < left for left, right in pairwise(heights)), code)
            self.assertEqual(fitted[code].at(0.0), 0.0)
        self.assertGreater(fitted["overdue"], 0)
        total, lines = risk.churn_probability(facts, fitted)
        self.assertAlmostEqual(total, sum(lines.values()), places=9)
        self.assertAlmostEqual(total, 100 * learning.predict(facts, fitted), delta=0.051)
        low, high = spread.spread_of(done).range(total, facts)
        self.assertLessEqual(low, total + 0.051)
        self.assertGreaterEqual(high, total - 0.051)

    @settings(max_examples=40, deadline=None)
    @given(features)
    def test_with_no_outcome_the_curve_is_the_line_of_the_experts(self, facts):
        fitted = learning.fit([], PRIORS)
        for code in ("use", "barriers", "tenure"):
            for knot, height in zip(fitted[code].knots, fitted[code].heights):
                self.assertAlmostEqual(height, PRIORS[code].mean * knot, places=6)
            self.assertEqual(fitted[code].unknown, 0.0)
        plain = {code: value for code, value in facts.items() if code != "country"}
        self.assertAlmostEqual(
            learning.predict(facts, fitted), learning.predict(plain, EXPERTS), places=6
        )

    def test_on_a_foreign_table_the_prior_is_flat(self):
        priors = {"base": PRIORS["base"], "x": learning.Prior(knots=(-1.0, 0.0, 1.0))}
        self.assertEqual(learning.fit([], priors)["x"].heights, (0.0, 0.0, 0.0))

    def test_few_outcomes_are_never_worse_than_the_experts_in_expectation(self):
        """The truth is drawn from the priors; what 20, 50 or 200 outcomes teach is judged by others."""
        draw = random.Random(11)
        for number, rounds in ((20, 40), (50, 30), (200, 10)):
            gained = []
            for _round in range(rounds):
                truth = {
                    "base": draw.gauss(-2.0, learning.BASE_SD),
                    "overdue": abs(draw.gauss(0.8, 0.5)),
                    "country": shapes.Levels({word: draw.gauss(0, 0.4) for word in "abc"}),
                }
                for code, mean in (("use", -0.6), ("barriers", -0.4), ("tenure", -0.25)):
                    truth[code] = min(draw.gauss(mean, 0.5), -0.04)
                fitted = learning.fit(drawn(truth, number, draw), PRIORS)
                judged = drawn(truth, 300, draw)
                gained.append(log_loss(judged, EXPERTS) - log_loss(judged, fitted))
            self.assertGreater(sum(gained) / rounds, 0.0, number)

    def test_the_range_holds_the_truth_about_as_often_as_it_says(self):
        draw = random.Random(5)
        inside = total = 0
        for _round in range(30):
            truth = {"base": draw.gauss(-2.0, learning.BASE_SD)} | {
                code: min(draw.gauss(PRIORS[code].mean, 0.5), -0.04)
                for code in ("use", "barriers", "tenure")
            }
            fitted, done = learning.posterior(drawn(truth, 150, draw), PRIORS)
            ranges = spread.spread_of(done)
            for case in drawn(truth, 40, draw):
                facts = {code: case.features[code] for code in case.features if code != "country"}
                if {"use", "barriers"} <= facts.keys():
                    guess = 100 * learning.predict(facts, fitted)
                    low, high = ranges.range(guess, facts)
                    inside += low <= 100 * learning.predict(facts, truth) <= high
                    total += 1
        self.assertGreater(inside / total, 0.7)

    def test_the_range_narrows_as_outcomes_come_in(self):
        draw = random.Random(3)
        truth = {code: mean for code, mean in EXPERTS.items()}
        facts, widths = {"use": -1.0, "barriers": 0.5, "tenure": 0.0, "country": "a"}, []
        for number in (0, 50, 400, 3000):
            _fitted, done = learning.posterior(drawn(truth, number, draw), PRIORS)
            low, high = spread.spread_of(done).range(20.0, facts)
            widths.append(high - low)
        self.assertEqual(widths, sorted(widths, reverse=True))
        self.assertLess(widths[-1], widths[0] / 4)

    def test_what_is_learned_is_the_same_in_any_order_and_on_any_platform(self):
        cases = [
            learning.Case(
                {"use": (n * 7 % 51) / 10 - 3, "country": "abc"[n % 3]}, n * n % 11 < 4 - n % 2
            )
            for n in range(240)
        ]
        priors = {code: PRIORS[code] for code in ("base", "use", "country")}
        fitted = learning.fit(cases, priors)
        turned = learning.fit(cases[::-1], priors)
        for left, right in zip(fitted["use"].heights, turned["use"].heights):
            self.assertAlmostEqual(left, right, delta=1e-9)
        self.assertEqual(fitted["country"].levels.keys(), turned["country"].levels.keys())
        self.assertEqual(
            GOLDEN, (fitted["base"], fitted["use"].heights[0], fitted["use"].heights[-1])
        )


# What these 240 cases teach, to six decimals as it is stored.
GOLDEN = (-0.746694, 0.631641, -0.12)


class TestBadOutcomes(unittest.TestCase):
    """Outcomes that say little, or too much, leave figures that are finite and near to what was expected."""

    def fit(self, cases, **priors):
        fitted, done = learning.posterior(cases, PRIORS | priors)
        for shape in fitted.values():
            for height in getattr(shape, "heights", getattr(shape, "levels", {"": 0.0}).values()):
                self.assertTrue(math.isfinite(height))
        self.assertTrue(all(map(math.isfinite, (v for line in done.covariance for v in line))))
        return fitted

    def test_one_outcome_hardly_moves_anything(self):
        fitted = self.fit([learning.Case({"use": 1.0}, True)])
        self.assertAlmostEqual(fitted["base"], -2.0, delta=1.0)

    def test_all_the_same(self):
        for happened in (True, False):
            fitted = self.fit([learning.Case({"use": n % 5 - 3.0}, happened) for n in range(300)])
            p = learning.predict({"use": 0.0}, fitted)
            self.assertTrue(p > 0.9 if happened else p < 0.05)

    def test_one_column_or_two_together_separate_perfectly(self):
        one = [learning.Case({"use": 1.5 if n % 2 else -1.5}, not n % 2) for n in range(200)]
        fitted = self.fit(one)
        self.assertGreater(learning.predict({"use": -1.5}, fitted), 0.9)
        self.assertLess(fitted["use"].heights[0], 40)
        draw = random.Random(1)
        two = []
        for _n in range(300):
            facts = {"use": draw.uniform(-3, 2), "barriers": draw.uniform(-3, 2)}
            two.append(learning.Case(facts, facts["use"] + facts["barriers"] < -1))
        fitted = self.fit(two)
        self.assertGreater(learning.predict({"use": -2.5, "barriers": -2.5}, fitted), 0.9)
        self.assertLess(learning.predict({"use": 1.5, "barriers": 1.5}, fitted), 0.1)

    def test_a_constant_an_unknown_and_a_copied_column(self):
        cases = [
            learning.Case({"use": n % 2 - 0.5, "barriers": n % 2 - 0.5, "tenure": 0.5}, n % 3 == 0)
            for n in range(200)
        ]
        copied = self.fit(cases)
        gap = [copied["use"].at(x) + copied["barriers"].at(x) for x in (-0.5, 0.5)]
        alone = self.fit([
            case._replace(features={"use": case.features["use"]}) for case in cases
        ])  # fmt: skip
        self.assertLess(abs(gap[0] - gap[1]), 3)
        self.assertEqual(len(alone["barriers"].heights), len(KNOTS))

    def test_what_is_unknown_may_turn_out_to_matter(self):
        cases = [learning.Case({}, n % 2 == 0) for n in range(400)]
        cases += [learning.Case({"use": n % 5 - 2.0}, n % 10 == 0) for n in range(400)]
        fitted = self.fit(cases)
        self.assertGreater(fitted["use"].unknown + fitted["barriers"].unknown, 0.3)
        _total, lines = risk.churn_probability({"overdue": 1.0}, fitted)
        self.assertGreater(lines["use"], 0)

    def test_ten_thousand_levels_of_a_word(self):
        draw = random.Random(9)
        cases = [
            learning.Case({"country": f"w{n}" if n % 2 else "home"}, draw.random() < (0.1 if n % 2 else 0.5))
            for n in range(20_000)
        ]  # fmt: skip
        fitted = self.fit(cases)
        self.assertEqual(list(fitted["country"].levels), ["home"])
        self.assertGreater(
            learning.predict({"country": "home"}, fitted),
            3 * learning.predict({"country": "w1"}, fitted),
        )

    def test_a_rare_word_is_drawn_towards_nothing(self):
        cases = [learning.Case({"country": "home"}, n % 10 == 0) for n in range(500)]
        cases += [learning.Case({"country": "far"}, True) for _n in range(5)]
        fitted = self.fit(cases)
        self.assertGreater(fitted["country"].levels["far"], 0.0)
        self.assertLess(learning.predict({"country": "far"}, fitted), 0.9)

    def test_values_beyond_the_knots_count_like_the_outermost(self):
        cases = [learning.Case({"use": (-1) ** n * 40.0}, n % 2 == 1) for n in range(60)]
        fitted = self.fit(cases)
        self.assertEqual(fitted["use"].at(-40.0), fitted["use"].at(-3.0))
