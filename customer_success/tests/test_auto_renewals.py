from datetime import date
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ..report.tiles import TILES
from .auto_renewal_common import AutoCase
from .common import TODAY, days


@tagged("post_install", "-at_install")
class TestAutoRenewals(AutoCase):
    def test_the_day_after_the_notice_date_it_renews_itself_and_says_so(self):
        with freeze_time(date(2026, 9, 30)):
            term = self._yearly()
            self.assertEqual(term.date_notice, date(2026, 9, 30))
            self.assertIn("10/01/2026", term.auto_text)
            self._run()
            self.assertEqual(term.outcome, "pending")
        with freeze_time(date(2026, 10, 1)):
            self._run()
            self.assertEqual((term.outcome, term.renewed_itself), ("renewed", True))
            self.assertEqual(term.date_outcome, date(2026, 10, 1))
            self.assertEqual((term.renewed_value, term.renewed_seats), (12000, 100))
            following = term.next_ids
            self.assertEqual(
                (following.date_start, following.date_renewal, following.date_notice),
                (date(2027, 1, 1), date(2027, 12, 31), date(2027, 9, 30)),
            )
            self.assertTrue(following.auto_renew)
            self.assertEqual((following.annual_value, following.seats), (12000, 100))
            said = [body for body in term.message_ids.mapped("body") if "renewed itself" in body]
            self.assertEqual(len(said), 1)
            self.assertIn("09/30/2026", said[0])
            self._run()
            self.assertEqual(len(self._chain(term)), 2)
            self.assertEqual(following.outcome, "pending")

    def test_without_a_notice_period_it_renews_itself_the_day_after_its_end(self):
        term = self._monthly(date(2026, 6, 1), date(2026, 6, 30))
        first_day = self._monthly(
            date(2026, 6, 1), date(2026, 7, 1), self._customer("First day of the next")
        )
        for day, outcome in ((date(2026, 6, 30), "pending"), (date(2026, 7, 1), "renewed")):
            with self.subTest(day=day), freeze_time(day):
                self._run()
                self.assertEqual((term.outcome, first_day.outcome), (outcome, outcome))
        self.assertEqual(term.next_ids.date_renewal, date(2026, 7, 31))

    def test_a_late_run_catches_up_without_mails(self):
        with freeze_time(date(2026, 1, 10)):
            term = self._monthly(date(2026, 1, 31), date(2026, 2, 28), end_is_last_day=False)
            self.env.cr.precommit.run()
        mails = self.env["mail.mail"].search_count([])
        with freeze_time(date(2026, 6, 15)):
            self._run()
            terms = self._chain(term)
            self.assertEqual(
                terms.mapped("date_renewal"),
                [
                    date(2026, 2, 28),
                    date(2026, 3, 31),
                    date(2026, 4, 30),
                    date(2026, 5, 31),
                    date(2026, 6, 30),
                ],
            )
            self.assertEqual(terms.mapped("outcome"), ["renewed"] * 4 + ["pending"])
            self.assertEqual(
                terms[:4].mapped("date_outcome"),
                [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)],
            )
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertFalse(terms.activity_ids)

    def test_it_goes_on_where_a_killed_run_stopped(self):
        """Each batch is committed: a run whose time is up after one batch leaves the rest to the next."""
        customers = [self._customer(f"Monthly {number}") for number in range(3)]
        terms = self.renewals.browse()
        with freeze_time(date(2026, 4, 15)):
            for customer in customers:
                terms |= self._monthly(date(2026, 4, 1), date(2026, 4, 30), customer)
        job = self.env["customer.success.job"]
        with freeze_time(TODAY), self.enter_registry_test_mode():
            for _run in range(7):
                walked = []

                def one_batch(self, items, work, failed, size, bookmark=None, walked=walked):
                    walked.append(items)
                    if len(walked) == 1 and items:
                        work(items[:1])
                    return False

                with patch.object(type(job), "_walk", one_batch):
                    self.renewals._cron_renew_themselves()
            self.env.invalidate_all()
        for term in self._each(terms):
            chain = self._chain(term)
            self.assertEqual(chain.mapped("outcome"), ["renewed", "renewed", "pending"])

    @freeze_time(TODAY)
    def test_the_agreed_price_rise_is_part_of_the_terms(self):
        term = self._monthly(date(2026, 5, 1), date(2026, 5, 31), price_rise=2.5)
        self.assertIn("2.5 %", term.auto_text)
        self._run()
        self.assertEqual((term.outcome, term.renewed_value), ("renewed", 12300))
        self.assertEqual((term.next_ids.annual_value, term.next_ids.price_rise), (12300, 2.5))
        self.assertTrue(any("2.5 %" in body for body in term.message_ids.mapped("body")))

    @freeze_time(TODAY)
    def test_one_that_cannot_renew_itself_stops_no_other_and_is_asked_about_once(self):
        """Two contracts of one product that both renew themselves, the second from the middle of the first's next term."""
        first = self._yearly(
            date_start=date(2025, 6, 1), date_renewal=date(2026, 5, 31), notice_period=0
        )
        self._yearly(date_start=date(2026, 10, 1), date_renewal=date(2027, 9, 30), notice_period=0)
        other = self._monthly(date(2026, 5, 1), date(2026, 5, 31), self._customer("Other"))
        for _night in range(2):
            with mute_logger(
                "odoo.addons.customer_success.models.renewals.customer_success_renewal_auto_job"
            ):
                self._run()
            self.assertEqual((first.outcome, other.outcome), ("pending", "renewed"))
            self.assertFalse(first.next_ids)
            self.assertEqual(len(first.activity_ids), 1)
            self.assertIn("run beside", first.activity_ids.note)
            self.assertEqual(first.activity_ids.user_id, self.csm)

    @freeze_time(TODAY)
    def test_who_is_not_followed_renews_nothing(self):
        gone = self._customer("Gone")
        term = self._monthly(date(2026, 5, 1), date(2026, 5, 31), gone)
        gone.success_stage_id = False
        self._run()
        self.assertEqual(term.outcome, "pending")

    # ------------------------------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------------------------------

    def _load(self, **row):
        row = {"customer": "Filed", "product": "PLANNER", "annual_value": "1200", **row}
        intake = self.env["customer.success.intake"].with_user(self.manager)
        return intake.load(list(row), [list(row.values())])

    @freeze_time(TODAY)
    def test_a_file_says_it_and_a_second_load_takes_nothing_back(self):
        row = {
            "date_start": "2026-04-01",
            "date_renewal": "2026-04-30",
            "auto_renew": "yes",
            "price_rise": "5",
            "outcome": "pending",
        }
        self.assertEqual(self._load(**row)["messages"], [])
        term = self.renewals.search([("partner_id.name", "=", "Filed")])
        self.assertEqual((term.auto_renew, term.price_rise), (True, 5))
        self._run()
        terms = self._chain(term)
        self.assertEqual(terms.mapped("outcome"), ["renewed", "renewed", "pending"])
        said = self._load(**row)
        self.assertEqual(said["messages"], [])
        self.assertEqual(said["counts"]["renewals_unchanged"], 1)
        self.assertEqual(terms.mapped("outcome"), ["renewed", "renewed", "pending"])

    @freeze_time(TODAY)
    def test_a_file_brings_a_notice(self):
        row = {"date_start": "2026-01-01", "date_renewal": "2026-12-31", "seats": "40"}
        noticed = {"notice_given_on": "2026-06-01", "notice_kind": "reduce", "notice_seats": "30"}
        for changed in ("created", "unchanged"):
            said = self._load(**row, **noticed)
            self.assertEqual(said["messages"], [])
            self.assertEqual(said["counts"][f"renewals_{changed}"], 1)
        term = self.renewals.search([("partner_id.name", "=", "Filed")])
        self.assertEqual(
            (term.notice_kind, term.notice_seats, term.notice_value), ("reduce", 30, 900)
        )

    @freeze_time(TODAY)
    def test_a_file_is_refused_in_words(self):
        row = {"date_start": "2026-01-01", "date_renewal": "2026-12-31"}
        for column, value, more in (
            ("price_rise", "-100", {}),
            ("price_rise", "900", {}),
            ("auto_renew", "perhaps", {}),
            ("notice_given_on", "2026-07-01", {}),
            (
                "notice_given_on",
                "2026-06-01",
                {"date_start": "2025-01-01", "date_renewal": "2026-05-01"},
            ),
            ("notice_kind", "later", {"notice_given_on": "2026-06-01"}),
        ):
            with self.subTest(column=column, value=value):
                [refused] = self._load(**{**row, column: value, **more})["messages"]
                self.assertEqual(refused["field"], column)
        [refused] = self._load(**row, notice_kind="end")["messages"]
        self.assertEqual(refused["field"], "notice_given_on")

    # ------------------------------------------------------------------------------------------
    # What is shown of them
    # ------------------------------------------------------------------------------------------

    def test_a_monthly_contract_two_months_on_is_at_no_higher_risk_because_nobody_ticked_it_off(
        self,
    ):
        with freeze_time(date(2026, 4, 1)):
            term = self._monthly(date(2026, 4, 1), date(2026, 4, 30))
            other = self._monthly(
                date(2026, 4, 1), date(2026, 4, 30), self._customer("By hand"), auto_renew=False
            )
            fresh = self._risk(term)
            self.assertEqual(fresh, self._risk(other))
        with freeze_time(TODAY):
            self.assertEqual(self._risk(term), fresh)  # even before the job ran
            self.assertGreater(self._risk(other), fresh + 15)
            self._run()
            current = self._chain(term)[-1]
            self.assertEqual(current.date_renewal, date(2026, 6, 30))
            self.assertEqual(self._risk(current), fresh)
            score = self.customer.success_score_id
            self.assertEqual(score.renewal_risk, fresh)

    @freeze_time(TODAY)
    def test_they_are_never_overdue(self):
        term = self._monthly(date(2026, 4, 1), date(2026, 4, 30))
        by_hand = self._renewal(
            self._customer("By hand"), date_start=days(400), date_renewal=days(30)
        )
        view = self.env["customer.success.renewal"].get_view(
            self.env.ref("customer_success.customer_success_renewal_view_search").id, "search"
        )
        self.assertIn("('auto_renew', '=', False)", view["arch"])
        found = self.renewals.search(TILES["renewals_overdue"].on(TODAY))
        self.assertIn(by_hand, found)
        self.assertNotIn(term, found)

    @freeze_time(TODAY)
    def test_month_to_month_is_one_line_with_its_history(self):
        term = self._monthly(date(2026, 1, 1), date(2026, 1, 31))
        self._run()
        current = self._chain(term)[-1]
        shown = self.renewals.with_user(self.csm)
        action = self.customer.with_user(self.csm).action_success_renewals()
        self.assertEqual(shown.search(action["domain"]), current)
        listed = safe_eval(self.env.ref("customer_success.customer_success_renewal_action").domain)
        self.assertEqual(shown.search([*listed, ("partner_id", "=", self.customer.id)]), current)
        self.assertEqual(current.term_count, 6)
        history = current.action_terms()
        self.assertEqual(shown.search(history["domain"]), self._chain(term))
        sold = self.env["customer.success.sales.renewal"].with_user(self.sales)
        self.assertEqual(sold.search([("partner_id", "=", self.customer.id)]).ids, current.ids)
        business = self.env["customer.success.business"].with_user(self.csm)
        self.assertFalse(business.search([("partner_id", "=", self.customer.id)]))

    def test_checkpoints_and_the_opportunity_count_back_from_the_notice_date(self):
        with freeze_time(TODAY):
            term = self._yearly()  # its end is 199 days away, its notice date 107
            by_hand = self._yearly(self._customer("By hand"), auto_renew=False)
            due = dict(self.env["customer.success.checkpoint"]._due())
            self.assertEqual(due.get(term.id), 180)
            self.assertNotIn(by_hand.id, due)
            self.assertIn(term, self.renewals._due_for_lead())
        with freeze_time(date(2026, 9, 10)):
            due = dict(self.env["customer.success.checkpoint"]._due())
            self.assertEqual((due[term.id], due[by_hand.id]), (30, 180))

    @freeze_time(TODAY)
    def test_month_to_month_opens_no_opportunity_a_month(self):
        term = self._monthly()
        self.assertNotIn(term, self.renewals._due_for_lead())
        self._give_notice(term)
        self.assertIn(term, self.renewals._due_for_lead())

    @freeze_time(TODAY)
    def test_the_words_say_that_the_risk_is_that_of_a_notice(self):
        term = self._yearly()
        self._risk(term)
        self.assertIn("a notice until 09/30/2026", str(term.explanation))

    # ------------------------------------------------------------------------------------------
    # Innocents
    # ------------------------------------------------------------------------------------------

    @freeze_time(TODAY)
    def test_innocent_a_customer_of_many_months_is_no_new_one(self):
        """Its current term began this month; it is a customer since its first."""
        term = self._monthly(date(2022, 1, 1), date(2022, 1, 31))
        self._run()
        current = self._chain(term)[-1]
        new = self._monthly(date(2026, 6, 1), date(2026, 6, 30), self._customer("New"))
        self.assertLess(self._risk(current), self._risk(new))

    @freeze_time(TODAY)
    def test_innocent_a_book_that_is_recorded_late(self):
        """A CSM who enters a contract whose term is over, and corrects it the same day, is refused nothing."""
        term = self.renewals.with_user(self.csm).create(
            {
                "partner_id": self._customer("Late").id,
                "product_id": self.product.id,
                "annual_value": 1200,
                "date_start": date(2026, 4, 1),
                "date_renewal": date(2026, 4, 30),
            }
        )
        self._recorded(term, 0).auto_renew = True
        self._run()
        self.assertEqual(self._chain(term)[-1].date_renewal, date(2026, 6, 30))

    @freeze_time(TODAY)
    def test_innocent_a_week_with_a_longer_notice_period(self):
        term = self._monthly(date(2026, 6, 8), date(2026, 6, 14), notice_period=1)
        self.assertLess(term.date_notice, term.date_start)
        self._run()
        current = self._chain(term)[-1]
        self.assertEqual(
            (current.date_start, current.date_renewal), (date(2026, 6, 22), date(2026, 6, 28))
        )
        self.assertEqual(current.outcome, "pending")

    # ------------------------------------------------------------------------------------------
    # Cheats
    # ------------------------------------------------------------------------------------------

    @freeze_time(TODAY)
    def test_cheat_ticking_the_box_on_an_overdue_term(self):
        term = self._monthly(date(2026, 4, 1), date(2026, 4, 30), auto_renew=False)
        self._recorded(term, 70)
        overdue = self._risk(term)
        with self._refused("would have renewed itself on 05/01/2026"):
            term.auto_renew = True
        self.assertEqual(self._risk(term), overdue)
        term.with_user(self.manager).auto_renew = True
        self._run()
        self.assertEqual(term.outcome, "renewed")

    @freeze_time(TODAY)
    def test_cheat_ticking_the_box_lifts_nothing_before_the_day(self):
        term = self._yearly(auto_renew=False)
        before = self._risk(term)
        term.auto_renew = True
        self.assertEqual(self._risk(term), before)

    @freeze_time(TODAY)
    def test_cheat_moving_the_notice_date_into_the_past(self):
        term = self._recorded(self._yearly(), 60)
        for vals in (
            {"date_notice": date(2026, 6, 1)},
            {"notice_period": 11},
            {"date_renewal": date(2026, 6, 10), "date_notice": date(2026, 6, 5)},
        ):
            with self.subTest(vals=vals), self._refused("renewed itself"):
                term.write(vals)

    @freeze_time(TODAY)
    def test_only_the_job_says_that_a_term_renewed_itself(self):
        term = self._yearly()
        term.write({"renewed_itself": True})
        self.assertFalse(term.renewed_itself)
        term.write({"outcome": "renewed"})
        self.assertFalse(term.renewed_itself)

    # ------------------------------------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------------------------------------

    @freeze_time(TODAY)
    def test_a_price_that_falls_or_explodes_is_no_agreed_rise(self):
        for rise in (-100, -0.5, 201):
            with (
                self.subTest(rise=rise),
                self.assertRaises(IntegrityError) as refused,
                mute_logger("odoo.sql_db"),
            ):
                self._yearly(self._customer("Rise"), price_rise=rise).flush_recordset()
            self.assertIn("price_rise", str(refused.exception))

    @freeze_time(TODAY)
    def test_a_term_before_the_anchor_is_refused(self):
        term = self._yearly()
        with self._refused("must end after the one before it", ValidationError):
            self._yearly(
                date_start=date(2025, 1, 1), date_renewal=date(2025, 12, 31), previous_id=term.id
            )
