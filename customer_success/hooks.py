from odoo.tools import SQL


def uninstall_hook(env):
    """Remove what Odoo's uninstall leaves behind or trips over.

    A URL attachment on one of our records makes Odoo keep its table without a word; scheduled actions
    that the settings page added have no external id, so nobody else knows they are ours.
    """
    # What points at our catalogues goes first, so that these can be deleted without a complaint.
    env.cr.execute(
        "UPDATE res_partner"
        " SET success_stage_id = NULL, success_score_id = NULL, success_segment_id = NULL"
    )
    env.cr.execute("DELETE FROM customer_success_stage_move")
    env.cr.execute("UPDATE customer_success_renewal SET reason_id = NULL")
    # Opportunities that were lost for our reason keep it: it is the pipeline's from now on.
    env.cr.execute(
        "DELETE FROM ir_model_data WHERE module = 'customer_success' AND name = 'crm_lost_reason_churned'"
    )
    for table in ("interaction_line", "advice", "recommendation", "skill_rating", "answer"):
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(f"customer_success_{table}")))
    env.cr.execute("DELETE FROM customer_success_symptom_flag")
    env.cr.execute(
        "UPDATE mail_activity SET success_run_id = NULL WHERE success_run_id IS NOT NULL"
    )
    env.cr.execute("DELETE FROM customer_success_play_run")
    env.cr.execute("DELETE FROM customer_success_play")
    # Tables that are no records.
    env.cr.execute(
        "DROP TABLE IF EXISTS"
        " customer_success_event, customer_success_event_day, customer_success_event_person"
    )
    ours = env["ir.model"].search([("model", "=like", "customer.success.%")]).mapped("model")
    env["ir.attachment"].search([("res_model", "in", ours), ("type", "=", "url")]).unlink()
    env["ir.cron"].with_context(active_test=False).search(
        [("model_id.model", "=", "customer.success.score")]
    ).filtered(lambda cron: not cron.get_external_id()[cron.id]).unlink()
    env["ir.config_parameter"].search([("key", "=like", "customer_success.%")]).unlink()
