from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .portal_common import PortalCase


@tagged("post_install", "-at_install")
class TestPortalTurns(PortalCase):
    """The customer's people see whose turn it is; it follows what they do, and they cannot set it."""

    def _turn(self, record):
        return " ".join(
            node.text_content().strip()
            for node in html.fromstring(self._page(record).text).xpath(
                '//*[contains(@class, "o_success_turn")]'
            )
        )

    def test_s89_the_customer_sees_its_turn_and_a_report_makes_it_ours(self):
        self._as(self.owner)
        for record, action, posted in (
            (self.barrier, "progress", {"message": "Two depots are done."}),
            (self.objective, "figure", {"value": "40"}),
            (self.change, "adopted", {"people": "5"}),
        ):
            with self.subTest(record=record._name):
                self.assertEqual(record.turn, "customer")
                self.assertEqual(self._turn(record), "Your turn")
                post = self._post if action == "progress" else self._record
                self.assertEqual(post(record, action, **posted).status_code, 303)
                self.assertEqual(record.turn, "ours")
                self.assertEqual(self._turn(record), "Our turn")

    def test_s89_the_customer_does_not_set_the_turn(self):
        self._as(self.owner)
        refused = self._post(self.barrier, "progress", message="Done.", turn="ours")
        self.assertEqual(refused.status_code, 400)
        self.assertEqual(self.barrier.turn, "customer")
        with self.assertRaises(AccessError):
            self.barrier.with_user(self.owner).turn = "ours"
        with self.assertRaises(AccessError):
            self.barrier.with_user(self.owner).read(["turn"])

    def test_the_owner_and_the_areas_of_a_change_are_shown(self):
        self.change.write(
            {
                "owner_contact_id": self.owner.partner_id.id,
                "area_ids": self.env["customer.success.change.area"]._all().ids[1:3],
            }
        )
        self._as(self.colleague)
        page = self._page(self.change).text
        self.assertIn("Roles and responsibilities, Daily routines and habits", page)
        self.assertIn("Ada", page)
