from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestEvasions(SuccessCase):
    """No score rises because somebody deletes, moves or archives what is known."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(400))
        cls._usage(cls.customer, active=60)

    def _health(self):
        self.env.invalidate_all()
        return self._rescore(self.customer).health

    def _refused(self, words, record, user=None, **vals):
        """Assert that a CSM is refused in these words, and that the score stays."""
        before = self._health()
        with self.assertRaisesRegex(UserError, words), self.cr.savepoint():
            record.with_user(user or self.csm).write(vals)
        self.assertEqual(self._health(), before)

    def _objective(self, **vals):
        return (
            self.env["customer.success.objective"]
            .with_user(self.csm)
            .create({"name": "Half the paper", "partner_id": self.customer.id, "unit": "%", **vals})
        )

    def test_cheat_a_plan_whose_review_is_late_loses_its_date(self):
        plan = self.env["customer.success.plan"].create(
            {"partner_id": self.customer.id, "date": days(200), "next_review_date": days(30)}
        )
        plan.action_activate()
        self._refused("keeps a next review", plan, next_review_date=False)

    def test_cheat_an_overdue_objective_loses_or_moves_its_date(self):
        objective = self._objective(date_due=days(20))
        self._refused("keeps a date", objective, date_due=False)
        self._refused("has no figure yet", objective, date_due=days(-90))

    def test_innocent_a_measured_objective_gets_a_later_date(self):
        objective = self._objective(date_due=days(20), baseline=0, target=10, actual=4)
        objective.write(
            {
                "date_due": days(-90),
                "change_reason": "Their printers come a quarter later",
                "change_contact_id": self._contact(self.customer).id,
            }
        )
        self.assertEqual(objective.date_due, days(-90))
        early = self._objective(date_due=days(-20))
        early.date_due = days(-40)

    def test_cheat_a_measured_objective_loses_its_target(self):
        objective = self._objective(date_due=days(20), baseline=10, target=20, actual=8)
        for name in ("baseline", "target"):
            self._refused("change the figure instead of emptying it", objective, **{name: False})
        objective.target = 25

    def test_cheat_a_missed_objective_is_dropped(self):
        objective = self._objective(date_due=days(20))
        objective.state = "missed"
        self._refused("Only a manager can drop it", objective, state="dropped")
        objective.with_user(self.manager).write(
            {"state": "dropped", "change_reason": "They stopped printing in May"}
        )
        self.assertEqual(objective.state, "dropped")

    def test_cheat_an_old_barrier_is_made_young_or_archived(self):
        with freeze_time(days(100)):
            barrier = self._barrier(self.customer, "3", date_opened=days(180))
            barrier.flush_recordset()
            self.env.cr.execute(
                "UPDATE customer_success_barrier SET create_date = %s WHERE id = %s",
                [days(100), barrier.id],
            )
            barrier.invalidate_recordset()
        self._refused("Only an earlier day", barrier, date_opened=TODAY)
        self._refused("only a manager can archive it", barrier, active=False)
        barrier.with_user(self.csm).date_opened = days(200)

    def test_innocent_a_barrier_of_today_is_corrected(self):
        barrier = self._barrier(self.customer, date_opened=days(10))
        self.env.cr.execute(
            "UPDATE customer_success_barrier SET create_date = %s WHERE id = %s",
            [TODAY, barrier.id],
        )
        barrier.invalidate_recordset()
        barrier.with_user(self.csm).date_opened = days(5)

    def test_cheat_a_live_customer_is_moved_back_before_go_live(self):
        before = self._health()
        move = self.env["customer.success.move"].with_user(self.csm)
        move.create(
            {
                "partner_id": self.customer.id,
                "stage_id": self.stages["prepare"].id,
                "reason": "A second project",
            }
        ).action_move()
        self.assertEqual(self.customer.success_stage_id, self.stages["prepare"])
        self.assertLessEqual(self._health(), before)

    def test_cheat_good_answers_in_a_conversation_of_no_length(self):
        talk = (
            self.env["customer.success.interaction"]
            .with_user(self.csm)
            .create(
                {
                    "partner_id": self.customer.id,
                    "kind": "advisory",
                    "date": TODAY,
                    "duration": 0,
                    "line_ids": [
                        (0, 0, {"question_id": question.id, "signal": "strength"})
                        for question in self.questions[:5]
                    ],
                }
            )
        )
        with self.assertRaisesRegex(UserError, "Good answers need a conversation"):
            talk.action_log()
        talk.line_ids.signal = "concern"
        talk.action_log()
        self.assertEqual(talk.state, "held", "bad news counts however short it was")
