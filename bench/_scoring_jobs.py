"""Nights run by separate processes: several at once, beside people, and killed. This module is not a bench itself."""

import random
import subprocess
import sys
from pathlib import Path
from time import perf_counter, sleep
from unittest.mock import patch

import _book
from _vacuum import vacuum
from psycopg2.errors import DeadlockDetected, SerializationFailure

from odoo.api import Environment
from odoo.tools import config

KILLS = 6
# Small, so that there are many batches to kill; large enough for a batch to have several parts.
KILLED_BATCH = 2000
EDIT_EVERY = 0.02  # seconds


class Worker:
    """A process that has loaded Odoo and waits for the signal to start."""

    def __init__(self, env):
        program = Path(__file__).with_name("_scoring_worker.py")
        addons_path = ",".join(config["addons_path"])
        self.process = subprocess.Popen(
            [sys.executable, str(program), env.cr.dbname, addons_path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._expect("ready")

    def _expect(self, word):
        said = self.process.stdout.readline().strip()
        if said != word:
            raise RuntimeError(f"a worker said {said!r} instead of {word!r}")

    def go(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def finish(self):
        self._expect("done")
        self.process.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()


def plan(env):
    """Reset all customers to never scored and plan the batches of a night."""
    _book.never_scored(env)
    env["customer.success.score.batch"]._plan()
    vacuum(env, _book.TABLES)


def workers(env, number):
    """Return the seconds that a night takes if ``number`` processes share it."""
    plan(env)
    processes = [Worker(env) for _n in range(number)]
    start = perf_counter()
    for worker in processes:
        worker.go()
    for worker in processes:
        worker.finish()
    return perf_counter() - start


def edits(env):
    """Edit customers and renewals while a night scores all customers anew, as it does after new rules.

    Return the number of edits, the longest edit in seconds, the number of retries, and the mean time of
    a batch in seconds.
    """
    env.cr.execute("UPDATE customer_success_score SET fingerprint = NULL")
    env.cr.execute("DELETE FROM customer_success_score_batch")
    env["customer.success.score.batch"]._plan()
    vacuum(env, _book.TABLES)
    ids = env["customer.success.renewal"].search([("outcome", "=", "pending")]).ids
    worker = Worker(env)
    longest, number, again = 0.0, 0, 0
    chance = random.Random(1)
    night = perf_counter()
    worker.go()
    while worker.process.poll() is None:
        renewal_id = chance.choice(ids)
        start = perf_counter()
        while not _edit(env, renewal_id, number):
            again += 1
        longest = max(longest, perf_counter() - start)
        number += 1
        sleep(EDIT_EVERY)
    night = perf_counter() - night
    worker.finish()
    env.cr.execute("SELECT count(*) FROM customer_success_score_batch")
    return number, longest, again, night / env.cr.fetchone()[0]


def _edit(env, renewal_id, number):
    """Run one request of a person in its own transaction; return ``False`` if it must be tried again."""
    with env.registry.cursor() as cr:
        renewal = Environment(cr, env.uid, {"tracking_disable": True})[
            "customer.success.renewal"
        ].browse(renewal_id)
        try:
            renewal.annual_value = 1000 + number
            renewal.partner_id.comment = f"Called, for the {number}. time"
            cr.commit()
        except (SerializationFailure, DeadlockDetected):
            cr.rollback()
            return False
    return True


def kill(env):
    """Kill the night several times, then let it finish.

    Return the number of batches done after each kill, and a list of the differences from an undisturbed
    night, which should be empty.
    """
    seconds = workers(env, 1)
    alone = _state(env)
    with patch(
        "odoo.addons.customer_success.models.scores.customer_success_score_batch.BATCH_SIZE",
        KILLED_BATCH,
    ):
        plan(env)
    chance, done = random.Random(), []
    for _n in range(KILLS):
        worker = Worker(env)
        worker.go()
        sleep(chance.uniform(0, 2 * seconds / KILLS))
        worker.kill()
        done.append(_state(env)["batches done"])
    worker = Worker(env)
    worker.go()
    worker.finish()
    killed = _state(env)
    del alone["batches done"], killed["batches done"]
    return done, [
        f"{name}: {killed[name]} instead of {value}"
        for name, value in alone.items()
        if killed[name] != value
    ]


def _state(env):
    """Return the result of a night as one row of figures."""
    env.cr.commit()
    env.cr.execute(STATE)
    return dict(zip((column.name for column in env.cr.description), env.cr.fetchone()))


# A customer that was scored twice in one night would be missing from "customers written", because the
# second time nothing has changed.
STATE = """
SELECT (SELECT count(*) FROM customer_success_score_batch WHERE done_at IS NOT NULL) AS "batches done",
       (SELECT count(*) FROM customer_success_score_batch WHERE done_at IS NULL) AS "batches open",
       (SELECT sum(written) FROM customer_success_score_batch) AS "customers written",
       (SELECT count(*) FROM customer_success_score WHERE fingerprint IS NOT NULL) AS "customers scored",
       (SELECT md5(string_agg(concat(partner_id, fingerprint, health, renewal_risk, breakdown), ','
                              ORDER BY partner_id))
          FROM customer_success_score) AS "scores",
       (SELECT md5(string_agg(concat(renewal_id, churn_risk, value_at_risk, breakdown), ','
                              ORDER BY renewal_id))
          FROM customer_success_renewal_score) AS "scores of renewals",
       (SELECT count(*) FROM customer_success_renewal renewal
          JOIN customer_success_renewal_score score
            ON score.id = renewal.score_id AND score.renewal_id = renewal.id) AS "renewals linked",
       (SELECT count(*) FROM customer_success_score_history) AS "rows of history",
       (SELECT count(DISTINCT (partner_id, date)) FROM customer_success_score_history) AS "days of history",
       (SELECT count(*) FROM pg_class WHERE relname LIKE 'fresh%%score') AS "tables left over"
"""
