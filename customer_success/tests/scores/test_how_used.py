import random
from datetime import date

from odoo.tests import BaseCase, Form, freeze_time, tagged

from ...scoring.engine import score
from ...scoring.facts import Facts
from ...scoring.rules import Rules
from ...scoring.use import DEGREES
from ..common import AS_INTENDED, TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestHowUsed(SuccessCase):
    """Log-ins are a third of what is known of use, and nobody is good of whom no more is known."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(500))
        cls.other = cls.env["product.product"].create({"name": "Tracker"})

    def _searched(self, customer=None):
        """Have somebody look for barriers and find none, so that the rest of the score is excellent."""
        self._leave_out("progress", "plan")
        check = self.env["customer.success.barrier.check"].with_user(self.csm)
        check.create(
            {"partner_id": (customer or self.customer).id, "users_asked": 20}
        ).action_finish()

    def _year(self, **vals):
        """Record 95 of 100 active users in each month of a year."""
        for month in range(13):
            year, place = divmod(2025 * 12 + 4 + month, 12)
            self._usage(self.customer, active=95, when=date(year, place + 1, 1), **vals)

    def _score(self, customer=None):
        self.env.invalidate_all()
        return self._rescore(customer or self.customer)

    def _use(self, score=None):
        lines = (score or self._score()).breakdown["factors"]
        return {line["code"]: line for line in lines}["use"]

    def _said(self, customer=None):
        self._score(customer)
        customer = (customer or self.customer).with_user(self.csm)
        return " ".join(str(customer.success_explanation).split())

    def _assess(self, **steps):
        with (
            Form.from_action(
                self.env["res.partner"].with_user(self.csm).env,
                self.customer.with_user(self.csm).action_success_assess_all(),
            ) as dialog,
            dialog.line_ids.edit(0) as line,
        ):
            for degree, step in steps.items():
                setattr(line, degree, str(step))
        dialog.record.action_save()

    # ------------------------------------------------------------------------------------------
    # Log-ins alone
    # ------------------------------------------------------------------------------------------

    def test_log_ins_alone_are_a_third_of_what_is_known_of_use(self):
        self._year()
        line = self._use()
        self.assertEqual((line["value"], line["weight"]), (100, 10))
        self._usage(self.customer, False, False, source="assessed", timely=70, quality=70)
        line = self._use()
        self.assertEqual(line["value"], 88)  # (3 x 100 + 2 x 70) / 5
        self.assertEqual(line["weight"], 18.9)  # 30 x (5 / 9) / 0.88

    def test_nobody_is_good_by_log_ins_alone(self):
        self._searched()
        self._year()
        score = self._score()
        self.assertEqual((score.health, score.health_band), (68.8, "watch"))
        self.assertEqual(score.confidence, 47.1)  # 10 + 10 + 20 of 85
        found = self.env["res.partner"].with_user(self.csm)
        mine = [("id", "=", self.customer.id)]
        self.assertFalse(found.search([*mine, ("success_health_band", "=", "good")]))
        self.assertFalse(found.search([*mine, ("success_health", ">=", 70)]))
        [(average,)] = found._read_group(mine, [], ["success_health:avg"])
        self.assertAlmostEqual(average, 68.8)

    def test_before_go_live_a_year_of_log_ins_is_no_good_health_either(self):
        self.customer = self._customer("Early", "prepare")
        self._searched()
        self._year()
        self.assertEqual(self._score().health_band, "watch")

    def test_the_line_names_what_to_ask_and_the_lines_add_up(self):
        self._searched()
        self._year()
        said = self._said()
        self.assertIn(
            "Only log-ins are known. Ask how they use it: as intended, on time, how well, how often, in the system, "
            "how accurately",
            said,
        )
        self.assertIn("Held below “Good”", said)
        self.assertIn("Nobody knows how it is used.", said)
        lines = self.env["customer.success.explanation"]._health_lines(self._score())
        self.assertAlmostEqual(sum(line["points"] for line in lines), 68.8, 6)
        self._usage(self.customer, False, False, source="assessed", timely=70)
        said = self._said()
        self.assertNotIn("Only log-ins are known", said)
        self.assertNotIn("Held below", said)
        self.assertIn("Not known, to ask: as intended, how well,", said)

    def test_salespeople_see_the_same_band_and_reason(self):
        self._searched()
        self._year()
        self._score()
        customer = self.customer.with_user(self.sales)
        self.assertEqual((customer.success_health, customer.success_health_band), (68.8, "watch"))

    def test_each_product_is_held_and_the_customer_is_what_they_make(self):
        self._searched()
        self._usage(self.customer, active=95, **AS_INTENDED)
        self._usage(self.customer, 90, 90, product_id=self.other.id)
        score = self._score()
        rows = self.customer.with_user(self.csm).success_product_score_ids
        bands = {row.product_id: (row.health, row.health_band) for row in rows}
        self.assertEqual(bands, {self.product: (100, "good"), self.other: (68.9, "watch")})
        self.assertAlmostEqual(score.health, 84.4, 1)
        lines = self.env["customer.success.explanation"]._health_lines(score)
        self.assertAlmostEqual(sum(line["points"] for line in lines), score.health, 6)
        said = self._said()
        self.assertIn("Nobody knows how some of the products are used.", said)
        self.assertIn("Tracker, 100 of 100: 90 of 90 licensed users are active", said)
        self.assertEqual(said.count("Only log-ins are known"), 1)
        [promise] = [
            line
            for line in self.env["customer.success.explanation"]._helpful(self.customer, limit=9)
            if "Assess the use" in line
        ]
        self._usage(
            self.customer,
            False,
            False,
            product_id=self.other.id,
            source="assessed",
            **dict.fromkeys(AS_INTENDED, 70),
        )
        self.assertIn(f"to {self._score().health:.1f} (", promise)

    # ------------------------------------------------------------------------------------------
    # What would help, and what changed
    # ------------------------------------------------------------------------------------------

    def test_assessing_the_use_is_what_would_help(self):
        self._searched()
        self._year()
        renewal = self._renewal(self.customer)
        self._score()
        self.assertIn(
            f"Assess the use, if it is mostly as intended: churn risk from {renewal.churn_risk:.1f} % to",
            self._said(),
        )
        renewal.unlink()
        self.assertIn(
            "Assess the use, if it is mostly as intended: health from 68.8 to", self._said()
        )
        self._assess(**dict.fromkeys(DEGREES, 70))
        self.assertNotIn("Assess the use, if", self._said())

    def test_what_the_lever_promises_is_what_the_score_becomes(self):
        self._searched()
        self._year()
        self._score()
        [promise] = [
            line
            for line in self.env["customer.success.explanation"]._helpful(self.customer, limit=9)
            if "Assess the use" in line
        ]
        self._assess(**dict.fromkeys(DEGREES, 70))
        self.assertIn(f"to {self._score().health:.1f} (", promise)

    def test_what_changed_names_what_held_it_and_adds_up(self):
        self._searched()
        self._year()
        with freeze_time(days(8)):
            self._score()
        self._assess(timely=70)
        score = self._score()
        moved = self.env["customer.success.explanation"]._changes(score)["health"]
        self.assertEqual((moved["before"], moved["now"]), (68.8, score.health))
        points = {line["name"]: line["points"] for line in moved["lines"]}
        self.assertGreater(points["Held below “Good”"], 0)
        self.assertAlmostEqual(sum(points.values()), score.health - 68.8, 6)

    # ------------------------------------------------------------------------------------------
    # Innocents
    # ------------------------------------------------------------------------------------------

    def test_innocent_who_cannot_measure_says_it_in_words(self):
        self._searched()
        self._year()
        self.assertEqual(self._score().health_band, "watch")
        self._assess(as_intended=100)
        self.assertEqual(self._score().health_band, "good")

    def test_innocent_whose_use_is_known_as_a_whole_is_fully_known(self):
        self._usage(self.customer, active=95, **AS_INTENDED)
        self.assertEqual(self._use()["weight"], 30)

    def test_innocent_whose_work_cannot_be_done_without_it_is_fully_known_by_the_degrees(self):
        self.env["customer.success.intended.use"].create(
            {"product_id": self.product.id, "forced_use": "yes"}
        )
        self._usage(self.customer, active=95, **dict.fromkeys(AS_INTENDED, 80))
        line = self._use()
        self.assertEqual((line["value"], line["weight"]), (80, 30))

    def test_innocent_in_the_first_month_after_go_live_has_time_to_be_asked(self):
        customer = self._customer("New", "prepare", success_go_live_date=days(-3))
        self._searched(customer)
        self._answer(customer, signal="strength", rating="5")
        before = self._score(customer).health
        self.assertGreater(before, 70)
        customer.write(
            {"success_go_live_date": days(3), "success_stage_id": self.stages["go_live"].id}
        )
        self._usage(customer, active=20)
        self.assertGreaterEqual(self._score(customer).health, 70)
        with freeze_time(days(-40)):
            self.assertEqual(self._score(customer).health_band, "watch")

    def test_innocent_that_is_preparing_is_not_asked(self):
        customer = self._customer("Preparing", "prepare")
        self._searched(customer)
        self._answer(customer, signal="strength", rating="5")
        self.assertEqual(self._score(customer).health_band, "good")

    def test_innocent_a_company_that_does_not_rate_use(self):
        self._searched()
        self._leave_out("use")
        self._answer(self.customer, signal="strength", rating="5")
        self.assertEqual(self._score().health_band, "good")

    def test_innocent_who_is_not_good_is_not_held(self):
        self._leave_out("progress", "plan")
        self._usage(self.customer, active=60)
        self._barrier(self.customer, "3")
        score = self._score()
        self.assertLess(score.health, 69)
        self.assertNotIn("held", score.breakdown)

    # ------------------------------------------------------------------------------------------
    # Cheats
    # ------------------------------------------------------------------------------------------

    def test_cheat_what_was_said_last_year_counts_no_more(self):
        self._searched()
        self._year()
        self._usage(self.customer, False, False, source="assessed", when=days(380), **AS_INTENDED)
        self.assertEqual(self._score().health_band, "watch")
        line = self._use()
        self.assertLess(line["value"], 75, "good degrees fade")
        self.assertLess(abs(line["value"] * line["weight"] - 10 * 100), 10, "and earn nothing")

    def test_cheat_what_was_said_before_the_silence_counts_no_more(self):
        self._searched()
        self._usage(self.customer, active=95, when=days(300), **AS_INTENDED)
        self.assertEqual(self._score().health_band, "watch")

    def test_cheat_a_side_product_of_a_few_people_says_nothing_of_the_others(self):
        self._searched()
        self._usage(self.customer, active=95)
        self._usage(self.customer, 2, 2, product_id=self.other.id, **AS_INTENDED)
        self.assertEqual(self._score().health_band, "watch")
        self.assertIn("How it is used is known of 2 % of the licences only", self._said())

    def test_cheat_half_of_the_licences_is_not_most_of_them(self):
        self._searched()
        self._usage(self.customer, active=95)
        self._usage(self.customer, active=95, product_id=self.other.id, **AS_INTENDED)
        self.assertEqual(self._score().health_band, "watch")

    def test_cheat_marking_forced_use_or_deleting_the_log_ins_lifts_nothing(self):
        self._searched()
        self._answer(self.customer, signal="strength", rating="5")
        self._year()
        self.assertEqual(self._score().health_band, "watch")
        before = self._score().health
        self.env["customer.success.intended.use"].create(
            {"product_id": self.product.id, "forced_use": "yes"}
        )
        self.assertLessEqual(self._score().health, before)
        self.customer.success_usage_ids.unlink()
        self.assertLessEqual(self._score().health, before)

    def test_cheat_a_later_go_live_date_gives_no_more_time(self):
        self._searched()
        self._year()
        self.customer.success_go_live_date = days(3)
        self.assertEqual(self._score().health_band, "watch")

    def test_cheat_few_log_ins_count_whole(self):
        """That few people log in says enough; it is not hidden because nobody knows how they use it."""
        self._usage(self.customer, active=12)
        line = self._use()
        self.assertEqual((line["value"], line["weight"]), (15, 30))


@tagged("at_install", "-post_install")
class TestHowUsedAlways(BaseCase):
    """Rules that hold for the scores of any customer, tried on random facts."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(25)
        self.rules = Rules(
            {"use": 30, "trend": 10, "advisor": 15, "plan": 5},
            {"base": -2.0, "use": -0.6},
            known_enough=0.0,
        )

    def _facts(self):
        pick = self.random
        known = {
            name: pick.choice([0, 25, 50, 70, 85, 100])
            for name in pick.sample(DEGREES, pick.randint(0, 6))
        }
        known["renewals"] = [[5, True, 1000.0, 1, False, 12, 1, False, 100, 32, None, None, 3]]
        if pick.random() < 0.8:
            known |= {"licensed_users": 100, "active_users": pick.randint(0, 100)}
        if pick.random() < 0.7:
            known |= {"active_quarter": pick.randint(1, 100), "active_before": pick.randint(1, 100)}
        if pick.random() < 0.7:
            known |= {"answers": 3, "questions_due": 10, "questions_fresh": pick.randint(0, 10)}
        return Facts(1, **known)

    def _scored(self, facts):
        row, _renewals = score(facts, self.rules)
        return row

    def _no_worse(self, after, before):
        if before["health"] is not None:
            self.assertGreaterEqual(after["health"], before["health"] - 0.11)  # two are rounded
        self.assertLessEqual(after["renewal_risk"], before["renewal_risk"] + 0.11)

    def test_more_use_and_better_use_never_lower_a_score(self):
        for _round in range(2000):
            facts = self._facts()
            before = self._scored(facts)
            for name in (*DEGREES, "active_users"):
                known = getattr(facts, name)
                if known is not None:
                    better = min(100, known + self.random.randint(1, 40))
                    self._no_worse(self._scored(facts.replaced(**{name: better})), before)

    def test_learning_a_degree_that_is_fine_never_lowers_a_score(self):
        for _round in range(2000):
            facts = self._facts()
            before = self._scored(facts)
            lines = before["breakdown"]["factors"]
            rest = sum(line["points"] for line in lines)
            use = max((line["value"] for line in lines if line["code"] == "use"), default=0)
            for name in DEGREES:
                if getattr(facts, name) is None:
                    fine = max(70, use, rest)
                    self._no_worse(self._scored(facts.replaced(**{name: fine})), before)

    def test_marking_forced_use_never_raises_a_score(self):
        for _round in range(2000):
            facts = self._facts()
            if facts.licensed_users:
                marked = facts.replaced(
                    forced_licensed=100, forced_active=facts.active_users, forced_target=80.0
                )
                before, after = self._scored(marked), self._scored(facts)
                self._no_worse(after, before)
