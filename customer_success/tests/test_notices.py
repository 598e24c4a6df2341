from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .auto_renewal_common import AutoCase
from .common import TODAY, days


@tagged("post_install", "-at_install")
class TestNotices(AutoCase):
    @freeze_time(TODAY)
    def test_a_notice_is_a_churn_to_expect_until_the_end(self):
        term = self._yearly()
        before = self._risk(term)
        self._give_notice(
            term, given_on=date(2026, 6, 10), reason_note="They have a system of the group"
        )
        self.assertEqual((term.notice_kind, term.notice_state), ("end", "end"))
        self.assertIn("the contract ends on 12/31/2026", term.notice_said)
        self.assertGreater(self._risk(term), 85)
        self.assertLess(before, 40)
        reasons = self.env["customer.success.explanation"]._risk_reasons(term.sudo().score_id)
        self.assertIn("Notice was given", reasons[0])
        self.assertIn("gave notice", str(term.explanation))
        self.assertIn(term.notice_said, self.customer.success_attention)
        with freeze_time(date(2026, 10, 15)):  # the notice date is over
            self._run()
            self.assertEqual(term.outcome, "pending")
            self.assertNotIn(term.id, dict(self.env["customer.success.checkpoint"]._due()))

    @freeze_time(TODAY)
    def test_it_stands_for_the_customer_however_far_the_end_is(self):
        near = self._yearly()
        far = self._yearly(
            product_id=self.env["product.product"].create({"name": "Other"}).id,
            date_renewal=date(2028, 12, 31),
        )
        self._risk(near)
        self.assertLess(self.customer.success_renewal_risk, 40)
        self._give_notice(far)
        self.assertEqual(self._risk(far), self.customer.success_score_id.renewal_risk)
        self.assertEqual(self.customer.success_risk_band, "critical")

    @freeze_time(TODAY)
    def test_sales_sees_it_on_the_opportunity(self):
        term = self._yearly()
        self.renewals._due_for_lead().sudo()._open_leads()
        self._give_notice(term)
        lead = term.sudo().lead_id.with_user(self.sales)
        self.assertEqual(lead.success_notice_said, term.notice_said)
        self.assertTrue(any("gave notice" in body for body in lead.message_ids.mapped("body")))
        sold = self.env["customer.success.sales.renewal"].with_user(self.sales).browse(term.id)
        self.assertEqual((sold.notice_kind, sold.notice_said), ("end", term.notice_said))
        self.assertIn(sold, sold.search([("notice_given_on", "!=", False)]))
        lead.sudo().action_set_won()
        self.assertEqual(term.outcome, "pending")  # a card that was dragged is no withdrawal

    def test_at_the_end_the_person_is_asked_and_nothing_ends_by_itself(self):
        with freeze_time(TODAY):
            term = self._yearly()
            reason = self.env.ref(
                "customer_success.customer_success_renewal_reason_churned_low_use"
            )
            self._give_notice(term, reason_id=reason)
        with freeze_time(date(2027, 1, 1)):
            self._run()
            self._run()
            self.assertEqual(term.outcome, "pending")
            self.assertEqual(len(term.activity_ids), 1)
            self.assertEqual(term.activity_ids.user_id, self.csm)
            dialog = self.env["customer.success.renewal.end"].with_user(self.csm)
            dialog = Form(dialog.with_context(default_renewal_id=term.id))
            self.assertEqual((dialog.outcome, dialog.reason_id), ("churned", reason))
            self.assertEqual(dialog.date_outcome, TODAY)
            dialog.save().action_end()
            self.assertEqual(term.outcome, "churned")

    def test_a_notice_that_reduces_leaves_what_stays(self):
        """
        worked example: 12,000 for 100 seats, notice to keep 60 seats for 7,200; churn risk r

        contraction risk  100 - r                 it is certain, unless they leave
        expected seats     60
        value at risk      12,000 × r + 12,000 × (1 - r) × (1 - 60 %)
        """
        with freeze_time(TODAY):
            term = self._yearly()
            self._give_notice(term, kind="reduce", notice_seats=60)
            self.assertEqual((term.notice_seats, term.notice_value), (60, 7200))
            risk = self._risk(term)
            self.assertEqual(term.contraction_risk, round(100 - risk, 1))
            self.assertEqual(term.expected_seats, 60)
            self.assertIn("60 seats stay", str(term.explanation))
            expected = 12000 * risk / 100 + 12000 * (1 - risk / 100) * 0.4
            self.assertAlmostEqual(term.value_at_risk, expected, delta=1)
        with freeze_time(date(2027, 1, 2)):
            dialog = self.env["customer.success.renewal.end"].with_user(self.csm)
            dialog = Form(dialog.with_context(default_renewal_id=term.id))
            self.assertEqual(
                (dialog.outcome, dialog.renewed_value, dialog.renewed_seats),
                ("contracted", 7200, 60),
            )
            dialog.reason_id = self.env["customer.success.renewal.reason"].search(
                [("outcome", "=", "contracted")], limit=1
            )
            dialog.save().action_end()
            self.assertEqual((term.next_ids.seats, term.next_ids.annual_value), (60, 7200))
            self.assertTrue(term.next_ids.auto_renew)
            self.assertFalse(term.next_ids.notice_given_on)

    # ------------------------------------------------------------------------------------------
    # Innocents
    # ------------------------------------------------------------------------------------------

    def test_innocent_a_letter_that_lay_in_the_mail(self):
        """It came in time and is entered after the term renewed itself: the term is pending again."""
        with freeze_time(TODAY):
            term = self._yearly()
        with freeze_time(date(2026, 10, 5)):
            self._run()
            self.assertEqual(term.outcome, "renewed")
            following = term.next_ids
            self._give_notice(term, given_on=date(2026, 9, 29))
            self.assertEqual((term.outcome, term.notice_kind), ("pending", "end"))
            self.assertFalse(following.exists())
            self._run()
            self.assertEqual(term.outcome, "pending")

    def _worked_on(self, day):
        """Let a term renew itself until ``day``, and somebody work on the next one; return both."""
        with freeze_time(TODAY):
            term = self._yearly()
        with freeze_time(day):
            self._run()
            term.next_ids.message_post(body="They want fewer seats", message_type="comment")
        return term, term.next_ids

    def test_a_next_term_on_which_somebody_worked_does_not_outlive_the_notice(self):
        """It would stand beside the noticed term, count twice and renew itself."""
        day = date(2026, 10, 5)
        term, following = self._worked_on(day)
        with freeze_time(day):
            dialog = self.env["customer.success.renewal.notice"].with_user(self.csm)
            dialog = Form(dialog.with_context(default_renewal_id=term.id))
            dialog.given_on = date(2026, 9, 29)
            self.assertIn("archived", dialog.said)
            dialog.save().action_record()
            self.assertEqual((term.outcome, term.notice_kind), ("pending", "end"))
            self.assertFalse(following.active)
            self.assertFalse(term.next_ids)
            self.assertEqual(self.customer.success_renewal_ids, term.sudo())
            for record in (term, following):
                self.assertIn("came in time", str(record.message_ids.mapped("body")))
            self.assertNotIn("is kept", str(term.message_ids.mapped("body")))
        with freeze_time(date(2027, 10, 5)):
            self._run()
            self.assertEqual((term.outcome, following.outcome), ("pending", "pending"))
            self.assertFalse(following.next_ids)

    def test_innocent_a_reduction_that_came_in_time_is_followed_by_a_new_term(self):
        day = date(2026, 10, 5)
        term, following = self._worked_on(day)
        with freeze_time(day):
            self._give_notice(term, given_on=date(2026, 9, 29), kind="reduce", notice_seats=60)
            self.assertFalse(following.active)
        with freeze_time(date(2027, 1, 2)):
            term.write(
                {
                    "outcome": "contracted",
                    "renewed_value": 7200,
                    "renewed_seats": 60,
                    "reason_id": self.env["customer.success.renewal.reason"]
                    .search([("outcome", "=", "contracted")], limit=1)
                    .id,
                }
            )
            self.assertEqual(term.next_ids.annual_value, 7200)

    def test_cheat_a_notice_of_the_next_term_is_not_archived_with_it(self):
        day = date(2026, 10, 5)
        term, following = self._worked_on(day)
        with freeze_time(day):
            self._give_notice(following, given_on=day)
            with self.assertRaisesRegex(UserError, "Withdraw it"), self.env.cr.savepoint():
                self._give_notice(term, given_on=date(2026, 9, 29))
            self.assertTrue(following.active)
            self.assertEqual(following.notice_kind, "end")

    @freeze_time(TODAY)
    def test_innocent_a_customer_who_changes_its_mind(self):
        """The CSM asks, a manager agrees; until then the notice counts."""
        term = self._yearly()
        with freeze_time(date(2026, 6, 12)):
            self._give_notice(term)
        noticed = self._risk(term)
        self._withdraw(term)
        self.assertEqual((term.notice_state, self._risk(term)), ("asked", noticed))
        self.assertEqual(
            term.sudo().activity_ids.user_id.has_group("customer_success.group_success_manager"),
            True,
        )
        term.with_user(self.manager).action_agree_withdrawal()
        self.assertFalse(term.notice_given_on)
        self.assertFalse(term.withdrawal_reason)
        self.assertFalse(term.sudo().activity_ids)
        self.assertLess(self._risk(term), noticed - 50)
        self.assertTrue(any("was withdrawn" in body for body in term.message_ids.mapped("body")))

    @freeze_time(TODAY)
    def test_innocent_a_notice_that_was_entered_at_the_wrong_customer(self):
        """The person who entered it today takes it back alone."""
        term = self._yearly()
        self._give_notice(term)
        self._withdraw(term, "It was another customer's letter")
        self.assertFalse(term.notice_given_on)

    def test_innocent_a_notice_that_came_late(self):
        """By contract it renews once more, if the person says so; the notice then stands on the next term."""
        with freeze_time(TODAY):
            term = self._yearly()
            term.with_user(self.manager).write({"date_notice": date(2026, 6, 20)})
        with freeze_time(date(2026, 6, 25)):
            self._give_notice(term)
            self.assertTrue(term.notice_is_late)
            self._run()
            self.assertEqual(term.outcome, "pending")
            term.write({"outcome": "renewed"})
            self.assertEqual(term.next_ids.notice_kind, "end")
            self.assertFalse(term.next_ids.notice_is_late)

    def test_innocent_a_reduction_that_came_late(self):
        """It stands on the next term, with its reason, unless that term is already what the customer wanted."""
        reason = self.env["customer.success.renewal.reason"].search(
            [("outcome", "=", "contracted")], limit=1
        )
        fewer = {"renewed_value": 9600, "renewed_seats": 80}
        wanted = {"renewed_value": 7200, "renewed_seats": 60}
        for said, expected in (
            ({"outcome": "renewed"}, ("reduce", 60, 7200, reason)),
            ({"outcome": "contracted", **fewer}, ("reduce", 60, 7200, reason)),
            ({"outcome": "contracted", **wanted}, (False, 0, 0, reason.browse())),
        ):
            with freeze_time(TODAY), self.subTest(said=said):
                term = self._yearly(self._customer(str(said)))
                term.with_user(self.manager).write({"date_notice": date(2026, 6, 10)})
                self._give_notice(term, kind="reduce", notice_seats=60, reason_id=reason)
                self.assertTrue(term.notice_is_late)
                term.write(said)
                following = term.next_ids
                self.assertEqual(
                    (
                        following.notice_kind,
                        following.notice_seats,
                        following.notice_value,
                        following.notice_reason_id,
                    ),
                    expected,
                )
                self.assertFalse(following.notice_is_late)

    # ------------------------------------------------------------------------------------------
    # Cheats
    # ------------------------------------------------------------------------------------------

    def _noticed_before(self, **said):
        term = self._yearly()
        with freeze_time(date(2026, 6, 1)):
            self._give_notice(term, **said)
        return term

    @freeze_time(TODAY)
    def test_cheat_withdrawing_a_notice_that_was_given(self):
        term = self._noticed_before()
        risk = self._risk(term)
        with self._refused("in a few words"):
            self._withdraw(term, "ok")
        self._withdraw(term)
        self.assertEqual(self._risk(term), risk)
        with self.assertRaises(UserError):
            term.action_agree_withdrawal()
        for vals in (
            {"notice_given_on": False},
            {"notice_kind": "reduce", "notice_seats": 99},
            {"active": False},
        ):
            with self.subTest(vals=vals), self._refused("Withdraw Notice"):
                term.write(vals)
        term.with_user(self.manager).action_decline_withdrawal()
        self.assertEqual((term.notice_state, self._risk(term)), ("end", risk))

    @freeze_time(TODAY)
    def test_cheat_ending_a_noticed_term_as_renewed(self):
        term = self._noticed_before()
        for outcome, value in (("renewed", 12000), ("expanded", 15000), ("contracted", 9000)):
            with (
                self.subTest(outcome=outcome),
                self._refused("withdraw the notice first", ValidationError),
            ):
                term.write({"outcome": outcome, "renewed_value": value})

    @freeze_time(TODAY)
    def test_cheat_moving_the_notice_date_so_that_the_notice_came_late(self):
        term = self._noticed_before()
        for vals in ({"date_notice": date(2026, 5, 20)}, {"notice_period": 8}):
            with self.subTest(vals=vals), self._refused("Withdraw Notice"):
                term.write(vals)

    def _earlier(self, **vals):
        """Record a term of another product whose notice date, 30 April, is over."""
        product = self.env["product.product"].create({"name": "Suite"})
        return self._yearly(product_id=product.id, notice_period=8, **vals)

    @freeze_time(TODAY)
    def test_cheat_attaching_it_to_a_main_term_with_an_earlier_notice_date(self):
        term, main = self._noticed_before(), self._earlier(auto_renew=False)
        with self._refused("Withdraw Notice"), self.cr.savepoint():
            term.main_id = main
        main.with_user(self.manager).notice_period = 3
        term.main_id = main
        self.assertFalse(term.notice_is_late)
        with self._refused("Withdraw Notice"), self.cr.savepoint():
            main.notice_period = 8
        main.with_user(self.manager).notice_period = 8
        self.assertTrue(term.notice_is_late)

    @freeze_time(TODAY)
    def test_cheat_attaching_it_to_a_main_term_that_renews_itself_today(self):
        term, main = self._yearly(auto_renew=False), self._earlier()
        self._recorded(term, 5)
        with self._refused("would have renewed itself"), self.cr.savepoint():
            term.main_id = main

    @freeze_time(TODAY)
    def test_cheat_raising_what_stays(self):
        term = self._noticed_before(kind="reduce", notice_seats=40)
        with self._refused("Withdraw Notice"):
            term.write({"notice_seats": 90, "notice_value": 11000})
        self._give_notice(term, kind="reduce", notice_seats=30)
        self.assertEqual(term.notice_value, 3600)

    @freeze_time(TODAY)
    def test_nobody_records_or_withdraws_the_notice_of_others(self):
        theirs = self._yearly(self._customer("Theirs", success_user_id=self.lead_csm.id)).sudo()
        dialogs = self.env["customer.success.renewal.notice"].with_user(self.csm)
        with self.assertRaises(AccessError):
            dialogs.create({"renewal_id": theirs.id}).action_record()
        theirs.notice_given_on = TODAY
        with self.assertRaises(AccessError):
            self._withdraw(theirs)
        with self.assertRaises(AccessError):
            theirs.with_user(self.sales).read(["notice_given_on"])

    # ------------------------------------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------------------------------------

    @freeze_time(TODAY)
    def test_days_that_cannot_be(self):
        term = self._yearly()
        with self._refused("in the future", ValidationError):
            term.notice_given_on = days(-1)
        over = self._monthly(date(2026, 4, 1), date(2026, 4, 30), self._customer("Over"))
        with self._refused("came after the term ended", ValidationError):
            over.notice_given_on = TODAY

    @freeze_time(TODAY)
    def test_a_reduction_leaves_less_and_something(self):
        term = self._yearly()
        for seats, value in ((0, 0), (100, 12000), (120, 9000), (50, 15000)):
            said = {"notice_seats": seats, "notice_value": value}
            with (
                self.subTest(**said),
                self._refused("Enter what stays", ValidationError),
            ):
                term.write({"notice_given_on": TODAY, "notice_kind": "reduce", **said})

    @freeze_time(TODAY)
    def test_a_lower_price_for_the_same_seats_is_a_reduction(self):
        term = self._yearly()
        term.write({"notice_given_on": TODAY, "notice_kind": "reduce", "notice_value": 9000})
        self.assertEqual((term.notice_seats, term.notice_value), (100, 9000))

    def test_the_person_is_asked_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.csm.lang = "fr_FR"
        with freeze_time(TODAY):
            term = self._yearly()
            other = self._yearly(self._customer("Other"))
            self._give_notice(term)
        with freeze_time(date(2027, 1, 1)):
            self._run()
        self.assertIn("31/12/2026", str(term.activity_ids.note))
        self.assertTrue(any("30/09/2026" in body for body in other.message_ids.mapped("body")))
