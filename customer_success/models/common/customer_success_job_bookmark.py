from datetime import timedelta

from odoo import api, fields, models

# A job that was interrupted longer ago starts again with the first record, because another night has begun.
STALE_HOURS = 20


class CustomerSuccessJobBookmark(models.Model):
    """The last record that an interrupted job has processed; the job continues after it.

    Bookmarks have a table of their own, because each write of a system parameter clears the caches of every worker.
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
        """Return the id after which the job continues; 0 if it starts with the first record."""
        fresh = fields.Datetime.now() - timedelta(hours=STALE_HOURS)
        bookmark = self.search([("name", "=", name), ("moved_at", ">", fresh)])
        return bookmark.last_id

    @api.model
    def _move(self, name, last_id):
        """Store the id of the last processed record, in the transaction of the work."""
        vals = {"last_id": last_id, "moved_at": fields.Datetime.now()}
        bookmark = self.search([("name", "=", name)])
        if bookmark:
            bookmark.write(vals)
        else:
            self.create({"name": name, **vals})

    @api.model
    def _clear(self, name):
        """Delete the bookmark when the job is finished."""
        self.search([("name", "=", name)]).unlink()
