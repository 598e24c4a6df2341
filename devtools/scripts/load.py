"""Load a file of customers, renewals and use, or of use alone, the way *Load a File* does.

Columns are recognised by their headings, or matched by --mapping NAME: a matching that was kept on the
screen or made by the API. Good rows land, each other row is named with its column and the reason. Loading
a file twice changes nothing the second time. Afterwards the scheduled action scores whoever changed.
"""

import sys
from pathlib import Path
from time import perf_counter

SHOWN = 20  # rejected rows named in full
INTAKES = {
    "customers": "customer.success.intake",
    "use": "customer.success.usage.intake",
    "persons": "customer.success.person.intake",
}


def add_arguments(parser):
    parser.add_argument("file", type=Path, help="a CSV file or an Excel workbook, with headings")
    parser.add_argument("--mapping", metavar="NAME", help="the name of a kept matching")
    parser.add_argument(
        "--kind",
        choices=sorted(INTAKES),
        default="customers",
        help="customers with renewals and use (default), use, or use with one row a user",
    )
    parser.add_argument("--date", help="a day of the period of use, if the file does not say it")
    parser.add_argument("--period", choices=("month", "week"), help="month (default) or week")


def main(env_factory, args):
    try:
        stream = args.file.open("rb")
    except OSError as error:
        sys.exit(f"./dev load: {error.filename}: {error.strerror}")
    with stream, env_factory() as env:
        env = env(user=env.ref("base.user_admin"), su=False)
        start = perf_counter()
        answer = land(env, stream, args)
        show(answer)
        print(f"loaded in {perf_counter() - start:.1f} s")
        score(env)
    return 1 if answer["rejected_count"] else 0


def land(env, stream, args):
    """Send the file through the intake, a part a transaction; return its answer.

    A part that lost a race against another transaction is tried again, as Odoo does with a request.
    """
    from odoo.exceptions import UserError  # Odoo is there once an environment is
    from odoo.service.model import retrying

    def between(rows):
        env.cr.commit()  # pylint: disable=invalid-commit
        if rows:
            print(f"  {rows:,} rows", file=sys.stderr)

    try:
        answer = env[INTAKES[args.kind]]._load_stream(
            stream,
            args.file.name,
            mapping=args.mapping,
            date=args.date,
            period=args.period,
            between=between,
            attempt=lambda part: retrying(part, env),
        )
    except UserError as refusal:
        sys.exit(f"./dev load: {refusal}")
    env.cr.commit()  # pylint: disable=invalid-commit
    return answer


def show(answer):
    """Print what is unmatched, the first rejected rows and the counts."""
    for line in answer["unmatched"]:
        print(f"{line['column']} “{line['value']}” is unknown here (rows: {line['count']:,})")
    for line in answer["rejected"][:SHOWN]:
        print(f"row {line['row']}, {line['field'] or 'row'}: {line['message']}")
    if answer["rejected_count"] > SHOWN:
        print(f"... and {answer['rejected_count'] - SHOWN:,} more rejected rows")
    for name, number in sorted(answer["counts"].items()):
        if number:
            print(f"{name.replace('_', ' ')}: {number:,}")


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
