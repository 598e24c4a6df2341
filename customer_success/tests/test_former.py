import re
from pathlib import Path

from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from .common import TODAY, SuccessCase, days

ADDON = Path(__file__).parents[1]
DOMAIN = re.compile(r"success_stage_id\s+IS\s+NOT\s+NULL")
# Files whose condition is not that a customer is followed: the index, the definition, archived ones, first follow-ups.
OTHERWISE = {
    "hooks.py",
    "migrations/19.0.2.0.0/post-nobody.py",
    "models/customer/res_partner.py",
    "models/use/customer_success_symptom_flag.py",
    "models/years/customer_success_tenure.py",
    "scoring/followed.py",
    "wizards/base_partner_merge_spellings.py",
}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFormer(SuccessCase):
    """A customer that left with its last term is a former one: it counts nowhere, and comes back with a new renewal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env["customer.success.renewal.reason"].search(
            [("outcome", "=", "churned")], limit=1
        )
        cls.other = cls.env["product.product"].create({"name": "Other"})
        cls.customer = cls._customer("Gone")
        cls._usage(cls.customer)
        cls._rescore(cls.customer)
        cls.term = cls._due(cls.customer)

    @classmethod
    def _due(cls, customer, ago=5, **vals):
        """Return a pending term that ended some days ago."""
        return cls._renewal(
            customer, **{"date_renewal": days(ago), "date_start": days(ago + 365), **vals}
        )

    def _dialog(self, term, user=None, **vals):
        return (
            self.env["customer.success.renewal.end"]
            .with_user(user or self.csm)
            .create(
                {
                    "renewal_id": term.id,
                    "outcome": "churned",
                    "reason_id": self.reason.id,
                    **vals,
                }
            )
        )

    def _lose(self, term, user=None, **vals):
        self._dialog(term, user, **vals).action_end()
        self.env.invalidate_all()
        return term.partner_id

    def _job(self):
        with self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_former").method_direct_trigger()
        self.env.invalidate_all()

    def _listed(self, xmlid, domain=(), user=None):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"customer_success.{xmlid}")
        user = user or self.csm
        found = Domain(safe_eval(action["domain"] or "[]", {"uid": user.id})) & Domain(list(domain))
        return self.env[action["res_model"]].with_user(user).search(found)

    def _said(self, customer):
        return " ".join(str(message.body) for message in customer.message_ids)

    # ------------------------------------------------------------------------------------------
    # Leaving
    # ------------------------------------------------------------------------------------------

    def test_a_lost_customer_becomes_a_former_one_by_the_dialog(self):
        dialog = self._dialog(self.term, may_return="possible")
        self.assertIn("Gone becomes a former customer on", dialog.former_text)
        self.assertFalse(dialog.next_text)
        dialog.action_end()
        customer = self.customer.with_user(self.csm)
        self.assertTrue(customer.success_is_former)
        self.assertFalse(customer.success_is_followed)
        self.assertEqual(customer.success_former_date, days(5))
        self.assertEqual(customer.success_former_reason_id, self.reason)
        self.assertEqual(customer.success_former_value, 12000)
        self.assertEqual(customer.success_former_currency_id, self.company.currency_id)
        self.assertEqual(customer.success_may_return, "possible")
        self.assertEqual(customer.success_stage_id, self.stages["effective_use"], "beside it")
        self.assertIn("Former customer since", self._said(customer))
        for secret in (self.reason.name, "12,000"):
            self.assertNotIn(secret, self._said(customer), "every employee reads the chatter")

    def test_it_has_no_score_and_its_history_stays(self):
        self.assertTrue(self.customer.success_health)
        history = self.customer.success_score_id.sudo().search_count([])
        self.assertTrue(history)
        kept = self.env["customer.success.score.history"].search(
            [("partner_id", "=", self.customer.id)]
        )
        customer = self._lose(self.term).with_user(self.csm)
        self.assertFalse(customer.success_score_id or customer.success_explanation)
        self.assertFalse(customer.success_attention)
        self.assertTrue(kept.exists())
        self._rescore(customer.sudo())
        self.env["customer.success.score.request"]._add(customer.sudo())
        self.env["customer.success.score.batch"].sudo()
        customer.sudo().success_stage_id = self.stages["sustained_use"]
        self.env.invalidate_all()
        self.assertFalse(customer.success_score_id, "nothing scores it again")

    def test_lists_boards_and_worklists_leave_it_out(self):
        here = self._customer("Here")
        both = self.customer | here
        for customer in both:
            self._barrier(customer)
            customer.activity_schedule(user_id=self.csm.id, date_deadline=TODAY)
            self.env["customer.success.objective"].create(
                {"name": "Theirs", "partner_id": customer.id}
            )
        actions = {
            "res_partner_action_success": "id",
            "res_partner_action_success_all": "id",
            "customer_success_barrier_action": "partner_id",
            "customer_success_objective_action": "partner_id",
            "customer_success_usage_action": "partner_id",
            "customer_success_missed_action": "partner_id",
            "customer_success_my_day_action": "success_partner_id",
        }
        found = {
            name: self._listed(name, [(path, "in", both.ids)]).mapped(path)
            for name, path in actions.items()
        }
        self._lose(self.term)
        for name, path in actions.items():
            with self.subTest(name):
                self.assertIn(self.customer.id, [int(one) for one in found[name]])
                left = self._listed(name, [(path, "in", both.ids)]).mapped(path)
                self.assertNotIn(self.customer.id, [int(one) for one in left])

    def test_a_filter_finds_it_in_the_list_of_customers(self):
        self._lose(self.term)
        for name in ("res_partner_action_success", "res_partner_action_success_all"):
            listed = self._listed(name, [("success_is_former", "=", True)])
            self.assertEqual(listed, self.customer)
        counted = self.env["res.partner"].with_user(self.csm)
        domain = [
            ("success_stage_id", "!=", False),
            ("success_is_former", "=", False),
            ("success_is_former", "=", True),
        ]
        self.assertEqual(counted.search_count(domain), 1)
        [(number,)] = counted._read_group(domain, [], ["__count"])
        self.assertEqual(number, 1)
        either = self._listed(
            "res_partner_action_success",
            ["|", ("success_is_former", "=", True), ("name", "=", "Nobody")],
        )
        self.assertEqual(either, self.customer)
        self.assertFalse(self._listed("res_partner_action_success", [("name", "=", "Gone")]))
        ended = self._listed("customer_success_renewal_action", [("id", "=", self.term.id)])
        self.assertEqual(ended, self.term, "what ended stays in the list of renewals")

    def test_playbooks_stop_and_go_on(self):
        play = self.env["customer.success.play"].create(
            {
                "name": "Silence",
                "trigger": "no_conversation",
                "activity_plan_id": self.env.ref("customer_success.mail_activity_plan_stalled").id,
                "date_start": days(200),
            }
        )
        plays = self.env["customer.success.play"].search([]) - play
        plays.active = False
        self.customer.success_own_rhythm_days = 5
        self.env["customer.success.stage.move"].search(
            [("partner_id", "=", self.customer.id)]
        ).date = days(100)
        self._lose(self.term)
        self.assertFalse(play._evaluate(self.customer.ids))
        self.term.with_user(self.csm).action_reopen()
        self.assertEqual(play._evaluate(self.customer.ids), 1)
        run = self.env["customer.success.play.run"].search([("play_id", "=", play.id)])
        self._lose(self.term)
        job = self.env.ref("customer_success.ir_cron_success_care")
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(run.state, "waiting", "nothing begins at a former customer")
        self.term.action_reopen()
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(run.state, "started")

    def test_a_salesperson_sees_that_it_left_and_no_more(self):
        lead = self.env["crm.lead"].create({"name": "Again", "partner_id": self.customer.id})
        customer = self._lose(self.term).with_user(self.sales)
        self.assertEqual(lead.with_user(self.sales).success_former_date, days(5))
        self.assertFalse(lead.with_user(self.sales).success_risk_band)
        self.assertTrue(customer.success_is_former)
        found = self.env["crm.lead"].with_user(self.sales)
        self.assertIn(lead, found.search([("success_former_date", "!=", False)]))
        for name in ("success_former_reason_id", "success_former_value", "success_may_return"):
            with self.assertRaises(AccessError):
                customer.read([name])

    def test_use_of_a_former_customer_is_refused_by_name(self):
        self.customer.ref = "G-1"
        row = self._row(self.customer, date="2026-06-01")
        usage = self.env["customer.success.usage"].with_user(self.manager)
        self.assertFalse(usage.ingest([row])["rejected"])
        self._lose(self.term)
        rejected = usage.ingest([{**row, "active_users": 79}])["rejected"]
        self.assertEqual(rejected[0]["code"], "former")
        self.assertIn("is a former customer since", rejected[0]["message"])

    def test_its_mail_opens_no_barrier(self):
        contact = self._contact(self.customer)
        contact.email = "ada@gone.example"
        barriers = self.env["customer.success.barrier"]
        self.assertEqual(
            barriers._contacts_of_addresses(["ada@gone.example"]).commercial_partner_id,
            self.customer,
        )
        self._lose(self.term)
        self.assertFalse(barriers._contacts_of_addresses(["ada@gone.example"]))

    # ------------------------------------------------------------------------------------------
    # The open work
    # ------------------------------------------------------------------------------------------

    def _work(self):
        """Give the customer something of each kind that is open."""
        barrier = self._barrier(self.customer)
        goals = self.env["customer.success.objective"]
        late, ahead, reached = (
            goals.create({"name": name, "partner_id": self.customer.id, **vals})
            for name, vals in (
                ("Late", {"date_due": days(30)}),
                ("Ahead", {"date_due": days(-30)}),
                ("Reached", {"state": "reached"}),
            )
        )
        change = self.env["customer.success.change"].create(
            {"name": "New site", "partner_id": self.customer.id}
        )
        plan = self.env["customer.success.plan"].create({"partner_id": self.customer.id})
        plan.action_activate()
        ours = self.customer.activity_schedule(summary="Call Ada", user_id=self.csm.id)
        others = self.customer.activity_schedule(summary="Last invoice", user_id=self.sales.id)
        return barrier, late, ahead, reached, change, plan, ours, others

    def test_open_work_is_kept_by_default(self):
        barrier, late, ahead, _reached, change, plan, ours, _others = self._work()
        dialog = self._dialog(self.term)
        for text in ("open barriers: 1", "open objectives: 2", "changes ahead: 1", "Call Ada"):
            self.assertIn(text, dialog.open_text)
        self.assertNotIn("Last invoice", dialog.open_text)
        dialog.action_end()
        self.assertTrue(all(one.is_open for one in (barrier, late, ahead, change)))
        self.assertEqual(plan.state, "active")
        self.assertTrue(ours.exists())

    def test_open_work_is_closed_if_the_dialog_says_so(self):
        barrier, late, ahead, reached, change, plan, ours, others = self._work()
        self._lose(self.term, open_work="close")
        self.assertEqual(barrier.state, "accepted", "it was not removed")
        self.assertEqual(barrier.resolution, "The customer left before it was removed.")
        self.assertEqual((late.state, ahead.state), ("missed", "dropped"))
        self.assertEqual(reached.state, "reached", "what was reached stays")
        self.assertEqual((change.state, plan.state), ("dropped", "closed"))
        self.assertFalse(ours.exists() or plan.activity_ids)
        self.assertTrue(others.exists(), "work of other teams stays")
        said = self._said(self.customer)
        self.assertIn("Closed because the customer left", said)
        self.assertIn("Call Ada", said)
        self.term.with_user(self.csm).action_reopen()
        with self.assertRaises(UserError):
            plan.with_user(self.csm).intended_use = "As before"
        draft = plan.browse(plan.with_user(self.csm).action_revise()["res_id"])
        draft.revision_reason = "They are back"
        draft.with_user(self.csm).action_activate()
        self.assertEqual(self.customer.success_plan_id, draft)

    def test_steps_for_leaving_well_and_for_winning_back(self):
        plans = self.env["mail.activity.plan"].search(
            [("template_ids.activity_type_id.success_for_former", "=", True)]
        )
        self.assertEqual({*plans.mapped("name")}, {"Leave Well", "Win Back"})
        self._lose(self.term, self.manager, step_plan_ids=plans.ids, open_work="close")
        steps = self.customer.activity_ids
        self.assertEqual(len(steps), 6)
        self.assertEqual(steps.user_id, self.csm, "the CSM does them")
        first = min(steps.mapped("date_deadline"))
        self.assertEqual(first, days(-3))
        mine = self._listed("customer_success_my_day_action", [("user_id", "=", self.csm.id)])
        self.assertEqual(mine & steps, steps, "chosen steps stay in My Day")
        steps[0].with_user(self.csm)._check_success_done()
        self._renewal(self.customer, product_id=self.other.id)
        self.assertFalse(steps.exists(), "it is back: nothing is left to win")

    def test_steps_of_a_customer_that_stays_after_all_are_called_off(self):
        customer = self._customer("Leaving")
        term = self._renewal(customer, date_renewal=days(-30))
        plan = self.env.ref("customer_success.mail_activity_plan_leave_well")
        self._lose(term, step_plan_ids=plan.ids)
        other = customer.activity_schedule(summary="Call Ada", user_id=self.csm.id)
        self.assertEqual(len(customer.activity_ids), 4)
        term.with_user(self.csm).outcome = "renewed"
        self.assertEqual(customer.activity_ids, other)

    # ------------------------------------------------------------------------------------------
    # Coming back
    # ------------------------------------------------------------------------------------------

    def _assert_back(self):
        self.env.invalidate_all()
        customer = self.customer.with_user(self.csm)
        self.assertTrue(customer.success_is_followed)
        self.assertFalse(customer.success_former_date or customer.success_former_reason_id)
        self.assertFalse(customer.success_may_return)
        self.assertTrue(customer.success_score_id)
        self.assertIn("Customer again, in stage", self._said(customer))
        self._rescore(self.customer)
        self.assertTrue(customer.success_health)
        self.assertIn(self.customer, self._listed("res_partner_action_success"))

    def test_a_term_that_followed_an_earlier_one_is_the_last(self):
        before = self._due(self.customer, 370, outcome="renewed", date_start=days(735))
        self.assertEqual(before.next_ids, self.term)
        self._lose(self.term)
        self.assertTrue(self.customer.success_is_former)

    def test_a_new_renewal_brings_it_back_with_its_past(self):
        past = self.customer.success_stage_move_ids
        self._lose(self.term, may_return="likely")
        term = {
            "partner_id": self.customer.id,
            "product_id": self.product.id,
            "date_renewal": "2027-06-15",
            "annual_value": 6000,
        }
        self.env["customer.success.renewal"].with_user(self.csm).create(term)
        self._assert_back()
        self.assertEqual(self.customer.success_stage_move_ids, past)
        self.assertIn(self.term, self.customer.success_renewal_ids)

    def test_the_days_away_are_no_days_in_the_stage(self):
        self._lose(self.term)
        with freeze_time(days(-200)):
            self._renewal(self.customer, product_id=self.other.id, date_renewal=days(-500))
            self.env.invalidate_all()
            self.assertEqual(self.customer.success_stage_days, 10)
            self.assertFalse(self.customer.success_is_stalled)

    def test_an_outcome_that_is_corrected_brings_it_back(self):
        entered = self.customer.success_stage_date
        self._lose(self.term)
        self.env["customer.success.renewal.end"].with_user(self.csm).create(
            {"renewal_id": self.term.id, "outcome": "renewed"}
        ).action_end()
        self._assert_back()
        self.assertEqual(self.customer.success_stage_date, entered, "no new start")

    def test_a_term_that_is_deleted_or_archived_counts_no_more(self):
        self._lose(self.term)
        self.term.active = False
        self._assert_back()
        self.term.active = True
        self.assertTrue(self.customer.success_is_former)
        self.term.unlink()
        self._assert_back()

    # ------------------------------------------------------------------------------------------
    # Innocents
    # ------------------------------------------------------------------------------------------

    def test_the_loss_of_one_of_two_products_is_no_loss_of_the_customer(self):
        self._renewal(self.customer, product_id=self.other.id)
        dialog = self._dialog(self.term)
        self.assertFalse(dialog.former_text or dialog.open_text)
        dialog.action_end()
        self.assertTrue(self.customer.success_is_followed)

    def test_a_product_that_was_renewed_keeps_the_customer(self):
        kept = self._due(self.customer, 40, product_id=self.other.id)
        kept.outcome = "renewed"
        kept.next_ids.active = False  # its next term was archived by mistake
        self._lose(self.term)
        self.assertTrue(self.customer.success_is_followed, "it runs for a year")

    def test_a_product_without_a_term_that_is_still_used_keeps_the_customer(self):
        customer = self._customer("Uses another")
        term = self._due(customer, 60)
        self._usage(customer, product_id=self.other.id, when=days(90))
        self.assertTrue(self._dialog(term).former_text, "it was used before the end only")
        self._usage(customer, product_id=self.other.id)
        self._lose(term)
        self.assertTrue(customer.success_is_followed)

    def test_a_customer_that_gave_notice_is_one_until_its_term_ends(self):
        customer = self._customer("Leaving")
        barrier = self._barrier(customer)
        term = self._renewal(customer, date_renewal=days(-30))
        dialog = self._dialog(term, open_work="close")
        self.assertIn("07/15/2026", dialog.former_text)
        dialog.action_end()
        self._job()
        self.assertTrue(customer.success_is_followed)
        self.assertTrue(barrier.is_open)
        with freeze_time(days(-29)):
            self._job()
            self.assertTrue(customer.success_is_followed)
        with freeze_time(days(-30)):
            self._job()
            self.assertEqual(customer.success_former_date, days(-30))
            self.assertFalse(barrier.is_open, "the answer was kept")
            said = len(customer.message_ids)
            self._job()
            self.assertEqual(len(customer.message_ids), said, "it is told once")

    def test_customers_without_a_loss_stay(self):
        never = self._customer("Never had a term")
        overdue = self._customer("Overdue")
        self._due(overdue, 300)
        stays = self._customer("Renewed long ago")
        self._due(stays, 900, outcome="churned")
        self._due(stays, 500, outcome="renewed")
        nobody = self.env["res.partner"].create({"name": "No customer", "is_company": True})
        self._due(nobody, outcome="churned")
        self._job()
        for innocent in (never, overdue, stays):
            self.assertTrue(innocent.success_is_followed, innocent.name)
        self.assertFalse(nobody.success_is_former)

    def test_a_merge_reads_the_terms_of_both(self):
        self._lose(self.term)
        stays = self._customer("Stays")
        self._renewal(stays, product_id=self.other.id)
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge._merge((self.customer | stays).ids, stays)
        self.env.invalidate_all()
        self.assertTrue(stays.success_is_followed)
        self.assertTrue(stays.success_score_id)
        lost, twin = self._customer("Lost"), self._customer("Twin")
        self._lose(self._due(lost))
        merge._merge((lost | twin).ids, twin)
        self.env.invalidate_all()
        self.assertEqual(twin.success_former_date, days(5), "its only term was lost")
        self.assertFalse(twin.success_score_id)

    # ------------------------------------------------------------------------------------------
    # Cheats
    # ------------------------------------------------------------------------------------------

    def test_nobody_takes_a_poor_customer_out_of_the_averages(self):
        vals = {"success_former_date": days(5), "success_former_value": 1.0}
        for user in (self.csm, self.manager):
            self.customer.with_user(user).write(vals)
            self.assertFalse(self.customer.success_former_date)
        made = self.env["res.partner"].with_user(self.manager).create({"name": "New", **vals})
        self.assertFalse(made.success_former_date)
        for outcome, more in (("renewed", {}), ("contracted", {"renewed_value": 1})):
            self.term.with_user(self.csm).write({"outcome": outcome, **more})
            self.assertTrue(self.customer.success_is_followed, outcome)
            self.term.action_reopen()

    def test_a_loss_stays_a_loss_in_retention(self):
        self._lose(self.term)
        retention = self.env["customer.success.retention"].with_user(self.manager)
        row = retention.search([("partner_id", "=", self.customer.id)])
        self.assertEqual((row.value_churned, row.gross_retention), (12000, 0))

    def test_leaving_and_coming_back_on_a_day_restarts_no_clock(self):
        self.customer.success_stage_date = days(400)
        self.assertTrue(self.customer.success_is_stalled)
        self._lose(self.term)
        self.assertFalse(self.customer.success_is_stalled)
        self.term.with_user(self.csm).action_reopen()
        self.assertTrue(self.customer.success_is_stalled)

    def test_other_people_cannot_lose_a_customer(self):
        for user in (self.sales, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                self._dialog(self.term, user).action_end()
        self.assertTrue(self.customer.success_is_followed)
        with self.assertRaises(AccessError):
            self.customer.with_user(self.sales).success_may_return = "likely"

    def test_the_value_at_last_counts_all_products_of_the_last_year(self):
        old = self._due(self.customer, 900, value=7000, product_id=self.other.id)
        old.outcome = "churned"
        recent = self._due(self.customer, 100, value=500, product_id=self.other.id)
        recent.outcome = "churned"
        self._lose(self.term)
        self.assertEqual(self.customer.success_former_value, 12500)
        self.term.annual_value = 10000
        self.assertEqual(self.customer.success_former_value, 10500, "a correction is followed")

    # ------------------------------------------------------------------------------------------
    # One definition
    # ------------------------------------------------------------------------------------------

    def test_every_statement_asks_the_one_condition(self):
        """A statement that asks for a stage in its own words would forget former customers."""
        found = {
            path.relative_to(ADDON).as_posix()
            for path in self._each(ADDON.rglob("*.py"))
            if "tests" not in path.parts and DOMAIN.search(path.read_text(encoding="utf-8"))
        }
        self.assertLessEqual(found, OTHERWISE)
