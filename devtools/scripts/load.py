"""Load customers, renewals and usage from a CSV file, the way Odoo's import screen does.

The headings are the columns of the intake (see docs/loading.md); for a file with other headings,
--mapping names a Python file with a function map_row(row) that turns a row of yours into one of ours.
Good rows land, each other row is named with its column and the reason. Loading a file twice changes
nothing the second time. Afterwards the scheduled action scores whoever changed.
"""

import csv
import importlib.util
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from time import perf_counter

BATCH = 1000  # rows in one transaction
SHOWN = 20  # rejected rows named in full
MAPPINGS = Path(__file__).parent.parent / "mappings"


def add_arguments(parser):
    parser.add_argument("file", type=Path, help="a CSV file in UTF-8, with headings")
    parser.add_argument("--mapping", help="telco, or the path of a Python file with map_row(row)")


def main(env_factory, args):
    try:
        rows, rejected = read(args.file, mapping(args.mapping))
    except OSError as error:
        sys.exit(f"./dev load: {error.filename}: {error.strerror}")
    except ValueError as error:
        sys.exit(f"./dev load: {error}")
    with env_factory() as env:
        env = env(user=env.ref("base.user_admin"), su=False)
        start = perf_counter()
        counts, refused = land(env, rows, args.file.name)
        rejected = sorted(rejected + refused)
        counts["rejected"] = len(rejected)
        for line, column, reason in rejected[:SHOWN]:
            print(f"line {line}, {column}: {reason}")
        if len(rejected) > SHOWN:
            print(f"... and {len(rejected) - SHOWN} more rejected rows")
        for name, number in sorted(counts.items()):
            if number:
                print(f"{name.replace('_', ' ')}: {number:,}")
        print(f"loaded in {perf_counter() - start:.1f} s")
        score(env)
    return 1 if rejected else 0


def mapping(name):
    """The function map_row of a mapping, or one that takes rows as they are."""
    if not name:
        return dict
    path = MAPPINGS / f"{name}.py"
    path = path if path.exists() else Path(name)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in MAPPINGS.glob("[a-z]*.py")))
        raise ValueError(f"there is no mapping {name}; known: {known}, or give the path of a file")
    spec = importlib.util.spec_from_file_location("mapping", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.map_row


class Row(dict):
    """A row of the file that remembers which column was asked for last, to name it in an error."""

    column = "file"

    def __getitem__(self, column):
        self.column = column
        return super().__getitem__(column)


def read(path, map_row):
    """Return ``([(line, row)], [(line, column, reason)])``: rows as columns of the intake, and rejects."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ValueError(f"{path}, line {line} is not UTF-8; save the file as UTF-8") from None
    reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
    if not reader.fieldnames:
        raise ValueError(f"{path} is empty; its first line must hold the headings")
    rows, rejected = [], []
    try:
        for values in reader:
            row, line = Row(values), reader.line_num
            if None in values or None in values.values():
                rejected.append(
                    (line, "file", "it has more or fewer cells than there are headings")
                )
                continue
            try:
                rows.append((line, map_row(row)))
            except KeyError as error:
                if row.column not in row:
                    raise ValueError(
                        f"{path} has no column {error}, which the mapping needs"
                    ) from None
                rejected.append((line, row.column, f"the mapping does not know {error}"))
            except ValueError as error:
                rejected.append((line, row.column, f"the mapping cannot read it: {error}"))
    except csv.Error as error:
        raise ValueError(f"{path}, line {reader.line_num}: {error}") from None
    if not rows and not rejected:
        raise ValueError(f"{path} has no rows below its headings")
    return rows, rejected


def land(env, rows, name):
    """Send rows through the intake, a batch a transaction; return the counts and the rejected.

    A batch that lost a race against another transaction is tried again, as Odoo does with a request.
    """
    from odoo.service.model import retrying  # Odoo is there once an environment is

    counts, rejected = Counter(), []
    columns = list(rows[0][1]) if rows else []
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        data = [[row[column] for column in columns] for _line, row in batch]
        intake = env["customer.success.intake"].with_context(
            success_file_name=name, success_skipped=start
        )
        result = retrying(partial(intake.load, columns, data), env)
        if not result["counts"]:
            sys.exit(f"./dev load: {result['messages'][0]['message']}")
        counts.update(result["counts"])
        rejected += [
            (batch[message["record"]][0], message["field"], message["message"])
            for message in result["messages"]
        ]
        env.cr.commit()  # pylint: disable=invalid-commit
        print(f"  {start + len(batch):,} of {len(rows):,} rows", file=sys.stderr)
    return counts, rejected


def score(env):
    """Run the scheduled action for changed customers, and say where the book stands."""
    start = perf_counter()
    env(su=True)["customer.success.score"]._cron_score_changed()
    env.cr.execute(
        "SELECT count(*), count(health), count(renewal_risk), count(error)"
        " FROM customer_success_score WHERE scored_at IS NOT NULL"
    )
    scored, health, risk, failed = env.cr.fetchone()
    print(f"scored in {perf_counter() - start:.1f} s")
    print(
        f"{scored:,} customers scored: health known of {health:,}, "
        f"churn risk of {risk:,}, failed {failed:,}"
    )
