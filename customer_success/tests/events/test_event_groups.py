from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import days
from .events_common import RollUpCase


@tagged("post_install", "-at_install")
class TestEventGroups(RollUpCase):
    """The customer of an event is found by what the books know, else by a person, who counts it backwards."""

    def test_a_company_is_found_by_external_id_reference_or_vat_as_files_find_it(self):
        by_id = self._customer("By Id")
        self.env["ir.model.data"].create(
            {"module": "__import__", "name": "X-7", "model": "res.partner", "res_id": by_id.id}
        )
        by_vat = self._customer("By Vat", vat="BE0477472701")
        for key, customer, found_by in (
            ("X-7", by_id, "customer_external_id"),
            (" c-1 ", self.acme, "customer_ref"),
            ("BE 0477.472.701", by_vat, "customer_vat"),
        ):
            self._take(self._event(context={"groupId": key}))
            group = self._group(key.strip())
            with self.subTest(key):
                self.assertEqual((group.partner_id, group.found_by), (customer, found_by))
                self.assertEqual(self._use(customer).active_users, 1)

    def test_the_group_of_a_user_is_told_once_and_also_afterwards(self):
        self._take(self._event())
        self.assertFalse(self._use(self.acme))
        self._take({"type": "group", "userId": "ada", "groupId": "C-1"})
        self.assertEqual(self._use(self.acme).active_users, 1)

    def test_a_user_who_moves_counts_where_they_are_now_and_no_more_where_they_were(self):
        other = self._customer("Other", ref="C-2")
        when = fields.Datetime.now() - timedelta(hours=2)
        self._take(
            self._event(),
            self._event(user="bob"),
            self._said("group", groupId="C-1", when=when),
            self._said("group", user="bob", groupId="C-1", when=when),
        )
        self.assertEqual(self._use(self.acme).active_users, 2)
        self._take(self._said("group", groupId="C-2"))
        self.assertEqual(self._use(self.acme).active_users, 1)
        self.assertEqual(self._use(other).active_users, 1)
        self._take(self._said("group", groupId="C-1", when=when - timedelta(hours=1)))
        self.assertEqual(self._use(other).active_users, 1, "what was said earlier changes nothing")

    def test_else_the_domain_of_the_address_says_it(self):
        contact = self._contact(self.acme)
        contact.email = "boss@acme.example.com"
        site = self._customer("Site", website="https://www.site.example.org/start")
        self._take(
            self._event(),
            self._said("identify", traits={"email": "Ada@ACME.example.com"}),
            self._event(user="bob"),
            self._said("identify", user="bob", traits={"email": "bob@site.example.org"}),
        )
        self.assertEqual(self._use(self.acme).active_users, 1)
        self.assertEqual(self._use(site).active_users, 1)
        self.assertEqual(self._group("@acme.example.com").found_by, "domain")

    def test_innocent_private_addresses_and_shared_domains_are_nobodys(self):
        self._contact(self.acme).email = "ada@gmail.com"
        other = self._customer("Other")
        self._contact(other).email = "x@shared.example.com"
        self._contact(self.acme).email = "y@shared.example.com"
        self._take(
            self._event(),
            self._said("identify", traits={"email": "ada@gmail.com"}),
            self._event(user="bob"),
            self._said("identify", user="bob", traits={"email": "z@shared.example.com"}),
        )
        self.assertFalse(self._use(self.acme) | self._use(other))
        group = self._group("@shared.example.com")
        self.assertEqual((group.state, group.event_count), ("waiting", 1))
        self.assertIn("Several", group.reason)
        self.assertFalse(self._group("@gmail.com"))

    def test_who_may_not_be_counted_waits_with_the_reason(self):
        self._customer("Double", ref="D-1")
        self._customer("Double 2", ref="D-1")
        self._customer("Archived", ref="A-1").active = False
        self.env["res.partner"].create({"name": "No Customer", "ref": "N-1", "is_company": True})
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self._customer("Stranger", ref="S-1", company_id=elsewhere.id, success_user_id=False)
        for key, reason in (("D-1", "Several"), ("A-1", "archived"), ("N-1", "stage"), ("S-1", "")):
            self._take(self._event(context={"groupId": key}))
            group = self._group(key)
            with self.subTest(key):
                self.assertEqual(
                    (group.state, group.event_count, group.user_count), ("waiting", 1, 1)
                )
                self.assertIn(reason, group.reason or "")

    def test_a_person_matches_it_and_it_counts_backwards(self):
        start = fields.Date.start_of(fields.Date.today(), "month")
        before = fields.Datetime.to_datetime(start) - timedelta(days=3)
        self._take(
            self._event(context={"groupId": "ws_1"}),
            self._event(user="bob", when=before, context={"groupId": "ws_1"}),
        )
        group = self._group("ws_1").with_user(self.manager)
        self.assertEqual((group.state, group.event_count), ("waiting", 2))
        group.partner_id = self.acme
        self._roll()
        self.assertEqual((group.state, group.found_by), ("matched", "person"))
        uses = self.acme.success_usage_ids.sorted("date")
        self.assertEqual(uses.mapped("active_users"), [1, 1])
        self.assertEqual(uses[0].date, fields.Date.start_of(before.date(), "month"))
        other = self._customer("Other")
        group.partner_id = other
        self._roll()
        self.assertEqual(other.success_usage_ids.mapped("active_users"), [1, 1])
        self.acme.success_usage_ids.invalidate_recordset()
        self.assertEqual(
            self.acme.success_usage_ids.mapped("active_users"), [False, False], "unknown, not zero"
        )

    def test_a_customer_who_is_entered_later_is_found_the_next_day(self):
        self._take(self._event(context={"groupId": "C-9"}))
        late = self._customer("Late", ref="C-9")
        self._roll()
        self.assertFalse(self._use(late))
        self._group("C-9").tried_at -= timedelta(hours=25)
        self._roll()
        self.assertEqual(self._use(late).active_users, 1)

    def test_no_customer_is_asked_about_no_more_until_somebody_does(self):
        self._take(self._event(context={"groupId": "ours"}))
        group = self._group("ours").with_user(self.manager)
        group.action_ignore()
        self._customer("Ours", ref="ours")
        self._take(self._event(context={"groupId": "ours"}))
        self.assertEqual((group.state, group.event_count), ("ignored", 2))
        group.action_wait()
        self._roll()
        self.assertEqual(group.state, "matched")

    def test_two_companies_of_one_customer_add_up_and_a_user_of_both_counts_once(self):
        self.acme.vat = "BE0477472701"
        self._take(
            self._event(context={"groupId": "C-1"}),
            self._event(context={"groupId": "BE0477472701"}),
            self._event(user="bob", context={"groupId": "BE0477472701"}),
        )
        self.assertEqual(self._use(self.acme).active_users, 2)

    def test_only_administrators_match(self):
        self._take(self._event(context={"groupId": "ws_1"}))
        group = self._group("ws_1")
        for user in (self.csm, self.lead_csm, self.sales):
            with self.assertRaises(AccessError):
                group.with_user(user).partner_id = self.acme
            with self.assertRaises(AccessError):
                group.with_user(user).action_ignore()
        self.acme.success_former_date = days(1)
        with self.assertRaises(UserError):
            group.with_user(self.manager).partner_id = self.acme

    def test_companies_without_end_fill_no_list(self):
        from ...models.events import customer_success_event_rollup as module

        self.patch(module, "MOST_WAITING", 5)
        self._take(*(self._event(context={"groupId": f"session-{n}"}) for n in range(20)))
        self._take(self._event(context={"groupId": "C-1"}))
        self.assertEqual(
            self.env["customer.success.event.group"].search_count(
                [("source_id", "=", self.source.id), ("partner_id", "=", False)]
            ),
            5,
        )

    def test_erasing_a_person_removes_their_events(self):
        contact = self._contact(self.acme)
        contact.email = "ada@acme.example.com"
        self._take(
            self._event(user="u-17", context={"groupId": "C-1"}),
            self._said("identify", user="u-17", traits={"email": "ada@acme.example.com"}),
            self._event(user="ada@acme.example.com", context={"groupId": "C-1"}),
            self._event(user="bob", context={"groupId": "C-1"}),
        )
        self.assertEqual(self._rows("event_day"), 3)
        contact.unlink()
        self.assertEqual(len([name for name in self._kept() if name]), 1)
        self.assertEqual(self._rows("event_day"), 1)
        self.assertEqual(self._rows("event_person"), 0)

    def test_erasing_a_customer_removes_all_of_its_events(self):
        self._take(
            self._event(context={"groupId": "C-1"}),
            self._event(user="bob"),
            self._said("group", user="bob", groupId="C-1"),
            self._event(user="eve", context={"groupId": "elsewhere"}),
        )
        wizard = self.env["customer.success.erase"].with_context(
            active_model="res.partner", active_ids=self.acme.ids
        )
        wizard.create({"confirmation": "Acme"}).action_erase()
        self.assertFalse(self._group("C-1"))
        self.assertEqual(len(self._kept()), 1)
        self.assertEqual((self._rows("event_day"), self._rows("event_person")), (1, 0))
