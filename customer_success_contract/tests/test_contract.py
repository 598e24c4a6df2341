from datetime import date

from odoo.tests import freeze_time, tagged

from odoo.addons.customer_success.tests.common import TODAY, days

from .common import ContractCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestContract(ContractCase):
    def test_a_line_is_a_renewal_with_term_notice_value_and_seats(self):
        self._contract()
        renewal = self._renewals()
        self.assertEqual(len(renewal), 1)
        self.assertEqual(renewal.product_id, self.product)
        self.assertEqual(renewal.date_start, date(2025, 9, 1))
        self.assertEqual(renewal.date_renewal, date(2026, 9, 1))
        self.assertEqual(renewal.date_notice, date(2026, 5, 31))
        self.assertEqual(renewal.annual_value, 12000)
        self.assertEqual(renewal.seats, 50)
        self.assertEqual(renewal.outcome, "pending")
        self.assertEqual(renewal.source_name, "C-7")

    def test_amounts_are_a_year_whatever_the_interval(self):
        for unit, interval, price, value in (
            ("yearly", 1, 100.0, 5000),
            ("quarterly", 1, 100.0, 20000),
            ("monthly", 2, 100.0, 30000),
            ("yearly", 2, 100.0, 2500),
        ):
            with self.subTest(unit=unit, interval=interval):
                customer = self._customer(f"{unit} {interval}")
                line = {
                    "recurring_rule_type": unit,
                    "recurring_interval": interval,
                    "price_unit": price,
                }
                self._contract(customer, [line])
                self.assertEqual(self._renewals(customer).annual_value, value)

    def test_only_sales_to_customers_count(self):
        prospect = self.env["res.partner"].create({"name": "Prospect", "is_company": True})
        self._contract(prospect)
        self.env["account.journal"].create({"name": "Bills", "code": "TBIL", "type": "purchase"})
        self._contract(contract_type="purchase")
        self.assertFalse(self._renewals(prospect))
        self.assertFalse(self._renewals())

    def test_a_contract_with_a_contact_counts_for_the_company(self):
        self._contract(self._contact(self.customer))
        self.assertEqual(len(self._renewals()), 1)

    def test_lines_of_one_product_are_one_term(self):
        more = {"quantity": 10, "date_start": date(2026, 3, 1)}
        self._contract(lines=({}, more))
        renewal = self._renewals()
        self.assertEqual((renewal.seats, renewal.annual_value), (60, 14400))
        self.assertEqual(renewal.date_start, date(2025, 9, 1))

    def test_a_second_run_changes_nothing(self):
        contract = self._contract()
        renewal = self._renewals()
        self.env.cr.execute("SELECT xmin FROM customer_success_renewal WHERE id = %s", renewal.ids)
        before = self.env.cr.fetchone()
        contract.contract_line_ids.sudo()._success_reconcile()
        self.env.flush_all()
        self.env.cr.execute("SELECT xmin FROM customer_success_renewal WHERE id = %s", renewal.ids)
        self.assertEqual(self.env.cr.fetchone(), before)
        self.assertEqual(self._renewals(), renewal)

    def test_what_a_person_wrote_stays_and_the_rest_follows(self):
        contract = self._contract()
        renewal = self._renewals()
        renewal.with_user(self.csm).write(
            {"annual_value": 9000, "value_reason": "A discount that the contract does not name"}
        )
        contract.contract_line_ids.quantity = 80
        self._commit()
        self.assertEqual(renewal.seats, 80)
        self.assertEqual(renewal.annual_value, 9000)

    def test_a_renewal_recorded_by_hand_is_joined_and_kept(self):
        ours = self._renewal(
            self.customer, value=11000, date_start=days(300), date_renewal=date(2026, 9, 1)
        )
        self._contract()
        self.assertEqual(self._renewals(), ours)
        self.assertEqual((ours.annual_value, ours.seats), (11000, 100))
        self.assertEqual(ours.date_notice, date(2026, 5, 31), "what was empty is filled")

    def test_renewing_a_line_is_the_outcome_and_opens_the_next_term(self):
        contract = self._contract()
        contract.contract_line_ids.renew()
        self._commit()
        ended, following = self._renewals()
        self.assertEqual((ended.outcome, ended.renewed_value), ("renewed", 12000))
        self.assertEqual(following.outcome, "pending")
        self.assertEqual(following.date_start, date(2026, 9, 1))
        self.assertEqual(following.date_renewal, date(2027, 9, 1))
        self.assertEqual(contract.contract_line_ids.sudo().success_renewal_id, following)

    def test_renewing_by_a_new_line_is_the_same(self):
        self.company.create_new_line_at_contract_line_renew = True
        contract = self._contract()
        contract.contract_line_ids.renew()
        self._commit()
        ended, following = self._renewals()
        self.assertEqual(ended.outcome, "renewed")
        self.assertEqual(following.date_start, date(2026, 9, 1))
        self.assertEqual(following.date_renewal, date(2027, 9, 1))
        self.assertEqual((following.seats, following.annual_value), (50, 12000))

    def test_renewed_for_more_or_less_is_expanded_or_contracted(self):
        for quantity, outcome in ((70, "expanded"), (30, "contracted")):
            with self.subTest(outcome=outcome):
                customer = self._customer(outcome)
                line = self._contract(customer).contract_line_ids
                line.write({"date_end": date(2027, 8, 31), "quantity": quantity})
                self._commit()
                ended, following = self._renewals(customer)
                self.assertEqual((ended.outcome, ended.renewed_seats), (outcome, quantity))
                self.assertEqual(following.seats, quantity)

    def test_a_corrected_date_is_no_renewal(self):
        line = self._contract().contract_line_ids
        line.date_end = date(2026, 9, 10)
        self._commit()
        self.assertEqual(self._renewals().date_renewal, date(2026, 9, 11))
        self.assertEqual(self._renewals().outcome, "pending")

    def test_termination_is_churn_with_its_reason(self):
        reason = self.env["contract.terminate.reason"].create({"name": "Too few use it"})
        contract = self._contract()
        contract._terminate_contract(reason, "Nobody logs in.", date(2026, 6, 30))
        self._commit()
        renewal = self._renewals()
        self.assertEqual(renewal.outcome, "churned")
        self.assertEqual(renewal.date_outcome, TODAY)
        self.assertEqual(renewal.reason_id.name, "Too few use it")
        self.assertEqual(renewal.reason_note, "Nobody logs in.")

    def test_what_may_have_taken_its_place_is_asked_about(self):
        reason = self.env["contract.terminate.reason"].create({"name": "Another product"})
        other = self.env["product.product"].create({"name": "Analytics", "type": "service"})
        begins = {"date_start": date(2026, 9, 1), "date_end": date(2027, 8, 31)}
        begins |= {"product_id": other.id, "recurring_next_date": date(2026, 9, 1)}
        for is_first in (True, False):
            with self.subTest(is_first=is_first), self.cr.savepoint() as savepoint:
                contract = self._contract()
                if is_first:
                    self._contract(lines=({**begins},))
                contract._terminate_contract(reason, "", date(2026, 6, 30))
                self._commit()
                if not is_first:
                    self._contract(lines=({**begins},))
                gone = self._renewals().filtered(lambda term: term.product_id == self.product)
                self.assertEqual((gone.outcome, gone.maybe_replaced), ("churned", True))
                [asked] = gone.activity_search(
                    ["customer_success.mail_activity_type_renewal_confirm"]
                )
                self.assertEqual(asked.user_id, self.csm)
                self.assertIn("Analytics", asked.note)
                savepoint.rollback()

    def test_a_termination_taken_back_takes_the_churn_back(self):
        reason = self.env["contract.terminate.reason"].create({"name": "Budget"})
        contract = self._contract()
        contract._terminate_contract(reason, "", date(2026, 6, 30))
        self._commit()
        contract.action_cancel_contract_termination()
        self._commit()
        self.assertEqual(self._renewals().outcome, "pending")

    def test_a_stopped_line_is_churn_once_it_ended(self):
        contract = self._contract()
        contract.contract_line_ids.stop(date(2026, 7, 31))
        self._commit()
        renewal = self._renewals()
        self.assertEqual((renewal.outcome, renewal.date_renewal), ("pending", date(2026, 8, 1)))
        with freeze_time("2026-08-02"):
            contract.contract_line_ids.sudo()._success_reconcile()
        self.assertEqual(renewal.outcome, "churned")
        self.assertEqual(renewal.date_outcome, date(2026, 7, 31))

    def test_a_line_that_only_ran_out_is_for_a_person_to_say(self):
        line = {"is_auto_renew": False}
        contract = self._contract(lines=[line])
        with freeze_time("2026-10-01"):
            contract.contract_line_ids.sudo()._success_reconcile()
            self.assertEqual(self._renewals().outcome, "pending")

    def test_a_suspension_moves_the_renewal(self):
        contract = self._contract()
        contract.contract_line_ids.stop_plan_successor(date(2026, 7, 1), date(2026, 8, 15), True)
        self._commit()
        renewal = self._renewals()
        self.assertEqual(len(renewal), 1)
        self.assertEqual(renewal.outcome, "pending")
        self.assertEqual(renewal.date_start, date(2025, 9, 1))
        self.assertEqual(renewal.date_renewal, date(2026, 10, 17))
        self.assertEqual(renewal.seats, 50)

    def test_without_an_end_it_is_renewed_year_by_year(self):
        line = {"is_auto_renew": False, "date_end": False, "date_start": date(2024, 3, 1)}
        contract = self._contract(lines=[line])
        renewal = self._renewals()
        self.assertEqual(renewal.date_start, date(2026, 3, 1))
        self.assertEqual(renewal.date_renewal, date(2027, 3, 1))
        with freeze_time("2027-03-02"):
            contract.contract_line_ids.sudo()._success_reconcile()
        ended, following = self._renewals()
        self.assertEqual((ended.outcome, following.outcome), ("renewed", "pending"))
        self.assertEqual(following.date_renewal, date(2028, 3, 1))

    def test_the_outcome_that_a_person_recorded_is_not_done_again(self):
        contract = self._contract()
        self._renewals().with_user(self.csm).write({"outcome": "renewed"})
        self._commit()
        before = self._renewals()
        contract.contract_line_ids.sudo()._success_reconcile()
        self.assertEqual(self._renewals(), before)
        contract.contract_line_ids.renew()
        self._commit()
        ended, following = self._renewals()
        self.assertEqual((ended.outcome, following.outcome), ("renewed", "pending"))
        self.assertEqual(following.date_renewal, date(2027, 9, 1))

    def test_a_deleted_line_takes_its_untouched_renewal_back(self):
        contract = self._contract()
        contract.contract_line_ids.unlink()
        self._commit()
        self.assertFalse(self._renewals())

    def test_a_deleted_contract_leaves_what_people_worked_on(self):
        contract = self._contract()
        renewal = self._renewals()
        renewal.with_user(self.csm).message_post(body="Called them.", message_type="comment")
        contract.unlink()
        self._commit()
        self.assertEqual(self._renewals(), renewal)
        self.assertEqual(renewal.outcome, "pending")

    def test_the_daily_job_finds_what_no_hook_saw_and_goes_on_where_it_was(self):
        done, later = (
            self.env["res.partner"].create({"name": name, "is_company": True})
            for name in ("Done", "Later")
        )
        lines = self._contract(done).contract_line_ids
        self._contract(later)
        (done | later).success_stage_id = self.stages["effective_use"]
        self.assertFalse(self._renewals(done) | self._renewals(later))
        bookmarks = self.env["customer.success.job.bookmark"]
        bookmarks._move("reconciled.contract.line", max(lines.ids))
        for expected in (0, 1):
            with self.enter_registry_test_mode():
                self.env.ref("customer_success_contract.ir_cron_reconcile").method_direct_trigger()
            self.assertEqual(len(self._renewals(done)), expected)
            self.assertEqual(len(self._renewals(later)), 1)

    def test_another_currency_is_kept_as_it_is(self):
        euro = self.env.ref("base.EUR") | self.env.ref("base.USD") - self.company.currency_id
        foreign = (euro - self.company.currency_id)[:1]
        foreign.active = True
        self._contract(manual_currency_id=foreign.id)
        self.assertEqual(self._renewals().currency_id, foreign)
        self.assertEqual(self._renewals().annual_value, 12000)

    def test_many_contracts_take_a_few_queries_each_at_most(self):
        customers = [self._customer(f"Customer {number}") for number in range(12)]
        lines = self.env["contract.line"]
        for customer in customers:
            lines |= self._contract(customer).contract_line_ids.sudo()
        few, many = lines[:2], lines
        counts = []
        for some in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.with_context(active_test=False)._success_reconcile()
            counts.append(self.env.cr.sql_log_count - before)
        # Each term takes two more statements, for its savepoint; nothing else grows.
        self.assertLessEqual(counts[1] - counts[0], 2 * (len(many) - len(few)) + 6)
