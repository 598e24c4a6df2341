from datetime import timedelta

from odoo.tests import freeze_time, tagged

from ..common import AS_INTENDED, TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestExpansion(SuccessCase):
    """The expansion likelihood: what raises and lowers it, what it learns from, and that it makes nobody sell too early."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.versions = cls.env["customer.success.risk.version"]
        cls.customer = cls._customer()
        cls.renewal = cls._renewal(cls.customer)

    def _likelihood(self, renewal=None):
        renewal = renewal or self.renewal
        self._rescore(renewal.partner_id)
        return renewal.with_user(self.csm).expansion_likelihood

    def _at(self, active, **vals):
        customer = self._customer(f"With {active} {vals}")
        self._usage(customer, active=active, **vals)
        return self._renewal(customer)

    def test_who_is_unknown_expands_as_often_as_experts_say(self):
        self._leave_out("trend", "barriers", "advisor", "progress", "value", "plan")
        likelihood = self._likelihood()
        chance = self.renewal.score_id.breakdown["expansion"]["chance"]
        self.assertEqual(chance, 10.0)
        self.assertAlmostEqual(likelihood, (100 - self.renewal.churn_risk) * 0.1, delta=0.06)

    def test_the_lines_add_up(self):
        self._usage(self.customer, active=97, **AS_INTENDED)
        self._barrier(self.customer, "3")
        self._likelihood()
        known = self.renewal.score_id.breakdown["expansion"]
        lines = self.env["customer.success.explanation"]._expansion_lines(known)
        self.assertAlmostEqual(sum(lines.values()), known["chance"], places=6)
        self.assertEqual(set(lines), {"base", "expand_seats", "expand_health", "expand_blocked"})
        said = str(self.renewal.with_user(self.csm).explanation)
        self.assertIn("Expansion: seats in use", said)
        self.assertIn(f"{self.renewal.expansion_likelihood:.1f}", said)

    def test_seats_nearly_all_in_use_raise_it(self):
        found = [self._likelihood(self._at(active)) for active in (10, 60, 90, 100)]
        self.assertEqual(found, sorted(found))
        self.assertGreater(found[-1], 2 * found[1])

    def test_use_that_rises_raises_it(self):
        def rising(before):
            renewal = self._at(80)
            for number in range(2, 8):
                active = before if number > 3 else 80
                self._usage(renewal.partner_id, active=active, when=days(30 * number))
            return self._likelihood(renewal)

        self.assertGreater(rising(40), rising(80))

    def test_a_critical_barrier_lowers_it(self):
        self._usage(self.customer, active=95, **AS_INTENDED)
        self._likelihood()
        before = self.renewal.score_id.breakdown["expansion"]["chance"]
        barrier = self._barrier(self.customer, "3")
        self._likelihood()
        blocked = self.renewal.score_id.breakdown["expansion"]["chance"]
        self.assertLess(blocked, before * 0.6)
        barrier.severity = "2"
        self._likelihood()
        self.assertGreater(self.renewal.score_id.breakdown["expansion"]["chance"], blocked)

    def test_the_three_ends_never_exceed_a_hundred(self):
        for active in (2, 50, 100):
            renewal = self._at(active)
            likelihood = self._likelihood(renewal)
            total = renewal.churn_risk + renewal.contraction_risk + likelihood
            self.assertLessEqual(total, 100.05)

    def test_nobody_expands_after_a_notice(self):
        self._usage(self.customer, active=100, **AS_INTENDED)
        before = self._likelihood()
        self.assertGreater(before, 5)
        self.renewal.write({"notice_given_on": TODAY, "notice_kind": "reduce", "notice_seats": 40})
        self.assertEqual(self._likelihood(), 0)
        self.renewal.write({"notice_kind": "end", "notice_seats": 0})
        self.assertLess(self._likelihood(), 0.5)

    def test_it_is_no_reason_to_sell_at_a_customer_at_risk(self):
        """Full seats at a customer about to leave: the likelihood is low, the form says so, and sales still asks first."""
        self._usage(self.customer, active=100)
        for _number in range(3):
            self._barrier(self.customer, "3", authority="none", date_opened=days(180))
        self.renewal.write({"date_renewal": days(5), "date_start": days(95)})
        likelihood = self._likelihood()
        self.assertIn(self.renewal.risk_band, ("high", "critical"))
        self.assertLess(likelihood, 10)
        self.assertIn("secure the renewal first", str(self.renewal.with_user(self.csm).explanation))
        lead = self.env["crm.lead"].create(
            {
                "name": "More",
                "type": "opportunity",
                "partner_id": self.customer.id,
                "success_kind": "upsell",
            }
        )
        self.assertEqual(lead.with_user(self.sales).success_risk_band, self.renewal.risk_band)

    def test_without_the_factor_there_is_no_likelihood(self):
        self._leave_out("expand")
        self.assertIs(self._likelihood(), False)
        self.assertNotIn("Expansion", str(self.renewal.explanation))

    # ------------------------------------------------------------------------------------------
    # Learning
    # ------------------------------------------------------------------------------------------

    def _end(self, number, expands, found, outcome="expanded"):
        """End renewals, one each day, of which ``expands(n)`` says whether the customer bought more."""
        ended = self.env["customer.success.renewal"]
        for index in range(number):
            decided = days(400 - index)
            renewal = self._renewal(
                self._customer(f"Ended {index}"),
                date_start=decided - timedelta(365),
                date_renewal=decided,
            )
            self.env["customer.success.checkpoint"].create(
                {
                    "renewal_id": renewal.id,
                    "horizon": 90,
                    "date": decided - timedelta(90),
                    "breakdown": {"found": {}, "expansion": {"found": found(index)}},
                }
            )
            vals = {"outcome": "churned" if index % 6 == 5 else "renewed"}
            if vals["outcome"] == "renewed" and expands(index):
                vals = {"outcome": outcome}
                if outcome == "expanded":
                    vals |= {"renewed_value": 15000, "renewed_seats": 120}
            renewal.write({**vals, "date_outcome": decided})
            ended |= renewal
        return ended

    def test_it_learns_from_renewals_that_expanded(self):
        """Here seats decide nearly alone, and half of all expand."""
        self._end(
            96, expands=lambda n: n % 2 == 0, found=lambda n: {"expand_seats": 1.0 - 2 * (n % 2)}
        )
        version = self.versions._learn()
        self.assertGreater(version.coefficients["expand"], -2.0)
        self.assertGreater(version.coefficients["expand_seats"], 0.8)
        self.assertLessEqual(version.coefficients["expand_blocked"], 0)
        cases = self.versions._expansion_cases()
        self.assertEqual(len(cases), 80, "who left is no case")

    def test_the_churn_risk_does_not_learn_from_it(self):
        self._end(
            96, expands=lambda n: n % 2 == 0, found=lambda n: {"expand_seats": 1.0 - 2 * (n % 2)}
        )
        leaving, _shrinking = self.versions._cases()
        self.assertFalse(any("expand_seats" in case.features for case in leaving))

    def test_upsells_won_in_the_term_count(self):
        ended = self._end(6, expands=lambda n: False, found=lambda n: {})
        self.assertFalse(any(case.happened for case in self.versions._expansion_cases()))
        leads = self.env["crm.lead"].with_user(self.sales)

        def sell(renewal, day, kind="upsell", win=True, **vals):
            lead = leads.create(
                {
                    "name": "More",
                    "type": "opportunity",
                    "partner_id": renewal.partner_id.id,
                    "success_kind": kind,
                    "user_id": self.sales.id,
                    **vals,
                }
            )
            with freeze_time(day):
                if win:
                    lead.action_set_won()
            return lead

        in_time, early, open_one, plain, abroad = ended[:5]
        sell(in_time, in_time.date_renewal - timedelta(30))
        sell(early, early.date_renewal - timedelta(200))
        sell(open_one, open_one.date_renewal - timedelta(30), win=False)
        sell(plain, plain.date_renewal - timedelta(30), kind=False)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        lead = sell(abroad, abroad.date_renewal - timedelta(30))
        lead.sudo().write({"user_id": False, "team_id": False, "company_id": company.id})
        self.env.flush_all()
        happened = {case.renewal for case in self.versions._expansion_cases() if case.happened}
        self.assertEqual(happened, {in_time.id})

    def test_checkpoints_from_before_there_was_this_model_teach_what_they_know(self):
        [renewal] = self._end(1, expands=lambda n: True, found=lambda n: {})
        checkpoint = renewal.checkpoint_ids
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_success_checkpoint SET breakdown = %s WHERE id = %s",
            [
                '{"found": {"trend": 0.5}, "seats": {"bought": 100, "year": 90}, "health": 80}',
                checkpoint.id,
            ],
        )
        [case] = self.versions._expansion_cases()
        self.assertEqual(
            case.features, {"expand_seats": 0.5, "expand_health": 1.0, "expand_trend": 0.5}
        )
        self.assertTrue(case.happened)

    def test_a_checkpoint_keeps_what_was_known(self):
        self._usage(self.customer, active=95)
        self.renewal.date_renewal = days(-85)
        checkpoints = self.env["customer.success.checkpoint"]
        taken = checkpoints._take([(self.renewal.id, 90)])
        self.assertIn("expand_seats", taken.breakdown["expansion"]["found"])
