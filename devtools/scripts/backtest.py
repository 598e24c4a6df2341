"""./dev backtest: the risk model on any labelled table, cross-validated, beside scikit-learn's.

Runs the very code that the addon learns with (customer_success/scoring), without Odoo. Both models see
the same columns, prepared on the same training rows: numbers as standard deviations from their mean,
words as one column each; an empty cell is unknown and contributes nothing.
"""

import argparse
import csv
import importlib
import importlib.util
import random
import sys
from collections import defaultdict
from pathlib import Path
from statistics import fmean, pstdev
from time import perf_counter
from typing import NamedTuple

SCORING = Path(__file__).resolve().parents[2] / "customer_success" / "scoring"
HAPPENED = ("1", "yes", "true", "churned", "churn", "left", "lost", "y", "t")
MOST_WORDS = (
    25  # a column with more different words than this names rows rather than describes them
)
SEED = 4711


def load_scoring(name):
    """A module of customer_success/scoring; the addon itself would want Odoo."""
    if "scoring" not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            "scoring", SCORING / "__init__.py", submodule_search_locations=[str(SCORING)]
        )
        sys.modules["scoring"] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"scoring.{name}")


learning = load_scoring("learning")
evaluation = load_scoring("evaluation")


class Refused(Exception):
    """The table cannot be used, and why."""


class Table(NamedTuple):
    numbers: dict  # column -> list of float or None
    words: dict  # column -> list of text or None
    happened: list
    left_out: dict  # column -> why


# ----------------------------------------------------------------------------------------------
# Reading
# ----------------------------------------------------------------------------------------------


def read(path, outcome, positive=None, without=()):
    """Read a CSV; return a :class:`Table`."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            rows = list(reader)
            header = reader.fieldnames or []
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(f"{path} is no CSV in UTF-8: {error}") from None
    if outcome not in header:
        raise Refused(f"there is no column {outcome}; there are: {', '.join(map(repr, header))}")
    if not rows:
        raise Refused(f"{path} has no rows")
    happened = _outcomes([row[outcome] for row in rows], positive)
    numbers, words, left_out = {}, {}, dict.fromkeys(without, "as asked")
    for column in header:
        if column in (outcome, *without):
            continue
        cells = [(row[column] or "").strip() for row in rows]
        known = [cell for cell in cells if cell]
        values = [_number(cell) for cell in known]
        if len(set(known)) < 2:
            left_out[column] = "always the same"
        elif None not in values:
            numbers[column] = [_number(cell) if cell else None for cell in cells]
        elif len(set(known)) > MOST_WORDS:
            left_out[column] = f"{len(set(known))} different words"
        else:
            words[column] = [cell or None for cell in cells]
    return Table(numbers, words, happened, left_out)


def _outcomes(cells, positive):
    cells = [(cell or "").strip() for cell in cells]
    kinds = sorted(set(cells))
    if "" in kinds:
        raise Refused(f"row {cells.index('') + 2} has no outcome")
    if len(kinds) != 2:
        raise Refused(f"an outcome is one of two; here are {len(kinds)}: {', '.join(kinds[:5])}")
    if positive is None:
        found = [kind for kind in kinds if kind.lower() in HAPPENED]
        if len(found) != 1:
            raise Refused(f"which of {kinds[0]} and {kinds[1]} is leaving? say so with --positive")
        positive = found[0]
    elif positive not in kinds:
        raise Refused(f"no row has the outcome {positive}; there are {kinds[0]} and {kinds[1]}")
    return [cell == positive for cell in cells]


def _number(text):
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e300 else None


# ----------------------------------------------------------------------------------------------
# Folds and features
# ----------------------------------------------------------------------------------------------


def folds(table, count):
    """The fold of each row. Rows that look the same share one, and leavers are spread evenly.

    A row whose twin was trained on is no test.
    """
    groups = defaultdict(list)
    columns = [*table.numbers.values(), *table.words.values()]
    for index in range(len(table.happened)):
        groups[tuple(column[index] for column in columns)].append(index)
    shuffled = list(groups.values())
    random.Random(SEED).shuffle(shuffled)
    fold = [0] * len(table.happened)
    filled = {True: [0] * count, False: [0] * count}
    for group in sorted(shuffled, key=len, reverse=True):  # stable: equal ones stay shuffled
        kind = 2 * sum(table.happened[index] for index in group) >= len(group)
        place = filled[kind].index(min(filled[kind]))
        filled[kind][place] += len(group)
        for index in group:
            fold[index] = place
    return fold


def features(table, training):
    """Rows of deviations by code, prepared on the training rows alone; the unknown is left out."""
    rows = [{} for _row in table.happened]
    for column, values in table.numbers.items():
        known = [values[index] for index in training if values[index] is not None]
        spread = pstdev(known) if len(known) > 1 else 0
        if spread:
            middle = fmean(known)
            for row, value in zip(rows, values):
                if value is not None:
                    row[column] = (value - middle) / spread
    for column, values in table.words.items():
        for row, value in zip(rows, values):
            if value is not None:
                row[f"{column} = {value}"] = 1.0
    return rows


# ----------------------------------------------------------------------------------------------
# The two models
# ----------------------------------------------------------------------------------------------


def ours(rows, happened, training, testing):
    codes = sorted({code for index in training for code in rows[index]})
    # Nothing is expected of columns that nobody knows but that they matter about as much as any.
    priors = dict.fromkeys(codes, learning.Prior(0.0, 1.0)) | {
        "base": learning.Prior(-2.0, learning.BASE_SD)
    }
    cases = [learning.Case(rows[index], happened[index]) for index in training]
    coefficients = learning.fit(cases, priors)
    return [learning.predict(rows[index], coefficients) for index in testing]


def theirs(rows, happened, training, testing):
    import numpy
    from sklearn.linear_model import LogisticRegression

    codes = sorted({code for index in training for code in rows[index]})

    def matrix(indexes):
        return numpy.array([[rows[index].get(code, 0.0) for code in codes] for index in indexes])

    model = LogisticRegression(max_iter=1000)
    model.fit(matrix(training), [happened[index] for index in training])
    return model.predict_proba(matrix(testing))[:, 1].tolist()


def cross_validate(table, count, models):
    """Predictions for each row by models that did not see it: ``{name: [probability]}``, seconds by name."""
    fold = folds(table, count)
    predictions = {name: [None] * len(fold) for name in models}
    seconds = dict.fromkeys(models, 0.0)
    for number in range(count):
        training = [index for index, place in enumerate(fold) if place != number]
        testing = [index for index, place in enumerate(fold) if place == number]
        rows = features(table, training)
        for name, model in models.items():
            start = perf_counter()
            for index, probability in zip(testing, model(rows, table.happened, training, testing)):
                predictions[name][index] = probability
            seconds[name] += perf_counter() - start
    return predictions, seconds


# ----------------------------------------------------------------------------------------------
# Printing
# ----------------------------------------------------------------------------------------------


def report(table, predictions, seconds, count):
    leavers = sum(table.happened)
    print(
        f"{len(table.happened):,} rows, {leavers:,} left ({100 * leavers / len(table.happened):.1f} %), "
        f"{len(table.numbers)} columns of numbers, {len(table.words)} of words; {count} folds"
    )
    for column, why in table.left_out.items():
        print(f"  left out: {column} ({why})")
    done = {
        name: evaluation.evaluate((p, y, 1) for p, y in zip(values, table.happened))
        for name, values in predictions.items()
    }
    print(f"\n{'':14}{'AUC':>8}{'Brier':>9}{'log loss':>10}{'calibration':>13}{'seconds':>9}")
    for name, result in done.items():
        print(
            f"{name:14}{result.auc:8.4f}{result.brier:9.4f}{result.log_loss:10.4f}"
            f"{result.calibration_error:11.2f} %{seconds[name]:9.2f}"
        )
    mine = done["ours"]
    print("\nOurs by decile, the riskiest first:")
    print(f"{'':>8}{'rows':>8}{'predicted':>11}{'left':>8}{'lift':>7}")
    for number, decile in enumerate(mine.deciles, 1):
        print(
            f"{number:>8}{decile['count']:>8.0f}{decile['predicted']:>9.1f} %{decile['actual']:>6.1f} %"
            f"{decile['lift']:>7.2f}"
        )
    if "scikit-learn" in done:
        other = done["scikit-learn"]
        print(
            f"\nAUC {mine.auc / other.auc:.4f} x scikit-learn's, Brier {mine.brier / other.brier:.4f} x"
        )
    return done


def make_parser():
    parser = argparse.ArgumentParser(prog="./dev backtest", description=__doc__.split("\n", 1)[0])
    parser.add_argument("file", type=Path, help="a CSV with one row a customer")
    parser.add_argument(
        "--outcome", required=True, metavar="COL", help="the column that says who left"
    )
    parser.add_argument(
        "--positive", help="what that column says of who left (default: Yes, 1, ...)"
    )
    parser.add_argument(
        "--without", nargs="*", default=[], metavar="COL", help="columns to leave out"
    )
    parser.add_argument("--folds", type=int, default=5, help="default: 5")
    parser.add_argument("--alone", action="store_true", help="without scikit-learn")
    return parser


def main(arguments):
    parser = make_parser()
    args = parser.parse_args(arguments)
    try:
        table = read(args.file, args.outcome, args.positive, args.without)
        least = min(sum(table.happened), len(table.happened) - sum(table.happened))
        if not 2 <= args.folds <= least:
            raise Refused(
                f"from 2 to {least} folds, as there are {least} rows of the rarer outcome"
            )
        if not table.numbers and not table.words:
            raise Refused("no column is left to learn from")
    except Refused as error:
        parser.error(str(error))
    models = {"ours": ours}
    if not args.alone:
        models["scikit-learn"] = theirs
    predictions, seconds = cross_validate(table, args.folds, models)
    report(table, predictions, seconds, args.folds)


if __name__ == "__main__":
    main(sys.argv[1:])
