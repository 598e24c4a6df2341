"""The hooks of lint are those of pre-commit; JavaScript says what it needs, and its packages are pinned."""

import contextlib
import io
import json
import re
import unittest
from unittest import mock

from devtools import lint, node, paths, programs
from devtools.console import Trouble


class TestHooks(unittest.TestCase):
    def test_pre_commit_runs_every_hook(self):
        text = (paths.ROOT / ".pre-commit-config.yaml").read_text()
        self.assertEqual(re.findall(r"- id: (\S+)", text), list(lint.HOOKS))
        self.assertEqual(re.findall(r"entry: \./dev lint --hook (\S+)", text), list(lint.HOOKS))

    def test_a_hook_that_cannot_run_is_told_and_does_not_keep_the_others_from_running(self):
        def broken(_arguments, _fix):
            raise Trouble("there is no npm", "install it")

        hooks = {"broken": broken, "good": lambda _arguments, _fix: True}
        with (
            mock.patch.object(lint, "HOOKS", hooks),
            mock.patch.object(lint.venv, "ensure"),
            contextlib.redirect_stdout(io.StringIO()) as output,
        ):
            self.assertFalse(lint.run())
        self.assertRegex(
            output.getvalue(), r"there is no npm; install it\nbroken +DID NOT RUN\ngood +ok"
        )


class TestNode(unittest.TestCase):
    def refused(self, version, npm="/usr/bin/npm"):
        with (
            mock.patch.object(programs.Program, "find", return_value=npm),
            mock.patch.object(node, "node_version", return_value=version),
            self.assertRaises(Trouble) as caught,
        ):
            node.ensure()
        return caught.exception.line()

    def test_an_old_or_missing_node_is_told_with_what_to_do(self):
        self.assertIn("Node.js is 16.20.0, too old", self.refused((16, 20, 0)))
        line = self.refused(())
        self.assertIn("nowhere to be found", line)
        self.assertIn("apt-get install nodejs npm", line)

    def test_a_missing_npm_is_told_where_we_may_not_install_it(self):
        with mock.patch.object(programs, "_privilege", return_value=None):
            line = self.refused((20, 0, 0), npm=None)
        self.assertIn("there is no npm for the lint of JavaScript", line)

    def test_every_package_is_pinned_by_a_hash_and_names_no_address_to_fetch_it_from(self):
        lock = json.loads((node.SETTINGS / "package-lock.json").read_text())
        wanted = json.loads((node.SETTINGS / "package.json").read_text())["devDependencies"]
        packages = {name: entry for name, entry in lock["packages"].items() if name}
        self.assertLessEqual({f"node_modules/{name}" for name in wanted}, set(packages))
        for name, entry in packages.items():
            with self.subTest(name):
                self.assertTrue(entry["integrity"].startswith("sha512-"))
                self.assertNotIn("resolved", entry)
