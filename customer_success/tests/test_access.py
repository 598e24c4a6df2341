from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, SuccessCase, days

MODULE = "customer_success"
SHARED = {"action_share", "action_unshare"}
RECORDS = (
    "advice",
    "answer",
    "barrier",
    "change",
    "checkpoint",
    "interaction",
    "missed",
    "objective",
    "plan",
    "play.run",
    "renewal",
    "score.history",
    "skill.rating",
    "stage.move",
    "stakeholder",
    "symptom.flag",
    "tenure",
    "usage",
    "usage.revision",
    "year",
)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAccess(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls._customer("Mine", success_go_live_date=days(400))
        cls.others = cls._customer(
            "Others", success_user_id=cls.lead_csm.id, success_go_live_date=days(400)
        )
        cls.nobodys = cls._customer(
            "Nobodys", success_user_id=False, success_go_live_date=days(400)
        )
        for customer in cls.mine | cls.others | cls.nobodys:
            cls._answer(customer)
            cls._barrier(customer)
            cls._usage(customer)
            cls._renewal(customer)
            cls._related(customer)
            cls._checkpoint(customer)
        cls._rescore(cls.mine | cls.others | cls.nobodys)
        contact = cls._contact(cls.mine, "Paula")
        contact.email = "paula@example.com"
        cls.portal = new_test_user(
            cls.env, "test_portal", "base.group_portal", partner_id=contact.id
        )

    @classmethod
    def _related(cls, customer):
        """Return a plan, an objective, a change and a stakeholder of a customer."""
        name = {"name": "Something", "partner_id": customer.id}
        cls.env["customer.success.plan"].create({"partner_id": customer.id})
        cls.env["customer.success.objective"].create(name)
        cls.env["customer.success.change"].create(name)
        contact = cls._contact(customer, "Somebody")
        cls.env["customer.success.stakeholder"].create(
            {"partner_id": customer.id, "contact_id": contact.id, "role": "sponsor"}
        )
        cls._answer(customer, cls.questions[1], "concern")
        talk = {"partner_id": customer.id, "kind": "check_in", "user_id": cls.lead_csm.id}
        cls.env["customer.success.interaction"].create(talk)
        cls.env["customer.success.skill.rating"].create(
            {
                "partner_id": customer.id,
                "skill_id": cls.env.ref("customer_success.customer_success_skill_sponsorship").id,
                "rating": "2",
            }
        )
        idle = cls._usage(customer, active=1, when=days(75))
        idle.active_users = 0
        cls.env["customer.success.symptom.flag"].create(
            {
                "partner_id": customer.id,
                "product_id": cls.product.id,
                "symptom_id": cls.env.ref("customer_success.customer_success_symptom_idle").id,
                "date_from": days(1),
            }
        )
        play = cls.env.ref("customer_success.customer_success_play_stalled")
        cls.env["customer.success.play.run"].create(
            {"play_id": play.id, "partner_id": customer.id, "cause": "x", "date": TODAY}
        )

    @classmethod
    def _checkpoint(cls, customer):
        renewal = customer.success_renewal_ids
        cls.env["customer.success.checkpoint"]._take([(renewal.id, 180)])

    def _seen(self, user, model):
        return self.env[f"customer.success.{model}"].with_user(user).search([]).partner_id

    def test_a_csm_sees_own_customers_and_those_of_nobody(self):
        for model in RECORDS:
            with self.subTest(model=model):
                seen = self._seen(self.csm, model)
                self.assertIn(self.mine, seen)
                self.assertIn(self.nobodys, seen)
                self.assertNotIn(self.others, seen)

    def test_a_csm_for_all_customers_sees_all(self):
        for model in RECORDS:
            self.assertIn(self.mine, self._seen(self.lead_csm, model), model)

    def test_salespeople_read_headlines_and_reasons_not_the_log(self):
        customer = self.mine.with_user(self.sales)
        self.assertTrue(customer.success_health)
        self.assertTrue(customer.success_risk_band)
        self.assertIn("licensed users are active", str(customer.success_explanation))
        for model in RECORDS:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self._seen(self.sales, model)
        with self.assertRaises(AccessError):
            customer.read(["success_sentiment_note"])

    def test_salespeople_do_not_write_adoption(self):
        for field, value in (
            ("success_stage_id", self.stages["sustained_use"].id),
            ("success_user_id", self.sales.id),
            ("success_sentiment", "worried"),
            ("success_go_live_date", days(5)),
        ):
            with self.subTest(field=field), self.assertRaises(AccessError):
                self.mine.with_user(self.sales).write({field: value})
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.sales).create(
                {"name": "New", "success_stage_id": self.stages["discover"].id}
            )
        with self.assertRaises(AccessError):
            self.mine.with_user(self.sales).action_success_rescore()
        self.mine.with_user(self.sales).phone = "+1 555 0100"

    def test_a_csm_does_not_take_over_another_ones_customer(self):
        with self.assertRaisesRegex(AccessError, "followed by"):
            self.others.with_user(self.csm).success_user_id = self.csm
        with self.assertRaises(AccessError):
            self.others.with_user(self.csm).success_sentiment = "worried"
        self.nobodys.with_user(self.csm).success_user_id = self.csm
        self.others.with_user(self.lead_csm).success_user_id = self.csm

    def test_machine_tables_are_written_by_nobody(self):
        for user in (self.csm, self.lead_csm, self.manager, self.sales):
            for record in (
                self.mine.success_score_id,
                self.mine.success_renewal_ids.score_id,
                self.env["customer.success.score.history"].search([], limit=1),
            ):
                for operation in ("write", "unlink", "create"):
                    with self.subTest(user=user.login, model=record._name, operation=operation):
                        self.assertFalse(record.with_user(user).has_access(operation))

    def test_nobody_points_a_record_at_another_ones_score(self):
        """Users cannot set a link to a score: a link to another customer's score would show it."""
        score, mine = self.others.success_score_id, self.mine.success_score_id
        for user in (self.csm, self.manager, self.sales):
            partners = self.env["res.partner"].with_user(user)
            self.mine.with_user(user).success_score_id = score
            self.assertEqual(self.mine.success_score_id, mine)
            self.mine.with_user(user).write({"success_score_id": False, "phone": "1"})
            self.assertEqual(self.mine.success_score_id, mine)
            made = partners.create({"name": "Spy", "success_score_id": score.id})
            self.assertFalse(made.success_score_id)
        renewal = self.mine.success_renewal_ids
        own = renewal.score_id
        renewal.with_user(self.csm).score_id = self.others.success_renewal_ids.score_id
        self.assertEqual(renewal.score_id, own)

    def test_rescoring_stays_within_ones_own_customers(self):
        before = self.others.success_scored_at
        self._usage(self.others, active=1, when=days(45))
        self.others.with_user(self.csm).action_success_rescore()
        self.assertEqual(self.others.success_scored_at, before)

    def test_salespeople_may_merge_a_duplicate_into_a_customer(self):
        self.sales.group_ids += self.env.ref("base.group_partner_manager")
        double = self.env["res.partner"].create({"name": "Mine too", "phone": "+1 555 0199"})
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(self.sales).create({})
        wizard._merge([self.mine.id, double.id], self.mine.with_user(self.sales))
        self.assertFalse(double.exists())
        self.assertEqual(self.mine.success_stage_id, self.stages["effective_use"])

    def test_salespeople_filter_sort_and_group_by_risk_without_reading_the_table(self):
        partners = self.env["res.partner"].with_user(self.sales)
        self.assertFalse(
            self.env["customer.success.score"].with_user(self.sales).has_access("read")
        )
        band = self.mine.success_risk_band
        self.assertIn(self.mine, partners.search([("success_risk_band", "=", band)]))
        self.assertTrue(partners.search([], order="success_renewal_risk desc", limit=1))
        groups = partners._read_group(
            [("success_stage_id", "!=", False)], ["success_risk_band"], ["__count"]
        )
        self.assertIn(band, dict(groups))

    def test_a_portal_user_reads_none_of_our_fields(self):
        """Portal users can read their own company's record, so each of our fields must refuse them."""
        customer = self.mine.with_user(self.portal)
        self.assertEqual(customer.name, "Mine")
        ours = [
            name
            for name, field in self.env["res.partner"]._fields.items()
            if field._module == MODULE or name.startswith("success_")
        ]
        self.assertGreater(len(ours), 20)
        for name in ours:
            with self.subTest(field=name):
                self.assertTrue(self.env["res.partner"]._fields[name].groups)
                with self.assertRaises(AccessError):
                    customer.read([name])
                with self.assertRaises(AccessError):
                    customer.search([(name, "!=", False)])
                if self.env["res.partner"]._fields[name].type in ("one2many", "html"):
                    continue  # fields by which no view sorts or groups
                with self.assertRaises(AccessError):
                    customer.search([], order=name)
                with self.assertRaises(AccessError):
                    customer._read_group([], [name], ["__count"])
                with self.assertRaises(AccessError):
                    customer._read_group([], [], [f"{name}:max"])

    def test_a_portal_user_has_no_access_to_any_of_our_models(self):
        for name in self._each(n for n in self.env.registry if n.startswith("customer.success.")):
            with self.subTest(model=name):
                self.assertFalse(self.env[name].with_user(self.portal).has_access("read"))

    def test_every_stored_model_of_ours_has_access_lines(self):
        lines = self.env["ir.model.access"].search(
            [("model_id.model", "=like", "customer.success.%")]
        )
        covered = set(lines.model_id.mapped("model"))
        ours = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("customer.success.") and not model._abstract
        }
        self.assertEqual(ours - covered, set())
        self.assertFalse(lines.filtered(lambda line: not line.group_id), "no line for everybody")

    def test_companies_do_not_see_each_other(self):
        other_company = self.env["res.company"].create({"name": "Other Company"})
        stranger = new_test_user(
            self.env,
            "test_stranger",
            "customer_success.group_success_manager",
            company_id=other_company.id,
            company_ids=[Command.set(other_company.ids)],
        )
        ours = self._customer("Ours", company_id=self.company.id, success_go_live_date=days(400))
        self._answer(ours)
        self._barrier(ours)
        self._usage(ours)
        self._renewal(ours)
        self._related(ours)
        self._checkpoint(ours)
        self._rescore(ours)
        for model in RECORDS:
            with self.subTest(model=model):
                self.assertNotIn(ours, self._seen(stranger, model))
                self.assertIn(ours, self._seen(self.manager, model))
        shared = self._renewal(self.mine, date_renewal=days(-50), product_id=False)
        self.assertFalse(shared.with_user(stranger).has_access("read"))

    def test_public_methods_are_a_known_list(self):
        """Every public method is a remote API: new ones must be added here deliberately."""
        known = {
            "customer.success.advice": {"action_accept", "action_decline"},
            "customer.success.answer": {"action_correct"},
            "customer.success.assess": {"action_figures", "action_save"},
            "customer.success.barrier.check": {"action_finish"},
            "customer.success.barrier": SHARED,
            "customer.success.business": {"action_open"},
            "customer.success.change": SHARED,
            "customer.success.checkpoint": {"action_open"},
            "customer.success.correction": {"action_correct"},
            "customer.success.decline": {"action_decline"},
            "customer.success.event.key": {"action_revoke"},
            "customer.success.event.group": {"action_ignore", "action_wait"},
            "customer.success.event.source": {
                "action_make_key",
                "action_open_counts",
                "action_open_groups",
            },
            "customer.success.file.load": {
                "action_back",
                "action_load",
                "action_match",
                "action_open_delivery",
                "action_preview",
                "action_read",
            },
            "customer.success.file": {"load_file"},
            "customer.success.file.use": {"load_file"},
            "customer.success.intake": {"load", "load_file"},
            "customer.success.person.intake": {"load_file"},
            "customer.success.departure": {"action_give_back"},
            "customer.success.handover": {"action_hand_over"},
            "customer.success.mass.change": {
                "action_open_file",
                "action_open_lines",
                "action_open_usages",
                "action_print_briefs",
                "action_undo",
            },
            "customer.success.hand.on": {"action_hand_on"},
            "customer.success.intended.use.change": {"action_approve", "action_decline"},
            "customer.success.objective.change": {"action_approve", "action_decline"},
            "customer.success.renewal.change": {"action_approve", "action_decline"},
            "customer.success.yardstick.change": {"action_approve", "action_decline"},
            "customer.success.interaction": {
                "action_hand_on",
                "action_log",
                "action_open_answers",
                "action_open_log",
            },
            "customer.success.log": {"action_log"},
            "customer.success.missed": {"action_open_customer"},
            "customer.success.overuse": {"action_open_customer"},
            "customer.success.move": {
                "action_move",
                "action_open_answers",
                "action_open_barriers",
                "action_open_plan",
            },
            "customer.success.objective": {"action_confirm"} | SHARED,
            "customer.success.plan": {
                "action_activate",
                "action_compare",
                "action_confirm_sustaining",
                "action_revise",
                "action_search_barriers",
                "action_take_answers",
                "copy",
            },
            "customer.success.outcome": {"action_done"},
            "customer.success.play": {"action_open_runs"},
            "customer.success.risk.version": {"action_pin", "action_unpin"},
            # Odoo's own method, extended
            "customer.success.renewal": {
                "action_agree_withdrawal",
                "action_choose_term",
                "action_decline_withdrawal",
                "action_reopen",
                "action_terms",
                "onchange",
            },
            "customer.success.renewal.end": {"action_end"},
            "customer.success.renewal.notice": {"action_record"},
            "customer.success.renewal.withdrawal": {"action_withdraw"},
            "customer.success.kept": {"action_open_renewal"},
            "customer.success.retention": {"action_open_renewal"},
            "customer.success.revenue": {"action_open_renewal"},
            "customer.success.revenue.bridge": {"action_open_renewal"},
            "customer.success.revenue.retention": {"action_open_renewal"},
            "customer.success.erase": {"action_erase"},
            "customer.success.segment": {"action_open_customers"},
            "customer.success.share": {"action_share"},
            "customer.success.shared": SHARED,
            "customer.success.succession": {"action_name"},
            "customer.success.symptom.flag": {
                "action_end",
                "action_open_barriers",
                "action_raise_barrier",
            },
            "customer.success.tenure": {"action_open_customer"},
            "customer.success.term.choice": {"action_choose"},
            "customer.success.unsorted.mail": {"action_open_barrier", "action_put_aside"},
            "customer.success.usage": {"ingest"},
            "customer.success.usage.delivery": {
                "action_download_rejected",
                "action_open_change",
                "action_undo",
            },
            "customer.success.usage.intake": {"load", "load_file"},
            "customer.success.win": {"action_win"},
            "customer.success.workbook.copy": {"action_download"},
            "customer.success.workbook.schedule": {"action_send_now"},
            "customer.success.workbook.wizard": {"action_download"},
            "customer.success.year": {"action_open_customer"},
        }
        self.assertLessEqual(set(known), set(self.env.registry))
        for name, model in self.env.registry.items():
            if not name.startswith("customer.success."):
                continue
            public = {
                attribute
                for cls in model._model_classes__
                if cls.__module__.startswith(f"odoo.addons.{MODULE}")
                for attribute, value in vars(cls).items()
                if callable(value)
                and not attribute.startswith("_")
                and attribute
                not in ("create", "write", "unlink", "default_get", "message_new", "init")
                and attribute not in ("web_save", "web_save_multi")
            }
            with self.subTest(model=name):
                self.assertEqual(public, known.get(name, set()))
