"""The examples in the docstrings of devtools hold, and no file of the repository has some that nobody runs."""

import doctest
import importlib
import unittest

from devtools import paths

PROMPT = ">" * 3 + " "  # not as a literal: this file has no example
PACKAGE = paths.ROOT / "devtools"


def files_with_examples():
    """Yield each Python file of the repository that has an example, and how many it has."""
    for path in sorted(paths.ROOT.rglob("*.py")):
        hidden = [part for part in path.relative_to(paths.ROOT).parts if part.startswith(".")]
        if not hidden and "node_modules" not in path.parts:
            count = path.read_text(encoding="utf-8").count(PROMPT)
            if count:
                yield path, count


def examples(path):
    """Return the docstrings with examples of a module of devtools, as doctest finds them."""
    parts = path.relative_to(paths.ROOT).with_suffix("").parts
    found = doctest.DocTestFinder().find(importlib.import_module(".".join(parts)))
    return [test for test in found if test.examples]


def load_tests(_loader, suite, _pattern):
    for path, _count in files_with_examples():
        if path.parent == PACKAGE:
            suite.addTests(doctest.DocTestCase(test) for test in examples(path))
    return suite


class TestExamples(unittest.TestCase):
    def test_every_example_in_the_repository_is_run(self):
        found = dict(files_with_examples())
        self.assertIn(PACKAGE / "verdict.py", found)
        for path, count in found.items():
            with self.subTest(str(path.relative_to(paths.ROOT))):
                addon = paths.ROOT / path.relative_to(paths.ROOT).parts[0]
                if (addon / "__manifest__.py").exists():
                    # Inside Odoo an addon's own test runs them, all that it finds.
                    own = addon / "tests" / "test_doctests.py"
                    self.assertTrue(own.exists(), f"write {own}, as the other addons have it")
                else:
                    self.assertEqual(path.parent, PACKAGE, "no test runs the examples of this file")
                    self.assertEqual(sum(len(test.examples) for test in examples(path)), count)
