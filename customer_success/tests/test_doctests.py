import doctest
from importlib import import_module
from pathlib import Path

from odoo.tests import BaseCase, tagged

PROMPT = ">" * 3 + " "  # not as a literal: this file has no example


def run_examples(case, addon):
    """Run each example in the docstrings of an addon, in a test of this addon or of a bridge.

    Return the names of the modules that have some. A module fails where doctest does not see each
    example that is written in it.
    """
    folder = Path(import_module(f"odoo.addons.{addon}").__file__).parent
    names = []
    for path in sorted(folder.rglob("*.py")):
        written = path.read_text(encoding="utf-8").count(PROMPT)
        if written:
            names.append(".".join(path.relative_to(folder).with_suffix("").parts))
            with case.subTest(module=names[-1]):
                result = doctest.testmod(import_module(f"odoo.addons.{addon}.{names[-1]}"))
                case.assertEqual(result.attempted, written, "doctest does not see each example")
                case.assertFalse(result.failed)
    return names


@tagged("at_install", "-post_install")
class TestDoctests(BaseCase):
    def test_examples_in_docstrings_hold(self):
        """The formulas are specified by the examples beside them; each one that is written is run."""
        self.assertIn("scoring.risk", run_examples(self, "customer_success"))
