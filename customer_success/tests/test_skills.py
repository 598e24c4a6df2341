from odoo.modules.migration import load_script
from odoo.tests import freeze_time, tagged
from odoo.tools.misc import file_path

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSkills(SuccessCase):
    """A gap in skills, ours or the customer's, leads to a step, to attention and into a report."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()
        cls.theirs = cls.env.ref("customer_success.customer_success_skill_sponsorship")
        cls.ours = cls.env.ref("customer_success.customer_success_skill_asking")

    def _rate(self, rating="2", user=None, target="4", **vals):
        holder = {} if "user_id" in vals else {"partner_id": self.customer.id}
        skill = self.ours if "user_id" in vals else self.theirs
        return (
            self.env["customer.success.skill.rating"]
            .with_user(user or self.csm)
            .create({"skill_id": skill.id, "rating": rating, "target": target, **holder, **vals})
        )

    def _attention(self):
        self.env.invalidate_all()
        return str(self.customer.with_user(self.csm).success_attention)

    def _report(self, user, *groups):
        """Return the report of gaps as its pivot reads it."""
        action = self.env.ref("customer_success.customer_success_skill_rating_action_gaps")
        ratings = self.env[action.res_model].with_user(user)
        return ratings._read_group(
            [("is_current", "=", True), ("gap", ">", 0)], groups, ["gap:avg", "__count"]
        )

    def test_s90_a_gap_of_the_customer_is_seen_and_has_a_step(self):
        rating = self._rate()
        self.assertEqual(rating.closes_gap, self.theirs.advice)
        self.assertEqual(rating.date_due, days(-30))
        step = (
            self.env["mail.activity"]
            .with_user(self.csm)
            .search([("res_model", "=", rating._name), ("res_id", "=", rating.id)])
        )
        self.assertEqual(step.summary, "Close the gap: Sponsorship")
        self.assertEqual(
            (step.user_id, step.date_deadline, step.success_partner_id),
            (self.csm, days(-30), self.customer),
        )
        self.assertIn("Skill gap: “Sponsorship” is at 2 of the 4 needed. Next:", self._attention())
        with freeze_time(days(-31)):
            self.assertIn("This was due on", self._attention())

    def test_s90_a_gap_of_the_csm_becomes_a_step_of_the_csm(self):
        rating = self._rate(user=self.manager, user_id=self.csm.id)
        step = rating.activity_ids
        self.assertEqual((step.user_id, step.summary), (self.csm, "Close the gap: Asking"))
        self.assertTrue(step.with_user(self.csm).has_access("read"))
        self.assertIn("open questions", rating.with_user(self.csm).closes_gap)

    def test_s90_gaps_are_reported_by_csm_and_customer(self):
        self._rate("1")
        self._rate("3", user=self.manager, user_id=self.csm.id)
        other = self._customer("Other", success_user_id=self.lead_csm.id)
        self._rate("2", user=self.lead_csm, partner_id=other.id)
        self.assertEqual(
            self._report(self.manager, "csm_id"),
            [(self.csm, 2.0, 2), (self.lead_csm, 2.0, 1)],
        )
        found = {
            group[:2]: group[2:] for group in self._report(self.manager, "csm_id", "partner_id")
        }
        self.assertEqual(found[self.csm, self.customer], (3.0, 1))
        self.assertEqual(found[self.lead_csm, other], (2.0, 1))
        self.assertEqual(self._report(self.csm, "csm_id"), [(self.csm, 2.0, 2)], "only their own")
        ratings = self.env["customer.success.skill.rating"].with_user(self.manager)
        self.assertEqual(ratings.search([("csm_id", "=", self.lead_csm.id)]).partner_id, other)

    def test_s90_a_newer_rating_closes_the_gap_and_its_step(self):
        old = self._rate(date=days(100))
        self.assertTrue(old.activity_ids)
        new = self._rate("4", date=days(1))
        self.assertFalse(old.activity_ids or new.activity_ids)
        self.assertNotIn("Skill gap", self._attention())
        self.assertFalse(self._report(self.csm, "csm_id"))
        self.assertTrue(new.is_current)
        self.assertFalse(old.is_current)

    # Innocents

    def test_a_small_gap_in_time_and_no_gap_need_no_attention(self):
        self._rate("3")
        self.assertNotIn("Skill gap", self._attention())
        rating = self._rate("5")
        self.assertFalse(rating.closes_gap or rating.date_due or rating.activity_ids)

    def test_a_step_of_ones_own_is_kept(self):
        rating = self._rate(closes_gap="A day with the board", date_due=days(-10))
        rating.rating = "1"
        self.assertEqual((rating.closes_gap, rating.date_due), ("A day with the board", days(-10)))
        [step] = rating.activity_ids
        self.assertIn("A day with the board", step.note)
        self.assertEqual(step.date_deadline, days(-10))

    def test_a_step_of_ones_own_gets_a_day(self):
        rating = self._rate(closes_gap="A day with the board")
        self.assertEqual(rating.date_due, days(-30))

    def test_an_old_rating_that_is_added_later_changes_nothing(self):
        self._rate("4")
        old = self._rate("1", date=days(200))
        self.assertFalse(old.activity_ids or old.is_current)
        self.assertNotIn("Skill gap", self._attention())

    # Cheats

    def test_doing_the_step_does_not_close_the_gap(self):
        rating = self._rate("1")
        rating.activity_ids.action_feedback(feedback="Done")
        self.assertIn("Skill gap", self._attention())
        self.assertEqual(self._report(self.csm, "partner_id"), [(self.customer, 3.0, 1)])

    def test_emptying_the_step_raises_attention(self):
        rating = self._rate("3")
        rating.closes_gap = False
        self.assertIn("nothing is planned to close it", self._attention())

    def test_another_csm_sees_neither_gap_nor_step(self):
        rating = self._rate()
        other = self.csm.copy({"login": "other_csm"})
        self.assertFalse(rating.with_user(other).has_access("read"))
        self.assertFalse(self._report(other, "csm_id"))

    def test_the_catalogue_is_completed_on_upgrade(self):
        advice = self.theirs.advice
        self.ours.advice = "We do it our way."
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_success_skill SET advice = NULL WHERE id = %s", [self.theirs.id]
        )
        path = file_path("customer_success/migrations/19.0.2.0.0/post-skills.py")
        load_script(path, "post_skills").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all(flush=False)
        self.assertEqual(self.theirs.advice, advice)
        self.assertEqual(self.ours.advice, "We do it our way.")
