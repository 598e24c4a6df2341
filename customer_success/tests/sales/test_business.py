from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestBusiness(SuccessCase):
    """The renewals, upsells and referrals of a customer, and what is behind each figure."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.env["crm.lead"]
        cls.customer = cls._customer()
        cls.contact = cls._contact(cls.customer)
        cls.won = cls.leads._stage_find(domain=[("is_won", "=", True)])

    def _lead(self, when=TODAY, **vals):
        with freeze_time(when):
            return self.leads.create(
                {
                    "name": "Business",
                    "type": "opportunity",
                    "user_id": self.sales.id,
                    "stage_id": self.won.id,
                    "expected_revenue": 1000,
                    **vals,
                }
            )

    def _figures(self, customer, user=None):
        customer.invalidate_recordset()
        seen = customer.with_user(user or self.csm)
        return {
            kind: (seen[f"success_{name}_year"], seen[f"success_{name}_count"])
            for kind, name in (
                ("renewal", "renewed"),
                ("upsell", "upsell"),
                ("referral", "referral"),
            )
        }

    def _behind(self, customer, kind, user=None):
        """Return the rows that the figure of a kind opens for a user."""
        action = (
            customer.with_user(user or self.csm)
            .with_context(success_kind=kind)
            .action_success_business()
        )
        self.assertEqual(action["context"], {f"search_default_{kind}": 1})
        rows = self.env[action["res_model"]].with_user(user or self.csm)
        return rows.search([*action["domain"], ("kind", "=", kind)])

    def _everything(self):
        """Win one of each kind this year, and an upsell in the year before; return the new customer."""
        new = self._customer("New", success_user_id=self.lead_csm.id)
        self._lead(days(300), success_kind="upsell", partner_id=self.customer.id)
        self._lead(success_kind="upsell", partner_id=self.contact.id)
        self._lead(success_referred_by_id=self.contact.id, partner_id=new.id)
        renewal = self._renewal(self.customer, date_start=days(375), date_renewal=days(10))
        renewal.with_user(self.csm).write(
            {"outcome": "renewed", "renewed_value": 13000, "date_outcome": days(12)}
        )
        return new

    def test_s34_each_kind_is_counted_apart_by_year_and_opens_what_is_behind_it(self):
        new = self._everything()
        self.assertEqual(
            self._figures(self.customer), {"renewal": (1, 1), "upsell": (1, 2), "referral": (1, 1)}
        )
        self.assertEqual(set(self._figures(new, self.lead_csm).values()), {(0, 0)})
        self.assertFalse(
            self.csm.has_group("sales_team.group_sale_salesman"), "a CSM has no rights in sales"
        )
        self.assertEqual(self._behind(self.customer, "upsell").mapped("amount"), [1000, 1000])
        self.assertEqual(self._behind(self.customer, "renewal").amount, 13000)
        self.assertEqual(self._behind(self.customer, "referral").bought_by_id, new)

    def test_s34_the_pivot_books_what_the_form_books(self):
        """A referral to who referred, an upsell of a contact to its company, for a CSM and for sales alike."""
        self._everything()
        for user in (self.csm, self.sales, self.manager):
            groups = (
                self.env["customer.success.business"]
                .with_user(user)
                ._read_group(
                    [("partner_id", "=", self.customer.id)],
                    ["kind", "date:year"],
                    ["__count", "amount:sum"],
                )
            )
            found = {(kind, year.year): (count, money) for kind, year, count, money in groups}
            with self.subTest(user=user.login):
                self.assertEqual(
                    found,
                    {
                        ("upsell", 2025): (1, 1000),
                        ("upsell", 2026): (1, 1000),
                        ("referral", 2026): (1, 1000),
                        ("renewal", 2026): (1, 13000),
                    },
                )

    def test_s34_what_was_not_won_counts_for_nobody(self):
        """An open upsell, a churned term, an order without a kind, and a merger of both into none."""
        new = self._customer("New")
        open_stage = self.leads._stage_find(domain=[("is_won", "=", False)])
        self._lead(success_kind="upsell", partner_id=self.contact.id, stage_id=open_stage.id)
        self._lead(partner_id=self.customer.id)
        self._lead(success_kind="referral", partner_id=new.id)
        churned = self._renewal(self.customer, date_start=days(375), date_renewal=days(10))
        churned.write({"outcome": "churned", "date_outcome": days(12)})
        for customer in self.customer | new:
            self.assertEqual(set(self._figures(customer).values()), {(0, 0)}, customer.name)

    def test_s34_an_upsell_that_is_opened_again_no_longer_counts(self):
        lead = self._lead(success_kind="upsell", partner_id=self.contact.id)
        self.assertEqual(self._figures(self.customer)["upsell"], (1, 1))
        lead.with_user(self.sales).stage_id = self.leads._stage_find(
            domain=[("is_won", "=", False)]
        )
        self.assertEqual(self._figures(self.customer)["upsell"], (0, 0))

    def test_s34_a_csm_sees_what_is_behind_a_figure_and_not_the_opportunity(self):
        lead = self._lead(success_kind="upsell", partner_id=self.contact.id)
        [row] = self._behind(self.customer, "upsell")
        action = row.action_open()
        self.assertEqual((action["res_model"], action["res_id"]), (row._name, row.id))
        self.assertEqual(row.read(["name", "amount"])[0]["amount"], 1000)
        self.assertFalse(lead.with_user(self.csm).has_access("read"))
        action = row.with_user(self.sales).action_open()
        self.assertEqual(action["res_model"], "crm.lead")
        with self.assertRaises(AccessError):
            row.write({"amount": 1})

    def test_s34_everybody_sees_the_business_of_the_customers_that_they_may_see(self):
        others = self._customer("Others", success_user_id=self.lead_csm.id)
        stranger = self.env["res.partner"].create({"name": "Not followed", "is_company": True})
        seller = new_test_user(self.env, "test_seller", "sales_team.group_sale_salesman")
        portal = new_test_user(
            self.env, "test_portal_b", "base.group_portal", partner_id=self.contact.id
        )
        for partner in self.customer | others | stranger:
            self._lead(success_kind="upsell", partner_id=partner.id)
        stranger.success_stage_id = False
        self._lead(success_kind="upsell", partner_id=others.id, user_id=seller.id, name="Own")
        business = self.env["customer.success.business"]
        for user, seen in (
            (self.csm, self.customer),
            (self.lead_csm, self.customer | others),
            (self.sales, self.customer | others | stranger),
            (seller, others),
        ):
            with self.subTest(user=user.login):
                found = business.with_user(user).search(
                    [("partner_id", "in", (self.customer | others | stranger).ids)]
                )
                self.assertEqual(set(found.partner_id), set(seen))
        self.assertEqual(business.with_user(seller).search([]).mapped("name"), ["Own"])
        with self.assertRaises(AccessError):
            business.with_user(portal).search([])

    def test_s34_companies_do_not_see_each_others_business(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        stranger = new_test_user(
            self.env,
            "test_stranger_b",
            "customer_success.group_success_manager,sales_team.group_sale_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self._lead(success_kind="upsell", partner_id=self.customer.id, company_id=self.company.id)
        self.assertEqual(self._figures(self.customer)["upsell"], (1, 1))
        self.assertEqual(self._figures(self.customer, stranger)["upsell"], (0, 0))
        self.assertFalse(self._behind(self.customer, "upsell", stranger))

    def test_customers_are_found_by_what_they_brought(self):
        new = self._everything()
        partners = self.env["res.partner"].with_user(self.lead_csm)
        ours = [("id", "in", (self.customer | new).ids)]
        self.assertEqual(partners.search([*ours, ("success_upsell_count", ">=", 2)]), self.customer)
        self.assertEqual(partners.search([*ours, ("success_upsell_count", "=", 0)]), new)
        self.assertEqual(
            partners.search([*ours, ("success_referral_count", "!=", 0)]), self.customer
        )
        self.assertEqual(partners.search([*ours, ("success_renewed_count", "=", 1)]), self.customer)

    def test_an_amount_without_a_rate_is_unknown(self):
        euro = self.env["res.currency"].create({"name": "TST", "symbol": "T"})
        other = self.env["res.company"].create({"name": "Abroad", "currency_id": euro.id})
        self.sales.company_ids = [Command.link(other.id)]
        self._lead(success_kind="upsell", partner_id=self.customer.id, company_id=other.id)
        rows = (
            self.env["customer.success.business"]
            .with_user(self.sales)
            .with_context(allowed_company_ids=[self.company.id, other.id])
        )
        [row] = rows.search([("partner_id", "=", self.customer.id)])
        self.assertFalse(row.amount)

    def test_counts_take_the_same_queries_for_many(self):
        partners = self.env["res.partner"].concat(*(self._customer(f"C{i}") for i in range(20)))
        partners[:2]._compute_success_business()
        self.env.flush_all()
        with self.assertQueryCount(4):
            partners._compute_success_business()
