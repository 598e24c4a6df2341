"""The entry point: old Pythons, wrong use, trouble without a traceback."""

import ast
import contextlib
import io
import os
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from devtools import addons, cli, odoo_source, paths, postgres, private_apt, serving
from devtools.console import Trouble

DEV = paths.ROOT / "dev"


def dev(*arguments, **environment):
    """Run ./dev in a state directory of its own."""
    return subprocess.run(
        [sys.executable, str(DEV), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


class TestOldPython(unittest.TestCase):
    def test_says_so_in_one_line(self):
        code = compile(DEV.read_text(), str(DEV), "exec")
        with (
            mock.patch.object(sys, "version_info", (3, 6)),
            self.assertRaises(SystemExit) as caught,
        ):
            exec(code, {"__name__": "dev", "__file__": str(DEV)})
        message = caught.exception.code
        self.assertIn("Python 3.6 is too old: at least 3.10", message)
        self.assertNotIn("\n", message)

    def test_the_file_has_no_syntax_that_python_2_does_not_know(self):
        tree = ast.parse(DEV.read_text())
        modern = (
            ast.JoinedStr,
            ast.AnnAssign,
            ast.Nonlocal,
            ast.AsyncFunctionDef,
            ast.NamedExpr,
            ast.Match,
        )
        self.assertFalse([node for node in ast.walk(tree) if isinstance(node, modern)])
        for node in ast.walk(tree):
            self.assertFalse(getattr(node, "returns", None), "annotations are syntax of Python 3")
        self.assertTrue(DEV.read_text().isascii(), "Python 2 needs a coding line otherwise")


class TestUse(unittest.TestCase):
    def test_every_verb_has_help(self):
        for verb in (
            "run",
            "test",
            "lint",
            "odoo",
            "shell",
            "psql",
            "bench",
            "load",
            "pictures",
            "stop",
            "clean",
        ):
            with self.subTest(verb), contextlib.redirect_stdout(io.StringIO()) as output:
                with self.assertRaises(SystemExit) as caught:
                    cli.main([verb, "--help"])
                self.assertEqual(caught.exception.code, 0)
                self.assertIn(f"./dev {verb}", output.getvalue())

    def test_no_verb_shows_help_and_fails(self):
        with contextlib.redirect_stdout(io.StringIO()) as output:
            self.assertEqual(cli.main([]), 2)
        self.assertIn("verbs:", output.getvalue())

    def test_a_bench_that_is_not_there(self):
        done = dev("bench", "no-such-bench")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\A\./dev: there is no bench no-such-bench; one of: .*\n\Z")

    def test_a_port_that_is_none(self):
        with contextlib.redirect_stderr(io.StringIO()) as output, self.assertRaises(SystemExit):
            cli.main(["run", "--port", "eighty"])
        self.assertIn("eighty is no port", output.getvalue())

    def test_a_taken_port_is_told_before_anything_is_set_up(self):
        with socket.socket() as taken, tempfile.TemporaryDirectory() as state:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            number = taken.getsockname()[1]
            done = dev("run", "--port", str(number), CUSTOMER_SUCCESS_DEV_STATE=state)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, rf"\A\./dev: port {number} is taken; .*--port N\n\Z")
            self.assertEqual(os.listdir(state), [])


class TestOdooSource(unittest.TestCase):
    def find(self, release):
        with tempfile.TemporaryDirectory() as directory:
            if release is not None:
                (Path(directory) / "odoo").mkdir()
                (Path(directory) / "odoo" / "release.py").write_text(release)
                (Path(directory) / "addons").mkdir()
            with mock.patch.dict(os.environ, ODOO_SOURCE=directory):
                return odoo_source.find()

    def test_a_checkout_of_the_series_is_used(self):
        source = self.find("version_info = (19, 0, 0, FINAL, 0, '')\n")
        self.assertTrue(source.identity.startswith("checkout "))

    def test_another_series_is_refused(self):
        with self.assertRaisesRegex(Trouble, r"is Odoo 18\.0"):
            self.find("version_info = (18, 0, 0, FINAL, 0, '')\n")

    def test_a_directory_without_odoo_is_refused(self):
        with self.assertRaisesRegex(Trouble, "is no Odoo checkout"):
            self.find(None)


class TestClone(unittest.TestCase):
    def git(self, *arguments):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
        subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)

    def clone(self, branch):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        state = Path(directory.name)
        origin = state / "origin"
        self.git("init", "--quiet", f"--initial-branch={branch}", str(origin))
        (origin / "odoo").mkdir()
        (origin / "addons").mkdir()
        (origin / "odoo" / "release.py").write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
        (origin / "addons" / "keep").write_text("")
        self.git("-C", str(origin), "add", ".")
        self.git("-C", str(origin), "commit", "--quiet", "-m", "x")
        changes = {"LOGS": state / "log", "GIT_CHECKOUT": state / "clone"}
        with (
            mock.patch.multiple(paths, **changes),
            mock.patch.object(odoo_source, "GIT_ADDRESS", origin.as_uri()),
            contextlib.redirect_stdout(io.StringIO()),
        ):
            return odoo_source._clone()

    def test_the_branch_of_the_series_is_used(self):
        source = self.clone("19.0")
        self.assertEqual(source.addons, (source.library / "addons",))
        self.assertRegex(source.identity, "[0-9a-f]{40}$")

    def test_a_missing_branch_is_one_line(self):
        with self.assertRaisesRegex(Trouble, r"\Acloning Odoo failed: .*19\.0.*\Z"):
            self.clone("18.0")


class TestNoNetwork(unittest.TestCase):
    def test_debian_packages_fail_in_one_line_and_leave_no_odoo(self):
        with tempfile.TemporaryDirectory() as directory:
            state = Path(directory)
            nowhere = "http://127.0.0.1:9/"  # the discard port: nobody listens
            changes = {
                "STATE": state,
                "LOGS": state / "log",
                "APT": state / "apt",
                "DEBIAN_ROOT": state / "odoo",
            }
            with (
                mock.patch.multiple(paths, **changes),
                mock.patch.object(private_apt, "mirror", return_value=nowhere),
                mock.patch.object(private_apt, "_output", return_value=""),
                contextlib.redirect_stdout(io.StringIO()),
                self.assertRaises(Trouble) as caught,
            ):
                odoo_source._fetch_debian()
            self.assertFalse((state / "odoo").exists())
        line = caught.exception.line()
        self.assertIn("check the network and run again", line)
        self.assertNotIn("\n", line)


class TestServer(unittest.TestCase):
    def test_database_url_is_read(self):
        server = postgres.from_url("postgres://me:p%40ss@db.example:6432/base?sslmode=require")
        self.assertEqual(
            (
                server.host,
                server.port,
                server.user,
                server.password,
                server.database,
                server.sslmode,
            ),
            ("db.example", "6432", "me", "p@ss", "base", "require"),
        )

    def test_a_url_that_is_none_is_refused(self):
        for url in ("db.example", "mysql://db.example/x", "postgresql://db.example:port/x"):
            with self.subTest(url), self.assertRaisesRegex(Trouble, "DATABASE_URL"):
                postgres.from_url(url)

    def test_logins_are_read_and_broken_lines_passed_over(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "LOGINS"
            with mock.patch.object(paths, "LOGINS", path):
                self.assertEqual(serving.logins(), [])
                path.write_text("# role login password\nCSM cleo cleo\nbroken\n\n")
                self.assertEqual(serving.logins(), [("CSM", "cleo", "cleo")])


class TestBridges(unittest.TestCase):
    def test_every_addon_of_others_is_pinned_by_a_hash(self):
        wanted = {
            line.split("==")[0]
            for line in (paths.ROOT / "requirements-addons.in").read_text().splitlines()
            if line and not line.startswith("#")
        }
        pinned = {
            line.split("==")[0]
            for line in paths.ADDONS_LOCK_FILE.read_text().split("\n")
            if "==" in line and line.endswith("\\")
        }
        self.assertEqual(pinned, wanted)
        self.assertEqual(paths.ADDONS_LOCK_FILE.read_text().count("sha256:"), len(wanted))

    def test_the_addon_is_run_and_measured_without_bridges(self):
        self.assertEqual(list(addons.main()), [addons.MAIN])
        self.assertNotIn(addons.MAIN, addons.bridges())
        self.assertTrue(addons.bridges())
        for bridge in addons.bridges().values():
            self.assertIn(addons.MAIN, bridge.depends)
            self.assertNotIn(bridge.name, addons.foreign_dependencies(addons.bridges()))

    def test_a_bridge_to_what_is_not_there_says_what_is_missing(self):
        bridge = addons.Addon("customer_success_x", Path("/x"), (addons.MAIN, "no_such_addon"))
        source = odoo_source.Source(Path("/nowhere"), (), "none")
        self.assertEqual(addons.missing(source, bridge), ["no_such_addon"])
