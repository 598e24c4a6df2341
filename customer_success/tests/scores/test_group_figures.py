from odoo import fields
from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from ..customer.test_groups import GroupCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestGroupFigures(GroupCase):
    """The figures of a group: worked by hand, for each reader, and what lifts or lowers it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls.env["res.currency"].create(
            {"name": "GRP", "symbol": "G", "full_name": "Group Money"}
        )

    def _rate(self, rate):
        self.env["res.currency.rate"].create(
            {"currency_id": self.foreign.id, "name": days(30), "rate": rate}
        )

    def _figures(self, user=None, customer=None):
        head = self._seen_by(user or self.manager, customer)
        return (
            head.success_group_health,
            head.success_group_renewal_risk,
            head.success_group_value_at_risk,
        )

    def _tell(self):
        """Give each customer a value, a health and a risk.

        Values 6,000, 3,000, 2,000 and 1,000, in sum 12,000; health 80, 60, 20 and 40: (480 + 180 + 40 + 40) / 12 = 61.7.
        """
        for customer, value, health, risk, at_risk in (
            (self.head, 6000, 80.0, 10.0, 600.0),
            (self.mine, 3000, 60.0, 30.0, 900.0),
            (self.theirs, 2000, 20.0, 70.0, 1400.0),
            (self.deep, 1000, 40.0, 50.0, 500.0),
        ):
            self._renewal(customer, value)
            self._say(customer, health=health, confidence=100.0, renewal_risk=risk)
            self._say(customer, value_at_risk=at_risk, risk_band="high" if risk > 40 else "low")

    def test_the_group_by_hand(self):
        self._tell()
        self._barrier(self.theirs)
        self._barrier(self.deep, state="removed")
        self.mine.sudo().success_last_talk_date = days(3)
        self.assertEqual(self._figures(), (61.7, 70.0, 3400.0))
        head = self._seen_by(self.manager)
        self.assertEqual(head.success_group_worst_id, self.theirs)
        self.assertEqual(head.success_group_riskiest_id, self.theirs)
        self.assertEqual(head.success_group_risk_band, "high")
        self.assertEqual(head.success_group_confidence, 100)
        self.assertEqual(head.success_group_renewal_count, 4)
        self.assertEqual(head.success_group_next_renewal_date, days(-100))
        self.assertEqual(head.success_group_last_talk_date, days(3))
        is_open = self.group.success_barrier_ids.filtered("is_open")
        self.assertEqual(head.success_group_barrier_count, len(is_open))
        self.assertGreater(len(is_open), 0)

    def test_a_csm_reads_figures_of_the_own_half(self):
        self._tell()
        self._barrier(self.theirs)
        # (6 × 80 + 3 × 60) / 9 = 73.3
        self.assertEqual(self._figures(self.csm), (73.3, 30.0, 1500.0))
        head = self._seen_by(self.csm)
        self.assertEqual(head.success_group_worst_id, self.mine)
        self.assertEqual(head.success_group_riskiest_id, self.mine)
        self.assertEqual(
            (head.success_group_renewal_count, head.success_group_barrier_count), (2, 0)
        )
        self.assertEqual(
            self._figures(self.csm)[0],
            self.head.with_user(self.csm).sudo().success_group_health,
            "code that runs as the system reads the same",
        )

    def test_salespeople_read_headlines_only(self):
        self._tell()
        head = self._seen_by(self.sales)
        self.assertEqual(head.success_group_renewal_risk, 70)
        self.assertEqual(head.success_group_value_at_risk, 3400)
        fields_ = head.fields_get()
        for name in ("health", "worst_id", "barrier_count", "renewal_count", "last_talk_date"):
            self.assertNotIn(f"success_group_{name}", fields_)

    def test_one_currency_at_the_rates_of_today(self):
        self._tell()
        self._rate(2.0)  # two of them are one of ours
        self._say(self.theirs, currency_id=self.foreign.id)
        self.assertEqual(self._figures()[2], 600 + 900 + 700 + 500)

    def test_a_missing_rate_is_named_and_not_one(self):
        self._tell()
        self._say(self.theirs, currency_id=self.foreign.id)
        head = self._seen_by(self.manager)
        self.assertIs(head.success_group_value_at_risk, False)
        self.assertEqual(head.success_group_missing_rates, "GRP")
        self.assertEqual(head.success_group_renewal_risk, 70, "the risk needs no rate")
        self.assertIs(self._seen_by(self.csm).success_group_missing_rates, False)
        self.assertEqual(self._seen_by(self.csm).success_group_value_at_risk, 1500)

    def test_a_subsidiary_in_another_company_and_currency(self):
        self._tell()
        elsewhere = self.env["res.company"].create(
            {"name": "Elsewhere", "currency_id": self.foreign.id}
        )
        self.manager.company_ids |= elsewhere
        self._rate(2.0)
        self.theirs.company_id = elsewhere
        self._say(self.theirs, currency_id=self.foreign.id)
        head = self._seen_by(self.manager)
        both = head.with_context(allowed_company_ids=[self.company.id, elsewhere.id])
        self.assertEqual(both.success_group_value_at_risk, 600 + 900 + 700 + 500)
        only = head.with_context(allowed_company_ids=[self.company.id])
        # Odoo takes the companies below along.
        self.assertEqual(only.success_group_value_at_risk, 600 + 900)
        self.assertEqual(only.success_group_riskiest_id, self.mine)

    # Innocents: the group is not lowered by who did nothing wrong

    def test_a_holding_of_which_nothing_is_known_lowers_nothing(self):
        self._tell()
        self.env["customer.success.renewal"].search([("partner_id", "=", self.head.id)]).unlink()
        self._say(self.head, health=None, confidence=None, renewal_risk=None, value_at_risk=None)
        # (3 × 60 + 2 × 20 + 1 × 40) / 6
        self.assertEqual(self._figures(), (43.3, 70.0, 2800.0))

    def test_a_customer_that_left_lowers_nothing(self):
        self._tell()
        self.theirs.success_former_date = days(1)
        self.assertEqual(self._figures()[1:], (50.0, 2000.0))

    def test_a_small_subsidiary_does_not_condemn_a_large_group(self):
        self._tell()
        self._say(self.deep, health=0.0)
        self.assertEqual(self._figures()[0], 58.3)

    # Cheats: the group is not lifted by what does no good

    def test_small_healthy_subsidiaries_lift_little_and_hide_nobody(self):
        self._tell()
        for number in range(5):
            tiny = self._customer(f"Tiny {number}", parent_id=self.head.id)
            self._renewal(tiny, 1)
            self._say(tiny, health=100.0, renewal_risk=0.0)
        head = self._seen_by(self.manager)
        self.assertEqual(head.success_group_health, 61.7)
        self.assertEqual(head.success_group_worst_id, self.theirs)
        self.assertEqual(head.success_group_renewal_risk, 70)

    def test_forgetting_what_is_known_of_the_worst_shows_in_what_is_known(self):
        self._tell()
        self._say(self.theirs, health=None, confidence=None)
        head = self._seen_by(self.manager)
        self.assertEqual(head.success_group_confidence, 83.3)
        self.assertEqual(head.success_group_riskiest_id, self.theirs)

    def test_hanging_the_worst_below_another_one_takes_it_out_of_no_group(self):
        self._tell()
        self.theirs.parent_id = self.mine
        self.assertEqual(self._figures(), (61.7, 70.0, 3400.0))
        self.assertEqual(self._figures(customer=self.mine)[1], 70)

    def test_queries_do_not_grow_with_the_group(self):
        names = [
            name
            for name, field in self.env["res.partner"]._fields.items()
            if name.startswith("success_group_") and not field.store
        ]
        self.assertGreater(len(names), 10)

        def queries(user):
            head = self._seen_by(user)
            head.env.user.has_group("base.group_user")
            before = self.cr.sql_log_count
            head.read(names)
            return self.cr.sql_log_count - before

        self._tell()
        few = queries(self.manager)
        for number in range(30):
            member = self._customer(f"Member {number}", parent_id=self.theirs.id)
            self._renewal(member)
            self._say(member, health=50.0)
        many = queries(self.manager)
        self.assertEqual(self._seen_by(self.manager).success_group_size, 34)
        self.assertLessEqual(many, few)

    def test_columns_of_a_list_take_the_same_queries_for_many_heads(self):
        self._tell()
        heads = self.head | self.theirs
        names = ["success_group_health", "success_group_value_at_risk", "success_parent_id"]

        def queries(records):
            records = self._seen_by(self.manager, records)
            before = self.cr.sql_log_count
            records.read(names)
            return self.cr.sql_log_count - before

        queries(heads)
        few = queries(heads)
        for number in range(20):
            head = self._customer(f"Head {number}")
            self._customer(f"Sub {number}", parent_id=head.id)
            heads |= head
        self.assertLessEqual(queries(heads), few + 1)
        self.assertEqual(fields.Date.today(), TODAY)
