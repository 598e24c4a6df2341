from lxml import html

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ..common import TODAY, days
from ..years.years_common import YearsCase, month


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSuccessors(YearsCase):
    """Use, trend, renewals and years go on over the change when another product takes the place of one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.later = cls.env["product.product"].create({"name": "Planner Online"})
        cls.customer = cls._customer(success_go_live_date=month(30))

    def _name(self, product=None, successor=None, user=None, date=False):
        """Name the successor as a manager does, in the dialog."""
        dialog = self.env["customer.success.succession"].with_user(user or self.manager)
        action = (product or self.product).with_user(user or self.manager)
        context = action.action_success_name_successor()["context"]
        with Form(dialog.with_context(**context)) as form:
            form.successor_id = self.later if successor is None else successor
            if form.successor_id:
                form.date = date
        form.record.action_name()
        self.env.flush_all()
        return form.record

    def _use(self, first, active, product=None, licensed=100, **vals):
        product = product or self.product
        self._months(self.customer, first, active, licensed, product_id=product.id, **vals)

    def _factor(self, code="use"):
        self.env.invalidate_all()
        score = self._rescore(self.customer)
        return {line["code"]: line for line in score.breakdown["factors"]}.get(code)

    def _trend(self):
        return self._factor("trend")["evidence"]

    def _health(self):
        self._rescore(self.customer)
        self.env.invalidate_all()
        return self.customer.with_user(self.csm).success_health

    # ------------------------------------------------------------------------------------------
    # Innocents
    # ------------------------------------------------------------------------------------------

    def test_innocent_replaced_in_one_step(self):
        self._use(18, [80] * 16 + [0, 0])
        self._use(2, [80, 80], self.later)
        before = self._factor()["evidence"], self._trend()
        for evidence in before:
            self.assertLess(min(value for _product, value in evidence["products"]), 10)
        self._name()
        self.assertEqual(self._trend()["quarter"], 0)
        self.assertEqual(self._trend()["year"], 0)
        evidence = self._factor()["evidence"]
        self.assertEqual((evidence["active"], evidence["licensed"]), (80, 100))
        self.assertNotIn("coming", evidence, "the licences were there before")
        self.assertNotIn("silent_since", evidence)

    def test_innocent_replaced_five_months_ago_is_not_silent(self):
        self._use(20, [90] * 15)
        self._use(5, [90] * 5, self.later)
        self._renewal(self.customer)
        self.assertLess(self._factor()["value"], 100)
        self._name()
        line = self._factor()
        self.assertNotIn("silent_since", line["evidence"])
        self.assertEqual(line["value"], 100)
        self.assertFalse(self.customer.with_user(self.csm).success_is_silent)

    def test_innocent_replaced_over_three_months_in_parallel(self):
        self._use(15, [80] * 12 + [80, 50, 20])
        self._use(3, [10, 40, 75], self.later)
        self._name()
        self.assertEqual(self._trend()["quarter"], 0, "who has not changed yet uses the old one")
        evidence = self._factor()["evidence"]
        self.assertEqual((evidence["active"], evidence["licensed"]), (80, 100))

    def test_innocent_who_use_both_during_the_change_count_once(self):
        self._use(15, [80] * 15)
        self._use(3, [80] * 3, self.later)
        self._name()
        self.assertEqual(self._factor()["evidence"]["active"], 80)
        self.assertEqual(self._trend()["quarter"], 0)

    def test_innocent_sold_under_a_new_name_with_fewer_licences(self):
        self._use(15, [58] * 12)
        self._use(3, [58] * 3, self.later, licensed=60)
        self._name()
        evidence = self._factor()["evidence"]
        self.assertEqual((evidence["active"], evidence["licensed"]), (58, 60))
        self.assertEqual(self._trend()["quarter"], 0)
        self.assertEqual(self._factor()["value"], 100)

    def test_innocent_two_products_into_one(self):
        second = self.env["product.product"].create({"name": "Reporter"})
        self._use(15, [60] * 12, licensed=100)
        self._use(15, [40] * 12, second, licensed=50)
        self._name()
        self._name(second)
        for active, licensed, moved in ((60, 100, 0), (95, 150, 0), (40, 100, -32.3)):
            with self.subTest(active=active), self.cr.savepoint():
                self._use(3, [active] * 3, self.later, licensed=licensed)
                self.assertEqual(self._trend()["quarter"], moved)
                self.assertNotIn("coming", self._factor()["evidence"])
                self.env["customer.success.usage"].search(
                    [("product_id", "=", self.later.id)]
                ).unlink()

    def test_innocent_two_products_beside_each_other_before_the_change(self):
        second = self.env["product.product"].create({"name": "Reporter"})
        self._use(8, [60] * 8)
        self._use(8, [40] * 8, second)
        before = self._factor()["evidence"]
        self._name()
        self._name(second)
        self.assertEqual(self._factor()["evidence"], before, "nobody uses the new one yet")

    def test_innocent_customers_who_have_not_changed_are_scored_as_before(self):
        self._use(8, [80] * 8)
        flags = self.env["customer.success.symptom.flag"]
        before = self._health()
        self._name()
        self.assertEqual(self._health(), before)
        self.assertEqual(self._trend()["quarter"], 0)
        flags._check(self.customer.ids)
        self.assertFalse(flags.search([("product_id", "=", self.later.id)]))

    def test_innocent_measured_weeks_replaced_by_assessed_months(self):
        """The rest of the old one does not stand for the use of the new one."""
        for week in range(30, 3, -1):
            self._usage(self.customer, active=80, when=days(7 * week), period="week")
        for week in (3, 2, 1):
            self._usage(self.customer, active=4, when=days(7 * week), period="week")
        self._use(2, [80, 80], self.later, source="assessed")
        self._name()
        self.assertEqual(self._factor()["evidence"]["active"], 80)
        self.assertGreaterEqual(self._trend()["quarter"], -10)

    def test_innocent_the_old_contract_ended_because_the_product_did(self):
        self._use(15, [80] * 12)
        self._use(3, [80] * 3, self.later)
        self._renewal(self.customer, product_id=self.later.id)
        self._renewal(self.customer, outcome="churned", date_start=days(395), date_renewal=days(30))
        self._name()
        self.assertEqual(self._factor()["evidence"]["active"], 80)

    def test_a_chain_of_three(self):
        third = self.env["product.product"].create({"name": "Planner Cloud"})
        self._use(18, [80] * 12)
        self._use(6, [80] * 3, self.later)
        self._use(3, [80] * 3, third)
        self._name()
        self._name(self.later, third)
        self.assertEqual(self._trend()["quarter"], 0)
        self.assertEqual(self._trend()["year"], 0)
        self.assertEqual(self._factor()["evidence"]["licensed"], 100)

    def test_a_chain_whose_middle_the_customer_never_used(self):
        third = self.env["product.product"].create({"name": "Planner Cloud"})
        self._use(15, [80] * 12)
        self._use(3, [80] * 3, third)
        self._name()
        self._name(self.later, third)
        self.assertEqual(self._trend()["quarter"], 0)

    # ------------------------------------------------------------------------------------------
    # What is bad stays bad
    # ------------------------------------------------------------------------------------------

    def test_users_who_were_lost_in_the_change_are_seen(self):
        self._use(15, [80] * 12)
        self._use(3, [30] * 3, self.later)
        self._name()
        self.assertLess(self._trend()["quarter"], -55)
        self.assertEqual(self._factor()["evidence"]["active"], 30)

    def test_cheat_the_old_one_does_not_stand_for_a_new_one_that_few_use(self):
        """After the change is over, what is left of the old one is not added."""
        self._use(20, [80] * 20)
        self._use(12, [30] * 12, self.later)
        self._name()
        self.assertEqual(self._factor()["evidence"]["active"], 80, "the larger of both")
        self.env["customer.success.usage"].search(
            [("product_id", "=", self.product.id), ("date", ">=", month(8))]
        ).unlink()
        self.assertEqual(self._factor()["evidence"]["active"], 30)

    def test_cheat_a_new_one_that_goes_silent_is_silent(self):
        self._use(24, [90] * 12)
        self._use(12, [90] * 5, self.later)
        self._name()
        self.assertIn("silent_since", self._factor()["evidence"])

    def test_cheat_a_csm_names_no_successor_for_a_silent_product(self):
        self._use(24, [80] * 12)
        self._use(12, [90] * 12, self.later)
        self._renewal(self.customer)
        silent = self._factor()["evidence"]
        self.assertEqual(len(silent["products"]), 2)
        keeper = new_test_user(
            self.env, "keeper", "customer_success.group_success_user,product.group_product_manager"
        )
        for user in (self.csm, self.lead_csm, self.sales, keeper):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self._name(user=user)
                with self.assertRaises(AccessError):
                    self.product.with_user(user).success_successor_id = self.later
                with self.assertRaises(AccessError):
                    self.env["product.product"].with_user(user).create(
                        {"name": "Third", "success_successor_id": self.later.id}
                    )
        with self.assertRaises(AccessError):
            self.product.with_user(self.manager).name = "A manager here changes no products"
        self.assertEqual(self._factor()["evidence"], silent)

    def test_cheat_naming_is_kept_with_its_author(self):
        product = self.product.with_context(tracking_disable=False)
        self._use(8, [80] * 8)
        self.cr.precommit.run()  # the product is not new
        self.env["customer.success.succession"].with_user(self.manager).with_context(
            tracking_disable=False
        ).create({"product_id": product.id, "successor_id": self.later.id}).action_name()
        self.env.flush_all()
        self.cr.precommit.run()
        self.env.invalidate_all()
        message = product.message_ids[0]
        self.assertEqual(message.author_id, self.manager.partner_id)
        self.assertEqual(message.sudo().tracking_value_ids[0].new_value_char, "Planner Online")

    def test_cheat_a_lower_target_of_the_old_one_is_replaced_by_one_of_the_new_one(self):
        uses = self.env["customer.success.intended.use"]
        uses.create({"product_id": self.product.id, "adoption": 40})
        self._use(15, [50] * 12)
        self._use(3, [50] * 3, self.later)
        self._name()
        self.assertEqual(self._factor()["evidence"]["target"], 40, "nothing else was said")
        own = uses.create({"product_id": self.later.id, "adoption": 90})
        self.assertEqual(self._factor()["evidence"]["target"], 90)
        uses.create({"product_id": self.product.id, "partner_id": self.customer.id, "adoption": 95})
        self.assertEqual(self._factor()["evidence"]["target"], 95, "the customer's own")
        own.unlink()

    def test_loops_and_other_companies_are_refused_in_words(self):
        self._name()
        with self.assertRaisesRegex(ValidationError, "cannot take its own place"):
            self._name(self.later, self.product)
        with self.assertRaisesRegex(ValidationError, "cannot take its own place"):
            self.product.sudo().success_successor_id = self.product
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self.env["product.product"].create(
            {"name": "Foreign", "company_id": elsewhere.id}
        )
        self.later.company_id = self.company
        with self.assertRaises(UserError):
            self.later.sudo().success_successor_id = foreign
        with self.assertRaises(UserError):
            self.later.company_id = elsewhere
            self.product.company_id = self.company

    # ------------------------------------------------------------------------------------------
    # What else reads use
    # ------------------------------------------------------------------------------------------

    def test_a_renewal_of_either_product_reads_the_use_of_both(self):
        self._use(15, [80] * 12)
        self._use(3, [40] * 3, self.later)
        old = self._renewal(self.customer)
        new = self._renewal(self.customer, product_id=self.later.id)
        self._rescore(self.customer)
        before = old.contraction_risk
        self._name()
        self._rescore(self.customer)
        self.env.invalidate_all()
        self.assertEqual(old.contraction_risk, new.contraction_risk)
        self.assertGreater(new.contraction_risk, before)
        self.assertEqual(old.score_id.breakdown["seats"]["active"], 40)

    def test_a_renewal_of_the_new_name_reads_the_use_of_the_old_one_until_it_is_used(self):
        self._use(8, [40] * 8)
        renewal = self._renewal(self.customer, product_id=self.later.id)
        self._rescore(self.customer)
        self.assertFalse(renewal.contraction_risk)
        self._name()
        self._rescore(self.customer)
        self.env.invalidate_all()
        self.assertEqual(renewal.score_id.breakdown["seats"]["active"], 40)

    def test_symptoms_move_to_the_successor(self):
        flags = self.env["customer.success.symptom.flag"]
        self._use(8, [10] * 7)
        flags._check(self.customer.ids)
        old = self.customer.success_symptom_flag_ids
        self.assertEqual(old.product_id, self.product)
        self._use(1, [9], self.later)
        self._name()
        flags._check(self.customer.ids)
        self.env.invalidate_all()
        self.assertTrue(old.date_to)
        self.assertEqual(self.customer.success_symptom_flag_ids.product_id, self.later)

    def test_years_keep_the_use_over_the_change(self):
        self._use(30, [80] * 24)
        self._use(6, [80] * 6, self.later)
        self.assertFalse(self._year(self.customer, 3).sustain)
        self._name()
        self.assertEqual(self._year(self.customer, 3).sustain, 100)
        self.assertEqual(self._year(self.customer, 3).adoption, 80)

    def test_a_target_of_the_old_product_holds_for_the_new_one(self):
        self._target(product_id=self.product.id, target=90)
        self._use(30, [80] * 24)
        self._use(6, [80] * 6, self.later)
        self._name()
        year = self._year(self.customer, 3, self.later)
        self.assertEqual((year.adoption, year.adoption_target), (80, 90))

    def test_the_chart_goes_on_over_the_change(self):
        self._use(6, [80, 80, 80, 50, 20])
        self._use(3, [40, 75, 90], self.later)
        self._name()
        self._rescore(self.customer)
        charts = self.customer.with_user(self.csm).success_usage_chart["products"]
        self.assertEqual([one["name"] for one in charts], ["Planner Online, formerly Planner"])
        self.assertEqual([line[2] for line in charts[0]["months"][:6]], [80, 80, 80, 80, 80, 90])
        self.assertNotIn(self.product, self.customer.with_user(self.csm)._success_products())

    def test_a_mark_of_the_old_one_that_work_needs_it_holds_for_the_new_one(self):
        self.env["customer.success.intended.use"].create(
            {"product_id": self.product.id, "forced_use": "yes"}
        )
        self._use(15, [95] * 12)
        self._use(3, [95] * 3, self.later)
        self._name()
        self.assertIsNone(self._factor())
        self.assertIn(
            "Work cannot be done without Planner Online",
            str(self.customer.with_user(self.csm).success_attention),
        )

    # ------------------------------------------------------------------------------------------
    # When it counts, and what people see
    # ------------------------------------------------------------------------------------------

    def test_it_counts_at_once_or_from_its_day_on(self):
        self._use(15, [80] * 12 + [0] * 3)
        self._use(3, [80] * 3, self.later)
        self._factor()
        requests = self.env["customer.success.score.request"]
        requests.search([]).unlink()
        self._name(date=days(-10))
        self.assertIn(self.customer, requests.search([]).partner_id)
        self.assertIn("products", self._trend())
        fingerprint = self.customer.success_score_id.fingerprint
        with freeze_time(days(-10)):
            self.assertEqual(self._trend()["quarter"], 0)
            self.assertNotEqual(self.customer.success_score_id.fingerprint, fingerprint)
            self._name(successor=self.env["product.product"])
            self.assertIn("products", self._trend())

    def test_the_dialog_says_what_it_changes_and_what_is_odd(self):
        dialog = self.env["customer.success.succession"].with_user(self.manager)
        self._use(15, [80] * 12)
        one = dialog.create({"product_id": self.product.id, "successor_id": self.later.id})
        self.assertIn("Nobody uses Planner Online yet.", one.warning)
        self.assertIn("the intended use of [PLANNER] Planner counts", one.warning)
        self._use(3, [80] * 3, self.later)
        self._renewal(self.customer, product_id=self.later.id)
        self.env["customer.success.intended.use"].create(
            {"product_id": self.later.id, "adoption": 90}
        )
        one = dialog.create({"product_id": self.product.id, "successor_id": self.later.id})
        self.assertFalse(one.warning)
        self.assertIn("read as one product: 1.", one.effect)

    def test_an_archived_product_stays_readable(self):
        self._use(15, [80] * 12)
        self._use(3, [80] * 3, self.later)
        renewal = self._renewal(self.customer)
        self._name()
        self.product.active = False
        self.env.invalidate_all()
        self.assertEqual(self._trend()["quarter"], 0)
        mine = renewal.with_user(self.csm)
        self.assertIn("Planner", mine.display_name)
        self.assertEqual(mine.product_id.name, "Planner")
        usage = self.env["customer.success.usage"].with_user(self.csm)
        found = usage._read_group(
            [("partner_id", "=", self.customer.id)], ["product_id"], ["__count"]
        )
        self.assertEqual(dict(found)[self.product], 12)
        products = self.env["product.product"].with_user(self.csm).with_context(active_test=False)
        self.assertIn(self.product, products.search([("success_has_customers", "=", True)]))
        self.assertEqual(self.later.with_user(self.csm).success_predecessor_ids, self.product)
        with self.assertRaises(AccessError):
            self._name(user=self.csm)

    def test_a_manager_finds_the_dialog_on_the_product_and_a_csm_reads_the_successor(self):
        self._name()
        products = self.env["product.product"]
        for user, buttons in ((self.manager, 1), (self.csm, 0)):
            arch = products.with_user(user).get_view(
                self.env.ref("product.product_normal_form_view").id, "form"
            )["arch"]
            tree = html.fromstring(arch)
            found = tree.xpath("//button[@name='action_success_name_successor']")
            self.assertEqual(len(found), buttons)
            self.assertTrue(tree.xpath("//field[@name='success_successor_id']"))
