from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .brief_common import HOSTILE, BriefCase

INTERNAL, HANDED = "renewal_brief", "renewal_brief_customer"
PRIVATE_WORDS = (
    "risk",
    "health",
    "churn",
    "score",
    "worried",
    "severity",
    "internal",
    "play",
    "at stake",
)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRenewalBrief(BriefCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.renewal = cls._renewal(cls.customer, date_start=days(265), date_renewal=days(-100))
        cls._talk("advisory", 1.5)
        cls._talk("advisory", 2)
        cls._talk("support", 4)
        cls._talk("review", 1, when=300)  # in the term before
        cls._talk("review", 1, state="planned", when=10)
        cls._confirmed(
            "Orders the same day",
            metric="Share",
            unit="%",
            baseline=40,
            target=90,
            actual=88,
            shortfall_reason="Close enough, and it stays",
            realised_value=12000,
            evidence="Mail of 3 May",
        )
        cls._objective("Reached in silence", state="reached")
        cls.env["customer.success.objective"].create(
            {
                "partner_id": cls.customer.id,
                "name": "Of the term before",
                "state": "confirmed",
                "confirmed_by_id": cls.contact.id,
                "confirmed_date": days(300),
                "evidence": "Their word",
                "realised_value": 99000,
            }
        )
        cls._barrier(
            cls.customer,
            is_shared=True,
            name="Bonus counts calls",
            state="removed",
            date_opened=days(60),
            date_removed=days(18),
        )
        cls._barrier(cls.customer, name="The director blocks", diagnosis="Fear", resolution="Wait")
        cls._barrier(cls.customer, is_shared=True, name="Two lists", date_opened=days(400))
        cls._change("New shift", is_shared=True, date=days(50), state="done", people_affected=9)
        cls._change("Quiet merger", date=days(40), state="running")
        cls._usage(cls.customer, active=80, when=days(200), quality=40)
        cls._usage(cls.customer, active=30, when=days(20), quality=60)
        cls.customer.write(
            {"success_sentiment": "worried", "success_sentiment_note": "They will go"}
        )
        play = cls.env.ref("customer_success.customer_success_play_stalled")
        cls.env["customer.success.play.run"].create(
            {"play_id": play.id, "partner_id": cls.customer.id, "cause": "x", "date": days(9)}
        )
        cls.play = play
        cls._rescore(cls.customer)

    def test_the_internal_version_prepares_the_csm(self):
        text = self._text(INTERNAL, self.renewal)
        for said in (
            "Internal: not for the customer",
            "09/23/2025 to 09/23/2026",
            "Runs to and including 09/22/2026. The next term begins on 09/23/2026.",
            "Advice 2 3.5",
            "Support 1 4",
            "3.5 hours of advice",
            "Orders the same day",
            "Confirmed by Ada Shah",
            "Reached in silence",
            "Reached, not confirmed yet",
            "Bonus counts calls",
            "after 42 days",
            "The director blocks",
            "(not shared)",
            "New shift",
            "Quiet merger",
            "From 80 % of the licensed users",
            "Churn risk: ",
            "The CSM is worried: They will go",
            *self.env["customer.success.explanation"]._helpful(self.customer, self.renewal),
            "How Well 40 60",
            self.play.name,
        ):
            with self.subTest(said=said):
                self.assertIn(said, text)
        self.assertNotIn("99,000", text)
        facts = self.env["customer.success.brief"]._renewal_brief(self.renewal)
        self.assertEqual(
            [row["name"] for row in facts["objectives_proven"]],
            ["Orders the same day", "Reached in silence"],
        )

    def test_the_lines_of_the_risk_add_up_to_it(self):
        facts = self.env["customer.success.brief"]._renewal_brief(self.renewal)
        points = sum(line["points"] for line in facts["private"]["lines"])
        self.assertAlmostEqual(points, self.renewal.churn_risk, places=1)

    def test_the_version_to_hand_over_has_nothing_private(self):
        text = self._text(HANDED, self.renewal)
        for said in (
            "Acme: results of this term",
            "Runs to and including 09/22/2026.",
            "Orders the same day",
            "Confirmed by Ada Shah",
            "Confirmed in money: 12,000",
            "3.5 hours of advice",
            "Bonus counts calls",
            "Two lists",
            "New shift",
            "Barriers removed: 1 (1 found)",
        ):
            with self.subTest(said=said):
                self.assertIn(said, text)
        for word in PRIVATE_WORDS:
            with self.subTest(word=word):
                self.assertNotIn(word, text.lower())
        for word in (
            "director blocks",
            "Fear",
            "Wait",
            "Mail of 3 May",
            "Reached in silence",
            "Quiet merger",
            "will go",
            "How Well",
            self.play.name,
        ):
            with self.subTest(word=word):
                self.assertNotIn(word, text)

    def test_it_is_built_from_a_list_of_what_is_allowed(self):
        """The template of the customer's version gets no private facts, so it cannot show any."""
        brief = self.env["customer.success.brief"]
        told = brief._renewal_brief_for_customer(self.renewal)
        self.assertFalse({"private", "plays", "degrees"} & told.keys())
        for rows in (told["barriers_open"], told["barriers_removed"]):
            for row in self._each(rows):
                self.assertFalse(
                    {"severity", "authority", "state", "number", "resolution"} & row.keys()
                )

    def test_both_versions_come_from_one_computation(self):
        brief = self.env["customer.success.brief"]
        everything = brief._renewal_brief(self.renewal)
        told = brief._renewal_brief_for_customer(self.renewal)
        for key in ("use", "conversations", "renewal", "money", "from", "to"):
            self.assertEqual(told[key], everything[key])

    def test_the_customers_version_is_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        page = self.env.ref("customer_success.renewal_brief_customer_page")
        page.update_field_translations(
            "arch_db", {"fr_FR": {": results of this term": " : ce que cette période a apporté"}}
        )
        text = self._text(HANDED, self.renewal)
        self.assertIn("ce que cette période a apporté", text)
        self.assertIn("23/09/2025", text)  # dates as they are written there
        self.assertIn("88 %", text)
        self.assertIn(
            "Acme : renewal brief", self._text(INTERNAL, self.renewal).replace("Acme:", "Acme :")
        )

    def test_the_letterhead_is_of_the_contracts_company(self):
        other = self.env["res.company"].create({"name": "Albion Branch"})
        other.company_details = "<p>Albion Branch, 1 Quay</p>"
        self.lead_csm.write({"company_ids": [(4, other.id)]})
        theirs = self._renewal(self.customer, company_id=other.id, product_id=False)
        for report in (INTERNAL, HANDED):
            content = self._html(
                report, theirs, self.lead_csm, allowed_company_ids=[self.company.id, other.id]
            )
            self.assertIn(f"o_company_{other.id}_layout", content)
            self.assertIn("1 Quay", content)
            self.assertNotIn(f"o_company_{self.company.id}_layout", content)

    def test_hostile_names_stay_text(self):
        self.customer.name = HOSTILE
        self.product.name = HOSTILE
        self._confirmed(HOSTILE)
        self._barrier(self.customer, name=HOSTILE)
        self.customer.success_sentiment_note = HOSTILE
        for report in (INTERNAL, HANDED):
            content = self._html(report, self.renewal)
            self.assertNotIn("<script>alert", content)
            self.assertIn("&lt;script&gt;alert", content)

    def test_a_customer_of_whom_nothing_is_known(self):
        empty = self._renewal(self._customer("Empty"), date_start=False, product_id=False)
        for report in (INTERNAL, HANDED):
            text = self._text(report, empty)
            self.assertIn("No conversation was logged", text)
            self.assertIn("No result was confirmed", text)

    def test_who_may_print_it(self):
        others = self._renewal(self._customer("Others", success_user_id=self.lead_csm.id))
        for report in (INTERNAL, HANDED):
            self.assertIn("Others", self._text(report, others, self.manager))
            for user, renewal in ((self.sales, self.renewal), (self.csm, others)):
                with self.subTest(report=report, user=user.login), self.assertRaises(AccessError):
                    self._html(report, renewal, user)

    def test_several_renewals_print_one_after_the_other(self):
        second = self._renewal(self._customer("Second"))
        content = self._html(INTERNAL, self.renewal | second)
        self.assertEqual(content.count("page o_success_brief"), 2)
