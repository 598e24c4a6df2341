"""Scoring all customers against the least SQL that reads the same inputs and writes the same rows.

Both sides start from the same state: every customer has its facts and an empty score row. Our side is the
nightly job as it runs in production, batches and commits included. The floor reads every row and column that
our side reads, one plain aggregate for each table, and writes, in one transaction, exactly the rows that our
side wrote. Each side runs twice and the better time counts; --runs 1 halves the time for a very large book.

For comparison, Odoo's own predictive lead scoring runs once, on as many leads unless --leads says fewer.

Instead of all this, --workers N shows how much sooner a night ends if N processes share it, and how long
people who edit customers during that night wait; --kill kills a night at random moments and lets it finish.
"""

import resource
from time import perf_counter

import _book
import _leads
import _scoring_jobs
from _scoring_floor import floor, stash
from _vacuum import vacuum


def add_arguments(parser):
    parser.add_argument(
        "--customers", type=int, default=10_000, help="number of customers (default: 10000)"
    )
    parser.add_argument(
        "--products", type=int, default=1, help="number of products of each customer (default: 1)"
    )
    parser.add_argument("--runs", type=int, default=2, help="runs of each side (default: 2)")
    parser.add_argument("--leads", type=int, help="number of leads (default: as many as customers)")
    parser.add_argument("--workers", type=int, help="share a night among this many processes")
    parser.add_argument("--kill", action="store_true", help="kill a night and let it finish")


def main(env_factory, args):
    with env_factory() as env:
        env = env(context=dict(env.context, tracking_disable=True))
        number = args.customers
        start = perf_counter()
        _book.populate(env, number, args.products)
        facts = number * _book.facts(args.products)
        print(f"{number:,} customers, {facts:,} facts, made in {perf_counter() - start:.0f} s")
        if args.workers:
            return together(env, args.workers)
        if args.kill:
            return killed(env)
        ours = best(env, night, args.runs)
        print(f"ours {ours:.2f} s, {1e6 * ours / number:.0f} us a customer")
        stash(env)
        again = timed(env, night)
        print(
            f"second run, nothing changed: {again:.2f} s, {again / ours:.2f} of the first,"
            f" {written(env)} rows written"
        )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"memory of the process: {peak} MB at most")
        least = best(env, floor, args.runs)
        print(f"ratio {ours / least:.2f} (ours {ours:.2f} s, floor {least:.2f} s)")
        leads = args.leads or number
        _leads.populate(env, leads)
        lead = timed(env, _leads.night, ("crm_lead", "crm_tag_rel"))
        print(
            f"Odoo's predictive lead scoring: {1e6 * lead / leads:.0f} us a lead,"
            f" ours {1e6 * ours / number:.0f} us a customer"
        )


def timed(env, work, tables=_book.TABLES):
    """Return the seconds that ``work`` takes from a settled database."""
    vacuum(env, tables)
    start = perf_counter()
    work(env)
    return perf_counter() - start


def best(env, work, runs):
    """Return the seconds of the best of ``runs`` runs, each over customers that were never scored."""
    times = []
    for _attempt in range(max(runs, 1)):
        _book.never_scored(env)
        times.append(timed(env, work))
    return min(times)


def night(env):
    env["customer.success.score"]._cron_score_all()


def written(env):
    """Return the number of rows that the last night wrote."""
    env.cr.execute(
        "SELECT COALESCE(sum(written), 0) FROM customer_success_score_batch WHERE id > 0"
        " AND create_date = (SELECT max(create_date) FROM customer_success_score_batch)"
    )
    return env.cr.fetchone()[0]


def together(env, number):
    """Print the time of a night that ``number`` processes share, and the waits of people who work during it."""
    alone = min(_scoring_jobs.workers(env, 1) for _attempt in range(2))
    shared = min(_scoring_jobs.workers(env, number) for _attempt in range(2))
    print(f"1 process {alone:.2f} s, {number} processes {shared:.2f} s: {shared / alone:.2f}")
    edits, longest, again, batch = _scoring_jobs.edits(env)
    print(
        f"{edits} edits while a night ran: the longest took {longest:.2f} s,"
        f" a batch {batch:.2f} s; {again} had to be tried again"
    )


def killed(env):
    """Print what a killed night lost or repeated; return 1 if there is anything, else 0."""
    done, wrong = _scoring_jobs.kill(env)
    print(f"killed {len(done)} times, with {', '.join(map(str, done))} batches done by then")
    print("\n".join(wrong) or "nothing lost, nothing repeated")
    return int(bool(wrong))
