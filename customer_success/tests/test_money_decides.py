from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from ..scoring.terms import OUTCOMES, STAYING, outcome_of, outcomes_of
from .common import TODAY, SuccessCase, days

# (value, seats) before and after, and the outcomes that they allow, the usual one first.
CASES = [
    ((10000, 100), (8000, 150), ["contracted"]),
    ((10000, 100), (12000, 80), ["expanded"]),
    ((10000, 100), (10000, 120), ["expanded"]),
    ((10000, 100), (10000, 90), ["contracted"]),
    ((10000, 100), (9000, 100), ["contracted"]),
    ((10000, 100), (10000.01, 100), ["renewed", "expanded"]),
    ((10000, 100), (11000, 100), ["renewed", "expanded"]),
    ((10000, 0), (8000, 0), ["contracted"]),
    ((10000, 10), (0, 12), ["contracted"]),
    ((10000, 10), (0, 10), ["contracted"]),
]


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestMoneyDecides(SuccessCase):
    """One rule for form, file, contract and report: money decides about an outcome, and seats stand beside it."""

    def _term(self, number, before):
        value, seats = before
        customer = self._customer(f"Case {number}", ref=f"C-{number}")
        return self._renewal(customer, value, seats=seats, date_renewal=days(1))

    def _dialog(self, term, outcome, after):
        reason = self.env["customer.success.renewal.reason"].search(
            [("outcome", "=", outcome)], limit=1
        )
        vals = {"renewal_id": term.id, "outcome": outcome, "reason_id": reason.id}
        vals |= dict(zip(("renewed_value", "renewed_seats"), after, strict=True))
        self.env["customer.success.renewal.end"].with_user(self.csm).create(vals).action_end()

    def test_the_dialog_takes_what_the_money_says(self):
        for number, (before, after, allowed) in enumerate(CASES):
            for outcome in STAYING:
                term = self._term(f"{number} {outcome}", before)
                with self.subTest(before=before, after=after, outcome=outcome):
                    if outcome in allowed:
                        self._dialog(term, outcome, after)
                        self.assertEqual(term.outcome, outcome)
                    else:
                        with self.assertRaises(ValidationError), self.cr.savepoint():
                            self._dialog(term, outcome, after)

    def test_the_refusal_says_that_money_decides(self):
        term = self._term("said", (10000, 100))
        with self.assertRaisesRegex(ValidationError, "Choose Contracted: money decides"):
            self._dialog(term, "expanded", (8000, 150))

    def test_a_file_says_the_same_as_the_dialog(self):
        columns = ["customer", "reference", "product", "stage", "date_start", "date_renewal"]
        columns += ["annual_value", "seats", "outcome", "renewed_value", "renewed_seats"]
        intake = self.env["customer.success.intake"].with_user(self.manager)
        for number, (before, after, allowed) in enumerate(CASES):
            for outcome in STAYING:
                name = f"File {number} {outcome}"
                row = [name, name, "PLANNER", "First use", str(days(366)), str(days(1))]
                row += [str(before[0]), str(before[1]), outcome, str(after[0]), str(after[1])]
                with self.subTest(before=before, after=after, outcome=outcome):
                    told = intake.load(columns, [row])["messages"]
                    self.assertEqual(bool(told), outcome not in allowed, told)

    def test_retention_says_the_same_as_the_outcome(self):
        terms = self.env["customer.success.renewal"]
        for number, (before, after, _allowed) in enumerate(CASES):
            term = self._term(number, before)
            self._dialog(term, outcome_of(before, after), after)
            terms |= term
        self.env.flush_all()
        rows = self.env["customer.success.retention"].with_user(self.manager)
        for row, (before, after, _allowed) in zip(rows.browse(terms.ids), CASES, strict=True):
            with self.subTest(before=before, after=after):
                self.assertEqual((row.seats_before, row.seats_renewed), (before[1], after[1]))
                less = after[0] < before[0]
                self.assertEqual(row.loss, "shrunk" if less else False)
                if after[0] < before[0]:
                    self.assertEqual(row.outcome, "contracted")
                if row.value_gained:
                    self.assertIn(row.outcome, ("expanded", "renewed"))

    def test_each_change_of_figures_has_an_outcome(self):
        figures = [(value, seats) for value in (0, 100, 100.001, 250) for seats in (0, 5, 9)]
        for before in figures:
            for after in figures:
                allowed = outcomes_of(before, after)
                self.assertTrue(allowed)
                self.assertLessEqual({*allowed}, {code for code, _label in OUTCOMES})
                if before[0] and after[0] < before[0]:
                    expected = ("contracted",) if before[0] - after[0] > 0.01 else allowed
                    self.assertEqual(allowed, expected)
