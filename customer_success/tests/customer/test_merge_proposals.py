from odoo.tests import tagged

from ..common import SuccessCase

# Names of one company, each of which finds all the others.
SAME = (
    ("Müller & Söhne GmbH", "Mueller und Soehne", "MULLER & SOHNE G.m.b.H."),
    ("Société d'Été S.A.", "SOCIETE D ETE SA"),
    ("Saint-Gobain UK Ltd", "St. Gobain Limited (UK)"),
    ("Ørsted A/S", "Orsted"),
    ("The Twin Works Inc", "Twin Works, Incorporated", "TWINWORKS"),
    ("ООО «Ромашка»", "Ромашка, ООО"),
)
# Names that are not of one company, however alike they are.
OTHERS = (
    ("Birch Ltd", "Birch GmbH"),
    ("Cedar France", "Cedar Italia"),
    ("Branch 0012", "Branch 0013"),
    ("Baker", "Baker Street"),
)


@tagged("post_install", "-at_install")
class TestMergeProposals(SuccessCase):
    """Proposals of customers to merge read names as files do; they are proposed to a person, and never merged unseen."""

    def _proposed(self, **groups):
        wizard = self.env["base.partner.merge.automatic.wizard"].create(groups)
        wizard.action_start_manual_process()
        return [
            self.env["res.partner"].browse(map(int, line.aggr_ids.strip("[]").split(",")))
            for line in wizard.line_ids
        ]

    def _together(self, groups, partners):
        return any(partners <= group for group in groups)

    def test_other_spellings_are_proposed_and_other_companies_are_not(self):
        same = [self._customer().concat(*map(self._customer, names)) for names in SAME]
        others = [self._customer().concat(*map(self._customer, names)) for names in OTHERS]
        groups = self._proposed(group_by_name=True)
        for partners in same:
            with self.subTest(names=partners.mapped("name")):
                self.assertTrue(self._together(groups, partners[1:]))
        for partners in others:
            with self.subTest(names=partners.mapped("name")):
                self.assertFalse(self._together(groups, partners[1:]))

    def test_by_name_and_vat_both_count(self):
        one, other, third = (
            self._customer(name, vat=vat)
            for name, vat in (
                ("Elm Ltd", "BE0477472701"),
                ("ELM Limited", "be 0477.472.701"),
                ("Elm", "FR12345678901"),
            )
        )
        groups = self._proposed(group_by_name=True, group_by_vat=True)
        self.assertTrue(self._together(groups, one | other))
        self.assertFalse(self._together(groups, one | third))

    def test_innocent_people_are_found_as_by_odoo(self):
        acme = self._customer("Acme Ltd")
        people = self._contact(acme, "Jo Limited") | self._contact(acme, "jo limited")
        other = self._contact(acme, "Jo Ltd")
        groups = self._proposed(group_by_name=True)
        self.assertTrue(self._together(groups, people))
        self.assertFalse(self._together(groups, people | other))

    def test_a_company_and_a_person_of_the_same_name_are_found_as_before(self):
        company, person = (
            self._customer("Fir Ltd"),
            self.env["res.partner"].create({"name": "fir ltd"}),
        )
        self.assertTrue(self._together(self._proposed(group_by_name=True), company | person))

    def test_cheat_nothing_that_is_only_alike_is_merged_unseen(self):
        names = self._customer("Oak Ltd"), self._customer("OAK limited")
        numbers = (
            self._customer("Ash", vat="BE0477472701"),
            self._customer("Yew", vat="0477.472.701"),
        )
        twins = self._customer("Pine"), self._customer("PINE")
        for groups in ({"group_by_name": True}, {"group_by_vat": True}):
            with self.enter_registry_test_mode():
                wizard = self.env["base.partner.merge.automatic.wizard"].create(groups)
                self.patch(self.env.cr, "commit", lambda: None)
                wizard.action_start_automatic_process()
        self.assertTrue(all(partner.exists() for partner in (*names, *numbers)))
        self.assertEqual(sum(1 for partner in twins if partner.exists()), 1)
