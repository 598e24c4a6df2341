import random
from itertools import pairwise

from odoo.tests import freeze_time, tagged

from ..models.common.money import Money
from .common import TODAY, SuccessCase, days

OURS = "customer.success."


class CurrencyCase(SuccessCase):
    """A base class with a second company whose currency is worth a 150th; the reader is in both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yen, cls.unknown = cls.env["res.currency"].create(
            [{"name": name, "symbol": name, "rounding": 1} for name in ("QQY", "QQN")]
        )
        # A rate of 1 for the own currency, too: for the other companies it is a foreign one.
        for currency, rate in ((cls.yen, 150), (cls.company.currency_id, 1)):
            cls.env["res.currency.rate"].create(
                {"currency_id": currency.id, "name": days(400), "rate": rate, "company_id": False}
            )
        cls.far, cls.lost = cls.env["res.company"].create(
            [
                {"name": "Far", "currency_id": cls.yen.id},
                {"name": "Lost", "currency_id": cls.unknown.id},
            ]
        )
        companies = cls.company | cls.far | cls.lost
        for user in cls.csm | cls.manager | cls.lead_csm | cls.sales:
            user.company_ids = companies.ids
        cls.companies = companies

    def _as(self, user, company=None):
        """Return the environment of a user who has selected all companies, this one first."""
        first = company or self.company
        order = [first.id, *(self.companies - first).ids]
        return self.env(user=user.id, context={**self.env.context, "allowed_company_ids": order})

    @classmethod
    def _worth(cls, name, value, company=None, **vals):
        """Return a customer whose score says this value at risk, in the currency of the company."""
        company = company or cls.company
        customer = cls._customer(name, company_id=company.id, **vals)
        customer.success_score_id.write(
            {"value_at_risk": value, "currency_id": company.currency_id.id, "renewal_risk": 50}
        )
        return customer


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestOneCurrency(CurrencyCase):
    """Order, filters and bands of money mean one currency, that of the reader's company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dollar = cls._worth("B 1,330 at home", 1330)
        cls.same = cls._worth("A 199,500 far away", 199500, cls.far)
        cls.more = cls._worth("C 12,000 at home", 12000)
        cls.less = cls._worth("D 300,000 far away", 300000, cls.far)
        cls.dark = cls._worth("E unknown", 5_000_000, cls.lost)
        cls.none = cls._worth("F nothing", 0)
        cls.all = cls.dollar | cls.same | cls.more | cls.less | cls.dark | cls.none

    def _names(self, records):
        return "".join(
            name[0]
            for name in records.mapped("partner_id.name" if "partner_id" in records else "name")
        )

    def _customers(self, order="success_value_at_risk desc, name", domain=(), **reader):
        partners = self._as(reader.get("user", self.csm), reader.get("company"))["res.partner"]
        return self._names(partners.search([("id", "in", self.all.ids), *domain], order=order))

    def test_customers_are_in_the_order_of_their_value(self):
        self.assertEqual(self._customers(), "CDABFE")
        self.assertEqual(self._customers("success_value_at_risk, name"), "FABDCE")
        self.assertEqual(self._customers(company=self.far), "CDABFE")

    def test_over_10_000_is_one_amount(self):
        over = [("success_value_at_risk", ">", 10000)]
        self.assertEqual(self._customers(domain=over), "C")
        # 10,000 yen are 67 dollars.
        self.assertEqual(self._customers(domain=over, company=self.far), "CDAB")
        for operator, value, expected in (
            (">=", 1330, "CDAB"),
            ("<", 1330, "F"),
            ("<=", 1330, "ABF"),
            ("=", 1330, "AB"),
            ("!=", 1330, "CDFE"),
            ("=", 0, "F"),
            (">", 0, "CDABE"),
        ):
            with self.subTest(operator=operator, value=value):
                found = self._customers(domain=[("success_value_at_risk", operator, value)])
                self.assertEqual(sorted(found), sorted(expected))

    def test_my_day_begins_with_the_highest_value(self):
        for customer in self.all:
            customer.activity_schedule(
                "mail.mail_activity_data_todo", user_id=self.csm.id, summary=customer.name
            )
        activities = self._as(self.csm)["mail.activity"].search(
            [("success_partner_id", "in", self.all.ids)],
            order="success_value_at_risk desc, date_deadline, summary, id",
        )
        self.assertEqual("".join(line.summary[0] for line in activities), "CDABFE")
        over = activities.search(
            [("success_partner_id", "in", self.all.ids), ("success_value_at_risk", ">", 1500)]
        )
        self.assertEqual({line.summary[0] for line in over}, {"C", "D"})

    def test_renewals_are_sorted_and_found_in_one_currency(self):
        terms = self.env["customer.success.renewal"]
        for customer, value in (
            (self.dollar, 1330),
            (self.same, 199500),
            (self.more, 12000),
            (self.less, 300000),
            (self.dark, 5_000_000),
        ):
            terms |= self._renewal(customer, value, company_id=customer.company_id.id)
        self.env.flush_all()
        mine = [("id", "in", terms.ids)]
        for user, model in (
            (self.csm, "customer.success.renewal"),
            (self.sales, "customer.success.sales.renewal"),
        ):
            renewals = self._as(user)[model]
            with self.subTest(model=model):
                found = renewals.search(mine, order="annual_value desc, name")
                self.assertEqual(self._names(found), "CDABE")
                found = renewals.search([*mine, ("annual_value", ">", 10000)])
                self.assertEqual(self._names(found), "C")
        opportunity = self._as(self.csm)["customer.success.renewal"].search(
            [*mine, ("counted_value", ">=", 2000)], order="counted_value desc"
        )
        self.assertEqual(self._names(opportunity), "CD")
        both = self._as(self.csm)["res.partner"].search(
            [("success_renewal_ids.annual_value", ">", 10000), ("id", "in", self.all.ids)]
        )
        self.assertEqual(both, self.more)

    def test_records_are_filtered_in_python_as_in_sql(self):
        customers = self.all.with_env(self._as(self.csm))
        for operator, value in ((">", 10000), ("<=", 1330), (">=", 1330), ("<", 2000), ("=", 1330)):
            domain = [("success_value_at_risk", operator, value)]
            found = customers.search([("id", "in", customers.ids), *domain])
            with self.subTest(operator=operator, value=value):
                self.assertEqual(customers.filtered_domain(domain).sorted("id"), found.sorted("id"))

    def test_opportunities_are_in_the_order_of_their_customers(self):
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": customer.name,
                    "partner_id": customer.id,
                    "company_id": customer.company_id.id,
                }
                for customer in self.all
            ]
        )
        found = self._as(self.sales)["crm.lead"].search(
            [("id", "in", leads.ids)], order="success_value_at_risk desc, name"
        )
        self.assertEqual("".join(lead.name[0] for lead in found), "CDABFE")

    def test_bands_of_the_dashboard_are_in_one_currency(self):
        self.all.success_score_id.risk_band = "high"
        boards = self._as(self.manager)["customer.success.dashboard"]
        for company, total in ((self.company, 1330 + 1330 + 12000 + 2000), (self.far, 0)):
            content = (
                boards.with_env(self._as(self.manager, company))
                .create({"user_id": self.csm.id})
                .content
            )
            chart = next(c for c in content["charts"] if c["title"].startswith("Value at risk"))
            if total:
                self.assertAlmostEqual(sum(chart["series"][0]["data"]), total, places=2)
            self.assertTrue(chart["hint"].endswith("1"))
            for action in chart["series"][0]["actions"]:
                seen = (
                    boards.env["res.partner"].search(action["domain"]) if "domain" in action else ()
                )
                self.assertNotIn(self.dark, seen)

    def test_the_order_follows_the_rates(self):
        self.env["res.currency.rate"].create(
            {"currency_id": self.yen.id, "name": days(1), "rate": 15, "company_id": False}
        )
        self.assertEqual(self._customers(), "DACBFE")

    def test_each_amount_of_ours_is_compared_in_one_currency(self):
        wrong = []
        for name, model in self.env.items():
            if model._abstract or model._transient:
                continue
            for field in model._fields.values():
                ours = name.startswith(OURS) or field.name.startswith("success_")
                if (
                    field.type != "monetary"
                    or not ours
                    or not (field._module or "").startswith("customer_success")
                ):
                    continue
                if not hasattr(model, "_money_to_sql"):
                    wrong.append(f"{name}: no order in one currency")
                if not isinstance(field.related_field if field.related else field, Money):
                    wrong.append(f"{field}: compared as a mere number")
        self.assertFalse(wrong)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestOneCurrencyAtRandom(CurrencyCase):
    """Any amounts in any currencies: order and filters are those of the converted amounts."""

    def test_order_and_filters_of_random_books(self):
        draw = random.Random(27)
        customers = self._customer().concat(*(self._customer(f"R{n}") for n in range(40)))
        scores = customers.success_score_id
        reader = self._as(self.lead_csm)
        for case in range(30):
            worth = {}
            for customer in customers:
                company = draw.choice((self.company, self.company, self.far, self.lost))
                value = draw.choice((0, 150, 1, draw.randrange(10**6), draw.randrange(10**6) / 100))
                score = customer.success_score_id
                score.write({"value_at_risk": value, "currency_id": company.currency_id.id})
                value = score.value_at_risk
                worth[customer.id] = (
                    0
                    if not value
                    else None
                    if company == self.lost
                    else round(value / 150, 2)
                    if company == self.far
                    else value
                )
            scores.flush_recordset()
            limit = draw.choice([*filter(None, worth.values()), 100, 5000])
            partners = reader["res.partner"]
            mine = [("id", "in", customers.ids)]
            with self.subTest(case=case, limit=limit):
                found = partners.search(mine, order="success_value_at_risk desc, id")
                known = [worth[id_] for id_ in found.ids if worth[id_] is not None]
                for one, other in pairwise(known):
                    self.assertGreaterEqual(one + 0.011, other)
                self.assertTrue(all(worth[id_] is None for id_ in found.ids[len(known) :]))
                over = partners.search([*mine, ("success_value_at_risk", ">", limit)])
                for id_ in customers.ids:
                    if worth[id_] is None or abs(worth[id_] - limit) > 0.011:
                        self.assertEqual(id_ in over.ids, (worth[id_] or 0) > limit)
