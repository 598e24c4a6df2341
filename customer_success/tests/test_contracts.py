from base64 import b64encode
from datetime import date
from io import BytesIO

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, SuccessCase, days
from .outputs.workbook_common import read


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestContracts(SuccessCase):
    """Several contracts of one product at one customer are told apart by their numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Acme", ref="ACME", success_go_live_date=days(800))

    def _contract(self, number, value=12000, seats=100, user=None, **vals):
        term = self._renewal(self.customer, value, seats=seats, contract_number=number, **vals)
        return term.with_user(user or self.csm)

    def _load(self, *rows, user=None):
        """Load rows of a file as the manager; return the counts of the answer."""
        files = self.env["customer.success.intake"].with_user(user or self.manager)
        columns = list({column: 0 for row in rows for column in row})
        answer = files.load(columns, [[str(row.get(c, "")) for c in columns] for row in rows])
        self.env.invalidate_all()
        return answer

    def _terms(self):
        return self.env["customer.success.renewal"].search(
            [("partner_id", "=", self.customer.id)], order="date_renewal, contract_number"
        )

    def test_two_sites_stand_beside_each_other(self):
        one, two = self._contract("C-1"), self._contract("C-2", 6000, 50)
        self.assertNotEqual(one.name, two.name)
        self.assertIn("C-2", two.name)

    def test_one_number_twice_overlaps(self):
        self._contract("C-1")
        for number in ("C-1", "c-1", " C-1 ", False, "  "):
            with (
                self.subTest(number=number),
                self.assertRaisesRegex(ValidationError, "already has a term"),
                self.cr.savepoint(),
            ):
                self._contract(number)
        other = self._contract("C-2")
        with self.assertRaisesRegex(ValidationError, "in contract C-1"), self.cr.savepoint():
            other.contract_number = "C-1"

    def test_each_contract_has_its_own_chain(self):
        one, two = self._contract("C-1"), self._contract("C-2", 6000, 50)
        for term in (one, two):
            term.outcome = "renewed"
        self.assertEqual(one.next_ids.contract_number, "C-1")
        self.assertEqual(two.next_ids.contract_number, "C-2")
        self.assertEqual(len(one.next_ids | two.next_ids), 2)
        later = self._contract(
            "C-2", 7000, 50, date_start=two.date_renewal, date_renewal=days(-500)
        )
        self.assertEqual((later.previous_id, two.next_ids), (two, later))
        self.assertTrue(one.next_ids.is_generated)

    def test_a_lost_pilot_is_no_former_customer(self):
        self._contract("MAIN")
        pilot = self._contract("PILOT", 500, 5, date_start=days(90), date_renewal=days(1))
        pilot.write({"outcome": "churned", "date_outcome": days(1)})
        self.assertFalse(self.customer.success_former_date)
        self._usage(self.customer, when=days(14))
        self._rescore(self.customer)

    # Scores ------------------------------------------------------------------------------------

    def test_use_of_the_product_is_shared_by_seats(self):
        one, two = self._contract("C-1"), self._contract("C-2", 6000, 50)
        for month in range(6):
            self._usage(self.customer, 150, 120, when=days(14 + 30 * month))
        self._rescore(self.customer)
        self.env.invalidate_all()
        seen = [term.sudo().score_id.breakdown["seats"]["active"] for term in (one, two)]
        self.assertEqual(seen, [80, 40])  # 120 users in the ratio of 100 to 50 seats
        for term in (one, two):
            score = term.sudo().score_id
            self.assertEqual(score.contraction_risk, one.sudo().score_id.contraction_risk)
        self.assertAlmostEqual(
            self.customer.success_value_at_risk,
            one.value_at_risk + two.value_at_risk,
            places=2,
        )

    def test_the_share_of_a_product_is_that_of_its_contracts(self):
        other = self.env["product.product"].create({"name": "Reporter"})
        for month in range(6):
            self._usage(self.customer, 150, 120, when=days(14 + 30 * month))
            self._usage(self.customer, 100, 4, when=days(14 + 30 * month), product_id=other.id)
        self._contract("C-1", 6000)
        self._renewal(self.customer, 10000, product_id=other.id)
        alone = self._rescore(self.customer).health
        self._contract("C-2", 24000)
        self.assertGreater(self._rescore(self.customer).health, alone)

    # Files -------------------------------------------------------------------------------------

    def _row(self, number="", value=12000, **vals):
        row = {
            "reference": "ACME",
            "product": "PLANNER",
            "contract_number": number,
            "date_start": "2026-01-01",
            "date_renewal": "2026-12-31",
            "annual_value": value,
        }
        return {**row, **vals}

    def test_files_match_by_number(self):
        self._load(self._row("C-1"), self._row("C-2", 6000))
        self.assertEqual(self._terms().mapped("annual_value"), [12000, 6000])
        self._load(self._row("C-2", 6500), self._row("c-1", 12000))
        self.assertEqual(self._terms().mapped("annual_value"), [12000, 6500])

    def test_files_number_what_had_no_number(self):
        self._load(self._row())
        self._load(self._row("C-1"), self._row("C-2", 6000))
        self.assertEqual(self._terms().mapped("contract_number"), ["C-1", "C-2"])
        answer = self._load(self._row(value=1))
        self.assertIn("contract_number", str(answer["messages"]))
        self.assertEqual(self._terms().mapped("annual_value"), [12000, 6000])

    def test_files_without_a_number_mean_the_only_contract(self):
        self._load(self._row("C-1"))
        self._load(self._row(value=13000))
        self.assertEqual(self._terms().mapped("annual_value"), [13000])
        self.assertEqual(self._terms().contract_number, "C-1")

    # Use that names its contract ---------------------------------------------------------------

    def _deliver(self, *rows, user=None):
        rows = [
            {"customer_ref": "ACME", "product_code": "PLANNER", "date": "2026-05-20", **row}
            for row in rows
        ]
        answer = self.env["customer.success.usage"].with_user(user or self.csm).ingest(rows)
        self.env.invalidate_all()
        return answer

    def _use(self):
        return self.env["customer.success.usage"].search([("partner_id", "=", self.customer.id)])

    def _contraction(self, *terms):
        self._rescore(self.customer)
        self.env.invalidate_all()
        return [term.sudo().score_id.breakdown["seats"]["active"] for term in terms]

    def test_use_names_its_contract(self):
        one, two = self._contract("C-1"), self._contract("C-2", 6000, 50)
        rows = [
            {"contract_number": "C-1", "active_users": 95, "licensed_users": 100, "quality": 80},
            {"contract_number": "c-2", "active_users": 5, "licensed_users": 50, "quality": 40},
        ]
        answer = self._deliver(*rows)
        self.assertEqual((answer["created"], answer["rejected"]), (1, []))
        use = self._use()
        # 95 and 5 users; 80 % of 95 and 40 % of 5 of them
        self.assertEqual((use.active_users, use.licensed_users, use.quality), (100, 150, 78))
        self.assertEqual(self._contraction(one, two), [95, 5])
        self.assertLess(one.contraction_risk, two.contraction_risk)
        self.assertEqual(self._deliver(*rows)["unchanged"], 1, "a second time changes nothing")
        self._deliver({"contract_number": "C-2", "active_users": 45})
        self.assertEqual((self._use().active_users, self._use().licensed_users), (140, 150))
        self.assertEqual(self._contraction(one, two), [95, 45])

    def test_the_rest_of_the_use_is_of_the_contracts_that_it_does_not_name(self):
        one, two = self._contract("C-1"), self._contract("C-2", 6000, 50)
        use = self._usage(self.customer, 150, 120)
        self.env["customer.success.usage.contract"].with_user(self.manager).create(
            {"usage_id": use.id, "contract_number": "C-2", "active_users": 30}
        )
        self.assertEqual(use.active_users, 30, "the parts add up")
        use.active_users = 120
        self.assertEqual(self._contraction(one, two), [90, 30])

    def test_use_of_an_unknown_contract_is_refused_in_words(self):
        self._contract("C-1")
        answer = self._deliver(
            {"contract_number": "C-9", "active_users": 5},
            {"contract_number": "C-1", "active_users": 5},
            {"contract_number": "C-1", "active_users": 6},
        )
        self.assertEqual([line["field"] for line in answer["rejected"]], 2 * ["contract_number"])
        self.assertIn("no contract “C-9”", answer["rejected"][0]["message"])
        self.assertEqual(self._use().active_users, 5)
        with self.assertRaisesRegex(ValidationError, "no contract"):
            self._use().write(
                {"contract_ids": [(0, 0, {"contract_number": "X", "active_users": 1})]}
            )

    def test_a_row_that_repeats_the_use_of_the_product_changes_nothing(self):
        self._contract("C-1")
        self._contract("C-2", 6000, 50)
        answer = self._deliver(
            {"active_users": 100},
            {"contract_number": "C-1", "active_users": 50},
            {"contract_number": "C-2", "active_users": 20},
        )
        self.assertEqual(
            [(line["row"], line["field"], line["code"]) for line in answer["rejected"]],
            [(row, "contract_number", "repeated") for row in (1, 2)],
        )
        self.assertEqual((answer["created"], answer["rejected_count"]), (1, 2))
        use = self._use()
        self.assertEqual((use.active_users, use.contract_ids.ids), (100, []))
        self.assertFalse(use.revision_ids, "nothing was replaced")
        refused = self.env["customer.success.usage.rejection"].search(
            [("delivery_id", "=", answer["delivery_id"])], order="row"
        )
        self.assertEqual([line.brought["contract_number"] for line in refused], ["C-1", "C-2"])
        self.assertIn("earlier row", refused[0].message)

    def test_innocent_contracts_before_a_row_that_repeats_them(self):
        self._contract("C-1")
        self._contract("C-2", 6000, 50)
        answer = self._deliver(
            {"contract_number": "C-1", "active_users": 50},
            {"active_users": 100},
            {"contract_number": "C-2", "active_users": 20},
        )
        self.assertEqual([line["row"] for line in answer["rejected"]], [1])
        self.assertEqual(self._use().active_users, 70)
        self.assertEqual(self._use().contract_ids.mapped("active_users"), [50, 20])

    def _use_file(self, *rows):
        """Load a file of use, with a contract number in each row; return its record."""
        table = "".join(f"ACME,PLANNER,{number},2026-05-01,{users}\n" for number, users in rows)
        content = f"Account ID,Product Code,Contract Number,Month,Active Users\n{table}"
        load = self.env["customer.success.file.load"].with_user(self.manager)
        load = load.create(
            {"file": b64encode(content.encode()), "file_name": "use.csv", "kind": "use"}
        )
        load.action_read()
        if load.state == "columns":
            load.action_match()
        if load.state == "values":
            load.action_preview()
        load.action_load()
        self.env.invalidate_all()
        return load.delivery_id

    def test_users_of_a_contract_that_are_hard_to_believe_are_asked_about(self):
        self._contract("C-1")
        self._contract("C-2", 6000, 50)
        self._usage(self.customer, 100, 95, "2026-04-01")
        delivery = self._use_file(("C-1", 9500), ("C-2", 40))
        self.assertRegex(delivery.rejection_ids.message, "9500 is more than ten times")
        [use] = self._use().filtered(lambda use: str(use.date) == "2026-05-01")
        self.assertEqual(use.active_users, 40)
        self.assertEqual(use.contract_ids.mapped("contract_number"), ["C-2"])
        row = {"contract_number": "C-1", "active_users": 9500}
        answer = self._deliver(row)
        self.assertEqual([line["code"] for line in answer["warnings"]], ["unlikely"])
        self.assertEqual(self._deliver({**row, "confirmed": "yes"})["warnings"], [])

    def test_innocent_users_of_a_contract_that_are_a_part_of_the_past(self):
        self._contract("C-1")
        self._contract("C-2", 6000, 50)
        self._usage(self.customer, 100, 95, "2026-04-01")
        self.assertFalse(self._use_file(("C-1", 90), ("C-2", 1)).rejection_ids)

    def test_a_file_of_customers_with_use_of_the_product_and_of_a_contract(self):
        """The first row counts, as for all use that rows repeat."""
        use = {"usage_date": "2026-05-01"}
        self._contract("C-1", date_start=date(2026, 1, 1), date_renewal=date(2026, 12, 31))
        self._load(
            {"reference": "ACME", "product": "PLANNER", **use, "active_users": 70},
            self._row("C-1", **use, active_users=60),
        )
        self.assertEqual((self._use().active_users, self._use().contract_ids.ids), (70, []))

    def test_a_file_of_customers_has_the_use_of_each_contract(self):
        use = {"usage_date": "2026-05-01"}
        self._load(
            self._row("C-1", **use, active_users=60),
            self._row("C-2", 6000, **use, active_users=10),
        )
        self.assertEqual(self._use().active_users, 70)
        self.assertEqual(
            {part.contract_number: part.active_users for part in self._use().contract_ids},
            {"C-1": 60, "C-2": 10},
        )

    def test_innocent_contract_beside_an_idle_one(self):
        one = self._contract("C-1")
        self._deliver({"contract_number": "C-1", "active_users": 95, "licensed_users": 100})
        (alone,) = self._contraction(one) and [one.contraction_risk]
        self._contract("C-2", 6000, 50)
        self._deliver({"contract_number": "C-2", "active_users": 0, "licensed_users": 50})
        self._contraction(one)
        self.assertAlmostEqual(one.contraction_risk, alone, delta=3)

    def test_innocent_pilot_that_ends_as_planned(self):
        main = self._contract("MAIN")
        pilot = self._contract("PILOT", 500, 5, date_start=days(90), date_renewal=days(1))
        self._usage(self.customer, 100, 90)
        pilot.write({"outcome": "churned", "date_outcome": days(1)})
        self.assertEqual(self._contraction(main), [90])

    def test_cheat_use_is_not_counted_twice(self):
        one, two = self._contract("C-1", seats=50), self._contract("C-2", 6000, 50)
        self._usage(self.customer, 100, 50)
        self.assertEqual(sum(self._contraction(one, two)), 50)

    def test_cheat_users_are_not_moved_to_the_contract_that_lacks_them(self):
        self._contract("C-1")
        self._contract("C-2", 6000, 50)
        self._deliver(
            {"contract_number": "C-1", "active_users": 95},
            {"contract_number": "C-2", "active_users": 5},
            user=self.manager,
        )
        one, two = self._use().contract_ids.sorted("contract_number").with_user(self.csm)
        for number, part in ((50, one), (50, two)):
            with self.subTest(part=part), self.assertRaisesRegex(UserError, "was measured"):
                part.active_users = number
        with self.assertRaisesRegex(UserError, "was measured"):
            one.unlink()
        use = self._usage(self.customer, 150, 60, when=days(40), source="assessed")
        self.env["customer.success.usage.contract"].with_user(self.csm).create(
            {"usage_id": use.id, "contract_number": "C-2", "active_users": 30}
        )
        self.assertEqual(use.active_users, 30, "what people assess, they may say by contract")

    def test_cheat_a_number_does_not_hide_an_overlap(self):
        self._contract(False)
        with self.assertRaisesRegex(ValidationError, "give each its contract number"):
            self._contract("NEW")

    def test_cheat_renewed_under_another_number_is_no_new_contract(self):
        one = self._contract("C-1", date_start=days(400), date_renewal=days(35))
        one.write({"outcome": "renewed", "date_outcome": days(40)})
        made = one.next_ids
        later = self._contract(
            "C-1B", previous_id=one.id, date_start=days(35), date_renewal=days(-330)
        )
        self.assertFalse(made.exists(), "the term that was made gives way")
        self.assertEqual(one.next_ids, later)

    def test_roles(self):
        one = self._contract("C-1")
        self._deliver({"contract_number": "C-1", "active_users": 5})
        part = self._use().contract_ids
        other = new_test_user(self.env, "amend_other", "customer_success.group_success_user")
        portal = new_test_user(self.env, "amend_portal", "base.group_portal")
        for user in (self.sales, other, portal):
            with self.subTest(user=user.login):
                for record in (one, part):
                    with self.assertRaises(AccessError), self.cr.savepoint():
                        record.with_user(user).read(["contract_number"])
                with self.assertRaises(AccessError), self.cr.savepoint():
                    part.with_user(user).write({"active_users": 1})
        part.with_user(self.manager).active_users = 7
        self.assertEqual(self._use().active_users, 7)

    # Workbook ----------------------------------------------------------------------------------

    def test_the_workbook_shows_them_apart_with_the_figures_of_today(self):
        self._contract("C-1", date_start=date(2026, 1, 1), date_renewal=date(2028, 12, 31))
        two = self._contract("C-2", 6000, 50)
        self.env["customer.success.renewal.amendment"].with_user(self.csm).create(
            {
                "renewal_id": two.id,
                "date": days(1),
                "annual_value": 9000,
                "seats": 75,
                "reason": "Five more teams since June",
            }
        )
        self.env.flush_all()
        stream = BytesIO()
        self.env["customer.success.workbook"].with_user(self.manager)._write(
            stream, [("id", "=", self.customer.id)], ["renewals"]
        )
        sheet = next(sheet for sheet in read(stream.getvalue()) if sheet.title == "Renewals")
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        top = next(row for row in rows if "Contract" in row)
        lines = [dict(zip(top, row)) for row in rows if "C-1" in row or "C-2" in row]
        self.assertEqual(
            {
                line["Contract"]: (
                    line["Annual value"],
                    line["Seats"],
                    line["Value of the term"],
                )
                for line in lines
                if line["Contract"] == "C-1"
            },
            {"C-1": (12000, 100, 36000)},
        )
        (second,) = (line for line in lines if line["Contract"] == "C-2")
        self.assertEqual((second["Annual value"], second["Seats"]), (9000, 75))

    # Sales -------------------------------------------------------------------------------------

    def test_sales_sees_them_apart(self):
        terms = self._contract("C-1") | self._contract("C-2", 6000, 50)
        self.env.flush_all()
        seen = self.env["customer.success.sales.renewal"].with_user(self.sales)
        self.assertEqual(set(seen.browse(terms.ids).mapped("contract_number")), {"C-1", "C-2"})
