import logging
import re
from pathlib import Path

from odoo.tests import HttpCase, no_retry, tagged

from odoo.addons.web.tests import test_js

STATIC_TESTS = Path(__file__).parents[1] / "static" / "tests"
SUITE = "@customer_success"


class Heard(logging.Handler):
    """Keeps what the browser says on its console."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


@tagged("post_install", "-at_install")
class TestJavascript(HttpCase):
    """The unit tests of the field widgets, run as Odoo's own WebSuite runs its tests."""

    @no_retry
    def test_every_unit_test_of_the_widgets_passes(self):
        written = sum(
            len(re.findall(r"^ *test\(", path.read_text(encoding="utf-8"), re.MULTILINE))
            for path in STATIC_TESTS.rglob("*.test.js")
        )
        self.assertGreater(written, 20)
        heard = Heard()
        console = self._logger.getChild("browser")
        console.addHandler(heard)
        self.addCleanup(console.removeHandler, heard)
        suite = test_js.HOOTCommon._generate_hash(self, SUITE)
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={suite}",
            "",
            "",
            login="admin",
            timeout=600,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=test_js.unit_test_error_checker,
        )
        passed = re.findall(r"Passed (\d+) tests", "\n".join(heard.lines))
        self.assertEqual(passed, [str(written)], "a test that exists did not run")
