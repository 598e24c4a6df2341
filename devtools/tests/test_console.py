"""One line an error, and nothing half-made taken for whole."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

from devtools import console


class TestTrouble(unittest.TestCase):
    def test_is_one_line_with_the_way_to_mend_it(self):
        trouble = console.Trouble("this\n is wrong", "do\nthat")
        self.assertEqual(trouble.line(), "./dev: this is wrong; do that")

    def failure_of(self, *command):
        with (
            tempfile.TemporaryDirectory() as directory,
            mock.patch.object(console.paths, "LOGS", Path(directory)),
            self.assertRaises(console.Trouble) as caught,
        ):
            console.call(command, log="x.log", doing="fetching", mend="plug it in")
        return caught.exception.line()

    def test_a_failing_program_is_trouble_with_its_own_reason(self):
        line = self.failure_of("/bin/sh", "-c", "echo some; echo ERROR: no network; exit 3")
        self.assertEqual(line, "./dev: fetching failed: ERROR: no network; plug it in")

    def test_a_missing_program_is_trouble(self):
        self.assertIn("no-such-program did not start", self.failure_of("no-such-program"))


class TestBuilt(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.target = self.directory / "thing"

    def test_a_failure_leaves_nothing_that_looks_whole(self):
        with self.assertRaises(ValueError), console.built(self.target) as draft:
            (draft / "half").write_text("")
            raise ValueError
        self.assertFalse(self.target.exists())

    def test_leftovers_of_a_failure_do_not_come_back(self):
        (self.directory / "thing.draft").mkdir()
        (self.directory / "thing.draft" / "half").write_text("")
        with console.built(self.target) as draft:
            (draft / "whole").write_text("")
        self.assertEqual([path.name for path in self.target.iterdir()], ["whole"])
