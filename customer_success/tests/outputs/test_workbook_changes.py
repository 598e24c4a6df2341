from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .workbook_common import WorkbookCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestWorkbookChanges(WorkbookCase):
    """The workbook shows changes with all their areas, and the symptoms of misuse with their barriers."""

    def test_s6_changes_with_their_areas_owner_and_lead_time(self):
        areas = self.env["customer.success.change.area"].search(
            [("code", "in", ["role", "routine"])]
        )
        self.env["customer.success.change"].with_user(self.csm).create(
            {
                "name": "A third site",
                "partner_id": self.risky.id,
                "date": days(-30),
                "area_ids": areas.ids,
                "owner_contact_id": self._contact(self.risky).id,
            }
        )
        lines = self._lines(self._book(sheets=["changes"], user=self.csm)["Changes ahead"])
        [line] = [line for line in lines if line["Change"].value == "A third site"]
        self.assertEqual(
            line["Areas"].value, "Roles and responsibilities, Daily routines and habits"
        )
        self.assertEqual(line["Owner at the customer"].value, "Ada")
        self.assertEqual(line["Lead time, days"].value, 30)

    def test_symptoms_with_their_evidence_and_their_barriers(self):
        self._usage(self.risky, active=3, when=days(45))
        self.env["customer.success.symptom.flag"]._check(self.risky.ids)
        flags = self.env["customer.success.symptom.flag"].with_user(self.csm)
        symptom = self.env.ref("customer_success.customer_success_symptom_bad_data")
        seen = flags.create(
            {
                "partner_id": self.risky.id,
                "product_id": self.product.id,
                "symptom_id": symptom.id,
                "observation": "Half of the orders have no date.",
                "date_from": days(40),
            }
        )
        self._barrier(self.risky, symptom_flag_id=seen.id, name="Nobody checks the dates")
        lines = self._lines(self._book(sheets=["symptoms"], user=self.csm)["Symptoms of misuse"])
        rows = {line["Symptom"].value: line for line in lines}
        idle, bad = rows["Sitting idle"], rows["Bad data entered"]
        self.assertEqual(
            (idle["Found by"].value, idle["Product"].value), ("Figures of Use", "[PLANNER] Planner")
        )
        self.assertIn("licensed users are active", idle["Evidence"].value)
        self.assertEqual(bad["Found by"].value, "A Person")
        self.assertEqual(bad["Evidence"].value, "Half of the orders have no date.")
        self.assertEqual(bad["Barriers"].value, "Nobody checks the dates")
        self.assertEqual(bad["Days"].value, 40)
        self.assertEqual((bad["Month"].value.month, bad["Month"].value.day), (5, 1))

    def test_use_that_is_forced_is_marked(self):
        self.env["customer.success.intended.use"].create(
            {"product_id": self.product.id, "partner_id": self.risky.id, "forced_use": "yes"}
        )
        line = self._rows(self._book(sheets=["use"], user=self.csm)["Degrees of use"])["Risky"]
        self.assertEqual(line["Work cannot be done without it"].value, "Yes")

    def test_targets_that_were_lowered_show_their_day(self):
        use = self.env["customer.success.intended.use"].create(
            {"product_id": self.product.id, "partner_id": self.risky.id, "adoption": 30}
        )
        line = self._rows(self._book(sheets=["use"], user=self.csm)["Degrees of use"])["Risky"]
        self.assertEqual(line["Target lowered on"].value.date(), use.lowered_date)

    def test_s92_barriers_with_the_people_whom_they_stop(self):
        grace = self.env["customer.success.stakeholder"].create(
            {
                "partner_id": self.risky.id,
                "contact_id": self._contact(self.risky, "Hedy").id,
                "role": "champion",
            }
        )
        symptom = self.env.ref("customer_success.customer_success_symptom_idle")
        self.risky.success_barrier_ids.write(
            {"stakeholder_ids": grace.ids, "symptom_ids": symptom.ids}
        )
        [line] = self._lines(self._book(sheets=["barriers"], user=self.csm)["Barriers"])
        self.assertEqual(line["Stops"].value, "Hedy")
        self.assertEqual(line["Symptoms"].value, "Sitting idle")
