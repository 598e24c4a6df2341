from io import BytesIO

from openpyxl import Workbook

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .test_files import FileCase, workbook


def _saved(book):
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFilesBad(FileCase):
    """Files that are not as they should be: each is read right or refused in words, and nothing is half-written."""

    def _refused(self, content, text, name="book.csv"):
        """Check that a file is refused with these words at one of the steps, and has written nothing."""
        before = self.env["res.partner"].search_count([])
        said = ""
        try:
            load = self._open(content, name)
            load.action_match()
            said = load.problem or load.preview or ""
        except UserError as refusal:
            said = str(refusal)
        self.assertIn(text, said)
        self.assertEqual(self.env["res.partner"].search_count([]), before)
        self.assertFalse(self.env["customer.success.usage.delivery"].search([]))

    def test_headings_without_rows(self):
        for content, name in (
            (b"Customer,Seats\n", "book.csv"),
            (b"Customer,Seats\n\n , \n", "book.csv"),
            (workbook(["Customer", "Seats"]), "book.xlsx"),
        ):
            self._refused(content, "no rows below the headings", name)

    def test_an_empty_workbook(self):
        self._refused(_saved(Workbook()), "file is empty", "book.xlsx")

    def test_nul_bytes(self):
        self._refused(b"Customer,Seats\nAc\0me,1\n", "not a table")
        late = b"Customer,Reference\n" + b"Acme,A-1\n" * 1000 + b"Bad\0,1\n"
        self._refused(late, "not a table")

    def test_a_wrong_extension_does_not_matter(self):
        self._load(workbook(["Customer", "Reference"], ["Acme", "A-1"]), "book.csv")
        self.assertTrue(self._partner("Acme"))
        self._load(b"Customer,Reference\nBeta,B-1\n", "book.xlsx")
        self.assertTrue(self._partner("Beta"))

    def test_other_kinds_of_files(self):
        for content in (
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n\0\0",
            b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        ):
            self._refused(content, "not a table")

    def test_utf16_without_a_mark(self):
        for encoding in ("utf-16-le", "utf-16-be"):
            name = f"Größe {encoding[-2:]}"
            self._load(f"Customer;Reference\n{name};R-{encoding}\n".encode(encoding))
            self.assertTrue(self._partner(name))

    def test_line_breaks_and_delimiters_in_quotes(self):
        delivery = self._load(
            'Customer;Reference;Notes\n"Acme; Inc.";A-1;"two\nlines"\nBeta;B-1;\n'
        )
        self.assertFalse(self._told(delivery))
        self.assertEqual(self._partner("Acme; Inc.").ref, "A-1")
        self.assertEqual(self._partner("Beta").ref, "B-1")

    def test_a_name_of_two_lines_becomes_one(self):
        self._load('Customer,Reference\n"Acme\nWorks",A-1\n')
        [partner] = self.env["res.partner"].search([("ref", "=", "A-1")])
        self.assertEqual(partner.name, "Acme Works")

    def test_merged_cells(self):
        book = Workbook()
        for row in (
            ["The book of 2026"],
            ["Customer", "Reference"],
            ["Acme", "A-1"],
            [None, "A-2"],
            ["Beta", "B"],
        ):
            book.active.append(row)
        book.active.merge_cells("A1:B1")
        book.active.merge_cells("A3:A4")
        delivery = self._load(_saved(book), "book.xlsx")
        self.assertEqual(self._partner("Acme").ref, "A-1")
        self.assertEqual([row for row, _why in self._told(delivery)], [4])

    def test_formulas_without_values_are_refused(self):
        """A workbook that a program wrote has formulas, and no values of them: an empty cell would be read."""
        content = workbook(["Customer", "Renewal Date", "ARR"], ["Acme", "2027-01-31", "=100*12"])
        self._refused(content, "formula", "book.xlsx")

    def test_hidden_sheets_are_passed_over(self):
        book = Workbook()
        book.active.append(["Customer", "Reference"])
        book.active.append(["Hidden", "H-1"])
        book.active.sheet_state = "hidden"
        shown = book.create_sheet("Shown")
        shown.append(["Customer", "Reference"])
        shown.append(["Acme", "A-1"])
        book.active = 1
        self._load(_saved(book), "book.xlsx")
        self.assertTrue(self._partner("Acme"))
        self.assertFalse(self._partner("Hidden"))

    def test_dates_that_cannot_be(self):
        for day in ("1899-12-31", "0026-01-31", "2027-02-30", "31.02.2027", "-1"):
            with self.subTest(day=day):
                load = self._open(f"Customer,Renewal Date\nNobody,{day}\n")
                load.action_match()
                if load.state == "values":
                    load.action_preview()
                self.assertIn("text-danger", load.preview or load.problem)
                load.action_load()
                self.assertFalse(self._partner("Nobody"))

    def test_dates_before_1900_in_a_workbook(self):
        content = workbook(["Customer", "Renewal Date"], ["Acme", -5], formats={"B2": "yyyy-mm-dd"})
        delivery = self._load(content, "book.xlsx")
        self.assertEqual(len(self._told(delivery)), 1)
        self.assertFalse(self._partner("Acme"))

    def test_a_workbook_with_a_password(self):
        # An encrypted workbook is a compound document with the parts EncryptionInfo and EncryptedPackage.
        head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
        self._refused(head + "EncryptedPackage".encode("utf-16-le") * 99, "password", "book.xlsx")

    def test_text_that_looks_like_a_formula_is_data(self):
        self._load(b'Customer,Reference\n"=HYPERLINK(1)",A-1\n')
        self.assertEqual(
            self.env["res.partner"].search([("ref", "=", "A-1")]).name, "=HYPERLINK(1)"
        )

    def test_200_000_rows_wait_for_the_job(self):
        rows = "".join(f"Firm,F-{number}\n" for number in range(200_000))
        load = self._open(f"Customer,Reference\n{rows}")
        load.action_match()
        self.assertEqual(load.rows, 200_000)
        load.action_load()
        self.assertEqual(load.state, "loading")
        self.assertFalse(self.env["res.partner"].search_count([("ref", "=like", "F-%")]))

    def test_too_many_rows(self):
        from unittest.mock import patch

        with patch("odoo.addons.customer_success.ingestion.tables.MOST_ROWS", 2):
            self._refused("Customer,Reference\nA,1\nB,2\nC,3\n", "more than 2 rows")
