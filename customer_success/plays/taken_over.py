from .trigger import Trigger, register


@register
class TakenOver(Trigger):
    """A trigger: another CSM has taken over the customer."""

    code = "taken_over"
    label = "Another CSM has taken over"
    causes = """
    SELECT play.id, customer.id,
           COALESCE('handover:' || partner.success_handover_id, partner.success_csm_since::text),
           partner.success_csm_since,
           jsonb_build_object('before', former_name.name)
      FROM customer
      JOIN res_partner partner ON partner.id = customer.id
      JOIN res_users former ON former.id = partner.success_csm_before_id
      JOIN res_partner former_name ON former_name.id = former.partner_id
      JOIN play ON play.trigger = 'taken_over' AND FITS
     WHERE customer.csm_id IS NOT NULL
       AND customer.csm_id <> partner.success_csm_before_id
       AND partner.success_csm_since BETWEEN play.date_start AND %(today)s
    """

    def explanation(self, _):
        return _("Starts when a customer that somebody followed before gets another CSM.")

    def reason(self, words, facts):
        return words._("You have taken over this customer from %s", facts["before"])
