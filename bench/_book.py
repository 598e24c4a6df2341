"""A book of customers with realistic facts, for the benches. This module is not a bench itself.

The book is made by SQL, because making it is not measured. Each customer has a year of monthly use of one product
or more, six current answers, three barriers, for each product the current term and the one before it, a plan and an
objective.
"""

from contextlib import contextmanager

FACTS = {"usage": 12, "answer": 6, "barrier": 3, "renewal": 2, "plan": 1, "objective": 1}
SEED = 0.4711

TABLES = (
    "res_partner",
    "customer_success_usage",
    "customer_success_answer",
    "customer_success_barrier",
    "customer_success_renewal",
    "customer_success_plan",
    "customer_success_objective",
    "customer_success_score",
    "customer_success_product_score",
    "customer_success_renewal_score",
    "customer_success_score_history",
    "customer_success_score_batch",
)


def facts(products=1):
    """Return the number of facts of each customer."""
    return sum(FACTS.values()) + (products - 1) * (FACTS["usage"] + FACTS["renewal"])


def populate(env, number, products=1):
    """Create ``number`` customers with their facts, each with so many products."""
    env["product.product"].create([{"name": f"Product {n}"} for n in range(max(3, products))])
    env.flush_all()
    env.cr.execute("SELECT setseed(%s)", [SEED])
    with bare(env):
        for statement in POPULATE:
            env.cr.execute(statement, {"n": number, "products": products})
            env.cr.commit()


@contextmanager
def bare(env):
    """Drop foreign keys and indexes while the tables are filled, which takes a third of the time, and restore them."""
    env.cr.execute(FOREIGN_KEYS, [list(TABLES)])
    keys = env.cr.fetchall()
    env.cr.execute(INDEXES, [list(TABLES)])
    indexes = env.cr.fetchall()
    for table, name, _definition in keys:
        env.cr.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _definition in indexes:
        env.cr.execute(f"DROP INDEX {name}")
    yield
    for _name, definition in indexes:
        env.cr.execute(definition)
    for table, name, definition in keys:
        env.cr.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    env.cr.commit()


FOREIGN_KEYS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
  FROM pg_constraint
 WHERE contype = 'f'
   AND conrelid = ANY(%s::regclass[])
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
  FROM pg_index
 WHERE indrelid = ANY(%s::regclass[])
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


def never_scored(env):
    """Reset all customers to never scored: each has the empty score row of its first day."""
    for statement in NEVER_SCORED:
        env.cr.execute(statement)
    env.cr.commit()
    env.invalidate_all()


NEVER_SCORED = (
    "UPDATE customer_success_renewal SET score_id = NULL WHERE score_id IS NOT NULL",
    "DELETE FROM customer_success_renewal_score",
    "DELETE FROM customer_success_product_score",
    "DELETE FROM customer_success_score_history",
    "DELETE FROM customer_success_score_batch",
    "DELETE FROM customer_success_score_request",
    """
    UPDATE customer_success_score
       SET health = NULL, health_band = NULL, confidence = NULL, adoption = NULL,
           change_quarter = NULL, change_year = NULL, usage_date = NULL, renewal_risk = NULL,
           risk_band = NULL, contraction_risk = NULL, value_at_risk = NULL, currency_id = NULL,
           next_renewal_date = NULL, ready = NULL, willing = NULL, able = NULL, coverage = NULL,
           stale_answers = NULL, fingerprint = NULL, segment_id = NULL, rules_mark = NULL,
           health_shift = NULL, risk_shift = NULL, worst_product_id = NULL, breakdown = NULL, scored_at = NULL
     WHERE fingerprint IS NOT NULL
    """,
)

POPULATE = (
    """
    INSERT INTO res_partner (id, commercial_partner_id, success_score_id, name, complete_name, active,
                             is_company, type, success_stage_id, success_stage_date,
                             success_go_live_date)
    SELECT id, id, nextval('customer_success_score_id_seq'), 'Customer ' || n, 'Customer ' || n, TRUE,
           TRUE, 'contact',
           (SELECT id FROM customer_success_stage ORDER BY sequence OFFSET n %% 7 LIMIT 1),
           CURRENT_DATE - (random() * 400)::int,
           CURRENT_DATE - (random() * 2000)::int
      FROM (SELECT nextval('res_partner_id_seq') AS id, n FROM generate_series(1, %(n)s) n) number
    """,
    """
    INSERT INTO customer_success_score (id, partner_id)
    SELECT success_score_id, id FROM res_partner WHERE success_stage_id IS NOT NULL ORDER BY id
    """,
    """
    INSERT INTO customer_success_usage (partner_id, product_id, date, period, source, licensed_users,
                                        active_users, quality, frequency)
    SELECT p.id, product.id, (date_trunc('month', CURRENT_DATE) - make_interval(months => m))::date,
           'month', 'measured', 100, (random() * 100)::int,
           CASE WHEN random() < 0.5 THEN round((random() * 100)::numeric, 1) END,
           CASE WHEN random() < 0.5 THEN round((random() * 100)::numeric, 1) END
      FROM res_partner p, generate_series(0, 11) m,
           (SELECT id FROM product_product ORDER BY id LIMIT %(products)s) product
     WHERE p.success_stage_id IS NOT NULL
    """,
    """
    INSERT INTO customer_success_answer (partner_id, question_id, date, user_id, signal, is_current)
    SELECT p.id, question.id, CURRENT_DATE - (random() * 500)::int, 1,
           (ARRAY['strength', 'neutral', 'concern', 'blocker'])[1 + (random() * 3)::int], TRUE
      FROM res_partner p,
           (SELECT id FROM customer_success_question ORDER BY sequence LIMIT 6) question
     WHERE p.success_stage_id IS NOT NULL
    """,
    """
    INSERT INTO customer_success_barrier (name, active, nature, cause, partner_id, area, severity, state, is_open,
                                          authority, date_opened)
    SELECT 'Barrier ' || b, TRUE, 'real', 'organisational', p.id, 'process', ((random() * 3)::int)::text,
           state, state <> 'removed',
           (ARRAY['none', 'asked', 'granted'])[1 + (random() * 2)::int],
           CURRENT_DATE - (random() * 300)::int
      FROM res_partner p, generate_series(1, 3) b,
           LATERAL (SELECT (ARRAY['potential', 'confirmed', 'removing', 'removed'])[
                               1 + (random() * 3 + b * 0)::int] AS state) one
     WHERE p.success_stage_id IS NOT NULL
    """,
    """
    INSERT INTO customer_success_renewal (name, active, partner_id, product_id, company_id, currency_id,
                                          date_start, date_renewal, date_decision, annual_value, seats, outcome)
    SELECT 'Renewal', TRUE, p.id, product.id, company.id, company.currency_id,
           CURRENT_DATE - 365 * r + 200, CURRENT_DATE - 365 * (r - 1) + 200, CURRENT_DATE - 365 * (r - 1) + 200,
           (random() * 100000)::int, 100, CASE r WHEN 1 THEN 'pending' ELSE 'renewed' END
      FROM res_partner p, generate_series(1, 2) r,
           (SELECT id FROM product_product ORDER BY id LIMIT %(products)s) product,
           (SELECT * FROM res_company ORDER BY id LIMIT 1) company
     WHERE p.success_stage_id IS NOT NULL
    """,
    """
    INSERT INTO customer_success_plan (partner_id, state, date, next_review_date, completeness,
                                       relies_on_mandate, leaders_ask_users, sustaining_plan,
                                       unanswered)
    SELECT p.id, 'active', CURRENT_DATE - 200, CURRENT_DATE - 100 + (random() * 200)::int,
           round((random() * 100)::numeric, 1), (ARRAY['yes', 'no'])[1 + (random() * 1)::int],
           (ARRAY['yes', 'no'])[1 + (random() * 1)::int], 'Each new hire is shown how, by a colleague.',
           'success_definition tools'
      FROM res_partner p
     WHERE p.success_stage_id IS NOT NULL
    """,
    """
    INSERT INTO customer_success_objective (name, partner_id, plan_id, horizon, currency_id, state,
                                            metric, unit, baseline, target, actual, progress,
                                            date_due)
    SELECT 'Orders entered on the day', plan.partner_id, plan.id, 'short', company.currency_id,
           (ARRAY['open', 'confirmed', 'missed'])[1 + (random() * 2)::int], 'On the day', '%%', 0, 100, percent, percent,
           CURRENT_DATE + (random() * 200)::int
      FROM (SELECT *, (random() * 100)::int AS percent FROM customer_success_plan) plan,
           (SELECT * FROM res_company ORDER BY id LIMIT 1) company
    """,
)
