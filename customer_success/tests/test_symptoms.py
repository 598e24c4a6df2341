from odoo.tests import Form, freeze_time, tagged

from ..scoring.symptoms.symptom import SYMPTOMS, Rule, Symptom
from ..scoring.use import DEGREES
from .common import TODAY, SuccessCase, days
from .extending import blocks, load_data, load_python


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSymptoms(SuccessCase):
    """The five misuses are flagged with their evidence, cleared when gone, and lead to a barrier."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flags = cls.env["customer.success.symptom.flag"]
        cls.customer = cls._customer(success_go_live_date=days(400))

    def _check(self, customer=None):
        return self.flags._check((customer or self.customer).ids)

    def _codes(self, customer=None):
        flags = (customer or self.customer).success_symptom_flag_ids
        return sorted(flags.symptom_id.mapped("code"))

    def test_each_misuse_is_told_from_the_others(self):
        for name, figures, code in (
            ("Idle", {"active": 5}, "idle"),
            ("Barely", {"active": 29}, "barely_used"),
            ("Seldom", {"active": 80, "frequency": 29}, "barely_used"),
            ("Wrong", {"active": 80, "as_intended": 49}, "wrong_way"),
            ("Bad", {"active": 80, "accuracy": 59}, "bad_data"),
            ("None", {"active": 80, "in_place": 29}, "no_data"),
        ):
            customer = self._customer(name)
            self._usage(customer, **figures)
            self._check(customer)
            with self.subTest(name):
                self.assertEqual(self._codes(customer), [code])

    def test_each_misuse_is_that_of_its_product(self):
        """A well used product neither hides nor shares the misuse of another one."""
        other = self.env["product.product"].create({"name": "Reports"})
        for name, figures, code in (
            ("Idle", {"active": 5}, "idle"),
            ("Barely", {"active": 29}, "barely_used"),
            ("Seldom", {"active": 80, "frequency": 29}, "barely_used"),
            ("Wrong", {"active": 80, "as_intended": 49}, "wrong_way"),
            ("Bad", {"active": 80, "accuracy": 59}, "bad_data"),
            ("None", {"active": 80, "in_place": 29}, "no_data"),
        ):
            customer = self._customer(name)
            self._usage(customer, active=95, **dict.fromkeys(DEGREES, 90))
            self._usage(customer, product_id=other.id, **figures)
            self._check(customer)
            flags = customer.success_symptom_flag_ids
            with self.subTest(name):
                self.assertEqual(
                    [(flag.symptom_id.code, flag.product_id) for flag in flags], [(code, other)]
                )

    def test_at_the_limit_nothing_is_flagged(self):
        self._usage(
            self.customer, active=30, frequency=30, as_intended=50, accuracy=60, in_place=30
        )
        self._check()
        self.assertFalse(self._codes())

    def test_what_is_not_known_shows_nothing(self):
        self._usage(self.customer, licensed=False, active=False, timely=1)
        self._check()
        self.assertFalse(self._codes())

    def test_a_flag_has_its_day_and_its_evidence_in_words(self):
        self._usage(self.customer, active=4)
        self._check()
        flag = self.customer.success_symptom_flag_ids.with_user(self.csm)
        self.assertEqual(flag.date_from, TODAY)
        self.assertIn("4 of 100 licensed users are active", flag.evidence_text)
        self.assertIn("limit 5", flag.evidence_text)
        self.assertRegex(
            flag.evidence_text, r"[(][A-Z][a-z]{2} [0-9]+, 20[0-9]{2}[)]", "as in the list"
        )

    def test_a_second_run_changes_nothing(self):
        self._usage(self.customer, active=4)
        self.assertEqual(self._check(), (1, 0))
        self.assertEqual(self._check(), (0, 0))

    def test_it_is_cleared_when_gone_and_flagged_anew_when_back(self):
        self._usage(self.customer, active=4, when="2026-04-01")
        self._check()
        better = self._usage(self.customer, active=80, when="2026-05-01")
        self.assertEqual(self._check(), (0, 1))
        gone = self.flags.search([("partner_id", "=", self.customer.id)])
        self.assertEqual((gone.date_from, gone.date_to), (TODAY, TODAY))
        better.active_users = 2
        self._check()
        self.assertEqual(self._codes(), ["idle"])
        self.assertEqual(len(self.flags.search([("partner_id", "=", self.customer.id)])), 2)

    def test_what_went_silent_is_not_gone(self):
        self._usage(self.customer, active=4)
        self._check()
        with freeze_time("2027-06-15"):
            self.assertEqual(self._check(), (0, 0))
        self.assertEqual(self._codes(), ["idle"])

    def test_who_is_followed_no_more_has_no_symptoms(self):
        self._usage(self.customer, active=4)
        self._check()
        self.customer.active = False
        self._check()
        self.assertFalse(self._codes())

    def test_a_figure_that_is_no_longer_known_does_not_clear_another_ones_flag(self):
        self._usage(self.customer, active=80, frequency=20, when="2026-03-01")
        self._check()
        self.assertEqual(self._codes(), ["barely_used"])
        with freeze_time("2026-08-15"):
            self._usage(self.customer, active=80, when="2026-07-01")
            self.assertEqual(self._check(), (0, 0))
        self.assertEqual(self._codes(), ["barely_used"])

    def test_a_customer_set_back_before_go_live_has_no_symptoms(self):
        self._usage(self.customer, active=4)
        self._check()
        self.customer.write(
            {"success_stage_id": self.stages["prepare"].id, "success_go_live_date": days(-90)}
        )
        self._check()
        self.assertFalse(self._codes())

    def test_barely_is_measured_by_the_intended_adoption(self):
        self._usage(self.customer, active=25)
        self.env["customer.success.intended.use"].create(
            {"product_id": self.product.id, "adoption": 40}
        )
        self._check()
        self.assertFalse(self._codes(), "of 40 %, below 15 % is barely")

    def test_a_product_of_another_company_breaks_no_form(self):
        theirs = self.env["res.company"].create({"name": "Theirs"})
        self._usage(self.customer, active=4)
        self._check()
        self.product.company_id = theirs
        self.env.invalidate_all()
        self._rescore(self.customer)
        customer = self.customer.with_user(self.csm)
        self.assertIn("Planner", str(customer.success_attention))
        self.assertTrue(customer.success_symptom_flag_ids.display_name)
        self.assertTrue(customer.success_usage_chart["products"])

    def test_before_go_live_and_in_the_first_month_nothing_is_idle(self):
        planned = self._customer("Planned", "prepare")
        fresh = self._customer("Fresh", "first_use", success_go_live_date=days(20))
        for customer in planned | fresh:
            self._usage(customer, active=3)
            self._check(customer)
            self.assertFalse(self._codes(customer), customer.name)

    def test_while_use_is_ramping_up_less_is_expected(self):
        """Barely used is below 30 %: in the second of six months below 10 %."""
        fresh = self._customer("Fresh", "first_use", success_go_live_date=days(40))
        usage = self._usage(fresh, active=10)
        self._check(fresh)
        self.assertFalse(self._codes(fresh))
        usage.active_users = 9
        self._check(fresh)
        self.assertEqual(self._codes(fresh), ["barely_used"])

    def test_misuse_is_measured_by_what_was_intended(self):
        self._usage(self.customer, as_intended=45)
        self.env["customer.success.intended.use"].create(
            {"product_id": self.product.id, "as_intended": 60}
        )
        self._check()
        self.assertFalse(self._codes(), "45 of an intended 60 are 75 %")
        self._usage(self.customer, when=days(1), source="measured", period="week", as_intended=24)
        self._check()
        [flag] = self.customer.with_user(self.csm).success_symptom_flag_ids
        self.assertIn("24 of 60 intended", flag.evidence_text, "what was measured, not only 40 %")

    def test_limits_and_switches_are_obeyed(self):
        self._usage(self.customer, active=9)
        self.env["ir.config_parameter"].set_param("customer_success.symptom_idle", "10")
        self._check()
        self.assertEqual(self._codes(), ["idle"])
        self.env.ref("customer_success.customer_success_symptom_idle").active = False
        self._check()
        self.assertFalse(self._codes())

    def test_the_nightly_run_looks_at_everybody(self):
        others = self.env["res.partner"]
        for number in range(3):
            others |= self._customer(f"Customer {number}")
            self._usage(others[-1], active=0)
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_symptoms").method_direct_trigger()
        self.env.invalidate_all()
        for customer in others:
            self.assertEqual(self._codes(customer), ["idle"])

    def test_statements_do_not_grow_with_customers(self):
        for number in range(5):
            self._usage(self._customer(f"Customer {number}"), active=0)
        some = self.env["res.partner"].search([("success_stage_id", "!=", False)])
        self.flags._check(some[:1].ids)
        self.env.flush_all()
        with self.assertQueryCount(20):
            self.flags._check(some.ids)

    def test_a_symptom_leads_to_a_barrier_that_knows_it(self):
        self._usage(self.customer, active=4)
        self._check()
        flag = self.customer.success_symptom_flag_ids.with_user(self.csm)
        self.assertFalse(flag.has_barrier)
        action = flag.action_raise_barrier()
        barriers = self.env["customer.success.barrier"].with_user(self.csm)
        with Form(barriers.with_context(**action["context"])) as form:
            form.name = "Nobody was told to"
        barrier = form.record
        self.assertEqual((barrier.partner_id, barrier.product_id), (self.customer, self.product))
        self.assertEqual(barrier.symptom_flag_id, flag)
        self.assertEqual(barrier.symptom_ids, flag.symptom_id)
        self.assertTrue(flag.has_barrier)
        self.assertNotIn(flag, self.flags.search([("has_barrier", "=", False)]))

    def test_s81_willing_but_not_using_points_at_a_barrier(self):
        self._usage(self.customer, active=4)
        willing = self.questions.filtered(lambda question: question.dimension == "willing")[:1]
        self._answer(self.customer, willing, rating="4")
        self._check()
        self._rescore(self.customer)
        self.assertTrue(self.customer.success_willing_not_using)
        attention = str(self.customer.with_user(self.csm).success_attention)
        self.assertIn("Look for a barrier, do not blame the people", attention)
        self.assertIn("Sitting idle (Planner)", attention)
        found = self.env["res.partner"].search([("success_willing_not_using", "=", True)])
        self.assertIn(self.customer, found)
        self._answer(self.customer, willing, rating="1", date=days(0))
        self._rescore(self.customer)
        self.assertFalse(self.customer.success_willing_not_using)
        found = self.env["res.partner"].search([("success_willing_not_using", "=", False)])
        self.assertIn(self.customer, found)

    def test_nobody_writes_a_flag(self):
        self._usage(self.customer, active=4)
        self._check()
        flag = self.customer.success_symptom_flag_ids
        for user in (self.csm, self.lead_csm, self.manager):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(flag.with_user(user).has_access(operation))

    def test_each_symptom_has_a_record_a_limit_and_a_figure(self):
        records = self.env["customer.success.symptom"].search([])
        self.assertEqual(sorted(records.mapped("code")), sorted(SYMPTOMS))
        defaults = self.env["customer.success.settings"]._defaults()
        for symptom in SYMPTOMS.values():
            with self.subTest(symptom=symptom.code):
                self.assertEqual(defaults[symptom.setting], symptom.limit)
                self.assertIn(f"success_{symptom.setting}", self.env["res.config.settings"]._fields)
                self.assertTrue(symptom.rules)
                for rule in symptom.rules:
                    self.assertIn(rule.figure, ("adoption", *DEGREES))

    def test_a_symptom_without_a_record_here_is_not_looked_for(self):
        """A bridge that serves another database of the same server has registered it."""

        class Elsewhere(Symptom):
            code = "elsewhere"
            rules = (Rule("adoption", "no_such_column", "0", "TRUE"),)

        SYMPTOMS["elsewhere"] = Elsewhere()
        self.addCleanup(SYMPTOMS.pop, "elsewhere")
        self._usage(self.customer, active=4)
        self._check()
        self.assertEqual(self._codes(), ["idle"])

    def test_the_symptom_of_the_page(self):
        (source,) = blocks("A new symptom", "python")
        (data,) = blocks("A new symptom", "xml")
        self.addCleanup(SYMPTOMS.pop, "late", None)
        load_python(self, source, "scoring.symptoms.late")
        load_data(self, data)
        usage = self._usage(self.customer, active=80, timely=39)
        self._check()
        self.assertEqual(self._codes(), ["late"])
        flag = self.customer.success_symptom_flag_ids.with_user(self.csm)
        self.assertIn("39 %, limit 40 %", flag.evidence_text)
        usage.timely = 40
        self._check()
        self.assertFalse(self._codes())
        self.env["ir.config_parameter"].set_param("customer_success.symptom_late", "50")
        self._check()
        self.assertEqual(self._codes(), ["late"])
