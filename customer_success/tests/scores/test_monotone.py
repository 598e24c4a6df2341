import itertools
import random

from odoo.tests import BaseCase, tagged

from ...scoring.ends import above_zero, below_top, less
from ...scoring.factor import FACTORS
from ...scoring.factors import barriers
from ...scoring.factors.plan import SHARE
from ...scoring.facts import Facts
from ...scoring.renewal import Renewal
from ...scoring.risk import deviations
from ...scoring.rules import Rules
from ...scoring.scored import judged
from ...scoring.use import DEGREES

WEIGHTS = {
    "use": 30,
    "trend": 10,
    "barriers": 20,
    "advisor": 15,
    "progress": 10,
    "value": 10,
    "plan": 5,
}
COEFFICIENTS = {"use": -0.6, "trend": -0.3, "barriers": -0.4, "advisor": -0.3, "progress": -0.2,
                "value": -0.3, "plan": -0.1}  # fmt: skip
ROUNDS = 400


@tagged("at_install", "-post_install")
class TestMonotone(BaseCase):
    """Doing the right thing raises the health and lowers the risk of any customer, however bad it is, before rounding."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(28)
        self.rules = Rules(WEIGHTS, COEFFICIENTS)

    # ------------------------------------------------------------------------------------------
    # Customers, and what can be done for them
    # ------------------------------------------------------------------------------------------

    def _facts(self):
        """Return a customer of whom anything may be known, except that it is known in part how it is used."""
        pick = self.random
        known = {"how_known": 1.0, "something_known": True, "time_used": pick.randint(0, 4)}
        known |= {name: pick.uniform(0, 99) for name in pick.sample(DEGREES, pick.randint(1, 6))}
        known |= self._some(0.8, licensed_users=200, active_users=pick.randint(0, 198))
        users = [
            pick.randint(0, 150),
            pick.randint(40, 150),
            pick.randint(0, 150),
            pick.randint(40, 150),
        ]
        known |= self._some(0.7, active_quarter=users[0], active_before=users[1])
        known |= self._some(0.5, active_this_year=users[2], active_last_year=users[3])
        found = [
            [n, pick.randint(0, 3), pick.randint(0, 180), pick.randint(0, 1), pick.randint(0, 1)]
            for n in range(pick.randint(0, 4))
        ]
        known |= self._some(0.6, people_asked=pick.randint(1, 20), areas_looked=pick.random())
        known |= {"barriers": found or None}
        known["barriers_known"] = bool(found or known.get("people_asked"))
        known |= self._some(
            0.7, answers=5, questions_due=12, questions_fresh=pick.randint(0, 11), questions_stale=0,
            worrying=0, **{name: pick.uniform(0, 99) for name in ("ready", "willing", "able")},
        )  # fmt: skip
        known |= self._some(
            0.7,
            objectives=[
                [
                    n,
                    pick.choice([None, pick.uniform(-150, 99)]),
                    pick.randint(0, 1),
                    pick.randint(0, 1),
                ]
                for n in range(pick.randint(1, 4))
            ],
        )
        known |= self._some(
            0.7, plan_complete=SHARE * pick.randint(5, 20), plan_mandate=0, plan_blind_spots=1,
            plan_review_late=pick.randint(0, 1), plan_short=[pick.choice([0, 2, 4]) for _ in range(4)],
        )  # fmt: skip
        names = pick.sample(["sponsor", "champion", "active_plan", "coverage", "adoption"], 5)
        place = pick.randint(0, 5)
        known |= {
            "conditions_met": [name for name in names[:place] if name != "adoption"],
            "conditions_due": names[place:],
            "days_expected": 60,
            "days_over": pick.choice([0, 0, pick.randint(1, 60)]),
            "nothing_ahead": bool(pick.randint(0, 1)),
        }
        return Facts(1, **known)

    def _some(self, chance, **known):
        return known if self.random.random() < chance else {}

    def _deeds(self, facts):
        """Yield ``(name, facts after it)`` for each right thing that can be done for this customer."""
        for deeds in (self._removals, self._use, self._results, self._plan, self._conditions):
            yield from deeds(facts)

    def _removals(self, facts):
        rows = [list(row) for row in facts.barriers or ()]
        for place, row in enumerate(rows):
            rest = rows[:place] + rows[place + 1 :]
            known = bool(rest or facts.people_asked)
            yield "remove", facts.replaced(barriers=rest or None, barriers_known=known)
            for name, column, better in (
                ("severity", 1, row[1] - 1),
                ("age", 2, row[2] - 1),
                ("authority", 3, 0),
            ):
                if 0 <= better < row[column]:
                    changed = [*row[:column], better, *row[column + 1 :]]
                    yield name, facts.replaced(barriers=[*rest, changed])
        if facts.people_asked and facts.people_asked < 5 and facts.areas_looked:
            yield "search", facts.replaced(people_asked=facts.people_asked + 1)

    def _use(self, facts):
        for name in (*DEGREES, "ready", "willing", "able"):
            known = getattr(facts, name)
            if known is not None:
                better = known + (100 - known) * self.random.random()
                yield name, facts.replaced(**{name: better})
        if facts.active_users is not None:
            yield "active", facts.replaced(active_users=facts.active_users + 1)
        for name in ("active_quarter", "active_this_year"):
            if getattr(facts, name) is not None and self._known(facts, "trend"):
                yield name, facts.replaced(**{name: getattr(facts, name) + 1})
        if facts.answers:
            yield "answer", facts.replaced(questions_fresh=facts.questions_fresh + 1)

    def _results(self, facts):
        lines = facts.objectives or ()
        for place, (number, reached, confirmed, failed) in enumerate(lines):
            rest = [*lines[:place], *lines[place + 1 :]]
            if reached is not None and (confirmed or not failed):
                yield (
                    "result",
                    facts.replaced(objectives=[*rest, [number, reached + 0.5, confirmed, failed]]),
                )
                if not confirmed:
                    yield (
                        "confirm",
                        facts.replaced(objectives=[*rest, [number, reached, 1, failed]]),
                    )
            if reached is None and failed and not confirmed:
                yield "measure", facts.replaced(objectives=[*rest, [number, 1.0, 0, 0]])

    def _plan(self, facts):
        if facts.plan_complete:
            yield "plan", facts.replaced(plan_complete=facts.plan_complete + SHARE)
            if facts.plan_review_late:
                yield "review", facts.replaced(plan_review_late=0)
            if facts.plan_short[0]:
                yield "gap", facts.replaced(plan_short=[0, *facts.plan_short[1:]])

    def _conditions(self, facts):
        for name in facts.conditions_due:
            if name != "adoption":
                yield name, facts.replaced(conditions_met=[*facts.conditions_met, name])
        if self._value(facts, "progress"):
            if facts.nothing_ahead:
                yield "ahead", facts.replaced(nothing_ahead=False)
            if facts.days_over:
                yield "days", facts.replaced(days_over=facts.days_over - 1)

    def _known(self, facts, code):
        return self._value(facts, code) is not None

    def _value(self, facts, code):
        return FACTORS[code].value(facts, self.rules)[0]

    def _scored(self, facts):
        """Return the health and the logit of the risk without rounding, and the values and reaches behind them."""
        whole, _parts = judged(facts, self.rules)
        known = {code: value for code, value in whole.values.items() if value is not None}
        weights = {code: WEIGHTS[code] * whole.reaches.get(code, 1.0) for code in known}
        weight = sum(weights.values())
        health = sum(weights[code] * known[code] for code in known) / weight
        found = deviations(known, Renewal(1), whole.reaches)
        return health, sum(COEFFICIENTS[code] * value for code, value in found.items())

    # ------------------------------------------------------------------------------------------
    # Always better
    # ------------------------------------------------------------------------------------------

    def test_each_right_thing_raises_the_health_and_lowers_the_risk(self):
        done = set()
        for _round in range(ROUNDS):
            facts = self._facts()
            health, risk = self._scored(facts)
            for name, after in self._deeds(facts):
                done.add(name)
                its_health, its_risk = self._scored(after)
                self.assertGreater(its_health, health, (name, facts.__dict__))
                self.assertLess(its_risk, risk, (name, facts.__dict__))
        self.assertGreater(len(done), 25, done)

    def test_whatever_else_is_known_one_barrier_less_is_better(self):
        """Good and bad news are weighed apart, so a removal lowers neither a very good score nor a very bad one."""
        for others in (1.0, 40.0, 70.0, 99.0):
            for _round in range(ROUNDS // 8):
                facts = self._facts()
                for name, after in self._deeds(facts):
                    if name in ("remove", "severity", "authority", "age"):
                        before, now = (self._with(others, one) for one in (facts, after))
                        self.assertGreater(now, before, (name, facts.barriers))

    def _with(self, others, facts):
        """Return the health if all other factors, which weigh 80, have this value."""
        value, _evidence = barriers.value(facts, self.rules)
        reach = barriers.reach(facts, self.rules, value) if value is not None else 0.0
        return (80 * others + 20 * reach * (value or 0.0)) / (80 + 20 * reach)

    def test_the_worst_customer_gains_by_each_step(self):
        """Two barriers weigh more than all there is; removing either, or getting authority, is worth a tenth and more."""
        facts = Facts(
            1, barriers_known=True, people_asked=5, barriers=[[1, 3, 120, 1, 0], [2, 2, 100, 0, 0]]
        )
        worst, _evidence = barriers.value(facts, self.rules)
        self.assertGreater(worst, 0)
        for _name, after in self._deeds(facts.replaced(conditions_due=[])):
            if after.barriers != facts.barriers and len(after.barriers) < 2:
                self.assertGreater(barriers.value(after, self.rules)[0], worst + 0.1)

    # ------------------------------------------------------------------------------------------
    # No cliff
    # ------------------------------------------------------------------------------------------

    def test_a_small_change_of_a_fact_moves_a_value_by_little(self):
        searched = {"barriers_known": True, "people_asked": 5}
        plain = {
            "age": ("barriers", 0.45, range(400), lambda n: {**searched, "barriers": [[1, 3, n, 1, 0]]}),
            "people": ("trend", 2.0, range(300), lambda n: {"active_quarter": n, "active_before": 100}),
            "objective": ("value", 1.0, range(-300, 200), lambda n: {"objectives": [[1, float(n), 1, 0]]}),
            "users": ("use", 1.3, range(101), lambda n: {"licensed_users": 100, "active_users": n}),
            "adoption": (
                "progress",
                1.3,
                range(101),
                lambda n: {"licensed_users": 100, "active_users": n, "conditions_due": ["adoption"],
                           "something_known": True},
            ),
            "days": (
                "progress",
                1.0,
                range(200),
                lambda n: {"conditions_met": ["sponsor"], "days_expected": 60, "days_over": n},
            ),
        }  # fmt: skip
        for name, (code, most, places, facts) in plain.items():
            found = [self._value(Facts(1, **known), code) for known in map(facts, places)]
            for before, now in itertools.pairwise(found):
                self.assertLessEqual(abs(now - before), most, name)
            self.assertGreater(len({round(value, 12) for value in found}), 80, name)

    def test_what_was_searched_fades_and_is_not_gone_overnight(self):
        weights = [
            barriers.reach(
                Facts(1, barriers_known=True, people_asked=5, search_stale_weeks=weeks), None, 100.0
            )
            for weeks in range(27)
        ]
        self.assertEqual((weights[0], weights[-1]), (1.0, 0.0))
        for before, now in itertools.pairwise(weights):
            self.assertAlmostEqual(before - now, 1 / 26)

    def test_the_ends_join_the_line_without_a_corner(self):
        for bend in (
            lambda points: above_zero(points, 20.0),
            lambda points: below_top(points, 20.0),
            lambda points: less(100.0, points),
        ):
            places = [n / 10 for n in range(-500, 2500)]
            slopes = [(bend(n + 0.001) - bend(n)) / 0.001 for n in places]
            for before, now in itertools.pairwise(slopes):
                self.assertLess(abs(before - now), 0.02)
            self.assertLessEqual(max(map(abs, slopes)), 1.0001)
            self.assertGreater(min(map(abs, slopes)), 0.0)

    # ------------------------------------------------------------------------------------------
    # Cheats
    # ------------------------------------------------------------------------------------------

    def test_cheat_a_trivial_barrier_that_is_opened_lifts_nothing(self):
        for others in (1.0, 40.0, 70.0, 99.0):
            for asked in (None, 1, 3, 5):
                for found in ([], [[1, 2, 90, 1, 0]]):
                    facts = Facts(
                        1, barriers_known=bool(asked or found), people_asked=asked, barriers=found
                    )
                    more = [*found, [9, 0, 0, 0, 1]]
                    after = facts.replaced(barriers=more, barriers_known=True)
                    self.assertLess(self._with(others, after), self._with(others, facts))

    def test_cheat_two_small_barriers_made_of_a_large_one_are_two_barriers(self):
        """As many points are as bad in one piece as in two; calling them less severe is what the log of the barrier shows."""
        one = Facts(1, barriers_known=True, people_asked=5, barriers=[[1, 2, 0, 0, 0]])
        two = one.replaced(barriers=[[1, 1, 0, 0, 0], [2, 1, 0, 0, 0]])
        self.assertEqual(barriers.value(one, None)[0], barriers.value(two, None)[0])

    def test_cheat_more_use_does_not_make_a_search_smaller(self):
        facts = Facts(1, barriers_known=True, people_asked=5, licensed_users=100, active_users=50)
        reaches = {
            barriers.reach(facts.replaced(active_users=n), None, 100.0) for n in (10, 60, 99)
        }
        self.assertEqual(reaches, {0.5})
