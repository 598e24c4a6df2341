"""Odoo with every test's fate written down, for ./dev test.

Odoo skips browser tests without a browser, passes over test files that no `__init__` names, and
says only how many tests ran. So this records each event as a line of JSON in $CS_TEST_EVENTS, which
the caller compares with the plan that `--plan` prints: the tests that exist and who selects them.
"""

import importlib
import json
import os
import sys
import traceback
import unittest
from pathlib import Path

sys.path.pop(0)

from odoo.tests import common, loader, result, tag_selector

DEMO_TAG = "customer_success_demo"


class Recorder:
    """Appends events to a file at once, so that a crash loses none."""

    def __init__(self, path):
        self.stream = open(path, "a", buffering=1)  # noqa: SIM115 - open as long as the process

    def write(self, event, name, text="", **more):
        self.stream.write(json.dumps({"event": event, "name": name, "text": text, **more}) + "\n")


def name_of(test):
    """Dotted name of a test; of its class or module where set-up failed; of the whole where a subtest did."""
    while getattr(test, "test_case", None):
        test = test.test_case
    return test.id() if hasattr(test, "id") else str(test)


def watch(recorder):
    """Make Odoo's test result tell the recorder what happens."""
    Result = result.OdooTestResult

    def wrap(method, event):
        original = getattr(Result, method)

        def wrapper(self, test, *args):
            # A test that is run again after a failure (ODOO_TEST_FAILURE_RETRIES) is not judged yet.
            if not getattr(self, "_soft_fail", False):
                text = ""
                if event in ("error", "failure"):
                    text = "".join(traceback.format_exception(*args[0]))
                elif event == "skip":
                    text = str(args[0])
                recorder.write(event, name_of(test), text)
            return original(self, test, *args)

        setattr(Result, method, wrapper)

    for method, event in (
        ("startTest", "start"),
        ("stopTest", "stop"),
        ("addSuccess", "success"),
        ("addError", "error"),
        ("addFailure", "failure"),
        ("addSkip", "skip"),
    ):
        wrap(method, event)


def narrow_selection(addons, demo):
    """Odoo's tag language knows no "and": narrow any selection to these addons' tests with or without demo data."""
    original = tag_selector.TagsSelector.check

    def check(self, test):
        tags = getattr(test, "test_tags", ())
        module = type(test).__module__.split(".")
        ours = module[:2] == ["odoo", "addons"] and module[2] in addons
        return ours and (DEMO_TAG in tags) == demo and original(self, test)

    tag_selector.TagsSelector.check = check


def existing_tests(addon):
    """Every test below the addon's `tests`, whether or not Odoo would find it."""
    package = importlib.import_module(f"odoo.addons.{addon}")
    directory = Path(package.__path__[0])
    for path in sorted(directory.glob("tests/**/test_*.py")):
        parts = path.relative_to(directory).with_suffix("").parts
        module = importlib.import_module(".".join([package.__name__, *parts]))
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, unittest.TestCase)
                and value.__module__ == module.__name__
            ):
                for method in unittest.defaultTestLoader.getTestCaseNames(value):
                    yield value(method)


def plan(groups, tags):
    """Print as JSON which tests exist, and which of them each run selects with the given tags."""
    Selector = tag_selector.TagsSelector
    tests = []
    for addons in groups:
        for addon in addons:
            for test in existing_tests(addon):
                demo = DEMO_TAG in test.test_tags
                spec = tags or (DEMO_TAG if demo else ",".join(f"/{name}" for name in addons))
                tests.append(
                    {
                        "name": test.id(),
                        "addon": addon,
                        "demo": demo,
                        "selected": Selector(spec).check(test),
                        "browser": isinstance(test, common.HttpCase),
                        "office": getattr(test, "needs_office", False),
                    }
                )
    print("PLAN " + json.dumps(tests))


def main():
    if sys.argv[1] == "--plan":
        from odoo.tools import config

        config.parse_config([])
        import odoo.addons  # noqa: F401 - extends its path by the addons path

        plan([group.split(",") for group in sys.argv[2].split(";")], sys.argv[3])
        return
    recorder = Recorder(os.environ["CS_TEST_EVENTS"])
    watch(recorder)
    narrow_selection(os.environ["CS_TEST_ADDONS"].split(","), os.environ["CS_TEST_DEMO"] == "1")
    from odoo.cli import main as odoo_main

    assert loader  # imported before the selector is narrowed, as Odoo's own start does
    odoo_main()


main()
