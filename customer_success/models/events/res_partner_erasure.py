from odoo import models
from odoo.tools import SQL

from ...ingestion.events.reading import digest


class ResPartner(models.Model):
    """The erasure of the events of a person, and of a customer."""

    _inherit = "res.partner"

    def unlink(self):
        """Delete the events of contacts who have no history, and so are deleted without a question."""
        self._success_forget_events()
        return super().unlink()

    def _success_let_go(self):
        """Delete the events of these contacts, and of the companies that are these customers."""
        result = super()._success_let_go()
        self._success_forget_events()
        return result

    def _success_forget_events(self):
        """Delete the events of these people: of the ids and addresses by which a product may know them."""
        if (
            not self.env["customer.success.event.source"]
            .sudo()
            .with_context(active_test=False)
            .search_count([], limit=1)
        ):
            return
        salt = self.env["customer.success.event"]._salt()
        known = {
            text
            for contact in self
            for name in (contact.email, contact.email_normalized, contact.ref, str(contact.id))
            if name
            for text in (name, name.lower())
        }
        digests = [digest(salt, name) for name in sorted(known)]
        groups = (
            self.env["customer.success.event.group"].sudo().search([("partner_id", "in", self.ids)])
        )
        cr = self.env.cr
        cr.execute(
            SQL(
                """
                CREATE TEMP TABLE events_erased ON COMMIT DROP AS
                SELECT source_id, person FROM customer_success_event_person WHERE person = ANY(%(digests)s::uuid[])
                 UNION
                SELECT source_id, person FROM customer_success_event_person WHERE mail = ANY(%(digests)s::uuid[])
                 UNION
                SELECT p.source_id, p.person
                  FROM customer_success_event_person p
                  JOIN customer_success_event_group g
                    ON g.source_id = p.source_id AND g.key = COALESCE(p.key, '@' || p.domain)
                 WHERE g.id = ANY(%(groups)s)
                 UNION
                SELECT id, unnest(%(digests)s::uuid[]) FROM customer_success_event_source
                """,
                digests=digests,
                groups=groups.ids,
            )
        )
        for table in (
            "customer_success_event",
            "customer_success_event_day",
            "customer_success_event_person",
        ):
            cr.execute(
                SQL(
                    "DELETE FROM %s t USING events_erased e WHERE t.source_id = e.source_id AND t.person = e.person",
                    SQL.identifier(table),
                )
            )
        cr.execute("DROP TABLE events_erased")
        for source, theirs in groups.grouped("source_id").items():
            theirs._forget(source, theirs.mapped("key"))
        groups.unlink()
