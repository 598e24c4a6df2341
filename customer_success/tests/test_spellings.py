"""Customers and products are found by reference, VAT number, external id and name in any spelling, at every door."""

from odoo.tests import freeze_time, tagged

from .common import TODAY
from .test_files import FileCase

# What is recorded -> what a row may say for it.
VATS = {
    "BE0477472701": ("BE 0477.472.701", "be0477472701", "0477472701", "0477.472.701", "477472701"),
    "DE 136 695 976": ("DE136695976", "de-136.695.976", "136695976", "DE136695976 "),
    "CHE-116.281.710 MWST": ("CHE116281710", "CHE-116.281.710 TVA", "116.281.710"),
    "NL004495445B01": ("NL 0044.95.445.B.01", "004495445B01", "nl004495445b01"),
    "EL094014201": ("GR094014201", "EL 094014201", "94014201"),
}
REFERENCES = {
    "C-1001": ("c-1001", " C-1001 ", "Ｃ-1001"),
    "north 12": ("NORTH 12", "North  12", "north\N{NO-BREAK SPACE}12"),
}
PRODUCTS = ("planner", " Planner ", "PLANNER")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSpellings(FileCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.by_vat = {
            vat: cls._customer(f"Firm {number}", vat=vat) for number, vat in enumerate(VATS)
        }
        cls.by_ref = {
            ref: cls._customer(f"House {number}", ref=ref) for number, ref in enumerate(REFERENCES)
        }
        cls.cases = [
            (cls.by_vat[vat], "vat", text) for vat, texts in VATS.items() for text in (vat, *texts)
        ] + [
            (cls.by_ref[ref], "ref", text)
            for ref, texts in REFERENCES.items()
            for text in (ref, *texts)
        ]

    def _count(self):
        return self.env["res.partner"].search_count([("is_company", "=", True)])

    def test_the_api_finds_each_spelling(self):
        usages = self.env["customer.success.usage"].with_user(self.manager)
        for customer, column, text in self.cases:
            with self.subTest(text=text):
                row = self._row(**{f"customer_{column}": text, "date": "2026-04-01"})
                self.assertFalse(usages.ingest([row])["rejected"])
                self.env.invalidate_all()
                self.assertEqual(len(customer.success_usage_ids), 1)
                customer.success_usage_ids.unlink()

    def test_a_file_of_customers_finds_each_spelling_and_changes_none(self):
        before = self._count()
        intake = self.env["customer.success.intake"].with_user(self.manager)
        for customer, column, text in self.cases:
            with self.subTest(text=text):
                said = customer[column]
                heading = {"ref": "reference"}.get(column, column)
                answer = intake.load(["customer", heading], [[customer.name, text]])
                self.assertEqual(answer["ids"], customer.ids, answer["messages"])
                self.assertEqual(customer[column], said)
        self.assertEqual(self._count(), before)

    def test_the_screen_finds_each_spelling(self):
        before = self._count()
        lines = [
            f'{customer.name},"{text}",2027-01-31,K{number}'
            for number, (customer, column, text) in enumerate(self.cases)
            if column == "vat"
        ]
        delivery = self._load("\n".join(["customer,vat,date_renewal,contract_number", *lines]))
        self.assertFalse(delivery.rejected, self._told(delivery))
        self.assertEqual(self._count(), before)

    def test_a_file_that_brings_the_spellings_of_one_new_customer(self):
        texts = ["BE0403170701", "BE 0403.170.701", "be0403170701", "0403170701", "403.170.701"]
        intake = self.env["customer.success.intake"].with_user(self.manager)
        answer = intake.load(
            ["customer", "vat"], [[f"New {n}", text] for n, text in enumerate(texts[:1])]
        )
        self.assertFalse(answer["messages"])
        [new] = answer["ids"]
        answer = intake.load(
            ["customer", "vat", "contract_number", "date_renewal"],
            [["New 0", text, f"K{n}", "2027-01-31"] for n, text in enumerate(texts)],
        )
        self.assertEqual(set(answer["ids"]), {new}, answer["messages"])

        others = ["FR40303265045", "FR 40 303 265 045", "fr40303265045", "40303265045"]
        rows = [["Other", text, f"K{n}", "2027-01-31"] for n, text in enumerate(others)]
        answer = intake.load(["customer", "vat", "contract_number", "date_renewal"], rows)
        self.assertEqual(len(set(answer["ids"])), 1, answer["messages"])
        self.assertEqual(self.env["res.partner"].browse(answer["ids"][0]).vat, others[0])

    def test_a_number_without_its_country_is_asked_about_unless_one_is_at_home(self):
        self._customer("Here", vat="FR123456789")
        self._customer("There", vat="DE123456789")
        intake = self.env["customer.success.intake"].with_user(self.manager)
        usages = self.env["customer.success.usage"].with_user(self.manager)
        answer = intake.load(["customer", "vat"], [["Here", "123456789"]])
        self.assertEqual(answer["messages"][0]["code"], "several")
        answer = usages.ingest([self._row(customer_vat="123 456 789")])
        self.assertEqual(answer["rejected"][0]["code"], "several")
        self.company.country_id = self.env.ref("base.de")
        answer = intake.load(["customer", "vat"], [["There", "123456789"]])
        self.assertEqual(answer["ids"], self._partner("There").ids, answer["messages"])
        self.assertFalse(usages.ingest([self._row(customer_vat="123 456 789")])["rejected"])

    def test_innocent_another_country_another_number_or_none_is_another_customer(self):
        intake = self.env["customer.success.intake"].with_user(self.manager)
        known = set(self.by_vat["BE0477472701"].ids)
        for number, text in enumerate(("FR0477472701", "BE0477472702", "/", "n/a", "BE")):
            with self.subTest(text=text):
                answer = intake.load(
                    ["customer", "vat", "new_customer"], [[f"Stranger {number}", text, "yes"]]
                )
                self.assertFalse(answer["messages"])
                self.assertFalse(known & set(answer["ids"]))

    def test_a_new_reference_with_a_known_vat_number_is_the_known_customer(self):
        intake = self.env["customer.success.intake"].with_user(self.manager)
        customer = self.by_vat["BE0477472701"]
        answer = intake.load(
            ["customer", "reference", "vat"], [["Firm 0", "NEW-1", "be 0477.472.701"]]
        )
        self.assertEqual(answer["ids"], customer.ids, answer["messages"])
        self.assertEqual((customer.ref, customer.vat), ("NEW-1", "BE0477472701"))
        # Two references at one VAT number are two customers, as in a group.
        answer = intake.load(
            ["customer", "reference", "vat", "new_customer"],
            [["Firm 0 South", "NEW-2", "BE0477472701", "yes"]],
        )
        self.assertNotEqual(answer["ids"], customer.ids)

    def test_names_are_read_alike_by_the_api_and_files(self):
        customer = self._customer("Société Générale Été S.A.")
        usages = self.env["customer.success.usage"].with_user(self.manager)
        for text in (
            "SOCIETE GENERALE ETE",
            "Societe Generale  Ete SA",
            "société générale été s.a.",
            " Societe-Generale Ete ",
            "Société Générale Été Société Anonyme",
        ):
            with self.subTest(text=text):
                self.assertFalse(usages.ingest([self._row(customer_name=text)])["rejected"])
                intake = self.env["customer.success.intake"].with_user(self.manager)
                answer = intake.load(["customer"], [[text]])
                self.assertEqual(answer["ids"], customer.ids, answer["messages"])

    def test_products_are_read_alike(self):
        customer = self.by_ref["C-1001"]
        usages = self.env["customer.success.usage"].with_user(self.manager)
        intake = self.env["customer.success.intake"].with_user(self.manager)
        for text in PRODUCTS:
            with self.subTest(text=text):
                self.assertFalse(
                    usages.ingest([self._row(customer, product_code=text)])["rejected"]
                )
                row = self._row(customer, product_name=text)
                del row["product_code"]
                self.assertFalse(usages.ingest([row])["rejected"])
                answer = intake.load(
                    ["reference", "product", "date_renewal"], [["C-1001", text, "2027-01-31"]]
                )
                self.assertFalse(answer["messages"])
        self.assertEqual(customer.success_renewal_ids.product_id, self.product)
        self.assertEqual(customer.success_usage_ids.product_id, self.product)

    def test_two_that_only_differ_in_case_are_asked_about(self):
        self._customer("One", ref="ab-1")
        self._customer("Two", ref="AB-1")
        usages = self.env["customer.success.usage"].with_user(self.manager)
        self.assertFalse(usages.ingest([self._row(customer_ref="AB-1")])["rejected"])
        answer = usages.ingest([self._row(customer_ref="Ab-1")])
        self.assertEqual(answer["rejected"][0]["code"], "several")
