import re

from lxml import html

from odoo.tests import HttpCase, new_test_user

from ..common import SuccessCase

SCRIPT = "<script>alert(1)</script>"
SHOWN = (
    "name",
    "number",
    "access_token",
    "unit",
    "metric",
    "our_contribution",
    "customer_contribution",
)


class PortalCase(HttpCase, SuccessCase):
    """Two customers with logins; one record of each kind is shared with the first customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.acme = cls._customer("Acme", company_id=cls.company.id)
        cls.rival = cls._customer("Rival", company_id=cls.company.id)
        cls.owner = cls._login(cls.acme, "Ada", "test_owner")
        cls.colleague = cls._login(cls.acme, "Bob", "test_colleague")
        cls.stranger = cls._login(cls.rival, "Eve", "test_stranger")
        cls.barrier = cls._barrier(cls.acme, is_shared=True)
        cls.objective = cls.env["customer.success.objective"].create(
            {
                "name": "Orders on the day",
                "partner_id": cls.acme.id,
                "metric": "Orders entered on the day",
                "unit": "%",
                "baseline": 10,
                "target": 90,
                "is_shared": True,
            }
        )
        cls.change = cls.env["customer.success.change"].create(
            {
                "name": "Twelve new people",
                "partner_id": cls.acme.id,
                "people_affected": 12,
                "is_shared": True,
            }
        )
        cls.kept = cls._barrier(cls.acme, name="Kept to ourselves")
        cls.others = cls._barrier(cls.rival, name="Of the rival", is_shared=True)
        cls.records = cls.barrier, cls.objective, cls.change

    @classmethod
    def _login(cls, customer, name, login):
        contact = cls._contact(customer, name)
        contact.email = f"{login}@example.com"
        return new_test_user(cls.env, login, "base.group_portal", name=name, partner_id=contact.id)

    def _as(self, user):
        self.authenticate(user and user.login, user and user.login)

    def _page(self, record, **query):
        return self.url_open(
            f"{record.access_url}?" + "&".join(f"{k}={v}" for k, v in query.items()),
            allow_redirects=False,
        )

    def _by_link(self, record, contact=None):
        """Return the parameters of the link that a mail to ``contact`` contains."""
        url = record._get_share_url(pid=contact.id if contact else None)
        return self.url_open(url, allow_redirects=False)

    def _post(self, record, action, files=None, csrf=True, **posted):
        if csrf:
            posted["csrf_token"] = self._csrf()
        return self.url_open(
            f"{record.access_url}/{action}",
            data=posted,
            files=files,
            allow_redirects=False,
            method="POST",
        )

    def _record(self, record, action, choose=0, **posted):
        """Post a number, read what was understood on the page, and press the button that records it."""
        page = self._post(record, action, **posted)
        self.assertEqual(page.status_code, 200, "what was understood is shown first")
        form = html.fromstring(page.text).xpath('//form[contains(@class, "o_success_understood")]')[
            0
        ]
        hidden = {node.get("name"): node.get("value") for node in form.xpath(".//input")}
        buttons = form.xpath('.//button[@name="understood"]')
        hidden["understood"] = buttons[choose].get("value")
        return self.url_open(form.get("action"), data=hidden, allow_redirects=False, method="POST")

    def _understood(self, record, action, **posted):
        """Return what the page offers to record for a posted number, as it is written there."""
        page = html.fromstring(self._post(record, action, **posted).text)
        buttons = page.xpath('//form[contains(@class, "o_success_understood")]//button')
        return [" ".join(button.text_content().split()) for button in buttons]

    def _csrf(self):
        return re.search(r'csrf_token: "(\w+)"', self.url_open("/web/login").text).group(1)

    def _said(self, response):
        return html.fromstring(response.text).text_content()

    def _messages(self, record):
        return record.message_ids.filtered(
            lambda m: m.subtype_id == self.env.ref("mail.mt_comment")
        )

    def _rpc(self, url, **params):
        return self.make_jsonrpc_request(url, params)

    def _share(self, record, user=None, **vals):
        action = record.with_user(user or self.csm).action_share()
        wizard = (
            self.env["customer.success.share"]
            .with_user(user or self.csm)
            .with_context(**action["context"])
            .create(vals)
        )
        wizard.action_share()
