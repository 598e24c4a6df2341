"""An unexpected message in the log of Odoo fails a run."""

import tempfile
import unittest
from pathlib import Path

from devtools import checklog, console, venv

START = "2026-05-01 10:00:00,000 42 {level} db {logger}: {message}\n"


def line(level, logger, message):
    return START.format(level=level, logger=logger, message=message)


class TestChecklog(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with console.locked():
            venv.ensure()

    def findings(self, *lines):
        with tempfile.TemporaryDirectory() as directory:
            log = Path(directory) / "odoo.log"
            log.write_text("".join(lines))
            return checklog.findings(log)

    def test_what_is_only_told_is_no_finding(self):
        self.assertEqual(self.findings(line("INFO", "odoo.http", "GET /"), "some output\n"), [])

    def test_a_warning_is_found_with_its_traceback(self):
        found = self.findings(
            line("INFO", "odoo.http", "GET /"),
            line("WARNING", "odoo.addons.x", "Oh"),
            "Traceback\n  File y\n",
            line("INFO", "odoo.http", "GET /"),
            line("ERROR", "odoo.sql_db", "bad query"),
        )
        self.assertEqual(
            [checklog.name(record) for record in found],
            ["WARNING odoo.addons.x", "ERROR odoo.sql_db"],
        )
        self.assertTrue(found[0].endswith("Traceback\n  File y"))

    def test_what_is_allowed_is_no_finding_and_hides_nothing_else(self):
        allowed = (
            line("ERROR", "odoo.tests.result", "1 failed, 0 error(s) of 2 tests"),
            line("ERROR", "odoo.addons.customer_success.tests.test_x", "FAIL: TestX.test_y"),
            line("WARNING", "odoo.addons.base.models.ir_actions_report", "You need Wkhtmltopdf to"),
        )
        self.assertEqual(self.findings(*allowed), [])
        other = line("WARNING", "odoo.addons.customer_success", "You need Wkhtmltopdf to")
        self.assertEqual(self.findings(*allowed, other), [other.strip()])

    def test_a_log_without_a_record_is_a_finding(self):
        [found] = self.findings("Segmentation fault\n")
        self.assertEqual(checklog.name(found), "unreadable")
        self.assertIn("No Odoo log record", found)
