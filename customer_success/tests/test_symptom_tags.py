from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSymptomTags(SuccessCase):
    """People tag the misuse that they have seen; the nightly check leaves their tags alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(400))
        cls.symptoms = {
            symptom.code: symptom for symptom in cls.env["customer.success.symptom"].search([])
        }

    def _tag(self, code="wrong_way", user=None, **vals):
        return (
            self.env["customer.success.symptom.flag"]
            .with_user(user or self.csm)
            .create(
                {
                    "partner_id": self.customer.id,
                    "product_id": self.product.id,
                    "symptom_id": self.symptoms[code].id,
                    "observation": "The yard writes on paper and types it in on Fridays, says Ada.",
                    **vals,
                }
            )
        )

    def _check(self):
        found = self.env["customer.success.symptom.flag"]._check(self.customer.ids)
        self.env.invalidate_all()
        return found

    def _assert_acts(self, code):
        """Assert that a tag of this symptom asks for attention until a barrier is raised for it."""
        flag = self._tag(code)
        customer = self.customer.with_user(self.csm)
        name = self.symptoms[code].name
        self.assertIn(f"{name} (Planner)", str(customer.success_attention))
        action = flag.action_raise_barrier()
        barriers = self.env["customer.success.barrier"].with_user(self.csm)
        with Form(barriers.with_context(**action["context"])) as form:
            form.name = "Nobody has time for it"
        self.assertEqual(form.record.symptom_ids, self.symptoms[code])
        customer.invalidate_recordset()
        self.assertNotIn(f"{name} (Planner)", str(customer.success_attention))
        self.assertEqual(flag.barrier_ids, form.record)

    def test_s12_sitting_idle_asks_for_attention_until_a_barrier_explains_it(self):
        self._assert_acts("idle")

    def test_s13_use_in_the_wrong_way_asks_for_attention_until_a_barrier_explains_it(self):
        self._assert_acts("wrong_way")

    def test_s14_barely_used_asks_for_attention_until_a_barrier_explains_it(self):
        self._assert_acts("barely_used")

    def test_s15_bad_data_asks_for_attention_until_a_barrier_explains_it(self):
        self._assert_acts("bad_data")

    def test_s16_no_data_asks_for_attention_until_a_barrier_explains_it(self):
        self._assert_acts("no_data")

    def test_a_tag_says_who_saw_what_and_since_when(self):
        action = self.customer.with_user(self.csm).action_success_tag_symptom()
        flags = self.env["customer.success.symptom.flag"].with_user(self.csm)
        with Form(flags.with_context(**action["context"])) as form:
            form.symptom_id = self.symptoms["no_data"]
            form.product_id = self.product
            form.observation = "They keep a sheet of their own."
        flag = form.record
        self.assertEqual((flag.source, flag.user_id), ("observed", self.csm))
        self.assertEqual(flag.date_from, TODAY)
        self.assertEqual(flag.evidence_text, "They keep a sheet of their own.")

    def test_the_nightly_check_does_not_close_what_a_person_tagged(self):
        flag = self._tag()
        self._usage(self.customer, active=80, as_intended=95)
        self.assertEqual(self._check(), (0, 0))
        self.assertFalse(flag.date_to)
        self.customer.active = False
        self._check()
        self.assertFalse(flag.date_to)

    def test_figures_and_a_person_may_show_the_same_symptom(self):
        flag = self._tag()
        usage = self._usage(self.customer, active=80, as_intended=20)
        self.assertEqual(self._check(), (1, 0))
        attention = str(self.customer.with_user(self.csm).success_attention)
        self.assertEqual(attention.count("(Planner)"), 1, "it is named once")
        usage.as_intended = 95
        self.assertEqual(self._check(), (0, 1))
        self.assertEqual(self.customer.success_symptom_flag_ids, flag)

    def test_a_person_ends_it(self):
        with freeze_time(days(20)):
            flag = self._tag()
        flag.action_end()
        self.assertEqual((flag.date_to, flag.days_shown), (TODAY, 20))
        self.assertNotIn("(Planner)", str(self.customer.with_user(self.csm).success_attention))
        self.assertTrue(self._tag(), "seen anew")

    def test_a_tag_needs_a_sentence_and_a_day_that_was(self):
        with self.assertRaisesRegex(ValidationError, "in one sentence"), self.cr.savepoint():
            self._tag("idle", observation="  ")
        with self.assertRaisesRegex(ValidationError, "cannot lie ahead"):
            self._tag("idle", date_from=days(-1))

    def test_willing_people_and_a_tag_point_at_a_barrier(self):
        """A tag of a person counts like what figures show."""
        willing = self.questions.filtered(lambda question: question.dimension == "willing")[:1]
        self._answer(self.customer, willing, rating="4")
        self._rescore(self.customer)
        self.assertFalse(self.customer.success_willing_not_using)
        self._tag("idle")
        self.customer.invalidate_recordset()
        self.assertTrue(self.customer.success_willing_not_using)

    def test_symptoms_are_counted_by_month_and_product(self):
        self._tag("idle", date_from=days(40))
        self._tag("bad_data")
        flags = self.env["customer.success.symptom.flag"].with_user(self.csm)
        found = flags.formatted_read_group(
            [("partner_id", "=", self.customer.id)], ["date_from:month", "product_id"], ["__count"]
        )
        self.assertEqual([group["__count"] for group in found], [1, 1])

    def test_people_write_tags_of_their_own_customers_only(self):
        other = new_test_user(self.env, "test_other_csm", "customer_success.group_success_user")
        flag = self._tag()
        for user in (other, self.sales):
            with self.assertRaises(AccessError):
                self._tag("idle", user=user)
            with self.assertRaises(AccessError):
                flag.with_user(user).write({"observation": "It is fine."})
        with self.assertRaises(AccessError):
            flag.unlink()
        self.assertTrue(flag.with_user(self.manager).has_access("unlink"), "a mistake")

    def test_a_tag_cannot_pass_for_a_figure_or_for_another_person(self):
        flag = self._tag(source="measured", user_id=self.manager.id, evidence={"value": 1})
        flag.write({"source": "measured", "user_id": self.manager.id})
        self.assertEqual((flag.source, flag.user_id), ("observed", self.csm))
        self.assertFalse(flag.evidence)
