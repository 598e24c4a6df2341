from functools import partial

import psycopg2
from psycopg2 import errors

from odoo import api, models
from odoo.exceptions import UserError

# Errors of a lost race: another transaction was first. The records are fine, and a second try succeeds.
RACES = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
RACE_TRIES = 5
# Errors that one record may cause. A statement that takes too long is one of them: half a batch takes half the time.
BAD = (
    UserError,
    ValueError,
    psycopg2.DataError,
    psycopg2.IntegrityError,
    psycopg2.InternalError,
    errors.QueryCanceled,
)


class CustomerSuccessJob(models.AbstractModel):
    """The methods with which scheduled actions process many records, in batches that are committed one by one.

    A job that is killed repeats at most its current batch. A record that cannot be processed does not stop the
    others, and work that lost a race is done again.
    """

    _name = "customer.success.job"
    _description = "Job on Many Records"

    @api.model
    def _walk(self, items, work, failed, size, bookmark=None):
        """Process ``items`` in batches of ``size``, in order; return whether there was time for all of them.

        ``items`` is a list of ids, or any other sequence that can be sliced. ``work`` is called with a batch, ``failed``
        with a single item and its error. With a ``bookmark``, a name that only this job uses, the items are ids in
        ascending order, and an interrupted walk continues after the last batch that was committed.
        """
        commit = self.env["ir.cron"]._commit_progress
        bookmarks = self.env["customer.success.job.bookmark"].sudo()
        if bookmark:
            place = bookmarks._place(bookmark)
            items = [item for item in items if item > place]
        commit(remaining=len(items))
        for start in range(0, len(items), size):
            batch = items[start : start + size]
            is_last = start + size >= len(items)
            self._try_again(partial(self._walk_batch, batch, work, failed, bookmark, is_last))
            if not commit(len(batch)) and not is_last:
                return False
        if bookmark and not items:
            bookmarks._clear(bookmark)
        return True

    @api.model
    def _walk_batch(self, batch, work, failed, bookmark, is_last):
        self._halve(batch, work, failed)
        if bookmark:
            bookmarks = self.env["customer.success.job.bookmark"].sudo()
            if is_last:
                bookmarks._clear(bookmark)
            else:
                bookmarks._move(bookmark, batch[-1])

    @api.model
    def _try_again(self, step):
        """Call ``step`` and return its result; after a lost race roll back and call it again, at most five times.

        The transaction must contain nothing but this step.
        """
        for number in range(1, RACE_TRIES + 1):
            try:
                result = step()
                self.env.cr.flush()
                return result
            except RACES:
                self.env.cr.rollback()
                if number == RACE_TRIES:
                    raise
        return None

    @api.model
    def _halve(self, items, work, failed):
        """Call ``work`` with ``items`` in a savepoint, with all of them at once if possible.

        Find the items that break it by halving, and call ``failed`` with each of them and its error. Raise
        errors that no record causes, such as a lost race.
        """
        if not items:
            return
        # Write earlier changes now, so that their errors are not attributed to these items.
        self.env.cr.flush()
        try:
            with self.env.cr.savepoint():
                work(items)
        except BAD as error:
            self.env.invalidate_all(flush=False)
            if len(items) == 1:
                failed(items[0], error)
                return
            half = len(items) // 2
            self._halve(items[:half], work, failed)
            self._halve(items[half:], work, failed)
