"""Leads for Odoo's own predictive lead scoring, and its nightly job. This module is not a bench itself.

By default Odoo learns from country, state, language, source, tags, and whether phone and e-mail are right,
by stage and sales team. The leads here differ in all of these, as real leads do. So most leads have a
probability of their own, and the job writes each distinct probability by a statement and a commit of its own.
"""


def populate(env, number):
    """Create ``number`` pending leads, and a fifth as many won or lost leads to learn from."""
    env["ir.config_parameter"].set_param("crm.pls_start_date", "2000-01-01")
    env["crm.team"].create([{"name": f"Team {n}"} for n in range(4)])
    env["crm.tag"].create([{"name": f"Tag {n}"} for n in range(12)])
    env.flush_all()
    for statement in POPULATE:
        env.cr.execute(statement, {"n": number})
    env.cr.commit()
    env.invalidate_all()


def night(env):
    """Run Odoo's scheduled action: it counts won and lost leads by value, then scores the pending leads."""
    env["crm.lead"]._cron_update_automated_probabilities()


# The square of a random number gives most of the leads to a few countries, sources and tags.
POPULATE = (
    """
    INSERT INTO crm_lead (name, type, active, create_date, stage_id, team_id, won_status, probability,
                          automated_probability, country_id, state_id, source_id, lang_id,
                          phone_state, email_state)
    SELECT 'Lead ' || n, 'opportunity', status <> 'lost', now() AT TIME ZONE 'UTC',
           CASE status WHEN 'won' THEN won_stage
                       ELSE stages[1 + floor(random() * cardinality(stages))::int] END,
           teams[1 + floor(random() * cardinality(teams))::int],
           status, CASE status WHEN 'won' THEN 100 ELSE 0 END, 0,
           country_id, CASE WHEN random() < 0.5 THEN state_id END,
           CASE WHEN random() < 0.8 THEN sources[1 + floor(random() ^ 2 * cardinality(sources))::int] END,
           CASE WHEN random() < 0.6 THEN lang END,
           CASE WHEN random() < 0.7 THEN 'correct' WHEN random() < 0.5 THEN 'incorrect' END,
           CASE WHEN random() < 0.9 THEN 'correct' END
      FROM (SELECT n,
                   CASE WHEN n %% 12 = 0 THEN 'won' WHEN n %% 12 = 6 THEN 'lost'
                        ELSE 'pending' END AS status,
                   1 + floor(random() ^ 2 * 50)::int AS place
              FROM generate_series(1, %(n)s * 6 / 5) n) lead
      JOIN (SELECT row_number() OVER (ORDER BY country.id) AS place, country.id AS country_id,
                   (SELECT min(id) FROM res_country_state WHERE country_id = country.id) AS state_id
              FROM res_country country) place USING (place),
           (SELECT array_agg(id ORDER BY sequence) FILTER (WHERE is_won IS NOT TRUE) AS stages,
                   min(id) FILTER (WHERE is_won) AS won_stage
              FROM crm_stage) stage,
           (SELECT array_agg(id ORDER BY id) AS teams FROM crm_team WHERE active) team,
           (SELECT array_agg(id ORDER BY id) AS sources FROM utm_source) source,
           (SELECT min(id) AS lang FROM res_lang WHERE active) lang
    """,
    """
    INSERT INTO crm_tag_rel (lead_id, tag_id)
    SELECT lead.id, tags[1 + floor(random() ^ 2 * cardinality(tags))::int]
      FROM crm_lead lead, (SELECT array_agg(id ORDER BY id) AS tags FROM crm_tag) tag, generate_series(1, 2)
     WHERE random() < 0.7
        ON CONFLICT DO NOTHING
    """,
)
