from .trigger import Trigger, register


@register
class StageEntered(Trigger):
    """A trigger: a customer has entered a stage.

    It came from another stage, or begins with the first stage. Customers that are imported with a later stage have not
    entered it.
    """

    code = "stage_entered"
    label = "A stage is entered"
    causes = """
    SELECT play.id, customer.id,
           customer.stage_id || ':' || customer.stage_date,
           customer.stage_date,
           jsonb_build_object('stage', customer.stage_id, 'date', customer.stage_date)
      FROM customer
      JOIN play ON play.trigger = 'stage_entered' AND FITS
     WHERE customer.stage_date BETWEEN play.date_start AND %(today)s
       AND EXISTS (SELECT
                     FROM customer_success_stage_move move
                    WHERE move.partner_id = customer.id
                      AND move.stage_id = customer.stage_id
                      AND move.date = customer.stage_date
                      AND (move.from_stage_id IS NOT NULL
                           OR move.stage_id = (SELECT id FROM customer_success_stage WHERE active
                                             ORDER BY sequence, id LIMIT 1)))
    """

    def explanation(self, _):
        return _(
            "Starts when a customer has entered a stage and is still in it. Customers that are imported with a later stage do not count."
        )

    def reason(self, words, facts):
        return words._(
            "Entered “%(stage)s” on %(date)s",
            stage=facts["stage"],
            date=words.date(facts["date"]),
        )
