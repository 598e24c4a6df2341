import re
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from ...scoring.risk import WORDS
from ...scoring.shown import whole
from ..common import TODAY, days
from .risk_common import RiskCase


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestRiskRanges(RiskCase):
    """A risk is shown in whole percent with the range in which the truth lies, and its lines add up to what is shown."""

    def _pending(self, name="Acme", active=30, **vals):
        customer = self._customer(name, success_go_live_date=days(800))
        self._usage(customer, active=active)
        renewal = self._renewal(customer, **vals)
        self._rescore(customer)
        return customer, renewal

    def test_the_range_stands_beside_the_risk_for_the_csm_and_says_that_nothing_was_learned(self):
        customer, renewal = self._pending()
        mine = renewal.with_user(self.csm)
        low, high = map(int, re.findall(r"\d+", mine.risk_range))
        self.assertEqual((low, high), (whole(renewal.risk_low), whole(renewal.risk_high)))
        self.assertLess(low, renewal.churn_risk)
        self.assertGreater(high, renewal.churn_risk)
        self.assertEqual(customer.with_user(self.csm).success_risk_range, mine.risk_range)
        for said in (mine.explanation, customer.with_user(self.csm).success_explanation):
            self.assertIn(f"the true risk is {mine.risk_range}", str(said))
            self.assertIn("no outcome of your own has been learned yet", str(said))

    def test_what_was_learned_narrows_the_range(self):
        customer, renewal = self._pending()
        before = renewal.risk_high - renewal.risk_low
        codes = [code for code in renewal.score_id.breakdown["found"] if code not in WORDS]
        self._end(
            160,
            left=lambda n: n % 8 == 0 if n % 2 == 0 else n % 8 != 1,
            found=lambda n: {
                **{code: (n * (place + 3) % 11) / 2 - 3 for place, code in enumerate(codes)},
                "use": 1.5 if n % 2 == 0 else -1.5,
            },
        )
        self.versions._learn()
        self._rescore(customer)
        self.assertLess(renewal.risk_high - renewal.risk_low, before / 1.5)
        said = str(renewal.with_user(self.csm).explanation)
        self.assertIn("the true risk is", said)
        self.assertNotIn("no outcome of your own", said)

    def test_a_salesperson_reads_the_range_on_the_opportunity_and_not_the_score(self):
        customer, renewal = self._pending()
        lead = self.env["crm.lead"].create(
            {"name": "Renew", "partner_id": customer.id, "user_id": self.sales.id}
        )
        lead.sudo().success_renewal_id = renewal
        seen = lead.with_user(self.sales)
        self.assertEqual(seen.success_risk_range, renewal.risk_range)
        self.assertEqual(seen.success_own_range, renewal.risk_range)
        listed = self.env["customer.success.sales.renewal"].with_user(self.sales).browse(renewal.id)
        self.assertEqual(listed.risk_range, renewal.risk_range)
        with self.assertRaises(AccessError):
            renewal.score_id.with_user(self.sales).read(["risk_low"])

    def test_without_a_pending_renewal_there_is_no_range(self):
        customer = self._customer()
        self._rescore(customer)
        self.assertFalse(customer.with_user(self.csm).success_risk_range)

    def test_the_lines_shown_add_up_to_the_number_shown(self):
        explain = self.env["customer.success.explanation"]
        for active in range(5, 100, 7):
            with self.subTest(active=active):
                customer, renewal = self._pending(f"Acme {active}", active)
                self._barrier(customer, "1")
                self._rescore(customer)
                lines = explain._risk_lines(renewal.score_id)
                self.assertEqual(sum(line["shown"] for line in lines), whole(renewal.churn_risk))
                for line in lines:
                    self.assertLess(abs(line["shown"] - line["points"]), 1)
                page = str(renewal.with_user(self.csm).explanation)
                self.assertIn(f"{whole(renewal.churn_risk)} %", page)
                table = page.split("</table>")[0]
                self.assertFalse(re.search(r"\d\.\d", re.sub(r"<div.*?</div>", "", table)), table)
                reasons = explain._reasons(customer.success_score_id)[customer.success_score_id]
                by_id = explain._reasons_by_id(customer.success_score_id.ids)
                self.assertEqual(", ".join(reasons), by_id[customer.success_score_id.id])
                self.assertNotIn(".", "".join(reasons))

    def test_the_renewal_shows_each_curve_with_its_place_and_what_stands_behind_it(self):
        customer, renewal = self._pending()
        page = str(renewal.with_user(self.csm).explanation)
        self.assertIn("<svg", page)
        self.assertIn("No outcome behind this stretch yet", page)
        place = renewal.score_id.breakdown["found"]["use"]
        self._end(
            80,
            left=lambda n: n % 8 == 0 if n % 2 == 0 else n % 8 != 1,
            found=lambda n: {"use": 1.5 if n % 2 == 0 else place},
        )
        self.versions._learn()
        self._rescore(customer)
        page = str(renewal.with_user(self.csm).explanation)
        places = self.env["customer.success.explanation"]._places(renewal.score_id)
        use = next(curve for curve in places if curve["code"] == "use")
        self.assertTrue(use["learned"])
        self.assertIn("Outcomes behind this stretch: ", use["said"])
        self.assertIn(use["said"], page)
        # The dot stands where the value is.
        value = renewal.score_id.breakdown["found"]["use"]
        self.assertAlmostEqual(use["dot"][0], 36 + (320 - 44) * (value + 3) / 5, delta=0.1)

    def test_words_and_what_is_unknown_are_named(self):
        belgium, france = self.env.ref("base.be"), self.env.ref("base.fr")
        self._end(
            90,
            left=lambda n: n % 3 != 0 if n % 3 < 2 else n % 2,
            found=lambda n: (
                {"country": str(belgium.id)}
                if n % 3 == 1
                else {"country": str(france.id), "use": 0.5}
            ),
        )
        version = self.versions._learn()
        self.assertEqual(version.state, "in_force")
        customer = self._customer(country_id=belgium.id)
        renewal = self._renewal(customer)
        self._rescore(customer)
        lines = {
            line["code"]: line
            for line in self.env["customer.success.explanation"]._explained_risk_lines(renewal)
        }
        self.assertEqual(lines["country"]["facts"], "Belgium")
        self.assertGreater(lines["country"]["points"], 0)
        self.assertIn(
            "Unknown; customers of whom it was unknown left more often", lines["use"]["facts"]
        )
        for page in (
            renewal.with_user(self.csm).explanation,
            customer.with_user(self.csm).success_explanation,
        ):
            self.assertIn("Belgium", str(page))
            self.assertIn("it was unknown left more often", str(page))
        customer.country_id = self.env.ref("base.pe")
        self._rescore(customer)
        self.assertIn(
            "Peru, of which too few renewals have ended",
            str(renewal.with_user(self.csm).explanation),
        )
        report = str(version.with_user(self.manager).report)
        for text in ("Belgium", "France", "Words"):
            self.assertIn(text, report)

    def test_a_product_that_the_reader_may_not_see_has_no_name(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        hidden = self.env["product.product"].create({"name": "Secret", "company_id": other.id})
        explain = self.env["customer.success.explanation"].with_user(self.csm)
        self.assertEqual(explain._say_word("product", str(hidden.id)), "")
        self.assertEqual(explain._say_word("product", str(self.product.id)), "Planner")
        hidden.unlink()
        self.assertEqual(explain._say_word("product", str(hidden.id)), "")

    def test_two_companies_with_opposite_habits_are_learned_apart(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.manager.company_ids |= other
        self._end(100, left=lambda n: n % 10 == 0, found=lambda n: {"use": 0.0})
        type(self).ended = 0
        self._end(100, left=lambda n: n % 10 < 7, found=lambda n: {"use": 0.0}, company=other)
        version = self.versions._learn()
        self.assertEqual(version.state, "in_force")
        renewals = {}
        for company in (self.company, other):
            customer = self._customer(f"Of {company.name}")
            renewals[company] = self._renewal(
                customer,
                company_id=company.id,
                date_start=TODAY - timedelta(365),
                date_renewal=TODAY + timedelta(1),
            )
            self._rescore(customer)
        here, there = renewals[self.company].churn_risk, renewals[other].churn_risk
        self.assertAlmostEqual(here, 10, delta=6)
        self.assertAlmostEqual(there, 70, delta=12)
        card = version.with_user(self.manager).with_context(
            allowed_company_ids=[self.company.id, other.id]
        )
        self.assertIn("By Company", str(card.report))
        self.assertIn("Elsewhere (100)", str(card.report))

    def test_with_one_company_the_company_is_no_line(self):
        self._use_decides()
        version = self.versions._learn()
        self.assertNotIn("company", version.coefficients)
