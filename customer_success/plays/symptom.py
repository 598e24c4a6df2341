from .trigger import Trigger, register


@register
class Symptom(Trigger):
    """A trigger: a symptom of misuse shows now."""

    code = "symptom"
    label = "A symptom of misuse"
    parameters = ("symptom_ids",)
    causes = """
    SELECT play.id, customer.id,
           flag.id::text,
           flag.date_from,
           jsonb_build_object('symptom', flag.symptom_id, 'product', flag.product_id)
      FROM customer_success_symptom_flag flag
      JOIN customer ON customer.id = flag.partner_id
      JOIN play ON play.trigger = 'symptom' AND FITS
     WHERE flag.partner_id IN_SCOPE
       AND flag.date_to IS NULL
       AND flag.date_from BETWEEN play.date_start AND %(today)s
       AND (play.symptom_ids IS NULL OR flag.symptom_id = ANY(play.symptom_ids))
    """

    def explanation(self, _):
        return _(
            "Starts when one of these symptoms was flagged, by the nightly check or by a person, and still shows."
        )

    def reason(self, words, facts):
        return words._(
            "%(symptom)s: %(product)s",
            symptom=facts["symptom"],
            product=facts["product"],
        )
