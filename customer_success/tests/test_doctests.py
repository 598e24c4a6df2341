import doctest
from importlib import import_module

from odoo.tests import BaseCase, tagged

MODULES = (
    "scoring.rules",
    "scoring.factors",
    "scoring.health",
    "scoring.risk",
    "scoring.evaluation",
    "scoring.learning",
    "scoring.levers",
    "scoring.movement",
    "scoring.terms",
    "scoring.sources",
    "scoring.background",
    "scoring.store",
    "scoring.engine",
    "plays.triggers",
    "report.brief.chart",
    "models.common.excel_text",
    "report.workbook.cells",
    "report.workbook.formats",
    "models.outputs.slots",
)


@tagged("at_install", "-post_install")
class TestDoctests(BaseCase):
    def test_examples_in_docstrings_hold(self):
        """The formulas are specified by the examples beside them."""
        for name in MODULES:
            with self.subTest(module=name):
                module = import_module(f"odoo.addons.customer_success.{name}")
                result = doctest.testmod(module)
                self.assertTrue(result.attempted, "a module without an example specifies nothing")
                self.assertFalse(result.failed)
