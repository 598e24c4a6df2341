from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ...models.plans.customer_success_change_review import AFTER, BEFORE, UPSETTING
from ..common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestChangeReviews(SuccessCase):
    """A change that may upset the plan sets a review before it, and is looked at again after it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(400))

    def _plan(self, review=-90):
        plan = (
            self.env["customer.success.plan"]
            .with_user(self.csm)
            .create({"partner_id": self.customer.id, "next_review_date": days(review)})
        )
        plan.action_activate()
        return plan

    def _change(self, kind="leader", date=-30, **vals):
        return (
            self.env["customer.success.change"]
            .with_user(self.csm)
            .create(
                {
                    "name": "New head of sales",
                    "partner_id": self.customer.id,
                    "kind": kind,
                    "date": days(date),
                    **vals,
                }
            )
        )

    def _due(self, change, activity):
        return change.activity_search([activity]).mapped("date_deadline")

    def test_s75_a_change_at_the_customer_sets_a_review_before_it_and_again_after_it(self):
        for kind in UPSETTING:
            with self.subTest(kind=kind):
                self.customer = self._customer(kind, success_go_live_date=days(400))
                plan = self._plan()
                change = self._change(kind)
                self.assertEqual(plan.next_review_date, days(-9), "three weeks before it")
                self.assertEqual(plan.activity_ids.mapped("date_deadline"), [days(-9)])
                self.assertEqual(self._due(change, BEFORE), [], "the plan's own review does it")
                self.assertEqual(self._due(change, AFTER), [days(-60)])
                mine = self.env["mail.activity"].with_user(self.csm)
                found = mine.search(
                    [("user_id", "=", self.csm.id), ("success_partner_id", "=", self.customer.id)]
                )
                self.assertGreaterEqual(set(found.mapped("date_deadline")), {days(-9), days(-60)})

    def test_without_a_plan_the_change_itself_asks_for_one(self):
        change = self._change("merger")
        self.assertEqual(self._due(change, BEFORE), [days(-9)])
        self.assertIn("no active success plan", str(change.activity_search([BEFORE]).note))

    def test_a_new_leader_asks_for_the_stakeholders_anew(self):
        note = str(self._change("leader").activity_search([AFTER]).note)
        self.assertIn("Ask for the stakeholders anew", note)
        self.assertNotIn(
            "stakeholders anew", str(self._change("site").activity_search([AFTER]).note)
        )

    def test_each_kind_asks_who_decides_and_whom_it_affects(self):
        asked = {
            "leader": "sponsor, champion, and who else decides",
            "merger": "who decides after the merger, and whose work it changes",
            "reorganisation": "who decides now, and whose team or work changes",
            "site": "who decides at the new site, and who will work with the product there",
        }
        self.assertEqual({*asked}, {*UPSETTING})
        for kind, words in asked.items():
            for activity in (BEFORE, AFTER):
                with self.subTest(kind=kind, activity=activity):
                    self.customer = self._customer(kind)
                    note = self._asked(self._change(kind), activity)
                    self.assertEqual([w for w in asked.values() if w in note], [words])

    def test_without_an_active_plan_each_kind_asks_for_one_three_weeks_before(self):
        for kind in UPSETTING:
            for state in (None, "draft", "replaced", "closed", "active"):
                with self.subTest(kind=kind, state=state):
                    self.customer = self._customer(f"{kind} {state}")
                    if state == "active":
                        self._plan().sudo().state = "closed"
                    elif state:
                        self.env["customer.success.plan"].create(
                            {"partner_id": self.customer.id}
                        ).state = state
                    change = self._change(kind)
                    self.assertEqual(self._due(change, BEFORE), [days(-9)])
                    self.assertIn("no active success plan", self._asked(change, BEFORE))

    def test_a_change_recorded_later_than_its_date_says_so(self):
        change = self._change(date=12)
        self.assertEqual(self._due(change, BEFORE), [])
        self.assertEqual(self._due(change, AFTER), [days(-18)])
        self.assertIn("Recorded 12 days after its date", str(change.activity_search([AFTER]).note))

    def test_how_late_it_was_recorded_is_counted_from_the_day_it_was_recorded(self):
        for kind in UPSETTING:
            for late, said in ((1, "1 day"), (12, "12 days"), (29, "29 days"), (80, "80 days")):
                with self.subTest(kind=kind, late=late):
                    self.customer = self._customer(f"{kind} {late}")
                    change = self._change(kind, date=late)
                    said = f"Recorded {said} after its date"
                    self.assertIn(said, self._asked(change))
                    with freeze_time(days(-8)):
                        change.state = "running"
                        self.assertIn(said, self._asked(change), "it was written later")

    def test_innocent_a_change_recorded_in_time_is_never_said_to_be_late(self):
        for kind in UPSETTING:
            with self.subTest(kind=kind):
                self.customer = self._customer(kind, success_go_live_date=days(400))
                plan = self._plan()
                change = self._change(kind)
                with freeze_time(days(-35)):
                    change.state = "running"
                    self.assertNotIn("Recorded", self._asked(change))
                    self._revised(plan)
                    self.assertNotIn("Recorded", self._asked(change))
                    change.date = days(-31)
                    self.assertNotIn("Recorded", self._asked(change), "its date was put right")

    def test_innocent_a_change_recorded_on_its_day_is_not_late(self):
        change = self._change("merger", date=0)
        with freeze_time(days(-1)):
            change.state = "running"
            self.assertNotIn("Recorded", self._asked(change))

    def _asked(self, change, activity=AFTER):
        note = str(change.activity_search([activity]).note)
        self.assertIn("plan", note)
        return note

    def test_reviews_move_with_the_change_and_end_with_it(self):
        change = self._change()
        change.date = days(-100)
        self.assertEqual(self._due(change, BEFORE), [days(-79)])
        self.assertEqual(self._due(change, AFTER), [days(-130)])
        change.state = "running"
        self.assertEqual(self._due(change, BEFORE), [days(-79)], "it runs, and its date is ahead")
        self.assertEqual(self._due(change, AFTER), [days(-130)])
        change.state = "dropped"
        self.assertEqual(self._due(change, BEFORE), [])
        self.assertEqual(self._due(change, AFTER), [])

    def test_what_was_reviewed_is_not_asked_again_until_the_date_moves(self):
        change = self._change()
        change.activity_search([AFTER]).action_feedback("Looked at")
        change.state = "done"
        self.assertEqual(self._due(change, AFTER), [])
        change.date = days(-40)
        self.assertEqual(self._due(change, AFTER), [days(-70)])

    # Innocents: nobody is asked to review what needs none

    def test_innocent_a_review_that_comes_sooner_stays(self):
        plan = self._plan(review=-3)
        self._change()
        self.assertEqual(plan.next_review_date, days(-3))

    def test_innocent_new_hires_and_upgrades_ask_for_no_review(self):
        plan = self._plan()
        for kind in ("new_hires", "upgrade", "policy", "other"):
            self.assertFalse(self._change(kind).activity_ids)
        self.assertEqual(plan.next_review_date, days(-90))

    def test_innocent_history_that_is_loaded_asks_for_nothing(self):
        self.assertFalse(self._change("merger", date=400, state="done").activity_ids)

    def test_a_manager_reviews_where_nobody_is_in_charge(self):
        self.csm.sudo().active = False
        change = self.env["customer.success.change"].create(
            {
                "name": "Merger",
                "partner_id": self._customer("Alone", success_user_id=False).id,
                "kind": "merger",
                "date": days(-30),
                "user_id": False,
            }
        )
        self.assertEqual(change.activity_ids.user_id, change.partner_id._success_in_charge())
        self.assertTrue(change.activity_ids)

    # What becomes of the review that a change set

    def _revised(self, plan):
        draft = plan.browse(plan.action_revise()["res_id"])
        draft.revision_reason = "The head of sales left in May"
        draft.action_activate()
        return draft

    def test_it_survives_the_revision_of_the_plan(self):
        plan = self._plan()
        self._change()
        revised = self._revised(plan)
        self.assertEqual(revised.next_review_date, days(-9))
        self.assertEqual(revised.activity_ids.mapped("date_deadline"), [days(-9)])
        self.assertEqual(self._revised(revised).next_review_date, days(-9), "and a second one")

    def test_a_plan_that_comes_after_the_change_takes_it_over(self):
        change = self._change()
        self.assertEqual(self._due(change, BEFORE), [days(-9)])
        plan = self._plan()
        self.assertEqual(plan.next_review_date, days(-9))
        self.assertEqual(self._due(change, BEFORE), [], "nobody is asked for a plan any more")

    def test_moving_it_past_the_change_asks_why(self):
        plan = self._plan()
        change = self._change()
        self.assertIn("asks for a review by", plan.review_asked)
        for reason in (False, "…", "later"):
            with self.assertRaisesRegex(UserError, "Say why it is held later"), self.cr.savepoint():
                plan.write({"next_review_date": days(-120), "review_reason": reason})
        why = "The merger was postponed, they decide in autumn"
        plan.write({"next_review_date": days(-120), "review_reason": why})
        self.assertEqual((plan.next_review_date, change.review_settled), (days(-120), why))
        self.assertIn(why, str(plan.message_ids.mapped("body")))
        change.state = "running"
        self.assertEqual(plan.next_review_date, days(-120), "it was answered")
        change.date = days(-40)
        self.assertEqual(plan.next_review_date, days(-19), "another day is asked anew")

    def test_a_running_change_with_a_date_ahead_sets_it(self):
        plan = self._plan()
        self._change(state="running")
        self.assertEqual(plan.next_review_date, days(-9))

    def test_a_review_long_before_the_change_is_none_for_it(self):
        plan = self._plan(review=-3)
        change = self._change("merger", date=-60)
        self.assertEqual(plan.next_review_date, days(-3))
        self.assertEqual(self._due(change, BEFORE), [days(-39)])
        self.assertIn("Review the plan before it", str(change.activity_search([BEFORE]).note))
        plan.activity_ids.action_feedback("Looked at")
        plan.next_review_date = days(-150)
        self.assertEqual(self._due(change, BEFORE), [days(-39)], "still somebody looks")

    def test_a_dropped_change_gives_the_day_back(self):
        for end in ({"state": "dropped"}, {"active": False}, {"kind": "policy"}, None):
            with self.subTest(end=end):
                self.customer = self._customer(str(end), success_go_live_date=days(400))
                plan = self._plan()
                change = self._change()
                self.assertEqual(plan.next_review_date, days(-9))
                if end:
                    change.write(end)
                else:
                    change.sudo().unlink()
                self.assertEqual(plan.next_review_date, days(-90))
                self.assertEqual(plan.activity_ids.mapped("date_deadline"), [days(-90)])

    def test_of_two_changes_the_nearer_one_counts(self):
        plan = self._plan()
        near, far = self._change(date=-30), self._change("merger", date=-50)
        self.assertEqual(plan.next_review_date, days(-9))
        near.state = "dropped"
        self.assertEqual(plan.next_review_date, days(-29))
        far.date = days(-300)
        self.assertEqual(plan.next_review_date, days(-90), "later than the plan's own day")

    def test_innocent_who_held_the_review_sets_the_next_one(self):
        plan = self._plan()
        change = self._change()
        with freeze_time(days(-9)):
            plan.activity_ids.action_feedback("Looked at")
            plan.next_review_date = days(-99)
            self.assertEqual(plan.next_review_date, days(-99))
            self.assertIn("Reviewed", change.review_settled)
            change.state = "running"
            self.assertEqual(plan.next_review_date, days(-99))

    def test_innocent_an_earlier_review_and_other_fields_ask_nothing(self):
        plan = self._plan()
        self._change()
        plan.write({"next_review_date": days(-5), "success_definition": "Orders on the day"})
        self.assertEqual(plan.next_review_date, days(-5))

    def test_innocent_a_plan_without_a_change_is_moved_freely(self):
        plan = self._plan()
        self._change("upgrade")
        plan.next_review_date = days(-150)
        self.assertEqual((plan.next_review_date, plan.review_asked), (days(-150), False))

    def test_cheat_a_review_done_months_before_does_not_settle_it(self):
        plan = self._plan()
        self._change(date=-100)
        self.assertEqual(plan.next_review_date, days(-79))
        plan.activity_ids.action_feedback("Looked at")
        with self.assertRaisesRegex(UserError, "Say why"):
            plan.next_review_date = days(-200)

    def test_cheat_nobody_settles_a_change_by_hand(self):
        plan = self._plan()
        change = self._change()
        change.write({"review_settled": "Done", "date": days(-31)})
        self.assertFalse(change.review_settled)
        self.assertEqual(plan.next_review_date, days(-10))

    def test_cheat_a_revision_with_a_late_review_is_moved_forward(self):
        plan = self._plan()
        self._change()
        draft = plan.browse(plan.action_revise()["res_id"])
        draft.write({"next_review_date": days(-150), "revision_reason": "Their head of sales left"})
        draft.action_activate()
        self.assertEqual(draft.next_review_date, days(-9))
