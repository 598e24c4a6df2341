from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from ..common import TODAY, SuccessCase, days

# The records that are grouped and searched by the segment of their customer.
MODELS = (
    "customer.success.renewal",
    "customer.success.usage",
    "customer.success.score.history",
    "customer.success.retention",
    "customer.success.checkpoint",
    "customer.success.play.run",
)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSegmentReports(SuccessCase):
    """Renewals, use, scores over time, retention and its forecast are compared by segment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segments = cls.env["customer.success.segment"]
        cls.segments.search([]).unlink()
        cls.large = cls.segments.create({"name": "Large", "domain": "[('ref', '=', 'L')]"})
        cls.mine = cls._customer("Mine", ref="L")
        cls.other = cls._customer("Other", ref="L", success_user_id=cls.lead_csm.id)
        for customer, active in ((cls.mine, 80), (cls.other, 10), (cls._customer("None"), 50)):
            cls._usage(customer, active=active)
            renewal = cls._renewal(customer, date_renewal=days(30), date_start=days(395))
            cls.env["customer.success.checkpoint"].create(
                {"renewal_id": renewal.id, "horizon": 90, "date": days(120), "machine_risk": active}
            )
            cls._rescore(customer)  # scored as long as it is a customer
            renewal.write({"outcome": "churned", "date_outcome": days(20)})
        cls.env.flush_all()
        play = cls.env["customer.success.play"].search([], limit=1)
        cls.env["customer.success.play.run"].create(
            {
                "play_id": play.id,
                "partner_id": cls.mine.id,
                "cause": "1",
                "date": TODAY,
                "state": "done",
            }
        )
        cls.env.flush_all()

    def _grouped(self, model, user, *aggregates):
        rows = (
            self.env[model]
            .with_user(user)
            ._read_group(
                [("partner_id", "in", self.env["res.partner"].search([]).ids)],
                ["segment_id"],
                ["partner_id:recordset", *aggregates],
            )
        )
        return {row[0]: row[1:] for row in rows}

    def test_a_csm_compares_own_records_by_segment(self):
        for model in MODELS:
            with self.subTest(model):
                found = self._grouped(model, self.csm)
                self.assertEqual(found[self.large][0], self.mine)
                searched = (
                    self.env[model].with_user(self.csm).search([("segment_id", "=", self.large.id)])
                )
                self.assertEqual(searched.partner_id, self.mine)

    def test_who_follows_all_compares_all(self):
        for model in MODELS[:-1]:
            with self.subTest(model):
                found = self._grouped(model, self.lead_csm)
                self.assertEqual(found[self.large][0], self.mine | self.other)

    def test_expected_and_actual_churn_are_those_of_the_segment(self):
        found = self._grouped(
            "customer.success.retention", self.manager, "predicted_risk:avg", "actual_left:avg"
        )
        self.assertEqual(found[self.large][1:], (45.0, 100.0))
        none = self.env["customer.success.segment"]
        self.assertEqual(found[none][1:], (50.0, 100.0))

    def test_a_salesperson_does_not_read_them(self):
        for model in ("customer.success.score.history", "customer.success.checkpoint"):
            with self.subTest(model), self.assertRaises(AccessError):
                self._grouped(model, self.sales)

    def test_the_screens_offer_it_as_filter_and_group(self):
        for model in MODELS:
            arch = self.env[model].with_user(self.csm).get_view(view_type="search")["arch"]
            tree = etree.fromstring(arch)
            with self.subTest(model):
                self.assertTrue(tree.xpath("//field[@name='segment_id']"))
                self.assertTrue(tree.xpath("//filter[@name='group_segment']"))
