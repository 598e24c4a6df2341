from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ..common import TODAY
from .brief_common import BriefCase
from .workbook_common import WorkbookCase

WORDS = "Too Little Known"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTooLittleKnown(WorkbookCase):
    """A health of which too little is known is a word, never a figure, wherever health is shown."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._customer("Stranger", stage="discover")
        cls.env["customer.success.stakeholder"].create(
            {
                "partner_id": cls.stranger.id,
                "contact_id": cls._contact(cls.stranger).id,
                "role": "sponsor",
            }
        )
        cls.customers |= cls.stranger
        cls._renewal(cls.stranger)
        cls._rescore(cls.customers)

    def _mine(self):
        return self.stranger.with_user(self.csm)

    def test_lists_boards_and_the_form_have_no_figure(self):
        partners = self.env["res.partner"].with_user(self.csm)
        for kind in ("list", "kanban", "form"):
            view = self.env.ref(f"customer_success.res_partner_view_success_{kind}")
            arch = partners.get_view(view.id, kind)["arch"]
            names = [name for name in ("success_health", "success_health_band") if name in arch]
            [read] = self._mine().web_read({name: {} for name in names})
            with self.subTest(view=kind):
                self.assertIs(read["success_health"], False)
                self.assertEqual(read["success_health_band"], "unsure")
        form = Form(self._mine(), "customer_success.res_partner_view_success_form")
        self.assertIs(form.success_health, False)
        said = str(self._mine().success_explanation)
        self.assertIn("Too little is known to judge", said)

    def test_averages_in_groups_and_pivots_leave_it_out_and_count_it(self):
        partners = self.env["res.partner"].with_user(self.csm)
        own = [("id", "in", (self.risky | self.stranger).ids)]
        groups = partners.formatted_read_group(own, [], ["success_health:avg", "__count"])
        self.assertAlmostEqual(groups[0]["success_health:avg"], self.risky.success_health)
        self.assertEqual(groups[0]["__count"], 2)
        bands = partners.formatted_read_group(own, ["success_health_band"], ["__count"])
        self.assertIn("unsure", [group["success_health_band"] for group in bands])

    def test_the_workbook_says_it_in_words(self):
        book = self._book(self.csm, values=True)
        line = self._rows(book["Customers"])["Stranger"]
        self.assertIsNone(line["Health (high is good)"].value)
        self.assertEqual(line["Health band"].value, WORDS)
        summary = {row[0]: row[1] for row in book["Summary"].iter_rows(max_col=2, values_only=True)}
        self.assertEqual(summary["Too little known to judge health"], 2)
        totals = self._totals(book["Customers"])["All rows: number, average or total"]
        self.assertAlmostEqual(
            totals["Health (high is good)"].value, self.risky.success_health, places=3
        )

    def test_the_dashboard_counts_it_beside_the_average(self):
        content = self.env["customer.success.dashboard"].with_user(self.csm).create({}).content
        cards = {card["label"]: card for card in content["tiles"]}
        self.assertEqual(cards["Average health score"]["value"], f"{self.risky.success_health:.0f}")
        self.assertIn(WORDS, str(content))

    def test_a_salesperson_sees_words_on_the_opportunity(self):
        lead = self.env["crm.lead"].create({"name": "Upsell", "partner_id": self.stranger.id})
        lead = lead.with_user(self.sales)
        self.assertEqual(lead.success_health_band, "unsure")
        labels = dict(lead.fields_get(["success_health_band"])["success_health_band"]["selection"])
        self.assertEqual(labels["unsure"], WORDS)
        self.assertNotIn("success_health", lead._fields, "the opportunity has no figure at all")
        self.assertIs(self.stranger.with_user(self.sales).success_health, False)

    def test_portal_users_see_neither_figure_nor_words(self):
        portal = new_test_user(
            self.env,
            "test_stranger",
            "base.group_portal",
            partner_id=self._contact(self.stranger).id,
        )
        for name in ("success_health", "success_health_band", "success_confidence"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.stranger.with_user(portal).read([name])

    def test_what_became_too_little_known_is_no_change_for_the_worse(self):
        self.env["customer.success.score.history"].search(
            [("partner_id", "=", self.stranger.id)]
        ).write({"date": "2026-06-01", "health": 90})
        content = self.env["customer.success.dashboard"].with_user(self.csm).create({}).content
        self.assertIn("0 worse", str(content))
        self.assertTrue(self._mine().success_explanation, "the form opens")

    def test_helpful_steps_name_no_figure_of_it(self):
        said = self.env["customer.success.explanation"]._helpful(
            self._mine(), self.stranger.success_renewal_ids, limit=10
        )
        self.assertFalse([line for line in said if "health from" in line])


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTooLittleKnownInBriefs(BriefCase):
    def test_briefs_open_and_say_no_health(self):
        stranger = self._customer("Stranger", stage="discover")
        renewal = self._renewal(stranger)
        self._rescore(stranger)
        self.assertIs(stranger.success_health, False)
        for report, record in (("renewal_brief", renewal), ("customer_brief", stranger)):
            self.assertNotIn("100 of 100", self._text(report, record))
