from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from ..common import TODAY
from .risk_common import RiskCase


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestRiskDrift(RiskCase):
    """Managers are told once when the last three months no longer fit the risks in force, until they fit again."""

    def _recent(self, number, left, found=lambda n: {"use": 0.0}):
        """End renewals in the last three months, the latest one yesterday."""
        type(self).ended = 899 - number
        return self._end(number, left, found)

    def _told(self):
        return self.env["mail.message"].search(
            [
                ("subject", "like", "no longer fits"),
                ("partner_ids", "in", self.manager.partner_id.ids),
            ]
        )

    def test_a_quarter_in_which_many_more_leave_is_told_once_and_withdrawn_when_it_is_over(self):
        self._recent(40, left=lambda n: n % 2)
        self.versions._watch()
        self.assertEqual(self.experts.drift_date, TODAY)
        self.assertEqual(len(self._told()), 1)
        said = self.experts.with_user(self.manager).drift_said
        self.assertIn("of 40 renewals 50 % were lost", said)
        self.versions._watch()
        self.assertEqual(len(self._told()), 1)
        with freeze_time(TODAY + timedelta(120)):
            self.versions._watch()
        self.assertFalse(self.experts.drift_date)
        self.assertFalse(self.experts.drift_said)

    def test_fewer_leavers_than_predicted_are_drift_as_well(self):
        self._recent(40, left=lambda n: False, found=lambda n: {"use": -3.0, "barriers": -3.0})
        self.versions._watch()
        self.assertEqual(self.experts.drift_date, TODAY)

    def test_chance_few_outcomes_and_old_ones_are_no_drift(self):
        cases = {
            "chance": lambda: self._recent(40, left=lambda n: n % 5 == 0),
            "few": lambda: self._recent(19, left=lambda n: True),
        }
        for name, end in cases.items():
            with self.subTest(name):
                ended = end()
                self.versions._watch()
                self.assertFalse(self.experts.drift_date)
                ended.active = False
        type(self).ended = 0
        self._end(40, left=lambda n: True, found=lambda n: {})
        self.versions._watch()
        self.assertFalse(self.experts.drift_date)
        self.assertFalse(self._told())

    def test_a_new_version_with_the_same_fault_is_not_told_again(self):
        self._recent(40, left=lambda n: n % 2)
        self.versions._watch()
        with freeze_time(TODAY - timedelta(1)):
            self.experts.drift_date = TODAY - timedelta(7)
        other = self.versions.create(
            {"number": 7, "state": "refused", "coefficients": {"base": -3.0}}
        )
        other._take()
        self.versions._watch()
        self.assertEqual(other.drift_date, TODAY - timedelta(7))
        self.assertFalse(self.experts.drift_date)
        self.assertEqual(len(self._told()), 1)

    def test_learning_looks_for_drift_each_week(self):
        self._recent(30, left=lambda n: True)
        self.versions._cron_learn()
        self.assertTrue(self.experts.drift_date)

    def test_the_dashboard_tells_managers_alone(self):
        self._recent(40, left=lambda n: n % 2)
        self.versions._watch()
        dashboards = self.env["customer.success.dashboard"]
        seen = dashboards.with_user(self.manager).create({}).content["drift"]
        self.assertIn("no longer fit", seen)
        with self.assertRaises(AccessError):
            self.experts.with_user(self.csm).read(["drift_said"])
        self.assertFalse(dashboards.with_user(self.lead_csm).new({})._drift())
