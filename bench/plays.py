"""The triggers of a thousand playbooks against the least SQL for the same tables and rows.

Both sides start from the same state: every customer has its facts and scores, and no playbook has run. Our
side is what the nightly job does before it creates activities, ranges and commits included. The floor reads
every column that the triggers use, one plain aggregate for each table, and inserts exactly the rows that our
side inserted, in one transaction. Each side runs twice and the better time counts.

Then our side runs again with nothing new, and with a tenth of the playbooks: the number of queries must stay.
"""

from time import perf_counter

from _vacuum import vacuum

SEED = 0.4711
# Each playbook looks back this many days, so one run finds what a month of nights would find.
SINCE_DAYS = 30


def add_arguments(parser):
    parser.add_argument(
        "--customers", type=int, default=100_000, help="number of customers (default: 100000)"
    )
    parser.add_argument(
        "--plays", type=int, default=1_000, help="number of playbooks (default: 1000)"
    )


def main(env_factory, args):
    with env_factory() as env:
        env = env(context=dict(env.context, tracking_disable=True))
        populate(env, args.customers, args.plays)
        ours = []
        for _attempt in range(2):
            reset(env)
            seconds, queries = timed(env, evaluate)
            ours.append(seconds)
        runs = count(env)
        env.cr.execute("CREATE TABLE bench_run AS SELECT * FROM customer_success_play_run")
        env.cr.commit()
        again, _queries = timed(env, evaluate)
        new = count(env) - runs
        floors = []
        for _attempt in range(2):
            reset(env)
            floors.append(timed(env, floor)[0])
        reset(env)
        env.cr.execute("UPDATE customer_success_play SET active = sequence %% 10 = 0", [])
        fewer, fewer_queries = timed(env, evaluate)
        a, b = min(ours), min(floors)
        print(
            f"{args.customers:,} customers, {args.plays:,} playbooks: {runs:,} runs, {queries} queries"
        )
        print(f"second night, nothing new: {again:.2f} s, {again / a:.2f} of the first, {new} runs")
        print(f"a tenth of the playbooks: {fewer:.2f} s, {fewer_queries} queries")
        print(f"ratio {a / b:.2f} (ours {a:.2f} s, floor {b:.2f} s)")


def timed(env, work):
    """Return the seconds and queries that ``work`` takes from a settled database."""
    vacuum(env, TABLES)
    start, before = perf_counter(), env.cr.sql_log_count
    work(env)
    return perf_counter() - start, env.cr.sql_log_count - before


TABLES = (
    "res_partner",
    "customer_success_answer",
    "customer_success_barrier",
    "customer_success_change",
    "customer_success_play",
    "customer_success_play_run",
    "customer_success_renewal",
    "customer_success_score",
    "customer_success_score_history",
    "customer_success_stage_move",
    "customer_success_stakeholder",
    "customer_success_symptom_flag",
)


def evaluate(env):
    env["customer.success.play"]._evaluate_all()


def reset(env):
    env.cr.execute("DELETE FROM customer_success_play_run")
    env.cr.commit()


def count(env):
    env.cr.execute("SELECT count(*) FROM customer_success_play_run")
    return env.cr.fetchone()[0]


def floor(env):
    for statement in FLOOR:
        env.cr.execute(statement)
    env.cr.commit()


def populate(env, customers, plays):
    """Create customers with facts and scores, by SQL, and playbooks of every trigger and stage."""
    env["product.product"].create({"name": "Product"})
    env["customer.success.play"].search([]).active = False
    plan = env["mail.activity.plan"].search([("res_model", "=", "res.partner")], limit=1)
    triggers = env["customer.success.play"]._fields["trigger"].get_values(env)
    stages = env["customer.success.stage"].search([])
    env["customer.success.play"].create(
        [
            {
                "name": f"Play {number}",
                "sequence": number,
                "trigger": triggers[number % len(triggers)],
                "stage_ids": stages[number // len(triggers) % len(stages)].ids,
                "days": 10 + number * 7 % 170,
                "percent": 10 + number % 60,
                "questions": 1 + number % 4,
                "signal": ("concern", "blocker")[number % 2],
                "risk_from": ("high", "critical")[number % 2],
                "cooldown_days": number % 40,
                "activity_plan_id": plan.id,
            }
            for number in range(plays)
        ]
    )
    env.flush_all()
    env.cr.execute(
        "UPDATE customer_success_play SET date_start = CURRENT_DATE - %s::int", [SINCE_DAYS]
    )
    env.cr.execute("SELECT setseed(%s)", [SEED])
    for statement in POPULATE:
        env.cr.execute(statement, {"n": customers})
    env.cr.commit()
    env.invalidate_all()


FLOOR = (
    # Read: every row and column that the triggers use, one aggregate for each table
    """
    CREATE TEMP TABLE bench_read ON COMMIT DROP AS
    SELECT p.id, p.company_id, p.success_stage_id, p.success_stage_date, p.success_go_live_date,
           p.success_user_id, p.success_sentiment, p.success_sentiment_date, s.risk_band,
           s.renewal_risk, s.usage_date, s.change_quarter, a.*, b.*, c.*, r.*, h.*, m.*, f.*, k.*
      FROM res_partner p
      JOIN customer_success_score s ON s.partner_id = p.id
 LEFT JOIN (SELECT partner_id AS answer_partner, count(DISTINCT question_id) AS questions,
                   max(date) AS answer_date, max(signal) AS signal, max(id) AS answer
              FROM customer_success_answer WHERE is_current GROUP BY partner_id) a
        ON a.answer_partner = p.id
 LEFT JOIN (SELECT partner_id AS barrier_partner, max(id) AS barrier, max(date_opened) AS opened,
                   max(name) AS barrier_name, max(authority) AS authority, max(state) AS state
              FROM customer_success_barrier WHERE active GROUP BY partner_id) b
        ON b.barrier_partner = p.id
 LEFT JOIN (SELECT partner_id AS change_partner, max(id) AS change, max(date) AS change_date,
                   max(name) AS change_name, max(adoption_plan) AS plan, max(state) AS change_state
              FROM customer_success_change WHERE active GROUP BY partner_id) c
        ON c.change_partner = p.id
 LEFT JOIN (SELECT partner_id AS renewal_partner, max(id) AS renewal, max(date_renewal) AS ends,
                   max(create_date) AS created, max(product_id) AS renewal_product
              FROM customer_success_renewal WHERE active AND outcome = 'pending'
          GROUP BY partner_id) r ON r.renewal_partner = p.id
 LEFT JOIN (SELECT partner_id AS history_partner, max(date) AS history_date,
                   max(renewal_risk) AS history_risk
              FROM customer_success_score_history GROUP BY partner_id) h ON h.history_partner = p.id
 LEFT JOIN (SELECT partner_id AS move_partner, max(date) AS move_date, max(stage_id) AS stage,
                   max(from_stage_id) AS from_stage
              FROM customer_success_stage_move GROUP BY partner_id) m ON m.move_partner = p.id
 LEFT JOIN (SELECT partner_id AS flag_partner, max(id) AS flag, max(date_from) AS flag_date,
                   max(symptom_id) AS symptom, max(product_id) AS flag_product
              FROM customer_success_symptom_flag WHERE date_to IS NULL GROUP BY partner_id) f
        ON f.flag_partner = p.id
 LEFT JOIN (SELECT person.partner_id AS person_partner, max(person.role) AS role,
                   max(contact.name) AS contact_name, max(contact.write_date) AS contact_date,
                   bool_and(contact.active) AS is_here
              FROM customer_success_stakeholder person
              JOIN res_partner contact ON contact.id = person.contact_id
          GROUP BY person.partner_id) k ON k.person_partner = p.id
     WHERE p.success_stage_id IS NOT NULL
       AND p.active
    """,
    # Write: exactly the same rows
    "INSERT INTO customer_success_play_run SELECT * FROM bench_run",
)

POPULATE = (
    """
    INSERT INTO res_partner (name, complete_name, active, is_company, type, success_stage_id,
                             success_stage_date, success_go_live_date, success_user_id,
                             success_sentiment, success_sentiment_date)
    SELECT 'Customer ' || n, 'Customer ' || n, TRUE, TRUE, 'contact',
           (SELECT id FROM customer_success_stage ORDER BY sequence OFFSET n %% 7 LIMIT 1),
           CURRENT_DATE - (random() * 400)::int, CURRENT_DATE - (random() * 2000)::int,
           (SELECT id FROM res_users WHERE active AND NOT share ORDER BY id LIMIT 1),
           (ARRAY['confident', 'watchful', 'worried'])[1 + n %% 3],
           CURRENT_DATE - (random() * 200)::int
      FROM generate_series(1, %(n)s) n
    """,
    """
    INSERT INTO res_partner (name, complete_name, active, is_company, type, parent_id,
                             commercial_partner_id, write_date)
    SELECT 'Sponsor', 'Sponsor', random() < 0.95, FALSE, 'contact', p.id, p.id,
           now() - make_interval(days => (random() * 200)::int)
      FROM res_partner p WHERE p.success_stage_id IS NOT NULL
    """,
    "UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL",
    """
    INSERT INTO customer_success_stakeholder (partner_id, contact_id, role)
    SELECT parent_id, id, 'sponsor' FROM res_partner WHERE name = 'Sponsor'
    """,
    """
    INSERT INTO customer_success_stage_move (partner_id, stage_id, from_stage_id, date)
    SELECT p.id, p.success_stage_id, (SELECT min(id) FROM customer_success_stage),
           p.success_stage_date
      FROM res_partner p WHERE p.success_stage_id IS NOT NULL
    """,
    """
    INSERT INTO customer_success_score (partner_id, renewal_risk, risk_band, usage_date,
                                        change_quarter)
    SELECT id, risk, CASE WHEN risk >= 65 THEN 'critical' WHEN risk >= 40 THEN 'high'
                          WHEN risk >= 20 THEN 'medium' ELSE 'low' END,
           CURRENT_DATE - (random() * 200)::int, round((random() * 100 - 60)::numeric, 1)
      FROM (SELECT id, round((random() * 80)::numeric, 1) AS risk
              FROM res_partner WHERE success_stage_id IS NOT NULL) p
    """,
    """
    INSERT INTO customer_success_score_history (partner_id, date, renewal_risk)
    SELECT s.partner_id, CURRENT_DATE - 10 * ago,
           CASE WHEN ago = 0 THEN s.renewal_risk ELSE round((random() * 80)::numeric, 1) END
      FROM customer_success_score s, generate_series(0, 19) ago
    """,
    """
    INSERT INTO customer_success_symptom_flag (partner_id, product_id, symptom_id, source, date_from)
    SELECT p.id, (SELECT min(id) FROM product_product),
           (SELECT id FROM customer_success_symptom ORDER BY id OFFSET p.id %% 5 LIMIT 1), 'measured',
           CURRENT_DATE - (random() * 200)::int
      FROM res_partner p WHERE p.success_stage_id IS NOT NULL AND random() < 0.3
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
    INSERT INTO customer_success_barrier (name, active, nature, cause, partner_id, area, severity, state, is_open,
                                          authority, date_opened)
    SELECT 'Barrier ' || b, TRUE, 'real', 'organisational', p.id, 'process', ((random() * 3)::int)::text,
           state, state <> 'removed',
           (ARRAY['none', 'asked', 'granted'])[1 + (random() * 2)::int],
           CURRENT_DATE - (random() * 300)::int
      FROM res_partner p, generate_series(1, 2) b,
           LATERAL (SELECT (ARRAY['potential', 'confirmed', 'removing', 'removed'])[
                               1 + (random() * 3 + b * 0)::int] AS state) one
     WHERE p.success_stage_id IS NOT NULL
    """,
    """
    INSERT INTO customer_success_renewal (name, active, partner_id, company_id, currency_id, date_start,
                                          date_renewal, annual_value, seats, outcome, create_date)
    SELECT 'Renewal', TRUE, p.id, company.id, company.currency_id, CURRENT_DATE - 300,
           CURRENT_DATE + (random() * 365)::int, (random() * 100000)::int, 100, 'pending',
           now() - make_interval(days => 300)
      FROM res_partner p, (SELECT * FROM res_company ORDER BY id LIMIT 1) company
     WHERE p.success_stage_id IS NOT NULL
    """,
    """
    INSERT INTO customer_success_change (name, active, partner_id, kind, area, phase, side, state, is_open, date,
                                         create_date)
    SELECT 'Change', TRUE, p.id, 'other', 'process', 'after', 'customer', 'planned', TRUE,
           CURRENT_DATE + (random() * 365)::int, now() - make_interval(days => 300)
      FROM res_partner p WHERE p.success_stage_id IS NOT NULL AND random() < 0.3
    """,
)
