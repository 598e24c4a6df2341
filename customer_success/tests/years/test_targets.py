import psycopg2

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..common import TODAY, days
from .years_common import YearsCase, month


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestTargets(YearsCase):
    """Each year after go-live is compared with its targets."""

    def _missed(self, customers):
        self._rescore(customers)
        return (
            self.env["res.partner"]
            .with_user(self.csm)
            .search(
                [
                    ("id", "in", customers.ids),
                    ("success_year_verdict", "in", ["missed", "behind"]),
                ]
            )
        )

    # Held against it -----------------------------------------------------------------------------

    def test_s24_a_year_that_misses_its_target_is_seen(self):
        self._target(year=1, target=60)
        self._target(year=2, target=80)
        missed, met = self._live(26, "Missed"), self._live(26, "Met")
        for customer, second in ((missed, 61), (met, 85)):
            self._months(customer, 26, [20] * 6 + [65] * 6 + [second] * 12)
        self.assertEqual(self._missed(missed | met), missed)
        first, second = self._year(missed, 1), self._year(missed, 2)
        self.assertEqual((first.verdict, first.adoption, first.adoption_target), ("met", 65, 60))
        self.assertEqual(
            (second.verdict, second.shortfall), ("missed", "adoption rate 61 % of 80 %")
        )
        self.assertIn(
            "Year 2 after go-live missed its target: adoption rate 61 % of 80 %.",
            self._attention(missed),
        )
        self.assertNotIn("after go-live missed", self._attention(met))

    def test_s24_the_relation_goes_on_and_the_last_target_holds_for_later_years(self):
        self._target(year=2, target=70)
        customer = self._live(88)
        self._months(customer, 3, [50, 50, 50])
        eighth = self._year(customer, 8)
        self.assertTrue(eighth.is_running)
        self.assertEqual((eighth.adoption_target, eighth.verdict), (70, "behind"))
        self.assertIs(self._year(customer, 1).adoption_target, False)
        self.assertIn("Year 8 after go-live is behind its target", self._attention(customer))

    def test_s24_targets_of_use_and_value(self):
        self._target("use", 1, 70)
        self._target("value", 1, 50)
        customer = self._live(14)
        for n in range(6, 12):
            self._usage(customer, 100, 80, month(14 - n), quality=40, timely=60)
        objective = {"name": "Orders", "partner_id": customer.id, "date_due": days(100)}
        contact = self._contact(customer)
        self.env["customer.success.objective"].create(
            [
                {
                    **objective,
                    "state": "confirmed",
                    "evidence": "Report",
                    "confirmed_by_id": contact.id,
                },
                objective,
            ]
        )
        year = self._year(customer, 1)
        self.assertEqual((year.use, year.below_use), (50, True))
        self.assertEqual((year.value, year.below_value), (30, True))
        self.assertIn("degrees of use 50 % of 70 %, value confirmed 30 % of 50 %", year.shortfall)

    def test_s24_the_most_special_target_counts(self):
        segments = self.env["customer.success.segment"]
        segments.search([]).unlink()
        large = segments.create({"name": "Large", "domain": "[('ref', '=like', 'L%')]"})
        self._target(target=50)
        self._target(target=70, segment_id=large.id)
        usual, special, own = (self._live(14, ref=ref) for ref in ("S1", "L1", "L2"))
        self._target(target=90, partner_id=own.id)
        for customer in (usual, special, own):
            self._months(customer, 14, [60] * 12)
        targets = [self._year(customer, 1).adoption_target for customer in (usual, special, own)]
        self.assertEqual(targets, [50, 70, 90])
        self.assertEqual(self._missed(usual | special | own), special | own)
        years = self.env["customer.success.year"].with_user(self.manager)
        found = years._read_group(
            [("partner_id", "in", (usual | special | own).ids), ("year", "=", 1)],
            ["segment_id"],
            ["adoption_target:avg", "__count"],
        )
        self.assertEqual(found, [(large, 80, 2), (segments, 50, 1)])

    def test_s24_a_product_is_held_against_its_own_target(self):
        new = self.env["product.product"].create({"name": "New"})
        customer = self._live(14)
        self._months(customer, 14, [90] * 12)
        self._months(customer, 14, [30] * 12, product_id=new.id)
        self._target(target=50)
        self._target(target=60, product_id=new.id)
        whole, product = self._year(customer, 1), self._year(customer, 1, new)
        self.assertEqual((whole.adoption, whole.verdict), (60, "met"))
        self.assertEqual((product.adoption, product.adoption_target), (30, 60))
        self.assertEqual(product.verdict, "missed")

    def test_s24_a_changed_target_is_seen_at_once_and_an_archived_one_is_none(self):
        customer = self._live(14)
        self._months(customer, 14, [60] * 12)
        target = self._target(target=50)
        self.assertEqual(self._year(customer, 1).verdict, "met")
        target.target = 70
        self.assertEqual(
            customer.success_year_ids.filtered(lambda y: y.year == 1).verdict, "missed"
        )
        target.active = False
        self.assertEqual(customer.success_year_ids.filtered(lambda y: y.year == 1).verdict, "none")

    # Innocents -----------------------------------------------------------------------------------

    def test_s24_three_innocents(self):
        self._target(target=70)
        ramping = self._live(5, "Ramping up")
        self._months(ramping, 5, [5, 15, 30, 40, 50])
        unknown = self._live(30, "Without use")
        one_month = self._live(20, "One bad month")
        self._months(one_month, 8, [10])
        self.assertFalse(self._missed(ramping | unknown | one_month))
        for customer in (ramping, unknown, one_month):
            self.assertNotIn("target:", self._attention(customer))

    def test_s24_a_customer_before_go_live_and_one_with_a_date_in_the_future_have_no_years(self):
        self._target(target=70)
        before = self._customer("Before", "prepare", success_go_live_date=days(400))
        nothing = self._customer("No date")
        self._rescore(before | nothing)
        self.assertFalse((before | nothing).success_year_ids)
        self.assertFalse(any((before | nothing).mapped("success_year_live")))
        with self.assertRaisesRegex(ValidationError, "before its go-live date"):
            self._customer("Future", success_go_live_date=days(-30))

    # Cheats --------------------------------------------------------------------------------------

    def _poor(self):
        self._target(target=80)
        customer = self._live(14)
        self._months(customer, 14, [40] * 12)
        self.assertEqual(self._missed(customer), customer)
        return customer

    def test_s24_moving_or_deleting_the_go_live_date_does_not_clear_a_missed_year(self):
        customer = self._poor().with_user(self.csm)
        for moved in (days(3), False):
            customer.success_go_live_date = moved
            self.assertEqual(self._missed(customer), customer)
            self.assertEqual(customer.success_live_date, month(14))
        customer.success_go_live_date = days(3)
        self.assertIn(
            "The go-live date was moved. The years still count from", self._attention(customer)
        )

    def test_s24_a_manager_says_that_an_earlier_date_was_a_mistake(self):
        customer = self._customer(success_go_live_date=days(4000))
        customer.with_user(self.csm).success_go_live_date = days(40)
        self.assertEqual(customer.success_year_live, 11)
        with self.assertRaisesRegex(AccessError, "Only a manager"):
            customer.with_user(self.csm).action_success_go_live_corrected()
        customer.with_user(self.manager).action_success_go_live_corrected()
        self.assertEqual(customer.success_year_live, 1)
        self.assertIn("was a mistake", customer.message_ids[:1].body)

    def test_s24_a_csm_sets_no_targets_and_writes_no_years(self):
        customer = self._poor()
        target = self.env["customer.success.target"].search([], limit=1)
        with self.assertRaises(AccessError):
            target.with_user(self.csm).target = 10
        with self.assertRaises(AccessError):
            target.with_user(self.csm).create({"target": 10, "partner_id": customer.id})
        year = customer.success_year_ids[:1]
        for user in (self.csm, self.manager):
            with self.assertRaises(AccessError):
                year.with_user(user).verdict = "met"

    def test_s24_a_good_guess_does_not_outweigh_what_was_measured(self):
        customer = self._poor()
        self._months(customer, 14, [100] * 12, source="assessed")
        self.assertEqual(self._missed(customer), customer)

    def test_s24_one_small_product_does_not_carry_the_others(self):
        customer = self._poor()
        small = self.env["product.product"].create({"name": "Small"})
        self._months(customer, 14, [1] * 12, licensed=1, product_id=small.id)
        self.assertEqual(self._missed(customer), customer)

    # Bad input -----------------------------------------------------------------------------------

    @mute_logger("odoo.sql_db")
    def test_s24_bad_targets_are_refused_in_words(self):
        self._target(year=1, target=80)
        for vals, words in (
            ({"target": 101}, "between 1 and 100"),
            ({"target": -5}, "between 1 and 100"),
            ({"year": 0, "target": 60}, "first year after go-live is year 1"),
            ({"year": 1, "target": 60}, "already such a target"),
        ):
            with (
                self.subTest(vals),
                self.assertRaisesRegex((ValidationError, psycopg2.IntegrityError), ".") as caught,
                self.cr.savepoint(),
            ):
                self._target(**{"year": 3, **vals})
                self.env.flush_all()
            self.assertIn(words, self._say(caught.exception))
        segment = self.env["customer.success.segment"].create({"name": "S", "domain": "[]"})
        customer = self._live()
        with self.assertRaises(psycopg2.IntegrityError) as caught, self.cr.savepoint():
            self._target(segment_id=segment.id, partner_id=customer.id)
            self.env.flush_all()
        self.assertIn("not for both", self._say(caught.exception))
        for vals, words in (
            ({"kind": "sustain"}, "which year 1 does not have"),
            ({"kind": "value", "product_id": self.product.id}, "Leave the product empty"),
            ({"partner_id": self._contact(customer).id}, "is not followed"),
        ):
            with self.subTest(vals), self.assertRaisesRegex(ValidationError, words):
                self._target(**vals)

    def _say(self, error):
        """Return the words in which the web client shows an error of the database."""
        if isinstance(error, ValidationError):
            return str(error)
        name = error.diag.constraint_name
        table = self.env["customer.success.target"]._table_objects
        return str(table[name].get_error_message(self.env["customer.success.target"], error.diag))

    def test_another_customers_targets_and_years_are_not_seen(self):
        other = self._live(14, success_user_id=self.lead_csm.id)
        own = self._target(partner_id=other.id)
        self._rescore(other)
        for record in (own, other.success_year_ids[:1], other.success_score_id.tenure_id):
            self.assertFalse(record.with_user(self.csm).has_access("read"))
            self.assertTrue(record.with_user(self.lead_csm).has_access("read"))
            self.assertFalse(record.with_user(self.sales).has_access("read"))
