"""Files that ./dev load refuses, whole or by row, before Odoo sees them."""

import importlib.util
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).parent.parent / "scripts"
TELCO = "customerID,tenure,Contract,MonthlyCharges,InternetService,Churn,PhoneService"


def load_script():
    spec = importlib.util.spec_from_file_location("load", SCRIPTS / "load.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestLoad(unittest.TestCase):
    def setUp(self):
        self.load = load_script()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "customers.csv"

    def read(self, content, map_row=dict):
        self.file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self.load.read(self.file, map_row)

    def test_rows_come_with_their_line(self):
        rows, rejected = self.read('customer,reference\n"A\nB",1\nC,2\n')
        self.assertEqual([line for line, _row in rows], [3, 4])
        self.assertFalse(rejected)

    def test_files_of_which_nothing_can_be_read(self):
        for content, text in (
            ("", "is empty"),
            ("customer\n", "no rows"),
            (b"customer\n\xff\xfe\n", "line 2 is not UTF-8"),
        ):
            with self.subTest(text=text), self.assertRaisesRegex(ValueError, text):
                self.read(content)

    def test_a_ragged_row_is_left_out_alone(self):
        rows, rejected = self.read("customer,reference\nA,1\nB\nC,3,4\nD,4\n")
        self.assertEqual([row["customer"] for _line, row in rows], ["A", "D"])
        self.assertEqual([line for line, _column, _text in rejected], [3, 4])

    def test_a_mapping_names_the_column_it_cannot_read(self):
        rows, rejected = self.read(
            f"{TELCO}\n1,abc,One year,10,No,No,Yes\n2,5,Ten years,10,No,No,Yes\n3,5,One year,x,No,No,Yes\n",
            self.load.mapping("telco"),
        )
        self.assertFalse(rows)
        self.assertEqual(
            [(line, column) for line, column, _text in rejected],
            [(2, "tenure"), (3, "Contract"), (4, "MonthlyCharges")],
        )

    def test_a_file_without_the_columns_of_its_mapping_is_refused_whole(self):
        with self.assertRaisesRegex(ValueError, "no column 'tenure'"):
            self.read("customerID\n1\n", self.load.mapping("telco"))

    def test_an_unknown_mapping_is_named_with_the_known_ones(self):
        with self.assertRaisesRegex(ValueError, "no mapping nope; known: telco"):
            self.load.mapping("nope")
