from functools import partial

import psycopg2
from psycopg2 import errors

from odoo import api, models
from odoo.exceptions import UserError

# Another transaction won: nothing is wrong with the records, the same work succeeds a moment later.
RACES = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
RACE_TRIES = 5
# What one record may cause. A statement that takes too long is among them: half a batch takes half as long.
BAD = (
    UserError,
    ValueError,
    psycopg2.DataError,
    psycopg2.IntegrityError,
    psycopg2.InternalError,
    errors.QueryCanceled,
)


class CustomerSuccessJob(models.AbstractModel):
    """The way in which scheduled actions work off many records: in batches, each of them committed.

    A job that is killed repeats at most the batch it was in. A record that cannot be worked on costs no other
    record its turn, and a race that is lost is run again.
    """

    _name = "customer.success.job"
    _description = "Job That Works Off Many Records"

    @api.model
    def _walk(self, items, work, failed, size, bookmark=None):
        """Work on ``items`` in batches of ``size``, in order; return whether there was time for all of them.

        ``items`` are ids or whatever else can be cut into slices. ``work`` is called with a batch, ``failed`` with
        a single item and its error. With a ``bookmark`` (a name of the job's own) the items are ids in rising
        order, and a walk that was interrupted goes on behind the last batch that was committed.
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
        """Return what ``step`` returns. Where it loses a race, roll back and call it again, five times at most.

        Call it where the transaction holds nothing but this step.
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
        """Call ``work`` with ``items`` in a savepoint: all of them at once, if that is possible.

        Find what breaks it by halving, and call ``failed`` with each single item and its error. What is no
        fault of a record, as a lost race, is raised.
        """
        # What was written before is not to be blamed on these items.
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
