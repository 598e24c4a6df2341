from odoo.addons.customer_success.scoring.ahead import DURING_DAYS

REASON = "Chosen before phases followed the dates"


def migrate(cr, version):
    """Let the phases of changes follow the dates.

    A phase that somebody chose against the dates is kept, with a reason. A change "after go-live" that is dated
    before it is a mistake and follows the dates. Without a go-live date nothing is held against a phase.
    """
    cr.execute(
        """
        WITH dated AS (
            SELECT change.id,
                   change.date < customer.success_go_live_date AS is_early,
                   CASE WHEN abs(change.date - customer.success_go_live_date) <= %(during)s THEN 'during'
                        WHEN change.date < customer.success_go_live_date THEN 'before'
                        ELSE 'after' END AS phase
              FROM customer_success_change change
              JOIN res_partner customer ON customer.id = change.partner_id
             WHERE customer.success_go_live_date IS NOT NULL
        )
        UPDATE customer_success_change change
           SET phase = CASE WHEN change.phase = 'after' AND dated.is_early
                            THEN dated.phase ELSE change.phase END,
               phase_reason = CASE WHEN change.phase = 'after' AND dated.is_early
                                   THEN NULL ELSE %(reason)s END
          FROM dated
         WHERE dated.id = change.id
           AND change.phase <> dated.phase
           AND change.phase_reason IS NULL
        """,
        {"during": DURING_DAYS, "reason": REASON},
    )
