from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from ..common import TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestSegments(SuccessCase):
    """The first segment that fits holds a customer, unless a person has set another one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segments = cls.env["customer.success.segment"]
        cls.segments.search([]).unlink()
        cls.large = cls._segment("Large", 10, "[('ref', '=like', 'L%')]")
        cls.standard = cls._segment("Standard", 20, "[('ref', '!=', False)]")

    @classmethod
    def _segment(cls, name, sequence, domain, **vals):
        return cls.segments.with_user(cls.manager).create(
            {"name": name, "sequence": sequence, "domain": domain, **vals}
        )

    def _night(self):
        """Assign all customers, as the nightly job does."""
        return self.segments._assign(self.segments._customer_ids())

    def _notes(self, customer):
        bodies = customer.message_ids.mapped("body")
        return [str(body) for body in bodies if "Segment" in str(body)]

    # What holds a customer ----------------------------------------------------------------------

    def test_the_first_segment_that_fits_holds_a_customer_as_soon_as_it_is_followed(self):
        customer = self._customer(ref="L1", success_stage_id=False).with_user(self.csm)
        self.assertFalse(customer.success_segment_id)
        customer.success_stage_id = self.stages["discover"]
        self.assertEqual(customer.success_segment_id, self.large)
        self.assertEqual(self._customer(ref="S1").success_segment_id, self.standard)
        self.assertFalse(self._customer().success_segment_id)
        self.assertFalse(self._notes(customer))

    def test_the_order_decides_between_two_that_both_fit(self):
        customer = self._customer(ref="L1")
        self.standard.with_user(self.manager).sequence = 5
        self.assertEqual(customer.success_segment_id, self.standard)
        self.assertIn("Segment: Large, now Standard", self._notes(customer)[0])

    def test_a_csm_sets_another_segment_which_is_kept_until_it_is_given_back(self):
        customer = self._customer(ref="L1").with_user(self.csm)
        with Form(customer, "customer_success.res_partner_view_success_form") as form:
            form.success_segment_id = self.standard
        self.assertTrue(customer.success_segment_manual)
        self.assertFalse(self._night())
        self.assertEqual(customer.success_segment_id, self.standard)
        by_hand = [("success_segment_manual", "=", True)]
        self.assertEqual(customer.search(by_hand), customer)
        self.assertIn("Set by hand on the customer: 1", self.standard.explanation)
        customer.action_success_segment_back()
        self.assertEqual(customer.success_segment_id, self.large)
        self.assertFalse(customer.success_segment_manual)

    def test_a_segment_that_is_emptied_is_decided_by_the_filters_again(self):
        customer = self._customer(ref="L1").with_user(self.csm)
        customer.success_segment_id = self.standard
        customer.success_segment_id = False
        self.assertEqual(customer.success_segment_id, self.large)
        self.assertFalse(customer.success_segment_manual)

    def test_stopping_and_following_again_keeps_what_a_person_set(self):
        customer = self._customer(ref="L1").with_user(self.csm)
        customer.success_segment_id = self.standard
        customer.action_success_stop()
        customer.success_stage_id = self.stages["effective_use"]
        self.assertEqual(customer.success_segment_id, self.standard)

    # What the night does ------------------------------------------------------------------------

    def test_the_job_follows_the_facts_notes_a_change_and_asks_for_a_score(self):
        customer = self._customer(ref="L1")
        unknown = self._customer("Unknown")
        same = self._customer("Same", ref="S2")
        (customer | unknown).ref = "S1"
        self.env["customer.success.score.request"].search([]).unlink()
        with self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_segments").method_direct_trigger()
        self.assertEqual((customer | unknown | same).success_segment_id, self.standard)
        self.assertIn("Segment: Large, now Standard", self._notes(customer)[0])
        self.assertFalse(self._notes(unknown))
        requests = self.env["customer.success.score.request"].search([])
        self.assertEqual(requests.partner_id, customer)

    def test_a_night_on_which_nothing_changed_writes_nothing(self):
        self._customer(ref="L1")
        self.assertFalse(self._night())

    def test_many_customers_are_assigned_in_as_many_queries_as_few(self):
        customers = self.env["res.partner"].create(
            [
                {
                    "name": f"Many {number}",
                    "ref": f"S{number}",
                    "is_company": True,
                    "success_stage_id": self.stages["discover"].id,
                }
                for number in range(60)
            ]
        )
        self.assertEqual(customers.success_segment_id, self.standard)
        customers.flush_recordset()
        self.env.cr.execute(
            "UPDATE res_partner SET success_segment_id = NULL WHERE id = ANY(%s)", [customers.ids]
        )
        self.env.invalidate_all()
        with self.assertQueryCount(3):
            self.segments._assign(customers.ids)
        self.assertEqual(customers.success_segment_id, self.standard)

    # The days in a stage -------------------------------------------------------------------------

    def _stalled(self, customers):
        """Return those that are stalled by the search, having checked that each of them says the same."""
        found = customers.search([("success_is_stalled", "=", True), ("id", "in", customers.ids)])
        self.assertEqual(customers.filtered("success_is_stalled"), found)
        return found

    def test_a_large_customer_has_twice_the_days_of_a_stage_and_is_not_stalled_before(self):
        usual = self.stages["prepare"].expected_days
        self.large.with_user(self.manager).expected_days = 200
        late = {"stage": "prepare", "success_stage_date": days(usual + 1)}
        large = self._customer(ref="L1", **late).with_user(self.csm)
        standard = self._customer("Standard", ref="S1", **late).with_user(self.csm)
        self.assertEqual(large.success_stage_expected_days, 2 * usual)
        self.assertEqual(standard.success_stage_expected_days, usual)
        self.assertEqual(self._stalled(large | standard), standard)
        self.assertIn("Stalled", standard.success_attention)
        self.assertNotIn("Stalled", large.success_attention or "")
        self._rescore(large | standard)
        self.assertEqual([self._days_over(large), self._days_over(standard)], [0, 1])

    def _days_over(self, customer):
        """Return the days over the expected ones by which the score lowers the progress of a customer."""
        lines = customer.sudo().success_score_id.breakdown["factors"]
        return sum(line["evidence"].get("over", 0) for line in lines if line["code"] == "progress")

    def test_a_customer_that_serves_itself_stalls_earlier_and_starts_the_playbook(self):
        usual = self.stages["prepare"].expected_days
        fast = self._segment("Self-Served", 5, "[('ref', '=like', 'F%')]", expected_days=50)
        half = -(-usual // 2)
        customer = self._customer(
            ref="F1", stage="prepare", success_stage_date=days(half + 1)
        ).with_user(self.csm)
        innocent = self._customer(
            "Innocent", ref="F2", stage="prepare", success_stage_date=days(half)
        ).with_user(self.csm)
        self.assertEqual(customer.success_segment_id, fast)
        self.assertEqual(self._stalled(customer | innocent), customer)
        play = self.env.ref("customer_success.customer_success_play_stalled")
        play.date_start = days(3000)
        self.env["customer.success.play"]._evaluate((customer | innocent).ids)
        run = self.env["customer.success.play.run"].search([("play_id", "=", play.id)])
        self.assertEqual(run.partner_id, customer)
        self.assertIn(f"expected: {half} days", run.reason)

    def test_a_stage_without_an_end_has_none_in_any_segment(self):
        self.large.with_user(self.manager).expected_days = 10
        customer = self._customer(ref="L1", stage="sustained_use", success_stage_date=days(900))
        self.assertFalse(customer.success_stage_expected_days)
        self.assertFalse(self._stalled(customer))

    def test_screen_and_query_round_alike(self):
        for stage_days, percentage in ((45, 50), (3, 10), (14, 33), (1, 1000), (77, 150)):
            self.stages["prepare"].expected_days = stage_days
            self.large.expected_days = percentage
            customer = self._customer(f"{stage_days}", ref="L1", stage="prepare")
            expected = customer.success_stage_expected_days
            customer.success_stage_date = days(expected)
            with self.subTest(stage_days=stage_days, percentage=percentage):
                self.assertFalse(self._stalled(customer))
                customer.success_stage_date = days(expected + 1)
                self.assertTrue(self._stalled(customer))

    # Filters from their wrong side --------------------------------------------------------------

    def test_a_filter_that_cannot_be_used_is_refused_in_words(self):
        for domain in (
            "[('no_such_field', '=', 1)]",
            "[('ref', '=',",
            "not a filter",
            "[('create_date', '=', 'yesterday evening')]",
        ):
            with (
                self.subTest(domain),
                self.assertRaisesRegex(ValidationError, "cannot be used"),
                self.cr.savepoint(),
            ):
                self._segment("Bad", 1, domain)

    def test_a_segment_cannot_depend_on_itself(self):
        for name in ("success_segment_id", "success_is_stalled", "success_health"):
            with (
                self.subTest(name),
                self.assertRaisesRegex(ValidationError, "depends on the segment"),
                self.cr.savepoint(),
            ):
                self._segment("Bad", 1, f"[('{name}', '!=', False)]")

    def test_a_filter_that_broke_later_says_so_and_keeps_its_customers(self):
        customer = self._customer(ref="L1")
        self.large.flush_recordset()
        self.env.cr.execute(
            "UPDATE customer_success_segment SET domain = %s WHERE id = %s",
            ["[('x_gone', '=', 1)]", self.large.id],
        )
        self.large.invalidate_recordset()
        with self.assertLogs("odoo.addons.customer_success", "WARNING"):
            self.assertFalse(self._night())
        self.assertEqual(customer.success_segment_id, self.large)
        self.assertIn("cannot be used", self.large.explanation)
        self.assertIn("keeps the customers that it has", self.large.explanation)

    def test_the_form_says_what_an_earlier_segment_holds_and_that_none_fits(self):
        self._customer("One", ref="L1")
        self._customer("Two", ref="L2")
        self._customer("Three", ref="S1")
        text = self.standard.with_user(self.manager).explanation
        self.assertIn("Customers in this segment: 1.", text)
        self.assertIn("an earlier segment (Large), which holds them: 2.", text)
        self.assertNotIn("earlier", self.large.explanation)
        none = self._segment("None", 1, "[('ref', '=', 'nobody')]")
        self.assertIn("No customer fits this filter.", none.explanation)
        self.assertEqual(self.standard.customer_count, 1)
        opened = self.standard.with_user(self.manager).action_open_customers()
        self.assertEqual(self.env["res.partner"].search(opened["domain"]).name, "Three")

    def test_customers_without_a_segment_are_found(self):
        lost = self._customer("Lost")
        self._customer(ref="L1")
        found = self.env["res.partner"].with_user(self.csm)
        domain = [("success_stage_id", "!=", False), ("success_segment_id", "=", False)]
        self.assertEqual(found.search(domain) & (lost | found.search([("ref", "=", "L1")])), lost)

    def test_an_archived_or_deleted_segment_holds_nobody_also_if_set_by_hand(self):
        customer = self._customer(ref="S1").with_user(self.csm)
        customer.success_segment_id = self.large
        self.large.with_user(self.manager).active = False
        self.assertEqual(customer.success_segment_id, self.standard)
        self.assertFalse(customer.success_segment_manual)
        self.standard.with_user(self.manager).unlink()
        self.assertFalse(customer.success_segment_id)
        self.assertIn("Segment: Standard, now none", self._notes(customer)[0])

    # Who may -------------------------------------------------------------------------------------

    def test_a_segment_of_a_company_holds_its_customers_only(self):
        other = self.env["res.company"].create({"name": "Other"})
        here = self._customer(ref="X1", company_id=self.company.id)
        there = self._customer("There", ref="X1", company_id=other.id)
        ours = self._segment("Ours", 1, "[('ref', '=like', 'X%')]", company_id=self.company.id)
        self.assertEqual(here.success_segment_id, ours)
        self.assertEqual(there.success_segment_id, self.standard)
        with self.assertRaisesRegex(ValidationError, "holds customers of"):
            there.success_segment_id = ours
        theirs = self.segments.create({"name": "Theirs", "domain": "[]", "company_id": other.id})
        self.assertNotIn(theirs, self.segments.with_user(self.manager).search([]))

    def test_a_csm_reads_segments_and_does_not_change_them(self):
        segment = self.large.with_user(self.csm)
        self.assertEqual(segment.name, "Large")
        with self.assertRaises(AccessError):
            segment.expected_days = 1000
        with self.assertRaises(AccessError):
            self.segments.with_user(self.csm).create({"name": "Mine", "domain": "[]"})

    def test_only_the_team_sets_a_segment_and_a_csm_only_that_of_its_customers(self):
        customer = self._customer(ref="L1", success_user_id=self.manager.id)
        for user in (self.sales, self.csm):
            with self.subTest(user.login), self.assertRaises(AccessError):
                customer.with_user(user).success_segment_id = self.standard
        customer.with_user(self.lead_csm).success_segment_id = self.standard
        self.assertEqual(customer.success_segment_id, self.standard)

    # Who sets a milder one ----------------------------------------------------------------------

    def _sets(self, segment, user=None, customer=None):
        customer = customer or self._customer(ref="S1")
        customer.with_user(user or self.csm).success_segment_id = segment
        return customer

    def test_a_milder_segment_needs_a_manager(self):
        for vals in (
            {"health_good": 50, "health_watch": 30},
            {"health_watch": 20},
            {"risk_critical": 90},
            {"expected_days": 300},
            {"weights": {"use": 0}},
            {
                "target_ids": [
                    Command.create({"kind": "adoption", "year": 1, "target": 20}),
                ]
            },
        ):
            with self.subTest(vals=vals):
                mild = self._segment("Mild", 90, "[('ref', '=', 'zz')]", **vals)
                if "target_ids" in vals:
                    self.env["customer.success.target"].create(
                        {
                            "kind": "adoption",
                            "year": 1,
                            "target": 70,
                            "segment_id": self.standard.id,
                        }
                    )
                customer = self._customer(ref="S1")
                with self.assertRaisesRegex(UserError, "more mildly than “Standard”"):
                    self._sets(mild, customer=customer)
                self.assertEqual(customer.success_segment_id, self.standard)
                self._sets(mild, self.manager, customer)
                self.assertEqual(customer.success_segment_id, mild)
                customer.success_segment_id = False
                mild.unlink()

    def test_innocents_set_what_is_not_milder(self):
        strict = self._segment("Strict", 90, "[('ref', '=', 'zz')]", health_good=90)
        self.assertEqual(self._sets(strict).success_segment_id, strict)
        same = self._segment("Same", 91, "[('ref', '=', 'zz')]")
        self.assertEqual(self._sets(same).success_segment_id, same)
        self.standard.health_good = 50
        customer = self._sets(same)
        self.assertEqual(self._sets(self.standard, customer=customer), customer)
        self.assertEqual(customer.success_segment_id, self.standard, "the filters choose it")

    def test_cheats_reach_no_milder_segment(self):
        mild = self._segment("Mild", 90, "[('ref', '=', 'zz')]", health_good=50, health_watch=30)
        with self.assertRaisesRegex(UserError, "the usual rules"):
            self._sets(mild, customer=self._customer())
        with self.assertRaisesRegex(UserError, "more mildly"):
            self.env["res.partner"].with_user(self.csm).create(
                {
                    "name": "New",
                    "is_company": True,
                    "ref": "S9",
                    "success_stage_id": self.stages["discover"].id,
                    "success_segment_id": mild.id,
                }
            )
        own = self._customer(ref="S2", success_user_id=self.manager.id)
        with self.assertRaisesRegex(UserError, "not its CSM"):
            self._sets(mild, self.manager, own)
