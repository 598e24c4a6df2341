import ast
import re
from pathlib import Path

from odoo.tests import TransactionCase, tagged

TESTS = Path(__file__).parent
PAGE = TESTS.parents[1] / "docs" / "method.md"
CONCEPTS = range(1, 93)
ROW = re.compile(r"^\| (S\d+) \|(.+)\|$", re.MULTILINE)
NAMED = re.compile(r"`(Test\w+)\.(test_s(\d+)_\w+)`")


def concept_tests():
    """Yield the class and name of each test method named after a concept, such as ``test_s6_…``."""
    for path in TESTS.rglob("test_*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                for method in node.body:
                    if isinstance(method, ast.FunctionDef) and re.match(r"test_s\d+_", method.name):
                        yield node.name, method.name


@tagged("post_install", "-at_install")
class TestMethod(TransactionCase):
    """The page of the method names each concept once, with tests that exist."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = ROW.findall(PAGE.read_text())
        cls.named = [
            (code, test)
            for code, cells in cls.rows
            for test in NAMED.findall(cells.rsplit("|", 1)[1])
        ]

    def test_each_concept_has_one_row(self):
        self.assertEqual(
            sorted((code for code, _cells in self.rows), key=lambda code: int(code[1:])),
            [f"S{number}" for number in CONCEPTS],
        )

    def test_each_row_says_where_it_is_and_what_it_changes(self):
        for code, cells in self.rows:
            with self.subTest(concept=code):
                texts = [cell.strip() for cell in cells.split("|")]
                self.assertEqual(len(texts), 4)
                self.assertTrue(all(texts))

    def test_each_concept_has_a_test_of_its_own_number(self):
        self.assertEqual({code for code, _test in self.named}, {code for code, _cells in self.rows})
        for code, (case, method, number) in self.named:
            with self.subTest(concept=code, test=f"{case}.{method}"):
                self.assertEqual(code, f"S{number}")

    def test_the_page_names_the_tests_that_exist(self):
        named = {(case, method) for _code, (case, method, _number) in self.named}
        self.assertEqual(named, set(concept_tests()))
