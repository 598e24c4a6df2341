from odoo import api, fields, models
from odoo.tools import SQL

# In the order of the columns of the list.
UNUSED = ("late", "impossible", "anonymous", "nameless", "unread", "limited")
NUMBERS = ("taken", "repeated", *UNUSED)
KEPT_DAYS = 400


class CustomerSuccessEventCount(models.Model):
    """The number of events that came in with a key on a day, and of those that do not count, by reason.

    Each request adds a row, so that no two of them wait for each other; the job adds those of a day up.
    """

    _name = "customer.success.event.count"
    _description = "Count of Events Received"
    _order = "date desc, id desc"
    _log_access = False
    _rec_name = "date"

    source_id = fields.Many2one(
        "customer.success.event.source", required=True, readonly=True, ondelete="cascade"
    )
    key_id = fields.Many2one(
        "customer.success.event.key",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        context={"active_test": False},
    )
    date = fields.Date("Received On", required=True, readonly=True)
    taken = fields.Integer("Events", readonly=True)
    repeated = fields.Integer(
        "Sent Again", readonly=True, help="Events with a messageId that was there already."
    )
    late = fields.Integer(
        "Too Late", readonly=True, help="Events of days that are not kept any more."
    )
    impossible = fields.Integer(
        "Impossible Time",
        readonly=True,
        help="Events without a readable time, before 1970 or in the future.",
    )
    anonymous = fields.Integer(
        "Without a User",
        readonly=True,
        help="Events without a userId: nobody can say how many people they are.",
    )
    nameless = fields.Integer(
        "Without a Name",
        readonly=True,
        help="Events without a name, or with one of more than 200 characters.",
    )
    unread = fields.Integer(
        "Of Another Kind",
        readonly=True,
        help="Calls that are none of track, page, screen, identify and group.",
    )
    limited = fields.Integer(
        "Over the Limit",
        readonly=True,
        help="Events that were sent back, because there were too many in a minute.",
    )

    _day_idx = models.Index("(source_id, date)")

    @api.model
    def _unused(self):
        return UNUSED

    @api.model
    def _add(self, plan, counts):
        """Add the counts of one request."""
        given = [name for name in NUMBERS if counts.get(name)]
        if given:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO customer_success_event_count (source_id, key_id, date, %s)"
                    " VALUES (%s, %s, %s, %s)",
                    SQL(", ").join(map(SQL.identifier, given)),
                    plan.source_id,
                    plan.key_id,
                    fields.Date.today(),
                    SQL(", ").join(SQL("%s", counts[name]) for name in given),
                )
            )

    @api.model
    def _fold(self):
        """Add up the rows of a day, and forget those of days long ago."""
        names = SQL(", ").join(map(SQL.identifier, NUMBERS))
        sums = SQL(", ").join(SQL("sum(%s)", SQL.identifier(name)) for name in NUMBERS)
        self.env.cr.execute(
            SQL(
                """
                WITH folded AS (
                    DELETE FROM customer_success_event_count
                     WHERE (key_id, date) IN (SELECT key_id, date FROM customer_success_event_count
                                            GROUP BY 1, 2 HAVING count(*) > 1)
                    RETURNING source_id, key_id, date, %(names)s)
                INSERT INTO customer_success_event_count (source_id, key_id, date, %(names)s)
                SELECT source_id, key_id, date, %(sums)s FROM folded GROUP BY 1, 2, 3
                """,
                names=names,
                sums=sums,
            )
        )
        old = fields.Date.subtract(fields.Date.today(), days=KEPT_DAYS)
        self.env.cr.execute(SQL("DELETE FROM customer_success_event_count WHERE date < %s", old))
        self.invalidate_model()
