import re
from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tests.common import JsonRpcException

from ..controllers import portal as portal_controller
from .common import SuccessCase

SCRIPT = "<script>alert(1)</script>"
SHOWN = ("name", "number", "access_token", "unit", "metric")


class PortalCase(HttpCase, SuccessCase):
    """Two customers with logins; what is shared is one of each with the first."""

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
        """What a mail to ``contact`` carries."""
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


@tagged("post_install", "-at_install")
class TestPortal(PortalCase):
    """Who sees what was shared, over HTTP."""

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
        """Every text of ours that is not named to be shown, and the customer's risk."""
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
                for word in (*secrets, "Secret", "987654", "isk of leaving", "health"):
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


@tagged("post_install", "-at_install")
class TestPortalActions(PortalCase):
    """What the customer's people do, over HTTP."""

    def test_a_contact_takes_it_on_and_states_authority(self):
        self._as(self.owner)
        self.assertEqual(self._post(self.barrier, "own").status_code, 303)
        self.assertEqual(self.barrier.owner_contact_id, self.owner.partner_id)
        self.assertEqual(self._post(self.barrier, "authority").status_code, 303)
        self.assertEqual(self.barrier.authority, "granted")
        self.assertEqual(self.barrier.authority_date, fields.Date.context_today(self.barrier))
        messages = self._messages(self.barrier)
        self.assertEqual(messages.author_id, self.owner.partner_id)
        self.assertEqual(self.barrier.write_uid, self.owner)
        self.assertIn("the authority to remove", str(messages[0].body))
        self.assertIn("Noted", self._said(self._page(self.barrier, done="authority")))

    def test_a_colleague_does_not_take_it_away_and_may_state_authority(self):
        self.barrier.owner_contact_id = self.owner.partner_id
        self._as(self.colleague)
        refused = self._post(self.barrier, "own")
        self.assertEqual(refused.status_code, 400)
        self.assertIn("somebody has done it already", self._said(refused))
        self.assertEqual(self.barrier.owner_contact_id, self.owner.partner_id)
        self._post(self.barrier, "authority")
        [message] = self._messages(self.barrier)
        self.assertEqual(message.author_id, self.colleague.partner_id)
        self.assertIn("Ada has been given", str(message.body))

    def test_authority_needs_an_owner(self):
        self._as(self.owner)
        self.assertEqual(self._post(self.barrier, "authority").status_code, 400)
        self.assertEqual(self.barrier.authority, "none")

    def test_twice_is_refused_in_words(self):
        self._as(self.owner)
        self._post(self.barrier, "own")
        self.assertEqual(self._post(self.barrier, "own").status_code, 400)
        self.assertEqual(len(self._messages(self.barrier)), 1)

    def test_what_is_closed_takes_nothing(self):
        self.barrier.write({"owner_contact_id": self.owner.partner_id.id})
        self.env.cr.execute(
            "UPDATE customer_success_barrier SET state = 'accepted' WHERE id = %s", self.barrier.ids
        )
        self.barrier.invalidate_recordset()
        self.objective.state = "dropped"
        self.change.state = "done"
        self._as(self.owner)
        for record, action, posted in (
            (self.barrier, "authority", {}),
            (self.barrier, "progress", {"message": "x"}),
            (self.objective, "figure", {"value": "5"}),
            (self.change, "adopted", {"people": "5"}),
        ):
            with self.subTest(action=action):
                self.assertEqual(self._post(record, action, **posted).status_code, 400)
                self.assertFalse(self._messages(record))

    def test_what_is_not_offered_is_refused(self):
        self._as(self.owner)
        for action, posted in (
            ("write", {"severity": "0"}),
            ("verified", {}),
            ("state", {"state": "verified"}),
            ("figure", {"value": "5"}),
            ("own", {"severity": "0"}),
            ("own", {"state": "verified"}),
            ("own", {"owner_contact_id": str(self.colleague.partner_id.id)}),
            ("progress", {"message": "x", "state": "verified"}),
            ("_portal_own", {}),
        ):
            with self.subTest(action=action, posted=posted):
                self.assertEqual(self._post(self.barrier, action, **posted).status_code, 400)
        self.assertEqual((self.barrier.severity, self.barrier.state), ("2", "confirmed"))
        self.assertFalse(self.barrier.owner_contact_id)
        self.assertFalse(self._messages(self.barrier))

    def test_without_the_forms_token_nothing_is_done(self):
        self._as(self.owner)
        with self.assertLogs("odoo.http", "WARNING"):
            self.assertEqual(self._post(self.barrier, "own", csrf=False).status_code, 400)
        self.assertEqual(self.url_open(f"{self.barrier.access_url}/own").status_code, 405)
        self.assertFalse(self.barrier.owner_contact_id)

    def test_a_report_is_text_and_stays_text(self):
        self._as(self.owner)
        self.assertEqual(self._post(self.barrier, "progress", message="  ").status_code, 400)
        self.assertEqual(self._post(self.barrier, "progress", message="x" * 5001).status_code, 400)
        self.assertEqual(self._post(self.barrier, "progress", message="a\0b").status_code, 400)
        self.assertEqual(self._post(self.barrier, "progress", message=SCRIPT).status_code, 303)
        [message] = self._messages(self.barrier)
        self.assertEqual(message.author_id, self.owner.partner_id)
        self.assertNotIn("<script", str(message.body))
        self.assertIn("&lt;script&gt;", str(message.body))

    def test_a_script_in_what_we_wrote_stays_text_too(self):
        self.barrier.name = SCRIPT
        self._as(self.owner)
        for address in (self.barrier.access_url, "/my/success/barriers"):
            self.assertNotIn(SCRIPT, self.url_open(address).text)

    def test_files_up_to_the_limit(self):
        self._as(self.owner)
        self.assertEqual(self._post(self.barrier, "attach").status_code, 400)
        large = self._post(self.barrier, "attach", files={"file": ("big.bin", b"x" * 30 * 2**20)})
        self.assertEqual(large.status_code, 400)
        self.assertIn("larger than 10 MB", self._said(large))
        self.assertFalse(self.barrier.message_attachment_count)
        answer = self._post(self.barrier, "attach", files={"file": ("plan.txt", b"We do it")})
        self.assertEqual(answer.status_code, 303)
        [message] = self._messages(self.barrier)
        self.assertEqual(message.attachment_ids.name, "plan.txt")
        self.assertEqual(message.attachment_ids.raw, b"We do it")

    def test_files_of_the_comments_have_the_same_limit(self):
        self._as(self.owner)
        data = {
            "thread_model": self.barrier._name,
            "thread_id": self.barrier.id,
            "token": self.barrier._portal_ensure_token(),
            "is_pending": "true",
            "csrf_token": self._csrf(),
        }
        large = {"ufile": ("big.bin", b"x" * 11 * 2**20)}
        answer = self.url_open("/mail/attachment/upload", data=data, files=large)
        self.assertIn("larger than 10 MB", answer.json()["error"])
        small = {"ufile": ("small.txt", b"x")}
        answer = self.url_open("/mail/attachment/upload", data=data, files=small)
        self.assertNotIn("error", answer.json())

    def test_figures_keep_who_and_when(self):
        self.env["customer.success.objective.measure"].create(
            {"objective_id": self.objective.id, "value": 20}
        )
        self._as(self.owner)
        for wrong in ("", "many", "nan", "inf", "1_0", "1e99", "1,2,3", "x" * 6000):
            with self.subTest(wrong=wrong[:9]):
                self.assertEqual(self._post(self.objective, "figure", value=wrong).status_code, 400)
        self.assertEqual(self.objective.actual, 20)
        answer = self._post(self.objective, "figure", value="42,5", note="Our report")
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self.objective.actual, 42.5)
        newest = self.objective.measure_ids.sorted("id")[-1]
        self.assertEqual((newest.user_id, newest.note), (self.owner, "Our report"))
        self.assertEqual(len(self.objective.measure_ids), 2, "the CSM's own stays")
        self.assertEqual(self._messages(self.objective).author_id, self.owner.partner_id)

    def test_zero_is_a_figure(self):
        self._as(self.owner)
        self._post(self.objective, "figure", value="0")
        self.assertIsNot(self.objective.actual, False)
        self.assertEqual(self.objective.actual, 0)
        self.assertIn("0 %", self._said(self._page(self.objective)))

    def test_people_who_adopted_are_some_of_those_affected(self):
        self._as(self.owner)
        for wrong in ("", "13", "-1", "1.5", "x", "9" * 30):
            with self.subTest(wrong=wrong):
                answer = self._post(self.change, "adopted", people=wrong)
                self.assertEqual(answer.status_code, 400)
        self.assertEqual(self._post(self.change, "adopted", people="7").status_code, 303)
        self.assertEqual(self.change.people_adopted, 7)
        self.assertEqual(self._messages(self.change).author_id, self.owner.partner_id)


@tagged("post_install", "-at_install")
class TestPortalMessages(PortalCase):
    """The messages of a record, in the portal's own chatter."""

    def _comment(self, record, body="Hello", **access):
        return self._rpc(
            "/mail/message/post",
            thread_model=record._name,
            thread_id=record.id,
            post_data={
                "body": body,
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_comment",
            },
            **access,
        )

    def _bodies(self, record, **access):
        found = self._rpc(
            "/mail/chatter_fetch",
            thread_model=record._name,
            thread_id=record.id,
            fetch_params={},
            **access,
        )
        return str(found["data"]["mail.message"])

    def test_comments_are_by_who_is_logged_in(self):
        token = self.barrier._portal_ensure_token()
        self._as(self.owner)
        self._comment(self.barrier, f"Yes{SCRIPT}", token=token)
        [message] = self._messages(self.barrier)
        self.assertEqual(message.author_id, self.owner.partner_id)
        self.assertNotIn("<script", str(message.body))
        self.assertIn("Yes", self._bodies(self.barrier, token=token))

    def test_a_visitor_comments_as_whom_the_link_was_sent_to(self):
        contact = self.colleague.partner_id
        token = self.barrier._portal_ensure_token()
        sent = self.barrier._sign_token(contact.id)
        self._as(None)
        page = self._by_link(self.barrier, contact)
        self.assertIn(f'data-pid="{contact.id}"', page.text)
        self._comment(self.barrier, token=token, hash=sent, pid=contact.id)
        self.assertEqual(self._messages(self.barrier).author_id, contact)
        forged = self._page(
            self.barrier, access_token=token, pid=self.owner.partner_id.id, hash=sent
        )
        self.assertNotIn("data-pid", forged.text)
        for nonsense in ({"pid": "x", "hash": "y"}, {"pid": "%C2%B2", "hash": "%C3%A9"}):
            page = self._page(self.barrier, access_token=token, **nonsense)
            self.assertEqual(page.status_code, 200)

    def test_notes_and_our_side_stay_with_us(self):
        token = self.barrier._portal_ensure_token()
        self.barrier._message_log(body="Secret note")
        self.barrier.message_post(
            body="Seen by all", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.barrier.activity_schedule("mail.mail_activity_data_todo", summary="Secret activity")
        self.env["ir.attachment"].create(
            {"name": "secret.txt", "res_model": self.barrier._name, "res_id": self.barrier.id}
        )
        wanted = ["activities", "followers", "attachments", "scheduledMessages"]
        params = {
            "thread_model": self.barrier._name,
            "thread_id": self.barrier.id,
            "request_list": wanted,
            "access_params": {"token": token},
        }
        for user in (None, self.owner, self.stranger):
            self._as(user)
            bodies = self._bodies(self.barrier, token=token)
            self.assertIn("Seen by all", bodies)
            self.assertNotIn("Secret", bodies)
            data = str(self._rpc("/mail/data", fetch_params=[["mail.thread", params]]))
            self.assertNotIn("ecret", data)
            self.assertNotIn("mail.followers", data)

    def test_comments_end_with_sharing(self):
        token = self.barrier._portal_ensure_token()
        sent = self.barrier._sign_token(self.owner.partner_id.id)
        self.kept._portal_ensure_token()
        self.barrier.share_until = fields.Date.today() - timedelta(days=2)
        for user in (None, self.owner):
            self._as(user)
            for record, access in (
                (self.barrier, {"token": token}),
                (self.barrier, {"hash": sent, "pid": self.owner.partner_id.id}),
                (self.kept, {"token": self.kept.access_token}),
                (self.others, {"token": token}),
                (self.objective, {"token": "é"}),
            ):
                with (
                    self.subTest(user=user, record=record.name),
                    self.assertRaises(JsonRpcException),
                ):
                    self._comment(record, **access)
                self.assertFalse(self._messages(record))


@tagged("post_install", "-at_install")
class TestPortalSharing(PortalCase):
    """The CSM shares, tells and revokes."""

    def _links(self, record):
        messages = self.env["mail.message"].search(
            [("model", "=", record._name), ("res_id", "=", record.id)]
        )
        return messages.filtered(lambda m: m.message_type == "user_notification")

    def test_a_csm_shares_and_each_contact_gets_a_link_of_their_own(self):
        contacts = self.owner.partner_id + self.colleague.partner_id
        self._share(
            self.kept,
            contact_ids=contacts.ids,
            share_until=fields.Date.today() + timedelta(days=9),
            message=f"Please look{SCRIPT}",
        )
        self.assertTrue(self.kept.is_shared)
        self.assertEqual(self.kept.shared_by_id, self.csm)
        mails = self._links(self.kept)
        self.assertEqual(mails.partner_ids, contacts)
        self.assertEqual(len(mails), 2)
        for mail in mails:
            self.assertNotIn("<script", str(mail.body))
            [link] = html.fromstring(str(mail.body)).xpath("//a/@href")
            self.assertIn(f"pid={mail.partner_ids.id}", link)
            self._as(None)
            page = self.url_open(link)
            self.assertEqual(page.status_code, 200)
            self.assertIn(f'data-pid="{mail.partner_ids.id}"', page.text)
        self.assertIn("Link sent to", str(self.kept.message_ids.mapped("body")))

    def test_sharing_refuses_in_words(self):
        for vals, words in (
            ({"contact_ids": self.stranger.partner_id.ids}, "do not belong"),
            ({"contact_ids": self._contact(self.acme, "Mute").ids}, "No mail address"),
            ({"share_until": fields.Date.today() - timedelta(days=3)}, "has passed"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                self._share(self.kept, **vals)
        self.assertFalse(self.kept.is_shared)

    def test_a_csm_shares_own_customers_only(self):
        self.rival.success_user_id = self.lead_csm
        with self.assertRaises(AccessError):
            self._share(self.others)
        with self.assertRaises(AccessError):
            self.others.with_user(self.csm).action_unshare()
        with self.assertRaises(AccessError):
            self.barrier.with_user(self.sales).action_share()

    def test_stopping_ends_the_mails_too(self):
        self.barrier.message_subscribe((self.owner.partner_id + self.csm.partner_id).ids)
        self.barrier.with_user(self.csm).action_unshare()
        self.assertNotIn(self.owner.partner_id, self.barrier.message_partner_ids)
        self.assertIn(self.csm.partner_id, self.barrier.message_partner_ids)

    def test_copies_are_not_shared(self):
        copy = self.barrier.copy()
        self.assertFalse(copy.is_shared or copy.access_token or copy.shared_by_id)


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
