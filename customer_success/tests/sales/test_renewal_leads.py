from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..common import TODAY, SuccessCase, days

CONFIRM = "customer_success.mail_activity_type_renewal_confirm"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRenewalLeads(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(user_id=cls.sales.id)
        cls.renewal = cls._renewal(cls.customer)
        cls.leads = cls.env["crm.lead"]
        cls.won = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)

    def _business(self, **vals):
        return self.leads.create({"name": "Business", "type": "opportunity", **vals})

    def _run(self):
        commits = []
        with patch.object(
            type(self.env["ir.cron"]),
            "_commit_progress",
            lambda cron, processed=0, **kwargs: commits.append(processed) or 1.0,
        ):
            self.env["customer.success.renewal"]._cron_open_leads()
        return commits

    def _opened(self, renewal=None):
        self._run()
        return (renewal or self.renewal).lead_id

    def _confirmations(self):
        return self.renewal.activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref(CONFIRM)
        )

    # ------------------------------------------------------------------------------------------
    # Created in time, once, for the right salesperson
    # ------------------------------------------------------------------------------------------

    def test_it_opens_in_time_and_once(self):
        self.renewal.date_renewal = days(-121)
        self.assertFalse(self._opened())
        with freeze_time(TODAY + timedelta(days=1)):
            lead = self._opened()
            self.assertEqual(lead.success_kind, "renewal")
            self.assertEqual(lead.partner_id, self.customer)
            self.assertEqual(lead.expected_revenue, 12000)
            self.assertEqual(lead.date_deadline, self.renewal.date_renewal)
            self.assertEqual(lead.type, "opportunity")
            self.assertFalse(self._run()[1:], "nothing is due any more")
            lead.action_set_lost()
            self._run()
        everything = self.leads.with_context(active_test=False)
        self.assertEqual(everything.search([("success_renewal_id", "=", self.renewal.id)]), lead)

    def test_the_day_for_giving_notice_counts(self):
        self.renewal.write({"date_renewal": days(-200), "date_notice": days(-110)})
        lead = self._opened()
        self.assertEqual(lead.date_deadline, days(-110))
        late = self._renewal(self._customer("Late"), date_renewal=days(-30), date_notice=days(10))
        self.assertEqual(self._opened(late).date_deadline, days(-30), "notice is past")

    def test_what_is_decided_over_or_archived_gets_none(self):
        decided = self._renewal(self._customer("Decided"), outcome="churned")
        over = self._renewal(self._customer("Over"), date_renewal=days(1))
        archived = self._renewal(self._customer("Archived"), active=False)
        self._run()
        self.assertFalse((decided | over | archived).lead_id)

    def test_a_second_opportunity_is_refused(self):
        self._opened()
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.leads.create({"name": "Twice", "success_renewal_id": self.renewal.id})

    def test_it_goes_to_the_salesperson_of_the_customer(self):
        self.assertEqual(self._opened().user_id, self.sales)

    def test_else_to_who_won_there_last_else_to_the_leader_of_the_team(self):
        seller = new_test_user(self.env, "seller", "sales_team.group_sale_salesman")
        gone = new_test_user(self.env, "gone", "sales_team.group_sale_salesman")
        leader = new_test_user(self.env, "leader", "sales_team.group_sale_manager")
        team = self.env["crm.team"].create({"name": "North", "user_id": leader.id})
        for name, user in (("One", seller), ("Two", gone)):
            customer = self._customer(name)
            contact = self._contact(customer)
            self.leads.create(
                {
                    "name": "Old",
                    "partner_id": contact.id,
                    "user_id": user.id,
                    "team_id": team.id,
                    "stage_id": self.won.id,
                }
            )
            self._renewal(customer)
        gone.active = False
        nobody = self._renewal(self._customer("Nobody"))
        self._run()
        by_name = {
            lead.partner_id.name: lead
            for lead in self.leads.search([("success_kind", "!=", False)])
        }
        self.assertEqual(by_name["One"].user_id, seller)
        self.assertEqual((by_name["Two"].user_id, by_name["Two"].team_id), (leader, team))
        self.assertFalse(nobody.lead_id.user_id)

    def test_an_archived_salesperson_and_one_of_another_company_are_passed_over(self):
        self.sales.active = False
        stranger_company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "stranger",
            "sales_team.group_sale_salesman",
            company_id=stranger_company.id,
            company_ids=[Command.set(stranger_company.ids)],
        )
        other = self._customer("Other", user_id=stranger.id)
        other = self._renewal(other)
        self._run()
        self.assertFalse(self.renewal.lead_id.user_id)
        self.assertFalse(other.lead_id.user_id)

    def test_revenue_is_in_the_currency_of_the_company(self):
        currency = self._currency(2.0)
        self.renewal.currency_id = currency
        self.assertEqual(self._opened().expected_revenue, 6000)

    def test_without_a_rate_the_revenue_stays_empty_and_the_renewal_says_so(self):
        self.renewal.currency_id = self._currency(None)
        self.assertEqual(self._opened().expected_revenue, 0)
        self.assertIn("no exchange rate", self.renewal.rate_missing)

    def _currency(self, rate):
        currency = self.env["res.currency"].create(
            {"name": "XTS", "symbol": "x", "currency_unit_label": "x", "active": True}
        )
        if rate:
            self.env["res.currency.rate"].create(
                {"currency_id": currency.id, "name": days(10), "rate": rate}
            )
        return currency

    def test_it_takes_the_same_queries_for_many(self):
        def opened(number):
            renewals = self.env["customer.success.renewal"].concat(
                *(
                    self._renewal(self._customer(f"C{number}-{i}", user_id=self.sales.id))
                    for i in range(number)
                )
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            renewals.sudo()._find_sellers()
            renewals._company_factors()
            return self.env.cr.sql_log_count - before

        opened(2)
        self.assertEqual(opened(3), opened(20))

    def test_one_that_cannot_be_opened_does_not_stop_the_others(self):
        other = self._renewal(self._customer("Other"))
        prepare = type(self.renewal)._prepare_lead_vals

        def fail(renewal, *args):
            if renewal == other:
                raise ValueError("broken")
            return prepare(renewal, *args)

        with (
            patch.object(type(self.renewal), "_prepare_lead_vals", fail),
            self.assertLogs("odoo.addons.customer_success", "WARNING"),
        ):
            self._run()
        self.assertTrue(self.renewal.lead_id)
        self.assertFalse(other.lead_id)

    def test_salespeople_see_risk_and_reasons_not_the_renewal(self):
        self._rescore(self.customer)
        lead = self._opened().with_user(self.sales)
        self.assertEqual(lead.success_renewal_risk, self.renewal.churn_risk)
        self.assertTrue(lead.success_reasons)
        self.assertIn("Acme", lead.success_renewal_id.sudo().name)
        with self.assertRaises(AccessError):
            lead.success_renewal_id.read(["annual_value"])
        with self.assertRaises(AccessError):
            self.leads.with_user(self.sales).create(
                {"name": "Mine", "success_renewal_id": self._renewal(self._customer()).id}
            )

    # ------------------------------------------------------------------------------------------
    # Renewals and opportunities end together
    # ------------------------------------------------------------------------------------------

    def test_ending_the_renewal_wins_or_loses_the_opportunity(self):
        lead = self._opened()
        renewal = self.renewal.with_user(self.csm)
        renewal.write({"outcome": "contracted", "renewed_value": 9000, "renewed_seats": 80})
        self.assertEqual((lead.won_status, lead.expected_revenue), ("won", 9000))
        renewal.action_reopen()
        self.assertEqual(lead.won_status, "pending")
        renewal.outcome = "churned"
        self.assertEqual(lead.won_status, "lost")
        self.assertEqual(
            lead.lost_reason_id, self.env.ref("customer_success.crm_lost_reason_churned")
        )
        renewal.action_reopen()
        self.assertEqual((lead.won_status, lead.active), ("pending", True))
        self.assertFalse(self._confirmations())

    def test_winning_at_the_value_of_the_term_renews_it(self):
        lead = self._opened().with_user(self.sales)
        lead.stage_id = self.won
        self.assertEqual((self.renewal.outcome, self.renewal.date_outcome), ("renewed", TODAY))
        self.assertEqual(self.renewal.renewed_value, 12000)
        self.assertEqual(len(self.renewal.next_ids), 1)
        self.assertFalse(self._confirmations())

    def test_winning_at_another_value_asks_the_csm(self):
        lead = self._opened().with_user(self.sales)
        lead.expected_revenue = 15000
        lead.action_set_won()
        self.assertEqual(self.renewal.outcome, "pending")
        todo = self._confirmations()
        self.assertEqual(todo.user_id, self.csm)
        self.assertIn("15,000", str(todo.note))
        self.renewal.with_user(self.csm).write({"outcome": "expanded", "renewed_value": 15000})
        self.assertFalse(self._confirmations())

    def test_losing_the_opportunity_asks_and_churns_nobody(self):
        lead = self._opened()
        lead.with_user(self.sales).action_set_lost()
        self.assertEqual(self.renewal.outcome, "pending")
        self.assertEqual(len(self._confirmations()), 1)
        lead.action_restore()
        self.assertFalse(self._confirmations())
        self.assertEqual(self.renewal.outcome, "pending")

    def test_opening_a_won_opportunity_again_asks_the_csm(self):
        lead = self._opened()
        first = lead.stage_id
        lead.stage_id = self.won
        lead.stage_id = first
        self.assertEqual(self.renewal.outcome, "renewed", "only the CSM takes an outcome back")
        self.assertIn("Reopen the renewal", str(self._confirmations().note))

    def test_a_won_renewal_starts_no_handover(self):
        lead = self._opened()
        lead.stage_id = self.won
        self.assertFalse(self.customer.success_plan_ids)
        lead.partner_id = self._contact(self.customer)
        self.assertFalse(self.customer.success_plan_ids)

    def test_merged_opportunities_keep_the_renewal(self):
        lead = self._opened()
        other = self.leads.create(
            {
                "name": "More",
                "type": "opportunity",
                "partner_id": self.customer.id,
                "probability": 90,
            }
        )
        merged = (lead | other).merge_opportunity()
        self.assertEqual(merged.success_renewal_id, self.renewal)
        self.assertEqual(self.renewal.lead_id, merged)
        self.assertEqual(merged.success_kind, "renewal")

    def test_one_that_ended_while_the_job_ran_gets_no_opportunity(self):
        renewals = self.env["customer.success.renewal"]
        due = renewals._due_for_lead()
        self.assertIn(self.renewal, due)
        self.renewal.outcome = "churned"
        renewals._open_leads_of(due)
        self.assertFalse(self.renewal.lead_ids)

    def test_a_salesperson_merges_a_renewal_into_a_better_opportunity(self):
        lead = self._opened()
        seller = new_test_user(self.env, "test_seller", "sales_team.group_sale_salesman")
        self.customer.user_id = lead.user_id = seller
        lead.probability = 5
        other = self._business(partner_id=self.customer.id, user_id=seller.id, probability=95)
        merged = (lead | other).with_user(seller).merge_opportunity()
        self.assertEqual(merged, other)
        self.assertEqual(self.renewal.lead_id, other)

    def test_sales_neither_links_nor_parts_an_opportunity_and_a_renewal(self):
        lead = self._opened().with_user(self.sales)
        other = self._renewal(self._customer("Other"))
        leads = self.leads.with_user(self.sales)
        with self.assertRaises(AccessError):
            leads.create({"name": "Mine", "success_renewal_id": other.id})
        with self.assertRaises(AccessError):
            leads.with_context(default_success_renewal_id=other.id).create({"name": "Mine"})
        with self.assertRaises(AccessError):
            lead.success_renewal_id = other
        with self.assertRaises(AccessError):
            lead.success_renewal_id = False
        lead.write({"name": "Said otherwise", "success_renewal_id": self.renewal.id})
        self.assertEqual(self.renewal.lead_id.name, "Said otherwise")

    def test_an_opportunity_is_lost_and_not_deleted_while_its_renewal_is_pending(self):
        lead = self._opened()
        with self.assertRaisesRegex(UserError, "Mark the opportunity as lost"):
            lead.with_user(self.manager).unlink()
        self.renewal.outcome = "churned"
        lead.with_user(self.manager).unlink()
        self.assertFalse(self._opened())

    def test_nobody_chooses_the_opportunity_that_a_renewal_wins(self):
        foreign = self._business()
        renewal = self.renewal.with_user(self.csm)
        renewal.lead_id = foreign
        self.assertFalse(self.renewal.lead_id)
        other = renewal.with_context(default_lead_id=foreign.id).create(
            {"partner_id": self.customer.id, "date_renewal": days(-10)}
        )
        other.outcome = "renewed"
        self.assertEqual(foreign.won_status, "pending")

    def test_figures_noted_before_are_asked_about_and_stop_nobody(self):
        lead = self._opened()
        self.renewal.with_user(self.csm).renewed_seats = 90
        lead.with_user(self.sales).action_set_won()
        self.assertEqual((lead.won_status, self.renewal.outcome), ("won", "pending"))
        self.assertTrue(self._confirmations())

    def test_a_next_term_with_an_opportunity_is_no_more_taken_back(self):
        self.renewal.outcome = "renewed"
        term = self.renewal.next_ids
        with freeze_time(term.date_renewal - timedelta(days=50)):
            self.assertTrue(self._opened(term))
        self.renewal.with_user(self.csm).action_reopen()
        self.assertTrue(term.exists())
