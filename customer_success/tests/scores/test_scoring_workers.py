from contextlib import closing, suppress
from unittest.mock import patch

from psycopg2 import OperationalError, errors

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from ...models.customer.res_partner_erasure import ERASE
from ...scoring import engine

CUSTOMERS = 6


@tagged("at_install", "-post_install")
class TestScoringWorkers(BaseCase):
    """The scoring by several workers while people work, with real commits that are cleaned up afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with closing(self.registry.cursor()) as cr:
            env = self._env(cr)
            cr.execute("DELETE FROM customer_success_score_batch WHERE done_at IS NULL")
            stage = env["customer.success.stage"].search([], limit=1)
            self.ids = (
                env["res.partner"]
                .create(
                    [
                        {"name": f"Worked on {n}", "success_stage_id": stage.id}
                        for n in range(CUSTOMERS)
                    ]
                )
                .ids
            )
            env["customer.success.renewal"].create(
                [
                    {"partner_id": partner_id, "date_renewal": "2040-01-01", "annual_value": 100}
                    for partner_id in self.ids
                ]
            )
            cr.execute("DELETE FROM customer_success_score_request")
            env["customer.success.score"]._score(self.ids)
            cr.execute(
                "UPDATE customer_success_score"
                " SET fingerprint = NULL, health = NULL, renewal_risk = NULL, confidence = NULL"
                " WHERE partner_id = ANY(%s)",
                [self.ids],
            )
            cr.execute(
                "DELETE FROM customer_success_score_history WHERE partner_id = ANY(%s)", [self.ids]
            )
            cr.execute(
                "INSERT INTO customer_success_score_batch (first_id, last_id)"
                " SELECT id, id FROM unnest(%s) id ORDER BY id",
                [self.ids],
            )
            cr.commit()  # pylint: disable=invalid-commit
        self.addCleanup(self._clean_up)

    @staticmethod
    def _env(cr):
        return api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})

    def _clean_up(self):
        with closing(self.registry.cursor()) as cr:
            cr.execute(
                "DELETE FROM customer_success_score_batch WHERE first_id = ANY(%s)", [self.ids]
            )
            cr.execute("DELETE FROM customer_success_score_request")
            self._env(cr)["res.partner"].browse(self.ids).with_context(**{ERASE: True}).unlink()
            cr.commit()  # pylint: disable=invalid-commit

    def _work(self, cr, batches=1):
        """Score a number of batches without a commit; return the ids of their customers."""
        env = self._env(cr)
        queue = env["customer.success.score.batch"]
        done = []
        for _n in range(batches):
            claim, partner_ids = queue._claim(engine.BATCH_SIZE)
            queue._done(claim, env["customer.success.score"]._score(partner_ids, True))
            done += partner_ids
        env.cr.flush()
        return done

    def _one(self, query, *params):
        with closing(self.registry.cursor()) as cr:
            cr.execute(query, params)
            return cr.fetchone()[0]

    def _written(self):
        return self._one(
            "SELECT sum(written) FROM customer_success_score_batch WHERE first_id = ANY(%s)",
            self.ids,
        )

    def test_workers_share_a_night_and_nobody_is_scored_twice(self):
        with (
            closing(self.registry.cursor()) as one,
            closing(self.registry.cursor()) as other,
        ):
            first, second = self._work(one, 2), self._work(other, 2)
            self.assertFalse(set(first) & set(second))
            one.commit()
            other.commit()
            third = self._work(one, 2)
            one.commit()
        self.assertEqual(sorted(first + second + third), self.ids)
        self.assertEqual(self._written(), CUSTOMERS)
        self.assertEqual(
            self._one(
                "SELECT count(*) FROM customer_success_score_history WHERE partner_id = ANY(%s)",
                self.ids,
            ),
            CUSTOMERS,
        )

    def test_a_worker_that_is_lost_leaves_its_batch_to_the_next(self):
        lost = self.registry.cursor()
        with closing(self.registry.cursor()) as other:
            batch = self._work(lost)
            other.execute("SELECT pg_terminate_backend(%s)", [lost._cnx.get_backend_pid()])
            with suppress(OperationalError):
                lost.close()
            self.assertEqual(
                self._one(
                    "SELECT count(*) FROM customer_success_score_batch WHERE done_at IS NULL"
                ),
                CUSTOMERS,
            )
            self.assertEqual(
                self._one(
                    "SELECT count(*) FROM customer_success_score"
                    " WHERE partner_id = ANY(%s) AND fingerprint IS NOT NULL",
                    self.ids,
                ),
                0,
            )
            self.assertEqual(self._work(other), batch)
            other.commit()

    def test_people_edit_customers_and_renewals_while_they_are_scored(self):
        with (
            closing(self.registry.cursor()) as job,
            closing(self.registry.cursor()) as person,
        ):
            self._work(job, CUSTOMERS)
            person.execute("SET LOCAL lock_timeout TO '1s'")
            customers = self._env(person)["res.partner"].browse(self.ids)
            customers.comment = "Called"
            customers.success_renewal_ids.annual_value = 200
            person.commit()
            job.commit()
        self.assertEqual(self._written(), CUSTOMERS)

    def test_what_goes_wrong_in_the_background_is_what_is_raised(self):
        def lose(*args):
            raise errors.SerializationFailure("of the test")

        with (
            closing(self.registry.cursor()) as cr,
            patch.object(engine, "PART_SIZE", 2),
            patch.object(engine, "store", lose),
            self.assertRaises(errors.SerializationFailure),
        ):
            self._env(cr)["customer.success.score"]._score(self.ids)

    def test_parts_add_up_to_the_batch(self):
        with (
            closing(self.registry.cursor()) as cr,
            patch.object(engine, "PART_SIZE", 4),
        ):
            scores = self._env(cr)["customer.success.score"]
            self.assertEqual(scores._score(self.ids, contiguous=True), CUSTOMERS)
            self.assertEqual(scores._score(self.ids, contiguous=True), 0)
            self.assertEqual(scores._score([]), 0)
