from odoo.exceptions import AccessError
from odoo.tests import tagged

from .portal_common import PortalCase


@tagged("post_install", "-at_install")
class TestPortalValue(PortalCase):
    """The parts of an objective that the people of a customer see, and those that stay with us."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.objective.with_user(cls.csm).write(
            {
                "realised_value": 45678,
                "cost": 12345,
                "evidence": "Mail",
                "confirmed_by_id": cls.owner.partner_id.id,
                "actual": 95,
                "state": "confirmed",
            }
        )

    def test_the_cost_is_ours_until_the_csm_shows_it(self):
        self._as(self.owner)
        self.assertNotIn("12,345", self._page(self.objective).text)
        self.objective.with_user(self.csm).is_cost_shared = True
        self.env.flush_all()
        page = self._said(self._page(self.objective))
        self.assertIn("12,345", page)
        self.assertIn("270 %", page)
        self._as(self.stranger)
        self.assertEqual(self._page(self.objective).status_code, 404)

    def test_s43_the_customer_sees_what_each_side_contributes(self):
        self.objective.with_user(self.csm).write(
            {
                "horizon": "medium",
                "our_contribution": "We train the night shift",
                "customer_contribution": "You free two hours a week",
            }
        )
        self._as(self.colleague)
        page = self._said(self._page(self.objective))
        for words in ("Medium-term", "We train the night shift", "You free two hours a week"):
            self.assertIn(words, page)
        self.assertIn("Medium-term", self._said(self.url_open("/my/success/objectives")))
        self.objective.with_user(self.csm).action_unshare()
        self.assertEqual(self._page(self.objective).status_code, 404)

    def test_the_model_is_closed_to_portal_users(self):
        for user in (self.owner, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.objective.with_user(user).read(["cost"])
            with self.assertRaises(AccessError):
                self.acme.with_user(user).read(["success_return_rate"])
