"""The count: nobody is left out, whatever Odoo says."""

import json
import tempfile
import unittest
from pathlib import Path

from devtools import verdict

NAME = "odoo.addons.customer_success.tests.test_x.TestX."


def outcome_of(*events, planned=(), status=0):
    outcome = verdict.Outcome()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "events"
        lines = [
            {"event": kind, "name": name, "text": text, "level": "WARNING"}
            for kind, name, text in events
        ]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"event": "cut of')
        outcome.read(path, "without demo data", set(planned), status=status, log="x.log")
    return outcome


def report_of(outcome):
    lines = []
    outcome.report(lambda text="": lines.append(text))
    return lines


class TestVerdict(unittest.TestCase):
    def test_a_success_passes(self):
        outcome = outcome_of(
            ("start", "a", ""), ("success", "a", ""), ("stop", "a", ""), planned=["a"]
        )
        self.assertEqual(report_of(outcome), ["1 passed, 0 failed"])

    def test_a_failure_is_named_with_its_traceback(self):
        outcome = outcome_of(
            ("start", "a", ""), ("failure", "a", "File x, line 7"), planned=["a"], status=1
        )
        self.assertIn("\nFAILED a", report_of(outcome))
        self.assertIn("    File x, line 7", report_of(outcome))
        self.assertEqual(report_of(outcome)[-1], "0 passed, 1 failed")

    def test_two_failing_subtests_fail_their_one_test(self):
        outcome = outcome_of(
            ("start", "a", ""), ("failure", "a", "one"), ("error", "a", "two"), ("stop", "a", "")
        )
        self.assertEqual(outcome.failed, {"a": ["one", "two"]})

    def test_a_success_does_not_hide_an_error_in_tear_down(self):
        outcome = outcome_of(("start", "a", ""), ("success", "a", ""), ("error", "a", "tearDown"))
        self.assertEqual(report_of(outcome)[-1], "0 passed, 1 failed")

    def test_a_skipped_test_fails(self):
        outcome = outcome_of(
            ("start", "a", ""), ("skip", "a", "Chrome executable not found"), planned=["a"]
        )
        self.assertEqual(outcome.failed, {"a": ["skipped: Chrome executable not found"]})

    def test_a_test_that_exists_and_did_not_run_fails(self):
        outcome = outcome_of(planned=["a"])
        self.assertEqual(outcome.failed, {"a": ["exists and did not run (without demo data)"]})

    def test_a_test_that_never_ended_fails(self):
        outcome = outcome_of(("start", "a", ""), planned=["a"])
        self.assertEqual(outcome.failed, {"a": ["began and never ended"]})

    def test_a_bad_end_without_a_failed_test_fails(self):
        outcome = outcome_of(("success", "a", ""), planned=["a"], status=255)
        self.assertEqual(report_of(outcome)[-1], "1 passed, 1 failed")
