"""Ingestion of use against row-by-row ``create`` and against COPY of the same rows into a bare table.

Our side is what the public method runs, from dicts to the committed rows, with a log record and score
requests. ``create`` runs on a sample with one call for each row, as a connector would. The floor copies the
rows, as finished text, into a table without an index. Memory is the growth of the process' peak: that of our
side must not grow with the rows, which come from a generator.
"""

import resource
from io import StringIO
from time import perf_counter

from _vacuum import vacuum

SAMPLE = 2_000
PRODUCTS = 4
TABLES = ("res_partner", "customer_success_usage", "customer_success_score_request")
# The months of rows for each customer and product, so that a million rows are a book of about 10,000 customers.
MONTHS = 24


def add_arguments(parser):
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="number of rows (default: 1000000)"
    )


def main(env_factory, args):
    with env_factory() as env:
        env = env(context=dict(env.context, tracking_disable=True))
        number = args.rows
        customers = populate(env, number)
        usages = env["customer.success.usage"]
        # A small first call, so that the memory already holds what Odoo loads at the first call.
        usages._ingest(rows(customers, 1000, month=2 * MONTHS))
        env.cr.commit()
        vacuum(env, TABLES)

        start, created = perf_counter(), 0
        product_ids = env["product.product"].search([("default_code", "like", "BENCH-")]).ids
        for row in rows(customers, SAMPLE, month=4 * MONTHS):
            usages.create(
                {
                    "partner_id": customers[row["customer_ref"]],
                    "product_id": product_ids[int(row["product_code"][-1])],
                    "source": "measured",
                    "date": row["date"],
                    "licensed_users": row["licensed_users"],
                    "active_users": row["active_users"],
                    "quality": row["quality"],
                }
            )
            env.flush_all()
            created += 1
        env.cr.commit()
        one_by_one = (perf_counter() - start) / created
        vacuum(env, TABLES)

        tenth = measured(
            env, lambda: usages._ingest(rows(customers, number // 10, month=6 * MONTHS))
        )
        vacuum(env, TABLES)
        whole = measured(env, lambda: usages._ingest(rows(customers, number)))
        vacuum(env, TABLES)
        again = measured(env, lambda: usages._ingest(rows(customers, number)))
        assert whole.answer["created"] == number, whole.answer
        assert again.answer["unchanged"] == number, again.answer
        floor = bare_copy(env, customers, number)

        ours = whole.seconds / number
        print(f"{number:,} rows, {len(customers):,} customers; {1e6 * ours:.1f} us a row")
        print(f"the same again, nothing changed: {again.seconds:.1f} s, 0 rows written")
        print(
            f"memory: +{tenth.megabytes:.0f} MB for {number // 10:,} rows,"
            f" +{whole.megabytes:.0f} MB more for {number:,}"
        )
        print(
            f"row by row: {1e6 * one_by_one:.0f} us a row on {SAMPLE:,} rows:"
            f" {one_by_one / ours:.0f} times as long"
        )
        print(
            f"ratio {whole.seconds / floor:.2f} (ours {whole.seconds:.2f} s, floor {floor:.2f} s)"
        )


class Measured:
    def __init__(self, answer, seconds, megabytes):
        self.answer, self.seconds, self.megabytes = answer, seconds, megabytes


def measured(env, work):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = perf_counter()
    answer = work()
    env.cr.commit()
    seconds = perf_counter() - start
    return Measured(
        answer, seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024
    )


def rows(customers, number, month=0):
    """Yield rows one after the other; the first period lies ``month`` months before December 2025."""
    made = 0
    for back in range(month, month + MONTHS):
        date = f"{2025 - back // 12}-{12 - back % 12:02}-15"
        for customer in customers:
            for product in range(PRODUCTS):
                if made == number:
                    return
                made += 1
                yield {
                    "customer_ref": customer,
                    "product_code": f"BENCH-{product}",
                    "date": date,
                    "licensed_users": 100,
                    "active_users": made % 101,
                    "quality": made % 1001 / 10,
                }


def populate(env, number):
    """Create customers and products; return ``{reference: id}``."""
    env["product.product"].create(
        [{"name": f"Product {n}", "default_code": f"BENCH-{n}"} for n in range(PRODUCTS)]
    )
    env.flush_all()
    env.cr.execute(POPULATE, {"n": -(-number // (PRODUCTS * MONTHS))})
    env.cr.execute("SELECT ref, id FROM res_partner WHERE starts_with(ref, 'BENCH-') ORDER BY id")
    customers = dict(env.cr.fetchall())
    env.cr.commit()
    vacuum(env, TABLES)
    return customers


def bare_copy(env, customers, number):
    """Return the seconds to copy the same rows, as finished text, into a table without an index."""
    text = "".join(
        f"{customers[row['customer_ref']]}\t1\t{row['date']}\tmonth\tmeasured\t{row['licensed_users']}"
        f"\t{row['active_users']}\t{row['quality']}\n"
        for row in rows(customers, number)
    )
    env.cr.execute(
        "CREATE TABLE bench_usage (partner_id int, product_id int, date date, period varchar,"
        " source varchar, licensed_users numeric, active_users numeric, quality numeric)"
    )
    env.cr.commit()
    start = perf_counter()
    env.cr.copy_expert("COPY bench_usage FROM STDIN", StringIO(text))
    env.cr.commit()
    return perf_counter() - start


POPULATE = """
INSERT INTO res_partner (name, complete_name, ref, active, is_company, type, success_stage_id)
SELECT 'Customer ' || n, 'Customer ' || n, 'BENCH-' || n, TRUE, TRUE, 'contact',
       (SELECT min(id) FROM customer_success_stage)
  FROM generate_series(1, %(n)s) n;
UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL
"""
