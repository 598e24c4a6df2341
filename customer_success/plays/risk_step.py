"""The step that finds since when the churn risk of a customer is in its band; several triggers read it."""

# The settings that the step needs.
RISK_LIMITS = ("risk_medium", "risk_high", "risk_critical")

# ``since`` is the first day after the last day on which the risk was outside its band. A customer whose risk has been
# in one band since its first score has no such day, because the first score is not a change. Earlier risks are read by
# the limits and the weights of today's segment, and only days after the last one in another segment count
# (``moved``): a customer that changes its segment changes its band, but not its risk. ``formula_since`` is the day of the
# newest formula; what it moved is part of the shift of the risk, as is what other weights moved. ``rules_since`` is the
# first day by today's segment and by weights that do not put the risk outside its band.
RISK = """
risk AS MATERIALIZED (
    SELECT score.partner_id,
           score.risk_band,
           score.renewal_risk,
           level.name AS level,
           segment.moved,
           segment.formula_since,
           rules.since AS rules_since,
           CASE WHEN began.date > segment.moved THEN began.date END AS since
      FROM customer_success_score score
      JOIN customer ON customer.id = score.partner_id
CROSS JOIN LATERAL (
           VALUES ('low', 0, COALESCE(customer.risk_medium, %(risk_medium)s)),
                  ('high', COALESCE(customer.risk_high, %(risk_high)s), 101),
                  ('critical', COALESCE(customer.risk_critical, %(risk_critical)s), 101)
           ) AS level (name, least, below)
CROSS JOIN LATERAL (
           SELECT COALESCE(max(other.date) FILTER (WHERE other.segment_id IS DISTINCT FROM score.segment_id),
                           '-infinity') AS moved,
                  COALESCE(max(other.date) FILTER (WHERE other.is_new_formula), '-infinity') AS formula_since,
                  COALESCE(max(other.date) FILTER (
                           WHERE COALESCE(other.risk_shift, 0) <> COALESCE(score.risk_shift, 0)
                             AND (other.renewal_risk IS NULL OR other.renewal_risk < level.least
                                  OR other.renewal_risk >= level.below)), '-infinity') AS reweighed
             FROM customer_success_score_history other
            WHERE other.partner_id = score.partner_id) segment
CROSS JOIN LATERAL (
           SELECT CASE WHEN GREATEST(segment.moved, segment.reweighed) > '-infinity'
                       THEN COALESCE(min(other.date), 'infinity') ELSE '-infinity' END AS since
             FROM customer_success_score_history other
            WHERE other.partner_id = score.partner_id
              AND other.date > GREATEST(segment.moved, segment.reweighed)) rules
 LEFT JOIN LATERAL (
           SELECT min(later.date) AS date
             FROM customer_success_score_history later
            WHERE later.partner_id = score.partner_id
              AND later.date > (SELECT max(before.date)
                                  FROM customer_success_score_history before
                            CROSS JOIN LATERAL (
                                       SELECT before.renewal_risk - COALESCE(before.risk_shift, 0)
                                              + COALESCE(score.risk_shift, 0) AS today) risk
                                 WHERE before.partner_id = score.partner_id
                                   AND (risk.today IS NULL OR risk.today < level.least
                                        OR risk.today >= level.below))) began ON TRUE
     WHERE score.partner_id IN_SCOPE
       AND CASE level.name WHEN 'low' THEN score.risk_band = 'low' AND customer.sentiment = 'worried'
                           WHEN 'high' THEN score.risk_band IN ('high', 'critical')
                           ELSE score.risk_band = 'critical' END
)"""
