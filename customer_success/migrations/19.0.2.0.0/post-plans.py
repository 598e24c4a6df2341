from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

# The checks of the plan that questions of the catalogue fill in, by the name of the question.
FILLED_IN = {
    "structure_owner": "leaders_commit_resources",
    "struggles_asked": "leaders_ask_users",
    "rewards_leaders": "leaders_reward_use",
    "environment_load": "capacity",
}


def migrate(cr, version):
    """Give each answer of a plan its source, link the questions to checks, and count the answers anew.

    An answer from before this version was set by hand, on the day of the plan. How use is sustained is asked again
    only if the whole plan was last changed before go-live.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, check in FILLED_IN.items():
        question = env.ref(f"customer_success.customer_success_question_{name}", False)
        if question and not question.plan_check:
            question.plan_check = check
    plans = env["customer.success.plan"]
    for name in plans._dated_questions():
        cr.execute(
            SQL(
                """
            INSERT INTO customer_success_plan_source (plan_id, question, origin, date, user_id,
                                                      create_uid, create_date, write_uid, write_date)
            SELECT plan.id, %(name)s, 'hand',
                   CASE WHEN %(name)s = 'sustaining_plan'
                        THEN GREATEST(plan.date, plan.write_date::date) ELSE plan.date END,
                   plan.user_id, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
              FROM customer_success_plan plan
             WHERE COALESCE(plan.%(column)s, '') <> ''
                ON CONFLICT DO NOTHING
            """,
                name=name,
                column=SQL.identifier(name),
                uid=SUPERUSER_ID,
            )
        )
    env.invalidate_all()
    for model in ("customer.success.plan", "customer.success.plan.template"):
        records = env[model].with_context(active_test=False).search([])
        for name in ("unanswered", "completeness"):
            env.add_to_compute(records._fields[name], records)
    env.add_to_compute(plans._fields["sustaining_asked_since"], plans.search([]))
    env.flush_all()
