import base64
from io import BytesIO

from openpyxl import Workbook, load_workbook

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import TODAY, SuccessCase


def workbook(*rows, formats=None):
    """Return an XLSX file with these rows."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for cell, number_format in (formats or {}).items():
        book.active[cell].number_format = number_format
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


class FileCase(SuccessCase):
    """A base class with the steps of *Load a File*, as a manager takes them."""

    def _open(self, content, name="book.csv", user=None, **vals):
        content = content if isinstance(content, bytes) else content.encode()
        load = self.env["customer.success.file.load"].with_user(user or self.manager)
        load = load.create({"file": base64.b64encode(content), "file_name": name, **vals})
        load.action_read()
        return load

    def _column(self, load, heading):
        return load.column_ids.filtered(lambda line: line.heading == heading)

    def _value(self, load, theirs):
        return load.value_ids.filtered(lambda line: line.theirs == theirs)

    def _finish(self, load):
        """Go through the steps that are left, and return the delivery."""
        if load.state == "columns":
            load.action_match()
            self.assertFalse(load.problem)
        if load.state == "values":
            load.action_preview()
        self.assertEqual(load.state, "preview")
        load.action_load()
        self.assertEqual(load.state, "done")
        return load.delivery_id

    def _load(self, content, name="book.csv", **vals):
        return self._finish(self._open(content, name, **vals))

    def _partner(self, name):
        return self.env["res.partner"].search([("name", "=", name)])

    def _told(self, delivery):
        return delivery.rejection_ids.sorted("row").mapped(lambda line: (line.row, line.message))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFiles(FileCase):
    def test_any_delimiter_and_encoding_is_read(self):
        text = "Company name;Renewal Date;ARR;Seats\nMüller & Söhne;2027-01-31;12.000,50;80\n"
        for number, (mark, encoding) in enumerate(
            (
                (";", "utf-8"),
                (";", "utf-8-sig"),
                ("\t", "utf-16"),
                ("|", "cp1252"),
                (";", "cp1252"),
                ("^", "utf-16-le"),
            )
        ):
            name = f"Müller {number}"
            with self.subTest(mark=mark, encoding=encoding):
                said = text.replace("Müller & Söhne", name).replace(";", mark)
                self._load(said.encode(encoding))
                renewal = self._partner(name).success_renewal_ids
                self.assertEqual((renewal.annual_value, renewal.seats), (12000.50, 80))

    def test_numbers_and_dates_as_they_are_written(self):
        for number, (value, day) in enumerate(
            (
                ("12.000,50", "31.01.2027"),
                ("12,000.50", "01/31/2027"),
                ("12 000,50", "2027-01-31T00:00:00Z"),
                ("12 000.50", "46418"),
                ("12'000.50", "31 Jan 2027"),
                ("12000.5", "2027/01/31"),
                ("$12,000.50", "Jan 31, 2027"),
            )
        ):
            with self.subTest(value=value, day=day):
                name = f"Acme {number}"
                load = self._open(f"Customer\tEnds\tWorth\n{name}\t{day}\t{value}\n")
                self._column(load, "Ends").column = "date_renewal"
                self._column(load, "Worth").column = "annual_value"
                self._finish(load)
                renewal = self._partner(name).success_renewal_ids
                self.assertEqual(renewal.date_renewal, fields.Date.to_date("2027-01-31"))
                self.assertEqual(renewal.annual_value, 12000.50)

    def test_a_workbook_brings_real_dates_numbers_and_percentages(self):
        customer, product = self._customer("Acme", ref="C-1"), self.product
        day = fields.Date.to_date("2026-05-31")
        content = workbook(
            ["Account ID", "Product Code", "Month", "Active Users", "How Well"],
            [None, " \xa0", None, None, None],
            ["C-1", product.default_code, day, 42, 0.95],
            formats={"E3": "0%"},
        )
        delivery = self._load(content, "use.xlsx", kind="use")
        self.assertFalse(self._told(delivery))
        usage = customer.success_usage_ids
        self.assertEqual((usage.active_users, usage.quality), (42, 95))
        self.assertEqual(usage.date, day.replace(day=1))

    def test_the_order_of_day_and_month_is_that_of_the_whole_column(self):
        self._load("Customer,Renewal Date\nAcme,03/04/2027\nBeta,04/15/2027\n")
        ends = self._partner("Acme").success_renewal_ids.date_renewal
        self.assertEqual(str(ends), "2027-03-04")

    def test_an_order_that_stays_open_is_asked(self):
        load = self._open("Customer,Renewal Date\nAcme,03/04/2027\n")
        load.action_match()
        self.assertEqual(load.state, "columns")
        self.assertIn("“03/04/2027” written with the day or with the month first?", load.problem)
        self.assertFalse(self._partner("Acme"))
        self._column(load, "Renewal Date").form = "day"
        self._finish(load)
        ends = self._partner("Acme").success_renewal_ids.date_renewal
        self.assertEqual(str(ends), "2027-04-03")

    def test_an_open_decimal_mark_is_asked(self):
        load = self._open("Customer;Renewal Date;ARR;Seats\nAcme;2027-01-31;12.000;80\n")
        load.action_match()
        self.assertIn(
            "“12.000” written with a decimal point or a decimal comma?", load.problem or ""
        )
        self._column(load, "ARR").form = "comma"
        self._finish(load)
        renewal = self._partner("Acme").success_renewal_ids
        self.assertEqual((renewal.annual_value, renewal.seats), (12000, 80))

    def test_a_count_of_people_settles_the_decimal_mark(self):
        self._load("Customer;Renewal Date;ARR;Seats\nAcme;2027-01-31;12.000;1.200\n")
        renewal = self._partner("Acme").success_renewal_ids
        self.assertEqual((renewal.annual_value, renewal.seats), (12000, 1200))

    def test_two_orders_in_one_column_are_refused_with_their_rows(self):
        load = self._open("Customer,Renewal Date\nAcme,15.01.2027\nBeta,01/15/2027\n")
        load.action_match()
        self.assertIn("“15.01.2027” in row 2, “01/15/2027” in row 3", load.problem)
        load = self._open(
            "Customer;Renewal Date;ARR\nA;2027-01-31;1.234,50\nB;2027-01-31;1,234.50\n"
        )
        load.action_match()
        self.assertIn("decimal points and decimal commas: “1.234,50” in row 2", load.problem)

    def test_a_file_that_cannot_be_read_is_refused_in_words(self):
        from zipfile import ZIP_DEFLATED, ZipFile

        def archive(parts):
            stream = BytesIO()
            with ZipFile(stream, "w", ZIP_DEFLATED) as file:
                for name, content in parts.items():
                    file.writestr(name, content)
            return stream.getvalue()

        macro = archive({"xl/workbook.xml": "<x/>", "xl/vbaProject.bin": "x"})
        bomb = archive({"xl/workbook.xml": "<x/>", "xl/worksheets/sheet1.xml": b"0" * 80 * 2**20})
        wide = ",".join(f"c{number}" for number in range(1001))
        for content, text in (
            (b"", "Choose a file first"),
            (b"\n \n", "file is empty"),
            (b"Name,Seats, name \nA,1,2\n", "Several columns have the heading “Name”"),
            (macro, "has macros"),
            (bomb, "unpacks to far more"),
            (archive({"word/document.xml": "x"}), "not a table"),
            (b"PK\x03\x04 broken", "damaged"),
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "not a table"),
            (b"\xd0\xcf\x11\xe0 broken", "damaged or protected"),
            (wide.encode(), "has 1001 columns"),
            (b'Customer,Seats\n"A,1\nB,2\n', "quotation mark is opened and not closed"),
        ):
            with self.subTest(text=text), self.assertRaisesRegex(UserError, text):
                self._open(content).action_match()

    def test_500_columns_and_one_column(self):
        wide = ",".join(["Customer", *(f"c{number}" for number in range(499))])
        load = self._open(f"{wide}\nAcme{',1' * 499}\n")
        self.assertEqual(len(load.column_ids), 500)
        load.action_match()
        self.assertIn("Columns that are not read: 499", load.preview)
        load = self._open("Name of it\nAcme\n")
        self.assertIn("one column only", load.hint)
        load.action_match()
        self.assertIn(
            "No column of the file is matched to one of: Customer, Reference", load.problem
        )

    def test_rows_are_numbered_as_in_the_file_and_come_back_to_be_mended(self):
        delivery = self._load(
            "Customer report\n\nCustomer,Seats,Renewal Date\n\nAcme,many,2027-01-31\nBeta,5\nZenith,7,2027-01-31\n"
        )
        self.assertEqual(
            self._told(delivery),
            [
                (5, "“many” is not a number; write it as 1234.5."),
                (6, "The row has more or fewer cells than there are headings."),
            ],
        )
        self.assertTrue(self._partner("Zenith"))
        self.assertFalse(self._partner("Acme") or self._partner("Beta"))

    def test_nothing_is_written_before_the_last_step(self):
        load = self._open("Customer,Lifecycle Stage\nAcme,First use\nBeta,First use\n")
        load.action_match()
        self.assertIn("Acme", load.preview)
        self.assertFalse(self._partner("Acme"))
        self.assertFalse(self.env["customer.success.usage.delivery"].search([]))

    def test_the_preview_shows_what_would_be_refused(self):
        load = self._open("Customer,Seats,Renewal Date\nAcme,many,2027-01-31\n")
        load.action_match()
        self.assertIn("“many” is not a number", load.preview)

    def test_text_is_data_in_the_preview(self):
        load = self._open("Customer,<b>x</b>\n<script>alert(1)</script>,1\n")
        load.action_match()
        self.assertNotIn("<script>", load.preview)
        self.assertIn("&lt;script&gt;", load.preview)

    def test_values_are_matched_and_kept_for_the_next_file(self):
        text = (
            "Company name,Lifecycle Stage,Company owner,Renewal Date,Amount\n"
            f'Acme,Onboarding done,"{self.csm.name}",2027-01-31,"€1,200.50"\n'
            'Beta,Onboarding done,Somebody Else,2027-01-31,"€1,300.50"\n'
            'Zenith,Nonsense,,2027-01-31,"€1,400.50"\n'
        )
        euro = (
            self.env["res.currency"].with_context(active_test=False).search([("name", "=", "EUR")])
        )
        euro.active = True
        load = self._open(text)
        load.action_match()
        self.assertEqual(load.state, "values")
        said = {line.theirs: (line.count, line.ours) for line in load.value_ids}
        self.assertEqual(
            said,
            {
                "Onboarding done": (2, False),
                "Nonsense": (1, False),
                self.csm.name: (1, "test_csm"),
                "Somebody Else": (1, False),
                "€": (3, "EUR"),
            },
        )
        self._value(load, "Onboarding done").ours = "First use"
        self._value(load, "Somebody Else").is_left_out = True
        load.keep_as = "HubSpot companies"
        load.action_preview()
        self.assertIn("“Nonsense” (rows: 1) means nothing here", load.preview)
        delivery = self._finish(load)
        self.assertEqual(self._told(delivery), [(4, "There is no stage “Nonsense”.")])
        acme, beta = self._partner("Acme"), self._partner("Beta")
        self.assertEqual(acme.success_stage_id, self.stages["first_use"])
        self.assertEqual(
            (acme.success_user_id, beta.success_user_id), (self.csm, self.env["res.users"])
        )
        self.assertEqual(acme.success_renewal_ids.currency_id, euro)
        # The next file is matched by itself, and changes nothing.
        load = self._open(text)
        self.assertEqual(load.mapping_id.name, "HubSpot companies")
        load.action_match()
        self.assertEqual(self._value(load, "Onboarding done").ours, "First use")
        again = self._finish(load)
        self.assertEqual((again.created, again.updated, again.rejected), (0, 0, 1))
        # The API takes the same matching.
        answer = (
            self.env["customer.success.intake"]
            .with_user(self.manager)
            .load_file(base64.b64encode(text.encode()).decode(), "x.csv", "hubspot companies")
        )
        self.assertEqual(answer["rejected_count"], 1)
        self.assertEqual(
            answer["unmatched"], [{"column": "stage", "value": "Nonsense", "count": 1}]
        )
        self.assertEqual(
            (answer["rejected"][0]["row"], answer["rejected"][0]["field"]), (4, "stage")
        )

    def test_money_in_a_currency_that_is_not_known_is_not_taken_for_ours(self):
        load = self._open("Customer,Renewal Date,ARR\nAcme,2027-01-31,₪1500.5\n")
        load.action_match()
        self.assertEqual(load.value_ids.mapped("theirs"), ["₪"])
        delivery = self._finish(load)
        self.assertIn("not an active currency", self._told(delivery)[0][1])
        self.assertFalse(self._partner("Acme"))

    def test_a_monthly_value_becomes_an_annual_one(self):
        self._load("Customer,Renewal Date,MRR\nAcme,2027-01-31,100.5\n")
        self._load(
            "Customer Name,Current Period End (UTC),Amount,Interval\nBeta,2027-01-31,100.5,month\nZenith,2027-01-31,900.5,Yearly\n"
        )
        for name, value in (("Acme", 1206), ("Beta", 1206), ("Zenith", 900.5)):
            self.assertEqual(self._partner(name).success_renewal_ids.annual_value, value)

    def test_two_columns_with_one_meaning_are_asked_about(self):
        load = self._open("Customer,Firm\nAcme,Beta\n")
        self._column(load, "Firm").column = "customer"
        load.action_match()
        self.assertIn("“Customer” and “Firm” are both matched to “Customer”", load.problem)

    def test_a_matching_is_checked(self):
        mappings = self.env["customer.success.file.mapping"].with_user(self.manager)
        for vals, text in (
            ({"columns": {"A": "nothing"}}, "no column “nothing”"),
            ({"columns": {"A": "seats", "B": "seats"}}, "Two headings"),
            ({"columns": ["seats"]}, "list of pairs"),
            ({"forms": {"A": "sideways"}}, "not one of"),
            ({"replacements": {"stage": "x"}}, "list of pairs"),
        ):
            with self.subTest(text=text), self.assertRaisesRegex(ValidationError, text):
                mappings.create({"name": str(vals), "kind": "customers", **vals})
        with self.assertRaisesRegex(UserError, "no matching “nope”"):
            mappings._named("nope", "customers")

    def test_a_long_file_goes_on_in_the_background_and_survives_a_stop(self):
        from unittest.mock import patch

        rows = "".join(f"Firm {number:04}x,FX-{number}\n" for number in range(1500))
        load = self._open(f"Customer,Reference\n{rows}")
        load.action_match()
        place = (
            "odoo.addons.customer_success.wizards.loading.customer_success_file_load.MOST_AT_ONCE"
        )
        with patch.dict(place, {"customers": 10}):
            load.action_load()
        self.assertEqual(load.state, "loading")
        self.assertFalse(self.env["res.partner"].search_count([("ref", "=like", "FX-%")]))
        cron = self.env.ref("customer_success.ir_cron_load_files")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((load.state, load.rows_done), ("done", 1500))
        self.assertEqual(self.env["res.partner"].search_count([("ref", "=like", "FX-%")]), 1500)
        delivery = load.delivery_id
        self.assertEqual((delivery.created, delivery.user_id), (1500, self.manager))

    def test_a_later_part_knows_the_names_of_an_earlier_one(self):
        from unittest.mock import patch

        place = "odoo.addons.customer_success.wizards.loading.file_run.BATCH"
        with patch(place, 1):
            delivery = self._load(
                "Customer,Renewal Date\nNorthern Lights GmbH,2027-01-31\n"
                "northern lights,2028-01-31\nNothern Lights GmbH,2029-01-31\n"
            )
        [(row, message)] = self._told(delivery)
        self.assertEqual(row, 4)
        self.assertIn("but there is “Northern Lights GmbH”", message)
        self.assertEqual(len(self._partner("Northern Lights GmbH").success_renewal_ids), 2)

    def test_only_managers_load_customers(self):
        for user in (self.csm, self.lead_csm, self.sales):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._open("Customer\nAcme\n", user=user)
        with self.assertRaises(AccessError):
            self.env["customer.success.intake"].with_user(self.csm).load_file("QQ==", "a.csv")

    def test_a_csm_loads_use_and_does_not_see_the_files_of_others(self):
        self._customer("Acme", ref="C-1", success_user_id=self.csm.id)
        text = f"Account ID,Product Code,Month,Active Users\nC-1,{self.product.default_code},2026-05-01,7\n"
        load = self._open(text, kind="use", user=self.csm)
        load.keep_as = "Telemetry"
        self.assertFalse(self._told(self._finish(load)))
        with self.assertRaises(AccessError):
            load.with_user(self.lead_csm).read(["file_name"])
        mappings = self.env["customer.success.file.mapping"]
        mappings.create({"name": "Book", "kind": "customers"})
        self.assertEqual(mappings.with_user(self.csm).search([]).mapped("name"), ["Telemetry"])
        self.assertEqual(len(mappings.with_user(self.manager).search([])), 2)
        with self.assertRaises(AccessError):
            mappings.with_user(self.sales).search([])


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFilesOfPersons(FileCase):
    """A file with one row a user; the product and the period are asked if the file does not say them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.acme = cls._customer("Acme Works")
        cls.beta = cls._customer("Beta Works")

    HEAD = "User Email,Account Name,Last Login,Role,User Status\n"

    def _persons(self, *rows, **vals):
        load = self._open(self.HEAD + "".join(f"{row}\n" for row in rows), kind="use")
        self.assertEqual(load.kind, "persons")
        load.write({"product_id": self.product.id, **vals})
        return load

    def _use(self, customer):
        return customer.success_usage_ids.mapped(
            lambda usage: (str(usage.date), usage.licensed_users, usage.active_users)
        )

    def test_licensed_and_active_users_are_counted(self):
        load = self._persons(
            "ada@x.io,ACME works,2026-06-10,admin,Active",
            "ADA@x.io,Acme Works,2026-06-11,user,Active",
            "bob@x.io,Acme Works,2026-05-30,user,Active",
            "cyd@x.io,Acme Works,,user,Active",
            "dan@x.io,Acme Works,2026-06-02,user,Deactivated",
            "eve@x.io,Beta Works,2026-06-12,user,Active",
        )
        delivery = self._finish(load)
        self.assertFalse(self._told(delivery))
        self.assertEqual(self._use(self.acme), [("2026-06-01", 3, 1)])
        self.assertEqual(self._use(self.beta), [("2026-06-01", 1, 1)])
        self.assertFalse(self.env["res.partner"].search([("email", "ilike", "x.io")]))

    def test_the_same_file_again_changes_nothing(self):
        rows = ["ada@x.io,Acme Works,2026-06-10,admin,Active"]
        self._finish(self._persons(*rows))
        again = self._finish(self._persons(*rows))
        self.assertEqual((again.created, again.updated, again.unchanged), (0, 0, 1))

    def test_users_who_went_on_after_the_period_count_in_it(self):
        """Exported some days after the end of May, the file is still one about May."""
        self._finish(
            self._persons(
                "ada@x.io,Acme Works,2026-06-02,admin,Active",
                "bob@x.io,Acme Works,2026-05-11,admin,Active",
                "cyd@x.io,Acme Works,2026-04-11,admin,Active",
                period_date="2026-05-15",
            )
        )
        self.assertEqual(self._use(self.acme), [("2026-05-01", 3, 2)])

    def test_a_period_of_which_the_file_knows_nothing_is_refused(self):
        row = "ada@x.io,Acme Works,2026-06-02,admin,Active"
        for day, text in (
            ("2026-02-01", "does not say who was active until 2026-02-28"),
            ("2026-07-01", "Nobody in the file was active on 2026-07-01 or later"),
        ):
            load = self._persons(row, period_date=day)
            with self.subTest(day=day), self.assertRaisesRegex(UserError, text):
                load.action_match()
                load.action_preview()
        self.assertFalse(self._use(self.acme))

    def test_a_file_without_activity_leaves_it_unknown(self):
        load = self._open(
            "User Email,Account Name\nada@x.io,Acme Works\nbob@x.io,Acme Works\n", kind="persons"
        )
        load.product_id = self.product
        self._finish(load)
        usage = self.acme.success_usage_ids
        self.assertEqual(usage.licensed_users, 2)
        self.assertIs(usage.active_users, False)

    def test_an_unknown_customer_is_refused_once_with_its_users(self):
        rows = [f"u{number}@x.io,Nobody Inc,2026-06-01,user,Active" for number in range(5)]
        delivery = self._finish(self._persons("ada@x.io,Acme Works,2026-06-10,a,Active", *rows))
        self.assertEqual(self._told(delivery), [(3, "There is no customer “Nobody Inc”.")])
        brought = delivery.rejection_ids.brought
        self.assertEqual((brought["licensed_users"], brought["customer_name"]), ("5", "Nobody Inc"))
        self.assertNotIn("x.io", str(brought))

    def test_the_product_is_asked(self):
        load = self._persons("ada@x.io,Acme Works,2026-06-10,admin,Active", product_id=False)
        load.action_match()
        self.assertIn("Choose the product of all rows", load.problem)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFilesOfSystems(FileCase):
    """Exports in the form of other systems are recognised by their headings and change nothing the second time."""

    FILES = {
        "HubSpot": (
            "Record ID,Company name,Company owner,Lifecycle Stage,Next Renewal Date,Annual Recurring Revenue\n"
            "1001,Acme Bakery,test_csm,First use,2027-01-31,12000.50\n"
        ),
        "Salesforce": (
            "Account ID;Account Name;Account Owner;Contract Start Date;Contract End Date;Amount;Account Currency\n"
            "001A000001;Acme Bakery;test_csm;31/01/2026;30/01/2027;12.000,50;{currency}\n"
        ),
        "Gainsight": (
            "Company ID,Name,CSM,Stage,Original Contract Date,Renewal Date,ARR\n"
            "1P02,Acme Bakery,test_csm,First use,2025-01-31,2027-01-31,12000.50\n"
        ),
        "ChurnZero": (
            "accountExternalId,name,nextRenewalDate,totalContractAmount,isActive,startDate,endDate,licenseCount\n"
            "C-1,Acme Bakery,01/31/2027,12000.50,true,01/31/2026,01/30/2027,25\n"
        ),
        "Planhat": (
            "Id\tName\tExternal Id\tOwner\tPhase\tRenewal Date\tMRR\n"
            "5f\tAcme Bakery\tC-1\ttest_csm\tFirst use\t2027-01-31T00:00:00.000Z\t1000.0416667\n"
        ),
        "Stripe": (
            "id,Customer ID,Customer Name,Plan,Quantity,Currency,Interval,Amount,Current Period Start (UTC),Current Period End (UTC)\n"
            "sub_1,cus_1,Acme Bakery,PLANNER,25,{lower},year,12000.50,2026-01-31 00:00,2027-01-31 00:00\n"
        ),
        "Chargebee": (
            "subscriptions.id,customers.id,Customer Company,Plan Name,Plan Quantity,Currency Code,Current Term Start,Current Term End,Amount\n"
            "s1,c1,Acme Bakery,PLANNER,25,{currency},31-Jan-2026 10:20,31-Jan-2027 10:20,12000.50\n"
        ),
    }

    def test_each_export_loads_and_changes_nothing_the_second_time(self):
        code = self.company.currency_id.name
        for system, text in self.FILES.items():
            with self.subTest(system=system):
                content = text.format(currency=code, lower=code.lower())
                first = self._load(content, f"{system}.csv")
                self.assertFalse(self._told(first))
                renewal = self._partner("Acme Bakery").success_renewal_ids
                self.assertEqual((len(renewal), renewal.annual_value), (1, 12000.50))
                again = self._load(content, f"{system}.csv")
                self.assertEqual((again.created, again.updated, again.rejected), (0, 0, 0))
                self._partner("Acme Bakery").success_renewal_ids.unlink()
                self._partner("Acme Bakery").unlink()

    def test_refused_rows_come_back_as_a_file_that_loads(self):
        delivery = self._load("Account Name,Licence Count,Renewal Date\nAcme,many,31.01.2027\n")
        columns = delivery._columns()
        brought = delivery.rejection_ids.brought
        self.assertEqual((brought["customer"], brought["date_renewal"]), ("Acme", "2027-01-31"))
        brought = {**brought, "seats": "5"}
        mended = workbook(columns, [brought.get(column) for column in columns])
        self.assertEqual(load_workbook(BytesIO(mended)).active.max_row, 2)
        self.assertFalse(self._told(self._load(mended, "mended.xlsx")))
        self.assertEqual(self._partner("Acme").success_renewal_ids.seats, 5)
