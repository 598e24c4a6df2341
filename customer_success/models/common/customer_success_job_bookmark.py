from datetime import timedelta

from odoo import api, fields, models

# A job that was interrupted longer ago begins with the first record again: another night has come since.
STALE_HOURS = 20


class CustomerSuccessJobBookmark(models.Model):
    """The place where a job that was interrupted goes on: the last record that it worked on.

    Kept in a table of its own, as a system parameter clears the caches of every worker whenever it is written.
    """

    _name = "customer.success.job.bookmark"
    _description = "Place of an Interrupted Job"
    _log_access = False

    name = fields.Char(required=True)
    last_id = fields.Integer(required=True)
    moved_at = fields.Datetime(required=True)

    _name_uniq = models.UniqueIndex("(name)", "A job has one bookmark.")

    @api.model
    def _place(self, name):
        """Return the id behind which the job goes on, 0 where it begins with the first record."""
        fresh = fields.Datetime.now() - timedelta(hours=STALE_HOURS)
        bookmark = self.search([("name", "=", name), ("moved_at", ">", fresh)])
        return bookmark.last_id

    @api.model
    def _move(self, name, last_id):
        """Note the last record that was worked on, in the transaction of the work."""
        vals = {"last_id": last_id, "moved_at": fields.Datetime.now()}
        bookmark = self.search([("name", "=", name)])
        if bookmark:
            bookmark.write(vals)
        else:
            self.create({"name": name, **vals})

    @api.model
    def _clear(self, name):
        """Take the bookmark out: the job is through."""
        self.search([("name", "=", name)]).unlink()
