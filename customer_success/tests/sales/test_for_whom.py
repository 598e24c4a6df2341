from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form, freeze_time, mute_logger, new_test_user, tagged

from ..common import TODAY, SuccessCase, days

COLUMNS = ["customer", "product", "date_start", "date_renewal", "annual_value"]
ROW = ["End", "PLANNER", "2026-01-01", "2027-01-01", "1200"]


class ForWhomCase(SuccessCase):
    """A base class with a reseller that is no customer itself, and an end customer whose term it buys."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reseller = cls.env["res.partner"].create({"name": "Resell Ltd", "is_company": True})
        cls.buying = cls._contact(cls.reseller, "Rita")
        cls.end = cls._customer("End")

    def _bought(self, customer=None, **vals):
        return self._renewal(customer or self.end, **{"buyer_id": self.reseller.id, **vals})

    def _lead(self, partner=None, **vals):
        return self.env["crm.lead"].create(
            {
                "name": "More",
                "type": "opportunity",
                "partner_id": (partner or self.buying).id,
                "user_id": self.sales.id,
                **vals,
            }
        )

    def _risky(self):
        self._usage(self.end, active=2)
        self._barrier(self.end, "3")
        term = self._bought(date_start=days(60), date_renewal=days(-30))
        self._rescore(self.end)
        self.assertIn(self.end.success_risk_band, ("high", "critical"))
        return term

    def _merge(self, *partners):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([partner.id for partner in partners], partners[0])
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestBuyer(ForWhomCase):
    """A term stands at the customer who uses the product, whoever buys it."""

    def test_a_csm_names_the_buyer_in_the_form(self):
        term = self._renewal(self.end)
        with Form(term.with_user(self.csm)) as form:
            form.buyer_id = self.reseller
        self.assertEqual(term.buyer_id, self.reseller)

    def test_a_contact_means_its_company_and_the_customer_itself_means_nobody(self):
        term = self._renewal(self.end, buyer_id=self.buying.id)
        self.assertEqual(term.buyer_id, self.reseller)
        term.buyer_id = self._contact(self.end, "Own Buyer")
        self.assertFalse(term.buyer_id)
        term.write({"partner_id": self._customer("Next").id, "buyer_id": self.reseller.id})
        term.partner_id = self.end
        self.assertEqual(term.buyer_id, self.reseller)

    def test_a_change_of_it_is_tracked(self):
        term = self._renewal(self.end)
        self.env.cr.flush()
        term.with_user(self.csm).with_context(tracking_disable=False).buyer_id = self.reseller
        self.env.cr.flush()
        self.assertIn("Resell Ltd", term.message_ids.tracking_value_ids.mapped("new_value_char"))

    def test_a_buyer_of_another_company_is_refused(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.reseller.company_id = elsewhere
        with self.assertRaises(UserError), self.cr.savepoint():
            self._bought()

    def test_the_next_term_and_a_corrected_one_are_bought_the_same_way(self):
        term = self._bought()
        term.outcome = "renewed"
        self.assertEqual(term.next_ids.buyer_id, self.reseller)
        other = self.env["res.partner"].create({"name": "Another Ltd", "is_company": True})
        term.buyer_id = other
        self.assertEqual(term.next_ids.buyer_id, other)

    def test_a_named_buyer_hides_no_loss(self):
        """Retention, revenue and risk are those of the customer, before and after somebody names a buyer."""
        term = self._bought(date_start=days(400), date_renewal=days(35))
        term.outcome = "churned"
        retention = self.env["customer.success.retention"]
        lost = retention.search([("partner_id", "=", self.end.id)])
        self.assertEqual(
            (lost.value_before, lost.value_kept, lost.value_churned), (12000, 0, 12000)
        )
        self.reseller.success_stage_id = self.stages["first_use"]
        term.with_user(self.csm).buyer_id = False
        term.with_user(self.csm).buyer_id = self.reseller
        self.env.flush_all()
        self.env.invalidate_all()
        again = retention.search([("partner_id", "=", self.end.id)])
        self.assertEqual((again.value_before, again.value_churned), (12000, 12000))
        theirs = self.env["customer.success.retention"].search(
            [("partner_id", "=", self.reseller.id)]
        )
        self.assertFalse(theirs)

    def test_one_value_in_sums(self):
        self._bought(value=12000)
        self.reseller.success_stage_id = self.stages["first_use"]
        self._renewal(self.reseller, value=500)
        both = self.end | self.reseller
        self._rescore(both)
        total = self.env["customer.success.renewal"]._read_group(
            [("partner_id", "in", both.ids)], [], ["annual_value:sum"]
        )
        self.assertEqual(total, [(12500,)])
        self.assertEqual(sum(self.reseller.success_renewal_ids.mapped("annual_value")), 500)
        by_buyer = self.env["customer.success.renewal"]._read_group(
            [("partner_id", "in", both.ids)], ["buyer_id"], ["annual_value:sum"]
        )
        self.assertEqual(dict(by_buyer), {self.reseller: 12000, self.reseller.browse(): 500})


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestBuyerSeesItsPart(ForWhomCase):
    def test_the_reseller_shows_what_it_buys_for_others(self):
        term = self._bought()
        other = self._bought(self._customer("Other"), value=3000)
        for user in (self.csm, self.sales, self.manager):
            seen = self.reseller.with_user(user)
            self.assertEqual(
                (seen.success_bought_count, seen.success_bought_value), (2, 15000), user.login
            )
            action = seen.action_success_bought()
            found = self.env[action["res_model"]].with_user(user).search(action["domain"])
            self.assertEqual(set(found.ids), {term.id, other.id})
        other.outcome = "churned"
        self.env.invalidate_all()
        self.assertEqual(self.reseller.with_user(self.csm).success_bought_count, 1)

    def test_an_employee_without_a_part_in_it_sees_none(self):
        self._bought()
        employee = new_test_user(self.env, "clerk", "base.group_user")
        self.assertFalse(self.reseller.with_user(employee).success_bought_count)

    def test_a_value_without_a_rate_is_unknown(self):
        currency = self.env["res.currency"].create({"name": "ZZZ", "symbol": "Z"})
        self._bought(currency_id=currency.id)
        self.assertIs(self.reseller.with_user(self.csm).success_bought_value, False)
        self.assertEqual(self.reseller.with_user(self.csm).success_bought_count, 1)

    def test_the_csm_of_the_buyer_reads_the_terms_and_changes_none(self):
        mate = new_test_user(self.env, "mate", "customer_success.group_success_user")
        term = self._bought()
        own = self._renewal(self._customer("Direct"))
        terms = self.env["customer.success.renewal"].with_user(mate)
        self.assertFalse(terms.search([("id", "in", (term | own).ids)]))
        self.reseller.write(
            {"success_stage_id": self.stages["first_use"].id, "success_user_id": mate.id}
        )
        self.assertEqual(terms.search([("id", "in", (term | own).ids)]), term)
        barrier = self._barrier(self.end)
        with self.assertRaises(AccessError):
            term.with_user(mate).write({"annual_value": 1})
        with self.assertRaises(AccessError):
            barrier.with_user(mate).read(["name"])

    def test_a_user_of_another_company_sees_nothing(self):
        self._bought()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env, "stranger", "customer_success.group_success_user_all",
            company_id=elsewhere.id, company_ids=[(6, 0, elsewhere.ids)],
        )  # fmt: skip
        self.assertFalse(self.reseller.with_user(stranger).success_bought_count)

    def test_portal_users_read_neither_side(self):
        term = self._bought()
        for partner in (self.buying, self._contact(self.end)):
            user = new_test_user(
                self.env, f"portal_{partner.id}", "base.group_portal", partner_id=partner.id
            )
            with self.assertRaises(AccessError):
                term.with_user(user).read(["annual_value"])
            with self.assertRaises(AccessError):
                partner.commercial_partner_id.with_user(user).read(["success_bought_count"])
        barriers = self.env["customer.success.barrier"]
        shared = self._barrier(self.end, is_shared=True)
        self.assertEqual(barriers.search(barriers._shared_domain(partner)), shared)
        self.assertFalse(barriers.search(barriers._shared_domain(self.buying)))

    def test_what_the_reseller_pays_is_not_printed_for_the_end_customer(self):
        term = self._bought()
        brief = self.env["customer.success.brief"].with_user(self.csm)
        self.assertFalse(
            brief._renewal_brief_for_customer(term.with_user(self.csm))["renewal"]["value"]
        )
        ours = brief._renewal_brief(term.with_user(self.csm))["renewal"]
        self.assertIn("12,000", ours["value"])
        self.assertEqual(ours["buyer"], "Resell Ltd")
        term.buyer_id = False
        told = brief._renewal_brief_for_customer(term.with_user(self.csm))
        self.assertIn("12,000", told["renewal"]["value"])


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestForWhom(ForWhomCase):
    """An opportunity with a reseller is about the customer who uses the product."""

    def test_badges_and_reasons_are_those_of_the_user(self):
        self._risky()
        lead = self._lead(success_for_id=self.end.id).with_user(self.sales)
        own = self._lead().with_user(self.sales)
        self.assertEqual(lead.success_risk_band, self.end.success_risk_band)
        self.assertEqual(lead.success_user_id, self.csm)
        self.assertTrue(lead.success_reasons)
        self.assertEqual(lead.success_customer_id, self.end)
        self.assertFalse(own.success_risk_band)
        both = [("id", "in", (lead | own).ids)]
        found = own.search([*both, ("success_risk_band", "=", lead.success_risk_band)])
        self.assertEqual(found, lead)
        self.assertEqual(own.search([*both, ("success_risk_band", "=", False)]), own)
        self.assertEqual(own.search([*both, ("success_customer_id", "=", self.end.id)]), lead)
        self.assertEqual(own.search(both, order="success_renewal_risk desc")[0], lead)
        groups = own._read_group(both, ["success_risk_band"], ["__count"])
        self.assertEqual(dict(groups), {lead.success_risk_band: 1, False: 1})

    def test_a_list_is_read_as_a_form_is(self):
        self._risky()
        leads = self._lead(success_for_id=self.end.id) | self._lead()
        self.env.invalidate_all()
        rows = leads.with_user(self.sales).read(["success_risk_band", "success_about_id"])
        self.assertEqual(
            [(row["success_risk_band"], row["success_about_id"][0]) for row in rows],
            [(self.end.success_risk_band, self.end.id), (False, self.buying.id)],
        )

    def test_the_group_of_the_user_is_shown(self):
        parent = self._customer("Parent")
        self.end.parent_id = parent
        lead = self._lead(success_for_id=self.end.id).with_user(self.sales)
        self.assertEqual(lead.success_group_id, parent)
        self.assertFalse(self._lead().with_user(self.sales).success_group_id)

    def test_a_value_at_risk_is_summed_once(self):
        self._risky()
        leads = self._lead(success_for_id=self.end.id) | self._lead(self.end)
        [(total,)] = leads.with_user(self.sales)._read_group(
            [("id", "in", leads.ids)], [], ["success_value_at_risk:sum"]
        )
        self.assertAlmostEqual(float(total), self.end.success_value_at_risk)

    def test_a_sale_to_the_reseller_starts_the_customer_who_uses_it(self):
        new = self.env["res.partner"].create({"name": "New", "is_company": True})
        lead = self._lead(success_for_id=self._contact(new).id, success_bought="40 seats")
        self.assertEqual(lead.success_for_id, new)
        lead.with_user(self.sales).action_set_won()
        self.assertTrue(new.success_stage_id)
        self.assertFalse(self.reseller.success_stage_id)
        self.assertEqual(new.success_plan_ids.bought, "40 seats")

    def test_an_upsell_counts_for_the_user(self):
        lead = self._lead(success_for_id=self.end.id, success_kind="upsell", expected_revenue=10)
        lead.action_set_won()
        self.env.flush_all()
        won = self.env["customer.success.business"].search(
            [("res_id", "=", lead.id), ("res_model", "=", "crm.lead")]
        )
        self.assertEqual((won.partner_id, won.bought_by_id), (self.end, self.reseller))
        self.assertEqual(self.end.success_upsell_count, 1)
        self.assertEqual(self.reseller.success_upsell_count, 0)

    def test_the_opportunity_of_a_renewal_is_with_the_buyer_about_the_user(self):
        self.reseller.user_id = self.sales
        term = self._risky()
        term._open_leads()
        lead = term.lead_id
        self.assertEqual((lead.partner_id, lead.success_for_id), (self.reseller, self.end))
        self.assertEqual(lead.user_id, self.sales)
        self.assertEqual(lead.with_user(self.sales).success_risk_band, self.end.success_risk_band)
        seen = self.env["customer.success.sales.renewal"].with_user(self.sales).browse(term.id)
        self.assertEqual(
            (seen.partner_id, seen.buyer_id, seen.user_id), (self.end, self.reseller, self.sales)
        )

    def test_the_opportunity_follows_the_buyer(self):
        term = self._bought()
        term._open_leads()
        lead = term.lead_id
        term.with_user(self.csm).buyer_id = False
        self.assertEqual((lead.partner_id, lead.success_for_id.id), (self.end, False))
        term.with_user(self.csm).buyer_id = self.reseller
        self.assertEqual((lead.partner_id, lead.success_for_id), (self.reseller, self.end))
        lead.with_user(self.sales).partner_id = self.buying  # a person says who exactly
        other = self.env["res.partner"].create({"name": "Another Ltd", "is_company": True})
        term.with_user(self.csm).buyer_id = other
        self.assertEqual(lead.partner_id, self.buying)

    def test_the_salesperson_of_the_reseller_finds_its_renewals(self):
        seller = new_test_user(self.env, "own_seller", "sales_team.group_sale_salesman")
        self.end.user_id = self.sales
        term = self._bought()
        mine = self.env["customer.success.sales.renewal"].with_user(seller)
        self.assertNotIn(term.id, mine.search([("is_mine", "=", True)]).ids)
        self.reseller.user_id = seller
        self.env.invalidate_all()
        self.assertIn(term.id, mine.search([("is_mine", "=", True)]).ids)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestBuyerGoes(ForWhomCase):
    """A buyer that is merged, archived or erased leaves the terms consistent."""

    def test_merged_resellers(self):
        term, keeps = (
            self._bought(),
            self.env["res.partner"].create({"name": "Resell AG", "is_company": True}),
        )
        self._lead(success_for_id=self.end.id)
        term._open_leads()
        self._merge(keeps, self.reseller)
        self.assertEqual((term.buyer_id, term.lead_id.partner_id), (keeps, keeps))
        self.assertEqual(keeps.with_user(self.csm).success_bought_count, 1)

    def test_a_buyer_that_is_merged_with_the_customer_is_none(self):
        term = self._bought()
        self._merge(self.end, self.reseller)
        self.assertFalse(term.buyer_id)

    def test_merged_customers_keep_the_buyer_of_the_term_that_stays(self):
        keeps, goes = self._customer("Keeps"), self._customer("Goes")
        self._renewal(keeps)
        self._bought(goes)
        self._merge(keeps, goes)
        self.assertEqual(keeps.success_renewal_ids.buyer_id, self.reseller)

    def test_two_contracts_through_two_sellers_do_not_fold(self):
        other = self.env["res.partner"].create({"name": "Another Ltd", "is_company": True})
        keeps, goes = self._customer("Keeps"), self._customer("Goes")
        mine, theirs = self._bought(keeps), self._bought(goes, buyer_id=other.id)
        self._merge(keeps, goes)
        self.assertTrue(mine.exists() and theirs.exists())

    def test_archiving_a_buyer_asks_first_and_changes_no_term(self):
        term = self._bought()
        with self.assertRaisesRegex(RedirectWarning, "End · Planner"), self.cr.savepoint():
            self.reseller.with_user(self.manager).action_archive()
        self.reseller.with_user(self.manager).with_context(
            success_pending_confirmed=True
        ).action_archive()
        self.assertFalse(self.reseller.active)
        self.assertEqual(term.buyer_id, self.reseller)
        self.assertTrue(self.end.success_is_followed)

    @mute_logger("odoo.models.unlink")
    def test_a_buyer_is_not_deleted_but_erased_on_purpose(self):
        term = self._bought()
        self.buying.unlink()
        with self.assertRaisesRegex(UserError, "bought for others"), self.cr.savepoint():
            self.reseller.unlink()
        wizard = self.env["customer.success.erase"].with_user(self.manager)
        self.manager.group_ids += self.env.ref("base.group_partner_manager")
        wizard.create(
            {"partner_ids": self.reseller.ids, "confirmation": "Resell Ltd"}
        ).action_erase()
        self.env.invalidate_all()
        self.assertFalse(self.reseller.exists() or term.buyer_id)
        self.assertEqual(term.annual_value, 12000)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestBuyerInFiles(ForWhomCase):
    """Files and the API name the buyer as they name the customer."""

    def _load(self, *rows, columns=("buyer",)):
        intake = self.env["customer.success.intake"].with_user(self.manager)
        return intake.load([*COLUMNS, *columns], [list(row) for row in rows])

    def _term(self):
        return self.end.success_renewal_ids

    def test_by_name_reference_and_vat_number(self):
        self.reseller.write({"ref": "R-1", "vat": "BE0477472701"})
        for column, said in (
            ("buyer", "Resell Ltd"),
            ("buyer", "RESELL"),
            ("buyer_reference", "r-1"),
            ("buyer_vat", "be 0477.472.701"),
        ):
            with self.subTest(column=column, said=said):
                self._term().unlink()
                self.assertFalse(self._load([*ROW, said], columns=(column,))["messages"])
                self.assertEqual(self._term().buyer_id, self.reseller)

    def test_again_changes_nothing_and_an_empty_cell_says_nothing(self):
        self._load([*ROW, "Resell Ltd"])
        counts = self._load([*ROW, "Resell Ltd"])["counts"]
        self.assertEqual(counts["renewals_unchanged"], 1)
        self._load([*ROW, ""])
        self.assertEqual(self._term().buyer_id, self.reseller)
        self._load([*ROW, "End"])
        self.assertFalse(self._term().buyer_id)

    def test_an_unknown_buyer_is_refused_with_its_column(self):
        result = self._load([*ROW, "Nobody Ltd"])
        self.assertEqual(result["messages"][0]["field"], "buyer")
        self.assertFalse(self._term())

    def test_several_that_are_meant_are_asked_about(self):
        self.reseller.copy({"name": "Resell Ltd"})
        result = self._load([*ROW, "Resell Ltd"])
        self.assertIn("Several", result["messages"][0]["message"])

    def test_an_archived_buyer_and_one_of_another_company_are_refused(self):
        self.reseller.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertTrue(self._load([*ROW, "Resell Ltd"])["messages"])
        self.reseller.company_id = False
        self.reseller.active = False
        self.assertIn("archived", self._load([*ROW, "Resell Ltd"])["messages"][0]["message"])

    def test_a_buyer_that_the_same_file_creates(self):
        new = ["Brand New", "PLANNER", "2026-01-01", "2027-01-01", "50"]
        result = self._load([*ROW, "Brand New"], [*new, ""])
        self.assertFalse(result["messages"])
        self.assertEqual(self._term().buyer_id.name, "Brand New")

    def test_a_buyer_whose_own_row_is_refused(self):
        new = ["Brand New", "PLANNER", "2026-01-01", "2027-01-01", "50"]
        result = self._load([*ROW, "Brand New"], [*new, "Nobody Ltd"])
        self.assertEqual([said["field"] for said in result["messages"]], ["buyer", "buyer"])
        self.assertFalse(self._term())

    def test_a_file_that_is_taken_back_gives_the_buyer_back(self):
        self._renewal(self.end, date_start="2026-01-01", date_renewal="2027-01-01", value=1200)
        self._load([*ROW, "Resell Ltd"])
        self.assertEqual(self._term().buyer_id, self.reseller)
        change = self.env["customer.success.mass.change"].search([], order="id desc", limit=1)
        change.with_user(self.manager).action_undo()
        self.assertFalse(self._term().buyer_id)

    def test_odoo_s_import_takes_it(self):
        result = (
            self.env["customer.success.renewal"]
            .with_user(self.csm)
            .load(
                ["partner_id", "product_id", "date_renewal", "buyer_id"],
                [["End", "Planner", "2027-01-01", "Resell Ltd, Rita"]],
            )
        )
        self.assertFalse(result["messages"])
        self.assertEqual(self._term().buyer_id, self.reseller)
