from datetime import timedelta
from unittest.mock import patch

from psycopg2 import errors

from odoo.modules.migration import load_script
from odoo.tests import freeze_time, tagged
from odoo.tools.misc import file_path

from ..models.common.customer_success_job import BAD, RACE_TRIES, RACES
from .common import TODAY, SuccessCase, days
from .extending import blocks, load_data, load_python


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestJobs(SuccessCase):
    """The common method with which jobs process many records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.job = cls.env["customer.success.job"]
        cls.bookmarks = cls.env["customer.success.job.bookmark"]

    def setUp(self):
        super().setUp()
        self.done, self.failed, self.commits = [], [], []
        # The seconds left after each commit; plenty, unless a test sets another value.
        self.left = []
        commit = self._commit
        self.startPatcher(
            patch.object(
                type(self.env["ir.cron"]),
                "_commit_progress",
                lambda cron, processed=0, **kwargs: commit(processed, **kwargs),
            )
        )
        self.startPatcher(
            patch.object(self.env.cr, "rollback", lambda: self.commits.append("undone"))
        )

    def _commit(self, processed, remaining=None):
        self.commits.append(processed if remaining is None else f"{remaining} left")
        return self.left.pop(0) if self.left else 1.0

    def _walk(self, items, work=None, **kwargs):
        return self.job._walk(
            items,
            work or self.done.append,
            lambda item, error: self.failed.append((item, str(error))),
            **{"size": 2, **kwargs},
        )

    def test_batches_are_committed_one_by_one(self):
        self.assertTrue(self._walk([1, 2, 3, 4, 5]))
        self.assertEqual(self.done, [[1, 2], [3, 4], [5]])
        self.assertEqual(self.commits, ["5 left", 2, 2, 1])

    def test_nothing_to_do_is_done(self):
        self.assertTrue(self._walk([], bookmark="test"))
        self.job._halve([], self.done.append, self.failed.append)
        self.assertFalse(self.done + self.failed)

    def test_records_are_cut_into_batches_as_ids_are(self):
        customers = self._customer("A") | self._customer("B") | self._customer("C")
        self._walk(customers)
        self.assertEqual(self.done, [customers[:2], customers[2:]])

    def test_it_stops_when_the_time_is_up(self):
        self.left = [1.0, 0.0]
        self.assertFalse(self._walk([1, 2, 3]))
        self.assertEqual(self.done, [[1, 2]])
        self.left = [1.0, 1.0, 0.0]
        self.assertTrue(self._walk([1, 2, 3]), "all was done, however late")

    def test_a_bad_record_costs_no_other_its_turn(self):
        written = self._customer("Written")

        def work(ids):
            written.comment = str(ids)
            if 3 in ids:
                raise ValueError("of the test")
            self.done.extend(ids)

        self._walk([1, 2, 3, 4, 5], work, size=5)
        self.assertEqual(self.done, [1, 2, 4, 5])
        self.assertEqual(self.failed, [(3, "of the test")])
        self.assertIn("[4, 5]", str(written.comment), "what the bad one wrote is undone")

    def test_an_error_of_the_database_is_found_as_well(self):
        def work(ids):
            self.env.cr.execute("SELECT 1 / (%s - id) FROM unnest(%s) id", [3, ids])

        with self.assertLogs("odoo.sql_db", "ERROR"):
            self._walk([1, 2, 3, 4], work, size=4)
        self.assertEqual([item for item, _error in self.failed], [3])

    def test_what_was_written_before_is_not_blamed_on_a_record(self):
        customer = self._customer("Broken")
        with self.assertLogs("odoo.sql_db", "ERROR"), self.assertRaises(errors.ForeignKeyViolation):
            customer.state_id = 999_999_999
            self.job._halve([1, 2], self.done.append, self.failed.append)
        self.assertFalse(self.done + self.failed)

    def test_a_lost_race_is_run_again_and_blamed_on_nobody(self):
        lost = iter([True, True, False, False])

        def work(ids):
            if next(lost):
                raise errors.SerializationFailure("of the test")
            self.done.append(ids)

        self._walk([1, 2, 3], work)
        self.assertEqual(self.done, [[1, 2], [3]])
        self.assertEqual(self.commits, ["3 left", "undone", "undone", 2, 1])
        self.assertFalse(self.failed)

    def test_races_that_are_always_lost_are_told(self):
        def work(ids):
            raise errors.DeadlockDetected("of the test")

        with self.assertRaises(errors.DeadlockDetected):
            self._walk([1, 2], work)
        self.assertEqual(self.commits, ["2 left"] + ["undone"] * RACE_TRIES)

    def test_a_race_is_no_fault_of_a_record(self):
        for race in RACES:
            self.assertFalse(issubclass(race, BAD), race)
        self.assertTrue(issubclass(errors.QueryCanceled, BAD))

    def test_an_error_of_the_program_stops_the_job(self):
        with self.assertRaises(AttributeError):
            self._walk([1, 2], lambda ids: ids.nothing)

    # ------------------------------------------------------------------------------------------
    # Bookmarks
    # ------------------------------------------------------------------------------------------

    def test_an_interrupted_walk_goes_on_where_it_was(self):
        self.left = [1.0, 0.0]
        self.assertFalse(self._walk([1, 2, 3, 4, 5], bookmark="test"))
        self.assertEqual(self.bookmarks._place("test"), 2)
        self.assertTrue(self._walk([1, 2, 3, 4, 5], bookmark="test"))
        self.assertEqual(self.done, [[1, 2], [3, 4], [5]])
        self.assertFalse(self.bookmarks.search([("name", "=", "test")]))
        self._walk([1, 2], bookmark="test")
        self.assertEqual(self.done[-1], [1, 2], "the next night begins with the first")

    def test_a_night_that_was_interrupted_long_ago_is_not_gone_on_with(self):
        self.bookmarks._move("test", 2)
        with freeze_time(TODAY + timedelta(days=1)):
            self._walk([1, 2, 3], bookmark="test")
        self.assertEqual(self.done, [[1, 2], [3]])

    def test_a_bookmark_behind_the_last_record_goes(self):
        self.bookmarks._move("test", 9)
        self.assertTrue(self._walk([1, 2, 3], bookmark="test"))
        self.assertFalse(self.done)
        self.assertFalse(self.bookmarks._place("test"))

    def test_bookmarks_of_two_jobs_are_apart_and_nobody_elses_business(self):
        self.bookmarks._move("one", 1)
        self.bookmarks._move("other", 2)
        self.bookmarks._move("one", 3)
        self.assertEqual(self.bookmarks._place("one"), 3)
        self.assertEqual(self.bookmarks._place("other"), 2)
        for user in (self.csm, self.manager):
            self.assertFalse(self.bookmarks.with_user(user).has_access("read"))

    def test_no_job_writes_a_system_parameter(self):
        """Each write of a system parameter clears the caches of every worker."""
        self._usage(self._customer("Idle"), active=1)
        parameters = type(self.env["ir.config_parameter"])
        with patch.object(parameters, "set_param", side_effect=AssertionError("written")):
            self.env["customer.success.play"]._cron_run()
            self.env["customer.success.symptom.flag"]._cron_check()
        self.assertTrue(self.commits)

    def test_bookmarks_kept_as_parameters_are_carried_over(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("customer_success.plays_place", "4711")
        parameters.set_param("customer_success.reconciled.contract.line", "2026-06-15 12")
        parameters.set_param("customer_success.reconciled.sale.order.line", "half")
        self.env.flush_all()
        path = file_path("customer_success/migrations/19.0.2.0.0/post-bookmarks.py")
        load_script(path, "post_bookmarks").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        kept = {b.name: (b.last_id, b.moved_at.date()) for b in self.bookmarks.search([])}
        self.assertEqual(kept["plays"][0], 4711)
        self.assertEqual(kept["reconciled.contract.line"], (12, TODAY))
        self.assertEqual(len(kept), 2)
        self.assertFalse(parameters.search([("key", "like", "customer_success.reconciled")]))
        self.assertFalse(parameters.search([("key", "=", "customer_success.plays_place")]))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestNewJob(SuccessCase):
    def test_the_job_of_the_page(self):
        (source,) = blocks("A new nightly job", "python")
        (data,) = blocks("A new nightly job", "xml")
        load_python(self, source, "models.customer.res_partner_anniversary")
        load_data(self, data)
        today = self._customer("Today", success_go_live_date=days(365))
        other = self._customer("Another day", success_go_live_date=days(364))
        self.env.flush_all()
        with self.enter_registry_test_mode():
            cron = self.env.ref("customer_success.ir_cron_anniversary")
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(today.activity_ids.mapped("summary"), ["Congratulate"])
        self.assertEqual(today.activity_ids.user_id, self.csm)
        self.assertFalse(other.activity_ids)
