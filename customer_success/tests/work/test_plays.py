from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from ...plays.trigger import TRIGGERS
from ...scoring.ahead import PLANNED_DAYS, RUNNING_DAYS
from ..common import TODAY, days
from ..extending import blocks, load_python
from .plays_common import PlaysCase

LONG_AGO = days(3000)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPlays(PlaysCase):
    """The triggers of playbooks; each cause starts a playbook only once."""

    # ------------------------------------------------------------------------------------------
    # Triggers
    # ------------------------------------------------------------------------------------------

    def test_a_stage_is_entered(self):
        play = self._play("stage_entered", stage_ids=self.stages["first_use"].ids)
        customer = self._customer("Mover", "prepare")
        self._evaluate(customer)
        self.assertFalse(self._reasons(play, customer))
        customer.success_stage_id = self.stages["first_use"]
        self._evaluate(customer)
        self.assertEqual(self._reasons(play, customer), ["Entered “First use” on 06/15/2026"])
        other = self._play("stage_entered", stage_ids=self.stages["prepare"].ids)
        self._evaluate(customer)
        self.assertFalse(self._reasons(other, customer), "it is no longer in that stage")

    def test_a_book_that_is_brought_in_enters_no_stage_but_the_first(self):
        play = self._play("stage_entered")
        brought = self._customer("Brought", "sustained_use")
        new = self._customer("New", "discover")
        self._evaluate(brought, new)
        self.assertFalse(self._reasons(play, brought))
        self.assertEqual(len(self._reasons(play, new)), 1)

    def test_a_customer_stalls(self):
        play = self._play("stalled")
        self.customer.success_stage_date = days(180)  # 180 days are expected
        self._evaluate()
        self.assertFalse(self._reasons(play))
        self.customer.success_stage_date = days(181)
        self._evaluate()
        self.assertEqual(
            self._reasons(play),
            ["Stalled: 181 days in the stage “Effective use”, expected: 180 days"],
        )
        forever = self._customer("Forever", "sustained_use", success_stage_date=days(2000))
        self._evaluate(forever)
        self.assertFalse(self._reasons(play, forever))

    def test_a_symptom_shows(self):
        idle = self.env.ref("customer_success.customer_success_symptom_idle")
        play = self._play("symptom", symptom_ids=idle.ids)
        other = self._play(
            "symptom",
            symptom_ids=self.env.ref("customer_success.customer_success_symptom_bad_data").ids,
        )
        anything = self._play("symptom")
        self._usage(self.customer, active=1)
        self.env["customer.success.symptom.flag"]._check(self.customer.ids)
        self._evaluate()
        self.assertEqual(self._reasons(play), ["Sitting idle: Planner"])
        self.assertEqual(self._reasons(anything), ["Sitting idle: Planner"])
        self.assertFalse(self._reasons(other))
        gone = self._customer("Gone")
        self.env["customer.success.symptom.flag"].create(
            {
                "partner_id": gone.id,
                "product_id": self.product.id,
                "symptom_id": idle.id,
                "date_from": days(3),
                "date_to": days(1),
            }
        )
        self._evaluate(gone)
        self.assertFalse(self._reasons(play, gone))

    def test_an_answer_worries(self):
        concern, blocker = self._play("answer"), self._play("answer", signal="blocker")
        self._answer(self.customer, self.questions[0], "neutral")
        self._evaluate()
        self.assertFalse(self._reasons(concern))
        self._answer(self.customer, self.questions[1], "concern")
        self._evaluate()
        self.assertEqual(
            self._reasons(concern),
            [f"The answer to “{self.questions[1].name}” is a concern"],
        )
        self.assertFalse(self._reasons(blocker))
        self._answer(self.customer, self.questions[2], "blocker")
        superseded = self._customer("Better")
        self._answer(superseded, signal="blocker", date=days(20))
        self._answer(superseded, signal="strength", date=days(2))
        self._evaluate(self.customer, superseded)
        self.assertEqual(len(self._reasons(blocker)), 1)
        self.assertFalse(self._reasons(blocker, superseded))

    def test_an_answer_of_somebody_who_left_starts_nothing(self):
        worrying, stale = self._play("answer"), self._play("stale", questions=1)
        question = self.questions.filtered(lambda question: not question.stage_ids)[0]
        gone, here = self._customer("Gone"), self._customer("Here")
        for customer in (gone, here):
            ada = self._contact(customer)
            self._answer(customer, question, "blocker", contact_id=ada.id, date=days(1))
            ada.active = customer == here
        self._evaluate(gone, here)
        self.assertTrue(self._reasons(worrying, here))
        self.assertFalse(self._reasons(worrying, gone))
        with freeze_time(days(-900)):
            self._evaluate(gone, here)
            self.assertTrue(self._reasons(stale, here))
            self.assertFalse(self._reasons(stale, gone))

    def test_answers_go_stale(self):
        play = self._play("stale", questions=2)
        asked = self.questions.filtered(lambda question: not question.stage_ids)[:2]
        asked.refresh_months = 12
        self._answer(self.customer, asked[0], date=days(400))
        self._answer(self.customer, asked[1], date=days(365))
        self._evaluate()
        self.assertFalse(self._reasons(play), "the second answer is stale from tomorrow on")
        with freeze_time(TODAY + timedelta(days=1)):
            self._evaluate()
            self.assertEqual(self._reasons(play), ["The answers to 2 questions are stale"])
        fresh = self._customer("Fresh")
        self._answer(fresh, asked[0], date=days(400))
        self._answer(fresh, asked[1], date=days(400))
        contact = self._contact(fresh)
        self._answer(fresh, asked[1], date=days(3), contact_id=contact.id)
        self._evaluate(fresh)
        self.assertFalse(self._reasons(play, fresh), "another contact has answered it since")

    def test_questions_of_other_stages_do_not_go_stale(self):
        play = self._play("stale", questions=1)
        question = self.questions[0]
        question.stage_ids = self.stages["discover"]
        self._answer(self.customer, question, date=days(1000))
        self._evaluate()
        self.assertFalse(self._reasons(play))

    def test_a_barrier_stays_without_authority(self):
        play = self._play("no_authority", days=14)
        barrier = self._barrier(self.customer, date_opened=days(13))
        self._barrier(self.customer, authority="granted")
        self._barrier(self.customer, state="removed")
        self._evaluate()
        self.assertFalse(self._reasons(play))
        barrier.date_opened = days(14)
        self._evaluate()
        self.assertEqual(
            self._reasons(play),
            [
                "The barrier “Managers ask for sheets” has been open for 14 days, and nobody has the "
                "authority to remove it"
            ],
        )

    def test_the_risk_rises_into_the_band(self):
        high, critical = self._play("risk_band"), self._play("risk_band", risk_from="critical")
        self._history(self.customer, (30, 10), (20, 35), (9, 52))
        steady = self._customer("Steady")
        self._history(steady, (30, 55), (20, 60))
        self._evaluate(self.customer, steady)
        self.assertEqual(self._reasons(high), ["The churn risk has become high: 52 %"])
        self.assertEqual(self.runs.search([("play_id", "=", high.id)]).date_cause, days(9))
        self.assertFalse(self._reasons(critical))
        self.assertFalse(self._reasons(high, steady), "it was high from the first score on")
        self._history(self.customer, (2, 70))
        self._evaluate()
        self.assertEqual(self._reasons(critical), ["The churn risk has become critical: 70 %"])
        self.assertEqual(len(self._reasons(high)), 1, "it has been high since the same day")

    def test_a_renewal_comes_up(self):
        early, late = self._play("renewal", days=90), self._play("renewal", days=30)
        renewal = self._renewal(self.customer, date_renewal=days(-91))
        self._evaluate()
        self.assertFalse(self._reasons(early))
        renewal.date_renewal = days(-90)
        self._evaluate()
        self.assertEqual(self._reasons(early), ["Renewal of Planner on 09/13/2026, in 90 days"])
        self.assertFalse(self._reasons(late))
        decided = self._customer("Decided")
        self._renewal(decided, date_renewal=days(-20), outcome="renewed")
        self._evaluate(decided)
        self.assertFalse(self._reasons(late, decided))

    def test_a_renewal_recorded_late_gets_the_nearest_checkpoint_only(self):
        early, late = self._play("renewal", days=90), self._play("renewal", days=30)
        renewal = self._renewal(self.customer, date_renewal=days(-10))
        known = self._customer("Known")
        missed = self._renewal(known, date_renewal=days(-10))
        self.env.flush_all()
        for record, created in ((renewal, days(0)), (missed, days(200))):
            self.env.cr.execute(
                "UPDATE customer_success_renewal SET create_date = %s WHERE id = %s",
                [created, record.id],
            )
        self._evaluate(self.customer, known)
        self.assertFalse(self._reasons(early))
        self.assertTrue(self._reasons(late))
        self.assertTrue(self._reasons(early, known), "the job was down: it catches up")

    def test_a_contract_that_renews_itself_counts_back_from_its_notice_date(self):
        play = self._play("renewal", days=30)
        monthly = self._customer("Monthly")
        self._renewal(
            self.customer, date_renewal=days(-120), date_notice=days(-30), auto_renew=True
        )
        self._renewal(monthly, date_start=days(5), date_renewal=days(-25), auto_renew=True)
        self._evaluate(self.customer, monthly)
        self.assertEqual(
            self._reasons(play),
            ["Planner renews itself unless notice is given until 07/15/2026, in 30 days"],
        )
        self.assertFalse(self._reasons(play, monthly), "it would start month after month")

    def test_a_change_comes_without_a_plan(self):
        play = self._play("change_without_plan", days=60)
        changes = self.env["customer.success.change"]
        common = {"name": "Twelve new buyers", "partner_id": self.customer.id}
        far = changes.create({**common, "date": days(-61)})
        changes.create({**common, "date": days(-9), "adoption_plan": "Buddies"})
        changes.create({**common, "date": days(9), "state": "done"})
        self._evaluate()
        self.assertFalse(self._reasons(play))
        far.date = days(-60)
        self._evaluate()
        self.assertEqual(
            self._reasons(play),
            ["The change “Twelve new buyers” on 08/14/2026 has no adoption plan"],
        )

    def test_the_form_the_filter_and_the_play_agree_on_a_missing_plan(self):
        play = self._play("change_without_plan", days=60)
        changes = self.env["customer.success.change"].with_user(self.csm)
        for state, ago, plan in (
            ("planned", -61, False),
            ("planned", -60, False),
            ("planned", PLANNED_DAYS, "  \n"),
            ("planned", PLANNED_DAYS + 1, False),
            ("planned", 730, False),
            ("planned", 3, "Buddies"),
            ("running", PLANNED_DAYS + 1, False),
            ("running", RUNNING_DAYS + 1, False),
            ("done", 3, False),
        ):
            changes += changes.create(
                {
                    "name": f"{state} {ago}",
                    "partner_id": self._customer(f"{state} {ago}").id,
                    "state": state,
                    "date": days(ago),
                    "adoption_plan": plan,
                }
            )
        expected = changes.filtered("needs_plan")
        self.assertEqual(
            expected.mapped("name"),
            ["planned -60", f"planned {PLANNED_DAYS}", f"running {PLANNED_DAYS + 1}"],
        )
        own = [("id", "in", changes.ids)]
        self.assertEqual(changes.search([*own, ("needs_plan", "=", True)]), expected.sorted("date"))
        self.assertEqual(
            changes.search([*own, ("needs_plan", "=", False)]), (changes - expected).sorted("date")
        )
        self._evaluate(*changes.partner_id)
        for change in changes:
            with self.subTest(change=change.name):
                reasons = self._reasons(play, change.partner_id)
                self.assertEqual(bool(reasons), change in expected)

    def test_a_change_recorded_late_is_news(self):
        play = self._play("change_without_plan", days=60, date_start=TODAY)
        self.env["customer.success.change"].create(
            {"name": "Next week", "partner_id": self.customer.id, "date": days(-7)}
        )
        self._evaluate()
        self.assertEqual(len(self._reasons(play)), 1)

    def test_machine_and_csm_disagree(self):
        play = self._play("views_differ")
        worried = self._customer("Worried", success_sentiment="worried")
        agreed = self._customer("Agreed", success_sentiment="worried")
        self.customer.success_sentiment = "confident"
        self._history(self.customer, (30, 10), (9, 52))
        self._history(worried, (30, 10))
        self._history(agreed, (30, 50))
        self._evaluate(self.customer, worried, agreed)
        self.assertEqual(
            self._reasons(play), ["The CSM is confident, but the churn risk is high: 52 %"]
        )
        self.assertEqual(
            self._reasons(play, worried),
            ["The CSM is worried, but the churn risk is low: 10 %"],
        )
        self.assertFalse(self._reasons(play, agreed))

    def test_the_sponsor_leaves(self):
        play = self._play("people_gone")
        stakeholders = self.env["customer.success.stakeholder"]
        ada, ben = self._contact(self.customer, "Ada"), self._contact(self.customer, "Ben")
        for contact, role in ((ada, "sponsor"), (ben, "gatekeeper")):
            stakeholders.create(
                {"partner_id": self.customer.id, "contact_id": contact.id, "role": role}
            )
        self._evaluate()
        self.assertFalse(self._reasons(play))
        (ada | ben).active = False
        carla = self._contact(self.customer, "Carla")
        follower = stakeholders.create(
            {"partner_id": self.customer.id, "contact_id": carla.id, "role": "sponsor"}
        )
        self._evaluate()
        self.assertFalse(self._reasons(play), "another contact took over the role")
        follower.unlink()
        self._evaluate()
        self.assertEqual(self._reasons(play), ["The sponsor has left: Ada"])

    def test_it_goes_silent(self):
        play = self._play("silent")
        planned = self._customer("Planned", "prepare", success_go_live_date=days(-5))
        never = self._customer("Never", success_go_live_date=days(120))
        for customer, usage_date in ((self.customer, days(119)), (planned, days(300))):
            customer.success_score_id.usage_date = usage_date
        self._evaluate(self.customer, planned, never)
        self.assertFalse(self._reasons(play) + self._reasons(play, planned))
        self.assertEqual(self._reasons(play, never), ["There have never been figures of use"])
        self.customer.success_score_id.usage_date = days(120)
        self._evaluate()
        self.assertEqual(self._reasons(play), ["There are no figures of use after 02/15/2026"])

    def test_use_falls(self):
        play = self._play("falling", percent=20)
        score = self.customer.success_score_id
        score.write({"usage_date": days(14), "change_quarter": -19.9})
        self._evaluate()
        self.assertFalse(self._reasons(play))
        score.change_quarter = -34
        self._evaluate()
        self.assertEqual(self._reasons(play), ["Use fell by 34 % in a quarter"])
        play.cooldown_days = 0
        score.write({"usage_date": days(0), "change_quarter": -40})
        self._evaluate()
        self.assertEqual(len(self._reasons(play)), 1, "it is the same quarter")

    # ------------------------------------------------------------------------------------------
    # Once for each cause
    # ------------------------------------------------------------------------------------------

    def test_plays_run_twice_open_nothing_new(self):
        play = self._stalled(cooldown_days=0)
        self.assertEqual(self._evaluate(), 1)
        self.assertEqual(self._evaluate(), 0)
        with freeze_time(TODAY + timedelta(days=400)):
            self.assertEqual(self._evaluate(), 0, "it is the same stay in the same stage")
        self._run()
        first = self.activities.search([("success_run_id", "!=", False)])
        self.assertEqual(len(first), 2)
        first.action_feedback()
        self._run()
        self.assertFalse(self.activities.search([("success_run_id.play_id", "=", play.id)]))

    def test_two_runs_of_a_cause_are_refused_by_the_database(self):
        vals = {
            "play_id": self._stalled().id,
            "partner_id": self.customer.id,
            "cause": "1",
            "date": TODAY,
        }
        self.runs.create(vals)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.runs.create(vals)

    def test_a_pause_holds_back_what_still_holds_when_it_is_over(self):
        play = self._play("no_authority", days=0, cooldown_days=30)
        for number in range(3):
            self._barrier(self.customer, date_opened=days(10 + number), name=f"Barrier {number}")
        self.assertEqual(self._evaluate(), 1)
        self.assertIn("Barrier 2", self._reasons(play)[0], "the oldest comes first")
        with freeze_time(TODAY + timedelta(days=29)):
            self.assertEqual(self._evaluate(), 0)
        with freeze_time(TODAY + timedelta(days=30)):
            self.assertEqual(self._evaluate(), 1)
        self.assertIn("Barrier 1", self._reasons(play)[1])

    def test_without_a_pause_each_cause_is_run_at_once(self):
        play = self._play("no_authority", days=0, cooldown_days=0)
        for number in range(3):
            self._barrier(self.customer, date_opened=days(10 + number))
        self.assertEqual(self._evaluate(), 3)
        self.assertEqual(len(self._reasons(play)), 3)

    def test_a_new_play_is_silent_about_the_past(self):
        play = self._stalled(date_start=TODAY)
        self.customer.success_stage_date = days(182)
        self.assertEqual(self._evaluate(), 0, "it stalled the day before")
        self.customer.success_stage_date = days(181)
        self.assertEqual(self._evaluate(), 1)
        self.assertEqual(self._reasons(play)[0][:17], "Stalled: 181 days")

    def test_the_library_is_silent_on_the_first_night(self):
        self.library.write({"active": True, "date_start": TODAY})
        self.customer.success_stage_date = days(300)
        self._answer(self.customer, signal="blocker", date=days(20))
        self._barrier(self.customer)
        self._renewal(self.customer, date_renewal=days(-80))
        self._usage(self.customer, when=days(200))
        self._history(self.customer, (30, 70))
        self.customer.success_score_id.usage_date = days(200)
        self.assertEqual(self._evaluate(), 0)

    def test_a_play_that_is_switched_on_again_starts_anew(self):
        play = self._stalled()
        play.active = False
        self.assertEqual(self._evaluate(), 0)
        play.with_user(self.manager).active = True
        self.assertEqual(play.date_start, TODAY)
        play.write({"active": True, "date_start": days(5)})
        self.assertEqual(play.date_start, days(5))
        play.with_user(self.manager).trigger = "symptom"
        self.assertEqual(play.date_start, TODAY)

    def test_who_is_followed_no_more_gets_no_play(self):
        self._stalled()
        self.customer.active = False
        self.assertEqual(self._evaluate(), 0)
        self.customer.active = True
        self.customer.success_stage_id = False
        self.assertEqual(self._evaluate(), 0)

    def test_runs_that_wait_at_who_is_followed_no_more_are_not_listed(self):
        play = self._stalled()
        other = self._customer("Other")
        waits, done, stays = self.runs.create(
            [
                {
                    "play_id": play.id,
                    "partner_id": partner.id,
                    "cause": cause,
                    "state": state,
                    "date": TODAY,
                }
                for partner, cause, state in (
                    (self.customer, "x", "waiting"),
                    (self.customer, "y", "done"),
                    (other, "z", "waiting"),
                )
            ]
        )

        def listed():
            action = play.with_user(self.manager).action_open_runs()
            return self.runs.with_user(self.manager).search(action["domain"])

        self.assertEqual(listed(), waits | done | stays)
        self.customer.success_stage_id = False
        self.assertEqual(listed(), done | stays)
        self.customer.write({"success_stage_id": self.stages["first_use"].id, "active": False})
        self.assertEqual(listed(), done | stays)

    def test_without_anybody_responsible_nothing_is_run(self):
        play = self._stalled()
        self.customer.success_user_id = False
        self.assertEqual(self._evaluate(), 0)
        play.user_id = self.lead_csm
        self.assertEqual(self._evaluate(), 1)
        self.assertEqual(self.runs.search([("play_id", "=", play.id)]).user_id, self.lead_csm)

    def test_a_play_of_a_company_is_for_its_customers(self):
        play = self._stalled(company_id=self.company.id)
        other = self.env["res.company"].create({"name": "Other Company"})
        theirs = self._customer("Theirs", company_id=other.id, success_stage_date=days(200))
        ours = self._customer("Ours", company_id=self.company.id, success_stage_date=days(200))
        self.assertEqual(self._evaluate(theirs, ours, self.customer), 1)
        self.assertTrue(self._reasons(play, ours))

    def test_statements_grow_with_neither_customers_nor_plays(self):
        counts = []
        self.customer.success_stage_date = days(200)
        customers = self.customer
        for customers_more, plays_more in ((2, 2), (27, 48)):
            for number in range(customers_more):
                customer = self._customer(f"Customer {number}", success_stage_date=days(200))
                self._barrier(customer)
                customers |= customer
            for number in range(plays_more):
                self._play(self.plays._fields["trigger"].get_values(self.env)[number % 14])
            self._evaluate(self.customer)  # warms the caches
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.plays._evaluate(customers.ids)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[0], 8)
        with self.assertQueryCount(8):
            self.plays._evaluate(customers.ids)

    # ------------------------------------------------------------------------------------------
    # One object for each trigger
    # ------------------------------------------------------------------------------------------

    def test_a_trigger_says_what_it_is_and_what_it_asks_for(self):
        self.assertEqual(list(TRIGGERS), self.plays._fields["trigger"].get_values(self.env))
        for code, trigger in TRIGGERS.items():
            with self.subTest(trigger=code):
                play = self._play(code).with_user(self.manager)
                self.assertTrue(play.explanation)
                self.assertEqual(play.days, trigger.days)
                self.assertLessEqual(set(play.parameters or []), set(play._fields))

    def test_the_form_shows_what_the_trigger_asks_for(self):
        form = Form(self.plays.with_user(self.manager))
        form.trigger = "falling"
        form.percent = 30
        with self.assertRaises(AssertionError):
            form.days = 3
        form.trigger = "renewal"
        self.assertEqual(form.days, 90)
        form.days = 60
        with self.assertRaises(AssertionError):
            form.percent = 40

    def test_the_trigger_of_the_page(self):
        trigger, model = blocks("A new play trigger", "python")
        self.addCleanup(TRIGGERS.pop, "view_old", None)
        load_python(self, trigger, "plays.view_old")
        load_python(self, model, "models.work.customer_success_play_view_old")
        play = self._play("view_old", days=90, date_start=days(30))
        self.assertIn("older than this number of days", play.explanation)
        self._play("stalled")
        fresh = self._customer("Fresh")
        for customer, seen in ((self.customer, 95), (fresh, 89)):
            customer.write({"success_sentiment": "watchful", "success_sentiment_date": days(seen)})
        self.assertEqual(self._evaluate(self.customer, fresh), 1)
        self.assertEqual(self._reasons(play), ["The CSM's view has not changed since 03/12/2026"])
        self.assertEqual(self._evaluate(self.customer, fresh), 0)
        self.assertTrue(self._start().activity_ids)

    # ------------------------------------------------------------------------------------------
    # Customers who left
    # ------------------------------------------------------------------------------------------

    def test_a_run_waits_while_its_customer_is_not_followed(self):
        play = self._play("stage_entered")
        ends = {
            "archived": lambda customer: customer.action_archive(),
            "stopped": lambda customer: customer.action_success_stop(),
        }
        for name, end in ends.items():
            with self.subTest(name):
                customer = self._customer(name)
                run = self.runs.create(
                    {
                        "play_id": play.id,
                        "partner_id": customer.id,
                        "cause": name,
                        "date": TODAY,
                        "facts": {},
                    }
                )
                end(customer)
                self._run()
                self.assertEqual(run.state, "waiting")
                self.assertFalse(run.activity_ids)
                customer.action_unarchive()
                customer.success_stage_id = self.stages["effective_use"]
                self._run()
                self.assertEqual(run.state, "started", "it is back")
