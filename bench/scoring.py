"""Rescoring against the least SQL that reads the same inputs and writes the same rows.

Both sides start from the same state: every customer has its facts and an empty score row. Ours is
the nightly job as it runs in production, batches and commits included. The floor reads every row and
column that ours reads, one plain aggregate a table, and writes, in one transaction, the very rows that
ours wrote. Each is run twice and the better time counts; --runs 1 halves the time for a very large book.

For comparison Odoo's own predictive lead scoring is run once, on as many leads unless --leads says fewer.

Instead of all that, --workers N shows how much sooner a night is over that N processes share, and how long
people who edit customers meanwhile wait; --kill kills a night at random moments and takes it up again.
"""

import resource
from time import perf_counter

import _book
import _leads
import _scoring_jobs
from _scoring_floor import floor, stash
from _settling import settle


def add_arguments(parser):
    parser.add_argument("--customers", type=int, default=10_000, help="how many (default: 10000)")
    parser.add_argument("--runs", type=int, default=2, help="of each side (default: 2)")
    parser.add_argument("--leads", type=int, help="how many (default: as many as customers)")
    parser.add_argument("--workers", type=int, help="share a night among so many processes")
    parser.add_argument("--kill", action="store_true", help="kill a night, and take it up again")


def main(env_factory, args):
    with env_factory() as env:
        env = env(context=dict(env.context, tracking_disable=True))
        number = args.customers
        start = perf_counter()
        _book.populate(env, number)
        facts = number * sum(_book.FACTS.values())
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
    """Seconds that ``work`` takes, from a settled database."""
    settle(env, tables)
    start = perf_counter()
    work(env)
    return perf_counter() - start


def best(env, work, runs):
    """Seconds of the best of so many runs, each over customers that were never scored."""
    times = []
    for _attempt in range(max(runs, 1)):
        _book.never_scored(env)
        times.append(timed(env, work))
    return min(times)


def night(env):
    env["customer.success.score"]._cron_score_all()


def written(env):
    """Rows that the last night wrote."""
    env.cr.execute(
        "SELECT COALESCE(sum(written), 0) FROM customer_success_score_batch WHERE id > 0"
        " AND create_date = (SELECT max(create_date) FROM customer_success_score_batch)"
    )
    return env.cr.fetchone()[0]


def together(env, number):
    """What becomes of a night that several processes share, and of those who work meanwhile."""
    alone = min(_scoring_jobs.workers(env, 1) for _attempt in range(2))
    shared = min(_scoring_jobs.workers(env, number) for _attempt in range(2))
    print(f"1 process {alone:.2f} s, {number} processes {shared:.2f} s: {shared / alone:.2f}")
    edits, longest, again, batch = _scoring_jobs.edits(env)
    print(
        f"{edits} edits while a night ran: the longest took {longest:.2f} s,"
        f" a batch {batch:.2f} s; {again} had to be tried again"
    )


def killed(env):
    """Whether a night that is killed loses or repeats anything; a mark other than 0 if it does."""
    done, wrong = _scoring_jobs.kill(env)
    print(f"killed {len(done)} times, with {', '.join(map(str, done))} batches done by then")
    print("\n".join(wrong) or "nothing lost, nothing repeated")
    return int(bool(wrong))
