from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ..common import TODAY, days
from .overuse_common import OveruseCase

STORED = ["date_since", "date_found", "months", "active_users", "licences", "users_over", "true_up"]


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestOveruse(OveruseCase):
    """Use above the licences: since when, by how many, and to whom it is told."""

    # ------------------------------------------------------------------------------------------
    # The case
    # ------------------------------------------------------------------------------------------

    def test_seven_months_above_the_licences_are_told(self):
        customer = self._over()
        self.assertEqual(customer.success_adoption, 100, "the adoption rate does not say it")
        [line] = self._told(customer)
        self.assertEqual(
            (line.active_users, line.licences, line.users_over, line.months), (150, 100, 50, 7)
        )
        self.assertEqual((line.date_since, line.date_found), (date(2025, 11, 1), TODAY))
        self.assertEqual(line.renewal_id, customer.success_renewal_ids)
        seen = customer.with_user(self.csm)
        for text in (seen.success_attention, seen.success_renewal_ids.overuse_said):
            self.assertIn(
                "Planner: 150 users are active and 100 are licensed, since 11/01/2025: 50 are above the licences.",
                text,
            )
        self.assertIn("It moves no score", str(seen.success_explanation))
        self.assertIn("50 are above the licences", str(seen.success_renewal_ids.explanation))
        self.assertEqual(seen.success_users_over, 50)
        opened = line.with_user(self.csm).action_open_customer()
        self.assertEqual((opened["res_model"], opened["res_id"]), ("res.partner", customer.id))
        found = seen.search([("success_overuse_ids", "!=", False), ("id", "=", customer.id)])
        self.assertEqual(found, customer)
        found = self.env["customer.success.renewal"].with_user(self.csm)
        found = found.search([("overuse_id", "!=", False)])
        self.assertIn(customer.success_renewal_ids, found)

    def test_a_second_night_changes_nothing(self):
        [line] = self._told(self._over())
        before = line.read(STORED)
        with freeze_time(TODAY + timedelta(days=1)):
            self.assertEqual(self._told(line.partner_id), line)
            self.assertEqual(line.read(STORED), before)

    def test_it_moves_no_score(self):
        within, over = self._customer("Within"), self._customer("Over")
        for customer, active in ((within, 100), (over, 150)):
            self._renewal(customer)
            self._months(customer, *[active] * 7)
        self._rescore(within | over)
        self.assertTrue(self._told(over) and not self._told(within))
        for name in ("health", "renewal_risk", "contraction_risk", "value_at_risk", "confidence"):
            self.assertEqual(over.success_score_id[name], within.success_score_id[name], name)
        self.assertFalse(over.success_symptom_flag_ids or over.success_barrier_ids)

    def test_it_is_over_with_the_use(self):
        customer = self._over()
        self.assertTrue(customer.success_renewal_ids.overuse_id)
        usage = self.env["customer.success.usage"].search(
            [("partner_id", "=", customer.id)], order="date desc", limit=1
        )
        usage.active_users = 95
        self.assertFalse(self._told(customer) or customer.success_renewal_ids.overuse_id)
        self.assertNotIn("licensed", str(customer.success_attention))

    def test_a_customer_that_is_no_longer_followed_is_gone_from_the_list(self):
        customer = self._over()
        customer.success_stage_id = False
        self.assertFalse(self.overuses.search([("partner_id", "=", customer.id)]))

    # ------------------------------------------------------------------------------------------
    # Who would be accused wrongly
    # ------------------------------------------------------------------------------------------

    def test_a_short_peak_is_no_overuse(self):
        for number, active in enumerate(((90, 90, 150), (90, 150, 150), (150, 150, 90))):
            customer = self._customer(f"Peak {number}")
            self._renewal(customer)
            self._months(customer, *active)
            self.assertFalse(self._told(customer), active)
            self.assertNotIn("licensed", str(customer.success_attention))

    def test_a_peak_of_every_year_is_no_overuse(self):
        season = [90] * 8 + [140] * 4
        customer = self._customer("Season")
        self._renewal(customer, date_start=days(800))
        self._months(customer, *season, *season)
        self.assertFalse(self._told(customer))
        stays = self._customer("Stays")
        self._renewal(stays, date_start=days(800))
        # Their peak of a year ago was over after four months, and this one has gone on for seven.
        self._months(stays, *season[3:], *[90] * 5, *[140] * 7)
        self.assertEqual(self._told(stays).months, 3)

    def test_whoever_was_above_them_a_year_ago_and_ever_since_has_no_season(self):
        customer = self._over(months=20, active=130)
        self.assertEqual(self._told(customer).months, 20)

    def test_seats_that_come_soon_are_not_missing(self):
        customer = self._over()
        term = customer.success_renewal_ids
        amendment = self.env["customer.success.renewal.amendment"].create(
            {
                "renewal_id": term.id,
                "date": TODAY + timedelta(days=7),
                "seats": 150,
                "annual_value": 18000,
            }
        )
        self.assertFalse(self._told(customer))
        amendment.seats = 130
        line = self._told(customer)
        self.assertEqual((line.users_over, line.users_coming), (20, 30))
        self.assertIn("with the 30 that are being bought, 20 are above", term.overuse_said)
        amendment.date = TODAY + timedelta(days=90)
        self.assertEqual(self._told(customer).users_over, 50, "that is a long time to wait")

    def test_a_further_contract_that_begins_soon_brings_seats(self):
        customer = self._over()
        customer.success_renewal_ids.contract_number = "A"
        self._renewal(
            customer,
            contract_number="B",
            seats=60,
            date_start=TODAY + timedelta(days=10),
            date_renewal=TODAY + timedelta(days=375),
        )
        self.assertFalse(self._told(customer))

    def test_unknown_licences_accuse_nobody(self):
        for licensed in (0, False):
            customer = self._customer(f"Unknown {licensed}")
            self._months(customer, *[150] * 5, licensed=licensed)
            self.assertFalse(self._told(customer), licensed)
            self._renewal(customer, seats=0)
            self.assertFalse(self._told(customer), licensed)

    def test_a_trial_before_the_term_does_not_count(self):
        customer = self._customer("Trial")
        self._months(customer, *[150] * 4, licensed=False)
        self._renewal(customer, date_start=days(20), date_renewal=days(-345))
        self.assertFalse(self._told(customer), "their first month under the contract is not over")

    def test_the_same_people_in_two_products_are_not_added_up(self):
        second = self.env["product.product"].create({"name": "Viewer"})
        customer = self._customer("Shared")
        self._renewal(customer, product_id=False)
        self._months(customer, *[80] * 5)
        self._months(customer, *[70] * 5, product_id=second.id)
        self.assertFalse(self._told(customer))
        for usage in self.env["customer.success.usage"].search(
            [("partner_id", "=", customer.id), ("product_id", "=", second.id)]
        ):
            usage.active_users = 130
        line = self._told(customer)
        self.assertEqual((line.product_id, line.users_over), (second, 30))
        self.assertEqual(line.renewal_id, customer.success_renewal_ids)

    def test_a_renewal_with_more_seats_ends_it(self):
        customer = self._over()
        term = customer.success_renewal_ids
        term.write({"date_start": days(400), "date_renewal": days(10)})
        self.assertTrue(self._told(customer))
        term.write({"outcome": "expanded", "renewed_value": 18000, "renewed_seats": 150})
        self.assertFalse(self._told(customer))

    def test_fewer_seats_begin_it_with_the_term_that_has_fewer(self):
        customer = self._customer("Fewer")
        self._renewal(
            customer,
            seats=200,
            date_start=days(530),
            date_renewal=date(2026, 1, 1),
            outcome="contracted",
            renewed_seats=100,
            renewed_value=6000,
        )
        customer.success_renewal_ids.next_ids.unlink()
        self._renewal(customer, date_start=date(2026, 1, 1), date_renewal=date(2027, 1, 1))
        self._months(customer, *[150] * 10)
        self.assertEqual(self._told(customer).date_since, date(2026, 1, 1))

    # ------------------------------------------------------------------------------------------
    # Which licences count
    # ------------------------------------------------------------------------------------------

    def test_the_seats_of_the_contract_count_not_the_licences_of_the_delivery(self):
        customer = self._customer("More on the paper")
        self._renewal(customer, seats=200)
        self._months(customer, *[150] * 5, licensed=100)
        self.assertFalse(self._told(customer), "200 seats were paid for")
        free = self._customer("More in the system")
        self._renewal(free)
        self._months(free, *[150] * 5, licensed=500)
        line = self._told(free)
        self.assertEqual((line.users_over, line.is_contract), (50, True))

    def test_the_licences_of_the_delivery_count_where_the_contract_counts_none(self):
        customer = self._customer("Uncounted")
        self._renewal(customer, seats=0)
        self._months(customer, *[150] * 5, licensed=120)
        line = self._told(customer)
        self.assertEqual((line.users_over, line.is_contract, line.licences), (30, False, 120))
        self.assertFalse(line.true_up, "nobody knows a price")
        self.assertIn("look up what was agreed", customer.success_attention)

    def test_what_was_above_the_delivered_licences_before_the_contract_was_recorded(self):
        customer = self._customer("Late")
        self._months(customer, *[150] * 7, licensed=100)
        self._renewal(customer, date_start=days(30), date_renewal=days(-335))
        self.assertEqual(self._told(customer).date_since, date(2025, 11, 1))

    def test_use_counts_for_all_contracts_of_its_product(self):
        customer = self._customer("Two")
        self._renewal(customer, contract_number="A", seats=100)
        self._renewal(customer, 4000, contract_number="B", seats=50)
        self._months(customer, *[180] * 5)
        lines = self._told(customer)
        self.assertEqual(lines.mapped("users_over"), [20, 10])
        self.assertEqual(lines.mapped("true_up"), [2400, 800])
        self.assertEqual(lines.renewal_id, customer.success_renewal_ids)

    def test_use_that_names_its_contract_counts_for_that_one(self):
        customer = self._customer("Named")
        self._renewal(customer, contract_number="A", seats=100)
        self._renewal(customer, contract_number="B", seats=100)
        uses = self._months(customer, *[160] * 5)
        self._name(uses, A=130, B=30)
        line = self._told(customer)
        self.assertEqual((line.contract_number, line.users_over), ("A", 30))

    def _name(self, uses, **parts):
        uses.contract_ids.unlink()
        self.env["customer.success.usage.contract"].create(
            [
                {"usage_id": usage.id, "contract_number": number, "active_users": active}
                for usage in uses
                for number, active in parts.items()
            ]
        )

    # ------------------------------------------------------------------------------------------
    # Cheats
    # ------------------------------------------------------------------------------------------

    def test_splitting_use_over_contracts_hides_nothing(self):
        customer = self._customer("Split")
        self._renewal(customer, contract_number="A", seats=100)
        self._renewal(customer, contract_number="B", seats=20)
        uses = self._months(customer, *[150] * 5)
        for split in ((130, 20), (100, 50), (75, 75), (150, 0)):
            self._name(uses, A=split[0], B=split[1])
            over = sum(self._told(customer).mapped("users_over"))
            self.assertGreaterEqual(over, 30, split)

    def test_a_higher_figure_of_licences_hides_nothing(self):
        customer = self._over()
        usage = self.env["customer.success.usage"].with_user(self.csm)
        usage.create(
            {
                "partner_id": customer.id,
                "product_id": self.product.id,
                "source": "assessed",
                "date": days(1),
                "licensed_users": 400,
            }
        )
        self.env["customer.success.usage"].search(
            [("partner_id", "=", customer.id), ("source", "=", "measured")]
        ).licensed_users = 400
        self.assertEqual(self._told(customer).users_over, 50)

    def test_seats_that_nobody_bought_hide_nothing(self):
        customer = self._over()
        term = customer.success_renewal_ids
        own = term.with_user(self.csm)
        for vals in ({"seats": 150}, {"seats": 0}, {"seats": 150, "annual_value": 12000}):
            with self.assertRaisesRegex(UserError, "150 users are active and 100 are licensed"):
                own.write(vals)
        own.write({"seats": 90})
        own.write({"seats": 150, "annual_value": 18000})
        self.assertFalse(self._told(customer))
        second = self._over("Corrected").success_renewal_ids
        second.with_user(self.manager).seats = 150
        self.assertFalse(self._told(second.partner_id))
        within = self._customer("Within")
        usual = self._renewal(within)
        usual.with_user(self.csm).seats = 120

    def test_an_archived_term_hides_nothing(self):
        customer = self._over()
        customer.success_renewal_ids.active = False
        line = self._told(customer)
        self.assertEqual((line.users_over, line.renewal_id.ids, line.true_up), (50, [], 0))

    def test_a_delivery_that_stops_hides_nothing(self):
        customer = self._over()
        with freeze_time(TODAY + timedelta(days=150)):
            self.assertEqual(self._told(customer).users_over, 50)

    def test_nobody_writes_it_by_hand(self):
        line = self._told(self._over())
        for user in (self.csm, self.lead_csm, self.manager, self.sales):
            for change in (lambda seen: seen.write({"users_over": 0}), lambda seen: seen.unlink()):
                with self.assertRaises(AccessError):
                    change(line.with_user(user))
        other = self._told(self._over("Other"))
        term = line.renewal_id.with_user(self.csm)
        term.write({"overuse_id": other.id})
        self.assertEqual(line.renewal_id.overuse_id, line)

    # ------------------------------------------------------------------------------------------
    # Doors
    # ------------------------------------------------------------------------------------------

    def test_each_door_tells_it(self):
        months = [date(2026, month, 1) for month in (2, 3, 4, 5)]
        api = self._customer("By the API", ref="API")
        self._renewal(api)
        rows = [
            self._row(api, date=f"{day:%Y-%m-%d}", active_users=150, licensed_users=100)
            for day in months
        ]
        told = self.env["customer.success.usage"].with_user(self.csm).ingest(rows)
        self.assertEqual(told["created"], 4)

        weeks = self._customer("By the week", ref="WEEK")
        self._renewal(weeks)
        rows = [
            self._row(
                weeks,
                date=f"{date(2026, 2, 2) + timedelta(weeks=n):%Y-%m-%d}",
                period="week",
                active_users=140 + n % 3,
            )
            for n in range(18)
        ]
        self.env["customer.success.usage"].with_user(self.csm).ingest(rows)

        form = self._customer("By the form")
        self._renewal(form)
        for day in months:
            with Form(self.env["customer.success.usage"].with_user(self.csm)) as entered:
                entered.partner_id = form
                entered.product_id = self.product
                entered.date = day
                entered.licensed_users = 100
                entered.active_users = 150

        imported = self._customer("By an import")
        self._renewal(imported)
        result = (
            self.env["customer.success.usage"]
            .with_user(self.manager)
            .load(
                ["partner_id", "product_id", "date", "source", "licensed_users", "active_users"],
                [
                    [imported.name, "[PLANNER] Planner", f"{day}", "Measured", "100", "150"]
                    for day in months
                ],
            )
        )
        self.assertFalse([m for m in result["messages"] if m["type"] == "error"], result)

        seats = self._customer("By fewer seats")
        term = self._renewal(seats, seats=200)
        self._months(seats, *[150] * 4)
        self.assertFalse(self._told(seats))
        term.with_user(self.manager).seats = 100

        for customer in (api, weeks, form, imported, seats):
            with self.subTest(door=customer.name):
                self.assertGreaterEqual(self._told(customer).users_over, 40)
                self.assertIn("above the licences", customer.with_user(self.csm).success_attention)

    # ------------------------------------------------------------------------------------------
    # The wrong person
    # ------------------------------------------------------------------------------------------

    def test_others_do_not_see_it(self):
        line = self._told(self._over())
        other_csm = new_test_user(self.env, "other_csm", "customer_success.group_success_user")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        elsewhere = new_test_user(
            self.env,
            "lead_elsewhere",
            "customer_success.group_success_user_all",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        line.partner_id.company_id = self.company
        for user in (other_csm, elsewhere):
            self.assertFalse(
                self.overuses.with_user(user).search([("id", "=", line.id)]), user.login
            )
            with self.assertRaises(AccessError):
                line.with_user(user).read(["users_over"])
        for user in (self.sales, new_test_user(self.env, "portal_user", "base.group_portal")):
            with self.assertRaises(AccessError):
                line.with_user(user).read(["users_over"])
        for user in (self.csm, self.lead_csm, self.manager):
            self.assertEqual(line.with_user(user).users_over, 50)

    def test_it_moves_with_a_merge(self):
        customer, same = self._over(), self._over("Over Ltd")
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge._merge((customer | same).ids, customer)
        line = self._told(customer)
        self.assertEqual((len(line), line.users_over), (1, 50))
