from datetime import date

from odoo.modules.migration import load_script
from odoo.tests import freeze_time, tagged
from odoo.tools.misc import file_path

from ...scoring.chain import add_months
from ..common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRetentionShares(SuccessCase):
    """A contract has one verdict a year, however often it renews; what is lost or won counts in full."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.retention = cls.env["customer.success.retention"]

    def _terms(self, name, months, *after, start=date(2025, 6, 1), **vals):
        """Record terms of 12,000 a year of so many months, renewed at these values one after the other; 0 is churn."""
        customer, terms, value = self._customer(name), self.env["customer.success.renewal"], 12000
        for worth in after:
            end = add_months(start, months)
            outcome = "churned" if not worth else "renewed"
            if worth and worth != value:
                outcome = "expanded" if worth > value else "contracted"
            seats = {"churned": 0, "renewed": 100, "expanded": 101, "contracted": 99}[outcome]
            said = {"outcome": outcome, "renewed_value": worth, "renewed_seats": seats}
            term = terms.create(
                {
                    "partner_id": customer.id,
                    "product_id": self.product.id,
                    "annual_value": value,
                    "seats": 100,
                    "date_start": start,
                    "date_renewal": end,
                    **said,
                    "date_outcome": end,
                    **vals,
                }
            )
            term.next_ids.unlink()
            terms |= term
            start, value = end, worth
        return terms

    def _sums(self, terms):
        self.env.flush_all()
        self.retention.invalidate_model()
        measures = ["before", "kept", "renewed", "churned", "contracted", "gained"]
        [row] = self.retention.with_user(self.manager)._read_group(
            [("id", "in", terms.ids)],
            [],
            [
                *(f"value_{name}:sum" for name in measures),
                "gross_retention:avg",
                "net_retention:avg",
            ],
        )
        return dict(zip((*measures, "gross", "net"), (round(value or 0, 1) for value in row)))

    def test_a_year_of_months_is_one_verdict(self):
        months = self._sums(self._terms("Monthly", 1, *[12000] * 12))
        year = self._sums(self._terms("Yearly", 12, 12000))
        self.assertEqual(months, year)
        self.assertEqual((months["before"], months["gross"]), (12000, 100))
        quarters = self._sums(self._terms("Quarterly", 3, *[12000] * 4))
        self.assertEqual(quarters, year)

    def test_who_leaves_counts_in_full(self):
        sums = self._sums(self._terms("Leaving", 1, 12000, 12000, 0))
        self.assertEqual((sums["before"], sums["churned"], sums["kept"]), (14000, 12000, 2000))

    def test_what_shrinks_and_grows_counts_in_full(self):
        # The year began with 12,000 and ended with 9,000, or with 15,000.
        sums = self._sums(self._terms("Less", 1, *[12000] * 8, 9000, *[9000] * 3))
        self.assertEqual((sums["contracted"], sums["kept"]), (3000, sums["before"] - 3000))
        self.assertAlmostEqual(sums["gross"], 75, delta=3)
        sums = self._sums(self._terms("More", 1, *[12000] * 8, 15000, *[15000] * 3))
        self.assertEqual((sums["gained"], sums["gross"]), (3000, 100))
        self.assertAlmostEqual(sums["net"], 125, delta=3)

    def test_a_book_of_months_and_years_weighs_each_contract_once(self):
        terms = self._terms("Monthly", 1, *[12000] * 12) | self._terms("Gone", 12, 0)
        self.assertEqual(self._sums(terms)["gross"], 50)

    def test_a_term_s_own_ratio_is_its_own(self):
        terms = self._terms("Less", 1, 12000, 9000)
        self._sums(terms)
        rows = self.retention.search([("id", "in", terms.ids)], order="date")
        self.assertEqual(rows.mapped("gross_retention"), [100, 75])
        self.assertEqual(rows.mapped("loss"), [False, "shrunk"])

    def test_a_term_that_goes_on_for_free_is_lost_to_contraction(self):
        term = self._renewal(
            self._customer("Free"), 12000, date_start=days(366), date_renewal=days(1)
        )
        term.with_user(self.csm).write(
            {"outcome": "contracted", "renewed_value": 0, "renewed_seats": 100}
        )
        self.assertTrue(term.renewed_free)
        sums = self._sums(term)
        self.assertEqual((sums["contracted"], sums["kept"], sums["gross"]), (12000, 0, 0))
        [row] = self.retention.search([("id", "=", term.id)])
        self.assertEqual((row.loss, row.missing), ("shrunk", False))
        term.with_user(self.csm).write({"renewed_value": 9000})
        self.assertFalse(term.renewed_free)

    # -- innocents ------------------------------------------------------------------------------

    def test_innocent_years_are_counted_as_before(self):
        for months, last_day in ((12, False), (24, False), (36, True)):
            terms = self._terms(
                f"Of {months}", months, 12000, start=date(2023, 6, 1), end_is_last_day=last_day
            )
            self.assertEqual(self._sums(terms)["before"], 12000)
        leap = self._terms("Leap", 12, 12000, start=date(2024, 2, 29))
        self.assertEqual(self._sums(leap)["before"], 12000)

    def test_innocent_a_term_without_a_start_is_a_year(self):
        term = self._renewal(
            self._customer("Old"), date_start=False, date_renewal=days(30), outcome="renewed"
        )
        self.assertEqual(self._sums(term)["before"], 12000)

    def test_innocent_a_value_that_nobody_recorded_is_unknown(self):
        term = self._renewal(self._customer("Upgraded"), date_start=days(366), date_renewal=days(1))
        term.write({"outcome": "contracted", "renewed_value": 9000, "renewed_seats": 80})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET renewed_value = 0 WHERE id = %s", term.ids
        )
        self.env.invalidate_all()
        [row] = self.retention.search([("id", "=", term.id)])
        self.assertEqual(row.missing, "value")

    def test_innocent_terms_that_former_versions_ended_stay_unknown(self):
        term = self._renewal(self._customer("Former"), date_start=days(366), date_renewal=days(1))
        term.write({"outcome": "contracted", "renewed_value": 0, "renewed_seats": 80})
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE customer_success_renewal DROP COLUMN renewed_free")
        path = file_path("customer_success/migrations/19.0.2.0.0/pre-free.py")
        for _run in range(2):
            load_script(path, "pre_free").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        [row] = self.retention.search([("id", "=", term.id)])
        self.assertEqual((row.missing, term.renewed_free), ("value", False))
