"""The weekly comparison of what was done with what was not, over a book with three years of scores.

There is no floor: what is measured is the time of the whole job, of its slowest month, and of a second run, which must
store the same. Each customer has a score for each month, a conversation each quarter, six answers and three barriers;
ten playbooks ran at a third of the customers.
"""

from time import perf_counter

from _book import populate
from _vacuum import vacuum


def add_arguments(parser):
    parser.add_argument(
        "--customers", type=int, default=100_000, help="number of customers (default: 100000)"
    )


def main(env_factory, args):
    with env_factory() as env:
        env = env(context=dict(env.context, tracking_disable=True))
        populate(env, args.customers)
        for statement in POPULATE:
            env.cr.execute(statement)
            env.cr.commit()
        vacuum(env, TABLES)
        pairs = env["customer.success.effect.pair"]
        slowest = 0.0
        start = perf_counter()
        months = pairs._months()
        for month in months:
            begun = perf_counter()
            pairs._compare([month])
            env.cr.commit()
            slowest = max(slowest, perf_counter() - begun)
        begun = perf_counter()
        env["customer.success.effect"]._sum_up()
        env.cr.commit()
        summed, whole = perf_counter() - begun, perf_counter() - start
        once = stored(env)
        pairs._compare(months[-1:])
        env["customer.success.effect"]._sum_up()
        env.cr.execute("SELECT count(*) FROM customer_success_effect_pair")
        [number] = env.cr.fetchone()
        print(
            f"{args.customers:,} customers, {len(months)} months: {len(once)} effects from {number:,} pairs\n"
            f"whole job {whole:.1f} s, {whole / len(months):.2f} s a month (slowest {slowest:.2f} s), summing up {summed:.2f} s\n"
            f"the last month again stores {'the same' if stored(env) == once else 'SOMETHING ELSE'}"
        )


def stored(env):
    """Return what is stored of all effects."""
    env.flush_all()
    env.cr.execute("SELECT * FROM customer_success_effect ORDER BY id")
    return env.cr.fetchall()


TABLES = (
    "customer_success_answer",
    "customer_success_barrier",
    "customer_success_interaction",
    "customer_success_play_run",
    "customer_success_renewal",
    "customer_success_score_history",
)

POPULATE = (
    """
    INSERT INTO customer_success_score_history (partner_id, date, health, renewal_risk, adoption, formula)
    SELECT p.id, (date_trunc('month', CURRENT_DATE) - make_interval(months => m))::date,
           GREATEST(0, LEAST(100, p.id % 80 + 10 + (random() * 10)::int)),
           GREATEST(0, LEAST(100, (p.id * 7) % 70 + 5 + (random() * 10)::int)),
           GREATEST(0, LEAST(100, (p.id * 13) % 80 + 10 + (random() * 10)::int)), '5 use:4'
      FROM res_partner p, generate_series(0, 36) m
     WHERE p.success_stage_id IS NOT NULL
    """,
    """
    UPDATE customer_success_barrier
       SET date_removed = LEAST(CURRENT_DATE, date_opened + 20 + (random() * 200)::int)
     WHERE state = 'removed'
    """,
    """
    INSERT INTO customer_success_interaction (partner_id, date, user_id, kind, state, has_content, is_advice, duration,
                                              quality, focus, proactive)
    SELECT p.id, CURRENT_DATE - q * 91 - (random() * 90)::int, 1, 'advisory', 'held', TRUE, TRUE, 1,
           (1 + (random() * 4)::int)::text, (1 + (random() * 4)::int)::text, random() < 0.5
      FROM res_partner p, generate_series(0, 11) q
     WHERE p.success_stage_id IS NOT NULL
    """,
    """
    INSERT INTO customer_success_play_run (play_id, partner_id, cause, date, state, outcome, date_done)
    SELECT play.id, p.id, 'bench', CURRENT_DATE - (random() * 1000)::int, 'done',
           (ARRAY['worked', 'dropped'])[1 + (random() * 1)::int], CURRENT_DATE
      FROM res_partner p,
           (SELECT id FROM customer_success_play ORDER BY id LIMIT 10) play
     WHERE p.success_stage_id IS NOT NULL
       AND random() < 0.03
    """,
)
