"""The least SQL that reads what scoring reads and writes what it wrote. This module is not a bench itself."""

from odoo.tools import SQL

# The tables that the engine writes; the floor writes the same rows from a copy.
WRITTEN = ("score", "product_score", "renewal_score", "score_history", "score_batch")


def stash(env):
    """Copy the rows that the engine wrote, so that the floor can write the same rows."""
    for name in WRITTEN:
        env.cr.execute(
            SQL(
                "CREATE TABLE %s AS SELECT * FROM %s",
                SQL.identifier(f"bench_{name}"),
                SQL.identifier(f"customer_success_{name}"),
            )
        )
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(f"bench_{name}")))
    env.cr.commit()


def floor(env):
    """Read and write all rows in one transaction."""
    for statement in FLOOR:
        env.cr.execute(statement)
    env.cr.commit()


FLOOR = (
    # Read: every row and column that the scores are computed from, one plain aggregate for each table.
    # Renewals are in the company's own currency, so the engine reads no rates, and neither does the floor.
    """
    CREATE TEMP TABLE bench_read ON COMMIT DROP AS
    SELECT p.id, p.success_stage_date, p.success_go_live_date, p.success_barriers_checked,
           stage.phase, stage.expected_days, u.*, a.*, b.*, r.*, o.*, plan.completeness,
           plan.relies_on_mandate, plan.leaders_commit_resources, plan.leaders_seek_barriers,
           plan.leaders_ask_users, plan.leaders_reward_use, plan.next_review_date, plan.unanswered,
           plan.sustaining_asked_since, p.success_stage_percent, p.success_environment_percent,
           p.success_segment_id, score.fingerprint, score.health, score.renewal_risk, score.confidence,
           score.segment_id, score.rules_mark, score.health_shift, score.risk_shift
      FROM res_partner p
      JOIN customer_success_stage stage ON stage.id = p.success_stage_id
 LEFT JOIN (SELECT partner_id AS usage_partner, max(date) AS usage_date, max(source) AS source,
                   max(period) AS period, max(product_id) AS product,
                   sum(licensed_users) AS licensed, sum(active_users) AS active,
                   avg(as_intended) AS as_intended, avg(timely) AS timely, avg(quality) AS quality,
                   avg(frequency) AS frequency, avg(in_place) AS in_place, avg(accuracy) AS accuracy
              FROM customer_success_usage GROUP BY partner_id) u ON u.usage_partner = p.id
 LEFT JOIN (SELECT partner_id AS answer_partner, count(DISTINCT question_id) AS questions,
                   max(date) AS answer_date, max(rating) AS rating, max(signal) AS signal
              FROM customer_success_answer WHERE is_current GROUP BY partner_id) a
        ON a.answer_partner = p.id
 LEFT JOIN (SELECT partner_id AS barrier_partner, array_agg(id) AS barriers,
                   array_agg(severity) AS severities, array_agg(date_opened) AS opened,
                   array_agg(authority) AS authorities, array_agg(state) AS states,
                   array_agg(product_id) AS barrier_products
              FROM customer_success_barrier WHERE active GROUP BY partner_id) b
        ON b.barrier_partner = p.id
 LEFT JOIN (SELECT partner_id AS renewal_partner, array_agg(id) AS renewals,
                   array_agg(product_id) AS products, array_agg(date_renewal) AS ends,
                   array_agg(date_start) AS starts, array_agg(annual_value) AS amounts,
                   array_agg(seats) AS seats, array_agg(currency_id) AS currencies,
                   array_agg(company_id) AS companies
              FROM customer_success_renewal WHERE active AND outcome = 'pending'
          GROUP BY partner_id) r ON r.renewal_partner = p.id
 LEFT JOIN (SELECT partner_id AS objective_partner, array_agg(id) AS objectives,
                   array_agg(progress) AS progresses, array_agg(state) AS objective_states,
                   array_agg(actual) AS actuals, array_agg(date_due) AS dues,
                   array_agg(product_id) AS objective_products
              FROM customer_success_objective WHERE state <> 'dropped'
          GROUP BY partner_id) o ON o.objective_partner = p.id
 LEFT JOIN customer_success_plan plan ON plan.partner_id = p.id AND plan.state = 'active'
 LEFT JOIN customer_success_score score ON score.partner_id = p.id
     WHERE p.success_stage_id IS NOT NULL
       AND p.active
    """,
    # Write: exactly the same rows. On both sides each customer has an empty score row before.
    """
    UPDATE customer_success_score score
       SET health = fresh.health, health_band = fresh.health_band, confidence = fresh.confidence,
           adoption = fresh.adoption, change_quarter = fresh.change_quarter,
           change_year = fresh.change_year, usage_date = fresh.usage_date,
           renewal_risk = fresh.renewal_risk, risk_band = fresh.risk_band,
           contraction_risk = fresh.contraction_risk, value_at_risk = fresh.value_at_risk,
           currency_id = fresh.currency_id, next_renewal_date = fresh.next_renewal_date,
           ready = fresh.ready, willing = fresh.willing, able = fresh.able,
           coverage = fresh.coverage, stale_answers = fresh.stale_answers,
           fingerprint = fresh.fingerprint, segment_id = fresh.segment_id,
           rules_mark = fresh.rules_mark, health_shift = fresh.health_shift,
           risk_shift = fresh.risk_shift, worst_product_id = fresh.worst_product_id, breakdown = fresh.breakdown, error = NULL,
           scored_at = fresh.scored_at
      FROM bench_score fresh
     WHERE fresh.partner_id = score.partner_id
    """,
    "INSERT INTO customer_success_product_score SELECT * FROM bench_product_score",
    "INSERT INTO customer_success_renewal_score SELECT * FROM bench_renewal_score",
    """
    UPDATE customer_success_renewal renewal
       SET score_id = score.id
      FROM bench_renewal_score score
     WHERE score.renewal_id = renewal.id
    """,
    "INSERT INTO customer_success_score_history SELECT * FROM bench_score_history",
    "INSERT INTO customer_success_score_batch SELECT * FROM bench_score_batch",
)
