"""Tables that ./dev backtest refuses, how it deals rows out, and that it finds what is there to find."""

import contextlib
import io
import random
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).parent.parent / "scripts"
sys.path.insert(0, str(SCRIPTS))
import backtest  # noqa: E402
import backtest_models as models  # noqa: E402
import backtest_table as tables  # noqa: E402


class TestBacktest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "customers.csv"

    def read(self, content, *args, **options):
        self.file.write_text(content)
        return tables.read(self.file, *(args or ("left",)), **options)

    def test_tables_that_cannot_be_used_are_refused_in_words(self):
        for content, words in (
            ("a,b\n1,2\n", "no column left"),
            ("a,left\n", "no rows"),
            ("a,left\n1,\n", "row 2 has no outcome"),
            ("a,left\n1,yes\n2,yes\n", "one of two; here are 1"),
            ("a,left\n1,yes\n2,no\n3,maybe\n", "one of two; here are 3"),
            ("a,left\n1,red\n2,blue\n", "--positive"),
        ):
            with self.subTest(words), self.assertRaises(tables.Refused) as refused:
                self.read(content)
            self.assertIn(words, str(refused.exception))
        with self.assertRaises(tables.Refused):
            tables.read(self.file.with_name("none.csv"), "left")

    def test_columns_are_numbers_or_words_and_the_empty_is_unknown(self):
        rows = "".join(f"c{n},{n},{'x' if n % 2 else ''},same,{n % 2}\n" for n in range(40))
        table = self.read("name,n,kind,const,left\n0,,y,same,1\n" + rows)
        self.assertEqual((list(table.numbers), list(table.words)), (["n"], ["kind"]))
        self.assertEqual(set(table.left_out), {"name", "const"})
        self.assertEqual((table.numbers["n"][0], table.words["kind"][1]), (None, None))
        _predict, shapes, scales = models.learned(table, range(41))
        self.assertEqual(set(shapes), {"base", "n", "kind"})
        self.assertEqual(len(scales["n"].knots), models.KNOTS)

    def test_rows_that_look_the_same_share_a_fold(self):
        table = self.read("n,left\n" + "1,1\n1,0\n2,0\n2,0\n3,1\n4,0\n5,1\n6,0\n" * 5)
        fold = tables.folds(table, 3)
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
            backtest.main([str(self.file), "--outcome", "left", "--alone"])
        [line] = [line for line in printed.getvalue().splitlines() if line.startswith("ours")]
        self.assertGreater(float(line.split()[1]), 0.75)
        self.assertIn("by decile", printed.getvalue())

    def test_a_date_is_a_number_and_a_column_that_names_rows_is_left_out(self):
        lines = ["id,since,score,left"]
        lines += [
            f"c{n},2025-0{1 + n % 9}-15T08:00:00Z,{n if n % 5 else 'N/A'},{n % 2}"
            for n in range(60)
        ]
        table = self.read("\n".join(lines))
        self.assertEqual((list(table.numbers), list(table.words)), (["since", "score"], []))
        self.assertIn("which name rows", table.left_out["id"])
        self.assertIsNone(table.numbers["score"][0])
        self.assertEqual(table.numbers["since"][1] - table.numbers["since"][0], 31)

    def test_rows_of_a_group_share_a_fold_and_are_not_learned_from(self):
        lines = ["customer,n,left"] + [f"c{n % 12},{n},{n % 2}" for n in range(60)]
        table = self.read("\n".join(lines), "left", group="customer")
        self.assertEqual(list(table.numbers), ["n"])
        fold = tables.folds(table, 4)
        for customer in set(table.groups):
            places = {place for place, one in zip(fold, table.groups) if one == customer}
            self.assertEqual(len(places), 1)

    def test_a_split_by_time_learns_from_the_past_alone(self):
        lines = ["customer,day,n,left"]
        lines += [f"c{n % 45},2026-{1 + n // 10:02}-10,{n},{n % 2}" for n in range(60)]
        table = self.read("\n".join(lines), "left", group="customer", time="day")
        until = tables._day("2026-05-01")
        [(training, testing)] = tables.splits(table, 5, until)
        self.assertEqual(testing, list(range(40, 60)))
        # The customers c40 to c44 and c0 to c14 are among those tested, so their earlier rows are no training.
        self.assertEqual(training, list(range(15, 40)))
        with self.assertRaises(tables.Refused) as refused:
            tables.splits(table, 5, tables._day("2027-01-01"))
        self.assertIn("there are not both outcomes", str(refused.exception))
        with self.assertRaises(tables.Refused) as refused:
            self.read("day,n,left\nsoon,1,1\n2026-01-01,2,0\n", "left", time="day")
        self.assertIn("row 2 has no date", str(refused.exception))

    def test_a_curve_is_found_where_a_line_sees_nothing(self):
        draw = random.Random(2)
        lines = ["use,left"]
        for _row in range(1500):
            use = draw.gauss(0, 1)
            lines.append(f"{use:.5f},{int(draw.random() < (0.1 if abs(use) < 1 else 0.6))}")
        page = self.file.with_name("page.html")
        self.file.write_text("\n".join(lines))
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            backtest.main(
                [str(self.file), "--outcome", "left", "--alone", "--few", "--page", str(page)]
            )
        [line] = [line for line in printed.getvalue().splitlines() if line.startswith("ours")]
        self.assertGreater(float(line.split()[1]), 0.7)
        self.assertIn("<figcaption>use</figcaption>", page.read_text())
        few = printed.getvalue().split("few outcomes")[1].splitlines()[2:8]
        losses = [float(line.split()[1]) for line in few]
        self.assertLess(losses[-1], losses[0], "a thousand outcomes teach more than none")

    def test_columns_that_teach_nothing_do_no_harm(self):
        """One column copied, one constant but for a row, words of one row each, and a tail of huge numbers."""
        draw = random.Random(3)
        lines = ["use,copy,odd,word,tail,left"]
        for row in range(600):
            use = draw.random()
            lines.append(
                f"{use:.6f},{use:.6f},{int(row == 7)},w{row if row % 3 else 0},{10 ** (row % 90)},{int(draw.random() > use)}"
            )
        table = self.read("\n".join(lines))
        [(training, testing), *_rest] = tables.splits(table, 3)
        probabilities = models.ours(table, training, testing)
        done = backtest.evaluation.evaluate(
            (p, table.happened[index], 1) for index, p in zip(testing, probabilities)
        )
        self.assertGreater(done.auc, 0.75)
