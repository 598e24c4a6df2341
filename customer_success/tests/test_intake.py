from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY, SuccessCase

COLUMNS = [
    "customer",
    "reference",
    "stage",
    "csm",
    "date_renewal",
    "annual_value",
    "seats",
    "product",
    "usage_date",
    "active_users",
]
GOOD = [
    "Acme",
    "A-1",
    "First use",
    "test_csm",
    "2027-01-31",
    "1200.50",
    "10",
    "PLANNER",
    "2026-06-01",
    "7",
]


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestIntake(SuccessCase):
    def _load(self, *rows, columns=COLUMNS, user=None):
        intake = self.env["customer.success.intake"].with_user(user or self.manager)
        return intake.load(list(columns), [list(row) for row in rows])

    def _with(self, **changes):
        return [changes.get(column, value) for column, value in zip(COLUMNS, GOOD)]

    def _find(self, reference="A-1"):
        return self.env["res.partner"].search([("ref", "=", reference)])

    def test_a_row_brings_a_customer_its_renewal_and_its_use(self):
        result = self._load(GOOD)
        self.assertFalse(result["messages"])
        customer = self._find()
        self.assertEqual(result["ids"], customer.ids)
        self.assertEqual(customer.success_stage_id, self.stages["first_use"])
        self.assertEqual(customer.success_user_id, self.csm)
        renewal = customer.success_renewal_ids
        self.assertEqual((renewal.annual_value, renewal.seats), (1200.50, 10))
        self.assertEqual(renewal.currency_id, self.company.currency_id)
        usage = customer.success_usage_ids
        self.assertEqual((usage.active_users, usage.source), (7, "measured"))
        self.assertIs(usage.licensed_users, False)

    def test_the_same_file_again_changes_nothing(self):
        self._load(GOOD)
        self.env.flush_all()
        counts = self._load(GOOD)["counts"]
        self.assertEqual(counts["customers_unchanged"], 1)
        self.assertEqual(counts["renewals_unchanged"], 1)
        self.assertEqual(counts["usages_unchanged"], 1)
        self.assertFalse(counts.get("customers_updated") or counts["customers_created"])
        self.assertEqual(len(self._find()), 1)

    def test_a_subsidiary_is_found_by_its_name(self):
        head = self._customer("Head")
        sub = self._customer("Sub Société", "first_use", parent_id=head.id)
        self.env["res.partner"].create({"name": "Sub Societe", "parent_id": head.id})
        for name in ("Sub Société", "SUB SOCIETE"):
            with self.subTest(name=name):
                result = self._load(self._with(customer=name, reference=""))
                self.assertEqual(result["ids"], sub.ids, result["messages"])
        self.assertEqual(sub.parent_id, head)

    def test_a_correction_changes_what_it_names(self):
        self._load(GOOD)
        counts = self._load(self._with(annual_value="900"))["counts"]
        self.assertEqual((counts["renewals_updated"], counts["customers_unchanged"]), (1, 1))
        self.assertEqual(self._find().success_renewal_ids.annual_value, 900)

    def test_bad_values_name_row_and_field_and_the_good_rows_land(self):
        cases = (
            ("annual_value", "abc", "not a number"),
            ("annual_value", "nan", "not a number"),
            ("annual_value", "1e400", "not a number"),
            ("annual_value", "1,500", "may mean 1500 or 1.5"),
            ("annual_value", "12.500", "may mean 12.5 or 12500"),
            ("annual_value", "12.345", "may mean 12.3450 or 12345"),
            ("annual_value", "12k", "not a number"),
            ("annual_value", "50 %", "not a number"),
            ("annual_value", "500 Kč", "say its currency"),
            ("seats", "12,000", "may mean 12000 or 12"),
            ("seats", "50%", "not a number"),
            ("annual_value", "-3", "not between"),
            ("seats", "-1", "not between"),
            ("seats", "1.5", "whole number"),
            ("seats", "2147483648", "not between"),
            ("date_renewal", "31.13.2027", "not a date"),
            ("date_renewal", "03/04/2027", "may mean 2027-03-04 or 2027-04-03"),
            ("date_renewal", "2026-02-30", "not a date"),
            ("date_renewal", "0001-01-01", "too far in the past"),
            ("date_renewal", "", "needs its date"),
            ("usage_date", "2027-01-01", "between the year 2000 and today"),
            ("stage", "Nowhere", "no stage"),
            ("csm", "nobody", "no user"),
            ("product", "GHOST", "no product"),
            ("product", "", "needs the product"),
            ("customer", "nul\x00", "cannot be stored"),
            ("customer", "x" * 1001, "longer than"),
        )
        rows = [GOOD]
        for number, (column, value, _message) in enumerate(cases):
            rows.append(self._with(**{"reference": f"B-{number}", column: value}))
        rows.append(self._with(reference="A-2", customer="Zenith"))
        result = self._load(*rows)
        self.assertEqual(len(result["messages"]), len(cases))
        for number, (column, _value, text) in enumerate(cases, 1):
            message = result["messages"][number - 1]
            with self.subTest(column=column, text=text):
                self.assertEqual((message["record"], message["field"]), (number, column))
                self.assertIn(text, message["message"])
        self.assertEqual(result["counts"]["rejected"], len(cases))
        self.assertTrue(self._find("A-1") and self._find("A-2"))
        self.assertFalse(self.env["res.partner"].search([("ref", "=like", "B-%")]))

    def _named(self, *names, **changes):
        """Load customers by name only; return the messages about refused rows."""
        rows = [self._with(customer=name, reference="", stage="", **changes) for name in names]
        return [message["message"] for message in self._load(*rows)["messages"]]

    def _count(self):
        return self.env["res.partner"].search_count([("is_company", "=", True)])

    def test_a_name_matches_without_case_accents_spaces_and_legal_form(self):
        twin = self._customer("Société Twin & Fils Ltd")
        before = self._count()
        for name in (
            "SOCIÉTÉ TWIN & FILS LTD ",
            "societe twin  fils limited",
            "Societe Twin & Fils",
            "Société-Twin & Fils L.t.d.",
            "Société Twin&Fils, Ltd.",
        ):
            with self.subTest(name=name):
                twin.success_renewal_ids.unlink()
                self.assertFalse(self._named(name))
                self.assertEqual(self._count(), before)
                self.assertEqual(len(twin.success_renewal_ids), 1)
                self.assertEqual(twin.name, "Société Twin & Fils Ltd")

    def test_a_name_that_two_have_is_refused_in_any_spelling(self):
        self._customer("Twin Ltd")
        self._customer("Twin Ltd")
        before = self._count()
        for name in ("Twin Ltd", "TWIN LTD ", "twin limited", "Twin"):
            with self.subTest(name=name):
                self.assertIn("Several customers", *self._named(name))
        self.assertEqual(self._count(), before)

    def test_an_exact_name_goes_before_another_spelling(self):
        exact, _other = self._customer("Twin Ltd"), self._customer("TWIN")
        self.assertFalse(self._named("Twin Ltd"))
        self.assertEqual(len(exact.success_renewal_ids), 1)

    def test_a_name_like_another_one_is_asked_before_anything_is_written(self):
        for name in ("Northern Lights GmbH", "Twin AG", "Acme Industries"):
            self._customer(name)
        before = self._count()
        for name, like in (
            ("Nothern Lights GmbH", "Northern Lights GmbH"),
            ("Northern Light", "Northern Lights GmbH"),
            ("Lights Northern", "Northern Lights GmbH"),
            ("Twin GmbH", "Twin AG"),
            ("Acme Indsutries", "Acme Industries"),
        ):
            with self.subTest(name=name):
                [message] = self._named(name)
                self.assertIn(f"There is no customer “{name}”, but there is “{like}”", message)
        self.assertEqual(self._count(), before)
        row = [*self._with(customer="Twin GmbH", reference=""), "yes"]
        result = self._load(row, columns=[*COLUMNS, "new_customer"])
        self.assertFalse(result["messages"])
        self.assertEqual(self._count(), before + 1)

    def test_names_that_are_not_alike_are_not_asked_about(self):
        for name in ("Branch 0012", "Acme", "Twin Works North", "株式会社日立"):
            self._customer(name)
        self.assertFalse(
            self._named("Branch 0013", "Acne", "Twin Works South", "株式会社東芝", "Acme Branch 12")
        )

    def test_names_of_one_file_are_compared_with_each_other(self):
        [message] = self._named("Twin Ltd", "TWIN limited")
        self.assertIn("the same as in row 1", message)
        [message] = self._named("Northern Lights", "Nothern Lights")
        self.assertIn("but there is “Northern Lights”", message)
        self.assertEqual(
            self.env["res.partner"].search_count([("name", "=ilike", "twin l%")]),
            1,
        )

    def test_a_reference_completes_the_customer_of_the_name_that_has_none(self):
        known = self._customer("Acme")
        self.assertFalse(
            self._load(
                *(self._with(reference=reference, stage="") for reference in ("A-1", "A-2"))
            )["messages"]
        )
        self.assertEqual(known.ref, "A-1")
        self.assertNotEqual(self._find("A-2"), known)
        self.assertEqual(self._find("A-2").name, "Acme", "another reference is another customer")

    def test_a_name_before_its_reference_means_one_new_customer(self):
        self._load(self._with(reference="", date_renewal="2028-01-31"), GOOD)
        self.assertEqual(len(self.env["res.partner"].search([("name", "=", "Acme")])), 1)
        self.assertEqual(len(self._find().success_renewal_ids), 2)

    def test_a_number_of_users_that_is_hard_to_believe_is_asked_about(self):
        columns = [*COLUMNS, "licensed_users", "confirmed"]
        row = [*self._with(active_users="1000000000000"), "10", ""]
        [message] = self._load(row, columns=columns)["messages"]
        self.assertEqual((message["field"], message["code"]), ("active_users", "unlikely"))
        self.assertIn("write yes in the column “confirmed”", message["message"])
        self.assertFalse(self._find(), "nothing of the row is written")
        self.assertFalse(self._load([*row[:-1], "yes"], columns=columns)["messages"])
        self.assertEqual(self._find().success_usage_ids.active_users, 10**12)
        [message] = self._load(
            [*self._with(active_users="900", usage_date="2026-05-01"), "", ""], columns=columns
        )["messages"]
        self.assertIn("ten times this customer's past (10)", message["message"])

    def test_an_unknown_customer_without_a_name_is_refused(self):
        [message] = self._load(self._with(customer="", reference="X-9"))["messages"]
        self.assertIn("Unknown customer", message["message"])

    def test_an_ambiguous_customer_is_refused(self):
        self.env["res.partner"].create(
            [{"name": "Twin", "ref": "T"}, {"name": "Twin 2", "ref": "T"}]
        )
        [message] = self._load(self._with(reference="T"))["messages"]
        self.assertIn("Several customers", message["message"])

    def test_the_same_row_twice_is_refused_once(self):
        result = self._load(GOOD, GOOD)
        self.assertEqual([m["record"] for m in result["messages"]], [1])
        self.assertIn("row 1", result["messages"][0]["message"])
        self.assertEqual(len(self._find()), 1)

    def test_what_an_unknown_column_brings_is_refused_by_row(self):
        result = self._load(["Acme", "1"], ["Beta", ""], columns=["customer", "seets"])
        [message] = result["messages"]
        self.assertEqual((message["record"], message["field"]), (0, "seets"))
        self.assertIn("no field “seets”. Did you mean “seats”?", message["message"])
        self.assertEqual(len(result["ids"]), 1)

    def test_an_empty_file_is_refused_whole(self):
        with self.assertRaisesRegex(UserError, "no rows"):
            self._load()
        self.assertFalse(self.env["customer.success.usage.delivery"].search([]))

    def test_money_is_rounded_once(self):
        """The values of a file are compared with the stored ones; an amount with more digits used to differ each time."""
        row = self._with(annual_value="1200.3349")
        self._load(row)
        self.assertEqual(self._find().success_renewal_ids.annual_value, 1200.33)
        self.env.flush_all()
        self.assertEqual(self._load(row)["counts"]["renewals_unchanged"], 1)

    def test_a_company_is_named_not_one_of_its_people(self):
        customer = self._customer("Acme", ref="A-1", vat="BE0477472701")
        self._contact(customer, "Ada").ref = "C-ADA"
        [message] = self._load(self._with(reference="C-ADA"))["messages"]
        self.assertIn("is a contact of Acme", message["message"])
        columns = [*COLUMNS, "vat"]
        row = [*self._with(reference="", customer="Acme", stage=""), "be 0477.472.701"]
        self.assertEqual(self._load(row, columns=columns)["ids"], customer.ids)
        self.assertEqual(customer.vat, "BE0477472701", "it says the same")

    def test_refused_rows_are_kept_with_the_delivery(self):
        context = {"success_file_name": "book.csv"}
        intake = self.env["customer.success.intake"].with_user(self.manager)
        intake = intake.with_context(**context)
        bad = self._with(reference="A-2", customer="Zenith", seats="many")
        intake.load(COLUMNS, [GOOD, bad])
        # The next part of the same file.
        again = self._with(reference="A-3", customer="Third", product="GHOST")
        intake.with_context(success_skipped=2).load(COLUMNS, [again, GOOD, GOOD])
        delivery = self.env["customer.success.usage.delivery"].search([])
        self.assertEqual(
            (delivery.kind, delivery.origin, delivery.name), ("customers", "file", "book.csv")
        )
        self.assertEqual(delivery.user_id, self.manager)
        self.assertEqual((delivery.created, delivery.unchanged, delivery.rejected), (3, 3, 3))
        refused = delivery.rejection_ids.sorted("row")
        self.assertEqual(refused.mapped("row"), [2, 3, 5])
        self.assertEqual(refused.mapped("field"), ["seats", "product", "customer"])
        self.assertEqual(refused[0].brought["seats"], "many")
        self.assertEqual(refused[0].brought["customer"], "Zenith")
        self.assertIn("as in row 4", refused[2].message, "as the whole file counts")
        self.assertEqual(self._find().success_usage_ids.delivery_id, delivery)

    def test_text_is_data(self):
        name = "=1+1<script>alert(1)</script>{{7*7}}%s"
        self._load(self._with(customer=name))
        self.assertEqual(self._find().name, name)

    def test_several_rows_of_one_customer_say_one_renewal_once(self):
        result = self._load(*(self._with(usage_date=f"2026-0{month}-01") for month in (3, 4, 5)))
        self.assertFalse(result["messages"])
        self.assertEqual(len(self._find().success_renewal_ids), 1)
        self.assertEqual(len(self._find().success_usage_ids), 3)

    def test_several_renewals_with_the_same_use_say_it_once(self):
        result = self._load(GOOD, self._with(date_renewal="2028-01-31"))
        self.assertFalse(result["messages"])
        self.assertEqual(len(self._find().success_renewal_ids), 2)
        self.assertEqual(len(self._find().success_usage_ids), 1)

    def test_rows_by_reference_and_by_name_mean_one_new_customer(self):
        self._load(GOOD, self._with(reference="", date_renewal="2028-01-31"))
        self.assertEqual(len(self.env["res.partner"].search([("name", "=", "Acme")])), 1)
        self.assertEqual(len(self._find().success_renewal_ids), 2)

    def test_a_row_that_breaks_its_set_is_found_and_the_others_land(self):
        foreign = self.env["res.company"].create({"name": "Foreign"})
        self.product.company_id = foreign
        self.product.flush_recordset()
        rows = [
            self._with(reference=f"G-{n}", product="", usage_date="", active_users="")
            for n in range(5)
        ]
        rows.insert(2, self._with(reference="BAD", customer="Bad"))
        manager = self.manager
        manager.company_ids += foreign
        result = (
            self.env["customer.success.intake"]
            .with_user(manager)
            .with_context(allowed_company_ids=[self.company.id, foreign.id])
            .load(COLUMNS, rows)
        )
        self.assertEqual([message["record"] for message in result["messages"]], [2])
        self.assertEqual(len(result["ids"]), 5)
        self.assertFalse(self._find("BAD"))

    def test_a_renewal_goes_to_the_company_of_its_customer(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.manager.company_ids += other
        customer = self._customer(ref="A-1", company_id=self.company.id)
        intake = (
            self.env["customer.success.intake"]
            .with_user(self.manager)
            .with_context(allowed_company_ids=[other.id, self.company.id])
        )
        row = self._with(product="", usage_date="", active_users="", stage="")
        self.assertFalse(intake.load(COLUMNS, [row])["messages"])
        self.assertEqual(customer.success_renewal_ids.company_id, self.company)
        result = intake.load([*COLUMNS, "company"], [[*row, "Other Company"]])
        self.assertIn("belongs to", result["messages"][0]["message"])

    def test_what_was_archived_is_not_made_again(self):
        columns = [*COLUMNS, "opportunity"]
        row = [*GOOD, "Renewal of Acme"]
        self._load(row, columns=columns)
        lead = self.env["crm.lead"].search([("name", "=", "Renewal of Acme")])
        lead.action_set_lost()
        self._find().success_renewal_ids.active = False
        counts = self._load(row, columns=columns)["counts"]
        self.assertFalse(counts["opportunities_created"] or counts["renewals_created"])
        self._find().active = False
        [message] = self._load(row, columns=columns)["messages"]
        self.assertIn("is archived", message["message"])

    def test_a_file_moves_nobody_through_a_closed_gate_or_back(self):
        self._load(self._with(stage="First use"))
        self._barrier(self._find(), "3")
        result = self._load(self._with(stage="Effective use"))
        self.assertIn("critical barrier", result["messages"][0]["message"])
        result = self._load(self._with(stage="Discover"))
        self.assertIn("needs a reason", result["messages"][0]["message"])
        self.assertEqual(self._find().success_stage_id, self.stages["first_use"])

    def test_an_opportunity_is_opened_once(self):
        columns = ["customer", "date_renewal", "annual_value", "opportunity"]
        row = ["Acme", "2027-01-31", "500", "Renewal of Acme"]
        self._load(row, columns=columns)
        self._load(row, columns=columns)
        lead = self.env["crm.lead"].search([("name", "=", "Renewal of Acme")])
        self.assertEqual((len(lead), lead.expected_revenue), (1, 500))

    def test_an_opportunity_is_worth_its_value_in_the_currency_of_the_company(self):
        currencies = self.env["res.currency"].create(
            [{"name": name, "symbol": name} for name in ("QQA", "QQB")]
        )
        self.env["res.currency.rate"].create(
            {"currency_id": currencies[0].id, "name": "2026-01-01", "rate": 4}
        )
        columns = ["customer", "date_renewal", "annual_value", "currency", "opportunity"]
        self._load(
            ["Acme", "2027-01-31", "500", "QQA", "Known"],
            ["Beta", "2027-01-31", "500", "QQB", "Unknown"],
            columns=columns,
        )
        leads = self.env["crm.lead"].search([("name", "in", ("Known", "Unknown"))])
        self.assertEqual(
            {lead.name: lead.expected_revenue for lead in leads}, {"Known": 125, "Unknown": 0}
        )

    def test_only_managers_load_files(self):
        for user in (self.csm, self.lead_csm, self.sales):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._load(GOOD, user=user)

    def test_the_template_to_download_has_every_column(self):
        from odoo.tools.misc import file_open

        intake = self.env["customer.success.intake"]
        with file_open("customer_success/static/csv/customers.csv", "r") as file:
            heading = file.readline().strip().split(",")
            rows = [line.rstrip("\n").split(",") for line in file]
        self.assertCountEqual(heading, intake._columns())
        result = self._load(*rows, columns=heading)
        self.assertFalse(result["messages"])
