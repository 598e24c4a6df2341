import ast
import unittest
from pathlib import Path
from unittest.mock import patch

from devtools import wings


class TestWings(unittest.TestCase):
    """The law of floors and wings sees a dependency wherever Odoo hides it."""

    def _source(self, name, text):
        source = wings.Source(wings.ADDON / name, ast.parse(text))
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                wings._read_class(source, node)
        return source

    def setUp(self):
        self.high = self._source(
            "models/scores/customer_success_score.py",
            "class Score(Model):\n"
            "    _name = 'customer.success.score'\n"
            "    health = Float()\n"
            "class Partner(Model):\n"
            "    _inherit = 'res.partner'\n"
            "    success_score_id = Many2one('customer.success.score')\n",
        )

    def _up(self, text):
        low = self._source("models/customer/res_partner.py", text)
        arrows = wings.arrows([self.high, low])
        return [arrow.how for arrow in wings.up(arrows, {s.name: s.wing for s in (self.high, low)})]

    def test_a_model_is_seen_by_name_inheritance_table_path_and_import(self):
        body = "class Low(Model):\n    _inherit = 'res.partner'\n    "
        for text, how in (
            ("x = env['customer.success.score']", "model"),
            ("class Low(Model):\n    _inherit = 'customer.success.score'", "_inherit"),
            ("x = 'SELECT 1 FROM customer_success_score s'", "table"),
            (body + "x = Float(related='success_score_id.health')", "path"),
            ("from ..scores.customer_success_score import X", "import"),
            (
                "from odoo.addons.customer_success.models.scores.customer_success_score import X",
                "import",
            ),
        ):
            with self.subTest(how), patch.object(wings, "ADDON", Path("/addons/customer_success")):
                self.setUp()
                self.assertIn(how, self._up(text))

    def test_what_is_only_told_is_no_dependency(self):
        self.assertFalse(self._up('"""Unlike customer_success_score of the scores."""'))

    def test_a_dependency_down_is_no_finding(self):
        low = self._source("models/use/x.py", "class X(Model):\n    _name = 'customer.success.x'\n")
        high = self._source("models/work/y.py", "x = env['customer.success.x']")
        arrows = wings.arrows([low, high])
        self.assertEqual([arrow.how for arrow in arrows], ["model"])
        self.assertFalse(wings.up(arrows, {s.name: s.wing for s in (low, high)}))

    def test_every_file_of_the_addon_has_its_wing(self):
        found = wings.sources()
        self.assertGreater(len(found), 150)
        self.assertFalse([s.name for s in found if s.floor and s.wing not in wings.WINGS])
