from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestObjectives(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(400))
        cls.contact = cls._contact(cls.customer)

    def _objective(self, **vals):
        return (
            self.env["customer.success.objective"]
            .with_user(self.csm)
            .create({"name": "Orders the same day", "partner_id": self.customer.id, **vals})
        )

    def _confirmed(self, **vals):
        return self._objective(
            **{
                "state": "confirmed",
                "confirmed_by_id": self.contact.id,
                "evidence": "Mail of 3 May",
                **vals,
            }
        )

    def test_progress_goes_either_way(self):
        for baseline, target, actual, progress in (
            (20, 80, 50, 50),
            (10, 2, 4, 75),
            (10, 2, 12, -25),
            (0, 10, 12, 120),
        ):
            with self.subTest(baseline=baseline, target=target):
                objective = self._objective(baseline=baseline, target=target, unit="%")
                self.assertIs(objective.progress, False, "without a measurement it is unknown")
                objective.actual = actual
                self.assertEqual(objective.progress, progress)

    def test_actuals_are_a_line_and_the_newest_counts(self):
        objective = self._objective(baseline=0, target=10, unit="days", date_start=days(30))
        objective.actual = 3
        objective.actual = 4
        self.assertEqual(objective.measure_ids.mapped("value"), [4], "one figure a day")
        self.env["customer.success.objective.measure"].with_user(self.csm).create(
            {"objective_id": objective.id, "date": days(30), "value": 1}
        )
        self.assertEqual(objective.actual, 4, "an older figure that arrives late is history")
        self.assertEqual(objective.measure_ids.mapped("value"), [4, 1])
        with self.assertRaises(UserError), self.cr.savepoint():
            objective.actual = False
        with self.assertRaises(ValidationError):
            objective.measure_ids[0].date = days(-1)

    @mute_logger("odoo.sql_db")
    def test_what_cannot_be_is_refused(self):
        for vals in (
            {"baseline": 5, "target": 5, "unit": "%"},
            {"metric": "Orders", "unit": False},
            {"target": 5, "unit": False},
            {"realised_value": -1},
        ):
            with self.subTest(**vals), self.assertRaises(IntegrityError), self.cr.savepoint():
                self._objective(**vals)
        for vals in ({"state": "confirmed"}, {"confirmed_by_id": self._customer("Other").id}):
            with self.subTest(**vals), self.assertRaises(ValidationError), self.cr.savepoint():
                self._objective(**vals)

    def test_the_customer_confirms_by_name(self):
        objective = self._objective()
        with self.assertRaises(UserError):
            objective.action_confirm()
        objective.write({"confirmed_by_id": self.contact.id, "evidence": "Mail of 3 May"})
        objective.action_confirm()
        self.assertEqual((objective.state, objective.confirmed_date), ("confirmed", TODAY))

    def test_an_objective_stays_with_whom_one_follows(self):
        objective = self._objective()
        other = self._customer("Other", success_user_id=self.lead_csm.id)
        with self.assertRaises(AccessError), self.cr.savepoint():
            objective.partner_id = other
        plan = self.env["customer.success.plan"].create({"partner_id": other.id})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            objective.sudo().plan_id = plan

    def test_money_of_other_currencies_is_kept_apart(self):
        other = self.env["res.currency"].create({"name": "TST", "symbol": "T"})
        self._objective(realised_value=100)
        self._objective(realised_value=50, currency_id=other.id)
        groups = self.env["customer.success.objective"]._read_group(
            [("partner_id", "=", self.customer.id)], ["currency_id"], ["realised_value:sum"]
        )
        self.assertCountEqual(groups, [(self.company.currency_id, 100), (other, 50)])

    def test_the_year_after_go_live_is_counted(self):
        self.assertEqual(self._objective(date_due=days(390)).year_live, 1)
        self.assertEqual(self._objective(date_due=days(20)).year_live, 2)
        self.assertEqual(self._objective(date_due=days(-400)).year_live, 3)
        self.assertEqual(self._objective().year_live, 0)

    def test_time_to_value_from_go_live(self):
        self.assertFalse(self.customer.success_days_to_value)
        self._confirmed(confirmed_date=days(300))
        self._confirmed(confirmed_date=days(100))
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.success_days_to_value, 100)
