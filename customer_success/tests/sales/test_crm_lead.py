from odoo.tests import freeze_time, tagged

from ..common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCrmLead(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.risky = cls._customer("Risky")
        cls._usage(cls.risky, active=2)
        cls._barrier(cls.risky, "3")
        cls._renewal(cls.risky, date_start=days(60), date_renewal=days(30))
        cls.unknown = cls._customer("Unknown")
        cls._rescore(cls.risky | cls.unknown)
        cls.contact = cls._contact(cls.risky)
        cls.leads = (
            cls.env["crm.lead"]
            .create(
                [
                    {
                        "name": name,
                        "type": "opportunity",
                        "partner_id": partner.id,
                        "user_id": cls.sales.id,
                    }
                    for name, partner in (
                        ("Upsell", cls.risky),
                        ("Through a contact", cls.contact),
                        ("New business", cls.unknown),
                    )
                ]
            )
            .with_user(cls.sales)
        )

    def test_opportunities_show_the_risk_of_their_customer(self):
        upsell, by_contact, new = self.leads
        self.assertEqual(self.risky.success_risk_band, "critical")
        self.assertEqual(upsell.success_risk_band, "critical")
        self.assertEqual(by_contact.success_renewal_risk, self.risky.success_renewal_risk)
        self.assertEqual(by_contact.success_value_at_risk, self.risky.success_value_at_risk)
        self.assertEqual(upsell.success_stage_id, self.risky.success_stage_id)
        self.assertIs(new.success_renewal_risk, False)
        self.assertFalse(new.success_reasons)

    def test_the_hover_names_the_three_strongest_reasons(self):
        reasons = self.leads[0].success_reasons.split(", ")
        self.assertEqual(len(reasons), 3)
        lines = self.risky.success_renewal_ids.score_id.breakdown["lines"]
        strongest = max((c for c in lines if c != "base"), key=lambda code: abs(lines[code]))
        name = self.env["customer.success.factor"].search([("code", "=", strongest)]).name
        self.assertTrue(reasons[0].startswith(name))

    def test_risk_filters_sorts_and_groups_the_pipeline(self):
        leads = self.env["crm.lead"].with_user(self.sales)
        mine = [("id", "in", self.leads.ids)]
        self.assertEqual(
            leads.search([*mine, ("success_risk_band", "in", ["high", "critical"])]), self.leads[:2]
        )
        self.assertEqual(
            leads.search(mine, order="success_renewal_risk desc, id")[-1], self.leads[2]
        )
        groups = leads._read_group(
            mine, ["success_risk_band"], ["__count", "success_renewal_risk:avg"]
        )
        self.assertEqual({band: count for band, count, _avg in groups}, {"critical": 2, False: 1})

    def test_an_unknown_risk_comes_last_whichever_way(self):
        partners = self.env["res.partner"].with_user(self.sales)
        for model, records in (
            (self.leads, self.leads),
            (partners, self.risky | self.unknown),
        ):
            for field in ("success_renewal_risk", "success_risk_band", "success_value_at_risk"):
                for direction in ("asc", "desc"):
                    with self.subTest(model=model._name, field=field, direction=direction):
                        found = model.search(
                            [("id", "in", records.ids)], order=f"{field} {direction}, id"
                        )
                        self.assertEqual(found[-1].id, records[-1].id)

    def test_bands_are_sorted_by_the_risk_not_by_the_alphabet(self):
        calm = self._customer("Calm")
        self._usage(calm)
        self._renewal(calm)
        self._rescore(calm)
        self.assertIn(calm.success_risk_band, ("low", "medium"))  # after "critical" in the alphabet
        found = self.env["res.partner"].search(
            [("id", "in", (calm | self.risky).ids)], order="success_risk_band"
        )
        self.assertEqual(found, calm | self.risky)

    def test_a_sum_counts_the_value_at_risk_of_a_customer_once(self):
        value = self.risky.success_value_at_risk
        self.assertTrue(value)
        leads = self.env["crm.lead"].with_user(self.sales)
        [(count, total)] = leads._read_group(
            [("id", "in", self.leads.ids)], [], ["__count", "success_value_at_risk:sum"]
        )
        self.assertEqual((count, float(total)), (3, value))
        groups = leads.formatted_read_group(
            [("id", "in", self.leads.ids)],
            ["success_risk_band"],
            ["success_value_at_risk:sum", "success_value_at_risk:sum_currency"],
        )
        self.assertEqual(
            [float(group["success_value_at_risk:sum"] or 0) for group in groups], [value, 0]
        )

    def test_pivots_may_measure_risk_and_value(self):
        fields = (
            self.env["crm.lead"]
            .with_user(self.sales)
            .fields_get(["success_renewal_risk", "success_value_at_risk"], ["aggregator"])
        )
        self.assertEqual(fields["success_renewal_risk"]["aggregator"], "avg")
        self.assertEqual(fields["success_value_at_risk"]["aggregator"], "sum")

    def test_a_renewal_opportunity_leads_to_its_renewal(self):
        renewal = self.risky.success_renewal_ids
        lead = self.leads[0]
        lead.sudo().success_renewal_id = renewal
        action = lead.action_success_renewal()
        seen = self.env[action["res_model"]].with_user(self.sales).browse(action["res_id"])
        self.assertEqual(seen.churn_risk, self.risky.success_renewal_risk)

    def test_the_lead_keeps_no_copy_of_the_score(self):
        """The table of leads has only our columns about the opportunity, and none about the customer."""
        ours = {
            name: field
            for name, field in self.env["crm.lead"]._fields.items()
            if name.startswith("success_") or str(field._module).startswith("customer_success")
        }
        self.assertLessEqual(
            {"success_health_band", "success_renewal_risk", "success_value_at_risk"}, set(ours)
        )
        self.assertEqual(
            {name for name, field in ours.items() if field.store},
            {
                "success_bought",
                "success_for_id",
                "success_introduction",
                "success_kind",
                "success_promised",
                "success_put_away",
                "success_referred_by_id",
                "success_renewal_id",
                "success_told",
                "success_why_bought",
            },
        )

    def test_the_pipeline_takes_a_few_queries_however_many_cards(self):
        ours = {
            name: {}
            for name in (
                "success_kind",
                "success_risk_band",
                "success_renewal_risk",
                "success_health_band",
                "success_value_at_risk",
            )
        }
        ours["success_currency_id"] = {"fields": {"display_name": {}}}
        plain = {"name": {}, "partner_id": {"fields": {"display_name": {}}}, "stage_id": {}}
        more = self.env["crm.lead"].create(
            [
                {
                    "name": f"Lead {number}",
                    "type": "opportunity",
                    "partner_id": self._scored(number).id,
                    "user_id": self.sales.id,
                }
                for number in range(50)
            ]
        )
        self._queries(more[:5], {**plain, **ours})  # warm the caches of names and rights
        few = self._queries(more[:5], {**plain, **ours}) - self._queries(more[:5], plain)
        many = self._queries(more, {**plain, **ours}) - self._queries(more, plain)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 4)
        reasons = {"success_reasons": {}}  # the field that a card reads for its tooltip
        self._queries(more[:5], reasons)
        self.assertEqual(self._queries(more[:5], reasons), self._queries(more, reasons))

    def _scored(self, number):
        customer = self._customer(f"Customer {number}")
        self._renewal(customer)
        self._rescore(customer)
        return customer

    def _queries(self, leads, specification):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        leads.with_user(self.sales).web_search_read([("id", "in", leads.ids)], specification)
        return self.env.cr.sql_log_count - before
