from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import TODAY, SuccessCase, days

HOSTILE = "<script>alert(1)</script>"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestContributions(SuccessCase):
    """The goals of a customer by term, and what each side contributes to them (S43, S44)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(400))
        cls.contact = cls._contact(cls.customer)

    def _goal(self, horizon="short", **vals):
        return (
            self.env["customer.success.objective"]
            .with_user(self.csm)
            .create(
                {
                    "name": f"A {horizon} goal",
                    "partner_id": self.customer.id,
                    "horizon": horizon,
                    **vals,
                }
            )
        )

    def _mine(self):
        self.env.invalidate_all()
        return self.customer.with_user(self.csm)

    def _summary(self):
        return str(self._mine().success_objective_summary)

    def _attention(self):
        return str(self._mine().success_attention)

    def _without_goal(self):
        view = (
            self.env["res.partner"]
            .with_user(self.csm)
            .get_view(self.env.ref("customer_success.res_partner_view_success_search").id, "search")
        )
        self.assertIn('name="no_goal"', view["arch"])
        goals = [("state", "in", ["open", "reached", "confirmed"])]
        domain = [
            "|",
            "|",
            *(
                ("success_objective_ids", "not any", [("horizon", "=", term), *goals])
                for term in ("short", "medium", "long")
            ),
        ]
        partners = self.env["res.partner"].with_user(self.csm)
        return self.customer in partners.search([("success_stage_id", "!=", False), *domain])

    def test_s43_what_we_contribute_to_each_goal_is_seen_by_term(self):
        self._goal(our_contribution="We train two key users by May")
        self._goal("long", customer_contribution="The board reviews it each quarter")
        summary = self._summary()
        self.assertIn("We train two key users by May", summary)
        self.assertIn("The board reviews it each quarter", summary)
        places = [summary.index(term) for term in ("Short-term", "Medium-term", "Long-term")]
        self.assertEqual(places, sorted(places))
        self.assertIn("What we contribute is not said yet", summary[places[2] :])
        self.assertNotIn("What we contribute is not said yet", summary[: places[1]])
        plan = (
            self.env["customer.success.plan"]
            .with_user(self.csm)
            .create({"partner_id": self.customer.id})
        )
        self.assertEqual(str(plan.objective_summary), summary)
        self.assertIn("objective_summary", plan.get_view(view_type="form")["arch"])
        missing = self.env["customer.success.objective"].search(
            [("partner_id", "=", self.customer.id), ("our_contribution", "=", False)]
        )
        self.assertEqual(missing.mapped("horizon"), ["long"])

    def test_s43_go_live_waits_for_what_success_is(self):
        customer = self._customer("New", "prepare").with_user(self.csm)
        with self.assertRaisesRegex(RedirectWarning, "what success is in the customer's words"):
            customer.success_stage_id = self.stages["go_live"]

    def test_s44_a_term_without_a_goal_is_named(self):
        self.assertIn("Terms without a goal: Short-term, Medium-term, Long-term", self._attention())
        self.assertTrue(self._without_goal())
        self._goal("short")
        self._goal("medium")
        self.assertIn("Terms without a goal: Long-term.", self._attention())
        self.assertIn("No goal yet", self._summary())
        self._goal("long")
        self.assertNotIn("Terms without a goal", self._attention())
        self.assertNotIn("No goal yet", self._summary())
        self.assertFalse(self._without_goal())

    def test_s44_boards_by_term_show_the_terms_without_a_goal_in_their_order(self):
        self._goal("long")
        groups = (
            self.env["customer.success.objective"]
            .with_user(self.csm)
            .with_context(read_group_expand=True)  # as a board asks
            .web_read_group([("partner_id", "=", self.customer.id)], ["horizon"], ["__count"])
        )["groups"]
        self.assertEqual(
            [(group["horizon"], group["__count"]) for group in groups],
            [("short", 0), ("medium", 0), ("long", 1)],
        )

    def test_innocent_a_goal_that_was_confirmed_still_fills_its_term(self):
        for term in ("short", "medium", "long"):
            self._goal(
                term, state="confirmed", confirmed_by_id=self.contact.id, evidence="Their mail"
            )
        self.assertNotIn("Terms without a goal", self._attention())

    def test_cheat_a_goal_that_was_dropped_or_missed_fills_no_term(self):
        for term, state in (("short", "dropped"), ("medium", "missed"), ("long", "open")):
            self._goal(term, state=state)
        self.assertIn("Terms without a goal: Short-term, Medium-term.", self._attention())
        self.assertTrue(self._without_goal())

    def test_what_people_write_is_text(self):
        self._goal(our_contribution=HOSTILE, name=HOSTILE)
        self.assertNotIn("<script>", self._summary())
        form = Form(self._goal())
        form.our_contribution = "We come by each month"
        self.assertEqual(form.save().our_contribution, "We come by each month")

    def test_a_customer_of_somebody_else_shows_nothing(self):
        other = self._customer("Other", success_user_id=self.lead_csm.id)
        self.env["customer.success.objective"].create(
            {"name": "Theirs", "partner_id": other.id, "our_contribution": "Ours alone"}
        )
        self.env.invalidate_all()
        summary = other.with_user(self.csm).success_objective_summary
        self.assertNotIn("Ours alone", str(summary))
        for user in (self.sales, self.env.ref("base.public_user")):
            with self.assertRaises(UserError):
                self.customer.with_user(user).read(["success_objective_summary"])
