"""The doors of docs/doors.md that are forms, lists and the portal, through the browser and over HTTP."""

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from .barrier_mail_common import BarrierMailCase
from .common import TODAY, SuccessCase, days
from .portal.portal_common import PortalCase
from .test_one_currency import CurrencyCase


@tagged("post_install", "-at_install")
class TestDoorTours(HttpCase, SuccessCase):
    def _term(self, name, **vals):
        today = fields.Date.today()
        customer = self._customer(name, user_id=self.sales.id)
        start, end = fields.Date.subtract(today, months=10), fields.Date.add(today, months=2)
        return self._renewal(customer, 10000, date_start=start, date_renewal=end, **vals)

    def _open(self, record, action, tour):
        action = self.env.ref(f"customer_success.{action}")
        self.start_tour(f"/odoo/action-{action.id}/{record.id}", tour, login="test_csm")

    def test_csm_moves_a_term_and_its_opportunity_follows(self):
        term = self._term("Tour Moved")
        self.env.ref("customer_success.ir_cron_renewal_leads").method_direct_trigger()
        lead = term.lead_id
        self.assertEqual(lead.expected_revenue, 10000)
        self._open(term, "customer_success_renewal_action", "customer_success_move_a_term")
        self.assertEqual((str(term.date_renewal), term.annual_value), ("2097-12-31", 12000))
        self.assertEqual((str(lead.date_deadline), lead.expected_revenue), ("2097-12-31", 12000))

    @mute_logger("odoo.sql_db", "odoo.http")
    def test_csm_types_a_year_with_a_slip(self):
        term = self._term("Tour Year")
        self._open(term, "customer_success_renewal_action", "customer_success_wrong_year")
        self.assertEqual(str(term.date_renewal), "2098-01-05")

    @mute_logger("odoo.http")
    def test_csm_enters_more_seats_for_less_money(self):
        term = self._term("Tour Money")
        self._open(term, "customer_success_renewal_action", "customer_success_money_decides")
        self.assertEqual((term.outcome, term.renewed_value), ("contracted", 8000))
        self.assertEqual(term.renewed_seats, 150)

    @mute_logger("odoo.http")
    def test_csm_logs_a_meeting_of_a_whole_day(self):
        customer = self._customer("Tour Meeting")
        today = fields.Date.today()
        people = self._contact(customer) | self.csm.partner_id
        event = (
            self.env["calendar.event"]
            .with_user(self.csm)
            .create(
                {
                    "name": "Review",
                    "allday": True,
                    "start_date": today,
                    "stop_date": today,
                    "partner_ids": [Command.set(people.ids)],
                }
            )
        )
        action = self.env.ref("calendar.action_calendar_event")
        self.start_tour(
            f"/odoo/action-{action.id}/{event.id}",
            "customer_success_all_day_meeting",
            login="test_csm",
        )
        talk = customer.success_interaction_ids
        self.assertEqual((talk.date, talk.duration, talk.state), (today, 1.5, "held"))


@tagged("post_install", "-at_install")
class TestMailTours(HttpCase, BarrierMailCase):
    def test_csm_says_whose_mail_it_is(self):
        globex = self._customer("Globex")
        for customer in (self.customer, globex):
            self._contact(customer, "Connie Consultant").email = "connie@group.example.com"
        self.assertFalse(self._mail("connie@group.example.com", "We stop"))
        mail = self.env["customer.success.unsorted.mail"].search([("name", "=", "We stop")])
        action = self.env.ref("customer_success.customer_success_unsorted_mail_action")
        self.start_tour(
            f"/odoo/action-{action.id}/{mail.id}", "customer_success_sort_a_mail", login="test_csm"
        )
        self.assertEqual((mail.state, mail.barrier_id.partner_id), ("opened", globex))


@tagged("post_install", "-at_install")
class TestNobodyInChargeOverHttp(PortalCase):
    """A manager is told what people of a customer without a CSM do in the portal, at each of its forms."""

    def setUp(self):
        super().setUp()
        self.manager.email = "mia@ours.example.com"
        self.acme.success_user_id = False
        for record in self.records:
            record.message_unsubscribe(record.message_partner_ids.ids)
            if "user_id" in record._fields:
                record.user_id = False
        self.asked = self.acme._success_in_charge().partner_id
        self.assertTrue(self.asked)

    def test_each_form_of_the_portal(self):
        self._as(self.owner)
        token = self.barrier._portal_ensure_token()
        self._rpc(
            "/mail/message/post",
            thread_model=self.barrier._name,
            thread_id=self.barrier.id,
            post_data={
                "body": "Who decides?",
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_comment",
            },
            token=token,
        )
        self._post(self.barrier, "own")
        self._post(self.barrier, "authority")
        self._record(self.objective, "figure", value="50")
        self._record(self.change, "adopted", people="5")
        for record, times in ((self.barrier, 3), (self.objective, 1), (self.change, 1)):
            with self.subTest(record=record):
                messages = self._messages(record)
                self.assertEqual(messages.author_id, self.owner.partner_id)
                self.assertEqual(len(messages), times)
                for message in messages:
                    self.assertIn(self.asked, message.notified_partner_ids, message.body)


@tagged("post_install", "-at_install")
class TestRepliesToNobody(BarrierMailCase):
    """Mails to a barrier of a customer without a CSM are told to a manager, whoever of the customer writes."""

    def test_replies_by_mail(self):
        self.customer.success_user_id = False
        self.manager.email = "mia@ours.example.com"
        asked = self.customer._success_in_charge().partner_id
        bob = self._contact(self.customer, "Bob")
        bob.email = "bob@acme.example.com"
        barrier = self._mail()
        barrier.activity_ids.unlink()
        barrier.message_unsubscribe(barrier.message_partner_ids.ids)
        posted = barrier.with_user(self.lead_csm).message_post(
            body="Who decides?", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        barrier.message_unsubscribe(barrier.message_partner_ids.ids)
        for number, (sender, header) in enumerate(
            (
                ("ada@acme.example.com", f"In-Reply-To: {posted.message_id}"),
                ("ADA@Acme.Example.com", f"References: {posted.message_id}"),
                ('"Bob" <bob@acme.example.com>', f"In-Reply-To: {posted.message_id}"),
            )
        ):
            with self.subTest(sender=sender):
                self._mail(sender, f"Re: They want sheets {number}", f"I do {number}", header)
                self.assertIn(f"I do {number}", barrier.message_ids[0].body)
                self.assertIn(asked, barrier.message_ids[0].notified_partner_ids)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestListsInOneCurrency(HttpCase, CurrencyCase):
    """The lists as the web client asks for them: order and filters of money are in one currency."""

    def _read(self, model, field, domain=(), order=None):
        answer = self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/web_search_read",
            {
                "model": model,
                "method": "web_search_read",
                "args": [],
                "kwargs": {
                    "domain": list(domain),
                    "specification": {field: {}},
                    "order": order,
                    "context": {"allowed_company_ids": (self.company | self.far).ids},
                },
            },
        )
        return [row["id"] for row in answer["records"]]

    def test_five_lists_say_the_same(self):
        dollar = self._worth("1,330 at home", 1330, user_id=self.sales.id)
        yen = self._worth("300,000 far away", 300_000, self.far, user_id=self.sales.id)
        high = self._worth("12,000 at home", 12_000, user_id=self.sales.id)
        customers = high | yen | dollar
        terms = self.env["customer.success.renewal"].browse()
        leads = self.env["crm.lead"].browse()
        for customer, value in zip(customers, (12_000, 300_000, 1330), strict=True):
            company = customer.company_id
            terms |= self._renewal(customer, value, company_id=company.id)
            leads |= leads.create(
                {"name": customer.name, "partner_id": customer.id, "company_id": company.id}
            )
            customer.activity_schedule("mail.mail_activity_data_todo", user_id=self.csm.id)
        activities = customers.activity_ids.sorted(lambda one: customers.ids.index(one.res_id))
        self.env.flush_all()
        for user, records, field in (
            (self.csm, customers, "success_value_at_risk"),
            (self.csm, activities, "success_value_at_risk"),
            (self.csm, terms, "annual_value"),
            (self.csm, terms, "counted_value"),
            (self.sales, leads, "success_value_at_risk"),
            (self.sales, terms, "annual_value"),
        ):
            model = records._name
            if user == self.sales and records == terms:
                model = "customer.success.sales.renewal"
            self.authenticate(user.login, user.login)
            mine = [["id", "in", records.ids]]
            with self.subTest(model=model, field=field):
                self.assertEqual(self._read(model, field, mine, f"{field} desc"), records.ids)
                self.assertEqual(self._read(model, field, mine, f"{field}"), records.ids[::-1])
                over = self._read(model, field, [*mine, [field, ">", 10_000]])
                self.assertEqual(over, records[:1].ids)
                under = self._read(model, field, [*mine, [field, "<", 1_500]])
                self.assertEqual(under, records[2:].ids)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestMovedAtEachDoor(SuccessCase):
    """A term that is moved at any door takes its opportunity with it."""

    def test_file_import_list_and_form(self):
        def file(term, day, value):
            row = [term.partner_id.ref, "PLANNER", str(term.date_start), day, value]
            columns = ["reference", "product", "date_start", "date_renewal", "annual_value"]
            loader = self.env["customer.success.intake"].with_user(self.manager)
            self.assertFalse(loader.load(columns, [row])["messages"])

        def odoos_import(term, day, value):
            loader = term.with_user(self.manager)
            columns = [".id", "date_renewal", "annual_value", "value_reason"]
            answer = loader.load(columns, [[str(term.id), day, value, "Corrected"]])
            self.assertFalse(answer["messages"])

        def mass(term, day, value):
            other = self._renewal(self._customer("Beside"), date_renewal=days(-80))
            both = (term | other).with_user(self.manager)
            both.write({"date_renewal": day, "annual_value": float(value)})

        for number, (through, day) in enumerate(
            ((file, days(-80)), (odoos_import, days(-110)), (mass, days(-110)))
        ):
            customer = self._customer(f"Moved {number}", ref=f"M-{number}", user_id=self.sales.id)
            term = self._renewal(customer, 10_000, date_renewal=days(-80))
            with self.enter_registry_test_mode():
                self.env.ref("customer_success.ir_cron_renewal_leads").method_direct_trigger()
            self.env.invalidate_all()
            lead = term.lead_id
            self.assertTrue(lead)
            with self.subTest(door=through.__name__):
                through(term, str(day), "12000")
                self.assertEqual((lead.date_deadline, lead.expected_revenue), (day, 12_000))
