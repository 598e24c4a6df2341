import subprocess
import unittest

from devtools import paths, venv


class TestOneWriter(unittest.TestCase):
    """Lint lets nobody write xlsx but the reports and the writer of plain tables."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        venv.ensure()  # ruff is one of its packages

    def _refused(self, path, code):
        answer = subprocess.run(
            [
                paths.VENV / "bin" / "ruff",
                "check",
                "--select=TID251",
                "--output-format=concise",
                f"--stdin-filename={path}",
                "-",
            ],
            input=code,
            cwd=paths.ROOT,
            env=venv.environment(),
            capture_output=True,
            text=True,
        )
        return "TID251" in answer.stdout

    def test_a_second_writer_is_refused(self):
        for path in (
            "customer_success/controllers/delivery.py",
            "customer_success/models/outputs/any.py",
            "customer_success_helpdesk/models/any.py",
            "devtools/any.py",
        ):
            for code in (
                "import xlsxwriter\n",
                "from xlsxwriter import Workbook\n",
                "def write():\n    from xlsxwriter.workbook import Workbook\n",
                "import openpyxl\n",
            ):
                with self.subTest(path=path, code=code):
                    self.assertTrue(self._refused(path, code))

    def test_the_writers_are_let_be(self):
        for path in (
            "customer_success/report/workbook/table.py",
            "customer_success/models/common/plain_table.py",
        ):
            with self.subTest(path=path):
                self.assertFalse(self._refused(path, "import xlsxwriter\n"))
