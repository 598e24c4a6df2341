from odoo import api, fields, models
from odoo.tools import SQL

from ...ingestion.events.meter import Meter
from ...ingestion.events.reading import text

SHOWN = 8  # characters of an unknown key
KEPT_DAYS = 30
# What a flood of unknown keys may write in a minute, and how many of them stay.
ROWS_A_MINUTE = 600
MOST_KEPT = 5_000

METER = Meter()


class CustomerSuccessEventRefusal(models.Model):
    """Events that came with a key that is not known, so that a wrong key is found within a minute.

    The sender is not told, as it would learn which keys exist. Only the first characters of a key are kept: it may be a secret of
    something else.
    """

    _name = "customer.success.event.refusal"
    _description = "Events with an Unknown Key"
    _order = "date desc, id desc"
    _log_access = False
    _rec_name = "key_start"

    date = fields.Datetime("Last Seen", required=True, readonly=True)
    key_start = fields.Char(
        "Key Begins With",
        readonly=True,
        help="The first characters of the key; empty if there was none.",
    )
    address = fields.Char(readonly=True, help="The network address from which the events came.")
    number = fields.Integer("Events", required=True, readonly=True)

    @api.model
    def _note(self, key, address, number):
        """Note events of an unknown key; in a flood, those that are not noted are counted with the next ones."""
        database = self.env.cr.dbname
        if METER.wait(database, 1, ROWS_A_MINUTE):
            return
        self.env.cr.execute(
            SQL(
                "INSERT INTO customer_success_event_refusal (date, key_start, address, number)"
                " VALUES (%s, %s, %s, %s)",
                fields.Datetime.now(),
                text(key[:SHOWN]),
                address,
                number + METER.refused(database),
            )
        )

    @api.model
    def _fold(self):
        """Add up what came with the same key from the same address on a day, and forget the oldest."""
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                WITH folded AS (
                    DELETE FROM customer_success_event_refusal RETURNING date, key_start, address, number)
                INSERT INTO customer_success_event_refusal (date, key_start, address, number)
                SELECT max(date), key_start, address, LEAST(sum(number), 2147483647)
                  FROM folded
                 WHERE date >= %s
              GROUP BY date::date, key_start, address
              ORDER BY max(date) DESC
                 LIMIT %s
                """,
                fields.Datetime.subtract(now, days=KEPT_DAYS),
                MOST_KEPT,
            )
        )
        self.invalidate_model()
