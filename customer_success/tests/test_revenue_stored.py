import random
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from . import test_revenue, test_revenue_cases
from .common import TODAY
from .test_revenue import RevenueCase

SEEDS = (1, 2)
ACTS = 90
# What the rows of the two reports say, without their ids.
BRIDGE = (
    "month, partner_id, company_id, product_id, kind, amount, at_start, new_value, expansion, contraction, lost, come_back,"
    " currency_change, at_end, is_undecided, missing, user_id, segment_id, country_id, currency_id"
)
YEARS = (
    "month, partner_id, company_id, product_id, first_day, last_day, at_start, currency_change, base, new_value, expansion,"
    " contraction, lost, come_back, at_end, kept, renewed, gross_retention, net_retention, undecided, missing, user_id,"
    " segment_id, country_id, currency_id"
)


class StoredCase(RevenueCase):
    """Helpers to run the job and to compare the reports with what they would say if everything was computed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pieces = cls.env["customer.success.revenue.piece"]
        cls.requests = cls.env["customer.success.revenue.request"]

    def _store(self):
        """Run the job."""
        self.env.flush_all()
        while self.pieces._refresh_next(self.requests):
            pass
        self.assertFalse(self.requests.search_count([]))

    def _rows_of(self, model, columns):
        rows = self.env.execute_query(
            SQL("SELECT %s FROM %s t ORDER BY %s", SQL(columns), model._table_sql, SQL(columns))
        )
        self.assertTrue(rows)
        return rows

    def _assert_true(self, message):
        """Check that both reports say what they say if all customers are computed on the look."""
        found = self._rows_of(self.bridge, BRIDGE), self._rows_of(self.years, YEARS)
        self.env.flush_all()
        self.env.cr.execute("SAVEPOINT computed")
        self.env.cr.execute("DELETE FROM customer_success_revenue_piece")
        self.requests._add_from(SQL("SELECT partner_id FROM customer_success_renewal"))
        computed = self._rows_of(self.bridge, BRIDGE), self._rows_of(self.years, YEARS)
        self.env.cr.execute("ROLLBACK TO SAVEPOINT computed")
        for one, other in zip(found, computed):
            wrong = sorted(set(one) ^ set(other), key=str)
            self.assertEqual(one, other, (message, wrong[:4]))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRevenueLives(StoredCase):
    """Random lives of a small book: whatever happens to terms, the stored pieces say what is computed from the terms.

    The job runs now and then, so that some customers are read and some are computed.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls.env["res.currency"].create({"name": "QQA", "symbol": "q"})
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": cls.foreign.id, "name": day, "rate": rate, "company_id": False}
                for day, rate in (("2020-01-01", 0.37), ("2025-11-30", 1.31))
            ]
        )
        cls.successor = cls.env["product.product"].create({"name": "Planner 2"})
        cls.products = cls.product | cls.successor | cls.analytics
        cls.customers = cls.env["res.partner"].create(
            [
                {
                    "name": f"Life {n}",
                    "is_company": True,
                    "success_stage_id": cls.stages["effective_use"].id,
                    "success_user_id": (cls.csm, cls.lead_csm)[n % 2].id,
                }
                for n in range(14)
            ]
        )

    def _terms(self, chance):
        """Return a random term, archived ones included."""
        terms = self.env["customer.success.renewal"].with_context(active_test=False).search([])
        return terms and chance.choice(terms)

    def _do_sign(self, chance):
        start = TODAY - timedelta(chance.randrange(1200))
        self._renewal(
            chance.choice(self.customers),
            value=chance.randrange(0, 90000) / 7,
            product_id=chance.choice((*self.products.ids, False)),
            date_start=start,
            date_renewal=start + timedelta(chance.choice((90, 365, 365, 730))),
            currency_id=chance.choice((self.company.currency_id, self.foreign)).id,
            contract_number=chance.choice((False, "A", "B")),
            auto_renew=False,
        )

    def _do_decide(self, chance):
        term = self._terms(chance)
        outcome = chance.choice(("renewed", "churned", "expanded", "pending"))
        vals = {"outcome": outcome}
        if outcome in ("renewed", "expanded"):
            vals["renewed_value"] = term.annual_value * chance.choice((1, 1, 1.3))
            vals["renewed_seats"] = term.seats + (outcome == "expanded")
        term.write(vals)

    def _do_edit(self, chance):
        term = self._terms(chance)
        name = chance.choice(("annual_value", "date_renewal", "contract_number", "product_id"))
        term.write(
            {
                name: {
                    "annual_value": chance.randrange(0, 90000) / 7,
                    "date_renewal": term.date_renewal + timedelta(chance.randrange(-60, 90)),
                    "contract_number": chance.choice((False, "A", "C")),
                    "product_id": chance.choice((*self.products.ids, False)),
                }[name]
            }
        )

    def _do_move(self, chance):
        self._terms(chance).write({"partner_id": chance.choice(self.customers).id})

    def _do_amend(self, chance):
        term = self._terms(chance)
        self.env["customer.success.renewal.amendment"].create(
            {
                "renewal_id": term.id,
                "date": (term.date_start or TODAY) + timedelta(chance.randrange(1, 80)),
                "annual_value": chance.randrange(0, 90000) / 7,
                "seats": 10,
                "reason": "More people work with it from then on.",
            }
        )

    def _do_correct(self, chance):
        lines = self.env["customer.success.renewal.amendment"].search([])
        if lines:
            chance.choice(lines).write(
                chance.choice(({"active": False}, {"annual_value": chance.randrange(0, 50000) / 7}))
            )

    def _do_notice(self, chance):
        term = self._terms(chance)
        kind = chance.choice(("end", "reduce", False))
        term.write(
            {
                "notice_kind": kind,
                "notice_given_on": kind and TODAY - timedelta(chance.randrange(200)),
                "notice_value": term.annual_value / 2 if kind == "reduce" else 0,
            }
        )

    def _do_archive(self, chance):
        term = self._terms(chance)
        term.active = not term.active

    def _do_delete(self, chance):
        self._terms(chance).unlink()

    def _do_link(self, chance):
        term, other = self._terms(chance), self._terms(chance)
        term.write({"previous_id": other.id if other.partner_id == term.partner_id else False})

    def _do_merge(self, chance):
        if len(self.customers) > 8:
            kept, gone = chance.sample(list(self.customers), 2)
            self.customers -= gone
            self.env["base.partner.merge.automatic.wizard"].create({})._merge(
                (kept | gone).ids, kept, extra_checks=False
            )

    def _do_replace(self, chance):
        self.product.write(
            {
                "success_successor_id": chance.choice((self.successor.id, False)),
                "success_replaced_date": chance.choice((False, "2026-01-01", "2027-01-01")),
            }
        )

    def _do_change_rate(self, chance):
        self.env["res.currency.rate"].search(
            [("currency_id", "=", self.foreign.id)], limit=1
        ).rate = 0.5 + chance.random()

    def _do_change_currency(self, chance):
        self._terms(chance).write(
            {"currency_id": chance.choice((self.company.currency_id, self.foreign)).id}
        )

    def _do_change_csm(self, chance):
        chance.choice(self.customers).success_user_id = chance.choice((self.csm, self.lead_csm))

    def _do_undo(self, chance):
        """Edit several terms as one, and take it back."""
        terms = self.env["customer.success.renewal"].search(
            [
                ("currency_id", "=", self.foreign.id),
                ("outcome", "=", "pending"),
                ("amendment_ids", "=", False),
            ],
            limit=2,
        )
        self._flush()
        before = terms.mapped("annual_value")
        terms.write({"annual_value": 1234.5})
        self._assert_true("before it is taken back")
        for term, value in zip(terms, before):
            term.annual_value = value

    def test_whatever_happens_the_stored_pieces_are_those_of_the_terms(self):
        done = set()
        for seed in SEEDS:
            chance = random.Random(seed)
            for _number in range(25):
                self._try(self._do_sign, chance)
            self._assert_true("at the start")
            acts = sorted(name for name in dir(self) if name.startswith("_do_"))
            for number in range(ACTS):
                act = chance.choice(acts)
                if self._try(getattr(self, act), chance):
                    done.add(act)
                if chance.random() < 0.3:
                    self._store()
                if number % 5 == 0:
                    self._assert_true(f"seed {seed}, act {number}: {act}")
            self._store()
            self._assert_true("in the end")
            everybody = self.env["customer.success.renewal"].with_context(active_test=False)
            partners = everybody.search([]).partner_id.ids
            self.assertFalse(self.pieces._different(partners))
        self.assertEqual(done, set(acts), "each kind of act was possible at least once")

    def _try(self, act, chance):
        """Do something unless it is refused; return whether it was done."""
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                act(chance)
            return True
        except UserError:
            return False


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRevenueStored(StoredCase):
    """The stored pieces are read, are made anew after a change, and are healed at night if something changed unseen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Keeper")
        cls.term = cls._term(cls.customer, "2025-09-01", "2026-09-01", 12000)

    def _stands(self):
        self._flush()
        return self._months(self.customer)["2026-06"]["at_end"]

    def test_an_edit_is_seen_before_and_after_the_job(self):
        self._store()
        self.assertEqual(self._stands(), 12000)
        self.term.annual_value = 15000
        self.assertEqual(self._stands(), 15000)
        self._store()
        self.assertEqual(self._stands(), 15000)

    def test_a_stored_customer_is_not_computed_again(self):
        self._store()
        # Past the ORM, nobody notices the change.
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET annual_value = 99, counted_value = 99 WHERE id = %s",
            (self.term.id,),
        )
        self.assertEqual(self._stands(), 12000)
        self.assertEqual(self.pieces._different(self.customer.ids), self.customer.ids)
        self.pieces._heal(self.customer.ids)
        self.assertEqual(self._stands(), 99)
        self.assertFalse(self.pieces._different(self.customer.ids))

    def test_a_note_on_a_term_asks_for_nothing(self):
        self._store()
        self.term.write({"reason_note": "They are glad.", "date_notice": "2026-07-01"})
        self.env.flush_all()
        self.assertFalse(self.requests.search_count([]))

    def test_deleting_a_customer_deletes_what_is_stored(self):
        self._store()
        self.assertTrue(self.pieces.search([("partner_id", "=", self.customer.id)]))
        self.term.unlink()
        self.customer.unlink()
        self._store()
        self.assertFalse(self.pieces.search([("partner_id", "=", self.customer.id)]))

    def test_deleting_a_product_leaves_its_terms(self):
        self.term.product_id = self.analytics
        self._store()
        self.analytics.unlink()
        self.assertEqual(self._stands(), 12000)
        self._store()
        self.assertEqual(self._stands(), 12000)

    def test_a_product_is_replaced_on_its_day(self):
        successor = self.env["product.product"].create({"name": "Planner 2"})
        self._term(self.customer, "2026-06-01", "2027-06-01", 100, product_id=successor.id)
        self.term.product_id.write(
            {"success_successor_id": successor.id, "success_replaced_date": "2026-07-20"}
        )
        self._store()
        with freeze_time("2026-07-20"):
            self.pieces._heal(self.customer.ids)
            self.assertEqual(
                self.bridge.search(
                    [("partner_id", "=", self.customer.id), ("month", "=", "2026-07-01")]
                ).product_id,
                successor,
            )

    def test_days_in_words_and_other_filters_of_months_find_the_same(self):
        every = self.bridge.search([("partner_id", "=", self.customer.id)])
        this_month = every.filtered(lambda row: row.month == test_revenue.THIS_MONTH)
        self.assertTrue(this_month)
        self.assertLess(this_month, every)
        for leaf in (
            ("month", "=", "2026-06-01"),
            ("month", "in", ["2026-06-01"]),
            ("month", ">", "2026-05-31"),
            ("month", ">=", "today -20d"),
            ("month.month_number", "=", 6),
        ):
            with self.subTest(leaf=leaf):
                domain = [("partner_id", "=", self.customer.id), leaf]
                self.assertEqual(self.bridge.search(domain), this_month)
        others = [("partner_id", "=", self.customer.id), "!", ("month", "=", "2026-06-01")]
        self.assertEqual(self.bridge.search(others), every - this_month)

    def test_a_context_from_outside_changes_nothing(self):
        for sent in ([], 1, ["2020-01-01"], "2020-01-01"):
            found = self.bridge.with_context(success_revenue_span=sent)._read_group(
                [("partner_id", "=", self.customer.id)], [], ["at_end:sum"]
            )
            self.assertEqual(found, [(12000,)], sent)

    def test_stored_pieces_are_the_systems_own(self):
        for user in (self.manager, self.csm):
            for name in ("piece", "request"):
                self.assertFalse(
                    self.env[f"customer.success.revenue.{name}"].with_user(user).has_access("read")
                )


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRevenueFromStore(test_revenue.TestRevenue, StoredCase):
    """The same as for figures that are computed on the look, read from what is stored."""

    allow_inherited_tests_method = True

    def _flush(self):
        self._store()
        return super()._flush()


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRevenueCasesFromStore(
    test_revenue_cases.TestRevenueAmendments,
    test_revenue_cases.TestRevenueCheats,
    test_revenue_cases.TestRevenueInnocents,
    test_revenue_cases.TestRevenueNotices,
    StoredCase,
):
    """The same for amendments, notices, innocents and cheats."""

    allow_inherited_tests_method = True

    def _flush(self):
        self._store()
        return super()._flush()
