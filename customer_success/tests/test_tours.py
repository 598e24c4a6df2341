from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from .common import SuccessCase


@tagged("post_install", "-at_install")
class TestTours(HttpCase, SuccessCase):
    """Tours through the screens for each role, in a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Tour Customer", "first_use", success_user_id=False)
        cls.env["customer.success.usage"].create(
            {
                "partner_id": cls.customer.id,
                "product_id": cls.product.id,
                "licensed_users": 100,
                "active_users": 20,
            }
        )

    def _renew_soon(self):
        self.env["customer.success.renewal"].create(
            {
                "partner_id": self.customer.id,
                "annual_value": 12000,
                "date_renewal": fields.Date.add(fields.Date.today(), months=10),
            }
        )
        self._rescore(self.customer)

    def test_csm_follows_a_customer(self):
        self.start_tour("/odoo", "customer_success_csm", login="test_csm")
        self.assertEqual(self.customer.success_user_id, self.csm)
        self.assertEqual(self.customer.success_stage_id, self.stages["effective_use"])
        self.assertEqual(self.customer.success_sentiment, "worried")
        answer = self.env["customer.success.answer"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((answer.signal, answer.user_id), ("concern", self.csm))
        barrier = self.customer.success_barrier_ids
        self.assertEqual(barrier.name, "Managers ask for the weekly sheet")
        self.assertTrue(self.customer.success_health)

    def test_csm_hands_over_a_book_and_takes_it_back(self):
        new_csm = new_test_user(self.env, "test_new_csm", "customer_success.group_success_user")
        customer = self._customer("Tour Book")
        barrier = self._barrier(customer, user_id=self.csm.id)
        self.start_tour("/odoo/my-customers", "customer_success_hand_over_a_book", login="test_csm")
        self.assertEqual(customer.success_user_id, new_csm)
        self.assertEqual(barrier.user_id, new_csm)
        change = customer.success_handover_id
        self.assertEqual((change.user_id, change.note), (self.csm, "Their CFO decides"))
        self.start_tour(
            f"/odoo/mass-changes/{change.id}", "customer_success_take_back", login="test_csm"
        )
        self.assertEqual(customer.success_user_id, self.csm)
        self.assertEqual(barrier.user_id, self.csm)

    def test_csm_assesses_use_and_finds_what_stands_behind_a_symptom(self):
        customer = self._customer("Tour Use", success_go_live_date=None)
        today = fields.Date.today()
        self._renewal(customer, date_start=today, date_renewal=fields.Date.add(today, months=9))
        action = self.env.ref("customer_success.res_partner_action_success")
        self.start_tour(
            f"/odoo/action-{action.id}/{customer.id}", "customer_success_use", login="test_csm"
        )
        usage = customer.success_usage_ids
        self.assertEqual((usage.source, usage.active_users, usage.quality), ("assessed", 2, 70))
        self.assertIs(usage.accuracy, False)
        flag = customer.success_symptom_flag_ids
        self.assertEqual(flag.symptom_id.code, "idle")
        self.assertEqual(flag.barrier_ids.symptom_ids, flag.symptom_id)
        self.assertEqual(flag.barrier_ids.user_id, self.csm)

    def test_csm_prepares_and_logs_a_conversation_by_keyboard(self):
        customer = self._customer("Tour Talk")
        action = self.env.ref("customer_success.res_partner_action_success")
        self.start_tour(
            f"/odoo/action-{action.id}/{customer.id}",
            "customer_success_conversation",
            login="test_csm",
        )
        [talk] = customer.success_interaction_ids
        self.assertEqual((talk.state, len(talk.answer_ids)), ("held", 7))
        self.assertEqual((talk.quality_rating, talk.focus_rating), (4, 5))
        self.assertEqual(set(talk.line_ids.mapped("why")), {"never"}, "saved with the form")
        self.assertEqual(
            talk.answer_ids.sorted("id").mapped("signal"),
            ["strength", "neutral", "concern", "blocker", "strength", "concern", "concern"],
        )
        accepted = talk.advice_ids.filtered(lambda advice: advice.state == "accepted")
        self.assertEqual(set(accepted.mapped("kind")), {"activity", "barrier"})
        self.assertTrue(customer.activity_ids)
        self.assertEqual(customer.success_barrier_ids.advice_id, accepted.barrier_ids.advice_id)
        self.assertGreater(customer.success_coverage, 30)
        self.assertTrue(customer.success_ready or customer.success_willing or customer.success_able)

    def test_csm_edits_lines_that_were_read_with_their_page(self):
        customer = self._customer("Tour Lines")
        self._barrier(customer)
        ada = self._contact(customer, "Ada")
        action = self.env.ref("customer_success.res_partner_action_success")
        self.start_tour(
            f"/odoo/action-{action.id}/{customer.id}",
            "customer_success_form_lines",
            login="test_csm",
        )
        self.assertEqual(customer.success_objective_ids.mapped("name"), ["Orders on the day"])
        self.assertEqual(customer.success_stakeholder_ids.contact_id, ada)
        self.assertEqual(customer.success_stakeholder_ids.role, "sponsor")

    def test_csm_opens_a_page_of_a_customer_before_it_is_saved(self):
        action = self.env.ref("customer_success.res_partner_action_success")
        self.start_tour(
            f"/odoo/action-{action.id}/new", "customer_success_form_new", login="test_csm"
        )
        customer = self.env["res.partner"].search([("name", "=", "Tour New")])
        self.assertEqual(customer.success_stage_id, self.stages["discover"])
        self.assertEqual(customer.success_objective_ids.name, "Nobody prints a sheet")

    def test_csm_finds_a_barrier_and_has_it_removed(self):
        customer = self._customer("Tour Barrier")
        ada = self._contact(customer, "Ada")
        action = self.env.ref("customer_success.res_partner_action_success")
        self.start_tour(
            f"/odoo/action-{action.id}/{customer.id}", "customer_success_barrier", login="test_csm"
        )
        barrier = customer.success_barrier_ids
        self.assertEqual((barrier.state, barrier.area), ("removed", "process"))
        self.assertEqual((barrier.owner_contact_id, barrier.authority), (ada, "granted"))

    def test_csm_says_what_took_the_place_of_a_product(self):
        customer = self._customer("Tour Replaced")
        today = fields.Date.today()
        start = fields.Date.subtract(today, years=1)
        term = self._renewal(customer, 10000, date_start=start, date_renewal=today)
        analytics = self.env["product.product"].create({"name": "Analytics"})
        came = self._renewal(
            customer,
            12000,
            product_id=analytics.id,
            date_start=today,
            date_renewal=fields.Date.add(today, years=1),
        )
        action = self.env.ref("customer_success.customer_success_renewal_action")
        self.start_tour(
            f"/odoo/action-{action.id}/{term.id}", "customer_success_replaced", login="test_csm"
        )
        self.assertEqual((term.outcome, term.renewed_value), ("expanded", 12000))
        self.assertEqual((term.replaced_by_id, came.previous_id), (came, term))

    def test_csm_chooses_between_the_terms_of_merged_customers(self):
        one, other = self._customer("Tour Merged"), self._customer("Tour Merged Inc.")
        today = fields.Date.today()
        dates = {"date_start": today, "date_renewal": fields.Date.add(today, months=9)}
        kept, aside = self._renewal(one, 12000, **dates), self._renewal(other, 9000, **dates)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([one.id, other.id], one)
        action = self.env.ref("customer_success.customer_success_renewal_action")
        self.start_tour(
            f"/odoo/action-{action.id}/{kept.id}", "customer_success_choose_term", login="test_csm"
        )
        self.assertTrue(kept.active and aside.active)
        self.assertEqual((kept.contract_number, aside.contract_number), ("North", "South"))

    def test_csm_ends_a_renewal_as_contracted(self):
        customer = self._customer("Tour Renewal", success_sentiment="confident")
        today = fields.Date.today()
        renewal = self.env["customer.success.renewal"].create(
            {
                "partner_id": customer.id,
                "product_id": self.product.id,
                "annual_value": 12000,
                "seats": 100,
                "date_start": fields.Date.subtract(today, months=10),
                "date_renewal": fields.Date.add(today, months=2),
            }
        )
        high = {"churn_risk": 48.0, "risk_band": "high"}
        with patch.object(
            type(self.env["customer.success.score"]),
            "_freeze",
            lambda scores, partners: {renewal.id: high},
        ):
            self.env["customer.success.checkpoint"]._take([(renewal.id, 90)])
        action = self.env.ref("customer_success.customer_success_renewal_action")
        self.start_tour(
            f"/odoo/action-{action.id}/{renewal.id}", "customer_success_renewal", login="test_csm"
        )
        self.assertEqual((renewal.outcome, renewal.renewed_value), ("contracted", 9600))
        self.assertEqual(renewal.reason_id.name, "Seats that nobody used")
        self.assertIn("Count the seats", renewal.checkpoint_ids.action_plan)
        self.assertEqual(renewal.next_ids.seats, 80)

    def test_csm_sees_a_contract_that_renewed_itself(self):
        customer, today = self._customer("Tour Monthly"), fields.Date.today()
        start = fields.Date.subtract(today.replace(day=1), months=3)
        term = self._renewal(
            customer,
            date_start=start,
            date_renewal=fields.Date.add(start, months=1),
            auto_renew=True,
        )
        self.env.ref("customer_success.ir_cron_renew_themselves").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((term.outcome, term.renewed_itself), ("renewed", True))
        self.start_tour(
            "/odoo/success-renewals", "customer_success_renewed_itself", login="test_csm"
        )

    def test_csm_records_a_notice_and_ends_the_term(self):
        customer, today = self._customer("Tour Notice"), fields.Date.today()
        term = self._renewal(
            customer,
            date_start=fields.Date.subtract(today, months=11),
            date_renewal=fields.Date.add(today, months=1),
            auto_renew=True,
        )
        action = self.env.ref("customer_success.customer_success_renewal_action")
        self.start_tour(
            f"/odoo/action-{action.id}/{term.id}", "customer_success_notice", login="test_csm"
        )
        self.assertEqual((term.outcome, term.notice_kind), ("churned", "end"))
        self.assertEqual(term.reason_note, "Nobody opened it since spring")
        self.assertTrue(term.reason_id)
        self.assertFalse(term.next_ids)

    def test_salesperson_sees_risk_in_the_pipeline(self):
        self._renew_at_risk()
        self.env["crm.lead"].create(
            {
                "name": "Tour Upsell",
                "type": "opportunity",
                "partner_id": self.customer.id,
                "user_id": self.sales.id,
            }
        )
        self.start_tour("/odoo", "customer_success_sales", login="test_sales")

    def test_salesperson_judges_renewals(self):
        self._renew_at_risk()
        self.start_tour("/odoo", "customer_success_sales_renewals", login="test_sales")
        renewal = self.customer.success_renewal_ids
        self.assertEqual((renewal.forecast, renewal.forecast_suggested), ("best_case", "at_risk"))

    def _renew_at_risk(self):
        for _number in range(2):
            self._barrier(self.customer, "3")
        self._renew_soon()
        self.assertIn(self.customer.success_risk_band, ("high", "critical"))

    def test_manager_reads_the_book_and_takes_it_to_excel(self):
        self._renew_soon()
        self.start_tour("/odoo", "customer_success_manager", login="test_manager")
        wizard = self.env["customer.success.workbook.wizard"].search([], limit=1, order="id desc")
        self.assertEqual(wizard.create_uid, self.manager)
        self.assertEqual(wizard.selected_domain, [["id", "in", self.customer.ids]])
        copy = self.env["customer.success.workbook.copy"].search([], limit=1)
        self.assertEqual((copy.user_id, copy.state, copy.customers), (self.manager, "done", 1))

    def test_manager_looks_at_the_dashboard(self):
        today = fields.Date.today()
        first = self._customer("Tour First", success_user_id=self.lead_csm.id)
        second = self._customer("Tour Second", success_user_id=self.lead_csm.id)
        for customer, name in ((first, "First Obstacle"), (first, "Next"), (second, "Last")):
            self._barrier(customer, name=name, date_opened=today - timedelta(days=45))
        self._barrier(self._customer("Tour Others"))
        self._rescore(first | second)
        self.env["customer.success.score.history"].create(
            {
                "partner_id": first.id,
                "date": today - timedelta(days=370),
                "health": 99.0,
            }
        )
        self.start_tour("/odoo", "customer_success_dashboard", login="test_manager")
        dashboard = self.env["customer.success.dashboard"].search([], order="id desc", limit=1)
        self.assertEqual((dashboard.user_id, dashboard.period), (self.lead_csm, "365"))

    def test_manager_has_a_workbook_mailed(self):
        self.manager.email = "manager@example.com"
        self.start_tour("/odoo", "customer_success_workbook_schedule", login="test_manager")
        schedule = self.env["customer.success.workbook.schedule"].search(
            [("name", "=", "Mondays at eight")]
        )
        self.assertEqual((schedule.hour, schedule.recipient_ids), (8.5, self.manager))
        self.assertEqual(schedule.delivery_ids.state, "due")
        self.env["customer.success.workbook.schedule"].search(
            [("id", "!=", schedule.id)]
        ).active = False
        self.env.ref("customer_success.ir_cron_workbook_send").method_direct_trigger()
        self.start_tour("/odoo", "customer_success_workbook_kept", login="test_manager")

    def test_from_won_opportunity_to_the_second_year(self):
        """Sales hands over, the CSM agrees on a plan and goes live, and a year later use is sustained."""
        company = self.env["res.partner"].create({"name": "Journey Ltd", "is_company": True})
        self.env["crm.lead"].create(
            {
                "name": "Journey Order",
                "type": "opportunity",
                "partner_id": company.id,
                "user_id": self.sales.id,
            }
        )
        self.start_tour("/odoo", "customer_success_journey_won", login="test_sales")
        self.assertEqual(company.success_stage_id, self.stages["discover"])
        plan = company.success_plan_ids
        self.assertEqual((plan.why_bought, plan.state), ("Orders got lost", "draft"))

        self.start_tour("/odoo", "customer_success_journey_live", login="test_csm")
        self.assertEqual(company.success_stage_id, self.stages["go_live"])
        self.assertEqual(plan.state, "active")

        # A year passes, in which the CSM asks the due questions.
        company.success_stage_date = fields.Date.today() - timedelta(days=400)
        company.success_stage_move_ids.date = company.success_stage_date
        for question in company._success_due_questions()[:12]:
            self.env["customer.success.answer"].with_user(self.csm).create(
                {"partner_id": company.id, "question_id": question.id, "signal": "strength"}
            )
        self.start_tour("/odoo", "customer_success_journey_second_year", login="test_csm")
        self.assertEqual(company.success_stage_id, self.stages["sustained_use"])
        self.assertGreater(company.success_years_live, 1)
        moves = company.success_stage_move_ids.sorted("id")
        self.assertEqual(moves.mapped("stage_id.phase"), ["before", "go_live", "after"])
        self.assertEqual(moves[-1].days, 400)

    def test_csm_reads_the_own_half_of_a_group(self):
        head = self._customer("Tour Head")
        mine = self._customer("Tour Mine", parent_id=head.id)
        theirs = self._customer("Tour Theirs", parent_id=head.id, success_user_id=self.lead_csm.id)
        deep = self._customer("Tour Deep", parent_id=theirs.id, success_user_id=self.lead_csm.id)
        for customer, name in ((head, "the head"), (mine, "mine"), (theirs, "theirs")):
            self._barrier(customer, name=f"Barrier of {name}")
        for customer, risk in ((mine, 40.0), (theirs, 90.0), (deep, 95.0)):
            customer.success_score_id.write({"renewal_risk": risk, "risk_band": "high"})
        action = self.env.ref("customer_success.res_partner_action_success")
        self.start_tour(
            f"/odoo/action-{action.id}/{head.id}", "customer_success_group", login="test_csm"
        )


@tagged("post_install", "-at_install")
class TestToursPhone(HttpCase, SuccessCase):
    """The same tours on a phone."""

    browser_size = "375x667"
    touch_enabled = True

    def test_salesperson_judges_a_renewal_on_a_phone(self):
        customer = self._customer("Tour Customer")
        for _number in range(2):
            self._barrier(customer, "3")
        self._usage(customer, active=2, when=fields.Date.today())
        today = fields.Date.today()
        renewal = self._renewal(
            customer, date_start=today, date_renewal=fields.Date.add(today, months=5)
        )
        self._rescore(customer)
        self.assertIn(customer.success_risk_band, ("high", "critical"))
        self.start_tour(
            "/odoo/pipeline-renewals", "customer_success_sales_phone", login="test_sales"
        )
        self.assertEqual(renewal.forecast, "best_case")
