from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.tests.test_doctests import run_examples


@tagged("at_install", "-post_install")
class TestDoctests(BaseCase):
    def test_examples_in_docstrings_hold(self):
        self.assertIn("scoring.tickets", run_examples(self, "customer_success_helpdesk"))
