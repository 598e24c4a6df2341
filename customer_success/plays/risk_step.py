"""Since when the churn risk of a customer stands where it stands, as several triggers ask."""

# The settings that the step needs.
RISK_LIMITS = ("risk_medium", "risk_high", "risk_critical")

# Since when the risk stands where it stands: the first day after the last on which it stood elsewhere.
# The first score of a customer is where it begins, not a change, so it has no such day.
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
