def migrate(cr, version):
    """Give each change its one area as the first of several, and the day on which it was recorded."""
    cr.execute(
        """
        INSERT INTO customer_success_change_area_rel (change_id, area_id)
        SELECT change.id, area.id
          FROM customer_success_change change
          JOIN customer_success_change_area area ON area.code = change.area
            ON CONFLICT DO NOTHING
        """
    )
    cr.execute(
        """
        UPDATE customer_success_change
           SET date_recorded = create_date::date,
               lead_days = date - create_date::date
        """
    )
