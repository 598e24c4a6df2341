from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .workbook_common import WorkbookCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestWorkbookChanges(WorkbookCase):
    """The workbook shows changes with all their areas, their owner and their lead time."""

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
