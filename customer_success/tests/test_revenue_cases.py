from datetime import date
from itertools import pairwise

from odoo.tests import freeze_time, tagged

from .common import TODAY
from .test_revenue import RevenueCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRevenueAmendments(RevenueCase):
    """Recurring revenue within a term: an amendment counts from its day on."""

    def _amend(self, term, day, value, seats=100):
        return self.env["customer.success.renewal.amendment"].create(
            {
                "renewal_id": term.id,
                "date": day,
                "annual_value": value,
                "seats": seats,
                "reason": "Agreed with the head of planning",
            }
        )

    def test_an_upsell_in_mid_term_is_expansion_in_its_month(self):
        """A term of three years from September 2024 at 10,000 a year; 20 more seats from February 2026 on, 16,000 a year.

        February 2026: 10,000 at the start, expansion 6,000, 16,000 at the end. In the twelve months until today
        10,000 stood, 10,000 are kept, 16,000 with expansion: gross 100 %, net 160 %. When the term is renewed at 16,000
        in 2027, nothing changes.
        """
        customer = self._customer("Grows")
        term = self._term(customer, "2024-09-01", "2027-08-31", 10000)
        self._amend(term, "2026-02-01", 16000, 120)
        self.assertEqual(term.annual_value, 16000)
        found = self._months(customer)
        self.assertEqual(found["2024-09"], {"new_value": 10000, "at_end": 10000})
        self.assertEqual(found["2026-01"], {"at_start": 10000, "at_end": 10000})
        self.assertEqual(found["2026-02"], {"at_start": 10000, "expansion": 6000, "at_end": 16000})
        self.assertEqual(found["2026-03"], {"at_start": 16000, "at_end": 16000})
        self.assertEqual(self._year(customer), (10000, 10000, 16000, 100.0, 160.0))
        with freeze_time("2027-10-15"):
            term.write({"outcome": "renewed", "date_outcome": "2027-08-31"})
            self.assertEqual(
                self._moves(customer),
                {"2024-09": {"new_value": 10000}, "2026-02": {"expansion": 6000}},
            )

    def test_less_in_mid_term_is_contraction_and_an_amendment_ahead_waits(self):
        customer = self._customer("Shrinks")
        term = self._term(customer, "2025-01-01", "2026-12-31", 10000)
        self._amend(term, "2025-10-15", 7000, 70)
        self._amend(term, "2026-03-01", 8000, 80)
        self._amend(term, "2026-09-01", 20000, 200)
        self.assertEqual(
            self._moves(customer),
            {
                "2025-01": {"new_value": 10000},
                "2025-10": {"contraction": -3000},
                "2026-03": {"expansion": 1000},
            },
        )
        self.assertEqual(self._year(customer), (10000, 8000, 8000, 80.0, 80.0))

    def test_an_amended_term_is_lost_at_its_last_value_and_renewed_from_it(self):
        customer, other = self._customer("Lost Later"), self._customer("Renewed Later")
        lost = self._term(customer, "2025-01-01", "2025-12-31", 10000)
        kept = self._term(other, "2025-01-01", "2025-12-31", 10000)
        for term in (lost, kept):
            self._amend(term, "2025-07-01", 12000)
        lost.write({"outcome": "churned", "date_outcome": "2025-12-31"})
        kept.write({"outcome": "renewed", "date_outcome": "2025-12-31"})
        self.assertEqual(
            self._moves(customer),
            {
                "2025-01": {"new_value": 10000},
                "2025-07": {"expansion": 2000},
                "2026-01": {"lost": -12000},
            },
        )
        self.assertEqual(
            self._moves(other), {"2025-01": {"new_value": 10000}, "2025-07": {"expansion": 2000}}
        )


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRevenueCheats(RevenueCase):
    """Moves that would lift retention without keeping anything."""

    def test_a_churn_and_a_new_term_for_less_are_a_contraction(self):
        customer = self._customer("Re-entered")
        self._term(customer, "2025-01-01", "2025-12-31", 10000, "churned")
        self._term(customer, "2026-01-01", "2026-12-31", 6000)
        self.assertEqual(self._moves(customer)["2026-01"], {"contraction": -4000})
        self.assertEqual(self._year(customer)[3:], (60.0, 60.0))

    def test_a_new_term_after_a_wait_is_lost_and_come_back_never_new(self):
        customer = self._customer("Waited")
        self._term(customer, "2025-01-01", "2025-12-31", 10000, "churned")
        self._term(customer, "2026-02-15", "2027-02-14", 9000)
        self.assertEqual(
            [self._moves(customer)[month] for month in ("2026-01", "2026-02")],
            [{"lost": -10000}, {"come_back": 9000}],
        )
        self.assertEqual(self._year(customer)[3:], (0.0, 0.0))

    def test_what_is_never_decided_is_lost_in_the_end(self):
        customer = self._customer("Left Open")
        self._term(customer, "2025-01-01", "2025-12-31", 10000)
        self.assertEqual(self._moves(customer)["2026-04"], {"lost": -10000})
        self.assertEqual(self._year(customer)[3:], (0.0, 0.0))

    def test_an_end_that_is_moved_moves_the_loss_and_hides_nothing(self):
        """Moved to May 2025 the loss leaves these twelve months, and stands in the twelve months until May and June 2025."""
        customer = self._customer("Moved")
        term = self._term(customer, "2024-01-01", "2025-12-31", 10000, "churned")
        self.assertEqual(self._year(customer)[3:], (0.0, 0.0))
        term.write({"date_outcome": "2025-05-10", "date_renewal": "2025-05-10"})
        self.assertEqual(
            self._moves(customer), {"2024-01": {"new_value": 10000}, "2025-05": {"lost": -10000}}
        )
        self.assertEqual(self._year(customer, date(2025, 5, 1))[3:], (0.0, 0.0))
        self.assertEqual(self._year(customer)[0], 0)

    def test_a_link_to_a_term_of_another_product_hides_no_loss(self):
        customer = self._customer("Linked")
        first = self._term(customer, "2025-01-01", "2025-12-31", 10000, "churned")
        self._term(
            customer,
            "2026-01-01",
            "2026-12-31",
            12000,
            product_id=self.analytics.id,
            previous_id=first.id,
        )
        self.assertEqual(
            self._moves(customer)["2026-01"], {"expansion": 12000, "contraction": -10000}
        )
        self.assertEqual(self._year(customer)[3:], (0.0, 120.0))

    def test_a_sale_to_one_customer_does_not_make_up_for_another(self):
        lost, grown = self._customer("Lost"), self._customer("Grown")
        self._term(lost, "2025-01-01", "2025-12-31", 10000, "churned")
        self._chain(
            grown,
            ("2025-01-01", "2025-12-31", 10000, "expanded", 20000),
            ("2026-01-01", "2026-12-31", 20000, "pending"),
        )
        new = self._customer("New")
        self._term(new, "2026-01-01", "2026-12-31", 50000)
        self.assertEqual(self._year(lost | grown | new), (20000, 10000, 20000, 50.0, 100.0))

    def test_a_term_that_is_worth_nothing_is_a_loss(self):
        customer = self._customer("For Nothing")
        self._term(customer, "2025-01-01", "2025-12-31", 10000, "churned")
        self._term(customer, "2026-01-01", "2026-12-31", 0)
        self.assertEqual(self._moves(customer)["2026-01"], {"lost": -10000})


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRevenueInnocents(RevenueCase):
    """Customers who did nothing wrong and have nothing lost."""

    def test_a_contract_from_month_to_month_is_one(self):
        customer = self._customer("Monthly")
        starts = [date(2025, month, 1) for month in range(1, 13)]
        starts += [date(2026, month, 1) for month in range(1, 8)]
        self._chain(
            customer,
            *(
                (str(start), str(end), 1200, "renewed" if end <= TODAY else "pending")
                for start, end in pairwise(starts)
            ),
        )
        self.assertEqual(self._moves(customer), {"2025-01": {"new_value": 1200}})
        self.assertEqual(self._year(customer), (1200, 1200, 1200, 100.0, 100.0))

    def test_who_renews_early_changes_on_the_day_of_the_new_term(self):
        customer = self._customer("Early")
        term = self._term(customer, "2025-08-01", "2026-07-31", 10000, "expanded", 15000)
        self.assertEqual(term.next_ids.annual_value, 15000)
        self.assertEqual(self._moves(customer), {"2025-08": {"new_value": 10000}})

    def test_one_contract_instead_of_two_is_no_loss(self):
        customer = self._customer("Consolidated")
        for _site in range(2):
            self._term(customer, "2025-01-01", "2025-12-31", 5000, "churned", product_id=False)
        self._term(customer, "2026-01-01", "2026-12-31", 10000, product_id=False)
        self.assertEqual(self._moves(customer), {"2025-01": {"new_value": 10000}})
        self.assertEqual(self._year(customer)[3:], (100.0, 100.0))

    def test_a_second_contract_takes_the_place_of_none(self):
        """The first site is not decided yet, and counts on; the second one begins ten days after its end."""
        customer = self._customer("Two Sites")
        self._term(customer, "2025-06-01", "2026-05-31", 10000, contract_number="Lyon")
        self._term(customer, "2026-06-10", "2027-06-09", 4000, contract_number="Nice")
        self.assertEqual(
            self._moves(customer), {"2025-06": {"new_value": 10000}, "2026-06": {"expansion": 4000}}
        )

    def test_a_contract_with_a_new_number_each_year_is_one_if_it_was_renewed(self):
        customer = self._customer("Renumbered")
        first = self._term(
            customer, "2025-01-01", "2025-12-31", 10000, "renewed", contract_number="2025-17"
        )
        first.next_ids.contract_number = "2026-04"
        self.assertEqual(self._moves(customer), {"2025-01": {"new_value": 10000}})

    def test_an_add_on_is_expansion_and_stays_with_its_main_term(self):
        customer = self._customer("With Add-On")
        self._term(customer, "2025-01-01", "2026-12-31", 10000)
        self._term(customer, "2025-10-01", "2026-12-31", 3000, product_id=self.analytics.id)
        self.assertEqual(
            self._moves(customer), {"2025-01": {"new_value": 10000}, "2025-10": {"expansion": 3000}}
        )
        self.assertEqual(self._year(customer)[3:], (100.0, 130.0))

    def test_customers_that_are_merged_go_on_as_one(self):
        """The term moved from the first to the second: lost and new until they are merged."""
        first, second = self._customer("Acme"), self._customer("Acme Ltd")
        self._term(first, "2025-01-01", "2025-12-31", 10000, "churned")
        self._term(second, "2026-01-01", "2026-12-31", 11000)
        self.assertEqual(
            self._moves(first | second)["2026-01"], {"lost": -10000, "new_value": 11000}
        )
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        merge._merge((first | second).ids, second)
        self.assertEqual(
            self._moves(second), {"2025-01": {"new_value": 10000}, "2026-01": {"expansion": 1000}}
        )
        self.assertEqual(self._year(second)[3:], (100.0, 110.0))

    def test_a_term_without_a_start_does_not_begin_today(self):
        customer = self._customer("Start Unknown")
        first = self._term(customer, "2024-04-01", "2025-04-01", 1000, "renewed")
        first.next_ids.sudo().unlink()
        self._term(customer, None, "2026-10-01", 1000, previous_id=first.id)
        self.assertEqual(self._moves(customer), {"2024-04": {"new_value": 1000}})


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRevenueNotices(RevenueCase):
    """A term of which the customer gave notice is not one that is signed late: it ends when it ends."""

    def _noticed(self, name, *, value=10000, given="2025-09-01", end="2025-12-31", **vals):
        """Record a year of which notice was given, and of which nobody said how it ended."""
        notice = {"notice_given_on": given, "notice_kind": "end", "notice_period": 3}
        return self._term(self._customer(name), "2025-01-01", end, value, **notice | vals)

    def test_a_contract_that_was_ended_is_lost_on_its_end_also_before_anybody_says_so(self):
        term = self._noticed("Ended")
        expected = {"2025-01": {"new_value": 10000}, "2026-01": {"lost": -10000}}
        self.assertEqual(self._moves(term.partner_id), expected)
        self.assertEqual(self._year(term.partner_id)[3:], (0.0, 0.0))
        term.write({"outcome": "churned", "date_outcome": "2026-03-20"})
        self.assertEqual(self._moves(term.partner_id), expected, "entering it moves nothing")

    def test_a_notice_counts_on_the_end_and_not_before(self):
        customer = self._noticed("Ending", given="2026-03-01", end="2026-06-30").partner_id
        self.assertEqual(self._moves(customer), {"2025-01": {"new_value": 10000}})
        with freeze_time("2026-07-01"):
            self.assertEqual(self._moves(customer)["2026-07"], {"lost": -10000})

    def test_less_stays_from_the_end_on_and_is_lost_if_nobody_decides(self):
        reduces = {"notice_kind": "reduce", "notice_seats": 60, "notice_value": 6000}
        customer = self._noticed("Reduced", **reduces).partner_id
        self.assertEqual(
            self._moves(customer),
            {
                "2025-01": {"new_value": 10000},
                "2026-01": {"contraction": -4000},
                "2026-04": {"lost": -6000},
            },
        )

    def test_an_add_on_ends_with_its_main_term(self):
        main = self._noticed("Main Ended")
        self._term(
            main.partner_id,
            "2025-01-01",
            "2025-12-31",
            3000,
            product_id=self.analytics.id,
            main_id=main.id,
        )
        self.assertEqual(
            self._moves(main.partner_id),
            {"2025-01": {"new_value": 13000}, "2026-01": {"lost": -13000}},
        )

    def test_innocent_an_add_on_of_less(self):
        reduces = {"notice_kind": "reduce", "notice_seats": 60, "notice_value": 6000}
        main = self._noticed("Main Reduced", **reduces)
        self._term(
            main.partner_id,
            "2025-01-01",
            "2025-12-31",
            3000,
            product_id=self.analytics.id,
            main_id=main.id,
        )
        self.assertEqual(self._moves(main.partner_id)["2026-01"], {"contraction": -4000})

    def test_innocent_a_notice_that_came_late(self):
        term = self._noticed("Too Late", given="2025-11-20")
        self.assertTrue(term.notice_is_late)
        self.assertEqual(
            self._moves(term.partner_id),
            {"2025-01": {"new_value": 10000}, "2026-04": {"lost": -10000}},
        )

    def test_innocent_who_signs_anew_soon_after_the_end(self):
        """Notice was given for other terms, which begin three weeks later: the customer has stayed, with less."""
        customer = self._noticed("Signed Anew").partner_id
        self._term(customer, "2026-01-22", "2027-01-21", 9000)
        self.assertEqual(
            self._moves(customer),
            {"2025-01": {"new_value": 10000}, "2026-01": {"contraction": -1000}},
        )

    def test_cheat_a_term_much_later_hides_no_loss(self):
        customer = self._noticed("Signed Much Later").partner_id
        self._term(customer, "2026-03-15", "2027-03-14", 10000)
        self.assertEqual(
            self._moves(customer),
            {
                "2025-01": {"new_value": 10000},
                "2026-01": {"lost": -10000},
                "2026-03": {"come_back": 10000},
            },
        )

    def test_cheat_less_than_the_notice_says_is_agreed_within_the_term(self):
        """The notice leaves 6,000; the term falls to 5,000 before its end, and does not rise to 6,000 after it."""
        reduces = {"notice_kind": "reduce", "notice_seats": 60, "notice_value": 6000}
        term = self._noticed("Fell Before", **reduces)
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET annual_value = 5000, counted_value = 5000, seats = 60 WHERE id = %s",
            [term.id],
        )
        self.env.invalidate_all()
        self.assertNotIn("2026-01", self._moves(term.partner_id))
