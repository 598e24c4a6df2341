from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.migration import load_script
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import file_path, mute_logger

from .common import TODAY, SuccessCase

# first term, its notice date; ends that follow, and their notice dates
TABLE = {
    "a year and its leap day": (
        ("2023-02-28", "2024-02-29", None),
        [("2025-02-28", None), ("2026-02-28", None), ("2027-02-28", None), ("2028-02-29", None)],
    ),
    "months from the end of January": (
        ("2026-01-31", "2026-02-28", None),
        [("2026-03-31", None), ("2026-04-30", None), ("2026-05-31", None)],
    ),
    "months from the end of October": (
        ("2025-10-31", "2025-11-30", None),
        [("2025-12-31", None), ("2026-01-31", None), ("2026-02-28", None)],
    ),
    "months from the thirtieth": (
        ("2026-01-30", "2026-02-28", None),
        [("2026-03-30", None), ("2026-04-30", None), ("2026-05-30", None)],
    ),
    "half years with their last day": (
        ("2026-07-01", "2026-12-31", "2026-09-30"),
        [("2027-06-30", "2027-03-31"), ("2027-12-31", "2027-09-30")],
    ),
    "years with their last day": (
        ("2026-01-01", "2026-12-31", None),
        [("2027-12-31", None), ("2028-12-31", None), ("2029-12-31", None)],
    ),
    "months from the first, a month's notice": (
        ("2026-01-31", "2026-02-28", "2026-01-31"),
        [("2026-03-31", "2026-02-28"), ("2026-04-30", "2026-03-31")],
    ),
    "a year from the middle of a month, to its end": (
        ("2026-02-15", "2027-02-28", "2026-11-30"),
        [("2028-02-29", "2027-11-30"), ("2029-02-28", "2028-11-30")],
    ),
    "ninety-one days, six weeks' notice": (
        ("2026-01-01", "2026-04-02", "2026-02-19"),
        [("2026-07-02", "2026-05-21"), ("2026-10-01", "2026-08-20")],
    ),
}


def day(text):
    return text and date.fromisoformat(text)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTerms(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()
        cls.renewals = cls.env["customer.success.renewal"].with_user(cls.csm)

    def _term(self, start, end, notice=None, customer=None, user=None, **vals):
        """Record a term as the CSM does."""
        vals = {"date_start": day(start), "date_renewal": day(end), **vals}
        if notice:
            vals["date_notice"] = day(notice)
        return self._renewal(customer or self.customer, **vals).with_user(user or self.csm)

    def _renew(self, term, outcome="renewed", **said):
        """Renew a term in the dialog that its button opens, on its last day; return the next term."""
        with freeze_time(term.date_renewal):
            dialog = self.env["customer.success.renewal.end"].with_user(term.env.user)
            dialog = Form(dialog.with_context(default_renewal_id=term.id, default_outcome=outcome))
            for name, value in said.items():
                dialog[name] = value
            dialog.save().action_end()
        self.assertEqual(term.outcome, outcome)
        return term.next_ids

    def _dates(self, term):
        return str(term.date_renewal), (term.date_notice and str(term.date_notice)) or None

    def _follows(self, term, expected):
        """Assert that the terms that are renewed one after another have these ends and notice dates."""
        for dates in expected:
            before, term = term, self._renew(term)
            self.assertEqual(self._dates(term), dates)
            self.assertEqual(term.date_start, before._date_after(), "a gap or an overlap")
        return term

    def _refused(self, words, error=ValidationError):
        return self.assertRaisesRegex(error, words)

    # ------------------------------------------------------------------------------------------
    # Chains of renewals
    # ------------------------------------------------------------------------------------------

    def test_renewals_in_the_dialog_follow_the_first_term(self):
        for user in (self.csm, self.manager):
            for name, (first, expected) in TABLE.items():
                with self.subTest(chain=name, user=user.login):
                    customer = self._customer(f"{name} {user.login}")
                    self._follows(self._term(*first, customer=customer, user=user), expected)

    def test_salespeople_read_the_dates_and_renew_nothing(self):
        term = self._term("2026-01-01", "2026-12-31", "2026-09-30")
        following = self._renew(term)
        read = self.env["customer.success.sales.renewal"].with_user(self.sales)
        read = read.search([("partner_id", "=", self.customer.id)], order="date_renewal")
        self.assertEqual(
            [(str(one.date_renewal), str(one.date_notice)) for one in read][-1],
            ("2027-12-31", "2027-09-30"),
        )
        with self.assertRaises(AccessError):
            self._renew(following.with_user(self.sales))

    def test_ten_years_of_months(self):
        term = self._term("2026-01-30", "2026-02-28")
        for _month in range(26):
            term = self._renew(term)
        self.assertEqual(str(term.date_renewal), "2028-04-30")
        self.assertEqual(
            (str(term.anchor_start), str(term.anchor_end)), ("2026-01-30", "2026-02-28")
        )

    def test_the_dialog_says_the_dates_of_the_next_term(self):
        term = self._term("2026-01-01", "2026-12-31")
        dialog = self.env["customer.success.renewal.end"].with_user(self.csm)
        dialog = Form(dialog.with_context(default_renewal_id=term.id, default_outcome="renewed"))
        self.assertIn("from 01/01/2027 to and including 12/31/2027", dialog.next_text)

    def test_other_dates_by_hand_begin_a_chain_of_their_own(self):
        following = self._renew(self._term("2026-01-31", "2026-02-28"))
        with Form(following) as form:
            form.date_renewal = day("2026-08-31")
        self.assertEqual(str(following.anchor_start), "2026-02-28")
        self.assertEqual(str(self._renew(following).date_renewal), "2027-02-28")

    def test_a_corrected_first_term_moves_what_follows_while_nobody_touched_it(self):
        term = self._term("2026-01-01", "2026-07-01")
        following = self._renew(term)
        self.assertEqual(self._dates(following)[0], "2027-01-01")
        term.date_renewal = day("2026-06-30")
        self.assertTrue(term.end_is_last_day)
        self.assertEqual(
            (str(following.date_start), self._dates(following)[0]), ("2026-07-01", "2026-12-31")
        )
        self.assertTrue(following.end_is_last_day)

    def test_a_term_recorded_on_the_next_day_is_linked(self):
        term = self._term("2025-01-01", "2025-12-31", outcome="renewed", date_outcome="2025-12-01")
        term.next_ids.sudo().unlink()
        following = self._term("2026-01-01", "2026-12-31")
        self.assertEqual(following.previous_id, term)
        self.assertEqual(str(following.anchor_start), "2025-01-01")

    # ------------------------------------------------------------------------------------------
    # What the renewal date is
    # ------------------------------------------------------------------------------------------

    def test_the_form_says_what_the_renewal_date_is_and_it_can_be_changed(self):
        form = Form(self.renewals)
        form.partner_id = self.customer
        form.product_id = self.product
        form.date_start = day("2026-01-01")
        form.date_renewal = day("2026-12-31")
        self.assertTrue(form.end_is_last_day)
        self.assertIn("Runs to and including 12/31/2026", form.term_text)
        self.assertIn("12/31/2027, 12/31/2028, and 12/31/2029", form.next_text)
        form.date_renewal = day("2027-01-01")
        self.assertFalse(form.end_is_last_day)
        self.assertIn("Runs to and including 12/31/2026", form.term_text)
        self.assertIn("begins on 01/01/2027", form.term_text)
        form.date_renewal = day("2026-12-31")
        form.end_is_last_day = False
        self.assertIn("Runs to and including 12/30/2026", form.term_text)
        term = form.save()
        self.assertFalse(term.end_is_last_day)
        following = self._renew(term)
        self.assertEqual(
            (str(following.date_start), following.end_is_last_day), ("2026-12-31", False)
        )

    def test_a_choice_of_the_end_moves_the_untouched_next_term(self):
        term = self._term("2026-01-01", "2026-12-31")
        following = self._renew(term)
        term.end_is_last_day = False
        self.assertEqual(str(following.date_start), "2026-12-31")
        self.assertFalse(following.end_is_last_day)

    # ------------------------------------------------------------------------------------------
    # Notice
    # ------------------------------------------------------------------------------------------

    def test_the_first_notice_date_says_the_period(self):
        term = self._term("2026-07-01", "2026-12-31", "2026-09-30")
        self.assertEqual((term.notice_period, term.notice_unit), (3, "months"))
        self.assertFalse(term.notice_is_by_hand)

    def test_a_notice_date_by_hand_stays_for_its_term(self):
        term = self._term("2026-01-01", "2026-12-31", "2026-09-30")
        with Form(term) as form:
            form.date_notice = day("2026-10-15")
            self.assertIn("would be 09/30/2026", form.notice_text)
        self.assertEqual(self._dates(term)[1], "2026-10-15")
        term.annual_value = 15000
        term.seats = 120
        self.assertEqual(self._dates(term)[1], "2026-10-15")
        self.assertEqual(self._dates(self._renew(term))[1], "2027-09-30")

    def test_no_notice_in_one_term_is_by_hand_too(self):
        term = self._term("2026-01-01", "2026-12-31", "2026-09-30")
        term.date_notice = False
        self.assertFalse(term.date_notice)
        self.assertEqual(self._dates(self._renew(term))[1], "2027-09-30")

    def test_a_notice_period_on_the_form(self):
        form = Form(self.renewals)
        form.partner_id = self.customer
        form.date_start = day("2026-02-15")
        form.date_renewal = day("2027-02-14")
        form.notice_period = 6
        form.notice_unit = "weeks"
        self.assertEqual(str(form.date_notice), "2027-01-03")
        form.notice_to = "quarter"
        self.assertEqual(str(form.date_notice), "2026-11-19")
        term = form.save()
        self.assertEqual(self._dates(term)[1], "2026-11-19")
        self.assertEqual(self._dates(self._renew(term)), ("2028-02-14", "2027-11-19"))
        term.notice_period = 0
        self.assertFalse(term.date_notice)

    def test_a_period_longer_than_its_term_is_said(self):
        term = self._term("2026-06-01", "2026-06-07", notice_period=1, end_is_last_day=True)
        self.assertEqual(self._dates(term)[1], "2026-05-07")
        self.assertIn("before the term begins", term.notice_text)

    # ------------------------------------------------------------------------------------------
    # Files and other programs
    # ------------------------------------------------------------------------------------------

    def _load(self, *rows):
        columns = [
            "customer",
            "product",
            "date_start",
            "date_renewal",
            "date_notice",
            "annual_value",
        ]
        columns += ["end_is_last_day", "notice_period", "notice_unit", "notice_to"]
        intake = self.env["customer.success.intake"].with_user(self.manager)
        return intake.load(columns, [list(row) + [""] * (len(columns) - len(row)) for row in rows])

    def test_a_file_has_the_same_rule(self):
        rows = [
            (f"Filed {number}", "PLANNER", start, end, notice or "", "1000")
            for number, ((start, end, notice), _ends) in enumerate(TABLE.values())
        ]
        for changed in ("created", "unchanged"):
            said = self._load(*rows)
            self.assertEqual(said["messages"], [])
            self.assertEqual(said["counts"][f"renewals_{changed}"], len(rows))
        for number, (_first, expected) in enumerate(TABLE.values()):
            term = self.renewals.with_user(self.manager).search(
                [("partner_id.name", "=", f"Filed {number}")]
            )
            self._follows(term, expected)

    def test_a_file_says_the_end_and_the_notice(self):
        row = (
            "Filed",
            "PLANNER",
            "2026-01-01",
            "2026-12-31",
            "",
            "1000",
            "no",
            "6",
            "weeks",
            "quarter",
        )
        for _time in range(2):
            self.assertEqual(self._load(row)["messages"], [])
        term = self.renewals.sudo().search([("partner_id.name", "=", "Filed")])
        self.assertFalse(term.end_is_last_day)
        self.assertEqual(self._dates(term)[1], "2026-11-19")
        [refused] = self._load((*row[:7], "6", "decades"))["messages"]
        self.assertEqual(refused["field"], "notice_unit")
        self.assertIn("days, weeks, months", refused["message"])
        with mute_logger("odoo.sql_db"):
            [refused] = self._load((*row[:7], "600", "months"))["messages"]
        self.assertIn("longer than twenty years", refused["message"])

    def test_nobody_sets_the_anchor(self):
        term = self.renewals.create(
            {
                "partner_id": self.customer.id,
                "date_start": "2026-01-31",
                "date_renewal": "2026-02-28",
                "anchor_start": "2020-01-01",
                "anchor_end": "2021-01-01",
                "notice_is_by_hand": True,
            }
        )
        term.write({"anchor_start": "2020-01-01"})
        self.assertEqual(
            (str(term.anchor_start), str(term.anchor_end)), ("2026-01-31", "2026-02-28")
        )

    # ------------------------------------------------------------------------------------------
    # Values that cannot be
    # ------------------------------------------------------------------------------------------

    def test_a_term_ends_after_the_one_before(self):
        late = self._term("2027-01-01", "2027-12-31")
        early = self._term("2026-01-01", "2026-12-31")
        with self._refused("must end after the one before"):
            early.previous_id = late
        late.previous_id = early
        with self._refused("must end after the one before"):
            (early | late).write({"previous_id": late.id})

    def test_periods_that_cannot_be(self):
        term = self._term("2026-01-01", "2026-12-31")
        for number in (-1, 241, 2**31 - 1):
            with (
                self.subTest(number=number),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                term.notice_period = number
                self.env.flush_all()

    def test_the_last_day_there_is_has_no_next_term(self):
        term = self._term("2025-12-31", "2026-12-31")
        self.env.flush_all()
        # As a former version may have stored it; today no door takes such a day.
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET date_start = '9998-12-31', date_renewal = '9999-12-31',"
            " anchor_start = '9998-12-31', anchor_end = '9999-12-31' WHERE id = %s",
            term.ids,
        )
        self.env.invalidate_all()
        self.assertFalse(term.next_text)
        with self._refused("after the year 9999", UserError):
            term._next_term()

    # ------------------------------------------------------------------------------------------
    # The upgrade
    # ------------------------------------------------------------------------------------------

    def _upgrade(self):
        """Leave the terms as former versions stored them, and upgrade; return their dates before and after."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET anchor_start = NULL, anchor_end = NULL, end_is_last_day = NULL,"
            " notice_period = NULL, notice_unit = 'months', notice_to = 'term', notice_is_by_hand = NULL, term_value = NULL"
            " WHERE partner_id = %s",
            [self.customer.id],
        )
        self.env.invalidate_all()
        read = "SELECT id, date_start, date_renewal, date_notice FROM customer_success_renewal ORDER BY id"
        self.env.cr.execute(read)
        before = self.env.cr.fetchall()
        path = file_path("customer_success/migrations/19.0.2.0.0/post-terms.py")
        load_script(path, "post_terms").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.env.cr.execute(read)
        self.assertEqual(self.env.cr.fetchall(), before, "a stored date has moved")

    def _drifted(self, *terms):
        """Record a chain as the former rule left it; return the last term."""
        term = None
        for start, end in terms:
            term = self._term(start, end, previous_id=term and term.id, end_is_last_day=False)
        return term

    def test_the_upgrade_finds_the_anchor_over_the_terms_before(self):
        last = self._drifted(
            ("2026-01-31", "2026-02-28"), ("2026-02-28", "2026-03-28"), ("2026-03-28", "2026-04-28")
        )
        self._upgrade()
        self.assertEqual(
            (str(last.anchor_start), str(last.anchor_end)), ("2026-01-31", "2026-02-28")
        )
        self._follows(last, [("2026-05-31", None), ("2026-06-30", None)])

    def test_the_upgrade_reads_a_last_day_that_had_drifted(self):
        last = self._drifted(("2025-01-01", "2025-12-31"), ("2025-12-31", "2026-12-30"))
        self._upgrade()
        self.assertTrue(last.end_is_last_day)
        following = self._renew(last)
        self.assertEqual(
            (str(following.date_start), str(following.date_renewal)), ("2026-12-31", "2027-12-31")
        )

    def test_the_upgrade_leaves_what_people_wrote_on_one_day(self):
        first = self._term("2025-01-01", "2025-12-31", end_is_last_day=False)
        last = self._term("2025-12-31", "2026-12-31", previous_id=first.id)
        self._upgrade()
        self.assertFalse(first.end_is_last_day)
        self.assertEqual(self._dates(self._renew(last))[0], "2027-12-31")

    def test_the_upgrade_makes_a_period_of_a_notice_date(self):
        term = self._term("2026-07-01", "2026-12-31", "2026-09-30")
        self._upgrade()
        self.assertEqual((term.notice_period, term.notice_unit), (3, "months"))
        self._follows(term, [("2027-06-30", "2027-03-31"), ("2027-12-31", "2027-09-30")])

    def test_the_upgrade_keeps_the_period_of_a_notice_that_was_carried_on_in_days(self):
        """Three months were 91 days, and 13 weeks a year later: the date stays, and the next ones are three months before."""
        first = self._term("2023-02-28", "2024-02-29", "2023-11-30")
        last = self._term("2024-02-29", "2025-03-01", "2024-11-30", previous_id=first.id)
        last = self._term("2025-03-01", "2026-03-02", "2025-12-01", previous_id=last.id)
        self._upgrade()
        self.assertEqual((last.notice_period, last.notice_unit), (3, "months"))
        self.assertTrue(last.notice_is_by_hand)
        self._follows(last, [("2027-02-28", "2026-11-30"), ("2028-02-29", "2027-11-30")])

    def test_the_upgrade_keeps_another_notice_that_a_person_wrote(self):
        first = self._term("2024-01-01", "2024-12-31", "2024-09-30")
        last = self._term("2024-12-31", "2025-12-31", "2025-11-30", previous_id=first.id)
        self._upgrade()
        self.assertEqual((last.notice_period, last.notice_is_by_hand), (1, False))

    def test_a_term_that_begins_on_the_last_day_of_the_former_one_is_worth_a_year(self):
        first = self._term("2024-01-01", "2024-12-31")
        second = self._term("2024-12-31", "2025-12-31", previous_id=first.id)
        for is_last in (False, True):
            second.end_is_last_day = is_last
            self.assertEqual((first.term_value, second.term_value), (12000, 12000))

    def test_the_upgrade_values_whole_terms_when_their_ends_are_known(self):
        """A year at 12,000 with its last day is worth 12,000, also as an archived term; without a start nobody knows."""
        script = load_script(
            file_path("customer_success/migrations/19.0.2.0.0/pre-terms.py"), "pre_terms"
        )
        self.assertIn("term_value", script.COLUMNS, "Odoo would compute it before the end is known")
        whole = self._term("2026-01-01", "2026-12-31", contract_number="1")
        archived = self._term("2024-01-01", "2026-12-31", contract_number="2")
        unknown = self._term("2026-01-01", "2026-12-31", contract_number="3")
        (whole | archived | unknown).sudo().annual_value = 12000
        archived.sudo().active = False
        unknown.date_start = False
        self._upgrade()
        self.assertEqual((whole.term_value, archived.term_value), (12000, 36000))
        self.assertIs(unknown.term_value, False)
