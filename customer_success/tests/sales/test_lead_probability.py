from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestLeadProbability(SuccessCase):
    """The opportunity of a renewal has one probability: what the churn risk of the renewal says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.env["crm.lead"]
        cls.salesperson = new_test_user(cls.env, "test_seller", "sales_team.group_sale_salesman")
        cls.customer = cls._customer(user_id=cls.salesperson.id)
        cls._usage(cls.customer, active=20)
        cls.renewal = cls._renewal(cls.customer)
        cls._rescore(cls.customer)
        cls.renewal._open_leads()
        cls.lead = cls.renewal.lead_id
        # Odoo's guess needs opportunities that were won and lost.
        stages = cls.env["crm.stage"].search([("is_won", "=", False)], limit=1)
        old = cls.leads.create(
            [{"name": f"Old {n}", "type": "opportunity", "stage_id": stages.id} for n in range(8)]
        )
        old[:3].action_set_won()
        old[3:].action_set_lost()
        cls.leads._rebuild_pls_frequency_table()
        cls.new_business = cls.leads.create(
            {
                "name": "New business",
                "type": "opportunity",
                "partner_id": cls.customer.id,
                "stage_id": stages.id,
            }
        )

    def _says(self, renewal=None):
        return round(100 - (renewal or self.renewal).churn_risk, 2)

    def _worsen(self):
        """Let the risk rise, and return the former probability."""
        before = self._says()
        self._barrier(self.customer, "3")
        self._rescore(self.customer)
        self.assertLess(self._says(), before)
        return before

    # ------------------------------------------------------------------------------------------
    # What it is
    # ------------------------------------------------------------------------------------------

    def test_a_new_opportunity_has_what_the_risk_leaves(self):
        lead = self.lead.with_user(self.salesperson)
        self.assertTrue(self.renewal.churn_risk)
        self.assertAlmostEqual(lead.probability, self._says(), places=6)
        self.assertAlmostEqual(lead.automated_probability, self._says(), places=6)
        self.assertTrue(lead.is_automated_probability)
        self.assertAlmostEqual(lead.prorated_revenue, round(12000 * self._says() / 100, 2))

    def test_the_opportunity_follows_a_new_risk(self):
        messages, written = self.lead.message_ids, self.lead.write_date
        before = self._worsen()
        lead = self.lead.with_user(self.salesperson)
        self.assertNotAlmostEqual(lead.probability, before)
        self.assertAlmostEqual(lead.probability, self._says(), places=6)
        self.assertAlmostEqual(lead.prorated_revenue, round(12000 * self._says() / 100, 2))
        self.assertEqual(lead.message_ids, messages, "nothing in the chatter")
        self.assertEqual(lead.write_date, written)

    def test_the_job_lets_it_follow_and_writes_nothing_twice(self):
        self._barrier(self.customer, "3")
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 1.0):
            self.scores._cron_score_all()
        self.assertAlmostEqual(self.lead.probability, self._says(), places=6)
        [(before,)] = self._versions()
        self.leads._success_follow_risks()
        self.assertEqual(self._versions(), [(before,)], "no row is written again")

    def _versions(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT ctid::text FROM crm_lead WHERE id = %s", [self.lead.id])
        return self.env.cr.fetchall()

    def test_the_stage_does_not_change_it(self):
        stages = self.env["crm.stage"].search([("is_won", "=", False)])
        for stage in self._each(stages):
            self.lead.with_user(self.salesperson).stage_id = stage
            self.env.flush_all()
            self.assertAlmostEqual(self.lead.probability, self._says(), places=6)

    def test_the_job_of_odoo_keeps_it(self):
        guess = self.new_business.automated_probability
        self.leads._cron_update_automated_probabilities()
        self.leads.invalidate_model()
        self.assertAlmostEqual(self.lead.probability, self._says(), places=6)
        self.assertAlmostEqual(self.lead.automated_probability, self._says(), places=6)
        self.assertEqual(self.new_business.automated_probability, guess)

    def test_odoo_learns_nothing_from_renewals(self):
        def learned():
            self.env.flush_all()
            self.env["crm.lead.scoring.frequency"].invalidate_model()
            return sorted(
                (f.variable, f.value, f.team_id.id, f.won_count, f.lost_count)
                for f in self.env["crm.lead.scoring.frequency"].search([])
            )

        self.leads._rebuild_pls_frequency_table()
        before = learned()
        self.assertTrue(before)
        self.lead.with_user(self.salesperson).action_set_won()
        self.assertEqual(learned(), before)
        self.leads._rebuild_pls_frequency_table()
        self.assertEqual(learned(), before)
        self.new_business.action_set_won()
        self.assertNotEqual(learned(), before, "new business teaches as ever")

    # ------------------------------------------------------------------------------------------
    # A person's own figure
    # ------------------------------------------------------------------------------------------

    def test_a_figure_entered_by_hand_stays_and_ours_stands_beside(self):
        """Cheat: 90 % to lift the forecast. The forecast of the renewals stays, and both are shown."""
        lead = self.lead.with_user(self.salesperson)
        with Form(lead) as form:
            form.probability = 90
        self._worsen()
        self.assertEqual(lead.probability, 90)
        self.assertAlmostEqual(lead.automated_probability, self._says(), places=6)
        self.assertFalse(lead.is_automated_probability)
        self.assertEqual(lead.prorated_revenue, 10800)
        self.leads._cron_update_automated_probabilities()
        self.leads.invalidate_model()
        self.assertEqual(lead.probability, 90)
        lead.action_set_automated_probability()
        self.assertAlmostEqual(lead.probability, self._says(), places=6)
        self.assertTrue(lead.is_automated_probability)

    def test_the_tooltip_of_odoo_does_not_change_it(self):
        tooltip = self.lead.with_user(self.salesperson).prepare_pls_tooltip_data()
        self.assertAlmostEqual(tooltip["probability"], self._says(), places=6)
        self.assertAlmostEqual(self.lead.automated_probability, self._says(), places=6)

    # ------------------------------------------------------------------------------------------
    # Innocents: what is no renewal, unknown or decided
    # ------------------------------------------------------------------------------------------

    def test_an_opportunity_of_no_renewal_keeps_the_guess_of_odoo(self):
        guess = self.new_business.automated_probability
        self.assertTrue(guess)
        self._worsen()
        self.assertEqual(self.new_business.automated_probability, guess)
        self.assertEqual(self.new_business.probability, guess)
        self.new_business.success_kind = "upsell"
        self.assertEqual(self.new_business.automated_probability, guess)

    def test_an_unknown_risk_leaves_the_guess_of_odoo(self):
        fresh = self._renewal(self._customer("Fresh"))
        fresh.score_id.unlink()
        fresh._open_leads()
        self.assertIs(fresh.churn_risk, False)
        lead = fresh.lead_id
        expected, _tooltip = self.new_business._pls_get_naive_bayes_probabilities()
        self.assertEqual(lead.stage_id, self.new_business.stage_id)
        self.assertAlmostEqual(lead.automated_probability, expected[self.new_business.id], delta=25)

    def test_a_notice_counts_at_once(self):
        self.renewal.with_user(self.csm).write(
            {"notice_given_on": fields.Date.today(), "notice_kind": "end"}
        )
        self._rescore(self.customer)
        self.assertLess(self.lead.probability, 5)
        self.assertAlmostEqual(self.lead.probability, self._says(), places=6)

    def test_what_is_won_and_lost_is_certain(self):
        self.renewal.with_user(self.csm).write({"outcome": "renewed"})
        self.assertEqual((self.lead.won_status, self.lead.probability), ("won", 100))
        self._rescore(self.customer)
        self.leads._success_follow_risks()
        self.assertEqual((self.lead.won_status, self.lead.probability), ("won", 100))
        other = self._renewal(self._customer("Other"))
        self._rescore(other.partner_id)
        other._open_leads()
        other.with_user(self.csm).outcome = "churned"
        self.assertEqual((other.lead_id.won_status, other.lead_id.probability), ("lost", 0))
        self.leads._success_follow_risks()
        self.assertEqual(other.lead_id.probability, 0)
        other.lead_id.action_restore()
        self.assertEqual(other.lead_id.won_status, "pending")

    def test_a_restored_opportunity_has_the_risk_of_today(self):
        self.lead.action_set_lost()
        self._worsen()
        self.assertEqual(self.lead.probability, 0)
        self.lead.with_user(self.salesperson).action_restore()
        self.assertAlmostEqual(self.lead.probability, self._says(), places=6)

    def test_a_certain_loss_is_not_yet_lost(self):
        self.renewal.score_id.churn_risk = 100.0
        self.leads._success_follow_risks()
        self.assertEqual((self.lead.probability, self.lead.won_status), (0.01, "pending"))
        self.renewal.score_id.churn_risk = 0.0
        self.leads._success_follow_risks()
        self.assertEqual((self.lead.probability, self.lead.won_status), (99.99, "pending"))

    def test_merged_opportunities_are_the_renewals(self):
        merged = (self.lead | self.new_business)._merge_opportunity(auto_unlink=False)
        self.assertEqual(merged.success_renewal_id, self.renewal)
        self.assertAlmostEqual(merged.automated_probability, self._says(), places=6)

    def test_a_renewal_has_one_opportunity(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.new_business.success_renewal_id = self.renewal
            self.env.flush_all()

    def test_linking_the_renewal_later_gives_its_probability(self):
        self.lead.with_context(active_test=False).success_renewal_id = False
        self.assertNotAlmostEqual(self.lead.automated_probability, self._says(), places=1)
        self.new_business.success_renewal_id = self.renewal
        self.assertAlmostEqual(self.new_business.probability, self._says(), places=6)

    def test_add_ons_count_with_the_risk_of_their_main_term(self):
        """One event: a main term and its add-ons are one opportunity, with one probability."""
        support = self.env["product.product"].create({"name": "Support"})
        addon = self._renewal(self.customer, 3000, product_id=support.id, main_id=self.renewal.id)
        self._rescore(self.customer)
        self.assertFalse(addon.lead_id)
        self.assertEqual(self.lead.expected_revenue, 15000)
        self.assertAlmostEqual(self.lead.probability, self._says(), places=6)
        self.assertAlmostEqual(self.lead.prorated_revenue, round(15000 * self._says() / 100, 2))

    # ------------------------------------------------------------------------------------------
    # Companies, rights and the form
    # ------------------------------------------------------------------------------------------

    def test_other_companies_have_their_own(self):
        company = self.env["res.company"].create(
            {"name": "Elsewhere", "currency_id": self.env.ref("base.CHF").id}
        )
        there = self._customer("There")
        renewal = self._renewal(there, company_id=company.id, currency_id=company.currency_id.id)
        self._usage(there, active=90)
        self._rescore(there)
        renewal._open_leads()
        lead = renewal.lead_id
        self.assertEqual(lead.company_currency, company.currency_id)
        self.assertAlmostEqual(lead.probability, self._says(renewal), places=6)
        self.assertAlmostEqual(lead.prorated_revenue, round(12000 * self._says(renewal) / 100, 2))
        self.assertFalse(self.leads.with_user(self.sales).search([("id", "=", lead.id)]))

    def test_the_head_of_the_form_says_the_risk_and_its_reasons(self):
        lead = self.lead.with_user(self.salesperson)
        view = lead.get_view(self.env.ref("crm.crm_lead_view_form").id)["arch"]
        head = view[: view.index("<notebook")]
        for name in ("success_own_risk", "success_own_reasons", "success_reasons"):
            self.assertIn(name, head)
        reasons = lead.success_own_reasons.split(", ")
        self.assertEqual(len(reasons), min(3, len(self.renewal.score_id.breakdown["lines"]) - 1))
        self.assertEqual(lead.success_own_band, self.renewal.risk_band)

    def test_an_opportunity_of_several_products_says_the_risk_of_its_own(self):
        other = self.env["product.product"].create({"name": "Other"})
        self._usage(self.customer, active=95, product_id=other.id)
        calm = self._renewal(self.customer, product_id=other.id, date_renewal=days(-90))
        self._rescore(self.customer)
        calm._open_leads()
        lead = calm.lead_id.with_user(self.salesperson)
        self.assertLess(calm.churn_risk, self.renewal.churn_risk)
        self.assertAlmostEqual(lead.probability, self._says(calm), places=6)
        self.assertEqual(lead.success_renewal_risk, self.renewal.churn_risk, "that of the customer")

    def test_the_statement_is_one_whatever_the_number(self):
        more = self.env["res.partner"]
        for number in range(10):
            customer = self._customer(f"More {number}")
            self._renewal(customer)
            more |= customer
        self._rescore(more)
        more.success_renewal_ids._open_leads()
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.leads._success_follow_risks()
        self.assertEqual(self.env.cr.sql_log_count - before, 1)
