from odoo.exceptions import ValidationError
from odoo.tests import Form, freeze_time, tagged

from .auto_renewal_common import AutoCase
from .common import TODAY

# Value and seats of the term, seats and value that stay as somebody says them, and what is understood: ``(seats, value)``,
# or nothing if it is asked.
CASES = [
    ((12000, 100), (60, None), (60, 7200)),
    ((12000, 100), (None, 9000), (100, 9000)),
    ((12000, 100), (60, 9000), (60, 9000)),
    ((12000, 100), (None, None), None),
    ((12000, 0), (None, None), None),
    ((12000, 0), (None, 9000), (0, 9000)),
    ((0, 100), (60, None), (60, 0)),
    ((0, 100), (None, None), None),
    ((12000, 100), (100, None), None),
    ((12000, 0), (5, None), None),
]


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestNoticeValues(AutoCase):
    """A notice that reduces says what stays, at each door: what follows is understood, and nothing is free in silence."""

    def _walk(self, door, record):
        for number, (before, (seats, value), understood) in enumerate(CASES):
            customer = self._customer(f"{door} {number}", ref=f"{door}-{number}")
            term = self._yearly(customer, annual_value=before[0], seats=before[1])
            said = {"notice_seats": seats, "notice_value": value}
            said = {name: figure for name, figure in said.items() if figure is not None}
            with self.subTest(door=door, before=before, **said):
                words = record(term, said)
                if understood:
                    self.assertFalse(words)
                    self.assertEqual((term.notice_seats, term.notice_value), understood)
                else:
                    self.assertRegex(words, "Enter (what stays|the seats, the annual value)")
                    self.assertFalse(term.notice_kind)

    def _refusal(self, work):
        try:
            with self.cr.savepoint():
                work()
        except ValidationError as refused:
            return str(refused)
        return ""

    def test_the_dialog(self):
        def record(term, said):
            if not term.seats:
                said.pop("notice_seats", None)  # it asks for no seats where none are counted
            return self._refusal(lambda: self._give_notice(term, kind="reduce", **said))

        self._walk("Dialog", record)

    def test_the_form_and_programs(self):
        said_on = {"notice_given_on": TODAY, "notice_kind": "reduce"}
        self._walk(
            "Form", lambda term, said: self._refusal(lambda: term.write({**said_on, **said}))
        )

    def _load(self, model, columns, row):
        messages = self.env[model].with_user(self.manager).load(columns, [row])["messages"]
        return messages[0]["message"] if messages else ""

    def test_a_file(self):
        def load(term, said):
            columns = ["reference", "product", "date_start", "date_renewal", "contract_number"]
            row = [term.partner_id.ref, "PLANNER", "2026-01-01", "2026-12-31", ""]
            columns += ["notice_given_on", "notice_kind", "notice_seats", "notice_value"]
            row += ["2026-06-15", "reduce"]
            row += [str(said.get(name, "")) for name in ("notice_seats", "notice_value")]
            return self._load("customer.success.intake", columns, row)

        self._walk("File", load)

    def test_odoo_s_import(self):
        def load(term, said):
            columns = [".id", "notice_given_on", "notice_kind", *said]
            row = [str(term.id), "2026-06-15", "reduce", *map(str, said.values())]
            return self._load("customer.success.renewal", columns, row)

        self._walk("Import", load)

    def test_a_value_that_somebody_empties_in_the_dialog_is_asked(self):
        term = self._yearly()
        dialog = self.env["customer.success.renewal.notice"].with_user(self.csm)
        dialog = Form(dialog.with_context(default_renewal_id=term.id))
        dialog.kind = "reduce"
        dialog.notice_seats = 60
        self.assertEqual(dialog.notice_value, 7200)
        dialog.notice_value = 0
        with self._refused("Enter the seats, the annual value, or both", ValidationError):
            dialog.save().action_record()

    def test_a_term_without_a_value_does_not_go_on_for_free(self):
        term = self._yearly(annual_value=0)
        self._give_notice(term, kind="reduce", notice_seats=60)
        self.assertIn("60 seats stay.", term.notice_said)
        self.assertNotIn("0.00", term.notice_said)
