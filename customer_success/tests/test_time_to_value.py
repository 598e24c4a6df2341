from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTimeToValue(SuccessCase):
    """The days from go-live to the first result and to the full value (S27)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(400))
        cls.contact = cls._contact(cls.customer)

    def _objective(self, customer=None, start=390, confirmed=None, **vals):
        customer = customer or self.customer
        contact = self.contact if customer == self.customer else self._contact(customer, "Ben")
        if confirmed is not None:
            vals |= {"state": "confirmed", "confirmed_date": days(confirmed)}
        return (
            self.env["customer.success.objective"]
            .with_user(self.csm)
            .create(
                {
                    "name": "Orders the same day",
                    "partner_id": customer.id,
                    "confirmed_by_id": contact.id,
                    "evidence": "Mail",
                    "date_start": days(start),
                    **vals,
                }
            )
        )

    def _times(self, customer=None):
        customer = (customer or self.customer).with_user(self.csm)
        return customer.success_days_to_value, customer.success_days_to_full_value

    def _attention(self):
        self.env.invalidate_all()
        return str(self.customer.with_user(self.csm).success_attention)

    def test_s27_first_and_full_value_are_counted_from_go_live(self):
        self.assertEqual(self._times(), (False, False))
        self._objective(confirmed=300)
        self.assertEqual(self._times(), (100, False), "a short-term result is not the full value")
        goal = self._objective(horizon="long", baseline=0, target=10, unit="days", actual=10)
        self.assertEqual(self._times(), (100, False))
        goal.write({"state": "confirmed", "confirmed_date": days(100)})
        self.assertEqual(self._times(), (100, 300))

    def test_s27_customers_are_compared_by_segment_and_by_the_year_of_go_live(self):
        large, small = self.env["customer.success.segment"].create(
            [{"name": name, "domain": "[('id', '=', 0)]"} for name in ("Large", "Small")]
        )
        self.customer.success_segment_id = large
        others = [
            self._customer(name, success_go_live_date=day, success_segment_id=segment.id)
            for name, day, segment in (("B", days(390), large), ("C", days(100), small))
        ]
        silent = self._customer("D", success_go_live_date=days(390), success_segment_id=large.id)
        for customer, confirmed in zip((self.customer, *others), (300, 270, 50)):
            self._objective(customer, start=100, confirmed=confirmed)
        own = [("id", "in", (self.customer | others[0] | others[1] | silent).ids)]
        partners = self.env["res.partner"].with_user(self.csm)
        by_segment = dict(
            partners._read_group(own, ["success_segment_id"], ["success_days_to_value:avg"])
        )
        self.assertEqual(by_segment, {large: 110, small: 50}, "unknown is left out of the average")
        by_cohort = partners._read_group(
            own, ["success_go_live_date:year"], ["success_days_to_value:avg"]
        )
        self.assertEqual([row[1] for row in by_cohort], [110, 50])
        ordered = partners.search(own, order="success_days_to_value")
        self.assertEqual(ordered, others[1] | self.customer | others[0] | silent)
        actions = self.env["ir.actions.act_window"].with_user(self.csm)
        action = actions._for_xml_id("customer_success.res_partner_action_success_all")
        self.assertIn("pivot", [kind for _view, kind in action["views"]])
        late = partners.search([*own, ("success_days_to_value", "=", False)])
        self.assertEqual(late, silent)

    def test_innocent_a_later_objective_does_not_take_the_full_value_back(self):
        self._objective(horizon="long", confirmed=200)
        self.assertEqual(self._times(), (200, 200))
        self._objective(start=100)
        self._objective(start=50, state="missed")
        self.assertEqual(self._times(), (200, 200))

    def test_innocent_a_result_on_the_day_of_go_live_is_day_0(self):
        self._objective(confirmed=400)
        self.assertEqual(self._times()[0], 0)

    def test_innocent_an_objective_without_money_is_a_value(self):
        self._objective(confirmed=380)
        self.assertEqual(self._times()[0], 20)

    def test_cheat_a_confirmation_before_go_live_is_left_out_and_said(self):
        self._objective(name="Kick-off done", confirmed=390)
        self.assertEqual(self._times()[0], 10)
        self.assertNotIn("Kick-off done", self._attention())
        self.customer.success_go_live_date = days(300)
        self.assertEqual(self._times()[0], False, "never 0 days")
        self.assertIn("“Kick-off done” was confirmed on", self._attention())
        found = self.env["customer.success.objective"].search(
            [("partner_id", "=", self.customer.id), ("is_early", "=", True)]
        )
        self.assertEqual(len(found), 1)

    def test_cheat_moving_go_live_later_makes_nothing_faster(self):
        self._objective(horizon="long", confirmed=200)
        before = self._times()
        self.customer.with_user(self.csm).success_go_live_date = days(210)
        self.assertEqual(self._times(), before)
        self.customer.with_user(self.csm).success_go_live_date = False
        self.assertEqual(self._times(), before)

    def test_cheat_the_full_value_needs_every_target_and_a_long_term_one(self):
        below = self._objective(
            horizon="long",
            baseline=0,
            target=10,
            unit="days",
            actual=5,
            shortfall_reason="Half of it",
        )
        below.write({"state": "confirmed", "confirmed_date": days(100)})
        self.assertEqual(self._times(), (300, False))

    def test_cheat_splitting_an_objective_does_not_reach_the_full_value_sooner(self):
        parts = [self._objective(horizon="long") for _part in range(10)]
        for part, day in zip(parts, range(300, 200, -10)):
            part.write({"state": "confirmed", "confirmed_date": days(day)})
        self.assertEqual(self._times(), (100, 190), "the last of the ten parts decides")

    def test_a_deleted_or_merged_result_is_counted_anew(self):
        result = self._objective(confirmed=300)
        double = self._customer("Acme again", success_go_live_date=days(400))
        self._objective(double, confirmed=350)
        result.with_user(self.manager).unlink()
        self.assertEqual(self._times(), (False, False))
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | double).ids, self.customer)
        self.assertEqual(self._times()[0], 50)

    def test_sales_and_portal_do_not_read_it(self):
        for user in (self.sales, self.env.ref("base.public_user")):
            partners = self.env["res.partner"].with_user(user)
            for read in (
                lambda partners=partners: partners.browse(self.customer.id).read(
                    ["success_days_to_value"]
                ),
                lambda partners=partners: partners.search([], order="success_days_to_value"),
                lambda partners=partners: partners._read_group(
                    [], [], ["success_days_to_full_value:avg"]
                ),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    read()
