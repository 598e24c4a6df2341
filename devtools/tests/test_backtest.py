"""Tables that ./dev backtest refuses, how it deals rows out, and that it finds what is there to find."""

import contextlib
import importlib.util
import io
import random
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).parent.parent / "scripts"


def load_script():
    spec = importlib.util.spec_from_file_location("backtest", SCRIPTS / "backtest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestBacktest(unittest.TestCase):
    def setUp(self):
        self.backtest = load_script()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "customers.csv"

    def read(self, content, *args, **options):
        self.file.write_text(content)
        return self.backtest.read(self.file, *(args or ("left",)), **options)

    def test_tables_that_cannot_be_used_are_refused_in_words(self):
        for content, words in (
            ("a,b\n1,2\n", "no column left"),
            ("a,left\n", "no rows"),
            ("a,left\n1,\n", "row 2 has no outcome"),
            ("a,left\n1,yes\n2,yes\n", "one of two; here are 1"),
            ("a,left\n1,yes\n2,no\n3,maybe\n", "one of two; here are 3"),
            ("a,left\n1,red\n2,blue\n", "--positive"),
        ):
            with self.subTest(words), self.assertRaises(self.backtest.Refused) as refused:
                self.read(content)
            self.assertIn(words, str(refused.exception))
        with self.assertRaises(self.backtest.Refused):
            self.backtest.read(self.file.with_name("none.csv"), "left")

    def test_columns_are_numbers_or_words_and_the_empty_is_unknown(self):
        rows = "".join(f"c{n},{n},{'x' if n % 2 else ''},same,{n % 2}\n" for n in range(40))
        table = self.read("name,n,kind,const,left\n0,,y,same,1\n" + rows)
        self.assertEqual((list(table.numbers), list(table.words)), (["n"], ["kind"]))
        self.assertEqual(set(table.left_out), {"name", "const"})
        self.assertEqual((table.numbers["n"][0], table.words["kind"][1]), (None, None))
        prepared = self.backtest.features(table, range(41))
        self.assertNotIn("n", prepared[0])

    def test_rows_that_look_the_same_share_a_fold(self):
        table = self.read("n,left\n" + "1,1\n1,0\n2,0\n2,0\n3,1\n4,0\n5,1\n6,0\n" * 5)
        fold = self.backtest.folds(table, 3)
        for value in (1, 2, 3):
            places = {place for place, n in zip(fold, table.numbers["n"]) if n == value}
            self.assertEqual(len(places), 1)
        self.assertEqual(set(fold), {0, 1, 2})

    def test_it_finds_what_decides_and_says_how_well(self):
        draw = random.Random(1)
        lines = ["use,noise,left"]
        for _row in range(400):
            use = draw.random()
            lines.append(f"{use:.6f},{draw.random():.6f},{int(draw.random() > use)}")
        self.file.write_text("\n".join(lines))
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            self.backtest.main([str(self.file), "--outcome", "left", "--alone"])
        [line] = [line for line in printed.getvalue().splitlines() if line.startswith("ours")]
        self.assertGreater(float(line.split()[1]), 0.75)
        self.assertIn("by decile", printed.getvalue())
