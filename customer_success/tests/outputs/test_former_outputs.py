from odoo.fields import Domain
from odoo.tests import freeze_time, tagged

from ...report.tiles import TILES, read
from ..common import TODAY, days
from .workbook_common import WorkbookCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFormerOutputs(WorkbookCase):
    """Dashboard and workbook leave former customers out, but for what has ended: a loss stays a loss."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env["customer.success.renewal.reason"].search(
            [("outcome", "=", "churned")], limit=1
        )
        cls.lost = cls._customer("Lost one", ref="L-1")
        cls._usage(cls.lost, active=1)
        cls._rescore(cls.lost)
        cls.term = cls._renewal(
            cls.lost, value=5000, date_renewal=days(10), date_start=days(375), seats=10
        )
        cls.customers |= cls.lost

    def _lose(self):
        self.env["customer.success.renewal.end"].with_user(self.csm).create(
            {
                "renewal_id": self.term.id,
                "outcome": "churned",
                "reason_id": self.reason.id,
                "may_return": "unlikely",
            }
        ).action_end()
        self.env.invalidate_all()

    def _dashboard(self):
        return self.env["customer.success.dashboard"].with_user(self.manager).create({})

    def _figures(self):
        dashboard = self._dashboard()
        return read(dashboard.env, [*TILES], dashboard._scope, TODAY)

    def _retention(self):
        chart = self._dashboard()._chart_retention()
        return [data for data in chart["series"][0]["data"] if data is not None]

    def test_the_dashboard_counts_it_in_retention_only(self):
        before, kept = self._figures(), self._retention()
        self._lose()
        after = self._figures()
        self.assertEqual(before["customers"] - after["customers"], 1)
        self.assertEqual(before["renewals_pending"] - after["renewals_pending"], 1)
        self.assertGreater(after["adoption"], before["adoption"])
        self.assertLess(self._retention()[-1], kept[-1], "leaving lifts no retention")
        for tile in self._dashboard()._tiles():
            target = tile["action"]
            path = "id" if target["model"] == "res.partner" else "partner_id"
            found = self.env[target["model"]].with_user(self.manager)
            mine = Domain(path, "=", self.lost.id)
            counts = bool(found.search(Domain(target["domain"]) & mine))
            self.assertEqual(counts, target["model"].endswith(".retention"), tile["label"])

    def test_the_workbook_has_a_sheet_of_former_customers(self):
        self._lose()
        book = self._book()
        line = self._rows(book["Former customers"])["Lost one"]
        self.assertEqual(line["Former customer since"].value.date(), days(10))
        self.assertEqual(line["Reason"].value, self.reason.name)
        self.assertEqual(line["Last annual value"].value, 5000)
        self.assertEqual(line["May come back"].value, "Unlikely")
        self.assertEqual(line["CSM"].value, self.csm.name)
        renewals = {next(iter(row.values())).value for row in self._lines(book["Renewals"])}
        self.assertIn("Lost one", renewals)
        for name in book.sheetnames:
            if name not in ("Former customers", "Renewals", "Method"):
                with self.subTest(name):
                    cells = {cell.value for row in book[name].iter_rows() for cell in row}
                    self.assertNotIn("Lost one", cells)

    def test_the_workbook_counts_the_loss_in_retention(self):
        def kept():
            rows = self._lines(self._book(sheets=["retention"])["Retention"])
            return sum(row["Terms ended"].value for row in rows)

        before = kept()
        self._lose()
        self.assertEqual(kept() - before, 1)

    def test_who_is_archived_or_followed_no_more_stays_in_retention(self):
        self._lose()
        rows = self.env["customer.success.retention"].with_user(self.manager)
        ended = [("partner_id", "=", self.lost.id), ("outcome", "=", "churned")]
        kept, listed = self._retention(), rows.search_count(ended)
        self.assertEqual(listed, 1)
        for way, back in (
            ("action_archive", "action_unarchive"),
            ("action_success_stop", None),
        ):
            with self.subTest(way):
                lost = self.lost.with_user(self.manager)
                lost = lost.with_context(success_pending_confirmed=True)
                getattr(lost, way)()
                self.env.invalidate_all()
                self.assertEqual(self._retention(), kept, "the dashboard")
                self.assertEqual(rows.search_count(ended), 1, "the list")
                book = self._lines(self._book(sheets=["retention"])["Retention"])
                found = sum(row["Terms ended"].value for row in book)
                self.assertEqual(found, self._terms, "the workbook")
                if back:
                    getattr(lost, back)()

    @property
    def _terms(self):
        decided = [("outcome", "!=", "undecided")]
        return self.env["customer.success.retention"].with_user(self.manager).search_count(decided)

    def test_nobody_exports_former_customers_of_others(self):
        self._lose()
        self.lost.success_user_id = self.lead_csm
        book = self._book(self.csm, sheets=["former"])
        self.assertNotIn("Lost one", self._rows(book["Former customers"]))
