from odoo import fields
from odoo.tests import tagged

from ..common import days
from .portal_common import SCRIPT, PortalCase


@tagged("post_install", "-at_install")
class TestPortalActions(PortalCase):
    """The actions of the customer's people, over HTTP."""

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
        self.assertIn("Recorded", self._said(self._page(self.barrier, done="authority")))

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

    def test_a_former_customer_reads_and_nothing_is_asked_of_it(self):
        term = self._renewal(self.acme, date_renewal=days(5), date_start=days(370))
        term.with_user(self.csm).outcome = "churned"
        self.assertTrue(self.acme.success_is_former)
        self._as(self.owner)
        page = self._page(self.barrier)
        self.assertEqual(page.status_code, 200)
        self.assertIn(self.barrier.name, self._said(page))
        self.assertEqual(self._post(self.barrier, "own").status_code, 400)
        counters = self._rpc("/my/counters", counters=["success_barrier_count"])
        self.assertFalse(counters.get("success_barrier_count"))
        term.action_reopen()
        self.assertEqual(self._post(self.barrier, "own").status_code, 303)

    def test_what_is_closed_takes_nothing(self):
        self.barrier.write({"owner_contact_id": self.owner.partner_id.id})
        self.env.cr.execute(
            "UPDATE customer_success_barrier SET state = 'accepted', is_open = FALSE WHERE id = %s",
            self.barrier.ids,
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
        answer = self._record(self.objective, "figure", value="42,5", note="Our report")
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self.objective.actual, 42.5)
        newest = self.objective.measure_ids.sorted("id")[-1]
        self.assertEqual((newest.user_id, newest.note), (self.owner, "Our report"))
        self.assertEqual(len(self.objective.measure_ids), 2, "the CSM's own stays")
        self.assertEqual(self._messages(self.objective).author_id, self.owner.partner_id)

    def test_what_was_understood_is_shown_before_it_counts(self):
        self.objective.target = 20_000
        self._as(self.owner)
        for entered, offered in (
            ("12,500", ["Record 12,500 %", "Record 12.5 %"]),
            ("12.500", ["Record 12.5 %", "Record 12,500 %"]),
            ("12'500", ["Record 12,500 %"]),
            ("12\N{RIGHT SINGLE QUOTATION MARK}500", ["Record 12,500 %"]),
            ("50 %", ["Record 50 %"]),
            ("48 500,00 €", ["Record 48,500 %"]),
            ("12\N{NARROW NO-BREAK SPACE}500", ["Record 12,500 %"]),
            ("-0,125", ["Record -0.125 %"]),
            ("1.234.567", ["Record 1,234,567 %"]),
            ("١٢٫٥", ["Record 12.5 %"]),
        ):
            with self.subTest(entered=entered):
                self.assertEqual(self._understood(self.objective, "figure", value=entered), offered)
        self.assertFalse(self.objective.measure_ids)
        self.assertFalse(self._messages(self.objective))
        self._record(self.objective, "figure", choose=1, value="12,500", note="Guess")
        self.assertEqual(self.objective.measure_ids.mapped("value"), [12.5])
        self.assertIn("Actual figure: 12.5 %", self._messages(self.objective).body)
        self._record(self.objective, "figure", value="12,500")
        self.assertEqual(self.objective.actual, 12500)
        self.assertIn("12,500 %", self._said(self._page(self.objective)), "not 1.25e+04")

    def test_the_readers_language_comes_first(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.owner.lang = "de_DE"
        self._as(self.owner)
        for entered, numbers in (("12,500", ["12,5", "12.500"]), ("12.500", ["12.500", "12,5"])):
            offered = self._understood(self.objective, "figure", value=entered)
            self.assertEqual([text.split()[1] for text in offered], numbers)

    def test_only_what_was_understood_can_be_recorded(self):
        self._as(self.owner)
        for understood in ("13", "nan", "", "12.50", "1e400", "12,5"):
            with self.subTest(understood=understood):
                page = self._post(
                    self.objective, "figure", value="12.5", understood=understood, note="<b>"
                )
                self.assertIn("o_success_understood", page.text)
                self.assertNotIn('"<b>"', page.text)
        self.assertFalse(self.objective.measure_ids)
        answer = self._post(self.barrier, "progress", message="x", understood="1")
        self.assertEqual(answer.status_code, 400)

    def test_people_are_read_like_any_number(self):
        self.change.people_affected = 2500
        self._as(self.owner)
        for entered, offered in (
            ("1.200", ["Record 1,200 of 2500 people"]),
            ("1'200", ["Record 1,200 of 2500 people"]),
            ("2,000", ["Record 2,000 of 2500 people", "Record 2 of 2500 people"]),
            ("٣٣", ["Record 33 of 2500 people"]),
            ("7.0", ["Record 7 of 2500 people"]),
            ("50 %", []),
        ):
            with self.subTest(entered=entered):
                self.assertEqual(self._understood(self.change, "adopted", people=entered), offered)
        self.assertEqual(self.change.people_adopted, 0)

    def test_zero_is_a_figure(self):
        self._as(self.owner)
        self._record(self.objective, "figure", value="0")
        self.assertIsNot(self.objective.actual, False)
        self.assertEqual(self.objective.actual, 0)
        self.assertIn("0 %", self._said(self._page(self.objective)))

    def test_people_who_adopted_are_some_of_those_affected(self):
        self._as(self.owner)
        for wrong in ("", "13", "-1", "1.5", "x", "9" * 30):
            with self.subTest(wrong=wrong):
                answer = self._post(self.change, "adopted", people=wrong)
                self.assertEqual(answer.status_code, 400)
        self.assertEqual(self._record(self.change, "adopted", people="7").status_code, 303)
        self.assertEqual(self.change.people_adopted, 7)
        self.assertEqual(self._messages(self.change).author_id, self.owner.partner_id)

    def test_a_contact_confirms_a_result_which_is_evidence_by_itself(self):
        self.objective.state = "reached"
        self.objective.date_start = "2020-01-01"
        self.objective.actual = 95
        self._as(self.owner)
        self.assertIn("That you confirm the result", self._said(self._page(self.objective)))
        self.assertEqual(self._post(self.objective, "confirm").status_code, 303)
        self.assertEqual(self.objective.state, "confirmed")
        self.assertEqual(self.objective.confirmed_by_id, self.owner.partner_id)
        today = fields.Date.context_today(self.objective)
        self.assertEqual(self.objective.confirmed_date, today)
        self.assertIn("Confirmed in the portal by Ada on", self.objective.evidence)
        self.assertEqual(self._messages(self.objective).author_id, self.owner.partner_id)
        self._rescore(self.acme)
        said = str(self.acme.with_user(self.csm).success_explanation)
        self.assertIn("Orders on the day: 100 of 100, confirmed", said)
        self.assertEqual(self._post(self.objective, "confirm").status_code, 400, "once is enough")

    def test_a_contact_who_confirms_below_target_says_why(self):
        self.objective.actual = 50
        self._as(self.owner)
        page = self._page(self.objective).text
        self.assertIn("The target is not reached. Why do you confirm", page)
        for reason in ("", "   "):
            refused = self._post(self.objective, "confirm", reason=reason)
            self.assertEqual(refused.status_code, 400)
            self.assertIn("did not reach its target", self._said(refused))
            self.assertEqual(self.objective.state, "open")
        answer = self._post(self.objective, "confirm", reason="Half of it saves us a day a week")
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self.objective.shortfall_reason, "Half of it saves us a day a week")
        self._rescore(self.acme)
        said = str(self.acme.with_user(self.csm).success_explanation)
        self.assertIn("Orders on the day: 50 of 100, confirmed below target", said)

    def test_a_result_cannot_be_confirmed_before_go_live(self):
        self.acme.success_stage_id = self.stages["prepare"]
        self._as(self.owner)
        self.assertNotIn("o_success_confirm", self._page(self.objective).text)
        self.assertEqual(self._post(self.objective, "confirm").status_code, 400)
        self.assertEqual(self.objective.state, "open")
        self.acme.success_stage_id = self.stages["effective_use"]
        self._as(self.stranger)
        self._post(self.objective, "confirm")
        self.assertEqual(self.objective.state, "open", "a stranger confirms nothing")
