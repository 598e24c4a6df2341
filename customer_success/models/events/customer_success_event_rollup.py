from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from ...ingestion.events import rollup
from ...ingestion.naming import RecordNames

# A request is written within these minutes after it began, so the events of the last ones may not have been seen.
OVERLAP = timedelta(minutes=10)
# The companies of a source that wait for a match; with more, the product names users or sessions and no companies.
MOST_WAITING = 10_000
FIGURES = (
    "licensed_users",
    "active_users",
    "as_intended",
    "timely",
    "frequency",
    "in_place",
    "accuracy",
)


class CustomerSuccessEventSource(models.Model):
    """The roll-up of events to the use of customers, in sets: only days and customers of whom something is new."""

    _inherit = "customer.success.event.source"

    rolled_at = fields.Datetime("Last Counted", readonly=True, copy=False)
    is_recount = fields.Boolean(readonly=True, copy=False)

    @api.model
    def _roll_up(self):
        """Count what came in; a scheduled action calls it every fifteen minutes.

        Each source is one transaction, so a job that is killed has counted it or not.
        """
        result = super()._roll_up()
        commit = self.env["ir.cron"]._commit_progress
        sources = self.with_context(active_test=False).search(fields.Domain.TRUE, order="id")
        commit(remaining=len(sources))
        for source in sources:
            self.env["customer.success.job"]._try_again(partial(source._roll_up_one))
            if not commit(1):
                break
        return result

    def _recount(self):
        """Count all kept days of these sources again with the next roll-up, as their rules changed."""
        if self:
            self.sudo().write({"is_recount": True})
            self.env.registry.clear_cache()
            self.env["customer.success.event.group"]._wake()

    def _roll_up_one(self):
        """Count what came in from one source, and deliver the use of those customers of whom something changed."""
        self.ensure_one()
        # Another one counts it. Requests that refer to the source go on.
        if not self.try_lock_for_update(allow_referencing=True):
            return
        self.env.flush_all()
        cr = self.env.cr
        cr.execute("SELECT now() AT TIME ZONE 'UTC'")
        now = cr.fetchone()[0].replace(microsecond=0)
        all_again = self.is_recount or not self.rolled_at
        groups = self.env["customer.success.event.group"]
        parameters = {
            "source": self.id,
            "since": "-infinity" if all_again else self.rolled_at - OVERLAP,
            "all_core": not {"core", "intended"} & set(self.rule_ids.mapped("meaning")),
            "most": MOST_WAITING,
            "period": self.period,
            "all": all_again,
            "earliest": self.env["customer.success.event"]._first_sum(),
        }
        cr.execute(rollup.NEW, parameters)
        cr.execute(rollup.MOVED, parameters)
        cr.execute(rollup.NEW_DAYS)
        first, last = cr.fetchone()
        cr.execute(rollup.DAYS, {**parameters, "first": first, "last": last})
        cr.execute(rollup.CHANGED, parameters)
        cr.execute(rollup.GROUPS, parameters)
        cr.execute(rollup.LICENCES, parameters)
        cr.execute(rollup.COUNT_GROUPS, parameters)
        groups.invalidate_model()
        groups._match_waiting(self)
        self.env.flush_all()
        cr.execute(rollup.PERIODS, parameters)
        self._deliver()
        cr.execute(rollup.COUNTED, parameters)
        cr.execute(rollup.CLEAR)
        groups.invalidate_model()
        self.write({"rolled_at": now, "is_recount": False})

    def _deliver(self):
        """Deliver the figures of the periods that are to be counted, as a product that sums them up itself would."""
        alike = (
            self.search(
                [
                    ("product_id", "=", self.product_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("period", "=", self.period),
                ]
            )
            | self
        )
        meanings = set(alike.rule_ids.mapped("meaning"))
        self.env.cr.execute(
            rollup.FIGURES,
            {
                "sources": alike.ids,
                "product": self.product_id.id,
                "period": self.period,
                "today": fields.Date.today(),
                "knows_intended": "intended" in meanings,
                "knows_dates": any(alike.rule_ids.mapped("date_property")),
                "knows_beside": "beside" in meanings,
                "knows_failed": "failed" in meanings,
                "days_a_week": self.intended_days,
            },
        )
        rows = [self._row(*found) for found in self.env.cr.fetchall()]
        if not rows:
            return
        env = self.with_context(allowed_company_ids=self.company_id.ids).env
        delivery = env["customer.success.usage.delivery"].create(
            {"origin": "events", "event_source_id": self.id, "company_id": self.company_id.id}
        )
        env["customer.success.usage"]._ingest(rows, delivery, RecordNames(env))

    def _row(self, partner_id, start, licensed, *found):
        """Return a row of a delivery; unknown licences stay as they are, and nothing is known of whom no event is left."""
        *figures, seen = found
        row = {
            "customer_external_id": str(partner_id),
            "product_external_id": str(self.product_id.id),
            "date": start.isoformat(),
            "period": self.period,
        }
        if self.period == "week":
            row["week_start"] = "monday"
        if licensed is not None:
            row["licensed_users"] = int(licensed)
        for name, figure in zip(FIGURES[1:], figures, strict=True):
            known = figure is not None and seen
            row[name] = (
                (int(figure) if name == "active_users" else float(figure)) if known else None
            )
        return row

    def unlink(self):
        """Delete what was counted of these sources with them; the use of customers stays."""
        ids = self.ids
        result = super().unlink()
        for table in ("customer_success_event_day", "customer_success_event_person"):
            self.env.cr.execute(
                SQL("DELETE FROM %s WHERE source_id = ANY(%s)", SQL.identifier(table), ids)
            )
        return result
