"""The page on what is written by hand names files that are there."""

import re
import unittest

from devtools import paths

PAGE = paths.ROOT / "docs" / "architecture.md"


class TestHandWritten(unittest.TestCase):
    def test_each_file_in_the_table_is_there(self):
        section = PAGE.read_text().split("## Written by hand, and why")[1].split("\n## ")[0]
        rows = [line.split("|") for line in section.splitlines() if line.startswith("| ")][1:]
        self.assertGreater(len(rows), 10)
        for _start, what, where, _library, why, _end in rows:
            with self.subTest(what):
                self.assertTrue(why.strip())
                files = re.findall(r"`([^`]+)`", where)
                self.assertTrue(files)
                self.assertFalse([name for name in files if not (paths.ROOT / name).is_file()])
