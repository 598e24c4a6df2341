from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.customer_success.scoring.amendments import seats_on, value_on

from .common import TODAY, SuccessCase, days

WHY = "Twenty more users in Lyon"
LESS = "The second site was closed"


class AmendmentCase(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Acme", success_go_live_date=days(800))
        # from 2026-01-01 to 2026-12-31, its last day; today is 2026-06-15
        cls.term = cls._renewal(
            cls.customer,
            12000,
            seats=100,
            date_start=date(2026, 1, 1),
            date_renewal=date(2026, 12, 31),
        ).with_user(cls.csm)

    def _amend(self, day, value, seats=100, reason=WHY, user=None, term=None):
        return (
            self.env["customer.success.renewal.amendment"]
            .with_user(user or self.csm)
            .create(
                {
                    "renewal_id": (term or self.term).id,
                    "date": day,
                    "annual_value": value,
                    "seats": seats,
                    "reason": reason,
                }
            )
        )

    def _follow(self):
        with self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_amendments").method_direct_trigger()
        self.env.invalidate_all()

    def _entered_on(self, day):
        """Let all amendments have been entered on a day; Odoo's own clock is not frozen."""
        self.env.flush_all()
        self.cr.execute("UPDATE customer_success_renewal_amendment SET create_date = %s", [day])
        self.env.invalidate_all()

    def _on(self, day):
        """Return value and seats on a day by the ORM; SQL has to say the same."""
        said = self.term._annual_value_on(day), self.term._seats_on(day)
        self.env.flush_all()
        (row,) = self.env.execute_query(
            SQL(
                "SELECT {}, {} FROM customer_success_renewal r WHERE r.id = %(id)s".format(
                    value_on("%(day)s::date"), seats_on("%(day)s::date")
                ),
                id=self.term.id,
                day=day,
            )
        )
        self.assertEqual(said, (float(row[0]), row[1]))
        return said


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAmendments(AmendmentCase):
    """A term changes within its time: what it was is kept, and the figures of today follow on the day."""

    def test_the_value_on_each_day_by_hand(self):
        self._amend(date(2026, 3, 1), 15000, 120)
        self._amend(date(2026, 9, 1), 18000, 150)
        for day, said in (
            (date(2026, 1, 1), (12000, 100)),
            (date(2026, 2, 28), (12000, 100)),
            (date(2026, 3, 1), (15000, 120)),
            (TODAY, (15000, 120)),
            (date(2026, 8, 31), (15000, 120)),
            (date(2026, 9, 1), (18000, 150)),
            (date(2026, 12, 31), (18000, 150)),
        ):
            with self.subTest(day=day):
                self.assertEqual(self._on(day), said)

    def test_the_figures_of_today_follow_on_the_day(self):
        self._amend(date(2026, 6, 20), 15000, 120)
        self.assertEqual((self.term.annual_value, self.term.seats), (12000, 100))
        with freeze_time(date(2026, 6, 19)):
            self._follow()
            self.assertEqual((self.term.annual_value, self.term.seats), (12000, 100))
        with freeze_time(date(2026, 6, 20)):
            self._follow()
            self.assertEqual((self.term.annual_value, self.term.seats), (15000, 120))
            self.assertEqual((self.term.start_value, self.term.start_seats), (12000, 100))
            self.assertFalse(self.term._due_for_amendment(), "a second run changes nothing")
        self._amend(TODAY, 13000, 110)
        self.assertEqual((self.term.annual_value, self.term.seats), (13000, 110))

    def test_a_lower_value_waits_for_a_manager(self):
        line = self._amend(date(2026, 6, 1), 9000, 80, LESS)
        self.assertEqual((self.term.annual_value, self.term.seats), (9000, 80))
        self.assertEqual(self.term.counted_value, 12000)
        self.assertEqual(self._on(TODAY), (12000, 80))
        change = line.change_ids
        self.assertEqual((change.old_value, change.new_value, change.reason), (12000, 9000, LESS))
        change.with_user(self.manager).action_approve()
        self.assertEqual((self.term.counted_value, self._on(TODAY)), (9000, (9000, 80)))
        self.assertEqual(self._on(date(2026, 5, 31)), (12000, 100))

    def test_a_declined_lower_value_goes_back(self):
        line = self._amend(date(2026, 7, 1), 9000, 80, LESS)
        self.assertEqual(self.term.counted_value, 12000)
        line.change_ids.with_user(self.manager).action_decline()
        self.assertEqual(line.annual_value, 12000)
        with freeze_time(date(2026, 7, 1)):
            self._follow()
            self.assertEqual((self.term.annual_value, self.term.counted_value), (12000, 12000))

    def test_bad_input_is_refused_in_words(self):
        for day in (date(2025, 12, 31), date(2027, 1, 1)):
            with (
                self.subTest(day=day),
                self.assertRaisesRegex(ValidationError, "outside of"),
                self.cr.savepoint(),
            ):
                self._amend(day, 15000)
        self._amend(date(2026, 12, 31), 15000)
        for wrong in ({"seats": -1}, {"day": date(2026, 12, 31)}, {"value": -1}):
            vals = {"day": date(2026, 8, 1), "value": 15000, **wrong}
            with (
                self.subTest(wrong=wrong),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self._amend(**vals)
        for reason in (False, "", "x", "ok ok"):
            with (
                self.subTest(reason=reason),
                self.assertRaisesRegex(UserError, "was agreed"),
                self.cr.savepoint(),
            ):
                self._amend(date(2026, 8, 1), 15000, reason=reason)
        self.term.write({"outcome": "churned", "date_outcome": TODAY})
        with self.assertRaisesRegex(UserError, "has ended"):
            self._amend(date(2026, 8, 1), 15000)

    def test_a_term_cannot_be_moved_away_from_its_amendments(self):
        self._amend(date(2026, 9, 1), 15000)
        with self.assertRaisesRegex(ValidationError, "outside of the term"):
            self.term.date_renewal = date(2026, 8, 1)

    def test_roles(self):
        line = self._amend(date(2026, 3, 1), 15000)
        line.with_user(self.manager).read(["annual_value"])
        portal = self.env["res.users"].create(
            {
                "name": "P", "login": "amend_portal",
                "group_ids": [(6, 0, [self.env.ref("base.group_portal").id])],
            }
        )  # fmt: skip
        for user in (self.sales, portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                line.with_user(user).read(["annual_value"])


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAmendedEffects(AmendmentCase):
    """The effects of an amendment on risk, pipeline, next term and workbook, each worked out by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.user_id = cls.sales
        for month in range(6):
            cls._usage(cls.customer, 100, 60, when=days(14 + 30 * month))

    def _score(self):
        self._rescore(self.customer)
        self.env.invalidate_all()
        return self.term.sudo().score_id

    def _by_hand(self, score, value, seats, reduced):
        lost = value * score.churn_risk / 100
        lost += value * score.contraction_risk / 100 * (1 - reduced / seats)
        return round(lost, 2)

    def test_value_at_risk_and_contraction(self):
        before = self._score()
        # 60 of 100 seats are used: the customer would keep 66 of them
        self.assertAlmostEqual(
            before.value_at_risk, self._by_hand(before, 12000, 100, 66), delta=10
        )
        self._amend(date(2026, 1, 2), 18000, 150)
        after = self._score()
        self.assertEqual(after.breakdown["seats"]["bought"], 150)
        # 50 seats are 164 days old: of 6 months, 5 are over, so 8 of them are still new
        self.assertEqual(after.breakdown["seats"]["coming"], 8)
        self.assertEqual(after.breakdown["seats"]["reduced"], 74)
        self.assertAlmostEqual(after.value_at_risk, self._by_hand(after, 18000, 150, 74), delta=10)

    # Innocents

    def test_innocent_who_buys_more_is_no_contraction_to_expect(self):
        before = self._score().contraction_risk
        self._amend(TODAY, 18000, 150)
        after = self._score()
        self.assertEqual(after.breakdown["seats"]["coming"], 50)
        self.assertEqual(after.contraction_risk, before)

    def test_innocent_who_agreed_on_less_for_later(self):
        before = self._score().value_at_risk
        self._amend(date(2026, 9, 1), 9000, 75, LESS)
        self.assertEqual(self._score().value_at_risk, before)
        self.assertEqual(self.term.counted_value, 12000)

    def test_innocent_slip_of_today(self):
        line = self._amend(date(2026, 3, 1), 150000)
        self._entered_on(TODAY)
        line.write({"annual_value": 15000})
        self.assertEqual((self.term.annual_value, len(self.term.change_ids)), (15000, 0))
        line.unlink()
        self.assertEqual(
            (self.term.annual_value, self.term.start_value, self.term.amendment_id.id),
            (12000, False, False),
        )

    # Cheats

    def test_cheat_a_loss_is_not_made_smaller_beforehand(self):
        self._amend(days(1), 1, 1, LESS)
        self.term.write({"outcome": "churned", "date_outcome": TODAY})
        self.assertEqual(self.term.counted_value, 12000)

    def test_cheat_seats_given_back_and_bought_again_are_not_new(self):
        self._amend(date(2026, 6, 1), 12000, 50, LESS)
        self._amend(date(2026, 6, 10), 12000, 100)
        self.assertEqual(self._score().breakdown["seats"]["coming"], 0)

    def test_cheat_what_was_agreed_is_not_rewritten_later(self):
        with freeze_time(days(60)):
            line = self._amend(date(2026, 4, 16), 15000)
        self._entered_on(days(60))
        for vals in ({"annual_value": 12000}, {"date": TODAY}, {"active": False}):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "is kept as it was"):
                line.write(vals)
        with self.assertRaisesRegex(UserError, "is kept as it was"):
            line.unlink()
        line.with_user(self.manager).annual_value = 16000
        self.assertEqual(self.term.annual_value, 16000)

    def test_cheat_a_raise_elsewhere_does_not_withdraw_what_waits(self):
        self._amend(date(2026, 9, 1), 1, 1, LESS)
        self.term.annual_value = 12001
        with freeze_time(date(2026, 9, 1)):
            self._follow()
            self.assertEqual((self.term.annual_value, self.term.counted_value), (1, 12000))

    def test_cheat_a_context_does_not_rewrite_what_was_agreed(self):
        with freeze_time(days(60)):
            line = self._amend(date(2026, 4, 16), 15000)
        self._entered_on(days(60))
        with self.assertRaisesRegex(UserError, "is kept as it was"):
            line.with_context(success_amendment_carried=True).write({"annual_value": 1})
        self.assertEqual(self._on(TODAY), (15000, 100))

    def test_cheat_the_value_that_counts_is_not_entered(self):
        line = self._amend(date(2026, 3, 1), 15000)
        line.write({"counted_value": 1})
        self.assertEqual(self._on(TODAY), (15000, 100))
        other = self._renewal(self._customer("Other"), 500)
        lines = line.with_context(default_counted_value=1, default_partner_id=other.partner_id.id)
        vals = {"renewal_id": self.term.id, "annual_value": 16000, "seats": 100, "reason": WHY}
        second = lines.create({**vals, "date": date(2026, 4, 1)})
        third = line.create({**vals, "date": date(2026, 5, 1), "counted_value": 1})
        third.write({"partner_id": other.partner_id.id})
        self.assertEqual((second | third).mapped("counted_value"), [16000, 16000])
        self.assertEqual((second | third).partner_id, self.customer)
        self.assertEqual(self._on(TODAY), (16000, 100))

    # Pipeline

    def _lead(self):
        self.term.sudo()._open_leads()
        return self.term.sudo().lead_id

    def test_the_opportunity_follows_until_sales_says_otherwise(self):
        lead = self._lead()
        self.assertEqual(lead.expected_revenue, 12000)
        self._amend(date(2026, 9, 1), 18000, 150)
        self.assertEqual(lead.expected_revenue, 18000)
        lead.with_user(self.sales).expected_revenue = 20000
        self._amend(date(2026, 10, 1), 19000, 150)
        self.assertEqual(lead.expected_revenue, 20000)

    def test_sales_sees_the_value_of_today(self):
        self._amend(days(1), 18000, 150)
        self.env.flush_all()
        seen = self.env["customer.success.sales.renewal"].with_user(self.sales)
        seen = seen.browse(self.term.id)
        self.assertEqual((seen.value, seen.annual_value, seen.seats), (18000, 18000, 150))

    def test_won_at_the_value_with_which_the_term_ends(self):
        lead = self._lead()
        self._amend(date(2026, 9, 1), 18000, 150)
        lead.with_user(self.sales).action_set_won()
        self.assertEqual(
            (self.term.outcome, self.term.renewed_value, self.term.renewed_seats),
            ("renewed", 18000, 150),
        )
        self.assertEqual((self.term.next_ids.annual_value, self.term.next_ids.seats), (18000, 150))

    def test_decided_before_the_last_amendment_is_in_force(self):
        self._amend(date(2026, 9, 1), 18000, 150)
        dialog = (
            self.env["customer.success.renewal.end"]
            .with_user(self.csm)
            .create({"renewal_id": self.term.id, "outcome": "renewed"})
        )
        self.assertEqual(
            (dialog.annual_value, dialog.renewed_value, dialog.renewed_seats), (18000, 18000, 150)
        )
        dialog.action_end()
        with freeze_time(date(2026, 9, 1)):
            self._follow()
        self.assertEqual((self.term.annual_value, self.term.outcome), (18000, "renewed"))

    def test_a_contract_that_changes_while_it_runs_is_an_amendment(self):
        term = self.term.sudo()
        said = {"annual_value": 12000, "seats": 100}
        term._take_from_source(said, "sale.order.line")
        self.cr.execute("UPDATE customer_success_renewal SET create_date = %s", [days(100)])
        self.env.invalidate_all()
        term._take_from_source({"annual_value": 15000, "seats": 125}, "sale.order.line")
        self.assertEqual((term.annual_value, term.seats), (15000, 125))
        self.assertEqual(self._on(days(1)), (12000, 100))
        self.assertEqual(term.amendment_ids.mapped("date"), [TODAY])
        term._take_from_source({"annual_value": 15000, "seats": 125}, "sale.order.line")
        self.assertEqual(len(term.amendment_ids), 1)

    def test_another_currency_is_of_the_next_term(self):
        self._amend(days(1), 18000, 150)
        other = self.env["res.currency"].create({"name": "TSA", "symbol": "A"})
        with self.assertRaisesRegex(UserError, "begins with the next term"):
            self.term.with_user(self.manager).currency_id = other
