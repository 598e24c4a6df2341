def migrate(cr, version):
    """Let the rules of own customers name those for whom a user stands in; rules that somebody changed stay."""
    cr.execute(
        """
        UPDATE ir_rule rule
           SET domain_force = replace(
                   rule.domain_force,
                   'success_user_id'', ''in'', [user.id, False])',
                   'success_user_id'', ''in'', [user.id, False] + user.success_deputy_for_ids.ids)'
               )
          FROM ir_model_data data
         WHERE data.model = 'ir.rule'
           AND data.res_id = rule.id
           AND data.module LIKE 'customer_success%%'
           AND rule.domain_force LIKE '%%success_user_id'', ''in'', [user.id, False])%%'
        """
    )
    cr.execute(
        """
        UPDATE ir_rule rule
           SET domain_force = '[(''user_id'', ''in'', [user.id, False] + user.success_deputy_for_ids.ids)]'
          FROM ir_model_data data
         WHERE data.model = 'ir.rule'
           AND data.res_id = rule.id
           AND data.module = 'customer_success'
           AND data.name = 'customer_success_retention_rule_own'
           AND rule.domain_force = '[(''user_id'', ''in'', [user.id, False])]'
        """
    )
