from odoo.tests import freeze_time, tagged

from ..common import TODAY
from .followed_common import FollowedCase

# The actions that list the past, or what was measured or decided then: it stays, whoever left.
HISTORY = {
    "answer_action",
    "answer_action_not_asked",
    "advice_action_taken",
    "barrier_search_action",
    "business_action",
    "departure_action",
    "objective_measure_action",
    "person_action",
    "retention_action",
    "retention_action_expected",
    "revenue_bridge_action",
    "revenue_retention_action",
    "score_history_action",
    "stage_move_action",
    "target_action",
    "tenure_action",
    "year_action",
}
# The actions that leave out what is open at others in another way: by the SQL of their rows, or by several customers.
OTHERWISE = {
    "barrier_effect_action",
    "checkpoint_action",
    "checkpoint_action_right",
    "event_group_action",  # what a product names, of whoever it is
    "missed_action",
    "sales_renewal_action",
    "unsorted_mail_action",  # of several customers, of whom one must be followed
}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFollowedLists(FollowedCase):
    """Each list of records of customers leaves out what is open at those who left, or is named as history."""

    def test_each_list_of_customers_records_leaves_out_or_is_history(self):
        lists = self.env["ir.actions.act_window"].search([("target", "!=", "new")])
        checked = set()
        for action in lists:
            module, _dot, name = (action.get_external_id()[action.id] or ".").partition(".")
            field = self.env[action.res_model]._fields.get("partner_id")
            if module != "customer_success" or not field or field.comodel_name != "res.partner":
                continue
            name = name.removeprefix("customer_success_")
            checked.add(name)
            with self.subTest(name):
                leaves_out = "partner_id.success_is_followed" in (action.domain or "")
                self.assertEqual(
                    leaves_out + (name in HISTORY) + (name in OTHERWISE),
                    1,
                    "it lists followed customers, or is named as history",
                )
        self.assertLessEqual(HISTORY | OTHERWISE, checked)

    def test_a_plan_with_a_review_that_is_over_is_listed_again_on_return(self):
        ends = {
            "archive": ("action_archive", "action_unarchive"),
            "stop": ("action_success_stop", None),
            "lose": (None, None),
        }
        for customer, (end, (leave, come_back)) in zip(self.book, ends.items(), strict=False):
            mine = [("partner_id", "=", customer.id), ("next_review_date", "<", TODAY)]
            with self.subTest(end):
                self.assertTrue(self._listed("customer_success_plan_action", mine, self.csm))
                if leave:
                    getattr(customer, leave)()
                else:
                    self._decide(customer, True)
                self.assertFalse(self._listed("customer_success_plan_action", mine, self.csm))
                if come_back:
                    getattr(customer, come_back)()
                elif leave:
                    customer.success_stage_id = self.stages["effective_use"]
                else:
                    self._decide(customer, False)
                self.assertTrue(self._listed("customer_success_plan_action", mine, self.csm))

    def test_targets_and_skills_that_are_of_no_customer_stay_listed(self):
        use = self.env["customer.success.intended.use"].create({"product_id": self.product.id})
        skill = self.env["customer.success.skill"].search([("holder", "=", "csm")], limit=1)
        rating = self.env["customer.success.skill.rating"].create(
            {"skill_id": skill.id, "user_id": self.csm.id, "rating": "2", "target": "4"}
        )
        self.assertIn(use, self._listed("customer_success_intended_use_action"))
        for action in ("skill_rating_action", "skill_rating_action_gaps"):
            self.assertIn(rating, self._listed(f"customer_success_{action}"))

    def test_a_lower_target_waits_in_no_list_while_its_customer_is_gone(self):
        customer = self.book[0]
        use = self.env["customer.success.intended.use"].search([("partner_id", "=", customer.id)])
        use.with_user(self.csm).write({"quality": 30, "reason": "They only log the calls in it"})
        objective = self.env["customer.success.objective"].search(
            [("partner_id", "=", customer.id)]
        )
        change = self.env["customer.success.objective.change"].create(
            {
                "objective_id": objective.id,
                "partner_id": customer.id,
                "direction": "lowered",
                "date": TODAY,
                "state": "proposed",
            }
        )
        waiting = use.change_ids.filtered(lambda one: one.state == "proposed")
        self.assertTrue(waiting)
        for proposed, name in ((waiting, "intended_use"), (change, "objective")):
            action = f"customer_success_{name}_change_action"
            with self.subTest(name):
                self.assertLessEqual(proposed, self._listed(action))
                customer.action_archive()
                self.assertFalse(proposed & self._listed(action))
                self.assertLessEqual(
                    use.change_ids - waiting,
                    self._listed("customer_success_intended_use_change_action"),
                )
                customer.action_unarchive()
                self.assertLessEqual(proposed, self._listed(action))

    def test_a_run_that_is_done_stays_listed(self):
        customer = self.book[0]
        run = self.env["customer.success.play.run"].search([("partner_id", "=", customer.id)])
        run.state = "done"
        customer.action_archive()
        self.assertIn(run, self._listed("customer_success_play_run_action"))
