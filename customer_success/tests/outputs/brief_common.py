from lxml import html

from ..common import SuccessCase, days

HOSTILE = '<script>alert("1")</script>&\'"'


class BriefCase(SuccessCase):
    """A customer with shared and private facts of each kind, and briefs read as text."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Acme", success_go_live_date=days(400))
        cls.contact = cls._contact(cls.customer, "Ada Shah")

    @classmethod
    def _objective(cls, name, **vals):
        return cls.env["customer.success.objective"].create(
            {"partner_id": cls.customer.id, "name": name, **vals}
        )

    @classmethod
    def _confirmed(cls, name, **vals):
        return cls._objective(
            name,
            **{
                "state": "confirmed",
                "confirmed_by_id": cls.contact.id,
                "confirmed_date": days(30),
                "evidence": "Their word",
                **vals,
            },
        )

    @classmethod
    def _change(cls, name, **vals):
        return cls.env["customer.success.change"].create(
            {"partner_id": cls.customer.id, "name": name, **vals}
        )

    @classmethod
    def _talk(cls, kind, hours, when=20, **vals):
        return cls.env["customer.success.interaction"].create(
            {
                "partner_id": cls.customer.id,
                "kind": kind,
                "duration": hours,
                "summary": "They decided who owns the sheet",
                "date": days(when),
                "state": "held",
                "user_id": cls.csm.id,
                **vals,
            }
        )

    def _html(self, report, record, user=None, **context):
        """Return the HTML of a report as a user gets it, before it becomes a PDF."""
        reports = self.env["ir.actions.report"].with_user(user or self.csm)
        if context:
            reports = reports.with_context(**context)
        content, kind = reports._render_qweb_html(f"customer_success.{report}", record.ids)
        self.assertEqual(kind, "html")
        return content.decode()

    def _text(self, report, record, user=None, **context):
        """Return the words of a report's page, with one space between them."""
        page = html.fromstring(self._html(report, record, user, **context))
        found = page.xpath("//div[contains(@class, 'o_success_brief')]")
        self.assertEqual(len(found), len(record))
        return " ".join(" ".join(found[0].itertext()).split())
