from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from ..models.barriers import barrier_area
from .common import SuccessCase
from .extending import blocks, run_file

SECTION = "A new barrier area"
ADDED = """
from odoo import fields, models

class CustomerSuccessBarrier(models.Model):
    _inherit = "customer.success.barrier"

    area = fields.Selection(selection_add=[("politics", "Politics")], ondelete={"politics": "set default"})
"""


@tagged("post_install", "-at_install")
class TestBarrierAreas(SuccessCase):
    """The area of another addon is known everywhere, with its rule and its texts."""

    def setUp(self):
        super().setUp()
        self.customer = self._customer(country_id=self.env.ref("base.de").id)
        self.barriers = self.env["customer.success.barrier"].with_user(self.csm)

    def _load_example(self):
        [source] = blocks(SECTION, "python")
        self.addCleanup(barrier_area._registered.pop, "example_law", None)
        return run_file(self, source)["LAW"]

    def _search(self):
        """Return the lines of a search for barriers when its form opens, as ``{area: question}``."""
        action = self.customer.with_user(self.csm).action_success_check_barriers()
        wizards = self.env["customer.success.barrier.check"].with_user(self.csm)
        form = Form(wizards.with_context(**action["context"]))
        return {line.area: line.question for line in form.save().line_ids}

    def test_the_example_of_the_page_is_an_area_like_any_other(self):
        law = self._load_example()
        with self.assertRaisesRegex(ValidationError, "Name the law"):
            self.barriers.create(
                {"name": "Forbidden", "partner_id": self.customer.id, "area": law.code}
            )
        barrier = self.barriers.create(
            {
                "name": "Forbidden",
                "partner_id": self.customer.id,
                "area": law.code,
                "evidence": "Works agreement 7",
            }
        )
        with self.assertRaisesRegex(ValidationError, "Name the law"):
            barrier.evidence = False
        barrier.area = "data"
        barrier.evidence = False
        with self.assertRaisesRegex(ValidationError, "Name the law"):
            barrier.area = law.code
        self.assertEqual(self._search()[law.code], str(law.question))
        self.assertIn("works council", " ".join(self.customer._success_barrier_hints()))

    def test_each_field_that_names_an_area_has_the_one_that_was_added(self):
        law = self._load_example()
        holders = {
            "customer.success.barrier": "area",
            "customer.success.barrier.check.line": "area",
            "customer.success.barrier.effect": "area",
            "customer.success.recommendation": "barrier_area",
            "customer.success.symptom": "barrier_area",
        }
        for model, name in holders.items():
            choices = dict(self.env[model].fields_get([name])[name]["selection"])
            self.assertEqual(choices.get(law.code), "Law and contracts", model)

    def test_its_records_move_to_the_first_area_when_its_addon_goes(self):
        law = self._load_example()
        barrier = self.barriers.create(
            {
                "name": "Forbidden",
                "partner_id": self.customer.id,
                "area": law.code,
                "evidence": "Works agreement 7",
            }
        )
        symptom = self.env["customer.success.symptom"].search([], limit=1)
        symptom.barrier_area = law.code
        choice = self.env["ir.model.fields.selection"].search(
            [("field_id.model", "=", barrier._name), ("value", "=", law.code)]
        )
        self.assertTrue(choice)
        choice._process_ondelete()
        self.assertEqual((barrier.area, symptom.barrier_area), ("process", "process"))

    def test_a_choice_that_was_only_added_to_the_field_is_searched_for_too(self):
        before = self._search()
        run_file(self, ADDED)
        after = self._search()
        self.assertEqual(set(after) - set(before), {"politics"})
        self.assertEqual(after["politics"], str(barrier_area.USUAL_QUESTION))
        self.assertTrue(
            self.barriers.create(
                {"name": "Elections", "partner_id": self.customer.id, "area": "politics"}
            )
        )

    def test_the_example_leaves_nothing_behind(self):
        codes = [area.code for area in barrier_area.CORE_AREAS]
        self.assertEqual(self.barriers._fields["area"].get_values(self.env), codes)
        self.assertEqual(list(barrier_area._registered), codes)
        self.assertEqual(list(self._search()), codes)

    def test_two_areas_cannot_have_one_code(self):
        with self.assertRaisesRegex(ValueError, "two barrier areas"):
            barrier_area.register(barrier_area.BarrierArea("data", "More data"))
