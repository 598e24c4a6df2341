import re
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...controllers import portal as portal_controller
from .portal_common import SHOWN, PortalCase


@tagged("post_install", "-at_install")
class TestPortal(PortalCase):
    """The visibility of shared records for each kind of visitor, over HTTP."""

    def test_the_customers_people_see_what_was_shared_and_nothing_else(self):
        for user in (self.owner, self.colleague):
            self._as(user)
            listed = self._said(self.url_open("/my/success/barriers"))
            self.assertIn(self.barrier.name, listed)
            self.assertNotIn(self.kept.name, listed)
            self.assertNotIn(self.others.name, listed)
            self.assertEqual(listed.count(self.barrier.name), 1, "not in the breadcrumbs, too")
            self.assertIn(self.objective.name, self._said(self.url_open("/my/success/objectives")))
            self.assertIn(self.change.name, self._said(self.url_open("/my/success/changes")))
            for record in self.records:
                with self.subTest(user=user.login, record=record.name):
                    page = self._page(record)
                    self.assertEqual(page.status_code, 200)
                    self.assertIn(record.name, self._said(page))

    def test_guessing_addresses_opens_nothing(self):
        self._as(self.owner)
        closed = (self.kept, self.others)
        answers = {self._page(record).text for record in closed}
        answers.add(self.url_open("/my/success/barrier/999999999").text)
        self.assertEqual(self.url_open(f"/my/success/barrier/{2**40}").status_code, 404)
        self.assertEqual(len({re.sub(r"csrf_token: \S+|/\d+", "", a) for a in answers}), 1)
        for record in closed:
            self.assertEqual(self._page(record).status_code, 404)
            self.assertEqual(self._post(record, "own").status_code, 404)
            self.assertFalse(record.owner_contact_id)
        unknown = self.url_open("/my/success/answer/1/own", data={"csrf_token": self._csrf()})
        self.assertEqual(unknown.status_code, 404)

    def test_another_customer_sees_nothing_of_it(self):
        self._as(self.stranger)
        self.assertNotIn(self.barrier.name, self.url_open("/my/success/barriers").text)
        for record in self.records:
            self.assertEqual(self._page(record).status_code, 404)
        self.assertEqual(self._post(self.barrier, "own").status_code, 404)
        self.assertEqual(self._post(self.objective, "figure", value="1").status_code, 404)
        self.assertEqual(self._post(self.change, "adopted", people="1").status_code, 404)
        self.assertFalse(self.barrier.owner_contact_id)

    def test_another_customer_with_the_link_reads_and_does_nothing(self):
        link = self.barrier._get_share_url()
        self._as(self.stranger)
        page = self.url_open(link)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("/own", page.text)
        token = self.barrier.access_token
        self.assertEqual(self._post(self.barrier, "own").status_code, 404)
        self.assertNotEqual(self._post(self.barrier, "own", access_token=token).status_code, 303)
        self.assertFalse(self.barrier.owner_contact_id)

    def test_nobody_reads_by_a_link_and_does_nothing(self):
        self._as(None)
        for record in self.records:
            page = self._by_link(record)
            self.assertEqual(page.status_code, 200)
            self.assertIn(record.name, self._said(page))
            self.assertNotIn("<form", page.text.split("o_success_record")[1].split("<footer")[0])
        for record, action in ((self.barrier, "own"), (self.barrier, "authority")):
            answer = self._post(record, action, access_token=record.access_token)
            self.assertIn("/web/login", answer.headers.get("Location", ""))
        self.assertFalse(self.barrier.owner_contact_id)
        self.assertEqual(self.barrier.authority, "none")

    def test_no_link_no_token_of_another_and_no_nonsense_opens_it(self):
        self.others._portal_ensure_token()
        self.barrier._portal_ensure_token()
        self._as(None)
        self.assertEqual(self._page(self.barrier).status_code, 404)
        for token in (self.others.access_token, "x", "", "%C3%A9", "%00", "False", "None"):
            with self.subTest(token=token):
                page = self._page(self.barrier, access_token=token)
                self.assertEqual(page.status_code, 404)
                self.assertNotIn(self.barrier.name, page.text)

    def test_a_link_dies_on_its_day(self):
        self._as(None)
        self.barrier.share_until = fields.Date.today()
        self.assertEqual(self._by_link(self.barrier).status_code, 200)
        self.barrier.share_until = fields.Date.today() - timedelta(days=2)
        self.assertEqual(self._by_link(self.barrier).status_code, 404)
        self._as(self.owner)
        self.assertEqual(self._page(self.barrier).status_code, 404)
        self.assertNotIn(self.barrier.name, self.url_open("/my/success/barriers").text)
        self.assertEqual(self._post(self.barrier, "own").status_code, 404)

    def test_a_revoked_link_stays_dead(self):
        link = self.barrier._get_share_url(pid=self.owner.partner_id.id)
        self.barrier.with_user(self.csm).action_unshare()
        self._as(None)
        self.assertEqual(self.url_open(link).status_code, 404)
        self.barrier.is_shared = True
        self.assertEqual(self.url_open(link).status_code, 404)
        self.assertEqual(self._by_link(self.barrier).status_code, 200)

    def test_what_goes_to_another_customer_is_no_longer_shared(self):
        link = self.change._get_share_url()
        self.change.partner_id = self.rival
        self.assertFalse(self.change.is_shared)
        self._as(self.stranger)
        self.assertEqual(self._page(self.change).status_code, 404)
        self.assertEqual(self.url_open(link).status_code, 404)

    def test_the_archived_is_gone(self):
        self.barrier.active = False
        self._as(self.owner)
        self.assertEqual(self._page(self.barrier).status_code, 404)

    def test_counters_count_what_is_open(self):
        self._barrier(self.acme, is_shared=True, state="accepted")
        names = [f"success_{kind}_count" for kind in ("barrier", "objective", "change")]
        for user, counts in ((self.owner, [1, 1, 1]), (self.stranger, [1, 0, 0])):
            self._as(user)
            found = self._rpc("/my/counters", counters=names)
            self.assertEqual([found[name] for name in names], counts)
            self.assertIn("/my/success/barriers", self.url_open("/my/home").text)

    def test_lists_are_paged_and_sorted(self):
        for number in range(5):
            self._barrier(self.acme, is_shared=True, name=f"Barrier {number}")
        self._as(self.owner)
        with patch.object(portal_controller, "PAGE", 4):
            first = self._said(self.url_open("/my/success/barriers?sortby=name"))
            last = self._said(self.url_open("/my/success/barriers/page/2?sortby=name"))
        self.assertIn("Barrier 3", first)
        self.assertNotIn("Barrier 4", first)
        self.assertIn("Barrier 4", last)
        for address in ("?sortby=cause", "/page/99", "?sortby=name;drop"):
            self.assertEqual(self.url_open(f"/my/success/barriers{address}").status_code, 200)

    def test_queries_do_not_grow_with_barriers(self):
        self._as(self.owner)
        counts = []
        for _round in range(3):
            before = self.cr.sql_log_count
            self.url_open("/my/success/barriers")
            counts.append(self.cr.sql_log_count - before)
            for _number in range(5):
                self._barrier(
                    self.acme,
                    is_shared=True,
                    owner_contact_id=self._contact(self.acme, "Another").id,
                )
            self.env.flush_all()
        self.assertGreater(counts[1], 0)
        self.assertLessEqual(counts[2], counts[1])

    def test_an_empty_list_teaches(self):
        self._as(self.stranger)
        self.assertIn("a result that you want", self._said(self.url_open("/my/success/objectives")))

    def test_pages_tell_nothing_of_ours(self):
        """Check every text field that is not meant to be shown, and the customer's risk."""
        secrets = []
        for record in self.records:
            for name, field in record._fields.items():
                if (
                    field.type in ("text", "char", "html")
                    and field.store
                    and not (field.readonly or field.compute or field.inverse)
                    and name not in SHOWN
                ):
                    record[name] = f"Secret of {name}"
                    secrets.append(f"Secret of {name}")
        self.assertGreater(len(secrets), 3)
        self._renewal(self.acme, value=987654)
        self._rescore(self.acme)
        self.acme.success_sentiment_note = "Secret of mood"
        self.barrier._message_log(body="Secret note")
        self._as(self.owner)
        for record in self.records:
            for page in (
                self._page(record),
                self.url_open(f"{record.access_url[: -len(str(record.id)) - 1]}s"),
            ):
                for word in (*secrets, "Secret", "987654", "hurn risk", "hurn Risk", "health"):
                    with self.subTest(record=record.name, word=word):
                        self.assertNotIn(word, self._said(page).split("Powered")[0])

    def test_portal_users_still_have_no_access_of_their_own(self):
        for record in self.records:
            with self.assertRaises(AccessError):
                record.with_user(self.owner).read(["name"])
            with self.assertRaises(AccessError):
                record.with_user(self.owner).write({"name": "x"})
            with self.assertRaises(AccessError):
                record.with_user(self.owner).action_share()

    def test_a_csm_looks_at_what_the_customer_sees(self):
        self._as(self.csm)
        page = self._page(self.barrier)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("/own", page.text)
        self.assertEqual(self._page(self.kept).status_code, 404)


class PortalTour(PortalCase):
    def _work_through_it(self):
        self.start_tour("/my", "customer_success_portal", login="test_owner")
        self.assertEqual(self.barrier.owner_contact_id, self.owner.partner_id)
        self.assertEqual(self.barrier.authority, "granted")
        self.assertIn("weekly sheet ends", str(self._messages(self.barrier).mapped("body")))
        self.assertEqual(self.objective.actual, 42.5)


@tagged("post_install", "-at_install")
class TestPortalTour(PortalTour):
    def test_a_customer_works_through_what_was_shared(self):
        self._work_through_it()


@tagged("post_install", "-at_install")
class TestPortalTourPhone(PortalTour):
    browser_size = "390x844"

    def test_a_customer_works_through_what_was_shared_on_a_phone(self):
        self._work_through_it()
