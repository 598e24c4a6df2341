"""Properties of the scores for any facts: lines add up, risk is monotone in each factor, unknown never counts."""

import math
import sys
import unittest
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

SCRIPTS = Path(__file__).parent.parent / "scripts"
sys.path.insert(0, str(SCRIPTS))
from backtest_models import load_scoring as load  # noqa: E402

engine, facts_module, learning, risk, rules_module = map(
    load, ("engine", "facts", "learning", "risk", "rules")
)

FACTORS = ("use", "trend", "barriers", "advisor", "progress", "value", "plan")
WEIGHTS = dict(zip(FACTORS, (30, 10, 20, 15, 10, 10, 5)))
OWN = ("tenure", "term", "overdue")

percent = st.floats(0, 100)
unknown = st.none()
coefficient = st.floats(-5, 5)
lowering = st.floats(-5, 0)


@st.composite
def all_rules(draw):
    """Any weights, and coefficients by which no factor of health raises the risk."""
    weights = {code: draw(st.integers(1, 100)) for code in FACTORS}
    coefficients = {code: draw(lowering) for code in FACTORS}
    coefficients |= {code: draw(coefficient) for code in ("base", *OWN, "shrink")}
    coefficients["idle"] = draw(st.floats(0, 8))
    return rules_module.Rules(weights, coefficients)


renewals = st.builds(
    lambda number, near, value, term, tenure, overdue, seats, active, now, then, left: [
        number, near, value, 1, False, term, tenure, overdue, seats, active, now, then, left,
    ],
    st.integers(1, 99),
    st.booleans(),
    unknown | st.floats(0, 1e9),
    unknown | st.integers(1, 120),
    unknown | st.integers(0, 40),
    st.booleans(),
    unknown | st.integers(0, 10_000),
    unknown | st.integers(0, 10_000),
    unknown | st.floats(0, 1e5),
    unknown | st.floats(0, 1e5),
    st.integers(0, 4),
)  # fmt: skip

users = st.integers(0, 10_000)


def make_facts(known):
    """Facts as the gathering query returns them: users are known together with licences, or not at all."""
    licensed, active = known.pop("used") or (None, None)
    return facts_module.Facts(1, licensed_users=licensed, active_users=active, **known)


def conditions(*more):
    """Return lists of names of conditions of the factor progress."""
    names = (
        "success_definition",
        "sustaining_plan",
        "coverage",
        "active_plan",
        "sponsor",
        "champion",
    )
    return st.lists(st.sampled_from((*names, *more)), unique=True)


any_facts = st.fixed_dictionaries(
    {
        "used": unknown | st.tuples(st.integers(1, 10_000), users),
        "ramp_month": unknown | st.integers(1, 6),
        "as_intended": unknown | percent,
        "timely": unknown | percent,
        "quality": unknown | percent,
        "accuracy": unknown | percent,
        "active_quarter": unknown | st.floats(0, 1e4),
        "active_before": unknown | st.floats(0, 1e4),
        "active_this_year": unknown | st.floats(0, 1e4),
        "active_last_year": unknown | st.floats(0, 1e4),
        "barriers_known": st.booleans(),
        "people_asked": unknown | st.integers(1, 100),
        "areas_looked": unknown | st.floats(0, 1),
        "barriers": unknown
        | st.lists(
            st.tuples(
                st.integers(1, 99),
                st.integers(0, 3),
                st.integers(0, 180),
                st.integers(0, 1),
                st.integers(0, 1),
            ).map(list),
            max_size=5,
        ),
        "answers": st.integers(0, 30),
        "questions_due": st.integers(0, 30),
        "questions_fresh": st.just(0),
        "questions_stale": st.just(0),
        "worrying": st.just(0),
        "ready": unknown | percent,
        "willing": unknown | percent,
        "able": unknown | percent,
        "days_expected": unknown | st.integers(1, 400),
        "days_over": st.integers(0, 800),
        "go_live_planned": unknown | st.integers(5000, 12000),
        "nothing_ahead": unknown | st.booleans(),
        "overdue_points": unknown | st.floats(0, 100),
        "time_used": unknown | st.integers(0, 4),
        "conditions_met": unknown | conditions(),
        "conditions_due": unknown | conditions("adoption", "no_critical_barrier"),
        "conditions_coming": unknown | conditions(),
        "something_known": st.booleans(),
        "objectives": unknown
        | st.lists(
            st.tuples(
                st.integers(1, 99),
                unknown | st.floats(-50, 300),
                st.integers(0, 1),
                st.integers(0, 1),
            ).map(list),
            max_size=4,
        ),
        "plan_complete": unknown | percent,
        "plan_mandate": st.integers(0, 1),
        "plan_blind_spots": st.integers(0, 4),
        "plan_review_late": st.integers(0, 1),
        "plan_short": unknown | st.lists(st.integers(0, 6), min_size=4, max_size=4),
        "plan_missing": unknown | st.booleans(),
        "plan_mandate_unsaid": unknown | st.integers(0, 1),
        "plan_blind_unsaid": unknown | st.integers(0, 4),
        "renewals": unknown | st.lists(renewals, max_size=3),
    }
).map(make_facts)

values = st.fixed_dictionaries({code: unknown | percent for code in FACTORS})
some_renewal = renewals.map(lambda row: facts_module.Renewal(*row))


class TestRiskProperties(unittest.TestCase):
    @settings(max_examples=300, deadline=None)
    @given(any_facts, all_rules())
    def test_the_lines_add_up_to_the_scores(self, facts, rules):
        row, scored = engine.score(facts, rules)
        points = [line["points"] for line in row["breakdown"]["factors"]]
        # What holds the health below good is a line of its own.
        points.append(row["breakdown"].get("held", {}).get("points", 0))
        self.assertTrue(-1e-6 <= sum(points) <= 100 + 1e-6)
        if row["health"] is None:
            judged = points and row["confidence"] >= rules.known_enough
            self.assertFalse(judged, "only a health of which too little is known is no figure")
        else:
            self.assertAlmostEqual(sum(points), row["health"], places=6)
        for renewal in scored:
            lines = renewal["breakdown"]["lines"]
            self.assertAlmostEqual(sum(lines.values()), renewal["churn_risk"], places=6)
            self.assertTrue(0 <= renewal["churn_risk"] <= 100)
            shrinks = renewal["contraction_risk"] or 0
            self.assertLessEqual(renewal["churn_risk"] + shrinks, 100.05)
            if renewal["value_at_risk"] is not None:
                self.assertTrue(0 <= renewal["value_at_risk"] <= (facts.renewals and 1e9) * 1.001)

    @settings(max_examples=300, deadline=None)
    @given(values, some_renewal, all_rules(), st.sampled_from(FACTORS), percent)
    def test_risk_never_rises_when_a_factor_does(self, known, renewal, rules, code, higher):
        low = known[code] if known[code] is not None else 0.0
        high = max(low, higher)
        before, after = (
            risk.churn_probability(
                risk.deviations({**known, code: value}, renewal), rules.coefficients
            )[0]
            for value in (low, high)
        )
        self.assertLessEqual(after, before)

    @settings(max_examples=300, deadline=None)
    @given(values, some_renewal, all_rules())
    def test_the_unknown_never_counts(self, known, renewal, rules):
        only = {code: value for code, value in known.items() if value is not None}
        self.assertEqual(
            risk.churn_probability(risk.deviations(known, renewal), rules.coefficients),
            risk.churn_probability(risk.deviations(only, renewal), rules.coefficients),
        )
        for code in FACTORS:
            if known[code] is None:
                lines = risk.churn_probability(risk.deviations(known, renewal), rules.coefficients)[
                    1
                ]
                self.assertNotIn(code, lines)

    @settings(max_examples=100, deadline=None)
    @given(any_facts, all_rules())
    def test_a_factor_that_is_unknown_is_not_in_the_health(self, facts, rules):
        row, _renewals = engine.score(facts, rules)
        found = {line["code"] for line in row["breakdown"]["factors"]}
        self.assertEqual(found | set(row["breakdown"]["unknown"]), set(FACTORS))
        self.assertFalse(found & set(row["breakdown"]["unknown"]))

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.dictionaries(st.sampled_from(FACTORS), st.floats(-3, 3)),
                st.booleans(),
                st.floats(0.1, 3),
            ),
            max_size=60,
        )
    )
    def test_learning_is_finite_keeps_signs_and_never_fits_worse_than_the_experts(self, rows):
        priors = {code: learning.Prior(-0.3, sign=-1) for code in FACTORS}
        priors["base"] = learning.Prior(-2.0, learning.BASE_SD)
        cases = [learning.Case(features, happened, weight) for features, happened, weight in rows]
        fitted = learning.fit(cases, priors)
        self.assertTrue(all(map(math.isfinite, fitted.values())))
        self.assertTrue(all(fitted[code] <= 0 for code in FACTORS))

        def penalised(coefficients):
            total = -sum(
                (coefficients[code] - prior.mean) ** 2 / (2 * prior.sd**2)
                for code, prior in priors.items()
            )
            for case in cases:
                p = learning.predict(case.features, coefficients)
                total += case.weight * math.log(max(p if case.happened else 1 - p, 1e-300))
            return total

        experts = {code: prior.mean for code, prior in priors.items()}
        self.assertGreaterEqual(penalised(fitted), penalised(experts) - 1e-6)


class TestLearning(unittest.TestCase):
    """Outcomes that a model must survive."""

    priors = {
        "base": learning.Prior(-2.0, learning.BASE_SD),
        "use": learning.Prior(-0.6, sign=-1),
        "plan": learning.Prior(-0.1, sign=-1),
        "tenure": learning.Prior(-0.25),
    }

    def cases(self, number, found, happened):
        start = date(2025, 1, 1)
        return [
            learning.Case(found(n), happened(n), 1.0, start + timedelta(n), n)
            for n in range(number)
        ]

    def learn(self, cases):
        return learning.learn(cases, self.priors, {c: p.mean for c, p in self.priors.items()})

    def test_too_little_to_learn_from_is_no_lesson(self):
        use = {"use": -1.0}
        for name, cases in (
            ("no outcome", []),
            ("one outcome", self.cases(1, lambda n: use, lambda n: True)),
            ("all the same", self.cases(200, lambda n: use, lambda n: False)),
            ("two leavers", self.cases(200, lambda n: use, lambda n: n < 2)),
            ("all on one day", [c._replace(day=date(2025, 1, 1)) for c in self.cases(100, lambda n: use, lambda n: n % 2)]),
        ):  # fmt: skip
            with self.subTest(name):
                self.assertIsNone(self.learn(cases))

    def test_a_factor_that_separates_perfectly_stays_finite(self):
        lesson = self.learn(
            self.cases(200, lambda n: {"use": 2.0 if n % 2 else -2.0}, lambda n: not n % 2)
        )
        self.assertLess(lesson.shapes["use"], -1)
        self.assertGreater(lesson.shapes["use"], -5)
        self.assertEqual(lesson.fresh.auc, 1.0)
        self.assertLess(lesson.fresh.log_loss, lesson.experts.log_loss)

    def test_a_constant_factor_and_ten_thousand_identical_rows_move_the_base_only(self):
        cases = self.cases(10_000, lambda n: {"use": 0.0, "plan": 1.0}, lambda n: n % 4 == 0)
        found = self.learn(cases).shapes
        self.assertEqual(found["use"], -0.6)
        self.assertAlmostEqual(learning.predict({"use": 0.0, "plan": 1.0}, found), 0.25, delta=0.01)

    def test_a_factor_that_is_gone_is_ignored(self):
        cases = self.cases(
            100, lambda n: {"use": 1.0 if n % 2 else -1.0, "gone": 3.0}, lambda n: n % 2 == 0
        )
        self.assertEqual(set(self.learn(cases).shapes), set(self.priors))

    def test_the_base_follows_drift(self):
        """A tenth left each year, then a third in the last one: the base is that of the last."""
        start = date(2022, 1, 1)
        cases = [
            learning.Case({}, n % 10 == 0, 1.0, start + timedelta(n * 2), n) for n in range(540)
        ]
        late = start + timedelta(1200)
        cases += [learning.Case({}, n % 3 == 0, 1.0, late + timedelta(n), n) for n in range(300)]
        followed = learning.fit_recent(cases, self.priors)
        self.assertAlmostEqual(learning.predict({}, followed), 1 / 3, delta=0.02)
        self.assertLess(learning.predict({}, learning.fit(cases, self.priors)), 0.25)

    def test_what_is_learned_is_calibrated_on_what_comes_later(self):
        """Outcomes drawn by known coefficients: each decile leaves about as often as predicted."""
        import random

        draw = random.Random(7)
        true = {"base": -1.2, "use": -0.9, "plan": 0.0, "tenure": -0.4}
        found = [
            {"use": draw.gauss(0, 1), "tenure": draw.gauss(0, 1), "plan": draw.gauss(0, 1)}
            for _n in range(4000)
        ]
        happened = [draw.random() < learning.predict(row, true) for row in found]
        lesson = self.learn(self.cases(4000, found.__getitem__, happened.__getitem__))
        self.assertLess(lesson.fresh.calibration_error, 4.5)
        self.assertLess(lesson.fresh.brier, lesson.experts.brier)
        for code in ("base", "use", "tenure"):
            self.assertAlmostEqual(lesson.shapes[code], true[code], delta=0.2)
