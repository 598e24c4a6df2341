"""Rescoring against the least SQL that reads the same inputs and writes the same rows.

Both sides start from the same state: every customer has its facts and an empty score row. Ours is
the nightly job as it runs in production, batches and commits included. The floor reads every row and
column that ours reads, one plain aggregate a table, and inserts, in one transaction, the very rows that
ours wrote. Each is run twice and the better time counts.

For comparison Odoo's own predictive lead scoring is run once, on as many leads, 10,000 at most.
"""

from time import perf_counter

from _settling import settle

from odoo.tools import SQL

# More would not change the time a lead takes, only that of the bench.
LEADS = 10_000

FACTS = {"usage": 12, "answer": 4, "barrier": 2, "renewal": 2}
SEED = 0.4711


def add_arguments(parser):
    parser.add_argument("--customers", type=int, default=10_000, help="how many (default: 10000)")


def main(env_factory, args):
    with env_factory() as env:
        env = env(context=dict(env.context, tracking_disable=True))
        number = args.customers
        populate(env, number)
        ours = []
        for _attempt in range(2):
            reset(env)
            ours.append(timed(env, night))
        stash(env)
        again = timed(env, night)
        rows = written(env)
        floors = []
        for _attempt in range(2):
            reset(env)
            floors.append(timed(env, floor))
        lead = lead_scoring(env, min(number, LEADS))
        a, b = min(ours), min(floors)
        facts = number * sum(FACTS.values())
        print(f"{number:,} customers, {facts:,} facts; {1e6 * a / number:.0f} us a customer")
        print(
            f"second run, nothing changed: {again:.2f} s, {again / a:.2f} of the first, {rows} rows written"
        )
        print(
            f"Odoo's predictive lead scoring: {1e6 * lead:.0f} us a lead,"
            f" ours {1e6 * a / number:.0f} us a customer"
        )
        print(f"ratio {a / b:.2f} (ours {a:.2f} s, floor {b:.2f} s)")


def timed(env, work):
    """Seconds that ``work`` takes, from a settled database."""
    settle(env, TABLES)
    start = perf_counter()
    work(env)
    return perf_counter() - start


TABLES = (
    "res_partner",
    "customer_success_usage",
    "customer_success_answer",
    "customer_success_barrier",
    "customer_success_renewal",
    "customer_success_score",
    "customer_success_renewal_score",
    "customer_success_score_history",
    "customer_success_score_batch",
)


def populate(env, number):
    """Make customers with twenty facts each, by SQL: this is not what is measured."""
    env["product.product"].create([{"name": f"Product {n}"} for n in range(3)])
    env.flush_all()
    env.cr.execute("SELECT setseed(%s)", [SEED])
    for statement in POPULATE:
        env.cr.execute(statement, {"n": number})
    env.cr.commit()


def reset(env):
    """Back to customers that were never scored."""
    env.cr.execute("UPDATE customer_success_renewal SET score_id = NULL WHERE score_id IS NOT NULL")
    env.cr.execute("DELETE FROM customer_success_renewal_score")
    env.cr.execute("DELETE FROM customer_success_score_history")
    env.cr.execute("DELETE FROM customer_success_score_batch")
    env.cr.execute("DELETE FROM customer_success_score_request")
    env.cr.execute(
        "UPDATE res_partner SET success_score_id = NULL WHERE success_score_id IS NOT NULL"
    )
    env.cr.execute("DELETE FROM customer_success_score")
    env.cr.execute(
        "INSERT INTO customer_success_score (partner_id)"
        " SELECT id FROM res_partner WHERE success_stage_id IS NOT NULL ORDER BY id"
    )
    env.cr.execute(
        "UPDATE res_partner SET success_score_id = score.id FROM customer_success_score score"
        " WHERE score.partner_id = res_partner.id"
    )
    env.invalidate_all()


def night(env):
    env["customer.success.score"]._cron_score_all()


def written(env):
    env.cr.execute(
        "SELECT COALESCE(sum(written), 0) FROM customer_success_score_batch WHERE id > 0"
        " AND create_date = (SELECT max(create_date) FROM customer_success_score_batch)"
    )
    return env.cr.fetchone()[0]


def stash(env):
    """Keep what ours wrote, for the floor to write the same."""
    for name in ("score", "renewal_score", "score_history"):
        env.cr.execute(
            SQL(
                "CREATE TABLE %s AS SELECT * FROM %s",
                SQL.identifier(f"bench_{name}"),
                SQL.identifier(f"customer_success_{name}"),
            )
        )
    env.cr.commit()


def floor(env):
    for statement in FLOOR:
        env.cr.execute(statement)
    env.cr.commit()


FLOOR = (
    # Read: every row and column that the scores are made of, one aggregate a table
    """
    CREATE TEMP TABLE bench_read ON COMMIT DROP AS
    SELECT p.id, p.success_stage_id, p.success_stage_date, p.success_go_live_date,
           u.*, a.*, b.*, r.*
      FROM res_partner p
 LEFT JOIN (SELECT partner_id AS usage_partner, max(date) AS usage_date, max(source) AS source,
                   max(product_id) AS product, sum(licensed_users) AS licensed,
                   sum(active_users) AS active, avg(as_intended) AS as_intended,
                   avg(timely) AS timely, avg(quality) AS quality, avg(frequency) AS frequency,
                   avg(in_place) AS in_place, avg(accuracy) AS accuracy
              FROM customer_success_usage GROUP BY partner_id) u ON u.usage_partner = p.id
 LEFT JOIN (SELECT partner_id AS answer_partner, count(DISTINCT question_id) AS questions,
                   max(date) AS answer_date, max(rating) AS rating, max(signal) AS signal
              FROM customer_success_answer WHERE is_current GROUP BY partner_id) a
        ON a.answer_partner = p.id
 LEFT JOIN (SELECT partner_id AS barrier_partner, array_agg(id) AS barriers,
                   array_agg(severity) AS severities, array_agg(date_opened) AS opened,
                   array_agg(authority) AS authorities, array_agg(state) AS states
              FROM customer_success_barrier WHERE active GROUP BY partner_id) b
        ON b.barrier_partner = p.id
 LEFT JOIN (SELECT partner_id AS renewal_partner, array_agg(id) AS renewals,
                   array_agg(date_renewal) AS ends, array_agg(date_start) AS starts,
                   array_agg(annual_value) AS amounts, array_agg(seats) AS seats,
                   array_agg(currency_id) AS currencies, array_agg(company_id) AS companies
              FROM customer_success_renewal WHERE active AND outcome = 'pending'
          GROUP BY partner_id) r ON r.renewal_partner = p.id
     WHERE p.success_stage_id IS NOT NULL
       AND p.active
    """,
    # Write: the very same rows
    """
    INSERT INTO customer_success_score AS score
    SELECT * FROM bench_score
        ON CONFLICT (partner_id) DO UPDATE SET
           health = EXCLUDED.health, health_band = EXCLUDED.health_band,
           confidence = EXCLUDED.confidence, adoption = EXCLUDED.adoption,
           change_quarter = EXCLUDED.change_quarter, change_year = EXCLUDED.change_year,
           usage_date = EXCLUDED.usage_date,
           renewal_risk = EXCLUDED.renewal_risk, risk_band = EXCLUDED.risk_band,
           contraction_risk = EXCLUDED.contraction_risk, value_at_risk = EXCLUDED.value_at_risk,
           currency_id = EXCLUDED.currency_id, next_renewal_date = EXCLUDED.next_renewal_date,
           ready = EXCLUDED.ready, willing = EXCLUDED.willing, able = EXCLUDED.able,
           fingerprint = EXCLUDED.fingerprint, breakdown = EXCLUDED.breakdown,
           scored_at = EXCLUDED.scored_at
    """,
    "INSERT INTO customer_success_renewal_score SELECT * FROM bench_renewal_score",
    """
    UPDATE customer_success_renewal renewal
       SET score_id = score.id
      FROM customer_success_renewal_score score
     WHERE score.renewal_id = renewal.id
    """,
    "INSERT INTO customer_success_score_history SELECT * FROM bench_score_history",
)


def lead_scoring(env, number):
    """Seconds a lead that Odoo's own nightly job takes, which rebuilds its frequencies first."""
    env["ir.config_parameter"].set_param("crm.pls_start_date", "2000-01-01")
    env.flush_all()
    for statement in POPULATE_LEADS:
        env.cr.execute(statement, {"n": number})
    env.cr.commit()
    env.invalidate_all()
    return timed(env, lambda env: env["crm.lead"]._cron_update_automated_probabilities()) / number


POPULATE_LEADS = (
    # The pending are what is scored; a fifth as many, won and lost, are what is learned from
    """
    INSERT INTO crm_lead (name, type, active, create_date, stage_id, won_status, probability,
                          automated_probability, country_id, source_id, phone_state, email_state)
    SELECT 'Lead ' || n, 'opportunity', status <> 'lost', now() AT TIME ZONE 'UTC',
           (SELECT id FROM crm_stage WHERE COALESCE(is_won, FALSE) = (status = 'won')
             ORDER BY sequence LIMIT 1),
           status, CASE status WHEN 'won' THEN 100 ELSE 0 END, 0,
           countries[1 + n %% 50], sources[1 + n %% 3],
           CASE WHEN random() < 0.7 THEN 'correct' END, CASE WHEN random() < 0.9 THEN 'correct' END
      FROM (SELECT n, CASE WHEN n %% 12 = 0 THEN 'won' WHEN n %% 12 = 6 THEN 'lost'
                           ELSE 'pending' END AS status
              FROM generate_series(1, %(n)s * 6 / 5) n) lead,
           (SELECT array_agg(id ORDER BY id) AS countries FROM res_country) country,
           (SELECT array_agg(id ORDER BY id) AS sources FROM utm_source) source
    """,
)

POPULATE = (
    """
    INSERT INTO res_partner (name, complete_name, active, is_company, type, success_stage_id,
                             success_stage_date, success_go_live_date)
    SELECT 'Customer ' || n, 'Customer ' || n, TRUE, TRUE, 'contact',
           (SELECT id FROM customer_success_stage ORDER BY sequence OFFSET n %% 7 LIMIT 1),
           CURRENT_DATE - (random() * 400)::int,
           CURRENT_DATE - (random() * 2000)::int
      FROM generate_series(1, %(n)s) n
    """,
    "UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL",
    """
    INSERT INTO customer_success_usage (partner_id, product_id, date, period, source, licensed_users,
                                        active_users, quality, frequency)
    SELECT p.id, product.id, (date_trunc('month', CURRENT_DATE) - make_interval(months => m))::date,
           'month', 'measured', 100, (random() * 100)::int,
           CASE WHEN random() < 0.5 THEN round((random() * 100)::numeric, 1) END,
           CASE WHEN random() < 0.5 THEN round((random() * 100)::numeric, 1) END
      FROM res_partner p, generate_series(0, 11) m,
           (SELECT min(id) AS id FROM product_product) product
     WHERE p.success_stage_id IS NOT NULL
    """,
    """
    INSERT INTO customer_success_answer (partner_id, question_id, date, user_id, signal, is_current)
    SELECT p.id, question.id, CURRENT_DATE - (random() * 500)::int, 1,
           (ARRAY['strength', 'neutral', 'concern', 'blocker'])[1 + (random() * 3)::int], TRUE
      FROM res_partner p,
           (SELECT id FROM customer_success_question ORDER BY sequence LIMIT 4) question
     WHERE p.success_stage_id IS NOT NULL
    """,
    """
    INSERT INTO customer_success_barrier (name, active, nature, cause, partner_id, area, severity, state,
                                          authority, date_opened)
    SELECT 'Barrier ' || b, TRUE, 'real', 'organisational', p.id, 'process', ((random() * 3)::int)::text,
           (ARRAY['potential', 'confirmed', 'removing', 'removed'])[1 + (random() * 3)::int],
           (ARRAY['none', 'asked', 'granted'])[1 + (random() * 2)::int],
           CURRENT_DATE - (random() * 300)::int
      FROM res_partner p, generate_series(1, 2) b
     WHERE p.success_stage_id IS NOT NULL
    """,
    """
    INSERT INTO customer_success_renewal (name, active, partner_id, company_id, currency_id, date_start,
                                          date_renewal, annual_value, seats, outcome)
    SELECT 'Renewal', TRUE, p.id, company.id, company.currency_id,
           CURRENT_DATE - 365 * r + 200, CURRENT_DATE - 365 * (r - 1) + 200,
           (random() * 100000)::int, 100, CASE r WHEN 1 THEN 'pending' ELSE 'renewed' END
      FROM res_partner p, generate_series(1, 2) r, (SELECT * FROM res_company ORDER BY id LIMIT 1) company
     WHERE p.success_stage_id IS NOT NULL
    """,
)
