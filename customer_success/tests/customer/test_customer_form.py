from lxml import etree

from odoo.tests import tagged

from ..common import SuccessCase

# Queries that the first read of the form may add: the stage's name, scores, their currency, the CSM,
# the last conversation, use above the licences.
FOLLOWED = 6


@tagged("post_install", "-at_install")
class TestCustomerForm(SuccessCase):
    """The form of a contact opens as fast as without the addon: expensive parts are read when shown."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()
        cls._usage(cls.customer)
        cls._barrier(cls.customer)
        for number in range(3):
            cls.env["customer.success.objective"].create(
                {"partner_id": cls.customer.id, "name": f"Objective {number}"}
            )
        cls._rescore(cls.customer)
        cls.other = cls.env["res.partner"].create({"name": "A supplier", "is_company": True})

    def _arch(self, user, view=None):
        found = self.env["res.partner"].with_user(user).get_view(view, "form")
        return etree.fromstring(found["arch"])

    def _specification(self, model, node):
        """Return the specification that the web client sends for the fields of a view."""
        found = {}
        for element in node.xpath(".//field[not(ancestor::field)]"):
            field = model._fields[element.get("name")]
            lines = element.xpath("./list|./kanban")[:1]
            found[field.name] = {}
            if field.type == "many2one":
                found[field.name] = {"fields": {"display_name": {}}}
            elif lines:
                rows = self._rows(self.env[field.comodel_name], lines[0])
                found[field.name] = {"fields": rows, "limit": 40}
        return found

    def _rows(self, model, node):
        root = etree.Element("form")
        root.extend(node)
        return self._specification(model, root)

    def _added(self, partner, user):
        """Return the number of queries that our fields add to the first read of the form."""
        partner = partner.with_user(user)
        ours = self._specification(partner, self._arch(user))
        plain = {
            name: spec
            for name, spec in ours.items()
            if not partner._fields[name]._module.startswith("customer_success")
        }
        self.assertLess(len(plain), len(ours))
        counts = []
        for spec in (ours, ours, plain, plain):  # each once to warm up
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            partner.web_read(spec)
            counts.append(self.env.cr.sql_log_count - before)
        return counts[1] - counts[3]

    def test_the_first_read_of_a_customer_adds_few_queries(self):
        for user in (self.csm, self.lead_csm, self.manager, self.sales):
            with self.subTest(user.login):
                self.assertLessEqual(self._added(self.customer, user), FOLLOWED)

    def test_a_contact_that_is_not_followed_costs_nothing(self):
        for user in (self.csm, self.sales):
            with self.subTest(user.login):
                self.assertLessEqual(self._added(self.other, user), 0)

    def test_no_lines_and_no_counts_are_in_the_first_read(self):
        partners = self.env["res.partner"]
        asked = self._specification(partners, self._arch(self.csm))
        ours = [name for name in asked if name.startswith("success_")]
        self.assertFalse([name for name in ours if partners._fields[name].type == "one2many"])
        self.assertFalse([name for name in ours if name.endswith(("_count", "_chart", "_fresh"))])

    def test_each_page_reads_its_lines_when_it_is_opened(self):
        partner = self.customer.with_user(self.csm)
        arch = self._arch(self.csm)
        read = {}
        for widget in arch.iter("widget"):
            if widget.get("name") == "success_page":
                page = self._arch(self.csm, int(widget.get("view")))
                [values] = partner.web_read(self._specification(partner, page))
                read.update(values)
        lines = {name for name in read if partner._fields[name].type == "one2many"}
        self.assertEqual(
            lines,
            {
                "success_symptom_flag_ids",
                "success_objective_ids",
                "success_change_ids",
                "success_stakeholder_ids",
                "success_advice_ids",
                "success_answer_ids",
                "success_skill_rating_ids",
                "success_stage_move_ids",
                "success_year_ids",
                "success_group_ids",
            },
        )
        self.assertEqual(len(read["success_objective_ids"]), 3)

    def test_salespeople_are_not_offered_the_pages(self):
        arch = self._arch(self.sales)
        self.assertFalse(arch.xpath("//widget[@name='success_page']"))
        fields = {widget.get("field") for widget in arch.iter("widget")} - {None}
        self.customer.with_user(self.sales).read(
            [name for name in fields if name.startswith("success_")]
        )
