from datetime import timedelta
from unittest.mock import patch

from odoo.modules.migration import load_script
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools.misc import file_path

from ..common import TODAY, days
from ..work.plays_common import PlaysCase

CONFIRM = "customer_success.mail_activity_type_renewal_confirm"


class MovedCase(PlaysCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.user_id = cls.sales
        cls.renewal = cls._renewal(cls.customer, 10000, date_renewal=days(-80))

    def _jobs(self):
        """Run the jobs of the night that take checkpoints, start playbooks and open opportunities."""
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1.0
        ):
            self.env["customer.success.renewal"]._cron_open_leads()
            self.env["customer.success.checkpoint"]._cron_checkpoints()
        self._evaluate()

    def _opened(self):
        self._jobs()
        return self.renewal.lead_id

    def _form(self, **vals):
        """Change the term in its form, as its CSM."""
        form = Form(self.renewal.with_user(self.csm))
        for name, value in vals.items():
            form[name] = value
        form.save()

    def _said(self, lead):
        return " ".join(str(body) for body in lead.message_ids.mapped("body"))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestMovedRenewals(MovedCase):
    """A renewal that is moved: its opportunity follows where nobody touched it, and what is done once is done again."""

    def test_a_year_later_and_worth_more(self):
        play = self._play("renewal", days=90)
        lead = self._opened()
        self.assertEqual((lead.expected_revenue, lead.date_deadline), (10000, days(-80)))
        end = self.renewal.date_renewal.replace(year=2027)
        self._form(date_renewal=end, annual_value=12000)
        self.assertEqual((lead.expected_revenue, lead.date_deadline), (12000, end))
        self.assertIn("2027", lead.name)
        self.assertFalse(lead.message_ids.filtered(lambda m: "by hand" in str(m.body)))
        taken = self.renewal.checkpoint_ids
        self.assertEqual(taken.mapped("horizon"), [90])
        self._jobs()
        self.assertEqual(self.renewal.checkpoint_ids, taken, "the end is far away")
        with freeze_time(end - timedelta(days=80)):
            self._jobs()
            self._jobs()
            again = self.renewal.checkpoint_ids - taken
            self.assertEqual((again.horizon, again.date_renewal), (90, end))
            runs = self.runs.search([("play_id", "=", play.id)])
            self.assertEqual(len(runs), 2)
        self.assertEqual(len({*runs.mapped("cause")}), 2)

    def test_innocent_a_corrected_end_repeats_nothing(self):
        play = self._play("renewal", days=90)
        self._opened()
        for moved in (-85, -75, -80, -79):
            self._form(date_renewal=days(moved))
            self._jobs()
        self.assertEqual(self.renewal.checkpoint_ids.mapped("horizon"), [90])
        self.assertEqual(self.runs.search_count([("play_id", "=", play.id)]), 1)
        self.assertEqual(self.renewal.lead_id.date_deadline, days(-79))

    def test_innocent_the_next_night_repeats_nothing(self):
        play = self._play("renewal", days=90)
        self._opened()
        with freeze_time(TODAY + timedelta(days=1)):
            self._jobs()
        self.assertEqual(self.renewal.checkpoint_ids.mapped("horizon"), [90])
        self.assertEqual(self.runs.search_count([("play_id", "=", play.id)]), 1)

    def test_an_end_that_comes_nearer_by_months_is_another_one(self):
        self.renewal.date_renewal = days(-175)
        self._jobs()
        self.assertEqual(self.renewal.checkpoint_ids.mapped("horizon"), [180])
        self._form(date_renewal=days(-20))
        self._jobs()
        self.assertEqual({*self.renewal.checkpoint_ids.mapped("horizon")}, {180, 30})

    def test_a_gap_of_the_former_end_asks_for_no_plan(self):
        self._opened()
        taken = self.renewal.checkpoint_ids
        self.env.cr.execute(
            "UPDATE customer_success_checkpoint SET is_gap = TRUE WHERE id = %s", taken.ids
        )
        self.env.invalidate_all()
        asking = [("needs_action_plan", "=", True), ("id", "=", self.renewal.id)]
        self.assertTrue(self.renewal.needs_action_plan)
        self.assertTrue(self.renewal.search_count(asking))
        end = self.renewal.date_renewal.replace(year=2027)
        self._form(date_renewal=end)
        with freeze_time(end - timedelta(days=170)):
            self._jobs()
            self.env.invalidate_all()
            self.assertFalse(self.renewal.needs_action_plan)
            self.assertFalse(self.renewal.search_count(asking))

    # ------------------------------------------------------------------------------------------
    # What a person entered stays, and the opportunity says so
    # ------------------------------------------------------------------------------------------

    def test_what_sales_entered_stays_and_the_rest_follows(self):
        lead = self._opened()
        lead.with_user(self.sales).expected_revenue = 11000
        end = self.renewal.date_renewal.replace(year=2027)
        self._form(date_renewal=end, annual_value=12000)
        self.assertEqual((lead.expected_revenue, lead.date_deadline), (11000, end))
        self.assertIn(
            "now worth $\N{NO-BREAK SPACE}12,000.00", self._said(lead).replace("&nbsp;", "\xa0")
        )
        lead.with_user(self.sales).write({"date_deadline": days(-50), "name": "Acme goes on"})
        self._form(date_renewal=end + timedelta(days=40))
        self.assertEqual((lead.date_deadline, lead.name), (days(-50), "Acme goes on"))
        self.assertIn("to be closed by", self._said(lead))

    def test_what_was_entered_and_agrees_with_the_renewal_again_follows_again(self):
        lead = self._opened()
        lead.with_user(self.sales).expected_revenue = 12000
        self._form(annual_value=12000)
        self.assertNotIn("by hand", self._said(lead))
        self._form(annual_value=13000)
        self.assertEqual(lead.expected_revenue, 13000)

    def test_saying_it_once(self):
        lead = self._opened()
        lead.with_user(self.sales).expected_revenue = 11000
        self._form(annual_value=12000)
        count = len(lead.message_ids)
        self._form(seats=120)
        self._jobs()
        self.assertEqual(len(lead.message_ids), count)

    def test_a_won_opportunity_that_is_opened_again_follows_again(self):
        lead = self._opened()
        self.renewal.write({"outcome": "expanded", "renewed_value": 15000})
        self.assertEqual(lead.expected_revenue, 15000)
        self.renewal.with_user(self.csm).action_reopen()
        self.assertEqual((lead.won_status, lead.expected_revenue), ("pending", 10000))

    def test_an_opportunity_linked_by_hand_follows_if_it_says_the_same(self):
        other = self._renewal(self._customer("Other"), 8000, date_renewal=days(-80))
        lead = self.env["crm.lead"].create(
            {
                "name": "By hand",
                "type": "opportunity",
                "partner_id": other.partner_id.id,
                "expected_revenue": 8000,
                "success_renewal_id": other.id,
            }
        )
        other.write({"annual_value": 9000, "date_renewal": days(-300)})
        self.assertEqual((lead.expected_revenue, lead.name), (9000, "By hand"))
        self.assertFalse(lead.date_deadline)

    # ------------------------------------------------------------------------------------------
    # Whatever moves
    # ------------------------------------------------------------------------------------------

    def test_amendments_add_ons_and_notices_are_followed(self):
        lead = self._opened()
        self.env["customer.success.renewal.amendment"].create(
            {
                "renewal_id": self.renewal.id,
                "date": days(-10),
                "annual_value": 11000,
                "seats": 110,
                "reason": "More people",
            }
        )
        self.assertEqual(lead.expected_revenue, 11000)
        addon = self._renewal(
            self.customer,
            500,
            product_id=self.env["product.product"].create({"name": "Mobile"}).id,
            main_id=self.renewal.id,
        )
        self.assertEqual(lead.expected_revenue, 11500)
        addon.unlink()
        self.assertEqual(lead.expected_revenue, 11000)

    def test_the_notice_period_moves_the_deadline(self):
        lead = self._opened()
        self.renewal.write({"notice_period": 1, "notice_unit": "months"})
        self.assertEqual(lead.date_deadline, self.renewal.date_notice)
        with freeze_time(self.renewal.date_notice + timedelta(days=3)):
            self.renewal.annual_value = 10500
            self.assertEqual(lead.date_deadline, self.renewal.date_notice, "it did not move")
            self.assertEqual(lead.expected_revenue, 10500)

    def test_another_name_of_the_customer_is_followed_at_night(self):
        lead = self._opened()
        self.customer.name = "Acme Holding"
        self._jobs()
        self.assertIn("Acme Holding", lead.name)

    def test_another_customer_and_company(self):
        lead = self._opened()
        company = self.env["res.company"].create({"name": "Branch"})
        other = self._customer("Owner", company_id=company.id)
        self.renewal.sudo().write({"partner_id": other.id, "company_id": company.id})
        self.assertEqual((lead.partner_id, lead.company_id), (other, company))
        self.assertFalse(lead.user_id, "the salesperson has no access there")

    def test_a_next_term_moves_with_its_term_to_another_customer(self):
        other = self._customer("Globex", user_id=self.sales.id)
        self.renewal.write({"outcome": "renewed", "date_renewal": days(5)})
        following = self.renewal.next_ids
        self.renewal.with_user(self.manager).partner_id = other
        self.assertEqual((following.partner_id, following.previous_id), (other, self.renewal))
        self.renewal.with_user(self.manager).date_renewal = days(20)
        self.assertEqual(following.date_start, days(20))

    def test_merged_opportunities_remember(self):
        lead = self._opened()
        other = self.env["crm.lead"].create(
            {
                "name": "More",
                "type": "opportunity",
                "partner_id": self.customer.id,
                "probability": 90,
                "expected_revenue": 777,
            }
        )
        merged = (lead | other).merge_opportunity()
        self._form(annual_value=12000)
        self.assertEqual(merged.expected_revenue, 777)
        self.assertIn("stays", self._said(merged))

    def test_a_moved_change_starts_its_playbook_again(self):
        play = self._play("change_without_plan", days=60)
        change = self.env["customer.success.change"].create(
            {
                "partner_id": self.customer.id,
                "name": "New release",
                "kind": "upgrade",
                "date": days(-50),
            }
        )
        self._evaluate()
        change.date = days(-55)
        self._evaluate()
        self.assertEqual(self.runs.search_count([("play_id", "=", play.id)]), 1)
        change.date = days(-415)
        self._evaluate()
        self.assertEqual(self.runs.search_count([("play_id", "=", play.id)]), 1)
        with freeze_time(days(-360)):
            self._evaluate()
        self.assertEqual(self.runs.search_count([("play_id", "=", play.id)]), 2)

    def _upgrade(self, name):
        self.env.flush_all()
        path = file_path(f"customer_success/migrations/19.0.2.0.0/post-{name}.py")
        load_script(path, f"post_{name}").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all(flush=False)

    def test_an_upgrade_remembers_what_opportunities_were_told(self):
        lead = self._opened()
        other = self._renewal(self._customer("Other"), 8000, date_renewal=days(-80))
        self._jobs()
        other.lead_id.expected_revenue = 8500
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET success_told = NULL")
        self.env.invalidate_all()
        self._upgrade("told")
        (self.renewal | other).write({"annual_value": 9000})
        self.assertEqual((lead.expected_revenue, other.lead_id.expected_revenue), (9000, 8500))

    def test_an_upgrade_keeps_what_playbooks_did_once(self):
        play = self._play("renewal", days=90)
        self._opened()
        run = self.runs.search([("play_id", "=", play.id)])
        self.env.cr.execute(
            "UPDATE customer_success_play_run SET cause = %s WHERE id = %s",
            (str(self.renewal.id), run.id),
        )
        self.env.invalidate_all()
        self._upgrade("marks")
        self.assertEqual(run.cause, f"{self.renewal.id}:{self.renewal.date_renewal}")
        self._jobs()
        self.assertEqual(self.runs.search([("play_id", "=", play.id)]), run)

    def test_nobody_but_the_system_reads_what_was_told(self):
        self._opened()
        seller = new_test_user(self.env, "reader", "sales_team.group_sale_manager")
        fields = self.env["crm.lead"].with_user(seller).fields_get(["success_told"])
        self.assertFalse(fields)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRatesOfRenewals(MovedCase):
    """A rate that moves changes no contract: figures are compared in the contract's currency."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls.env["res.currency"].create({"name": "QQE", "symbol": "e"})
        cls._rate(days(100), 0.90)
        cls.renewal.currency_id = cls.foreign

    @classmethod
    def _rate(cls, day, rate):
        cls.env["res.currency.rate"].create(
            {"currency_id": cls.foreign.id, "name": day, "rate": rate, "company_id": False}
        )

    def _asked(self):
        return self.renewal.activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref(CONFIRM)
        )

    def _win(self, lead):
        lead.with_user(self.sales).action_set_won()

    def test_unchanged_after_the_rate_moved_asks_nothing(self):
        lead = self._opened()
        self.assertEqual(lead.expected_revenue, 11111.11)
        with freeze_time(TODAY + timedelta(days=20)):
            self._rate(TODAY + timedelta(days=10), 0.93)
            self._win(lead)
            self.assertEqual((self.renewal.outcome, self.renewal.renewed_value), ("renewed", 10000))
        self.assertFalse(self._asked())

    def test_the_night_lets_the_revenue_follow_the_rate(self):
        lead = self._opened()
        with freeze_time(TODAY + timedelta(days=20)):
            self._rate(TODAY + timedelta(days=10), 0.93)
            self._jobs()
            self.assertEqual(lead.expected_revenue, 10752.69)
            self.assertNotIn("by hand", self._said(lead))
            self._win(lead)
        self.assertEqual(self.renewal.outcome, "renewed")
        self.assertFalse(self._asked())

    def test_what_sales_entered_is_asked_about_with_any_rate(self):
        lead = self._opened()
        lead.with_user(self.sales).expected_revenue = 10752.69
        with freeze_time(TODAY + timedelta(days=20)):
            self._rate(TODAY + timedelta(days=10), 0.95)
            self._jobs()
            self.assertEqual(lead.expected_revenue, 10752.69)
            self._win(lead)
        self.assertEqual(self.renewal.outcome, "pending")
        self.assertTrue(self._asked())

    def test_the_value_at_the_rate_of_today_is_unchanged_too(self):
        lead = self._opened()
        with freeze_time(TODAY + timedelta(days=20)):
            self._rate(TODAY + timedelta(days=10), 0.93)
            lead.with_user(self.sales).expected_revenue = 10752.69
            self._win(lead)
        self.assertEqual(self.renewal.outcome, "renewed")

    def test_a_value_that_changed_with_the_rate_follows(self):
        lead = self._opened()
        with freeze_time(TODAY + timedelta(days=20)):
            self._rate(TODAY + timedelta(days=10), 1.0)
            self.renewal.annual_value = 12000
            self.assertEqual(lead.expected_revenue, 12000)

    def test_without_a_rate_nothing_is_taken_for_unchanged(self):
        unknown = self.env["res.currency"].create({"name": "QQF", "symbol": "f"})
        other = self._renewal(
            self._customer("Other", user_id=self.sales.id), date_renewal=days(-80)
        )
        other.currency_id = unknown
        self._jobs()
        lead = other.lead_id
        self.assertEqual(lead.expected_revenue, 0)
        self._win(lead)
        self.assertEqual(other.outcome, "pending")

    def test_add_ons_in_two_currencies_are_one_untouched_value(self):
        self._renewal(
            self.customer,
            500,
            product_id=self.env["product.product"].create({"name": "Mobile"}).id,
            main_id=self.renewal.id,
        )
        lead = self._opened()
        self.assertEqual(lead.expected_revenue, 11611.11)
        with freeze_time(TODAY + timedelta(days=20)):
            self._rate(TODAY + timedelta(days=10), 0.93)
            self._win(lead)
        self.assertEqual(self.renewal.outcome, "renewed")
