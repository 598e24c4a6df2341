from datetime import timedelta
from unittest.mock import patch

from psycopg2 import errors

from odoo import fields
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

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
        self.assertEqual(self.batches.search([]), planned, "no batch was planned twice")
        self.assertTrue(all(customer.success_scored_at for customer in customers))

    def _plan_night(self, customers=4, size=2):
        """Plan a night of several batches; return the batches with the new customers, in order."""
        ids = [self._customer(f"C{n}").id for n in range(customers)]
        with patch(
            "odoo.addons.customer_success.models.scores.customer_success_score_batch.BATCH_SIZE",
            size,
        ):
            self.batches._plan()
        return self.batches.search([("last_id", ">=", ids[0])], order="id")

    def test_a_night_that_was_interrupted_does_not_swallow_the_next(self):
        left = self._plan_night()
        with freeze_time(TODAY + timedelta(days=1)):
            self.assertFalse(self.batches._is_under_way())
            self._run("ir_cron_score_all")
            night = self.batches.search([])
            self.assertFalse(left.exists(), "the new night replaces it, for all customers")
            self.assertEqual(set(night.mapped("create_date")), {fields.Datetime.now()})
            self.assertTrue(all(batch.done_at for batch in night))

    def test_a_night_of_some_hours_is_still_under_way(self):
        self._plan_night()
        start = fields.Datetime.now()
        for hours, expected in ((19, True), (21, False)):
            with freeze_time(start + timedelta(hours=hours)):
                self.assertEqual(self.batches._is_under_way(), expected)

    def test_a_batch_that_breaks_is_set_aside_and_the_night_goes_on(self):
        first, *others = self._plan_night()
        score = CustomerSuccessScore._score

        def broken(self, partner_ids, contiguous=False):
            if first.first_id in partner_ids:
                self.env.cr.execute("SELECT no_such_column FROM res_partner")
            return score(self, partner_ids, contiguous)

        with (
            patch.object(CustomerSuccessScore, "_score", broken),
            self.assertLogs("odoo.addons.customer_success", "ERROR"),
            mute_logger("odoo.sql_db"),
        ):
            self._run("ir_cron_score_all")
        self.assertIn("UndefinedColumn", first.error)
        self.assertTrue(first.done_at)
        self.assertFalse(any(batch.error for batch in others))
        self.assertTrue(all(batch.done_at for batch in others))
        self.assertFalse(self.batches._is_under_way(), "the next night is planned")
        said = self.env["res.config.settings"].create({}).success_last_run_text
        self.assertIn("A batch failed with: UndefinedColumn", said)
        with freeze_time(TODAY + timedelta(days=1)):
            self._run("ir_cron_score_all")
        said = self.env["res.config.settings"].create({}).success_last_run_text
        self.assertNotIn("failed", said, "the next night had no error")

    def test_changes_that_break_are_set_aside_and_marked(self):
        customer = self._customer()
        self._rescore(customer)
        self._usage(customer)

        def broken(self, partner_ids, contiguous=False):
            raise KeyError("of the test")

        with (
            patch.object(CustomerSuccessScore, "_score", broken),
            self.assertLogs("odoo.addons.customer_success", "ERROR"),
        ):
            self._run("ir_cron_score_changed")
        self.assertFalse(self.requests._count_open())
        self.assertEqual(customer.success_score_id.error, "KeyError: 'of the test'")
        self._run("ir_cron_score_all")
        self.assertFalse(customer.success_score_id.error)

    def test_a_lost_connection_is_no_fault_of_the_batch(self):
        self._customer()
        with (
            patch.object(
                CustomerSuccessScore, "_score", side_effect=errors.DiskFull("of the test")
            ),
            self.assertRaises(errors.DiskFull),
        ):
            self.batches._plan()
            self.scores._work_next(self.batches)
        self.assertFalse(self.batches.search([("error", "!=", False)]))

    def test_a_lost_race_is_tried_again(self):
        customer = self._customer()
        self._usage(customer)
        score, tries = CustomerSuccessScore._score, []

        def unlucky(self, partner_ids, contiguous=False):
            tries.append(partner_ids)
            if len(tries) == 1:
                raise errors.SerializationFailure("of the test")
            return score(self, partner_ids, contiguous)

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
        """Return a queue that offers the same customer twice, as after a rollback."""
        offered = [(None, customer.ids), (None, customer.ids)]
        return lambda self, size: offered.pop() if offered else None

    def test_other_rules_wake_the_job_that_scores_everybody(self):
        cron = self.env.ref("customer_success.ir_cron_score_all")

        def triggers():
            return self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])

        before = triggers()
        self.env["res.config.settings"].create({}).execute()
        self.assertEqual(triggers(), before, "no rule was changed")
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
