from io import BytesIO
from unittest.mock import patch

from openpyxl import load_workbook

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from ...scoring.effects import LEAST
from ..common import TODAY, days
from .plays_common import PlaysCase

FORMULA = "5 use:4"
DONE = days(200)  # in November 2025
BEFORE, AFTER = days(600), days(150)


class EffectsCase(PlaysCase):
    """A base class of tests of effects: it makes customers with scores before and after a day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.effects = cls.env["customer.success.effect"]
        cls.pairs = cls.env["customer.success.effect.pair"]
        cls.play = cls._play("stalled")
        cls.env["customer.success.score.history"].search([]).unlink()

    @classmethod
    def _book(cls, number, gain=0.0, risk=30.0, **vals):
        """Return customers with an adoption rate of 50 that rises by ``gain``, more or less."""
        customers = cls.env["res.partner"].create(
            [
                {
                    "name": f"Customer {n}",
                    "is_company": True,
                    "success_stage_id": cls.stages["effective_use"].id,
                    "success_user_id": cls.csm.id,
                    **vals,
                }
                for n in range(number)
            ]
        )
        for n, customer in enumerate(customers):
            cls._scored(customer, BEFORE, adoption=50, renewal_risk=risk)
            cls._scored(customer, AFTER, adoption=50 + gain + n % 3 - 1, renewal_risk=risk)
        return customers

    @classmethod
    def _scored(cls, customer, day, **vals):
        known = {"health": 60, "renewal_risk": 30, "adoption": 50, "formula": FORMULA}
        return cls.env["customer.success.score.history"].create(
            {"partner_id": customer.id, "date": day, **known, **vals}
        )

    @classmethod
    def _ran(cls, customers, play=None, day=DONE, **vals):
        done = {"state": "done", "outcome": "worked", "date_done": day}
        return cls.runs.create(
            [
                {
                    "play_id": (play or cls.play).id,
                    "partner_id": customer.id,
                    "cause": f"{day} {customer.id}",
                    "date": day,
                    **done,
                    **vals,
                }
                for customer in customers
            ]
        )

    def _measure(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_effects").method_direct_trigger()
        self.env.invalidate_all()

    def _effect(self, kind="play", subject=None, window="180"):
        self._measure()
        return self.effects.search(
            [
                ("kind", "=", kind),
                ("subject", "=", str(subject or self.play.id)),
                ("days", "=", window),
            ]
        )


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestEffects(EffectsCase):
    """The report compares what was done with what was not done at customers as much at risk."""

    def test_a_play_that_helps_is_found_and_said_on_its_form(self):
        self._ran(self._book(15, gain=9))
        self._book(30, gain=2)
        effect = self._effect()
        self.assertEqual((effect.done, effect.treated, effect.controls), (15, 15, 30))
        self.assertEqual((effect.verdict, effect.measure, effect.rank), ("helps", "use", 1))
        self.assertAlmostEqual(effect.use_difference, 7.0, 0)
        self.assertTrue(0 < effect.use_low <= effect.use_difference <= effect.use_high)
        self.assertRegex(effect.with_user(self.manager).said, "Observed, not proved")
        # The CSM reads the line, not the report.
        said = self.play.with_user(self.csm).effect_said
        self.assertRegex(said, r"^Helps: after 180 days \+7\.\d points of adoption")
        self.assertIn("15 customers against 30", said)

    def test_a_play_that_harms(self):
        self._ran(self._book(15, gain=-9))
        self._book(30)
        effect = self._effect()
        self.assertEqual((effect.verdict, effect.rank), ("harms", -1))
        self.assertLess(effect.use_high, 0)

    def test_fewer_than_ten_on_a_side_are_told_and_nothing_else(self):
        self._ran(self._book(4, gain=40))
        self._book(30)
        effect = self._effect()
        self.assertEqual(effect.verdict, "few")
        self.assertEqual(effect.said, "Too few yet: 4 of 10.")
        self.assertEqual(effect.use_said, "too few yet: 4 of 10")
        for name in ("use", "health", "risk", "renewal"):
            for part in ("difference", "low", "high"):
                self.assertIs(effect[f"{name}_{part}"], False)
        self.assertEqual(self.play.with_user(self.csm).effect_said, "Too few yet: 4 of 10.")

    def test_what_is_done_for_everybody_has_nobody_to_compare_with(self):
        self._ran(self._book(30, gain=9))
        effect = self._effect()
        self.assertEqual((effect.verdict, effect.done, effect.controls), ("nobody", 30, 0))
        self.assertRegex(effect.said, "too few can be compared")

    def test_customers_less_at_risk_are_no_controls(self):
        self._ran(self._book(15, gain=9, risk=60))
        self._book(30, gain=2, risk=20)
        self.assertEqual(self._effect().verdict, "nobody")
        self._book(30, gain=2, risk=61)
        self.assertEqual(self._effect().verdict, "helps")

    def test_those_who_were_improving_before_are_compared_with_their_like(self):
        improving, others = self._book(15, gain=9), self._book(30)
        for customer in improving:
            self._scored(customer, days(400), adoption=30)
            self._scored(customer, days(215), adoption=50)
        self._ran(improving)
        self.assertEqual(self._effect().verdict, "nobody")
        # Others who improved as much go on improving as well, without the play.
        for n, customer in enumerate(self._book(30, gain=9)):
            self._scored(customer, days(400), adoption=30 + n % 3 - 1)
            self._scored(customer, days(215), adoption=50)
        self.assertEqual(self._effect().verdict, "open")
        self.assertFalse(self.pairs.search([("control_id", "in", others.ids)]))

    def test_a_play_that_was_cancelled_was_not_done(self):
        self._ran(self._book(15, gain=9))
        cancelled = self._book(15, gain=2)
        self._ran(cancelled, outcome="dropped")
        effect = self._effect()
        self.assertEqual((effect.done, effect.controls), (15, 15))
        self.assertEqual(effect.verdict, "helps")

    def test_a_step_that_was_done_counts_whatever_is_said_later(self):
        # Who drops the plays of those that went badly does not lift its figure.
        badly = self._book(15, gain=-9)
        for run in self._ran(badly, state="started", outcome=False, date_done=False):
            steps = self.activities.create(
                [
                    {
                        "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                        "res_id": run.partner_id.id,
                        "success_run_id": run.id,
                        "user_id": self.csm.id,
                    }
                    for _step in range(2)
                ]
            )
            steps[0].action_feedback()
            run.write({"state": "done", "outcome": "dropped"})
        self._book(30)
        effect = self._effect()
        self.assertEqual((effect.done, effect.verdict), (15, "harms"))

    def test_a_play_that_is_open_is_neither_done_nor_not_done(self):
        self._ran(self._book(15, gain=9))
        self._ran(self._book(15), state="started", outcome=False, date_done=False)
        effect = self._effect()
        self.assertEqual((effect.done, effect.controls, effect.verdict), (15, 0, "nobody"))

    def test_a_control_had_not_the_same_within_the_window(self):
        self._ran(self._book(15, gain=9))
        before, after = self._book(15), self._book(15)
        self._ran(before, day=days(320))
        self._ran(after, day=days(110))
        effect = self._effect(window="180")
        self.assertFalse((before | after) & self._controls(effect))
        # Within 90 days of mid-November neither happened: the ones of July and February.
        self.assertEqual(before | after, self._controls(self._effect(window="90")))

    def _controls(self, effect):
        return self.pairs.search(
            [
                ("kind", "=", effect.kind),
                ("subject", "=", effect.subject),
                ("days", "=", int(effect.days)),
                ("month", "=", 202511),
            ]
        ).control_id

    def test_one_customer_many_times_counts_once_in_a_window(self):
        [customer] = self._book(1, gain=9)
        for ago in (200, 180, 160, 140, 120):
            self._ran(customer, day=days(ago))
        self._book(30)
        effect = self._effect(window="90")
        self.assertEqual((effect.done, effect.treated), (1, 1))
        self.assertEqual(effect.said, "Too few yet: 1 of 10.")

    def test_customers_that_left_stay_in_the_figures(self):
        treated, others = self._book(15, gain=9), self._book(30)
        self._ran(treated)
        before = self._effect().use_difference
        for customer in treated | others:
            self._renewal(
                customer,
                date_start=days(500),
                date_renewal=days(100),
                outcome="churned" if customer in treated[:5] else "renewed",
                date_outcome=days(100),
            )
        treated[:5].active = False
        effect = self._effect()
        self.assertEqual(effect.done, 15)
        self.assertLess(effect.use_difference, before - 10)
        self.assertNotEqual(effect.verdict, "helps")

    def test_who_archives_those_that_went_badly_lifts_nothing(self):
        badly = self._book(15, gain=-9)
        self._ran(badly)
        self._book(30)
        badly[:10].active = False
        effect = self._effect()
        self.assertEqual((effect.done, effect.treated, effect.verdict), (15, 15, "harms"))

    def test_who_is_no_longer_followed_keeps_its_last_score(self):
        badly = self._book(15, gain=-9)
        self._ran(badly)
        self._book(30)
        badly[:10].success_stage_id = False
        effect = self._effect()
        self.assertEqual((effect.done, effect.treated, effect.verdict), (15, 15, "harms"))

    def test_scores_of_another_formula_are_no_change_of_the_customer(self):
        self._ran(self._book(15, gain=9))
        self._book(30)
        newest = self.env["customer.success.score.history"].search([("date", "=", AFTER)])
        newest.write({"formula": "6 use:4", "health": 90, "renewal_risk": 1})
        effect = self._effect()
        self.assertEqual(effect.verdict, "helps")
        self.assertEqual((effect.use_treated, effect.health_treated), (15, 0))
        self.assertIs(effect.risk_difference, False)
        newest.write({"formula": "6 use:5"})
        self.assertIs(self._effect().use_difference, False)

    def test_other_weights_are_no_change_of_the_customer(self):
        treated = self._book(15, gain=9)
        self._ran(treated)
        self._book(30)
        newest = self.env["customer.success.score.history"].search(
            [("date", "=", AFTER), ("partner_id", "in", treated.ids)]
        )
        newest.write({"health": 75, "health_shift": 15})
        self.assertEqual(self._effect().health_difference, 0.0)

    def test_renewals_are_compared_among_those_that_were_due(self):
        treated, others = self._book(15), self._book(30)
        self._ran(treated)
        for n, customer in enumerate(treated | others):
            kept = customer in treated or n % 2
            self._renewal(
                customer,
                date_start=days(470),
                date_renewal=days(105),
                outcome="renewed" if kept else "churned",
                date_outcome=days(105),
            )
        effect = self._effect()
        self.assertEqual(effect.renewal_treated, 15)
        self.assertGreater(effect.renewal_difference, 30)
        self.assertGreater(effect.renewal_low, 0)

    def test_a_removed_barrier_is_compared_with_those_that_stay(self):
        removed, kept, without = self._book(15, gain=9), self._book(20), self._book(30, gain=9)
        for customer in removed | kept:
            barrier = self._barrier(customer, area="role", date_opened=days(300))
            if customer in removed:
                barrier.write({"state": "removed", "date_removed": DONE})
        effect = self._effect("barrier", "role")
        self.assertEqual((effect.treated, effect.controls), (15, 20))
        self.assertEqual(effect.verdict, "helps")
        self.assertFalse(without & self._controls(effect))

    def test_accepted_advice_is_compared_with_advice_not_taken(self):
        accepted, declined, other = self._book(15, gain=9), self._book(15), self._book(15)
        recommendation = self.env["customer.success.recommendation"].search([], limit=1)
        for customer in accepted | declined:
            answer = self._answer(customer, recommendation.question_id, signal="blocker", date=DONE)
            advice = answer.advice_ids.filtered(lambda one: one.recommendation_id == recommendation)
            state = "accepted" if customer in accepted else "declined"
            advice.sudo().write({"state": state, "date_decided": DONE})
        effect = self._effect("advice", recommendation.id)
        self.assertEqual((effect.treated, effect.controls, effect.verdict), (15, 15, "helps"))
        self.assertFalse(other & self._controls(effect))
        said = recommendation.with_user(self.csm).effect_said
        self.assertRegex(said, "^Helps")

    def test_a_question_that_was_answered(self):
        for customer in self._book(15, gain=9):
            self._answer(customer, self.questions[3], date=DONE)
        for customer in self._book(15):
            self._answer(customer, self.questions[3], date=DONE, signal=False, not_asked_reason="-")
        effect = self._effect("question", self.questions[3].id)
        self.assertEqual((effect.treated, effect.controls, effect.verdict), (15, 15, "helps"))
        self.assertRegex(self.questions[3].with_user(self.csm).effect_said, "^Helps")

    def test_s36_deep_conversations_are_compared_with_others(self):
        deep, shallow, silent = self._book(15, gain=9), self._book(15), self._book(20)
        for customer in deep | shallow:
            role = "sponsor" if customer in deep else "user_lead"
            contact = self._contact(customer)
            self.env["customer.success.stakeholder"].create(
                {"partner_id": customer.id, "contact_id": contact.id, "role": role}
            )
            self.env["customer.success.interaction"].create(
                {
                    "partner_id": customer.id,
                    "date": DONE,
                    "user_id": self.csm.id,
                    "state": "held",
                    "summary": "They told",
                    "contact_ids": contact.ids,
                    "quality": "5" if customer in deep else "2",
                    "focus": "4" if customer in deep else "1",
                }
            )
        for subject in ("deep", "obstacles", "with_sponsor"):
            with self.subTest(subject):
                effect = self._effect("talk", subject)
                self.assertEqual((effect.treated, effect.controls), (15, 15))
                self.assertEqual(effect.verdict, "helps")
                self.assertFalse(silent & self._controls(effect))
        self.assertEqual(self._effect("talk", "any").controls, 20)

    def test_habits_of_two_csms_are_not_taken_for_the_play(self):
        self._ran(self._book(20, gain=9))
        self._book(30, success_user_id=self.lead_csm.id)
        effect = self._effect()
        self.assertEqual((effect.verdict, effect.rank), ("habit", 0))

    def test_companies_are_not_mixed(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = new_test_user(
            self.env,
            "test_other_manager",
            "customer_success.group_success_manager",
            company_id=other.id,
            company_ids=[other.id],
        )
        own = {"company_id": self.env.company.id}
        self._ran(self._book(15, gain=9, **own))
        self._book(30, company_id=other.id, success_user_id=False)
        self.assertEqual(self._effect().verdict, "nobody")
        self._book(30, **own)
        effect = self._effect()
        self.assertEqual((effect.company_id, effect.verdict), (self.env.company, "helps"))
        self.assertFalse(self.effects.with_user(theirs).search([]))
        self.assertTrue(self.effects.with_user(self.manager).search([]))
        self.assertRegex(self.play.with_user(theirs).effect_said, "0 of 10")

    def test_only_managers_read_the_report(self):
        self._ran(self._book(15, gain=9))
        self._book(30)
        effect = self._effect()
        self.assertTrue(self.effects.with_user(self.manager).search_count([]))
        portal = new_test_user(self.env, "test_portal", "base.group_portal")
        for user in (self.csm, self.lead_csm, self.sales, portal):
            with self.assertRaises(AccessError):
                effect.with_user(user).read(["said"])
            with self.assertRaises(AccessError):
                self.pairs.with_user(user).search_count([])
        with self.assertRaises(AccessError):
            effect.with_user(self.manager).write({"rank": -1})
        with self.assertRaises(AccessError):
            self.play.with_user(self.sales).read(["effect_said"])

    # ------------------------------------------------------------------------------------------
    # The order of proposals
    # ------------------------------------------------------------------------------------------

    def test_advice_that_helps_comes_first_and_that_harms_last(self):
        question = self.questions[0]
        question.recommendation_ids.active = False
        first, second, third = self.env["customer.success.recommendation"].create(
            [{"name": name, "question_id": question.id} for name in "ABC"]
        )
        self._answer(self.customer, question, signal="concern")

        def proposed():
            self.env.invalidate_all()
            return self.customer.with_user(self.csm).success_advice_ids.recommendation_id

        self.assertEqual(proposed(), third | second | first)
        vals = {"kind": "advice", "days": "180", "verdict": "helps"}
        self.effects.create({**vals, "subject": str(first.id), "rank": 1})
        self.effects.create({**vals, "subject": str(third.id), "rank": -1, "verdict": "harms"})
        self.assertEqual(proposed().ids, [first.id, second.id, third.id])

    def test_what_helps_most_follows_what_was_measured(self):
        self._usage(self.customer)
        self._renewal(self.customer)
        old_sheet, no_time = (
            self._barrier(
                self.customer, severity, name=name, area=area, date_opened=days(5)
            ).display_name
            for severity, name, area in (
                ("1", "Old sheet", "process"),
                ("0", "No time", "capacity"),
            )
        )
        self._rescore(self.customer)

        def helpful():
            self.env.invalidate_all()
            explanation = self.env["customer.success.explanation"].with_user(self.csm)
            return explanation._helpful(self.customer, limit=20)

        def place(name):
            found = helpful()
            self.assertTrue([line for line in found if name in line], found)
            return next(n for n, line in enumerate(found) if name in line)

        self.assertLess(place(old_sheet), place(no_time))
        vals = {"kind": "barrier", "days": "180"}
        self.effects.create({**vals, "subject": "capacity", "verdict": "helps", "rank": 1})
        self.assertLess(place(no_time), place(old_sheet))
        self.effects.search([]).write({"verdict": "open", "rank": 0})
        self.assertLess(place(old_sheet), place(no_time))
        self.effects.create({**vals, "subject": "process", "verdict": "harms", "rank": -1})
        self.assertGreater(place(old_sheet), place(no_time))

    # ------------------------------------------------------------------------------------------
    # Job and workbook
    # ------------------------------------------------------------------------------------------

    def test_the_job_goes_on_where_it_was_stopped_and_repeats_nothing(self):
        self._ran(self._book(15, gain=9))
        self._ran(self._book(5, gain=3), day=days(260))
        self._book(30)
        self._measure()
        columns = [name for name in self.effects._fields if self.effects._fields[name].store]
        once = self.effects.search([]).read(columns)
        self._measure()
        self.assertEqual(self.effects.search([]).read(columns), once)

        job, months = type(self.pairs), self.pairs._months()
        compare, seen, left = job._compare, [], [1.0, 1.0, 1.0, 0.0]

        def compared(model, months):
            seen.extend(months)
            return compare(model, months)

        def commit(_cron, _processed=0, **_more):
            return left.pop(0) if left else 1.0

        self.assertGreater(len(months), 10)
        self.pairs.search([]).unlink()
        with (
            patch.object(job, "_compare", compared),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", commit),
        ):
            self.pairs._cron_compare()
            self.assertEqual(seen, months[:3], "the time was up")
            self.pairs._cron_compare()
        self.assertEqual(seen, months)
        self.env.invalidate_all()
        self.assertEqual(self.effects.search([]).read(columns), once)

    def test_what_is_no_longer_known_is_forgotten(self):
        runs = self._ran(self._book(15, gain=9))
        self._book(30)
        self.assertTrue(self._effect())
        runs.unlink()
        self.assertFalse(self._effect())
        self.assertFalse(self.pairs.search([("kind", "=", "play")]))

    def test_the_workbook_says_what_the_screen_says(self):
        self._ran(self._book(15, gain=9))
        self._book(30)
        self._ran(self._book(4), play=self._play("stalled"))
        self._measure()
        self.manager.group_ids += self.env.ref("base.group_allow_export")
        stream = BytesIO()
        self.env["customer.success.workbook"].with_user(self.manager)._write(
            stream, sheets=["effects"]
        )
        sheet = load_workbook(stream)["Effects"]
        cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
        start = next(n for n, row in enumerate(cells) if row[0] == "Kind")
        titles = cells[start]
        rows = [dict(zip(titles, row)) for row in cells[start + 1 :] if row[0] == "Playbook"]
        effects = self.effects.with_user(self.manager).search([("kind", "=", "play")])
        self.assertEqual([row["In words"] for row in rows], effects.mapped("said"))
        told = next(row for row in rows if row["Verdict"] == "Helps")
        self.assertEqual(told["Adoption rate, difference"], effects[:1].use_difference)
        few = next(row for row in rows if row["Verdict"] == "Too Few Yet")
        self.assertIsNone(few["Adoption rate, difference"])
        sheets = self.env["customer.success.workbook.filter"]._sheet_types()
        effect_sheet = next(sheet for sheet in sheets if sheet.code == "effects")
        self.assertFalse(effect_sheet.is_for(self.env(user=self.csm)))

    def test_the_least_number_is_ten(self):
        self.assertEqual(LEAST, 10)
