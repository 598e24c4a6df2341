from itertools import pairwise

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_open
from odoo.tools.safe_eval import safe_eval

from odoo.addons.customer_success.scoring import terms


@tagged("post_install", "-at_install", "customer_success_demo", "-standard")
class TestDemo(TransactionCase):
    """The demo data tell a story: these hold it to that, on a database that has them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = cls.env["ir.model.data"].search(
            [
                ("module", "=", "customer_success"),
                ("model", "=", "res.partner"),
                ("name", "=like", "demo_partner_%"),
            ]
        )
        partners = cls.env["res.partner"].browse(names.mapped("res_id"))
        cls.customers = partners.filtered("success_stage_id")
        cls.env["customer.success.score"]._rescore(cls.customers)

    @classmethod
    def _logins(cls):
        """Login and password of the file that the tools print."""
        with file_open("customer_success/demo/LOGINS") as stream:
            lines = [line.split() for line in stream if line[:1] not in ("#", "\n")]
        return {login: password for _role, login, password in lines}

    def _user(self, login):
        return self.env["res.users"].search([("login", "=", login)])

    def test_demo_loads_without_failure(self):
        self.assertFalse(self.env["ir.demo_failure"].search([]))

    def test_every_stage_has_a_customer(self):
        stages = self.env["customer.success.stage"].search([])
        self.assertEqual(self.customers.success_stage_id, stages)

    def test_every_band_occurs_and_the_unknown(self):
        self.assertEqual(
            set(self.customers.mapped("success_health_band")), {"good", "watch", "poor", "unsure"}
        )
        self.assertEqual(
            set(self.customers.mapped("success_risk_band")),
            {"low", "medium", "high", "critical", False},
        )

    def test_no_customer_fails_to_be_scored(self):
        self.assertFalse(self.customers.filtered("success_score_error"))

    def test_two_companies_and_two_currencies(self):
        main = self.env.ref("base.main_company")
        second = self.env.ref("customer_success.demo_company_uk")
        self.assertEqual(self.customers.company_id, main | second)
        currencies = self.customers.success_currency_id
        self.assertEqual(currencies, main.currency_id | second.currency_id)
        foreign = self.customers.success_renewal_ids.filtered(
            lambda renewal: (
                renewal.outcome == "pending"
                and renewal.currency_id != renewal.company_id.currency_id
            )
        )
        self.assertTrue(foreign, "one contract is in another currency than its company's")
        self.assertTrue(all(foreign.mapped("value_at_risk")), "which has a rate")

    def test_contacts_belong_to_the_company_of_their_customer(self):
        self.assertTrue(self.customers.child_ids)
        for customer in self.customers:
            self.assertEqual(customer.child_ids.company_id, customer.company_id)

    def test_machine_and_csm_disagree_about_one(self):
        self.assertEqual(
            self.customers.filtered("success_view_gap"),
            self.env.ref("customer_success.demo_partner_greyfield"),
        )

    def test_somebody_sells_to_a_customer_who_may_leave(self):
        sales = self._user("sales")
        leads = self.env["crm.lead"].with_user(sales)
        bands = leads.search([("user_id", "=", sales.id)]).mapped("success_risk_band")
        self.assertIn("critical", bands)
        self.assertIn(False, bands)

    def _of_demo(self, model):
        return self.env[model].search([("partner_id", "in", self.customers.ids)])

    def test_plans_in_every_state(self):
        plans = self._of_demo("customer.success.plan")
        self.assertEqual(set(plans.mapped("state")), {"draft", "active", "replaced"})
        active = plans.filtered(lambda plan: plan.state == "active")
        self.assertGreaterEqual(len(active), 8)
        self.assertTrue(active.filtered(lambda plan: plan.relies_on_mandate == "yes"))
        self.assertTrue(active.filtered("nothing_after_go_live"))
        draft = plans.filtered(lambda plan: plan.state == "draft")
        self.assertTrue(draft.why_bought, "sales handed it over")

    def test_objectives_in_every_state_and_two_currencies(self):
        objectives = self._of_demo("customer.success.objective")
        self.assertEqual(
            set(objectives.mapped("state")), {"open", "reached", "confirmed", "missed", "dropped"}
        )
        self.assertEqual(
            objectives.currency_id, self.env.ref("base.USD") | self.env.ref("base.GBP")
        )
        confirmed = objectives.filtered(lambda objective: objective.state == "confirmed")
        self.assertTrue(all(confirmed.mapped("confirmed_by_id")))
        self.assertTrue(any(len(objective.measure_ids) > 4 for objective in objectives))
        for objective in objectives.filtered("measure_ids"):
            newest = objective.measure_ids.sorted("date")[-1]
            self.assertEqual(objective.actual, newest.value)

    def test_forced_use_that_few_people_use_is_said(self):
        greyfield = self.env.ref("customer_success.demo_partner_greyfield")
        self.assertIn("Work is said to be impossible", str(greyfield.success_explanation))

    def test_a_customer_uses_more_than_it_has_licensed(self):
        customer = self.env.ref("customer_success.demo_partner_pembrick")
        [line] = customer.success_overuse_ids
        self.assertEqual((line.licences, line.users_over), (210, 19))
        self.assertEqual(line.true_up, 19 * 151200 / 210)
        seen = self.env["customer.success.overuse"].with_user(
            self.env.ref("customer_success.demo_user_manager")
        )
        self.assertIn(line, seen.search([("is_lasting", "=", True)]))

    def test_a_symptom_is_tagged_by_hand(self):
        flags = self._of_demo("customer.success.symptom.flag")
        self.assertTrue(flags.filtered(lambda flag: flag.source == "observed"))

    def test_years_are_held_against_targets(self):
        years = self._of_demo("customer.success.year")
        self.assertLessEqual({"met", "missed", "on_track", "behind"}, set(years.mapped("verdict")))
        oldest = self.env.ref("customer_success.demo_partner_pembrick")
        self.assertEqual(oldest.success_year_live, 5)
        self.assertGreater(oldest.success_sustain, 100)
        self.assertGreater(oldest.success_gain_purchase, 50)

    def test_changes_ahead_and_people(self):
        changes = self._of_demo("customer.success.change")
        self.assertTrue(changes.filtered("needs_plan"))
        self.assertTrue(
            changes.filtered(
                lambda change: change.kind == "new_hires" and 0 < change.adopted_share < 100
            )
        )
        self.assertTrue(changes.filtered(lambda change: len(change.area_ids) > 1))
        self.assertTrue(changes.owner_contact_id)
        self.assertTrue(all(changes.mapped("area_ids")))
        gone = self._of_demo("customer.success.stakeholder").filtered("is_gone")
        self.assertEqual(gone.role, "champion")

    def test_something_needs_attention(self):
        texts = [str(customer.success_attention or "") for customer in self.customers]
        for words in ("mandate", "review was due", "after go-live", "Stalled", "has left"):
            with self.subTest(words):
                self.assertTrue(any(words in text for text in texts))

    def test_three_segments_with_different_rhythms_hold_all_customers(self):
        segments = self.customers.success_segment_id.sorted("sequence")
        self.assertEqual(segments.mapped("name"), ["Large", "Self-Served", "Standard"])
        self.assertEqual(len(set(segments.mapped("rhythm_days"))), 3)
        scoring = segments.with_user(self._user("csm")).mapped("scoring")
        for text, said in zip(scoring, ("Barriers 30 instead of 20", "Use 45", "the usual ones")):
            self.assertIn(said, text)
        large = self.customers.filtered(lambda c: c.success_segment_id == segments[0])
        self.assertIn("Weights of the segment “Large”", str(large[0].success_explanation))
        pembrick = self.env.ref("customer_success.demo_partner_pembrick")
        said = [point[3] for point in pembrick.success_history_chart if len(point) > 3]
        self.assertEqual(said[0], "Segment: Standard, now Large")
        self.assertTrue(all(self.customers.mapped("success_segment_id")))
        for segment in segments:
            self.assertGreaterEqual(segment.customer_count, 2)
            self.assertNotIn("cannot be used", segment.explanation)
        self.assertIn("(Large, Self-Served)", segments[-1].explanation)

    def test_some_customers_have_no_conversation_in_time_and_some_have(self):
        overdue = self.customers.filtered("success_talk_overdue")
        tidewell = self.env.ref("customer_success.demo_partner_tidewell")
        self.assertIn(tidewell, overdue)
        # The day of the reader may be one after that of the server, which made the demo data.
        days = (fields.Date.context_today(tidewell) - tidewell.success_last_talk_date).days
        self.assertIn(days, (47, 48))
        self.assertIn(f"No conversation for {days} days", str(tidewell.success_attention))
        in_time = self.customers - overdue
        self.assertTrue(in_time.filtered("success_last_talk_date"))
        self.assertGreater(len(in_time), len(overdue))

    def test_moves_lead_to_the_stage_of_today(self):
        self.assertTrue(self.customers)
        for customer in self.customers:
            with self.subTest(customer.name):
                moves = customer.success_stage_move_ids.sorted("date")
                self.assertEqual(moves[-1].stage_id, customer.success_stage_id)
                self.assertEqual(moves[-1].date, customer.success_stage_date)
                self.assertFalse(moves[0].from_stage_id)
                for before, move in pairwise(moves):
                    self.assertEqual(move.from_stage_id, before.stage_id)
                    self.assertEqual(move.days, (move.date - before.date).days)

    def test_logins_are_those_of_the_file(self):
        self.assertTrue(self._logins())
        for login, password in self._logins().items():
            with self.subTest(login):
                user = self._user(login)
                self.assertTrue(user)
                credential = {"type": "password", "login": login, "password": password}
                user.with_user(user)._check_credentials(credential, {"interactive": True})

    def test_each_csm_opens_my_customers(self):
        action = self.env.ref("customer_success.res_partner_action_success")
        for login, least in (("csm", 9), ("csm-uk", 2), ("manager", 1)):
            with self.subTest(login):
                user = self._user(login)
                domain = safe_eval(action.domain, {"uid": user.id})
                found = self.env["res.partner"].with_user(user).search(domain)
                self.assertGreaterEqual(len(found), least)
                self.assertLessEqual(found.company_id, user.company_ids)
                for customer in found:
                    self.assertIn("Health", customer.success_explanation)

    def test_manager_sees_all_customers(self):
        manager = self._user("manager")
        partners = (
            self.env["res.partner"]
            .with_user(manager)
            .with_context(allowed_company_ids=manager.company_ids.ids)
        )
        found = partners.search([("success_stage_id", "!=", False)])
        self.assertLessEqual(self.customers, found)

    def test_portal_customer_reads_no_success_field(self):
        portal = self._user("portal-customer")
        partner = portal.partner_id.with_user(portal)
        self.assertTrue(partner.name)
        names = [n for n in self.env["res.partner"]._fields if n.startswith("success_")]
        self.assertTrue(names)
        for name in names:
            with self.subTest(name), self.assertRaises(AccessError):
                partner.read([name])

    def test_portal_customer_has_something_to_do(self):
        portal = self._user("portal-customer")
        for model, count in (("barrier", 2), ("objective", 1), ("change", 1)):
            records = self.env[f"customer.success.{model}"]
            shared = records.search(records._shared_domain(portal.partner_id))
            with self.subTest(model=model):
                self.assertEqual(len(shared), count)
                for record in shared:
                    self.assertTrue(record._portal_offers(portal.partner_id))

    def test_renewals_of_two_years_ended_in_every_way(self):
        renewals = self._of_demo("customer.success.renewal")
        ended = renewals.filtered(lambda renewal: renewal.outcome != "pending")
        self.assertEqual(
            set(ended.mapped("outcome")), {"renewed", "expanded", "contracted", "churned"}
        )
        self.assertTrue(all(ended.mapped("reason_id")))
        self.assertFalse(renewals.filtered("is_generated"), "each next term is recorded")
        for renewal in ended.filtered(lambda renewal: renewal.outcome != "churned"):
            with self.subTest(renewal.name):
                term = renewal.next_ids
                began = term._annual_value_on(term.date_start), term._seats_on(term.date_start)
                self.assertEqual(began, (renewal.renewed_value, renewal.renewed_seats))

    def test_the_csm_sees_every_kind_of_term(self):
        csm = self._user("csm")
        terms_of = self._of_demo("customer.success.renewal").with_user(csm)
        terms_of = terms_of._filtered_access("read")
        pending = terms_of.filtered(lambda renewal: renewal.outcome == "pending")
        self.assertTrue(terms_of.filtered("renewed_itself"))
        auto = pending.filtered(lambda term: term.auto_renew and not term.notice_given_on)
        self.assertIn("it renews itself on", auto[0].auto_text)
        noticed = pending.filtered("notice_given_on")
        self.assertEqual((noticed.notice_kind, noticed.notice_is_late), ("end", False))
        self.assertGreater(noticed.churn_risk, 80)
        self.assertTrue(noticed.following_months)
        amended = pending.filtered("amendment_id")
        self.assertGreater(amended.annual_value, amended.start_value)
        self.assertTrue(pending.filtered("main_id"))
        numbers = pending.filtered("contract_number").grouped(
            lambda t: (t.partner_id, t.product_id)
        )
        self.assertTrue(any(len(contracts) > 1 for contracts in numbers.values()))

    def test_a_night_leaves_the_demo_as_it_is(self):
        """Nothing of the demo renews itself on the day on which it is installed."""
        due = self.env["customer.success.renewal"]._due_to_renew()
        self.assertFalse(self._of_demo("customer.success.renewal").filtered(lambda t: t.id in due))

    def test_checkpoints_tell_who_was_right(self):
        checkpoints = self._of_demo("customer.success.checkpoint")
        self.assertEqual(
            set(checkpoints.mapped("verdict")), {"machine", "csm", "both", "neither", False}
        )
        for checkpoint in checkpoints:
            differ = terms.views_differ(checkpoint.csm_view, checkpoint.risk_band)
            self.assertEqual(checkpoint.is_gap, differ, checkpoint.display_name)
        asked = self._of_demo("customer.success.renewal").filtered("needs_action_plan")
        self.assertEqual(asked, self.env.ref("customer_success.demo_renewal_greyfield"))

    def test_customers_bring_more_than_renewals(self):
        pembrick = self.env.ref("customer_success.demo_partner_pembrick")
        self.assertEqual((pembrick.success_upsell_count, pembrick.success_referral_count), (1, 1))
        self.assertTrue(self.env.ref("customer_success.demo_renewal_tidewell").lead_id)
