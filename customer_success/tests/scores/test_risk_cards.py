from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from ..common import TODAY
from .risk_common import RiskCase


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestRiskCards(RiskCase):
    """The page of a version of the risk model: data, figures, where it is weak, curves, and what changed."""

    def test_the_card_names_its_data_its_rivals_and_its_curves(self):
        self._use_decides()
        version = self.versions._learn()
        report = str(version.with_user(self.manager).report)
        for text in (
            f"{version.outcomes} renewals that ended from",
            f"Companies: {self.company.name} (80)",
            "The same risk for everybody",
            "The priors of experts",
            "By Year of the Customer&#39;s Start",
            "By Quarter of the Decision",
            "<svg",
            "As a table",
            "stroke-dasharray",
        ):
            self.assertIn(text, report)
        self.assertNotIn("By Company", report)
        self.assertNotIn("own view", report)

    def test_the_view_of_the_csm_is_a_forecast_beside_the_model(self):
        """The views are right in nine of ten cases, the use in half of them."""
        self._end(
            80,
            left=lambda n: n % 4 == 0,
            found=lambda n: {"use": 1.0 if n % 2 else -1.0},
            view=lambda n: (
                None if n % 8 == 7 else "worried" if (n % 4 == 0) != (n % 10 == 0) else "confident"
            ),
        )
        version = self.versions._learn()
        views, beside = version.evaluation["views"], version.evaluation["beside_views"]
        self.assertEqual(views["count"], beside["count"])
        self.assertLess(views["count"], version.held_back)
        self.assertLess(views["brier"], beside["brier"])
        report = str(version.with_user(self.manager).report)
        self.assertIn("own view, where there is one", report)
        self.assertIn("This version, where there is a view", report)

    def test_the_experts_have_a_card_of_straight_lines(self):
        report = str(self.experts.with_user(self.manager).report)
        self.assertIn("stroke-dasharray", report)
        self.assertNotIn("Predicted and Actual", report)

    def test_the_weakest_group_is_told_and_chance_is_not(self):
        segment = self.env["customer.success.segment"].create(
            {"name": "Strange", "domain": "[('name', '=like', 'x')]"}
        )
        ended = self._end(
            240,
            left=lambda n: (n % 3 == 0) if n < 180 else n % 2 == 0 if n % 4 < 2 else n % 10 == 2,
            found=lambda n: {"use": 0.0},
        )
        version = self.versions._learn()
        self.assertIn("No group is further", str(version.with_user(self.manager).report))
        strange = ended[180:].filtered(lambda renewal: renewal.outcome == "churned")
        strange.partner_id.success_segment_id = segment
        self.env.flush_all()
        self._end(1, left=lambda n: False, found=lambda n: {"use": 0.0})
        version = self.versions._learn()
        report = str(version.with_user(self.manager).report)
        if len(strange) >= 20:
            self.assertIn("Segment Strange: 100 % left", report)

    def test_what_changed_against_the_version_before_is_told(self):
        self._use_decides()
        first = self.versions._learn()
        self.assertNotIn("Against the Version Before", str(first.with_user(self.manager).report))
        self.factors["plan"].active = False
        self.factors["advisor"].prior = -0.9
        self._end(40, left=lambda n: n % 2, found=lambda n: {"use": 1.5 if n % 2 else -1.5})
        second = self.versions._learn()
        report = str(second.with_user(self.manager).report)
        for text in (
            "40 more renewals had ended than for Version 1",
            "Factors that no longer count: Plan",
            f"Experts expect something else of: {self.factors['advisor'].name}",
            f"{self.factors['use'].name}: the mean slope went from",
        ):
            self.assertIn(text, report)

    def test_an_earlier_card_without_these_figures_still_opens(self):
        self._use_decides()
        version = self.versions._learn()
        evaluation = {k: version.evaluation[k] for k in ("fresh", "standing", "experts")}
        version.write({"evaluation": {**evaluation, "segments": []}, "support": False})
        self.assertIn("AUC", str(version.with_user(self.manager).report))

    def test_nobody_but_managers_reads_a_card(self):
        for user in (self.csm, self.lead_csm, self.sales):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.experts.with_user(user).read(["report"])
