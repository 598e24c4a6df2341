def migrate(cr, version):
    """Begin the history of searches for barriers with the one that was kept for each customer."""
    cr.execute(
        """
        INSERT INTO customer_success_barrier_search (partner_id, date, people_asked, areas_share)
        SELECT partner.id,
               partner.success_barriers_checked,
               NULLIF(partner.success_barriers_asked, 0),
               partner.success_barriers_areas
          FROM res_partner partner
         WHERE partner.success_barriers_checked IS NOT NULL
           AND NOT EXISTS (SELECT FROM customer_success_barrier_search search
                            WHERE search.partner_id = partner.id)
        """
    )
