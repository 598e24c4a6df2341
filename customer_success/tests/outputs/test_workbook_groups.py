from odoo.tests import freeze_time, tagged

from ..common import TODAY
from .workbook_common import WorkbookCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestWorkbookGroups(WorkbookCase):
    """The sheet of customers names the group of each, and what stands at risk in it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unknown.parent_id = cls.risky
        cls.evil.parent_id = cls.unknown
        for customer, at_risk in ((cls.risky, 500.0), (cls.evil, 70.0)):
            customer.success_score_id.write(
                {"value_at_risk": at_risk, "currency_id": cls.company.currency_id.id}
            )
        cls.env.flush_all()
        cls.subtotal = f"Value at risk of the group, {cls.company.currency_id.name}"

    def _groups(self, user=None, domain=None):
        self.env.invalidate_all()
        sheet = self._book(user, domain, ["customers"], values=True)["Customers"]
        return {
            name: (line["Group"].value, line[self.subtotal].value)
            for name, line in self._rows(sheet).items()
        }

    def test_the_group_and_its_subtotal_stand_on_each_of_its_customers(self):
        alone = self._customer("Alone")
        domain = [("id", "in", (self.customers | alone).ids)]
        found = self._groups(domain=domain)
        self.assertEqual(
            found,
            {
                "Risky": ("Risky", 570),
                "Unknown": ("Risky", 570),
                '=HYPERLINK("http://x")': ("Risky", 570),
                "Alone": (None, None),
            },
        )

    def test_a_csm_gets_a_subtotal_of_the_own_half(self):
        self.assertEqual(
            self._groups(self.csm), {"Risky": ("Risky", 500), "Unknown": ("Risky", 500)}
        )
        self.risky.success_user_id = self.lead_csm
        self.evil.success_user_id = self.csm
        self.assertEqual(
            self._groups(self.csm),
            {"Unknown": ("Unknown", 70), '=HYPERLINK("http://x")': ("Unknown", 70)},
        )

    def test_the_subtotal_is_of_the_listed_rows(self):
        domain = [("id", "in", (self.unknown | self.evil).ids)]
        self.assertEqual(
            self._groups(domain=domain),
            {"Unknown": ("Risky", 70), '=HYPERLINK("http://x")': ("Risky", 70)},
        )

    def test_a_missing_rate_leaves_the_subtotal_empty(self):
        foreign = self.env["res.currency"].create(
            {"name": "GRP", "symbol": "G", "full_name": "Group Money"}
        )
        self.evil.success_score_id.currency_id = foreign
        self.env.flush_all()
        self.assertEqual(self._groups()["Risky"], ("Risky", None))
        self.env["res.currency.rate"].create(
            {"currency_id": foreign.id, "name": TODAY, "rate": 7.0}
        )
        self.assertEqual(self._groups()["Risky"], ("Risky", 510))

    def test_moving_a_customer_moves_the_subtotal(self):
        self.evil.parent_id = False
        found = self._groups()
        self.assertEqual(found["Risky"], ("Risky", 500))
        self.assertEqual(found['=HYPERLINK("http://x")'], (None, None))
