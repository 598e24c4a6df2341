def migrate(cr, version):
    """Complete outcomes that were recorded before these rules, and link consecutive terms.

    Terms that overlap stay as they are: the rule is checked when somebody changes their dates. No next term is created
    here, because nobody requested it.
    """
    # A renewed term keeps its value and its seats unless other figures were entered.
    cr.execute(
        """
        UPDATE customer_success_renewal
           SET renewed_value = annual_value,
               renewed_seats = seats
         WHERE outcome = 'renewed'
           AND COALESCE(renewed_value, 0) = 0
           AND COALESCE(renewed_seats, 0) = 0
        """
    )
    cr.execute(
        """
        UPDATE customer_success_renewal term
           SET previous_id = before.id
          FROM customer_success_renewal before
         WHERE term.previous_id IS NULL
           AND term.active
           AND before.active
           AND before.outcome IN ('renewed', 'expanded', 'contracted')
           AND before.partner_id = term.partner_id
           AND before.product_id IS NOT DISTINCT FROM term.product_id
           AND before.company_id = term.company_id
           AND before.date_renewal = term.date_start
        """
    )
