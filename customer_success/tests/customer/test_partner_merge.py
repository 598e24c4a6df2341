from odoo.tests import freeze_time, tagged

from ..common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPartnerMerge(SuccessCase):
    """Odoo's merge moves rows in raw SQL and fails on unique indexes; ours must survive it."""

    def _merge(self, *customers):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([customer.id for customer in customers], customers[0])

    def test_two_customers_merge_without_losing_a_fact(self):
        keeps, goes = self._customer("Keeps"), self._customer("Goes")
        for customer in (keeps, goes):
            self._answer(customer, date=days(5 if customer == keeps else 20))
            self._barrier(customer)
            self._renewal(customer)
            self._usage(customer)
        self._usage(goes, when=days(60))
        self._rescore(keeps | goes)
        self._merge(keeps, goes)
        self.assertFalse(goes.exists())
        self.env.invalidate_all()
        self.assertEqual(len(keeps.success_barrier_ids), 2)
        self.assertEqual(len(keeps.success_renewal_ids), 1, "they were the same term")
        answers = self.env["customer.success.answer"].search([("partner_id", "=", keeps.id)])
        self.assertEqual(len(answers), 2)
        self.assertEqual(len(answers.filtered("is_current")), 1, "one of them is the current one")

    def test_only_the_clashing_period_is_folded(self):
        keeps, goes = self._customer("Keeps"), self._customer("Goes")
        kept = self._usage(keeps, active=10)
        self._usage(goes, active=20)
        older = self._usage(goes, active=30, when=days(60))
        self._merge(keeps, goes)
        self.assertEqual(
            self.env["customer.success.usage"].search([("partner_id", "=", keeps.id)]), kept | older
        )

    def test_what_folding_replaced_can_be_traced(self):
        keeps, goes = self._customer("Keeps"), self._customer("Goes")
        kept = self._usage(keeps, active=0)
        self._usage(goes, active=1)
        flags = self.env["customer.success.symptom.flag"]
        flags._check((keeps | goes).ids)
        open_flag = keeps.success_symptom_flag_ids
        barrier = self._barrier(goes, symptom_flag_id=goes.success_symptom_flag_ids.id)
        ended = flags.create(
            [
                {
                    "partner_id": customer.id,
                    "product_id": self.product.id,
                    "symptom_id": open_flag.symptom_id.id,
                    "date_from": days(50),
                    "date_to": days(40),
                }
                for customer in (keeps, goes)
            ]
        )
        self._merge(keeps, goes)
        self.env.invalidate_all()
        self.assertEqual(kept.revision_ids.mapped("active_users"), [1])
        self.assertEqual(kept.revision_ids.partner_id, keeps)
        self.assertEqual(flags.search([("partner_id", "=", keeps.id)]), open_flag | ended)
        self.assertEqual(barrier.symptom_flag_id, open_flag)

    def test_three_customers_with_scores_merge_into_one_score(self):
        customers = [self._customer(name) for name in ("A", "B", "C")]
        for customer in customers:
            self._usage(customer)
        self._rescore(self.env["res.partner"].union(*customers))
        self._merge(*customers)
        kept = customers[0]
        self.env.invalidate_all()
        score = self.env["customer.success.score"].search([("partner_id", "=", kept.id)])
        self.assertEqual(kept.success_score_id, score)
        self.assertEqual(len(score), 1)
        history = self.env["customer.success.score.history"].search([("partner_id", "=", kept.id)])
        self.assertEqual(len(history), 1)

    def test_two_active_plans_become_one_and_both_are_kept(self):
        keeps, goes = self._customer("Keeps"), self._customer("Goes")
        plans = self.env["customer.success.plan"]
        for customer in (keeps, goes):
            plan = plans.create({"partner_id": customer.id, "success_definition": customer.name})
            plan.action_activate()
            plans |= plan
        self._merge(keeps, goes)
        self.env.invalidate_all()
        self.assertEqual(keeps.success_plan_id.success_definition, "Keeps")
        self.assertEqual(plans.mapped("state"), ["active", "replaced"])

    def test_a_customer_merged_into_a_plain_company_makes_it_a_customer(self):
        plain = self.env["res.partner"].create({"name": "Plain", "is_company": True})
        customer = self._customer()
        self._usage(customer)
        self._rescore(customer)
        self._merge(plain, customer)
        self.env.invalidate_all()
        self.assertEqual(plain.success_stage_id, self.stages["effective_use"])
        self.assertEqual(plain.success_score_id.partner_id, plain)
        self.assertIn(plain, self.env["customer.success.score.request"].search([]).partner_id)
