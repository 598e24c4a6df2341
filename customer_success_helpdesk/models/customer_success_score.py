from odoo import api, models

# Tickets by week, so that a day more changes nothing; what opened in 13 weeks, against the 52 before.
TICKETS = """
    SELECT partner_id,
           round(GREATEST(0, 75 - LEAST(45, rise) - LEAST(45, backlog)), 1)::float8 AS value,
           jsonb_build_object(
               'open', open_now, 'old', old, 'latest', latest, 'usual', usual
           ) AS evidence
      FROM (SELECT *,
                   CASE WHEN usual IS NULL THEN 0
                        ELSE GREATEST(0, 30 * log(2.0, (latest + 2) / (usual + 2)))
                   END AS rise
              FROM (SELECT partner_id,
                           count(*) FILTER (WHERE is_open) AS open_now,
                           count(*) FILTER (WHERE is_open AND weeks >= 2) AS old,
                           COALESCE(sum(weight * (1 + LEAST(weeks, 13) / 13.0))
                                    FILTER (WHERE is_open AND weeks >= 2), 0) AS backlog,
                           count(*) FILTER (WHERE weeks < 13) AS latest,
                           -- What is usual is known once there was half a year to see it.
                           CASE WHEN max(weeks) >= 39
                                THEN round(count(*) FILTER (WHERE weeks BETWEEN 13 AND 64) * 13.0
                                           / (LEAST(max(weeks), 64) - 12), 1)
                           END AS usual,
                           bool_or(is_open OR weeks < 65) AS is_fresh
                      FROM (SELECT ticket.commercial_partner_id AS partner_id,
                                   stage.closed IS NOT TRUE AS is_open,
                                   CASE ticket.priority WHEN '3' THEN 12 WHEN '2' THEN 8 ELSE 4 END
                                       AS weight,
                                   GREATEST(0, (date_trunc('week', %(today)s::timestamp)::date + 6
                                                - ticket.create_date::date) / 7) AS weeks
                              FROM helpdesk_ticket ticket
                              LEFT JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id
                             WHERE ticket.commercial_partner_id IN_SCOPE
                               AND ticket.active
                               AND ticket.duplicate_id IS NULL) AS ticket
                  GROUP BY partner_id) AS counted
             WHERE is_fresh) AS known
"""


class CustomerSuccessScore(models.Model):
    _inherit = "customer.success.score"

    @api.model
    def _extra_facts(self):
        """How many tickets are left lying, and whether more come than this customer usually has."""
        return {**super()._extra_facts(), "tickets": TICKETS}
