from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..common import TODAY, days
from .brief_common import HOSTILE, BriefCase

REPORT = "customer_brief"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCustomerBrief(BriefCase):
    def test_it_shows_the_customers_own_results(self):
        self._usage(self.customer, active=40, when=days(200))
        self._usage(self.customer, active=72, when=days(20))
        self._confirmed(
            "Orders on the day they come in",
            metric="Share",
            unit="%",
            baseline=40,
            target=90,
            actual=87.5,
            shortfall_reason="They count it as done",
            realised_value=12000,
        )
        self._objective(
            "Fewer lists",
            is_shared=True,
            date_due=days(-40),
            metric="Lists",
            unit="a week",
            baseline=10,
            target=0,
            actual=5,
        )
        self._barrier(
            self.customer,
            is_shared=True,
            name="Bonus counts calls",
            state="removed",
            date_opened=days(60),
            date_removed=days(18),
            owner_contact_id=self.contact.id,
        )
        self._barrier(self.customer, is_shared=True, name="Two lists are kept")
        self._change("New shift", is_shared=True, date=days(-20), people_affected=30)
        self._talk("review", 1, when=-7, state="planned")
        text = self._text(REPORT, self.customer)
        for said in (
            "Acme: where you stand",
            "From 40 % of the licensed users in Nov 2025 to 72 % in May 2026",
            "Orders on the day they come in · 12,000",
            "from 40 % now 87.5 % , target 90 %",
            "Confirmed by Ada Shah",
            "Fewer lists",
            "50 % of the way",
            "removed 05/28/2026 after 42 days by Ada Shah",
            "Two lists are kept",
            "Nobody has taken it on yet",
            "New shift",
            "0 of 30 people work the new way",
            "06/22/2026 Business Review",
        ):
            with self.subTest(said=said):
                self.assertIn(said, text)

    def test_one_is_not_said_in_the_plural(self):
        self._barrier(
            self.customer,
            is_shared=True,
            name="Bonus counts calls",
            state="removed",
            date_opened=days(19),
            date_removed=days(18),
        )
        self._change("New shift", is_shared=True, date=days(-20), people_affected=1)
        text = self._text(REPORT, self.customer)
        for said in ("after 1 day", "of 1 person works the new way"):
            with self.subTest(said=said):
                self.assertIn(said, text)
        self.assertNotRegex(text, r"\b1 (days|people|hours)\b")

    def test_what_was_not_shared_does_not_show(self):
        self._barrier(self.customer, name="Their boss is against it", diagnosis="Fear")
        self._barrier(
            self.customer,
            name="Nobody listens there",
            state="removed",
            date_removed=days(5),
            is_shared=True,
            share_until=days(1),
        )
        self._objective("Secret aim", date_due=days(-10))
        self._change("Layoffs", date=days(-10))
        self._confirmed("Shown, as they confirmed it", evidence="A private mail")
        self._talk("review", 1, summary="They are hopeless")
        self.customer.write(
            {"success_sentiment": "worried", "success_sentiment_note": "They will go"}
        )
        self._renewal(self.customer)
        self._rescore(self.customer)
        text = self._text(REPORT, self.customer)
        for word in (
            "boss",
            "Fear",
            "Nobody listens",
            "Secret",
            "Layoffs",
            "private mail",
            "hopeless",
            "will go",
        ):
            self.assertNotIn(word, text)
        for word in ("risk", "health", "worried", "score", "churn", "severity"):
            self.assertNotIn(word, text.lower())
        self.assertIn("Shown, as they confirmed it", text)

    def test_without_any_data_it_teaches(self):
        text = self._text(REPORT, self.customer)
        for said in (
            "Its usage is not known yet",
            "No result was confirmed",
            "No open objective is on our shared list",
            "None of the barriers on our shared list",
            "No open barrier is on our shared list",
            "No change ahead is on our shared list",
            "Nothing is agreed yet",
        ):
            self.assertIn(said, text)
        content = self._html(REPORT, self.customer)
        self.assertNotIn("<svg", content)
        self.assertNotIn("o_success_rows", content)

    def test_it_does_not_say_that_nothing_is_wrong_when_nothing_is_shared(self):
        self._barrier(self.customer, name="The director blocks")
        text = self._text(REPORT, self.customer)
        self.assertNotIn("No barrier to using the system is known", text)
        self.assertIn("No open barrier is on our shared list", text)

    def test_hostile_names_stay_text(self):
        self.customer.name = HOSTILE
        self.contact.name = HOSTILE
        self._confirmed(HOSTILE, metric=HOSTILE, unit=HOSTILE, target=4)
        self._barrier(self.customer, name=HOSTILE, is_shared=True, owner_contact_id=self.contact.id)
        self._change(HOSTILE, is_shared=True, date=days(-3))
        self._usage(self.customer)
        content = self._html(REPORT, self.customer)
        self.assertNotIn("<script>alert", content)
        self.assertIn("&lt;script&gt;alert", content)
        self.assertIn(HOSTILE, self._text(REPORT, self.customer))

    def test_it_speaks_the_customers_language_from_right_to_left(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.customer.lang = "ar_001"
        block = self.env.ref("customer_success.brief_barriers_open")
        block.update_field_translations(
            "arch_db",
            {
                "ar_001": {
                    "No open barrier is on our shared list. In your view, what keeps people from "
                    "using the system?": "لا شيء"
                }
            },
        )
        self._usage(self.customer)
        content = self._html(REPORT, self.customer)
        self.assertIn("لا شيء", content)
        self.assertRegex(content, r'class="page o_success_brief"[^>]*dir="rtl"')
        self.assertRegex(content, r'<body[^>]*dir="rtl"')
        self.assertRegex(content, r'dir="ltr" class="o_success_block o_success_chart"')
        self.customer.lang = "en_US"
        self.assertNotIn("لا شيء", self._html(REPORT, self.customer))

    def test_long_lists_are_cut_and_say_so(self):
        for number in range(7):
            self._confirmed(f"Result {number}")
        text = self._text(REPORT, self.customer)
        self.assertEqual(text.count("Confirmed by"), 3)
        self.assertIn("And 4 more.", text)

    def test_it_has_the_letterhead_of_the_customers_company(self):
        other = self.env["res.company"].create({"name": "Albion Branch"})
        other.company_details = "<p>Albion Branch, 1 Quay</p>"
        self.lead_csm.write({"company_ids": [(4, other.id)]})
        self.customer.company_id = other
        content = self._html(
            REPORT,
            self.customer,
            self.lead_csm,
            allowed_company_ids=[self.company.id, other.id],
        )
        self.assertIn(f"o_company_{other.id}_layout", content)
        self.assertIn("1 Quay", content)

    def test_use_that_was_measured_goes_before_what_was_assessed(self):
        self._usage(self.customer, active=90, when=days(40), source="assessed")
        self._usage(self.customer, licensed=100, active=50, when=days(40))
        second = self.env["product.product"].create({"name": "Second"})
        self._usage(self.customer, licensed=300, active=50, when=days(40), product_id=second.id)
        self.assertIn(
            "25 % of the licensed users were active in May 2026",
            self._text(REPORT, self.customer),
        )

    def test_a_currency_without_symbol_is_named(self):
        currency = self.env["res.currency"].create(
            {"name": "QQZ", "symbol": " ", "full_name": "Nothing"}
        )
        self._confirmed("Saved", realised_value=1500, currency_id=currency.id)
        self.assertIn("1,500 QQZ", self._text(REPORT, self.customer))

    def test_a_contact_prints_its_company(self):
        self.assertIn("Acme: where you stand", self._text(REPORT, self.contact))

    def test_who_may_print_it(self):
        others = self._customer("Others", success_user_id=self.lead_csm.id)
        for user, customer in (
            (self.csm, self.customer),
            (self.lead_csm, self.customer),
            (self.manager, self.customer),
            (self.manager, others),
        ):
            self.assertIn(customer.name, self._text(REPORT, customer, user))
        self.contact.email = "ada@example.com"
        portal = new_test_user(
            self.env, "brief_portal", "base.group_portal", partner_id=self.contact.id
        )
        employee = new_test_user(self.env, "brief_employee", "base.group_user")
        for user, customer in (
            (self.sales, self.customer),
            (employee, self.customer),
            (portal, self.customer),
            (self.csm, others),
        ):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._html(REPORT, customer, user)

    def test_who_is_no_customer_has_no_brief(self):
        stranger = self.env["res.partner"].create({"name": "Stranger", "is_company": True})
        with self.assertRaisesRegex(UserError, "not followed as a customer"):
            self._html(REPORT, stranger)

    def test_of_another_company_it_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self._customer("Theirs", company_id=other.id, success_user_id=self.csm.id)
        with self.assertRaises(AccessError):
            self._html(REPORT, theirs)

    def test_salespeople_do_not_find_it_in_the_print_menu(self):
        report = self.env.ref(f"customer_success.{REPORT}_report")

        def offered(user):
            bound = self.env["ir.actions.actions"].with_user(user).get_bindings("res.partner")
            return report.id in [action["id"] for action in bound.get("report", [])]

        self.assertTrue(offered(self.csm))
        self.assertFalse(offered(self.sales))


@tagged("post_install", "-at_install")
class TestCustomerBriefAddress(BriefCase, HttpCase):
    def test_the_address_of_the_report_is_closed_to_salespeople(self):
        address = f"/report/html/customer_success.{REPORT}/{self.customer.id}"
        self.authenticate("test_csm", "test_csm")
        self.assertIn("where you stand", self.url_open(address).text)
        self.authenticate("test_sales", "test_sales")
        with mute_logger("odoo.http"):
            answer = self.url_open(address)
        self.assertEqual(answer.status_code, 403)
        self.assertNotIn("where you stand", answer.text)
