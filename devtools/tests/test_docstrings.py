import ast
import unittest

from devtools import paths

# Words that open a clause, not a sentence: a docstring says first what a function does, or names the thing.
CLAUSES = {
    *("What", "Who", "Whom", "Whose", "Whether", "Of"),
    *("Where", "How", "When", "Which", "Why"),
}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def docstrings(path):
    """Yield the name and the docstring of the module, and of each class and function in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node)):
            yield getattr(node, "name", path.name), text


class TestDocstrings(unittest.TestCase):
    """Docstrings open with a verb in the imperative, or with a noun."""

    def test_no_docstring_opens_with_a_clause(self):
        read, clauses = 0, []
        for file in paths.ROOT.glob("[a-z]*/**/*.py"):
            for name, text in docstrings(file):
                read += 1
                if text.split()[0].rstrip(",:") in CLAUSES:
                    clauses.append(
                        f"{file.relative_to(paths.ROOT)}, {name}: {text.splitlines()[0]}"
                    )
        self.assertGreater(read, 1000)
        self.assertEqual(clauses, [])
