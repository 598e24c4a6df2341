from contextlib import contextmanager
from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.migration import load_script
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import file_path, mute_logger

from .common import TODAY, SuccessCase, days

PENDING = {
    "date_outcome": False,
    "renewed_value": 0,
    "renewed_seats": 0,
}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRenewals(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()
        # A term of a year for 12,000 and 100 seats, with 60 days' notice, that ends on 1 September 2026.
        cls.renewal = cls._renewal(
            cls.customer,
            date_start=date(2025, 9, 1),
            date_renewal=date(2026, 9, 1),
            date_notice=date(2026, 7, 3),
        ).with_user(cls.csm)
        cls.renewals = cls.env["customer.success.renewal"]

    def _reason(self, name):
        return self.env.ref(f"customer_success.customer_success_renewal_reason_{name}")

    @contextmanager
    def _words(self, words):
        """Assert that the block is refused with these words, and that nothing is written."""
        with self.assertRaises(ValidationError) as refused:
            yield
        self.assertIn(words, str(refused.exception))

    def _end(self, outcome, user=None, **vals):
        """End the renewal in the dialog that its buttons open."""
        wizard = (
            self.env["customer.success.renewal.end"]
            .with_user(user or self.csm)
            .create({"renewal_id": self.renewal.id, "outcome": outcome, **vals})
        )
        wizard.action_end()
        return wizard

    def _figures(self, renewal):
        return {name: renewal[name] for name in ("outcome", *PENDING)}

    # ------------------------------------------------------------------------------------------
    # A worked example, computed by hand: four customers with a term of 12,000 for 100 seats
    # ------------------------------------------------------------------------------------------

    def test_outcomes_by_hand(self):
        """
        before 12,000 for 100 seats each, four terms, 48,000 in all

        renewed     12,000  100 seats   as it was
        expanded    15,000  125 seats   25 seats more, at 120 each: + 3,000
        contracted   9,600   80 seats   20 seats fewer, at 120 each: - 2,400
        churned          0    0 seats   - 12,000
        after       36,600  305 seats   48,000 + 3,000 - 2,400 - 12,000
        kept gross  33,600  70 %        what was bought and is still: 12,000 + 12,000 + 9,600 + 0
        """
        said = {
            "renewed": {},
            "expanded": {"renewed_value": 15000, "renewed_seats": 125},
            "contracted": {"renewed_value": 9600, "renewed_seats": 80},
            "churned": {},
        }
        terms = self.renewals.with_user(self.csm).concat(
            *(self._renewal(self._customer(f"Customer {outcome}")) for outcome in said)
        )
        for term, (outcome, vals) in zip(terms, said.items()):
            term.write({"outcome": outcome, **vals})
        self.assertEqual(sum(terms.mapped("annual_value")), 48000)
        self.assertEqual(terms.mapped("renewed_value"), [12000, 15000, 9600, 0])
        self.assertEqual(terms.mapped("renewed_seats"), [100, 125, 80, 0])
        self.assertEqual(sum(terms.mapped("renewed_value")), 36600)
        kept = sum(min(term.annual_value, term.renewed_value) for term in terms)
        self.assertEqual((kept, kept / 48000), (33600, 0.7))
        after = terms.next_ids
        self.assertEqual(sorted(after.mapped("annual_value")), [9600, 12000, 15000])
        self.assertEqual(sum(after.mapped("seats")), 305)

    # ------------------------------------------------------------------------------------------
    # The dialog
    # ------------------------------------------------------------------------------------------

    def test_the_dialog_starts_with_the_figures_of_the_term(self):
        wizard = self.env["customer.success.renewal.end"].with_user(self.csm)
        wizard = wizard.with_context(
            default_renewal_id=self.renewal.id, default_outcome="contracted"
        )
        wizard = Form(wizard)  # as a button opens it
        self.assertEqual((wizard.renewed_value, wizard.renewed_seats), (12000, 100))
        self.assertEqual(wizard.date_outcome, TODAY)
        self.assertIn("09/01/2026 to 09/01/2027", wizard.next_text)
        self.assertFalse(wizard.reason_id)
        wizard.outcome = "churned"
        self.assertEqual((wizard.renewed_value, wizard.renewed_seats), (0, 0))
        self.assertFalse(wizard.next_text)

    def test_the_dialog_tells_nobody_of_renewals_that_are_not_theirs(self):
        renewal = self._renewal(self._customer("Theirs", success_user_id=self.lead_csm.id))
        renewal.write({"outcome": "churned", "reason_note": "Their words"})
        dialogs = self.env["customer.success.renewal.end"]
        said = {"renewal_id": renewal.id, "outcome": "churned", "reason_note": "My words"}
        with self.assertRaises(AccessError):
            dialogs.with_user(self.csm).create({"renewal_id": renewal.id})
        with self.assertRaises(AccessError):
            dialogs.with_user(self.csm).with_context(default_renewal_id=renewal.id).onchange(
                {}, [], {"reason_note": {}, "annual_value": {}}
            )
        theirs = dialogs.with_user(self.lead_csm).create(said)
        self.assertEqual(theirs.annual_value, renewal.annual_value)
        with self.assertRaises(AccessError):
            theirs.with_user(self.csm).read(["reason_note"])

    def test_the_dialog_asks_why_they_left_or_shrank(self):
        with self._words("most important reason"):
            self._end("churned")
        with self._words("most important reason"):
            self._end("contracted", renewed_value=9000)
        self._end(
            "churned", reason_id=self._reason("churned_low_use").id, reason_note="Nobody logs in."
        )
        self.assertEqual(self.renewal.reason_id, self._reason("churned_low_use"))
        self.assertEqual(self.renewal.reason_note, "Nobody logs in.")

    def test_the_dialog_corrects_an_outcome(self):
        self._end("renewed")
        self._end("expanded", renewed_value=13000, date_outcome=days(3))
        self.assertEqual(
            self._figures(self.renewal),
            {
                "outcome": "expanded",
                "date_outcome": days(3),
                "renewed_value": 13000,
                "renewed_seats": 100,
            },
        )
        self.assertEqual(self.renewal.next_ids.annual_value, 13000)

    def test_only_who_follows_the_customer_ends_it(self):
        self.customer.success_user_id = self.lead_csm
        with self.assertRaises(AccessError):
            self._end("renewed")
        with self.assertRaises(AccessError):
            self.renewal.with_user(self.csm).outcome = "churned"
        with self.assertRaises(AccessError):
            self._end("renewed", user=self.sales)
        self._end("renewed", user=self.lead_csm)
        with self.assertRaises(AccessError):
            self.renewal.with_user(self.csm).action_reopen()

    # ------------------------------------------------------------------------------------------
    # Figures that contradict the outcome
    # ------------------------------------------------------------------------------------------

    def test_figures_at_odds_with_the_outcome_are_refused_in_words(self):
        for vals, words in (
            ({"outcome": "renewed", "renewed_seats": 90}, "keeps the number of seats"),
            ({"outcome": "expanded", "renewed_value": 12000}, "higher value than before"),
            ({"outcome": "contracted", "renewed_value": 12000}, "lower value than before"),
            ({"outcome": "contracted"}, "this outcome needs it"),
            ({"outcome": "expanded", "renewed_seats": 120}, "this outcome needs it"),
            (
                {"outcome": "contracted", "renewed_value": 0, "renewed_seats": 0},
                "Choose Churned",
            ),
            ({"outcome": "churned", "renewed_value": 5}, "cannot have a renewed value"),
            (
                {"outcome": "churned", "reason_id": self._reason("renewed_value_seen").id},
                "not a reason of this outcome",
            ),
        ):
            with self.subTest(vals=vals), self._words(words):
                self.renewal.write(vals)
        self.assertEqual(self.renewal.outcome, "pending")

    def test_more_of_one_is_enough_and_seats_may_not_be_counted(self):
        self.renewal.write({"outcome": "expanded", "renewed_value": 12000, "renewed_seats": 101})
        free = self._renewal(self._customer("Free"), value=0, seats=40)
        free.write({"outcome": "contracted", "renewed_seats": 30})
        self.assertEqual((free.renewed_value, free.renewed_seats), (0, 30))
        flat = self._renewal(self._customer("Flat"), seats=0)
        flat.write({"outcome": "contracted", "renewed_value": 8000})
        self.assertEqual((flat.renewed_value, flat.renewed_seats), (8000, 0))
        self.assertEqual(flat.next_ids.seats, 0)

    def test_a_reason_goes_with_an_outcome_that_was_wrong(self):
        reason = self._reason("churned_price")
        self.renewal.write({"outcome": "churned", "reason_id": reason.id})
        self.renewal.outcome = "renewed"
        self.assertFalse(self.renewal.reason_id)
        self.assertEqual(self.renewal.renewed_value, 12000)

    def test_managers_keep_the_catalogue_of_reasons(self):
        reasons = self.env["customer.success.renewal.reason"]
        reasons.with_user(self.manager).create({"name": "Tax", "outcome": "churned"})
        with self.assertRaises(AccessError):
            reasons.with_user(self.csm).create({"name": "Tax", "outcome": "churned"})
        self.assertEqual(
            set(reasons.search([]).mapped("outcome")),
            {"renewed", "expanded", "contracted", "churned"},
        )

    # ------------------------------------------------------------------------------------------
    # When it was decided
    # ------------------------------------------------------------------------------------------

    def test_an_early_decision_is_a_decision(self):
        self.renewal.write({"outcome": "renewed", "date_outcome": date(2026, 2, 1)})
        self.assertLess(self.renewal.date_outcome, self.renewal.date_notice)

    def test_a_decision_lies_within_the_term_and_not_in_the_future(self):
        with self._words("before the start of the term"):
            self.renewal.write({"outcome": "renewed", "date_outcome": date(2025, 8, 31)})
        with self._words("in the future"):
            self.renewal.write({"outcome": "renewed", "date_outcome": days(-1)})
        with self._words("before the start of the term"):
            self._renewal(
                self.customer, date_start=days(-200), date_renewal=days(-400), outcome="churned"
            )

    def test_an_outcome_recorded_late_is_of_the_day_of_renewal(self):
        late = self._renewal(
            self._customer("Late"), date_start=days(380), date_renewal=days(15), outcome="churned"
        )
        self.assertEqual(late.date_outcome, days(15))

    # ------------------------------------------------------------------------------------------
    # The next term
    # ------------------------------------------------------------------------------------------

    def test_the_next_term_follows_once(self):
        self.renewal.write({"outcome": "contracted", "renewed_value": 9600, "renewed_seats": 80})
        term = self.renewal.next_ids
        self.assertEqual(len(term), 1)
        self.assertEqual(
            (term.date_start, term.date_renewal, term.date_notice),
            # The notice is 60 days before, as it was: 1 September less 60 days is 3 July.
            (date(2026, 9, 1), date(2027, 9, 1), date(2027, 7, 3)),
        )
        self.assertEqual((term.annual_value, term.seats), (9600, 80))
        self.assertEqual((term.product_id, term.outcome), (self.product, "pending"))
        self.assertTrue(term.with_user(self.csm).is_generated)
        self.renewal.write({"outcome": "contracted", "renewed_value": 9600})
        self.assertEqual(self.renewal.next_ids, term)

    def test_correcting_the_outcome_corrects_the_next_term_while_nobody_touched_it(self):
        self.renewal.outcome = "renewed"
        term = self.renewal.next_ids
        self.renewal.write({"outcome": "expanded", "renewed_value": 15000, "renewed_seats": 125})
        self.assertEqual((term.annual_value, term.seats), (15000, 125))
        self.renewal.renewed_value = 15500
        self.assertEqual(term.annual_value, 15500)
        self.renewal.date_renewal = date(2026, 10, 1)
        self.assertEqual(term.date_start, date(2026, 10, 1))
        term.with_user(self.csm).seats = 130
        self.assertFalse(term.is_generated)
        self.renewal.renewed_value = 16000
        self.assertEqual((term.annual_value, term.seats), (15500, 130), "a person's from now on")

    def test_reopening_takes_back_the_next_term_and_says_so(self):
        self._end("renewed", reason_id=self._reason("renewed_value_seen").id)
        term = self.renewal.next_ids
        self.renewal.action_reopen()
        self.assertFalse(term.exists())
        self.assertEqual(self._figures(self.renewal), {"outcome": "pending", **PENDING})
        self.assertFalse(self.renewal.reason_id)
        said = " ".join(self.renewal.message_ids.mapped("body"))
        self.assertIn("Reopened. Former outcome: Renewed, 06/15/2026", said)
        self.assertIn("They see the value", said)
        with self.assertRaises(UserError):
            self.renewal.action_reopen()
        self._end("renewed")
        self.assertEqual(len(self.renewal.next_ids), 1, "ended again, it follows once")

    def test_a_next_term_that_was_worked_on_is_kept(self):
        self._end("renewed")
        term = self.renewal.next_ids
        term.with_user(self.csm).annual_value = 12500
        self.renewal.action_reopen()
        self.assertTrue(term.exists())
        self.assertIn("is kept", " ".join(self.renewal.message_ids.mapped("body")))
        self._end("renewed")
        self.assertEqual(self.renewal.next_ids, term)
        self.assertEqual(term.annual_value, 12500)

    def test_a_note_on_the_next_term_keeps_it_too(self):
        self._end("renewed")
        term = self.renewal.next_ids
        term.with_user(self.csm).message_post(
            body="They want a longer term.", message_type="comment"
        )
        self.renewal.action_reopen()
        self.assertTrue(term.exists())

    def test_churn_has_no_next_term(self):
        self.renewal.outcome = "renewed"
        term = self.renewal.next_ids
        self.renewal.outcome = "churned"
        self.assertFalse(term.exists())

    def test_a_next_term_that_is_there_already_is_taken(self):
        there = self._renewal(
            self.customer, value=11000, date_start=date(2026, 9, 1), date_renewal=date(2027, 9, 1)
        )
        self.renewal.outcome = "renewed"
        self.assertEqual(self.renewal.next_ids, there)
        self.assertEqual((there.annual_value, there.is_generated), (11000, False))

    def test_a_term_recorded_by_hand_replaces_the_one_that_was_made(self):
        self.renewal.outcome = "renewed"
        made = self.renewal.next_ids
        by_hand = self._renewal(
            self.customer, date_start=date(2026, 9, 1), date_renewal=date(2028, 9, 1)
        )
        self.assertFalse(made.exists())
        self.assertEqual(self.renewal.next_ids, by_hand)

    def test_history_does_not_ask_for_terms_that_are_over(self):
        old = self._renewal(
            self.customer,
            date_start=date(2022, 9, 1),
            date_renewal=date(2023, 9, 1),
            outcome="renewed",
        )
        self.assertFalse(old.next_ids)
        last = self._renewal(
            self._customer("Recent"),
            date_start=date(2024, 9, 1),
            date_renewal=date(2025, 9, 1),
            outcome="renewed",
        )
        self.assertEqual(last.next_ids.date_renewal, date(2026, 9, 1))

    # ------------------------------------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------------------------------------

    def _refused(self, error, **vals):
        with (
            self.assertRaises(error),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._renewal(self.customer, **{"product_id": False, **vals})

    def test_figures_that_cannot_be_are_refused(self):
        for vals in (
            {"date_start": days(-200)},
            {"date_notice": days(-200)},
            {"seats": -1},
            {"value": -1},
            {"renewed_seats": -1},
            {"renewed_value": -1},
        ):
            with self.subTest(vals=vals):
                self._refused(IntegrityError, **vals)

    def test_terms_of_one_product_do_not_overlap(self):
        with self._words("Acme already has a term of Planner"):
            self._renewal(
                self.customer, date_start=date(2026, 8, 31), date_renewal=date(2027, 8, 31)
            )
        self._renewal(self.customer, date_start=date(2024, 9, 1), date_renewal=date(2025, 9, 1))
        self._renewal(self.customer, date_start=date(2026, 9, 1), date_renewal=date(2027, 9, 1))
        other = self.env["product.product"].create({"name": "Reporter"})
        self._renewal(self.customer, product_id=other.id)
        self._renewal(self._customer("Another"))
        self._renewal(self.customer, active=False)
        with self._words("overlaps"):
            self._renewal(self.customer, date_start=False, date_renewal=date(2026, 7, 1))
        with self._words("overlaps"):
            self.renewal.date_start = date(2025, 8, 1)

    def test_overlap_takes_one_query_for_many(self):
        terms = self.renewals.create(
            [
                {
                    "partner_id": self._customer(f"C{number}").id,
                    "product_id": self.product.id,
                    "date_start": days(100),
                    "date_renewal": days(-265),
                }
                for number in range(30)
            ]
        )
        self.env.flush_all()
        with self.assertQueryCount(1):
            terms._check_overlap()

    def test_terms_that_overlapped_before_the_rule_can_still_end(self):
        old = self._renewal(
            self.customer, date_start=date(2026, 9, 1), date_renewal=date(2027, 9, 1)
        )
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET date_start = '2026-01-01' WHERE id = %s", [old.id]
        )
        self.env.invalidate_all()
        self.renewal.with_user(self.csm).outcome = "churned"
        old.with_user(self.csm).write({"annual_value": 50000, "outcome": "renewed"})
        with self._words("overlaps"):
            old.date_renewal = date(2027, 8, 1)

    def test_the_upgrade_completes_and_links_what_ended_before(self):
        ended = self._renewal(
            self.customer,
            date_start=date(2024, 9, 1),
            date_renewal=date(2025, 9, 1),
            outcome="renewed",
        )
        self.assertEqual(self.renewal.previous_id, ended)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET previous_id = NULL, renewed_value = NULL, renewed_seats = 0"
            " WHERE partner_id = %s",
            [self.customer.id],
        )
        path = file_path("customer_success/migrations/19.0.1.2.0/post-renewals.py")
        load_script(path, "post_renewals").migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        self.assertEqual((ended.renewed_value, ended.renewed_seats), (12000, 100))
        self.assertEqual(self.renewal.previous_id, ended)
        self.assertFalse(self.renewal.renewed_value)

    def test_an_import_names_the_row_that_overlaps(self):
        customer = self._customer("Imported", ref="I-1")
        result = self.renewals.with_user(self.csm).load(
            ["partner_id/.id", "product_id/.id", "date_start", "date_renewal", "outcome"],
            [
                [str(customer.id), str(self.product.id), "2024-01-01", "2025-01-01", "renewed"],
                [str(customer.id), str(self.product.id), "2024-12-01", "2025-12-01", "pending"],
            ],
        )
        self.assertFalse(result["ids"])
        message = result["messages"][-1]
        self.assertIn("overlaps", message["message"])
        self.assertEqual(message["record"], 1)

    def test_a_file_of_customers_lands_what_agrees(self):
        columns = ["customer", "product", "date_start", "date_renewal", "annual_value", "seats"]
        columns += ["outcome", "renewed_value", "renewed_seats", "reason", "reason_note"]
        rows = [
            "File One,PLANNER,2024-07-01,2025-07-01,1000,10,contracted,800,8,Seats that nobody used,x",
            "File One,PLANNER,2025-07-01,2026-07-01,800,8,pending,,,,",
            "File Two,PLANNER,2025-07-01,2026-06-01,1000,10,contracted,,,,",
            "File Three,PLANNER,2025-07-01,2026-06-01,1000,10,churned,,,Seats that nobody used,",
            "File One,PLANNER,2026-01-01,2027-01-01,800,8,pending,,,,",
        ]
        intake = self.env["customer.success.intake"].with_user(self.manager)
        result = intake.load(columns, [row.split(",") for row in rows])
        messages = {m["record"]: (m["field"], m["message"]) for m in result["messages"]}
        self.assertEqual(set(messages), {2, 3, 4}, messages)
        self.assertEqual(messages[2][0], "renewed_value")
        self.assertEqual(messages[3][0], "reason")
        self.assertIn("overlaps", messages[4][1])
        one = self.env["res.partner"].search([("name", "=", "File One")])
        first, second = one.success_renewal_ids.sorted("date_renewal")
        self.assertEqual((first.renewed_value, first.reason_note), (800, "x"))
        self.assertEqual(second.previous_id, first)

    def test_a_currency_without_a_rate_is_said(self):
        currency = self.env["res.currency"].create(
            {"name": "XTS", "symbol": "x", "currency_unit_label": "x", "active": True}
        )
        self.assertFalse(self.renewal.rate_missing)
        self.renewal.currency_id = currency
        self.assertIn("no exchange rate for XTS", self.renewal.rate_missing)
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": days(-1), "rate": 2.0}
        )
        self.renewal.invalidate_recordset()
        self.assertTrue(self.renewal.rate_missing, "a rate of tomorrow is none today")
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": days(400), "rate": 2.0}
        )
        self.renewal.invalidate_recordset()
        self.assertFalse(self.renewal.rate_missing)

    def test_no_seats_are_no_seats_counted(self):
        renewal = self._renewal(self._customer("No seats"), seats=0)
        self._rescore(renewal.partner_id)
        self.assertTrue(renewal.churn_risk)
        self.assertIs(renewal.contraction_risk, False)

    def test_nobody_says_that_a_term_was_made_by_the_machine(self):
        self.renewal.is_generated = True
        self.assertFalse(self.renewal.is_generated)

    def test_nobody_links_a_score_by_a_default_either(self):
        other = self._renewal(self._customer("Other"))
        self._rescore(self.customer | other.partner_id)
        mine = self.env["customer.success.renewal"].with_user(self.csm)
        mine = mine.with_context(default_score_id=other.score_id.id, default_is_generated=True)
        renewal = mine.create({"partner_id": self.customer.id, "date_renewal": days(-900)}).sudo()
        self.assertEqual((bool(renewal.score_id), renewal.is_generated), (False, False))
        partners = self.env["res.partner"].with_user(self.csm)
        partners = partners.with_context(
            default_success_score_id=other.partner_id.success_score_id.id
        )
        self.assertFalse(partners.create({"name": "New"}).sudo().success_score_id)

    def test_the_term_before_is_one_of_the_same_customer(self):
        other = self._renewal(self._customer("Other"))
        for before in (other, self.renewal):
            with self.assertRaises(ValidationError):
                self.renewal.previous_id = before
