import doctest
from importlib import import_module
from pathlib import Path

from odoo.tests import BaseCase, tagged

ADDON = Path(__file__).parents[1]
PROMPT = ">" * 3 + " "  # not as a literal: this file has no example


def modules_with_examples():
    """Yield the name of each module of the addon that has an example, and how many it has."""
    for path in sorted(ADDON.rglob("*.py")):
        count = path.read_text(encoding="utf-8").count(PROMPT)
        if count:
            yield ".".join(path.relative_to(ADDON).with_suffix("").parts), count


@tagged("at_install", "-post_install")
class TestDoctests(BaseCase):
    def test_examples_in_docstrings_hold(self):
        """The formulas are specified by the examples beside them; each one that is written is run."""
        found = dict(modules_with_examples())
        self.assertIn("scoring.risk", found)
        for name, count in found.items():
            with self.subTest(module=name):
                result = doctest.testmod(import_module(f"odoo.addons.customer_success.{name}"))
                self.assertEqual(result.attempted, count, "doctest does not see each example")
                self.assertFalse(result.failed)
