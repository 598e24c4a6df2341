from odoo.tests import freeze_time, new_test_user, tagged

from ..common import TODAY
from ..customer.test_groups import GroupCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestGroupLeads(GroupCase):
    """Sales sees the risk of the whole group on an opportunity at one of its companies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._say(cls.theirs, renewal_risk=80.0, risk_band="critical", value_at_risk=500.0)
        cls._say(cls.mine, renewal_risk=10.0, risk_band="low", value_at_risk=100.0)

    def _lead(self, partner, user=None):
        lead = self.env["crm.lead"].create(
            {"name": "Upsell", "type": "opportunity", "partner_id": partner.id}
        )
        self.env.invalidate_all()
        return lead.with_user(user or self.sales)

    def test_an_opportunity_at_a_subsidiary_shows_the_group(self):
        for partner in (self.mine, self._contact(self.mine), self.head):
            with self.subTest(partner=partner.name):
                lead = self._lead(partner)
                self.assertEqual(lead.success_group_id, self.head)
                self.assertEqual(lead.success_group_riskiest_id, self.theirs)
                self.assertEqual(lead.success_group_risk_band, "critical")
                self.assertEqual(lead.success_group_renewal_risk, 80)
                self.assertEqual(lead.success_group_value_at_risk, 600)

    def test_a_company_that_is_no_customer_yet_shows_the_group_above(self):
        prospect = self.env["res.partner"].create(
            {"name": "Prospect", "is_company": True, "parent_id": self.mine.id}
        )
        lead = self._lead(prospect)
        self.assertFalse(lead.success_stage_id)
        self.assertEqual(lead.success_group_riskiest_id, self.theirs)

    def test_a_customer_alone_has_no_group(self):
        lead = self._lead(self._customer("Alone"))
        self.assertFalse(lead.success_group_id)
        self.assertFalse(lead.success_group_risk_band)
        self.assertFalse(self._lead(self.env["res.partner"]).success_group_id)

    def test_a_salesperson_who_is_a_csm_too_sees_what_sales_sees(self):
        both = new_test_user(
            self.env,
            "test_both",
            "sales_team.group_sale_salesman_all_leads,customer_success.group_success_user",
        )
        self.mine.success_user_id = both
        lead = self._lead(self.mine, both)
        self.assertEqual(lead.success_group_riskiest_id, self.theirs)
        self.assertNotIn(self.theirs, self._seen_by(both).success_group_ids)

    def test_sales_does_not_learn_of_customers_of_other_companies(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.theirs.company_id = elsewhere
        lead = self._lead(self.mine)
        self.assertEqual(lead.success_group_riskiest_id, self.mine)
        self.assertEqual(lead.success_group_value_at_risk, 100)
        self.head.company_id = elsewhere
        self.mine.company_id = False
        lead = self._lead(self.mine)
        self.assertFalse(lead.success_group_id)

    def test_queries_do_not_grow_with_opportunities_or_companies(self):
        names = ["success_group_id", "success_group_renewal_risk", "success_group_value_at_risk"]

        def queries(leads):
            self.env.invalidate_all()
            leads = leads.with_user(self.sales)
            before = self.cr.sql_log_count
            leads.read(names)
            return self.cr.sql_log_count - before

        leads = self._lead(self.mine) | self._lead(self.deep)
        queries(leads)
        few = queries(leads)
        for number in range(20):
            leads |= self._lead(self._customer(f"Member {number}", parent_id=self.deep.id))
        self.assertLessEqual(queries(leads), few + 1)
