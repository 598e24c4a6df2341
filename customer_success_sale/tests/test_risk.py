from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from odoo.addons.customer_success.tests.common import TODAY, days

from .common import OrderCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRiskOnQuotations(OrderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.risky = cls._customer("Risky")
        cls._usage(cls.risky, active=2)
        cls._barrier(cls.risky, "3")
        cls._renewal(cls.risky, date_start=days(60), date_renewal=days(30))
        cls._rescore(cls.risky | cls.customer)
        contact = cls._contact(cls.risky)
        cls.orders = cls.env["sale.order"]
        for partner in (cls.risky, contact, cls.customer):
            cls.orders |= cls._order(partner, confirm=False)

    def test_quotations_show_the_risk_of_their_customer(self):
        direct, by_contact, unknown = self.orders
        self.assertEqual(direct.success_risk_band, "critical")
        self.assertEqual(by_contact.success_renewal_risk, self.risky.success_renewal_risk)
        self.assertEqual(direct.success_value_at_risk, self.risky.success_value_at_risk)
        self.assertEqual(len(direct.success_reasons.split(", ")), 3)
        self.assertIs(unknown.success_renewal_risk, False)
        self.assertFalse(unknown.success_reasons)

    def test_salespeople_read_reasons_and_not_notes(self):
        self.assertIn("licensed users are active", str(self.orders[0].success_explanation))
        with self.assertRaises(AccessError):
            self.risky.with_user(self.seller).read(["success_sentiment_note"])

    def test_risk_filters_and_sorts_with_the_unknown_last(self):
        orders = self.env["sale.order"].with_user(self.seller)
        mine = [("id", "in", self.orders.ids)]
        at_risk = [*mine, ("success_risk_band", "in", ["high", "critical"])]
        self.assertEqual(orders.search(at_risk), self.orders[:2].sorted("id", reverse=True))
        self.assertEqual(orders.search(mine, order="success_renewal_risk desc")[-1], self.orders[2])
        for order in ("success_risk_band desc", "success_value_at_risk desc"):
            self.assertEqual(orders.search(mine, order=order)[-1], self.orders[2], order)
        groups = orders._read_group(mine, ["success_risk_band"], ["__count"])
        self.assertEqual(dict(groups), {"critical": 2, False: 1})

    def test_no_copy_of_a_score_is_kept(self):
        """Nothing of ours is a column of its table, but for what was agreed in the order."""
        ours = {
            name: field
            for name, field in self.env["sale.order"]._fields.items()
            if name.startswith("success_") or str(field._module).startswith("customer_success")
        }
        self.assertLessEqual(
            {"success_health_band", "success_renewal_risk", "success_value_at_risk"}, set(ours)
        )
        self.assertEqual(
            sorted(name for name, field in ours.items() if field.store),
            [
                "success_auto_renew",
                "success_first_months",
                "success_for_id",
                "success_notice_period",
                "success_notice_unit",
            ],
        )

    def test_extra_queries_do_not_grow_with_the_list(self):
        more = self.orders
        for number in range(15):
            customer = self._customer(f"Customer {number}")
            self._renewal(customer)
            more |= self._order(customer, confirm=False)
        self._rescore(more.partner_id.filtered("success_stage_id"))
        plain = {"name": {}, "partner_id": {"fields": {"display_name": {}}}}
        ours = {"success_risk_band": {}, "success_renewal_risk": {}, "success_reasons": {}}
        self._queries(more[:2], {**plain, **ours})
        few = self._queries(more[:2], {**plain, **ours}) - self._queries(more[:2], plain)
        many = self._queries(more, {**plain, **ours}) - self._queries(more, plain)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 4)

    def _queries(self, orders, specification):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        orders.with_user(self.seller).web_search_read([("id", "in", orders.ids)], specification)
        return self.env.cr.sql_log_count - before
