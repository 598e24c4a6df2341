import json

from odoo.tests import freeze_time, tagged

from ...scoring import factors, learning
from ...scoring.factor import FACTORS, SIGN, Evidence, Factor, register
from ...scoring.facts import IN_LIST, statement
from ..common import TODAY, SuccessCase, days

# Evidence that an earlier formula stored: lines of barriers and objectives by position, and the ramp as a pair.
EARLIER = [
    {"code": "use", "value": 57.5, "points": 20.0, "weight": 30,
     "evidence": {"adoption": 40.0, "target": 26.7, "active": 40, "licensed": 100, "ramp": [2, 6]}},
    {"code": "barriers", "value": 43.8, "points": 10.0, "weight": 20,
     "evidence": {"open": [[7, 56.2, 2, 90, 1]]}},
    {"code": "progress", "value": 75.0, "points": 2.0, "weight": 10,
     "evidence": {"over": 45, "expected": 90, "late": 0}},
    {"code": "value", "value": 70.0, "points": 3.0, "weight": 10,
     "evidence": {"objectives": [[1, 100.0, 1], [2, 40.0, 0]], "open": 1}},
]  # fmt: skip


def nothing(facts, rules):
    """Return neither value nor evidence; the function belongs to an addon that this database does not have."""
    return None, None


nothing.__module__ = "odoo.addons.customer_success_elsewhere.scoring.nothing"


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestFactors(SuccessCase):
    """A factor is one object, which the records, the query, the text and the learning use."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.factors = cls.env["customer.success.factor"].with_context(active_test=False)
        cls.explain = cls.env["customer.success.explanation"]
        cls.customer = cls._customer()

    def _registered(self, code, value=nothing, words=lambda env, evidence: "", **vals):
        factor = register(Factor(code, value=value, words=words, columns={}, **vals))
        self.addCleanup(FACTORS.pop, code)
        return factor

    def test_one_day_is_no_days(self):
        customer = self._customer(stage="prepare", success_go_live_date=days(1))
        self._rescore(customer)
        said = str(customer.with_user(self.csm).success_explanation)
        self.assertNotIn("1 days", said)

    def test_each_factor_of_this_addon_has_a_record_that_points_the_same_way(self):
        own = [factor for factor in FACTORS.values() if factor.addon == "customer_success"]
        self.assertEqual(len(own), 7)
        records = {record.code: record for record in self.factors.search([])}
        for factor in own:
            with self.subTest(factor.code):
                self.assertEqual(records[factor.code].direction, factor.direction)
                self.assertGreater(records[factor.code].weight, 0)

    def test_a_record_may_say_another_direction_than_its_factor(self):
        self._registered("risky", direction="raises")
        vals = {"name": "Risky", "code": "risky"}
        self.assertEqual(self.factors.create(dict(vals)).direction, "raises")
        self._registered("mood", direction="raises")
        record = self.factors.create({"name": "Mood", "code": "mood", "direction": "free"})
        self.assertEqual(record.direction, "free")

    def test_a_factor_of_an_addon_that_is_not_installed_here_does_not_count(self):
        factor = self._registered("elsewhere")
        self.assertEqual(factor.addon, "customer_success_elsewhere")
        self.factors.create({"name": "Elsewhere", "code": "elsewhere", "weight": 10})
        self.assertNotIn("elsewhere", self.scores._rules().weights)
        self.assertIn("use", self.scores._rules().weights)

    def test_a_factor_that_is_switched_off_leaves_what_the_score_shows(self):
        self._usage(self.customer, active=50)
        codes = ("use", "trend", "advisor")
        self.factors.search([("code", "in", codes)]).active = False
        score = self._rescore(self.customer)
        self.assertEqual((score.adoption, str(score.usage_date)), (50, "2026-06-01"))
        self.assertFalse({line["code"] for line in score.breakdown["factors"]} & set(codes))

    def test_two_factors_cannot_bring_the_same_fact_or_step(self):
        use = FACTORS["use"]
        same_fact = Factor("same", value=nothing, words=str, columns={"quality": "1"})
        other_step = use.steps[0]._replace(sql="SELECT 1")
        same_step = Factor("same", value=nothing, words=str, columns={}, steps=(other_step,))
        own_fact = Factor("same", value=nothing, words=str, columns={"health": "1"})
        for factor in (same_fact, same_step, own_fact):
            with self.assertRaisesRegex(ValueError, "factor same: there is another"):
                statement(IN_LIST, (use, factor))
        with self.assertRaisesRegex(ValueError, "a factor with the code use exists already"):
            register(use)
        with self.assertRaisesRegex(ValueError, "sideways is not a direction"):
            Factor("same", value=nothing, words=str, columns={}, direction="sideways")

    def test_what_an_earlier_formula_stored_does_not_break_a_form(self):
        renewal = self._renewal(self.customer)
        score = self._rescore(self.customer)
        breakdown = {**score.breakdown, "factors": EARLIER}
        self.env.cr.execute(
            "UPDATE customer_success_score SET breakdown = %s WHERE id = %s",
            [json.dumps(breakdown), score.id],
        )
        self.env.invalidate_all()
        with self.assertNoLogs("odoo.addons.customer_success", "WARNING"):
            said = str(self.customer.with_user(self.csm).success_explanation)
            self.assertTrue(renewal.with_user(self.csm).explanation)
        self.assertIn("40 of 100 licensed users are active", said)
        self.assertIn("45 days longer in its stage", said)
        self.assertNotIn("No barrier is open", said)

    def test_evidence_of_any_kind_is_said_or_left_out(self):
        score = self._rescored_with_everything()
        for code, factor in FACTORS.items():
            [line] = [line for line in score.breakdown["factors"] if line["code"] == code]
            self.assertTrue(factor.words(self.env, Evidence(line["evidence"])))
            for changed in self._mangled(line["evidence"]):
                with (
                    self.subTest(code, evidence=changed),
                    self.assertNoLogs("odoo.addons.customer_success", "WARNING"),
                ):
                    self.assertIsInstance(self.explain._say(code, changed), str)

    def _rescored_with_everything(self):
        """Return the score of a customer about whom every factor has a value and evidence."""
        customer = self._customer("Known", success_stage_date=days(400))
        for day in (20, 60, 90, 130, 160):
            self._usage(customer, when=days(day), quality=60)
        self._barrier(customer)
        self._answer(customer)
        self.env["customer.success.objective"].create(
            {"partner_id": customer.id, "name": "Fewer sheets", "date_due": days(3)}
        )
        plan = self.env["customer.success.plan"].create({"partner_id": customer.id, "name": "Plan"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_success_plan SET state = 'active' WHERE id = %s", [plan.id]
        )
        self.env.invalidate_all()
        return self._rescore(customer)

    def _mangled(self, evidence):
        """Yield the evidence with one more key, then with each key missing, a list, or empty."""
        yield {**evidence, "of_tomorrow": 1}
        for name in evidence:
            yield {key: value for key, value in evidence.items() if key != name}
            for other in ([1, 2], [[1, 2]], None, {}):
                yield {**evidence, name: other}

    def test_words_that_fail_are_logged_and_the_form_opens(self):
        self._registered("clumsy", words=lambda env, evidence: evidence["gone"])
        with self.assertLogs("odoo.addons.customer_success", "WARNING"):
            self.assertEqual(self.explain._say("clumsy", {"here": 1}), "")
        self.assertEqual(self.explain._say("clumsy", None), "")
        self.assertEqual(self.explain._say("unheard_of", {"here": 1}), "")

    def test_what_was_learned_against_the_direction_does_not_count(self):
        use = self.factors.search([("code", "=", "use")])
        use.write({"is_learned": True, "learned": 0.4})
        self.assertEqual(self.scores._rules().coefficients["use"], 0.0)
        use.direction = "free"
        self.assertEqual(self.scores._rules().coefficients["use"], 0.4)
        use.write({"direction": "lowers", "learned": -0.4})
        self.assertEqual(self.scores._rules().coefficients["use"], -0.4)

    def test_learning_knows_the_direction_of_each_factor(self):
        priors = self.env["customer.success.factor"]._priors()
        for code, factor in FACTORS.items():
            if factor.addon == "customer_success":
                self.assertEqual(priors[code].sign, SIGN[factor.direction])
        cases = [learning.Case({"plan": 2.0}, True), learning.Case({"plan": -2.0}, False)] * 50
        curve = learning.fit(cases, priors)["plan"]
        self.assertTrue(all(b < a for a, b in zip(curve.heights, curve.heights[1:])))

    def test_a_new_formula_of_a_factor_scores_everybody_anew(self):
        self._registered("mood")
        rules = self.scores._rules()._replace(weights={"mood": 1})
        before = rules.version()
        FACTORS.pop("mood")
        register(Factor("mood", value=nothing, words=str, columns={}, formula=2))
        self.assertNotEqual(rules.version(), before)

    def test_each_file_of_factors_registers_one(self):
        names = {name for name in vars(factors) if not name.startswith("_")}
        own = {code for code, factor in FACTORS.items() if factor.addon == "customer_success"}
        self.assertEqual(own, names)
