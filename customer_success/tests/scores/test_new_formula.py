from dataclasses import replace
from unittest.mock import patch

from odoo.modules.migration import load_script
from odoo.tests import freeze_time, tagged
from odoo.tools import file_path, html2plaintext

from ...scoring.factor import FACTORS
from ..common import AS_INTENDED, TODAY, days
from ..outputs.workbook_common import WorkbookCase
from ..work.plays_common import PlaysCase


class NewFormula:
    """Tests that update the addon: from then on a factor has another formula."""

    def _update(self, code="use", points=-30.0):
        """Let a factor be worth so many points more, by a new formula."""
        factor = FACTORS[code]
        former = factor.value

        def value(facts, rules):
            worth, evidence = former(facts, rules)
            return (worth if worth is None else max(0.0, min(100.0, worth + points))), evidence

        new = replace(factor, value=value, formula=factor.formula + 1)
        patcher = patch.dict(FACTORS, {code: new})
        patcher.start()
        self.addCleanup(patcher.stop)

    def _night(self, *customers):
        """Score the customers as the nightly job does, after all facts so far were scored."""
        self.env.flush_all()
        self.scores._score(sorted(self.env["res.partner"].union(*customers).ids), True)

    def _all_scored(self):
        """Empty the queue of the customers whose facts changed."""
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM customer_success_score_request")

    def _history_of(self, customer):
        self.env.invalidate_all()
        return (
            self.env["customer.success.score.history"]
            .with_user(self.csm)
            .search([("partner_id", "=", customer.id)], order="date")
        )


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestNewFormula(NewFormula, PlaysCase):
    """A jump by a new formula is marked, and read as no change of the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._leave_out("advisor", "progress", "value", "plan", "barriers", "trend")
        cls.customer = cls._customer("Moved", success_go_live_date=days(800))
        cls.used = cls._usage(cls.customer, active=80, when=days(75), **AS_INTENDED)
        cls.renewal = cls._renewal(cls.customer)

    def _before(self, ago=5, *customers):
        """Score the customers by the former formula, so many days ago."""
        with freeze_time(days(ago)):
            self._night(self.customer, *customers)
        self._all_scored()

    def _dashboard(self, user=None):
        return self.env["customer.success.dashboard"].with_user(user or self.csm).create({})

    def _found(self, customer=None):
        explain = self.env["customer.success.explanation"].with_user(self.csm)
        with freeze_time(TODAY):
            return explain._changes((customer or self.customer).success_score_id.sudo(), days=3)

    # It is marked -------------------------------------------------------------------------------

    def test_the_history_says_since_which_day_the_new_formula_counts(self):
        self._before()
        self._update()
        self._night(self.customer)
        old, new = self._history_of(self.customer)
        self.assertNotEqual(old.formula, new.formula)
        self.assertEqual((old.is_new_formula, new.is_new_formula), (False, True))
        self.assertEqual(new.rules_changed, "New formula since this day")
        self.assertFalse(old.rules_changed)
        points = self.customer.with_user(self.csm).success_history_chart
        self.assertEqual(points[1][3], "New formula since this day")
        self.assertEqual(len(points[0]), 3)

    def test_it_is_marked_on_its_day_also_where_no_score_moved(self):
        self._before()
        self._update(points=0.0)
        self._night(self.customer)
        self.assertEqual(self._history_of(self.customer).mapped("is_new_formula"), [False, True])

    def test_a_second_score_of_the_day_and_later_days_keep_the_mark_where_it_was(self):
        self._before()
        self._update()
        with freeze_time(days(1)):
            self._night(self.customer)
            self._all_scored()
            self.used.active_users = 60
            self._night(self.customer)
        self._all_scored()
        self.used.active_users = 30
        self._night(self.customer)
        marks = {row.date: row.is_new_formula for row in self._history_of(self.customer)}
        self.assertTrue(marks[days(1)])
        self.assertFalse(marks.get(TODAY))

    def test_what_changed_says_the_day_and_gives_it_a_line_of_its_own(self):
        self._before(8)
        health = self.customer.success_health
        self._update()
        self._night(self.customer)
        found = self._found()
        self.assertIn("computed by a new formula since 06/15/2026", found["rules"])
        self.assertIn("no change of the customer", found["rules"])
        shares = {line["code"]: line["points"] for line in found["health"]["lines"]}
        self.assertEqual(shares, {"rules": round(self.customer.success_health - health, 1)})
        self.assertEqual([line["code"] for line in found["risk"]["lines"]], ["rules"])
        said = html2plaintext(self.customer.with_user(self.csm).success_explanation)
        self.assertIn("a new formula (no change of the customer)", said)

    def test_salespeople_read_it_in_the_reasons(self):
        self._before(8)
        self._update()
        self._night(self.customer)
        said = html2plaintext(self.customer.with_user(self.sales).success_explanation)
        self.assertIn("computed by a new formula since 06/15/2026", said)

    def test_the_dashboard_says_it_and_leaves_it_out(self):
        with freeze_time(days(40)):
            self._night(self.customer)
        self._all_scored()
        self._update()
        self._night(self.customer)
        moved = self._dashboard().content["moved"]
        self.assertFalse(moved["rows"])
        self.assertIn("0 better, 0 worse", moved["summary"])
        self.assertIn("New formula of the scores since 06/15/2026", moved["formula"])

    def test_nothing_is_marked_without_a_new_formula(self):
        self._before()
        self.used.active_users = 30
        self._night(self.customer)
        self.assertEqual(set(self._history_of(self.customer).mapped("is_new_formula")), {False})
        self.assertFalse(self._dashboard().content["moved"]["formula"])
        self.assertFalse(self._found()["rules"])

    def test_the_first_score_of_a_customer_is_no_new_formula(self):
        self._night(self.customer)
        self._update()
        fresh = self._customer("Fresh")
        self._night(fresh)
        self.assertEqual(self._history_of(fresh).mapped("is_new_formula"), [False])

    def test_a_customer_that_is_followed_again_says_it_too(self):
        self._before(40)
        stage = self.customer.success_stage_id
        self.customer.success_stage_id = False
        self._update()
        self.customer.success_stage_id = stage
        self._night(self.customer)
        self.assertEqual(
            self._history_of(self.customer).mapped("rules_changed"),
            ["", "New formula since this day"],
        )

    def test_other_weights_are_no_new_formula(self):
        self._before()
        barriers = self.env["customer.success.factor"].with_context(active_test=False)
        barriers.search([("code", "=", "barriers")]).active = True
        self._night(self.customer)
        self.assertNotIn(True, self._history_of(self.customer).mapped("is_new_formula"))

    def test_scores_from_before_formulas_were_named_count_as_another_formula(self):
        self._before()
        for table in ("customer_success_score", "customer_success_score_history"):
            self.env.cr.execute(f"UPDATE {table} SET formula = NULL")
        path = file_path("customer_success/migrations/19.0.2.0.0/post-formulas.py")
        load_script(path, "post_formulas").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self._update(points=0.0)
        self._night(self.customer)
        self.assertTrue(self._history_of(self.customer)[-1].is_new_formula)

    # Innocents: the formula alone moved them --------------------------------------------------------

    def _high(self, points=-60.0):
        """Let the formula raise the risk to high."""
        self._before(20)
        self.assertEqual(self.customer.success_risk_band, "low")
        risk = self.customer.success_renewal_risk
        for band, more in (("medium", 1), ("high", 2), ("critical", 60)):
            self.env["ir.config_parameter"].set_param(
                f"customer_success.risk_{band}", str(risk + more)
            )
        self._update(points=points)

    def test_the_play_of_a_rising_risk_does_not_start(self):
        play = self._play("risk_band", risk_from="high")
        self._high()
        self._night(self.customer)
        self.assertIn(self.customer.success_risk_band, ("high", "critical"))
        self._evaluate()
        self.assertFalse(self._reasons(play))

    def test_views_that_differ_by_the_formula_start_no_play(self):
        play = self._play("views_differ")
        self._high()
        self.customer.write({"success_sentiment": "confident", "success_sentiment_date": days(19)})
        self._all_scored()
        self._night(self.customer)
        self._evaluate()
        self.assertFalse(self._reasons(play))

    def test_a_view_given_after_the_new_formula_counts(self):
        play = self._play("views_differ")
        self._high()
        self._night(self.customer)
        self.customer.write({"success_sentiment": "confident", "success_sentiment_date": TODAY})
        self._evaluate()
        self.assertTrue(self._reasons(play))

    def test_a_customer_that_the_formula_lifts_has_not_improved(self):
        self._before(40)
        self._update(points=20.0)
        self._night(self.customer)
        self.assertIn("0 better, 0 worse", self._dashboard().content["moved"]["summary"])

    def test_two_new_formulas_one_after_the_other_are_both_left_out(self):
        self._before(40)
        self._update(points=-20.0)
        with freeze_time(days(10)):
            self._night(self.customer)
        self._update(points=-20.0)
        self._night(self.customer)
        self.assertIn("0 better, 0 worse", self._dashboard().content["moved"]["summary"])
        self.assertEqual(
            self._history_of(self.customer).mapped("is_new_formula"), [False, True, True]
        )

    def test_new_formula_and_other_weights_in_one_night_are_no_change_of_the_customer(self):
        self.env["customer.success.factor"].with_context(active_test=False).search(
            [("code", "=", "barriers")]
        ).active = True
        self._barrier(self.customer)
        self._before(40)
        self._update()
        self.env["customer.success.factor"].search([("code", "=", "use")]).weight = 5
        self._night(self.customer)
        self.assertIn("0 better, 0 worse", self._dashboard().content["moved"]["summary"])

    # Cheats: a change of the customer does not hide behind it -----------------------------------------

    def test_a_fall_on_the_day_of_the_new_formula_is_seen(self):
        self._before(40)
        self._update(points=5.0)
        self.used.active_users = 10
        self._night(self.customer)
        [row] = self._dashboard().content["moved"]["rows"]
        self.assertGreater(row["health"][0] - row["health"][1], 20)
        self.assertIn(
            "how much of the change comes from the formula is unknown", self._found()["rules"]
        )

    def test_a_rise_after_the_new_formula_starts_the_play(self):
        play = self._play("risk_band", risk_from="high")
        self._high(points=0.0)
        with freeze_time(days(10)):
            self._night(self.customer)
        self._all_scored()
        self.used.active_users = 1
        self._night(self.customer)
        self.assertIn(self.customer.success_risk_band, ("high", "critical"))
        self._evaluate()
        self.assertEqual(len(self._reasons(play)), 1)

    def test_a_mild_formula_hides_no_later_rise(self):
        play = self._play("risk_band", risk_from="high")
        self._high(points=15.0)
        with freeze_time(days(10)):
            self._night(self.customer)
        self._all_scored()
        self.used.active_users = 1
        self._night(self.customer)
        self._evaluate()
        self.assertEqual(len(self._reasons(play)), 1)

    def test_a_fact_that_the_job_takes_off_the_queue_counts_as_the_customers(self):
        self._before(40)
        self._update(points=0.0)
        self.used.active_users = 10
        self.env.flush_all()
        self.scores._work_next(self.env["customer.success.score.request"])
        self.assertEqual(self.customer.success_score_id.health_shift, 0)
        self.assertEqual(len(self._dashboard().content["moved"]["rows"]), 1)

    def test_nobody_writes_the_formula(self):
        self._before()
        row = self._history_of(self.customer)
        for user in (self.csm, self.manager, self.sales):
            self.assertFalse(row.with_user(user).has_access("write"))


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestNewFormulaInTheWorkbook(NewFormula, WorkbookCase):
    """The workbook names the day of a new formula."""

    def _all_text(self, **more):
        book = self._book(sheets=["summary", "customers", "conversations", "method"], **more)
        return {
            sheet.title: " ".join(str(cell) for row in sheet.values for cell in row if cell)
            for sheet in book
        }

    def test_summary_and_method_name_the_day(self):
        before = {"date": days(7), "figures": {"health": 50.0}}
        texts = self._all_text(before=before)
        self.assertNotIn("New formula", texts["Summary"])
        self.assertIn("the same since the first score", texts["Method"])
        self._all_scored()
        self._update()
        self._night(self.customers)
        texts = self._all_text(before=before)
        self.assertIn("New formula of the scores since 06/15/2026", texts["Summary"])
        self.assertIn("the same since 06/15/2026", texts["Method"])
        texts = self._all_text(before={**before, "date": TODAY})
        self.assertNotIn("New formula", texts["Summary"], "the workbook before has it already")

    def test_what_follows_a_conversation_is_not_what_the_formula_did(self):
        self.env["customer.success.score.history"].search([]).unlink()
        self.env["customer.success.interaction"].search([]).date = days(150)
        self.env["customer.success.score.history"].create(
            [
                {"partner_id": self.risky.id, "date": days(200), "health": 40},
                {
                    "partner_id": self.risky.id,
                    "date": days(100),
                    "health": 62,
                    "health_shift": 20,
                    "is_new_formula": True,
                },
            ]
        )
        rows = self._rows(self._book(sheets=["conversations"])["Conversations"])
        self.assertEqual(rows["Risky"]["Health, change in 90 days after"].value, 2)
