"""./dev backtest: the risk model on any labelled table, beside logistic regression and explainable boosting.

Runs the very code that the addon learns with (customer_success/scoring), without Odoo. All models see the same
columns and the same rows: each row is predicted by models that have not seen it, nor one that looks the same.
"""

import argparse
import random
import sys
from datetime import date
from pathlib import Path
from time import perf_counter

import backtest_models as models
import backtest_table as tables
from backtest_page import write_page
from backtest_table import Refused

evaluation = models.load_scoring("evaluation")

# What the model has to reach: shares of explainable boosting's figures, and the distance from logistic regression.
LEAST_AUC, MOST_BRIER, MOST_BELOW = 0.995, 1.01, 0.002
FEW = (0, 20, 50, 100, 300, 1000)
DRAWS = 5


def predictions(table, splits, chosen):
    """Return ``{name: {row: probability}}`` by models that did not see the row, and the seconds by name."""
    found = {name: {} for name in chosen}
    seconds = dict.fromkeys(chosen, 0.0)
    for training, testing in splits:
        for name, model in chosen.items():
            start = perf_counter()
            found[name].update(zip(testing, model(table, training, testing)))
            seconds[name] += perf_counter() - start
    return found, seconds


def judge(table, found):
    """Return the evaluation of each model's predictions."""
    return {
        name: evaluation.evaluate((p, table.happened[index], 1) for index, p in by_row.items())
        for name, by_row in found.items()
    }


def few(table, splits):
    """Return what is learned from few outcomes of the first split: ``[(number, log loss, Brier score)]``, mean of some draws.

    The first line is what holds before anything happened.
    """
    training, testing = splits[0]
    draw = random.Random(tables.SEED)
    lines = []
    for number in FEW:
        if number > len(training):
            break
        done = []
        for _draw in range(DRAWS if number else 1):
            drawn = draw.sample(training, number)
            probabilities = models.ours(table, drawn, testing)
            done.append(
                evaluation.evaluate(
                    (p, table.happened[index], 1) for index, p in zip(testing, probabilities)
                )
            )
        lines.append(
            (
                number,
                sum(one.log_loss for one in done) / len(done),
                sum(one.brier for one in done) / len(done),
            )
        )
    return lines


# ----------------------------------------------------------------------------------------------
# Printing
# ----------------------------------------------------------------------------------------------


def report(table, done, seconds, split):
    leavers = sum(table.happened)
    print(
        f"{len(table.happened):,} rows, {leavers:,} left ({100 * leavers / len(table.happened):.1f} %), "
        f"{len(table.numbers)} columns of numbers, {len(table.words)} of words; {split}"
    )
    for column, why in table.left_out.items():
        print(f"  left out: {column} ({why})")
    print(f"\n{'':22}{'AUC':>8}{'Brier':>9}{'log loss':>10}{'calibration':>13}{'seconds':>9}")
    for name, result in done.items():
        print(
            f"{name:22}{result.auc:8.4f}{result.brier:9.4f}{result.log_loss:10.4f}"
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
    print()
    if other := done.get("explainable boosting"):
        auc, brier = mine.auc / other.auc, mine.brier / other.brier
        print(
            f"AUC {auc:.4f} x explainable boosting's, to reach {LEAST_AUC}: {_said(auc >= LEAST_AUC)}"
        )
        print(
            f"Brier {brier:.4f} x explainable boosting's, at most {MOST_BRIER}: {_said(brier <= MOST_BRIER)}"
        )
    if other := done.get("logistic regression"):
        above = mine.auc - other.auc
        print(
            f"AUC {above:+.4f} from logistic regression's, at most {MOST_BELOW} below: {_said(above >= -MOST_BELOW)}"
        )


def _said(holds):
    return "yes" if holds else "NO"


def report_few(lines):
    print("\nLearned from few outcomes, judged on those held back:")
    print(f"{'outcomes':>10}{'log loss':>10}{'Brier':>9}")
    for number, log_loss, brier in lines:
        print(f"{number:>10,}{log_loss:10.4f}{brier:9.4f}")


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
    parser.add_argument(
        "--group", metavar="COL", help="a column whose equal rows must stay together"
    )
    parser.add_argument("--time", metavar="COL", help="the column with the date of a row")
    parser.add_argument(
        "--train-until",
        type=date.fromisoformat,
        metavar="DATE",
        help="instead of folds: learn from the rows before this day, judge by those from it on",
    )
    parser.add_argument(
        "--few", action="store_true", help="also learn from 20 to 1,000 outcomes only"
    )
    parser.add_argument(
        "--page", type=Path, metavar="FILE", help="write a page (HTML) with all figures and curves"
    )
    parser.add_argument(
        "--alone", action="store_true", help="without scikit-learn and interpret to compare with"
    )
    return parser


def main(arguments):
    parser = make_parser()
    args = parser.parse_args(arguments)
    try:
        if bool(args.time) != bool(args.train_until):
            raise Refused("--time COL and --train-until DATE go together")
        table = tables.read(
            args.file, args.outcome, args.positive, args.without, args.group, args.time
        )
        least = min(sum(table.happened), len(table.happened) - sum(table.happened))
        if not args.train_until and not 2 <= args.folds <= least:
            raise Refused(
                f"from 2 to {least} folds, as there are {least} rows of the rarer outcome"
            )
        if not table.numbers and not table.words:
            raise Refused("no column is left to learn from")
        until = args.train_until and args.train_until.toordinal()
        splits = tables.splits(table, args.folds, until)
    except Refused as error:
        parser.error(str(error))
    chosen = {"ours": models.ours}
    if not args.alone:
        chosen["logistic regression"] = models.logistic
        chosen["explainable boosting"] = models.boosting
    found, seconds = predictions(table, splits, chosen)
    done = judge(table, found)
    said = f"learned until {args.train_until}" if args.train_until else f"{args.folds} folds"
    report(table, done, seconds, said)
    lines = few(table, splits) if args.few else []
    if lines:
        report_few(lines)
    if args.page:
        write_page(args.page, table, done, lines, said)
        print(f"\nThe page is {args.page}")


if __name__ == "__main__":
    main(sys.argv[1:])
