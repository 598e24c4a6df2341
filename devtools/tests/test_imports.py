"""The modules of devtools stand one on the other: no import runs in a circle, wherever it is written."""

import ast
import graphlib
import unittest

from devtools import paths

PACKAGE = paths.ROOT / "devtools"


def imports(text, modules):
    """Return which of these modules a module of the package imports, also inside its functions."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            name = "." * node.level + (node.module or "")
            if name in (".", "devtools"):
                found.update(alias.name for alias in node.names)
            elif name.startswith((".", "devtools.")):
                found.add(name.removeprefix("devtools").removeprefix(".").split(".")[0])
        elif isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
            found.update(parts[1] for parts in names if parts[0] == "devtools" and parts[1:])
    return found & modules


def circle(graph):
    """Return one circle of a graph as a list of names; an empty list where there is none."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


class TestImports(unittest.TestCase):
    def test_no_import_runs_in_a_circle(self):
        files = {path.stem: path for path in PACKAGE.glob("*.py") if path.stem != "__init__"}
        graph = {name: imports(path.read_text(), set(files)) for name, path in files.items()}
        self.assertIn("postgres", graph["postgres_private"])
        self.assertEqual(circle(graph), [])

    def test_an_import_is_seen_in_every_form(self):
        for text in (
            "from . import b",
            "from .b import x",
            "def f():\n    from . import b",
            "from devtools import b",
            "from devtools.b import x",
            "import devtools.b",
        ):
            with self.subTest(text):
                self.assertEqual(imports(text, {"a", "b"}), {"b"})

    def test_a_circle_is_named(self):
        self.assertEqual(set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})), set("abc"))
