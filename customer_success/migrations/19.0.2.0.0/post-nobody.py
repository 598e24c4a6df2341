def migrate(cr, version):
    """Date the customers without a CSM from today, as nobody has kept since when they have none."""
    cr.execute(
        """
        UPDATE res_partner
           SET success_nobody_since = (now() AT TIME ZONE 'UTC')::date
         WHERE success_stage_id IS NOT NULL
           AND success_user_id IS NULL
           AND success_nobody_since IS NULL
        """
    )
