from datetime import datetime, time, timedelta
from secrets import token_hex

from odoo import api, fields, models

from ...ingestion.events import rollup, table
from ...ingestion.events.reading import Reader, Unused, moment

# The days after those of the events for which their sums are kept, so that a month is counted whole until its last event may come.
SUMS_DAYS = 31
SALT = "customer_success.event_salt"
# The parts that are made ahead, so that requests need not make them.
DAYS_AHEAD = 3
# The clock of a sender may be a day ahead, as somewhere the next day has begun.
TOLERANCE = timedelta(days=1)


class CustomerSuccessEvent(models.AbstractModel):
    """The events of products, in a table of the database that is divided by day and has no records.

    Users are kept as digests only: they are counted, and nobody can read who they are.
    """

    _name = "customer.success.event"
    _description = "Event of a Product"

    def init(self):
        """Make the table. Records would need ids, and rules that are checked one by one."""
        result = super().init()
        self.env.cr.execute(table.CREATE)
        self.env.cr.execute(rollup.CREATE)
        parameters = self.env["ir.config_parameter"].sudo()
        if not parameters.get_param(SALT):
            parameters.set_param(SALT, token_hex(16))
        return result

    @api.model
    def _salt(self):
        return self.env["ir.config_parameter"].sudo().get_param(SALT, "").encode()

    @api.model
    def _first_day(self):
        """Return the first day of which events are kept."""
        kept = int(self.env["customer.success.settings"]._limit("event_days"))
        return fields.Date.subtract(fields.Date.today(), days=kept)

    @api.model
    def _first_sum(self):
        """Return the first day of which the sums of events are kept."""
        return fields.Date.subtract(self._first_day(), days=SUMS_DAYS)

    @api.model
    def _take(self, plan, calls, body, limited=0):
        """Take the calls of one request for a source; return how many are new, and write the counts.

        ``calls`` are ``[(kind, call)]``; ``plan`` is what ``customer.success.event.key._plan`` returned. ``limited`` were sent back before,
        because they were too many.
        """
        received = fields.Datetime.now()
        reader = Reader(
            self._salt(),
            received,
            datetime.combine(self._first_day(), time()),
            received + TOLERANCE,
            moment(body.get("sentAt")),
            plan.licensed_trait,
            plan.dates,
        )
        counts, events = {}, {}
        for kind, call in calls:
            try:
                event = reader.event_of(kind, call)
            except Unused as unused:
                reason = unused.args[0]
                counts[reason] = counts.get(reason, 0) + 1
                continue
            # The first one counts of those with the same number.
            events.setdefault(event.message, event)
        new = table.write(self.env, plan.source_id, events)
        counts["taken"] = new
        counts["repeated"] = len(calls) - sum(counts.values())
        counts["limited"] = limited
        self.env["customer.success.event.count"]._add(plan, counts)
        return new

    @api.model
    def _tend(self):
        """Make the parts of the days ahead, and drop those of the days that are over."""
        today = fields.Date.today()
        table.make_parts(
            self.env, [today + timedelta(days=ahead) for ahead in range(-1, DAYS_AHEAD + 1)]
        )
        self.env.cr.execute(rollup.FORGET_DAYS, [self._first_sum()])
        self.env.cr.execute(rollup.FORGET_PERSONS, {"before": self._first_sum()})
        return table.drop_parts(self.env, self._first_day())
