from lxml import etree

from odoo.tests import tagged

from .common import SuccessCase

# The forms in which the CSM works, and the view of each if it is not the first one of its model.
FORMS = {
    "res.partner": "res_partner_view_success_form",
    "customer.success.plan": None,
    "customer.success.objective": None,
    "customer.success.change": None,
    "customer.success.stakeholder": None,
    "customer.success.interaction": None,
    "customer.success.answer": None,
    "customer.success.barrier": None,
    "customer.success.usage": None,
    "customer.success.intended.use": None,
    "customer.success.renewal": None,
}
GUIDING = "contains(@class, 'text-muted') or contains(@class, 'alert')"


@tagged("post_install", "-at_install")
class TestGuidance(SuccessCase):
    """Each form says what it asks for and how to go about it (S32)."""

    def _form(self, model, user):
        """Return the form of a model as ``user`` gets it: its tree, and its fields."""
        xmlid = FORMS.get(model)
        view = self.env.ref(f"customer_success.{xmlid}").id if xmlid else None
        records = self.env[model].with_user(user)
        found = records.get_view(view, "form")
        return etree.fromstring(found["arch"]), records.fields_get()

    def _own(self, tree, *, inside=None):
        """Yield the fields of the form itself, without those of lists and forms in it."""
        for node in tree.iter("field"):
            if not any(parent.tag == "field" for parent in node.iterancestors()):
                yield node

    def test_s32_each_form_guides_the_csm_in_words(self):
        for model in self._each(FORMS):
            tree, fields = self._form(model, self.csm)
            said = [
                "".join(node.itertext()).strip()
                for node in tree.xpath(f"//*[self::p or self::div or self::span][{GUIDING}]")
            ]
            said += [
                node.get("placeholder") or fields[node.get("name")].get("help") or ""
                for node in self._own(tree)
            ]
            with self.subTest(model=model):
                self.assertTrue([text for text in said if len(text.split()) > 3])

    def test_s32_each_text_that_is_asked_for_says_what_belongs_into_it(self):
        checked = 0
        for model in self._each(FORMS):
            tree, fields = self._form(model, self.csm)
            for node in self._own(tree):
                field = fields[node.get("name")]
                is_ours = model != "res.partner" or node.get("name").startswith("success_")
                if field["type"] not in ("text", "html") or field["readonly"] or not is_ours:
                    continue
                if node.get("readonly") in ("1", "True") or node.get("invisible") in ("1", "True"):
                    continue
                checked += 1
                with self.subTest(model=model, field=node.get("name")):
                    self.assertTrue(node.get("placeholder") or field.get("help"))
        self.assertGreater(checked, 15)

    def test_s32_each_stage_guides_the_csm_on_the_customers_page(self):
        for stage in self._each(self.env["customer.success.stage"].search([])):
            customer = self._customer(success_stage_id=stage.id).with_user(self.csm)
            self.assertTrue(customer.success_stage_guidance, stage.name)
