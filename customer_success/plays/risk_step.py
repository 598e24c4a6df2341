"""The step that finds since when the churn risk of a customer is in its band; several triggers read it."""

# The settings that the step needs.
RISK_LIMITS = ("risk_medium", "risk_high", "risk_critical")

# ``since`` is the first day after the last day on which the risk was outside its band. A customer whose risk has been
# in one band since its first score has no such day, because the first score is not a change.
RISK = """
risk AS MATERIALIZED (
    SELECT score.partner_id,
           score.risk_band,
           score.renewal_risk,
           level.name AS level,
           (SELECT min(later.date)
              FROM customer_success_score_history later
             WHERE later.partner_id = score.partner_id
               AND later.date > (SELECT max(before.date)
                                   FROM customer_success_score_history before
                                  WHERE before.partner_id = score.partner_id
                                    AND (before.renewal_risk IS NULL
                                         OR before.renewal_risk < level.least
                                         OR before.renewal_risk >= level.below))) AS since
      FROM customer_success_score score
      JOIN customer ON customer.id = score.partner_id
      JOIN (VALUES ('low', 0, %(risk_medium)s),
                   ('high', %(risk_high)s, 101),
                   ('critical', %(risk_critical)s, 101)) AS level (name, least, below)
        ON CASE level.name WHEN 'low' THEN score.risk_band = 'low' AND customer.sentiment = 'worried'
                           WHEN 'high' THEN score.risk_band IN ('high', 'critical')
                           ELSE score.risk_band = 'critical' END
     WHERE score.partner_id IN_SCOPE
)"""
