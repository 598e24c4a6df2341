import re
from pathlib import Path

from odoo.tests import TransactionCase, tagged

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
# Words that the glossary replaces
FORMER = re.compile(
    r"risk of (leaving|shrinking)|renewal risk|missed opportunit|handing on|\bplays?\b|days to first value",
    re.IGNORECASE,
)


@tagged("post_install", "-at_install")
class TestGlossary(TransactionCase):
    """Screens use the words of the glossary, and the glossary names what exists."""

    def _ours(self, model):
        """Return the records of ``model`` that the addon and its bridges brought."""
        data = self.env["ir.model.data"].search(
            [("module", "=like", "customer_success%"), ("model", "=", model)]
        )
        return self.env[model].browse(data.mapped("res_id"))

    def test_every_model_in_the_glossary_exists(self):
        names = set(re.findall(r"`(customer\.success\.[a-z.]+)`", GLOSSARY.read_text()))
        self.assertGreater(len(names), 20)
        self.assertEqual([name for name in sorted(names) if name not in self.env], [])

    def test_labels_and_help_texts_use_no_former_word(self):
        records = self.env["ir.model.fields"].search(
            [
                "|",
                ("model", "=like", "customer.success.%"),
                ("name", "=like", "success_%"),
            ]
        )
        self.assertGreater(len(records), 300)
        for field in records:
            for text in (field.field_description, field.help):
                with self.subTest(model=field.model, field=field.name):
                    self.assertNotRegex(text or "", FORMER)

    def test_views_menus_and_actions_use_no_former_word(self):
        views = self._ours("ir.ui.view")
        self.assertGreater(len(views), 50)
        for view in views:
            arch = view.arch_db
            texts = re.findall(r'(?:string|placeholder|title|help|confirm)="([^"]*)"', arch)
            texts += re.findall(r">([^<>]+)<", arch)
            for text in texts:
                with self.subTest(view=view.xml_id):
                    self.assertNotRegex(text, FORMER)
        for model in ("ir.ui.menu", "ir.actions.act_window", "ir.model"):
            names = self._ours(model).mapped("name")
            self.assertTrue(names)
            self.assertEqual([name for name in names if FORMER.search(name)], [])
