from lxml import etree

from odoo.tests import tagged

from ..extending import EXAMPLE, blocks, load_data, run_file
from .portal_common import PortalCase

SECTION = "A new portal kind"


@tagged("post_install", "-at_install")
class TestPortalKinds(PortalCase):
    """The example of the page, over HTTP: a kind that an addon adds works like any other."""

    def setUp(self):
        super().setUp()
        [source] = blocks(SECTION, "python")
        [templates] = blocks(SECTION, "xml")
        run_file(self, source)
        load_data(self, templates, EXAMPLE)
        self.plan = self.env["customer.success.plan"].create(
            {
                "partner_id": self.acme.id,
                "success_definition": "Orders are entered on the day",
                "why_bought": "Secret reasons",
            }
        )
        self.unshared = self.plan.copy()
        self._share(self.plan)

    def _listed(self):
        return self._said(self.url_open("/my/success/plans"))

    def test_the_customers_people_find_it_and_agree(self):
        self._as(self.owner)
        self.assertIn("/my/success/plans", self.url_open("/my/home").text)
        found = self._rpc("/my/counters", counters=["success_plan_count"])
        self.assertEqual(found["success_plan_count"], 1)
        self.assertEqual(self._listed().count(self.plan.name), 1)
        page = self._said(self._page(self.plan))
        self.assertIn("Orders are entered on the day", page)
        self.assertIn("Whether this is what you want to reach", page)
        self.assertNotIn("Secret", page)
        self.assertEqual(self._post(self.plan, "agree", missing="The new site").status_code, 303)
        [message] = self._messages(self.plan)
        self.assertEqual(message.author_id, self.owner.partner_id)
        self.assertIn("We agree with this plan", str(message.body))
        self.assertIn("The new site", str(message.body))
        self.assertIn("we note that you agree", self._said(self._page(self.plan, done="agree")))

    def test_what_it_does_not_offer_is_refused(self):
        self._as(self.owner)
        self.assertEqual(self._post(self.plan, "own").status_code, 400)
        self.assertEqual(self._post(self.plan, "agree", state="active").status_code, 400)
        self.assertEqual(self._post(self.plan, "message", text="x").status_code, 400)
        self.plan.sudo().action_activate()
        self.assertEqual(self._post(self.plan, "agree").status_code, 400)
        self.assertFalse(self._messages(self.plan))

    def test_the_wrong_person_sees_and_does_nothing(self):
        self._as(self.stranger)
        self.assertNotIn(self.plan.name, self._listed())
        self.assertEqual(self._page(self.plan).status_code, 404)
        self.assertEqual(self._post(self.plan, "agree").status_code, 404)
        self._as(None)
        self.assertEqual(self._page(self.plan).status_code, 404)
        answer = self._post(self.plan, "agree", access_token=self.plan._portal_ensure_token())
        self.assertIn("/web/login", answer.headers["Location"])
        self._as(self.owner)
        self.assertEqual(self._page(self.unshared).status_code, 404)
        self.assertEqual(self._post(self.unshared, "agree").status_code, 404)
        self.assertFalse(self._messages(self.plan) | self._messages(self.unshared))

    def test_a_link_opens_it_and_sharing_ends(self):
        self._as(None)
        link = self.plan._get_share_url()
        self.assertEqual(self.url_open(link).status_code, 200)
        self.plan.with_user(self.csm).action_unshare()
        self.assertEqual(self.url_open(link).status_code, 404)

    def test_its_form_has_the_buttons_that_share_it(self):
        plans = self.env["customer.success.plan"].with_user(self.csm)
        arch = etree.fromstring(plans.get_view(view_type="form")["arch"])
        buttons = arch.xpath("//header/button/@name")
        self.assertEqual(buttons.count("action_share"), 2)
        self.assertEqual(buttons.count("action_unshare"), 1)
        self.assertTrue(arch.xpath("//field[@name='shared_by_id']"))

    def test_what_is_no_kind_has_no_page(self):
        self._as(self.owner)
        for address in ("renewals", "renewal/1", "plan", "s", "barriers/page/x"):
            with self.subTest(address=address):
                self.assertEqual(self.url_open(f"/my/success/{address}").status_code, 404)


@tagged("post_install", "-at_install")
class TestPortalKindsOfOurs(PortalCase):
    """The kinds of this addon, which use the same seam as those of other addons."""

    def test_each_kind_is_whole(self):
        kinds = self.env["customer.success.shared"]._portal_kinds()
        self.assertEqual(list(kinds), ["barrier", "objective", "change"])
        for model in kinds.values():
            kind = model._portal_kind
            with self.subTest(kind=kind.path):
                states = model._fields["state"].get_values(self.env)
                self.assertLessEqual(set(kind.colours), set(states))
                self.assertLessEqual(set(model._open_states), set(states))
                self.assertTrue(kind.actions)
                for action in kind.actions:
                    self.assertTrue(callable(getattr(model, f"_portal_do_{action.name}")))
                for template in (kind.list_template, kind.page_template):
                    self.assertEqual(self.env.ref(template).type, "qweb")

    def test_forms_have_the_buttons_of_sharing_once(self):
        for record in self.records:
            arch = etree.fromstring(record.with_user(self.csm).get_view(view_type="form")["arch"])
            with self.subTest(model=record._name):
                names = arch.xpath("//button/@name")
                self.assertEqual(names.count("action_share"), 2)
                self.assertEqual(names.count("action_unshare"), 1)
                self.assertEqual(len(arch.xpath("//div//field[@name='share_until']")), 1)
