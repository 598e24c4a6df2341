from odoo.tests import freeze_time, tagged

from ..common import AS_INTENDED, TODAY, SuccessCase, days

BAD = dict.fromkeys(AS_INTENDED, 10)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSilence(SuccessCase):
    """Each figure is silent by itself: what was bad and stopped never reads better, whatever else goes on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(1500))
        cls._barrier(cls.customer, "1", date_opened=days(400))
        cls.other = cls.env["product.product"].create({"name": "Reporter"})

    def _months(self, *figures, until=0, product=None, **vals):
        """Record monthly use ``(licensed, active)``; the last pair is that of so many months before May 2026."""
        for number, (licensed, active) in enumerate(reversed(figures)):
            year, month = divmod(2026 * 12 + 4 - until - number, 12)
            self._usage(
                self.customer,
                licensed,
                active,
                when=f"{year}-{month + 1:02}-01",
                product_id=(product or self.product).id,
                **vals,
            )

    def _say(self, licensed=None, active=None, when=None, **vals):
        """Record use as a CSM says it."""
        return (
            self.env["customer.success.usage"]
            .with_user(self.csm)
            .create(
                {
                    "partner_id": self.customer.id,
                    "product_id": self.product.id,
                    "date": when or days(14),
                    "source": "assessed",
                    "licensed_users": False if licensed is None else licensed,
                    "active_users": False if active is None else active,
                    **vals,
                }
            )
        )

    def _score(self):
        self.env.invalidate_all()
        return self._rescore(self.customer)

    def _read(self):
        """Return health, risk and value at risk."""
        score = self._score()
        return score.health, score.renewal_risk, score.value_at_risk

    def _factor(self, code="use"):
        return {line["code"]: line for line in self._score().breakdown["factors"]}[code]

    def _words(self):
        self._score()
        return str(self.customer.with_user(self.csm).success_explanation)

    def _flags(self):
        self.env["customer.success.symptom.flag"]._check(self.customer.ids)
        self.env.invalidate_all()
        return self.customer.success_symptom_flag_ids

    def _assert_not_better(self, after, before):
        """Assert that the scores after are not better than those before; unknown is better than bad."""
        self.assertTrue(before[0])
        self.assertTrue(after[0], "the health is still known")
        self.assertLessEqual(after[0], before[0])
        self.assertGreaterEqual(after[1], before[1])
        self.assertGreaterEqual(after[2], before[2])

    def _as_if_it_went_on(self, **said):
        """Return the scores with the same statements, had the bad figures not stopped."""
        usages = self.env["customer.success.usage"]
        kept = usages.search([("partner_id", "=", self.customer.id)])
        self._usage(self.customer, 100, 12, when="2026-05-01")
        read = self._read()
        (usages.search([("partner_id", "=", self.customer.id)]) - kept).unlink()
        return read

    # ------------------------------------------------------------------------------------------
    # The number of users stops while something else goes on
    # ------------------------------------------------------------------------------------------

    def test_a_good_degree_does_not_hide_users_that_stopped(self):
        self._renewal(self.customer)
        self._months(*[(100, 12)] * 8, until=4)
        self._say(as_intended=100)
        self._assert_not_better(self._read(), self._as_if_it_went_on())
        evidence = self._factor()["evidence"]
        self.assertEqual((evidence["active"], evidence["licensed"]), (12, 100))
        self.assertIn("No new number of users since the period from 01/01/2026", self._words())

    def test_licences_alone_do_not_hide_users_that_stopped(self):
        self._renewal(self.customer)
        self._months(*[(100, 12)] * 8, until=6)
        before = self._read()
        self._usage(self.customer, 100, None)
        self._assert_not_better(self._read(), before)
        self.assertIn("since the period from 11/01/2025", self._words())
        self.assertTrue(self.customer.with_user(self.csm).success_is_silent)

    def test_other_inputs_that_do_not_hide_users_that_stopped(self):
        self._renewal(self.customer)
        self._months(*[(100, 12)] * 8, until=6)
        before = self._read()
        usages = self.env["customer.success.usage"]
        for name, entry in {
            "licences a CSM says": lambda: self._say(100),
            "fewer licences a CSM says": lambda: self._say(12),
            "more users a CSM says": lambda: self._say(100, 95),
            "a row without figures": lambda: self._usage(self.customer, None, None),
            "weeks of licences": lambda: self._usage(self.customer, 100, None, period="week"),
            "another product with licences only": lambda: self._usage(
                self.customer, 100, None, product_id=self.other.id
            ),
        }.items():
            with self.subTest(name):
                entry()
                read = self._read()
                if "another product" not in name:
                    self._assert_not_better(read, before)
                self.assertLess(self._factor()["value"], 20)
                usages.search(
                    [("partner_id", "=", self.customer.id), ("date", ">", days(60))]
                ).unlink()

    # ------------------------------------------------------------------------------------------
    # A stated 0 ends nothing
    # ------------------------------------------------------------------------------------------

    def test_a_stated_0_does_not_end_a_product_whose_renewal_is_pending(self):
        renewal = self._renewal(self.customer)
        self._months(*[(100, 12)] * 8, until=6)
        before = self._read()
        self._say(0, 0)
        self._assert_not_better(self._read(), before)
        renewal.product_id = False
        self._assert_not_better(self._read(), before)

    def test_other_stated_zeros_end_nothing(self):
        self._renewal(self.customer)
        self._months(*[(100, 12)] * 8, until=6)
        before = self._read()
        for licensed, active, more in (
            (0, None, {}),
            (0, 12, {}),
            (0, 0, {"when": days(0)}),
            (0, 0, {"period": "week"}),
            (0, None, {"when": days(170)}),
        ):
            with self.subTest(licensed=licensed, active=active, **more):
                usage = self._say(licensed, active, **more)
                self._assert_not_better(self._read(), before)
                usage.sudo().unlink()

    def test_innocent_a_stated_0_ends_a_product_without_a_renewal(self):
        self._months(*[(100, 90)] * 8, product=self.other)
        alone = self._factor()["value"]
        self._renewal(self.customer, product_id=self.other.id)
        self._months(*[(100, 12)] * 8, until=6)
        self.assertLess(self._factor()["value"], alone)
        self._say(0, 0)
        self.assertEqual(self._factor()["value"], alone)

    # ------------------------------------------------------------------------------------------
    # Degrees stop while log-ins go on
    # ------------------------------------------------------------------------------------------

    def test_never_asking_again_does_not_pay(self):
        self._renewal(self.customer)
        self._months(*[(100, 95)] * 14)
        said = self._usage(self.customer, None, None, when=days(100), source="assessed", **BAD)
        before = self._read()
        flags = self._flags()
        self.assertEqual(len(flags), 4)
        said.date = days(160)
        self._assert_not_better(self._read(), before)
        self.assertEqual(self._flags(), flags)
        self.assertIn("nothing new since the period from 01/01/2026", self._words())
        self.assertIn("to ask: as intended", self._words())

    def test_each_degree_is_silent_by_itself(self):
        self._months(*[(100, 95)] * 14)
        for degree in self._each(AS_INTENDED):
            with self.subTest(degree):
                said = self._usage(
                    self.customer, None, None, when=days(40), source="assessed", **{degree: 10}
                )
                before = self._factor()["value"]
                said.date = days(500)
                self.assertLess(self._factor()["value"], before)
                self.assertEqual(list(self._factor()["evidence"]["stopped"]), [degree])
                said.unlink()

    def test_an_old_degree_shows_no_new_symptom(self):
        self._months(*[(100, 95)] * 14)
        self._usage(self.customer, None, None, when=days(160), source="assessed", **BAD)
        self.assertFalse(self._flags())

    def test_who_is_asked_again_and_is_better_is_better(self):
        self._months(*[(100, 95)] * 14)
        self._usage(self.customer, None, None, when=days(160), source="assessed", **BAD)
        before = self._factor()["value"]
        self._say(**dict(AS_INTENDED))
        line = self._factor()
        self.assertGreater(line["value"], before + 50)
        self.assertNotIn("stopped", line["evidence"])

    # ------------------------------------------------------------------------------------------
    # One source of two stops
    # ------------------------------------------------------------------------------------------

    def test_a_measured_degree_that_stopped_is_not_talked_away(self):
        self._months(*[(100, 95)] * 14)
        self.env["customer.success.usage"].search(
            [("partner_id", "=", self.customer.id), ("date", "=", "2025-12-01")]
        ).quality = 10
        before = self._factor()["value"]
        self._say(quality=100)
        self.assertLessEqual(self._factor()["value"], before)
        self.assertIn("nothing new since the period from 12/01/2025", self._words())

    def test_innocent_whose_measuring_ended_and_who_is_asked_instead(self):
        self._months(*[(100, 90)] * 14, until=6)
        self._say(100, 95)
        line = self._factor()
        self.assertEqual(line["value"], 100)
        self.assertNotIn("silent_since", line["evidence"])

    def test_innocent_a_year_after_measuring_ended_what_people_say_counts(self):
        self._months((100, 12), until=14)
        self._say(100, 90)
        self.assertEqual(self._factor()["value"], 100)

    def test_a_worse_figure_counts_at_once(self):
        self._months(*[(100, 90)] * 8, until=6)
        self._say(100, 30)
        self.assertLess(self._factor()["value"], 40)

    # ------------------------------------------------------------------------------------------
    # A product that was replaced in fact
    # ------------------------------------------------------------------------------------------

    def _replaced(self, overlap=0, active=90, licensed=100, **vals):
        """Record a product that ended in December, and another one that began then; return use and silence."""
        self._months(*[(100, 90)] * 12, until=5)
        self._months(*[(licensed, active)] * (5 + overlap), product=self.other, **vals)
        value = self._factor()["value"]
        return value, self.customer.with_user(self.csm).success_is_silent

    def test_innocent_who_replaced_a_product_and_recorded_nothing(self):
        self.assertEqual(self._replaced(), (100, False))

    def test_innocent_whose_next_term_is_of_the_new_product(self):
        ended = self._renewal(self.customer, date_start=days(500), date_renewal=days(135))
        ended.write({"outcome": "renewed", "date_outcome": days(140)})
        self.env["customer.success.renewal"].search(
            [("partner_id", "=", self.customer.id), ("outcome", "=", "pending")]
        ).product_id = self.other
        self.assertEqual(self._replaced(), (100, False))

    def test_other_innocents_who_replaced_a_product(self):
        for name, vals in {
            "both for a month": {"overlap": 1},
            "three months later": {"overlap": -2},
            "assessed": {"source": "assessed"},
            "more licences": {"licensed": 110},
            "fewer use the new one": {"active": 80},
        }.items():
            with self.subTest(name):
                self.assertEqual(self._replaced(**vals), (100, False))
                self.customer.success_usage_ids.unlink()

    def test_innocent_whose_product_is_no_longer_sold(self):
        self._months(*[(100, 90)] * 20, product=self.other)
        self._months(*[(100, 90)] * 12, until=5)
        self.assertLess(self._factor()["value"], 100)
        self.product.active = False
        self.assertEqual(self._factor()["value"], 100)

    def test_cheats_that_replace_nothing(self):
        for name, vals in {
            "a small one": {"active": 20, "licensed": 20},
            "one that was there before": {"overlap": 4},
            "one that came much later": {"overlap": -4},
        }.items():
            with self.subTest(name):
                value, is_silent = self._replaced(**vals)
                self.assertLess(value, 100)
                self.assertTrue(is_silent)
                self.customer.success_usage_ids.unlink()

    def test_cheat_a_product_whose_renewal_is_pending_is_not_replaced(self):
        self._renewal(self.customer)
        value, is_silent = self._replaced()
        self.assertLess(value, 100)
        self.assertTrue(is_silent)
        attention = self.customer.with_user(self.csm).success_attention
        self.assertIn("when Reporter began", str(attention))

    # ------------------------------------------------------------------------------------------
    # Innocents
    # ------------------------------------------------------------------------------------------

    def test_innocent_good_degrees_fade_and_accuse_nobody(self):
        self._months(*[(100, 95)] * 14)
        said = self._usage(
            self.customer, None, None, when=days(40), source="assessed", **AS_INTENDED
        )
        values = [self._factor()["value"]]
        for age in (130, 200, 300, 400):
            said.date = days(age)
            values.append(self._factor()["value"])
        self.assertEqual(values, sorted(values, reverse=True))
        self.assertGreater(values[-1], 60)
        self.assertFalse(self._flags())

    def test_innocent_whose_licences_are_counted_once_a_year(self):
        self._usage(self.customer, 100, None, when=days(330))
        self._months(*[(None, 90)] * 8)
        line = self._factor()
        self.assertEqual(line["value"], 100)
        self.assertNotIn("silent_since", line["evidence"])
        self.assertIn("The number of licences is that of the period from 07/01/2025", self._words())

    def test_innocent_whose_running_month_has_begun(self):
        self._months(*[(100, 90)] * 8)
        self._usage(self.customer, 100, 8, when="2026-06-01")
        self.assertEqual(self._factor()["value"], 100)

    def test_innocent_who_is_asked_one_degree_a_quarter(self):
        self._months(*[(100, 95)] * 14)
        for number, degree in enumerate(AS_INTENDED):
            self._usage(
                self.customer,
                None,
                None,
                when=days(30 + 30 * (number // 2)),
                source="assessed",
                period="week" if number % 2 else "month",
                **{degree: 100},
            )
        line = self._factor()
        self.assertEqual(line["value"], 100)
        self.assertNotIn("stopped", line["evidence"])

    def test_the_fingerprint_rests_once_everything_has_faded(self):
        self.customer.success_stage_date = days(1000)
        self._months(*[(100, 95)] * 3, until=20)
        self._usage(self.customer, None, None, when=days(700), source="assessed", **BAD)
        fingerprint = self._score().fingerprint
        with freeze_time(days(-30)):
            self.assertEqual(self._score().fingerprint, fingerprint)

    # ------------------------------------------------------------------------------------------
    # Cheats
    # ------------------------------------------------------------------------------------------

    def test_cheat_a_new_source_makes_no_new_trend(self):
        self._months(*[(100, 80)] * 12, *[(100, 30)] * 3, until=5)
        before = self._factor("trend")["value"]
        self.assertLess(before, 40)
        self._months(*[(100, 90)] * 2, source="assessed")
        self.assertLessEqual(self._factor("trend")["value"], before)

    def test_cheat_a_measured_degree_keeps_only_the_good_ones_going(self):
        self._months(*[(100, 95)] * 14, as_intended=90, quality=10)
        self.env["customer.success.usage"].search(
            [("partner_id", "=", self.customer.id), ("date", ">", days(150))]
        ).quality = False
        before = self._factor()["value"]
        self.assertLess(before, 80)
        self.assertIn("stopped", self._factor()["evidence"])

    def test_cheat_waiting_for_everything_to_be_old(self):
        self._renewal(self.customer, date_renewal=days(-800))
        self._months(*[(100, 12)] * 8)
        self._say(**BAD)
        before = self._read()
        for age in (120, 200, 400, 700):
            with freeze_time(days(-age)), self.subTest(age=age):
                self._assert_not_better(self._read(), before)
