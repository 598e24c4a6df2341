from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestChanges(SuccessCase):
    """Changes at the customer, stakeholders, and what needs attention."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()

    def _change(self, **vals):
        return (
            self.env["customer.success.change"]
            .with_user(self.csm)
            .create(
                {
                    "name": "Twelve people in purchasing",
                    "kind": "new_hires",
                    "partner_id": self.customer.id,
                    "date": days(-30),
                    **vals,
                }
            )
        )

    def _stakeholder(self, role, contact):
        return (
            self.env["customer.success.stakeholder"]
            .with_user(self.csm)
            .create({"partner_id": self.customer.id, "contact_id": contact.id, "role": role})
        )

    def test_adoption_of_a_change_is_a_share_of_those_affected(self):
        change = self._change(people_affected=12, people_adopted=3, state="running")
        self.assertEqual(change.adopted_share, 25)
        self.assertIs(self._change().adopted_share, False)
        self.assertIs(self._change(people_affected=12).adopted_share, False, "not begun: unknown")

    @mute_logger("odoo.sql_db")
    def test_nobody_adopts_it_who_is_not_affected(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._change(people_affected=3, people_adopted=4)

    def test_a_change_close_by_needs_a_plan(self):
        close, far = self._change(), self._change(date=days(-200))
        planned = self._change(adoption_plan="Buddies for the first month")
        done = self._change(state="done")
        self.assertTrue(close.needs_plan)
        self.assertFalse(far.needs_plan or planned.needs_plan or done.needs_plan)
        found = self.env["customer.success.change"].search(
            [("needs_plan", "=", True), ("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(found, close)

    def test_s78_new_hires_without_a_plan_need_attention_and_their_onboarding_is_averaged(self):
        hires = self._change(people_affected=12)
        mine = self.customer.with_user(self.csm)
        self.assertIn("“Twelve people in purchasing” is coming on", str(mine.success_attention))
        hires.write({"adoption_plan": "Buddies", "state": "running", "people_adopted": 3})
        self.env.invalidate_all()
        self.assertNotIn("Twelve people", str(mine.success_attention))
        self._change(people_affected=4, people_adopted=4, state="done", date=days(30))
        self._change(people_affected=9, date=days(-300))
        self.assertEqual(self._average("kind", "new_hires"), 62.5, "the one not begun is left out")

    def test_s79_the_adoption_of_an_upgrade_is_compared_by_version(self):
        for version, people in (("18.0", 90), ("19.0", 10)):
            self._change(
                kind="upgrade",
                version=version,
                people_affected=100,
                people_adopted=people,
                state="done",
                date=days(50),
            )
        self.assertEqual(self._average("version", "18.0"), 90)
        self.assertEqual(self._average("version", "19.0"), 10)
        late = self._change(kind="upgrade", name="Version 20", version="20.0")
        self.assertIn("“Version 20” is coming on", str(self.customer.success_attention))
        self.assertTrue(late.needs_plan)

    def _average(self, field, value):
        """Return the average share of adoption, as a CSM's pivot shows it for one group."""
        groups = (
            self.env["customer.success.change"]
            .with_user(self.csm)
            ._read_group(
                [("partner_id", "=", self.customer.id)],
                [field],
                ["adopted_share:avg"],
            )
        )
        return dict(groups)[value]

    def test_stalled_customers_are_found(self):
        partners = self.env["res.partner"]
        self.customer.success_stage_date = days(180)
        self.assertNotIn(self.customer, partners.search([("success_is_stalled", "=", True)]))
        self.customer.success_stage_date = days(181)
        self.assertIn(self.customer, partners.search([("success_is_stalled", "=", True)]))
        forever = self._customer("Forever", "sustained_use", success_stage_date=days(4000))
        self.assertNotIn(forever, partners.search([("success_is_stalled", "=", True)]))

    def test_a_customer_needs_a_sponsor_and_a_champion(self):
        partners = self.env["res.partner"].with_user(self.csm)
        self.assertTrue(self.customer.success_lacks_people)
        ada, ben = self._contact(self.customer, "Ada"), self._contact(self.customer, "Ben")
        self._stakeholder("sponsor", ada)
        self._stakeholder("champion", ben)
        self.assertFalse(self.customer.success_lacks_people)
        self.assertNotIn(self.customer, partners.search([("success_lacks_people", "=", True)]))
        ben.active = False
        self.customer.invalidate_recordset()
        self.assertTrue(self.customer.success_lacks_people)
        self.assertIn(self.customer, partners.search([("success_lacks_people", "=", True)]))
        attention = str(self.customer.with_user(self.csm).success_attention)
        self.assertIn("the champion has left", attention)

    def test_a_stakeholder_works_at_the_customer(self):
        stranger = self._contact(self._customer("Other"), "Eve")
        with self.assertRaises(ValidationError):
            self._stakeholder("sponsor", stranger)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestHandover(SuccessCase):
    def _win(self, partner, **vals):
        lead = (
            self.env["crm.lead"]
            .with_user(self.sales)
            .create(
                {
                    "name": "First order",
                    "type": "opportunity",
                    "partner_id": partner.id,
                    "user_id": self.sales.id,
                    **vals,
                }
            )
        )
        lead.action_set_won()
        return lead

    def test_a_won_opportunity_starts_the_customer_with_a_handover(self):
        company = self.env["res.partner"].create({"name": "Fresh", "is_company": True})
        self._win(
            self._contact(company),
            success_why_bought="Orders got lost",
            success_promised="Live by summer",
        )
        first = self.env["customer.success.stage"].search([], limit=1)
        self.assertEqual(company.success_stage_id, first)
        plan = company.success_plan_ids
        self.assertEqual(
            (plan.why_bought, plan.promised, plan.state),
            ("Orders got lost", "Live by summer", "draft"),
        )
        self.assertTrue(plan.sustaining_plan, "it starts from the template")
        self.assertTrue(
            plan.activity_ids.user_id.has_group("customer_success.group_success_manager"),
            "nobody follows it yet, so a manager takes it over",
        )

    def test_a_second_order_of_a_customer_starts_nothing_anew(self):
        customer = self._customer()
        plan = self.env["customer.success.plan"].create({"partner_id": customer.id})
        self._win(customer)
        self.assertEqual(customer.success_stage_id, self.stages["effective_use"])
        self.assertEqual(customer.success_plan_ids, plan)

    def test_what_was_promised_with_a_second_order_reaches_the_csm(self):
        customer = self._customer()
        plan = self.env["customer.success.plan"].create({"partner_id": customer.id})
        self._win(customer, success_promised="<b>Live</b> by summer")
        self.assertEqual(customer.success_plan_ids, plan)
        self.assertEqual(plan.activity_ids.user_id, self.csm)
        self.assertIn("&lt;b&gt;Live", plan.activity_ids.note, "text of people is text")

    def test_a_lead_won_without_a_customer_starts_it_once_it_has_one(self):
        lead = self._win(self.env["res.partner"], success_promised="Live by summer")
        self.assertEqual(lead.won_status, "won")
        company = self.env["res.partner"].create({"name": "Later", "is_company": True})
        lead.partner_id = company
        self.assertEqual(company.success_plan_ids.promised, "Live by summer")

    def test_merged_opportunities_keep_all_that_was_promised(self):
        leads = self.env["crm.lead"].create(
            [
                {"name": name, "type": "opportunity", "success_promised": name}
                for name in ("Import", "Training")
            ]
        )
        merged = leads.merge_opportunity()
        self.assertCountEqual(merged.success_promised.split("\n"), ["Import", "Training"])
