from unittest.mock import patch

from psycopg2 import errors

from odoo.tests import freeze_time, tagged

from ...models.scores.customer_success_score import (
    HELPER_CODE,
    CustomerSuccessScore,
)
from ...scoring import engine
from ..common import TODAY, SuccessCase


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestScoringJobs(SuccessCase):
    def setUp(self):
        super().setUp()
        self.requests = self.env["customer.success.score.request"]
        self.batches = self.env["customer.success.score.batch"]
        self.env.cr.execute("DELETE FROM customer_success_score_request")

    def _run(self, job):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(f"customer_success.{job}").method_direct_trigger()
        self.env.invalidate_all()

    def test_each_change_of_a_fact_asks_for_a_rescore(self):
        customer = self._customer()
        usage = self._usage(customer)
        changes = {
            "usage changed": lambda: usage.write({"active_users": 3}),
            "usage removed": usage.unlink,
            "barrier raised": lambda: self._barrier(customer),
            "answer logged": lambda: self._answer(customer),
            "renewal added": lambda: self._renewal(customer),
            "stage changed": lambda: customer.write(
                {"success_stage_id": self.stages["first_use"].id}
            ),
        }
        for name, change in changes.items():
            with self.subTest(change=name):
                self.env.cr.execute("DELETE FROM customer_success_score_request")
                change()
                self.assertEqual(self.requests.search([]).partner_id, customer)

    def test_a_change_wakes_the_job_once_a_transaction(self):
        customer = self._customer()
        cron = self.env.ref("customer_success.ir_cron_score_changed")
        self.env.cr.precommit.run()
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self._usage(customer)
        self._barrier(customer)
        self.env.cr.precommit.run()
        after = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self.assertEqual(after, before + 1)

    def test_the_job_scores_the_changed_and_empties_the_queue(self):
        customers = self._customer("A") | self._customer("B")
        for customer in customers:
            self._usage(customer)
        self._run("ir_cron_score_changed")
        self.assertTrue(all(customer.success_health for customer in customers))
        self.assertFalse(self.requests._count_open())

    def test_the_night_scores_everybody_in_batches(self):
        customers = [self._customer(f"C{n}") for n in range(5)]
        with (
            patch.object(engine, "BATCH_SIZE", 2),
            patch(
                "odoo.addons.customer_success.models.scores.customer_success_score_batch.BATCH_SIZE",
                2,
            ),
        ):
            self._run("ir_cron_score_all")
        self.assertTrue(all(customer.success_scored_at for customer in customers))
        batches = self.batches.search([])
        self.assertGreaterEqual(len(batches), 3)
        self.assertTrue(all(batch.done_at for batch in batches))
        self.assertGreaterEqual(sum(batches.mapped("written")), 5)

    def test_a_second_night_plans_anew_and_writes_nothing(self):
        self._customer()
        self._run("ir_cron_score_all")
        first = self.batches.search([])
        self._run("ir_cron_score_all")
        second = self.batches.search([]) - first
        self.assertTrue(second)
        self.assertEqual(sum(second.mapped("written")), 0)

    def test_an_interrupted_night_is_taken_up_where_it_was(self):
        customers = [self._customer(f"C{n}") for n in range(4)]
        with patch(
            "odoo.addons.customer_success.models.scores.customer_success_score_batch.BATCH_SIZE", 2
        ):
            self.batches._plan()
        planned = self.batches.search([])
        claim, partner_ids = self.batches._claim(2)
        self.batches._done(claim, self.scores._score(partner_ids))
        self._run("ir_cron_score_all")
        self.assertEqual(self.batches.search([]), planned, "nothing was planned twice")
        self.assertTrue(all(customer.success_scored_at for customer in customers))

    def test_a_lost_race_is_tried_again(self):
        customer = self._customer()
        self._usage(customer)
        score, tries = CustomerSuccessScore._score, []

        def unlucky(self, partner_ids, neighbours=False):
            tries.append(partner_ids)
            if len(tries) == 1:
                raise errors.SerializationFailure("of the test")
            return score(self, partner_ids, neighbours)

        with (
            patch.object(CustomerSuccessScore, "_score", unlucky),
            patch.object(type(self.env.cr), "rollback", lambda cr: None),
            patch.object(type(self.requests), "_claim", self._claims(customer)),
        ):
            self._run("ir_cron_score_changed")
        self.assertEqual(len(tries), 2)
        self.assertTrue(customer.success_health)

    @staticmethod
    def _claims(customer):
        """A queue that offers the same customer twice, as after a rollback."""
        offered = [(None, customer.ids), (None, customer.ids)]
        return lambda self, size: offered.pop() if offered else None

    def test_other_rules_wake_the_job_that_scores_everybody(self):
        cron = self.env.ref("customer_success.ir_cron_score_all")

        def triggers():
            return self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])

        before = triggers()
        self.env["res.config.settings"].create({}).execute()
        self.assertEqual(triggers(), before, "nothing was changed")
        self.env["res.config.settings"].create({"success_adoption_target": 60}).execute()
        self.assertEqual(triggers(), before + 1)
        factor = self.env.ref("customer_success.customer_success_factor_use")
        factor.with_user(self.manager).weight = 40
        self.assertEqual(triggers(), before + 2)

    def test_a_limit_that_is_no_number_is_named_and_not_used(self):
        self.env["ir.config_parameter"].set_param("customer_success.adoption_target", "much")
        with self.assertLogs(
            "odoo.addons.customer_success.models.common.customer_success_settings", "WARNING"
        ) as logs:
            self.assertEqual(self.scores._rules().adoption_target, 80)
        self.assertIn("customer_success.adoption_target", logs.output[0])

    def test_settings_keep_as_many_helping_jobs_as_asked_for(self):
        crons = self.env["ir.cron"]
        for wanted in (3, 1):
            self.env["res.config.settings"].create({"success_score_workers": wanted}).execute()
            self.assertEqual(crons.search_count([("code", "=", HELPER_CODE)]), wanted - 1)

    def test_scoring_more_customers_takes_no_more_queries(self):
        few = [self._customer(f"F{n}") for n in range(3)]
        many = [self._customer(f"M{n}") for n in range(30)]
        for customer in (*few, *many):
            self._usage(customer)
            self._renewal(customer)
        self.scores._score(self._customer("Warms the caches").ids)
        counts = []
        for customers in (few, many):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.scores._score([customer.id for customer in customers])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
