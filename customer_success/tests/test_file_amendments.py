from datetime import date

from odoo.tests import freeze_time, tagged

from .common import TODAY
from .test_file_undo import UndoCase

HEAD = "Customer,Product,Term From,Renewal Date,ARR,Seats,Amendment Date,Amended ARR,Amended Quantity,What Was Agreed"
TERM = "Acme,PLANNER,2026-01-01,2026-12-31,12000,100"
BOOK = f"{HEAD}\n{TERM},2026-04-01,18000,150,Fifty users in Lyon\n{TERM},2026-09-01,,160,\n"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFileAmendments(UndoCase):
    """Changes within a term come in a file as it is exported: one row a change, beside the figures at the start."""

    def _term(self, name="Acme"):
        return self._partner(name).success_renewal_ids.filtered(lambda term: not term.previous_id)

    def _lines(self, term):
        return [(str(line.date), line.annual_value, line.seats) for line in term.amendment_ids]

    def _messages(self, *rows, head=HEAD):
        delivery = self._load("\n".join([head, *rows]) + "\n")
        return [message for _row, message in self._told(delivery)]

    def test_changes_count_from_their_day(self):
        delivery = self._load(BOOK)
        self.assertEqual(delivery.rejected, 0)
        term = self._term().with_user(self.csm)
        self.assertEqual(
            self._lines(term), [("2026-04-01", 18000, 150), ("2026-09-01", 18000, 160)]
        )
        self.assertEqual((term.annual_value, term.seats), (18000, 150))
        self.assertEqual(term._annual_value_on(date(2026, 3, 31)), 12000)
        self.assertEqual(
            term.amendment_ids.mapped("reason"), ["Fifty users in Lyon", "Loaded from a file."]
        )

    def _preview(self, *rows, head=HEAD):
        load = self._open("\n".join([head, *rows]) + "\n")
        if load.state == "columns":
            load.action_match()
        if load.state == "values":
            load.action_preview()
        return str(load.preview)

    def test_the_preview_says_that_seats_without_a_day_correct_the_term(self):
        plain = "Customer,Product,Term From,Renewal Date,ARR,Seats"
        self._load(f"{plain}\n{TERM}\n")
        said = self._preview("Acme,PLANNER,2026-01-01,2026-12-31,12000,120", head=plain)
        self.assertIn("are corrected from their first day on", said)
        self.assertIn("Acme · Planner", said)
        for innocent, row in (
            ("with its day", f"{TERM},2026-04-01,18000,150,"),
            ("unchanged", f"{TERM},,,,"),
            ("a new term", "Beta,PLANNER,2026-01-01,2026-12-31,12000,100,,,,"),
        ):
            with self.subTest(innocent):
                self.assertNotIn("are corrected", self._preview(row))

    def test_the_same_file_again_changes_nothing(self):
        self._load(BOOK)
        term = self._term()
        said = self._lines(term), term.annual_value, term.start_value
        again = self._load(BOOK)
        self.assertEqual((again.created, again.updated, again.rejected), (0, 0, 0))
        self.assertEqual((self._lines(term), term.annual_value, term.start_value), said)
        # nor do the rows of a book that knows of no change, which came before
        plain = self._load(f"Customer,Product,Term From,Renewal Date,ARR,Seats\n{TERM}\n")
        self.assertEqual((plain.updated, plain.rejected), (0, 0))
        self.assertEqual((self._lines(term), term.annual_value, term.start_value), said)

    def test_a_change_is_corrected_by_its_day(self):
        self._load(BOOK)
        self._load(f"{HEAD}\n{TERM},2026-04-01,15000,130,\n")
        term = self._term()
        self.assertEqual(term.amendment_ids[0].annual_value, 15000)
        self.assertEqual((term.annual_value, term.seats), (15000, 130))
        self.assertEqual(term.amendment_ids[0].reason, "Fifty users in Lyon")

    def test_a_term_that_ended_brings_its_changes_too(self):
        delivery = self._load(
            f"{HEAD},Outcome,Decided On,Renewed ARR,Renewed Seats\n"
            "Acme,PLANNER,2025-01-01,2025-12-31,12000,100,2025-04-01,18000,150,Lyon came,renewed,2025-12-01,18000,150\n"
        )
        self.assertEqual(self._told(delivery), [])
        term = self._term()
        self.assertEqual(
            (term.outcome, term.annual_value, term.start_value), ("renewed", 18000, 12000)
        )
        self.assertEqual((term.next_ids.annual_value, term.next_ids.seats), (18000, 150))
        self._later()
        change = self._undo(delivery)
        self.assertFalse(self._left(change))
        self.assertFalse(self._partner("Acme"))

    def test_what_was_loaded_is_taken_back(self):
        self._load(f"Customer,Product,Term From,Renewal Date,ARR,Seats\n{TERM}\n", "first.csv")
        term = self._term()
        self._later()
        delivery = self._load(BOOK)
        self.assertEqual(term.annual_value, 18000)
        change = self._undo(delivery)
        self.assertEqual((change.state, self._left(change)), ("undone", []))
        self.assertFalse(term.amendment_ids)
        self.assertEqual((term.annual_value, term.seats, term.start_value), (12000, 100, False))

    def test_a_file_is_gone_with_its_terms_also_after_a_change_took_effect(self):
        delivery = self._load(BOOK)
        self._later()
        with freeze_time("2026-09-02"):
            self.env["customer.success.renewal"].search([])._follow_amendments()
            self.assertEqual(self._term().seats, 160)
            change = self._undo(delivery)
        self.assertFalse(self._left(change))
        self.assertFalse(self._partner("Acme"))

    def test_a_term_that_somebody_ended_keeps_what_it_ended_with(self):
        self._load(f"Customer,Product,Term From,Renewal Date,ARR,Seats\n{TERM}\n", "first.csv")
        delivery = self._load(BOOK)
        term = self._term()
        self._later()
        term.with_user(self.csm).write(
            {"outcome": "renewed", "renewed_value": 18000, "renewed_seats": 160}
        )
        change = self._undo(delivery)
        self.assertEqual(len(self._left(change)), 2)
        self.assertEqual(len(term.amendment_ids), 2)

    def test_a_lower_value_waits_for_a_manager(self):
        self._partner("Acme").unlink()
        acme = self._customer("Acme")
        acme.success_user_id = self.manager  # who may not decide on the own customers
        self._load(f"{HEAD}\n{TERM},2026-04-01,6000,50,The second site closed\n")
        line = self._term().amendment_ids
        self.assertEqual((line.annual_value, line.counted_value), (6000, 12000))
        self.assertEqual(line.change_ids.state, "proposed")

    def test_it_is_refused_in_words_and_the_good_rows_land(self):
        cases = (
            (f"{TERM},2025-12-31,18000,150,", "outside of the term"),
            (f"{TERM},2027-01-01,18000,150,", "outside of the term"),
            (f"{TERM},,18000,150,", "needs its first day"),
            (f"{TERM},2026-04-01,,,", "needs its annual value, its seats, or both"),
            (f"{TERM},2026-04-01,-5,150,", "not between"),
            (f"{TERM},2026-04-01,18000,1.5,", "whole number"),
            (f"{TERM},2026-04-01,18000,150,x", "say in a few words"),
            ("Acme,PLANNER,,,,,2026-04-01,18000,150,", "needs its date"),
        )
        for row, words in cases:
            with self.subTest(row=row):
                [message] = self._messages(
                    row, "Good,PLANNER,2026-01-01,2026-12-31,1,1,2026-04-01,2,2,"
                )
                self.assertIn(words, message)
                self.assertFalse(self._partner("Acme"))
                self.assertTrue(self._term("Good").amendment_ids)

    def test_another_start_than_the_known_one_is_refused(self):
        self._load(BOOK)
        [message] = self._messages(
            "Acme,PLANNER,2026-01-01,2026-12-31,11000,100,2026-10-01,20000,170,"
        )
        self.assertIn("began with", message)
        self.assertEqual(len(self._term().amendment_ids), 2)

    def test_a_term_that_has_ended_takes_no_more(self):
        self._load(f"Customer,Product,Term From,Renewal Date,ARR,Seats\n{TERM}\n")
        term = self._term()
        term.with_user(self.csm).write(
            {
                "outcome": "churned",
                "reason_id": self.env["customer.success.renewal.reason"]
                .search([("outcome", "=", "churned")], limit=1)
                .id,
            }
        )
        [message] = self._messages(f"{TERM},2026-04-01,18000,150,Lyon came")
        self.assertIn("has ended", message)
        self.assertFalse(term.amendment_ids)

    def test_words_of_other_systems_for_renewal_and_notice(self):
        reason = self.env["customer.success.renewal.reason"].search(
            [("outcome", "=", "churned")], limit=1
        )
        delivery = self._load(
            "Customer,Product,Term From,Renewal Date,ARR,Auto Renew,Uplift,Notice Period,Notice Unit,Contract Number,"
            "Notice Received On,Reason of the Notice\n"
            f"Acme,PLANNER,2026-01-01,2026-12-31,12000,TRUE,5,90.0,Day,C-1,2026-06-01,{reason.name}\n"
            "Acme,PLANNER,2026-01-01,2026-12-31,6000,FALSE,,3,Months,C-2,,\n"
        )
        self.assertEqual(self._told(delivery), [])
        first, second = self._term().sorted("contract_number")
        self.assertEqual((first.auto_renew, second.auto_renew), (True, False))
        self.assertEqual((first.price_rise, first.notice_reason_id), (5, reason))
        self.assertEqual(
            [(term.notice_period, term.notice_unit) for term in (first, second)],
            [(90, "days"), (3, "months")],
        )
        self.assertEqual(second.date_notice, date(2026, 9, 30))

    def test_a_reason_of_a_notice_must_be_one_of_its_outcome(self):
        head = "Customer,Product,Term From,Renewal Date,ARR,Notice Received On,notice_reason"
        [message] = self._messages(
            "Acme,PLANNER,2026-01-01,2026-12-31,12000,2026-06-01,More people use it", head=head
        )
        self.assertIn("not a reason of this outcome", message)
