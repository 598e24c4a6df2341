from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import TODAY, days
from .brief_common import HOSTILE, BriefCase

REPORT = "opportunity_brief"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestOpportunityBrief(BriefCase):
    """Success services and permitted results, printed by sales before somebody buys."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.food, cls.steel = cls.env["res.partner.industry"].create(
            [{"name": "Bakeries"}, {"name": "Steelworks"}]
        )
        cls.customer.write({"name": "Ostwind Bakers", "industry_id": cls.food.id})
        cls.prospect = cls.env["res.partner"].create(
            {"name": "Prospect", "is_company": True, "industry_id": cls.food.id}
        )
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "First order",
                "type": "opportunity",
                "partner_id": cls.prospect.id,
                "user_id": cls.sales.id,
                "company_id": cls.company.id,
            }
        )
        cls.result = cls._confirmed(
            "Bread is counted at Ostwind",
            evidence="Secret report",
            realised_value=98765,
        )

    def _permit(self, objective=None, **vals):
        objective = objective or self.result
        objective.with_user(self.csm).write(
            {
                "reference": "named",
                "reference_text": "Loaves thrown away: from 9 % to 3 % in a year.",
                "reference_by_id": self.contact.id,
                "reference_date": TODAY,
                **vals,
            }
        )
        return objective

    def _printed(self, lead=None, user=None):
        self.env.flush_all()
        return self._text(REPORT, lead or self.lead, user or self.sales)

    def test_s84_a_new_opportunity_prints_what_we_offer_and_what_like_customers_reached(self):
        self._permit()
        printed = self._printed()
        for words in (
            "Prospect",
            "Barriers found and removed",
            "What customers like you have reached",
            "Loaves thrown away: from 9 % to 3 % in a year.",
            "Ostwind Bakers, confirmed in May 2026",
        ):
            self.assertIn(words, printed)

    def test_s84_nothing_but_the_permitted_words_is_told(self):
        self._permit()
        printed = self._printed()
        for secret in ("Secret report", "98", "Bread is counted", "Ada Shah"):
            self.assertNotIn(secret, printed)
        self.assertFalse(self.result.with_user(self.sales).has_access("read"))

    def test_s84_without_permission_nothing_is_told(self):
        """A result that is confirmed, one that was withdrawn, and one of a customer that is not followed."""
        self.assertNotIn("reached", self._printed())
        self._permit()
        self.assertIn("Loaves", self._printed())
        self.customer.success_stage_id = False
        self.assertNotIn("Loaves", self._printed())
        self.customer.success_stage_id = self.stages["effective_use"]
        self.result.with_user(self.csm).reference = False
        self.assertNotIn("Loaves", self._printed())

    def test_s84_without_its_name_a_customer_is_not_named(self):
        self._permit(reference="anonymous")
        printed = self._printed()
        self.assertIn("A customer, Bakeries, confirmed in May 2026", printed)
        self.assertNotIn("Ostwind", printed)
        for words in (
            "Ostwind Bakers throw away less.",
            "At OSTWIND, less is thrown away.",
            "Ada Shah says that less is thrown away.",
        ):
            with (
                self.subTest(words=words),
                self.assertRaisesRegex(ValidationError, "without its name"),
                self.env.cr.savepoint(),
            ):
                self._permit(reference="anonymous", reference_text=words)
        # A customer that takes another name later is not named either.
        self._permit(reference="anonymous", reference_text="At Loafland, less is thrown away.")
        self.customer.name = "Loafland"
        self.assertNotIn("Loafland", self._printed())

    def test_s84_a_permission_is_given_by_the_customer_for_a_result_that_is_confirmed(self):
        stranger = self._contact(self._customer("Other"), "Eve")
        for words, vals in (
            ("in which words", {"reference_text": " "}),
            ("who at Ostwind Bakers permitted", {"reference_by_id": False}),
            ("who at Ostwind Bakers permitted", {"reference_by_id": stranger.id}),
            ("the day on which", {"reference_date": False}),
            ("the day on which", {"reference_date": days(-1)}),
        ):
            with (
                self.subTest(words=words, vals=vals),
                self.assertRaisesRegex(ValidationError, words),
                self.env.cr.savepoint(),
            ):
                self._permit(**vals)
        unproven = self._objective("Hoped for")
        with self.assertRaisesRegex(ValidationError, "is not confirmed"), self.env.cr.savepoint():
            self._permit(unproven)
        self._permit()
        with self.assertRaisesRegex(ValidationError, "is not confirmed"):
            self.result.with_user(self.csm).state = "reached"

    def test_s84_like_customers_go_first_and_others_are_called_so(self):
        self._permit()
        other = self._customer("Hammerwerk", industry_id=self.steel.id)
        contact = self._contact(other, "Bo")
        result = self._confirmed("Fewer stops", partner_id=other.id, confirmed_by_id=contact.id)
        self._permit(result, reference_text="Fewer stops.", reference_by_id=contact.id)
        self.assertNotIn("Fewer stops", self._printed())
        self.prospect.industry_id = self.steel
        printed = self._printed()
        self.assertIn("What customers like you have reached Fewer stops.", printed)
        self.assertNotIn("Loaves", printed)
        self.prospect.industry_id = False
        printed = self._printed()
        self.assertIn("What other customers have reached", printed)
        for words in ("Fewer stops", "Loaves"):
            self.assertIn(words, printed)

    def test_s84_another_companys_results_and_services_stay_there(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self._permit()
        self.customer.company_id = other
        service = self.env.ref("customer_success.customer_success_service_use")
        service.company_id = other
        printed = self._printed()
        for words in ("Loaves", "Use that you can see"):
            self.assertNotIn(words, printed)

    def test_s84_sales_prints_its_own_opportunities_and_nobody_else_does(self):
        seller = new_test_user(self.env, "test_seller", "sales_team.group_sale_salesman")
        portal = new_test_user(
            self.env, "test_portal_o", "base.group_portal", partner_id=self.contact.id
        )
        for user in (seller, self.csm, portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._html(REPORT, self.lead, user)

    def test_hostile_words_stay_text(self):
        self._permit(reference_text=HOSTILE)
        self.lead.partner_id.name = HOSTILE
        content = self._html(REPORT, self.lead, self.sales)
        self.assertNotIn("<script>alert", content)

    def test_managers_write_the_services(self):
        service = self.env.ref("customer_success.customer_success_service_use")
        service.with_user(self.manager).description = "You see it every week."
        self.assertIn("You see it every week.", self._printed())
        for user in (self.csm, self.sales):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                service.with_user(user).name = "x"
        lone = new_test_user(
            self.env,
            "test_lone",
            "sales_team.group_sale_salesman",
            company_ids=[Command.set(self.company.ids)],
        )
        self.assertTrue(service.with_user(lone).has_access("read"))
