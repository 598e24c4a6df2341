from odoo.tests import freeze_time, tagged

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestMoney(SuccessCase):
    """The conversion of money, which happens in one place and gives unknown without a rate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.known, cls.later, cls.unknown = cls.env["res.currency"].create(
            [{"name": name, "symbol": name} for name in ("QQA", "QQB", "QQC")]
        )
        cls.own = cls.company.currency_id
        cls._rate(cls.known, days(100), 4)
        cls._rate(cls.known, days(10), 2)
        cls._rate(cls.later, days(-1), 2)

    @classmethod
    def _rate(cls, currency, day, rate, company=None):
        cls.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "name": day,
                "rate": rate,
                "company_id": company and company.id,
            }
        )

    def _worth(self, amount, currency, into, day=None, company=None):
        return currency._success_convert(amount, into, company or self.company, day)

    def test_the_latest_rate_up_to_the_day_counts(self):
        self.assertEqual(self._worth(100, self.known, self.own), 50)
        self.assertEqual(self._worth(100, self.known, self.own, days(50)), 25)
        self.assertEqual(self._worth(100, self.own, self.known), 200)
        self.assertEqual(self._worth(100, self.own, self.own), 100)

    def test_without_a_rate_an_amount_is_unknown(self):
        for currency, into, day in (
            (self.unknown, self.own, None),
            (self.own, self.unknown, None),
            (self.known, self.unknown, None),
            (self.later, self.own, None),
            (self.known, self.own, days(101)),
        ):
            with self.subTest(currency=currency.name, into=into.name, day=day):
                self.assertIsNone(self._worth(100, currency, into, day))
        self.assertEqual(self._worth(100, self.unknown, self.unknown), 100)

    def test_a_rate_of_the_company_goes_before_one_of_all(self):
        other = self.env["res.company"].create({"name": "Other", "currency_id": self.own.id})
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": other.id})
        self._rate(self.known, days(20), 10, other)
        self.assertEqual(self._worth(100, self.known, self.own), 50)
        for company in (other, branch):
            self.assertEqual(self._worth(100, self.known, self.own, company=company), 10)

    def test_a_rate_of_the_own_currency_counts_too(self):
        self._rate(self.own, days(10), 3)
        self.assertEqual(self._worth(100, self.known, self.own), 150)

    def test_as_odoo_converts_where_there_is_a_rate(self):
        for currency, into in ((self.known, self.own), (self.own, self.known)):
            self.assertEqual(
                self._worth(123.45, currency, into),
                currency._convert(123.45, into, self.company, TODAY),
            )

    def test_factors_of_own_currencies_take_no_query(self):
        self.company.currency_id  # noqa: B018 in the cache
        with self.assertQueryCount(0):
            factors = self.own._success_factors(self.company)
        self.assertEqual(factors, {(self.company.id, self.own.id): 1.0})

    def test_a_sum_of_several_currencies_is_in_one_or_unknown(self):
        """Odoo uses the rate 1 for a currency without a rate, and a later rate as if it were valid today."""
        renewals = self._renewal(self._customer("Own"), value=1000)
        renewals |= self._renewal(self._customer("Known"), value=100, currency_id=self.known.id)

        def total():
            spec = ["annual_value:sum_currency"]
            return self.env["customer.success.renewal"]._read_group(
                [("id", "in", renewals.ids)], [], spec
            )[0][0]

        self.assertEqual(total(), 1050)
        for currency in (self.unknown, self.later):
            bad = self._renewal(self._customer(currency.name), value=100, currency_id=currency.id)
            renewals |= bad
            self.assertFalse(total(), currency.name)
            bad.annual_value = 0
            self.assertEqual(total(), 1050, "nothing is nothing in any currency")

    def test_every_amount_of_ours_is_added_up_so(self):
        found = []
        for model in self.env.values():
            for name, field in model._fields.items():
                if field.type != "monetary" or not (field._module or "").startswith(
                    "customer_success"
                ):
                    continue
                if model._abstract or model._transient:
                    continue
                found.append(f"{model._name}.{name}")
                with self.subTest(field=found[-1]):
                    self.assertIsInstance(model, self.env.registry["customer.success.money"])
                    self.assertTrue(model._is_success_money(name))
        self.assertIn("customer.success.retention.value_kept", found)
        self.assertIn("res.partner.success_value_at_risk", found)
