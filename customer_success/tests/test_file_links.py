from datetime import date

from odoo.tests import freeze_time, tagged

from .common import TODAY
from .test_file_undo import UndoCase

HEAD = (
    "Customer,Product,Contract Number,Term From,Renewal Date,ARR,Seats,Outcome,Renewed ARR,"
    "Replaced By,Main Contract"
)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFileLinks(UndoCase):
    """A file says what took the place of a product, and with which contract an add-on ends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.analytics, cls.reports = cls.env["product.product"].create(
            [
                {"name": "Analytics", "default_code": "ANALYTICS"},
                {"name": "Reports", "default_code": "REPORTS"},
            ]
        )

    def _book(self, *rows):
        return self._load("\n".join([HEAD, *rows]) + "\n")

    def _messages(self, *rows):
        return [message for _row, message in self._told(self._book(*rows))]

    def _terms(self, name="Acme"):
        terms = self._partner(name).success_renewal_ids
        return [
            terms.filtered(lambda term, product=product: term.product_id == product)
            for product in (self.product, self.analytics, self.reports)
        ]

    # -- Replaced By ----------------------------------------------------------------------------

    def test_a_product_of_10_000_and_one_of_12_000_that_took_its_place(self):
        rows = (
            "Acme,PLANNER,,2025-07-01,2026-07-01,10000,10,,,analytics,",
            "Acme,ANALYTICS,,2026-07-01,2027-07-01,12000,10,,,,",
        )
        delivery = self._book(*rows)
        self.assertEqual((delivery.rejected, self._told(delivery)), (0, []))
        gone, came, _reports = self._terms()
        self.assertEqual((len(gone), len(came)), (1, 1), "no other term is created")
        self.assertEqual((gone.replaced_by_id, came.previous_id), (came, gone))
        self.assertEqual((gone.outcome, gone.renewed_value), ("expanded", 12000))
        again = self._book(*rows)
        self.assertEqual((again.created, again.updated, again.rejected), (0, 0, 0))
        self.assertEqual((gone.outcome, gone.renewed_value), ("expanded", 12000))

    def test_what_the_row_says_of_the_outcome_counts(self):
        self._book(
            "Acme,ANALYTICS,,2026-07-01,2027-07-01,12000,10,,,,",
            "Acme,PLANNER,,2025-07-01,2026-07-01,10000,10,contracted,9000,Analytics,",
        )
        gone, came, _reports = self._terms()
        self.assertEqual((gone.outcome, gone.renewed_value), ("contracted", 9000))
        self.assertEqual(gone.replaced_by_id, came)

    def test_a_term_that_is_known_gets_what_took_its_place(self):
        self._book("Acme,PLANNER,,2025-07-01,2026-07-01,10000,10,,,,")
        self._book(
            "Acme,PLANNER,,2025-07-01,2026-07-01,10000,10,,,ANALYTICS,",
            "Acme,ANALYTICS,,2026-07-01,2027-07-01,8000,10,,,,",
        )
        gone, came, _reports = self._terms()
        self.assertEqual((gone.outcome, gone.replaced_by_id), ("contracted", came))

    def test_one_after_the_other(self):
        delivery = self._book(
            "Acme,PLANNER,,2024-07-01,2025-07-01,10000,10,,,ANALYTICS,",
            "Acme,ANALYTICS,,2025-07-01,2026-06-01,12000,10,,,REPORTS,",
            "Acme,REPORTS,,2026-06-01,2027-06-01,12000,10,,,,",
        )
        self.assertEqual(self._told(delivery), [])
        planner, analytics, reports = self._terms()
        self.assertEqual(planner.replaced_by_id, analytics)
        self.assertEqual(analytics.replaced_by_id, reports)
        self.assertEqual((planner.outcome, analytics.outcome), ("expanded", "renewed"))

    def test_it_is_taken_back_with_the_file(self):
        self._book("Acme,PLANNER,,2025-07-01,2026-07-01,10000,10,,,,")
        delivery = self._book(
            "Acme,PLANNER,,2025-07-01,2026-07-01,10000,10,,,ANALYTICS,",
            "Acme,ANALYTICS,,2026-07-01,2027-07-01,8000,10,,,,",
            "Beta,PLANNER,,2025-07-01,2026-07-01,10000,10,,,ANALYTICS,",
            "Beta,ANALYTICS,,2026-07-01,2027-07-01,8000,10,,,,",
        )
        beta = self._partner("Beta")
        self._later()
        change = self._undo(delivery)
        self.assertEqual((change.state, self._left(change)), ("undone", []))
        gone, came, _reports = self._terms()
        self.assertEqual((gone.outcome, gone.renewed_value), ("pending", 0))
        self.assertFalse(gone.replaced_by_id or came or beta.exists())

    def test_it_is_refused_in_words(self):
        said = self._messages(
            "A,PLANNER,,2025-07-01,2026-07-01,10000,10,,,ANALYTICS,",
            "B,PLANNER,,2025-07-01,2026-07-01,10000,10,,,PLANNER,",
            "C,PLANNER,,2025-07-01,2026-07-01,10000,10,churned,,ANALYTICS,",
            "D,PLANNER,,2025-07-01,2026-07-01,10000,10,,,Nothing,",
            "D,ANALYTICS,,2026-07-01,2027-07-01,12000,10,,,,",
            "E,PLANNER,,2025-07-01,2026-07-01,10000,10,,,ANALYTICS,",
            "E,ANALYTICS,,2026-12-01,2027-07-01,12000,10,,,,",
        )
        for words in (
            "There is no term of “[ANALYTICS] Analytics” that fits",
            "Another product than that of the row",
            "is no churn",
            "There is no product “Nothing”",
        ):
            self.assertTrue([one for one in said if words in one], (words, said))
        self.assertEqual(len(said), 5)

    # -- add-ons --------------------------------------------------------------------------------

    def test_add_ons_end_with_their_main_contract(self):
        rows = (
            "Acme,ANALYTICS,,2026-02-01,2026-12-31,3000,10,,,,c-7",
            "Acme,REPORTS,C-7,2026-02-01,2026-12-31,2000,10,,,,C-7",
            "Acme,PLANNER,C-7,2026-01-01,2026-12-31,10000,10,,,,",
        )
        delivery = self._book(*rows)
        self.assertEqual((delivery.rejected, self._told(delivery)), (0, []))
        main, addon, other = self._terms()
        self.assertEqual(main.addon_ids, addon | other)
        again = self._book(*rows)
        self.assertEqual((again.created, again.updated, again.rejected), (0, 0, 0))
        main.with_user(self.csm).date_renewal = date(2027, 1, 31)
        self.assertEqual({*main.addon_ids.mapped("date_renewal")}, {date(2027, 1, 31)})

    def test_add_ons_are_refused_in_words(self):
        said = self._messages(
            "Acme,PLANNER,C-7,2026-01-01,2026-12-31,10000,10,,,,",
            "Acme,ANALYTICS,,2026-02-01,2027-01-31,3000,10,,,,C-7",
            "Beta,ANALYTICS,,2026-02-01,2026-12-31,3000,10,,,,C-7",
        )
        self.assertEqual(len(said), 2)
        self.assertIn("An add-on ends with its main contract, on 2026-12-31", " ".join(said))
        self.assertIn("There is no term of “C-7” that fits", " ".join(said))

    def test_add_ons_are_taken_back(self):
        self._book("Acme,PLANNER,C-7,2026-01-01,2026-12-31,10000,10,,,,")
        self._book("Acme,ANALYTICS,,2026-02-01,2026-12-31,3000,10,,,,")
        delivery = self._book("Acme,ANALYTICS,,2026-02-01,2026-12-31,3000,10,,,,C-7")
        main, addon, _reports = self._terms()
        self.assertEqual(addon.main_id, main)
        self._later()
        self._undo(delivery)
        self.assertFalse(addon.main_id)

    # -- the same at the other doors of rows ----------------------------------------------------

    def test_programs_say_the_same(self):
        intake = self.env["customer.success.intake"].with_user(self.manager)
        columns = ["customer", "product", "date_start", "date_renewal", "annual_value"]
        columns += ["replaced_by", "main_contract", "contract_number"]
        answer = intake.load(
            columns,
            [
                ["Acme", "PLANNER", "2025-07-01", "2026-07-01", "10000", "ANALYTICS", "", ""],
                ["Acme", "REPORTS", "2026-07-01", "2027-07-01", "500", "", "C-8", ""],
                ["Acme", "ANALYTICS", "2026-07-01", "2027-07-01", "9000", "", "", "C-8"],
            ],
        )
        self.assertEqual(answer["messages"], [])
        gone, came, addon = self._terms()
        self.assertEqual((gone.replaced_by_id, addon.main_id), (came, came))
        self.assertEqual(gone.outcome, "contracted")
