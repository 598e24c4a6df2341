"""The loading of a file of customers against reading the same file and COPY into bare tables.

Our side is what *Load a File* and ./dev load run: the file is read, matched by its headings, and each row brings a
customer, a renewal and a record of use, committed part by part. The floor reads the file with csv or openpyxl and
copies the same columns into three tables without an index. Memory is the growth of the process' peak. A line between
both tells how long PostgreSQL alone takes for the rows that our side has written: they are inserted once more, with
their indexes and foreign keys, by one plain statement for each table, and taken back.
"""

import csv
import os
import resource
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from _vacuum import vacuum

from odoo.tools import SQL

PRODUCTS = 4
TABLES = (
    "res_partner",
    "customer_success_score",
    "customer_success_renewal",
    "customer_success_usage",
    "customer_success_stage_move",
    "customer_success_score_request",
    "customer_success_mass_change_line",
)
HEADINGS = (
    "Account ID",
    "Account Name",
    "Contract Start Date",
    "Contract End Date",
    "Amount",
    "Seats",
    "Product",
    "Usage Month",
    "Licensed Users",
    "Active Users",
)


def add_arguments(parser):
    parser.add_argument(
        "--rows", type=int, default=100_000, help="number of rows (default: 100000)"
    )
    parser.add_argument("--csv-only", action="store_true", help="leave the workbook out")


def main(env_factory, args):
    with env_factory() as env, TemporaryDirectory() as folder:
        products = [{"name": f"Product {n}", "default_code": f"BENCH-{n}"} for n in range(PRODUCTS)]
        env["product.product"].create(products)
        env.cr.commit()
        # A small first file, so that the memory already holds what Odoo loads at the first one.
        load(env, write_csv(Path(folder) / "first.csv", 1000, "first"))
        kinds = [("csv", write_csv, read_csv)]
        if not args.csv_only:
            kinds.insert(0, ("xlsx", write_xlsx, read_xlsx))
        for kind, write, read in kinds:
            path = write(Path(folder) / f"book.{kind}", args.rows, kind)
            vacuum(env, TABLES)
            before, spent = peak(), processor(env)
            ours, counts = load(env, path)
            spent = [after - was for after, was in zip(processor(env), spent)]
            assert counts["customers_created"] == args.rows, counts
            grown = peak() - before
            vacuum(env, TABLES)
            again, counts = load(env, path)
            assert counts.get("customers_unchanged") == args.rows, counts
            assert not counts.get("customers_updated") and not counts.get("renewals_updated"), (
                counts
            )
            alone = insert_again(env, kind)
            floor = bare_copy(env, read(path), kind)
            print(
                f"{kind}: {args.rows:,} customers with renewal and use; {1e6 * ours / args.rows:.0f} us a row"
            )
            if spent:
                python, server = (1e6 * seconds / args.rows for seconds in spent)
                print(
                    f"{kind}: processor time: Python {python:.0f}, PostgreSQL {server:.0f} us a row"
                )
            print(
                f"{kind}: the same again, nothing changed: {again:.1f} s; memory: +{grown:.0f} MB"
            )
            print(f"{kind}: PostgreSQL alone, the same rows into the same tables: {alone:.1f} s")
            print(f"{kind}: ratio {ours / floor:.1f} (ours {ours:.1f} s, floor {floor:.1f} s)")


def load(env, path):
    """Load a file; return the seconds and the counts."""
    start = perf_counter()
    with path.open("rb") as stream:
        answer = env["customer.success.intake"]._load_stream(
            stream, path.name, between=lambda _rows: env.cr.commit()
        )
    env.cr.commit()
    assert not answer["rejected_count"], answer["rejected"][:3]
    return perf_counter() - start, answer["counts"]


def processor(env):
    """Return the seconds of processor time of this process and of its PostgreSQL backend; nothing if that is elsewhere."""
    stat = Path(f"/proc/{env.cr._cnx.info.backend_pid}/stat")
    try:
        fields = stat.read_text().rpartition(") ")[2].split()
    except OSError:
        return []
    ticks = int(fields[11]) + int(fields[12])
    return [process_time(), ticks / os.sysconf("SC_CLK_TCK")]


def peak():
    """Return the largest memory of the process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def rows(number, name):
    """Yield the rows of a file; names differ by more than a letter, as those of companies do."""
    for n in range(number):
        yield (
            f"{name}-{n}",
            f"{name} {n:06} Works",
            f"{n % 28 + 1:02}.01.2026",
            f"{n % 28 + 1:02}.01.2027",
            f"{n % 90 + 10}.{n % 1000:03},50",
            n % 500 + 1,
            f"BENCH-{n % PRODUCTS}",
            "2025-11-01",
            100,
            n % 101,
        )


def write_csv(path, number, name):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADINGS)
        writer.writerows(rows(number, name))
    return path


def write_xlsx(path, number, name):
    from openpyxl import Workbook  # noqa: TID251  a file as others write it

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADINGS)
    for row in rows(number, name):
        sheet.append(row)
    book.save(path)
    return path


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.reader(file, delimiter=";")


def read_xlsx(path):
    from openpyxl import load_workbook  # noqa: TID251  read, not written

    yield from load_workbook(path, read_only=True).active.iter_rows(values_only=True)


def insert_again(env, kind):
    """Return the seconds in which PostgreSQL inserts the rows of a file once more; nothing of it stays."""
    cr = env.cr
    cr.execute("SELECT array_agg(id) FROM res_partner WHERE ref LIKE %s", [f"{kind}-%"])
    partners = cr.fetchone()[0]
    shift = {}
    for table in TABLES:
        cr.execute(SQL("SELECT max(id) + 1 FROM %s", SQL.identifier(table)))
        shift[table] = cr.fetchone()[0]
    statements = []
    for table in TABLES:
        cr.execute(
            """
            SELECT a.attname, c.confrelid::regclass::text
              FROM pg_attribute a
         LEFT JOIN pg_constraint c ON c.conrelid = a.attrelid AND c.contype = 'f' AND c.conkey = ARRAY[a.attnum]
             WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
            """,
            [table],
        )
        columns = dict(cr.fetchall())
        moved = [
            SQL("%s + %s", SQL.identifier(name), shift[table if name == "id" else other])
            if name == "id" or other in shift
            else SQL.identifier(name)
            for name, other in columns.items()
        ]
        link = "partner_id" if "partner_id" in columns else "id"
        chosen = SQL("%s = ANY(%s)", SQL.identifier(link), partners)
        if "mass_change_id" in columns:
            chosen = SQL(
                "mass_change_id = (SELECT max(mass_change_id) FROM %s)", SQL.identifier(table)
            )
        statements.append(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(moved),
                SQL.identifier(table),
                chosen,
            )
        )
    # Customers and scores refer to each other.
    both = SQL("WITH first AS (%s), second AS (%s) SELECT 1", *statements[:2])
    start = perf_counter()
    for statement in (both, *statements[2:]):
        cr.execute(statement)
    seconds = perf_counter() - start
    cr.rollback()
    return seconds


def bare_copy(env, lines, kind):
    """Return the seconds to read the file and to copy it into bare tables."""
    tables = ((0, 1), (0, 2, 3, 4, 5, 6), (0, 6, 7, 8, 9))
    for place, columns in enumerate(tables):
        named = ", ".join(f"c{column} text" for column in columns)
        env.cr.execute(f"CREATE TABLE bench_{kind}_{place} ({named})")  # pylint: disable=sql-injection
    env.cr.commit()
    start = perf_counter()
    texts = [StringIO() for _table in tables]
    next(lines)
    for line in lines:
        for text, columns in zip(texts, tables):
            text.write("\t".join(str(line[column]) for column in columns) + "\n")
    for place, text in enumerate(texts):
        text.seek(0)
        env.cr.copy_expert(f"COPY bench_{kind}_{place} FROM STDIN", text)  # pylint: disable=sql-injection
    env.cr.commit()
    return perf_counter() - start
