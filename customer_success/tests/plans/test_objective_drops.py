from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import TODAY, SuccessCase, days

WHY = "They stopped the project with the warehouse."


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestObjectiveDrops(SuccessCase):
    """An agreed objective with a poor result is not dropped by the one who is rated by it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(400))
        cls.contact = cls._contact(cls.customer)

    def _objective(self, actual=30, **vals):
        objectives = self.env["customer.success.objective"].with_user(self.csm)
        return objectives.create(
            {
                "name": "Half the time",
                "partner_id": self.customer.id,
                "unit": "%",
                "date_start": days(300),
                "date_due": days(20),
                "baseline": 0,
                "target": 100,
                "actual": actual,
                **vals,
            }
        )

    def _value(self):
        self.env.invalidate_all()
        score = self._rescore(self.customer)
        lines = {line["code"]: line for line in score.breakdown["factors"]}
        return lines["value"]["value"]

    def test_cheat_a_poor_result_is_dropped(self):
        objective = self._objective()
        self._objective(100, name="All paper")
        self.assertEqual(self._value(), 52)
        with self.assertRaisesRegex(UserError, "dropping it changes the score"):
            objective.state = "dropped"
        objective.write({"state": "dropped", "change_reason": WHY})
        self.assertEqual((objective.state, self._value()), ("open", 52), "a manager decides")
        self.assertTrue(objective.is_change_proposed)
        change = objective.change_ids
        self.assertEqual(
            (change.summary, change.reason, change.user_id), ("dropped", WHY, self.csm)
        )
        with self.assertRaises(AccessError):
            change.with_user(self.csm).action_approve()
        change.with_user(self.manager).action_approve()
        self.assertEqual((objective.state, self._value()), ("dropped", 80))
        self.assertIn("dropped by test_csm", change._said())

    def test_cheat_others_of_its_kind_wait(self):
        for vals in (
            {"actual": False},  # overdue and never measured
            {"actual": False, "date_due": days(-10), "is_shared": True},  # due in ten days
            {"actual": -20},
            {"date_due": False},
        ):
            with self.subTest(vals):
                objective = self._objective(**vals)
                objective.write({"state": "dropped", "change_reason": WHY})
                self.assertEqual(objective.state, "open")

    def test_cheat_it_goes_to_another_customer_or_is_deleted(self):
        objective = self._objective()
        other = self._customer("Globex")
        with self.assertRaisesRegex(UserError, "stays there"):
            objective.partner_id = other
        with self.assertRaises(AccessError):
            objective.unlink()
        new_test_user(self.env, "test_manager_2", "customer_success.group_success_manager")
        theirs = objective.with_user(self.manager)
        self.customer.success_user_id = self.manager
        with self.assertRaisesRegex(UserError, "Drop it instead"):
            theirs.unlink()

    def test_cheat_a_missed_one_with_somebodys_word(self):
        objective = self._objective()
        objective.state = "missed"
        with self.assertRaisesRegex(UserError, "Only a manager can drop it"):
            objective.write(
                {"state": "dropped", "change_reason": WHY, "change_contact_id": self.contact.id}
            )

    def test_what_is_declined_or_taken_back_stays(self):
        objective = self._objective()
        objective.write({"state": "dropped", "change_reason": WHY})
        objective.change_ids.with_user(self.manager).action_decline()
        self.assertEqual((objective.state, objective.is_change_proposed), ("open", False))
        objective.write({"state": "dropped", "change_reason": WHY})
        objective.state = "reached"
        self.assertEqual(objective.is_change_proposed, False)
        self.assertEqual(set(objective.change_ids.mapped("state")), {"declined", "withdrawn"})

    def test_innocent_the_customer_agreed(self):
        objective = self._objective()
        objective.write(
            {"state": "dropped", "change_reason": WHY, "change_contact_id": self.contact.id}
        )
        self.assertEqual(objective.state, "dropped")
        self.assertEqual(objective.change_ids.contact_id, self.contact)

    def test_innocent_one_that_is_not_due_yet(self):
        objective = self._objective(False, date_due=days(-200), is_shared=True)
        objective.state = "dropped"
        self.assertEqual(objective.state, "dropped")

    def test_innocent_one_that_reached_its_target(self):
        objective = self._objective(100)
        objective.state = "dropped"
        self.assertEqual(objective.state, "dropped")

    def test_innocent_one_that_was_never_agreed(self):
        objective = self._objective(False, date_due=False)
        objective.state = "dropped"
        self.assertEqual(objective.state, "dropped")

    def test_innocent_a_manager_drops_with_a_reason(self):
        objective = self._objective().with_user(self.manager)
        objective.write({"state": "dropped", "change_reason": WHY})
        self.assertEqual((objective.state, objective.change_ids.state), ("dropped", "approved"))
