from .trigger import Trigger, register


@register
class Nobody(Trigger):
    """A trigger: nobody has followed the customer for a number of days."""

    code = "nobody"
    label = "A customer without a CSM"
    parameters = ("days",)
    days = 3
    causes = """
    SELECT play.id, customer.id,
           partner.success_nobody_since::text,
           partner.success_nobody_since + play.days,
           jsonb_build_object('date', partner.success_nobody_since)
      FROM customer
      JOIN res_partner partner ON partner.id = customer.id
      JOIN play ON play.trigger = 'nobody' AND FITS
     WHERE customer.csm_id IS NULL
       AND partner.success_nobody_since + play.days BETWEEN play.date_start AND %(today)s
    """

    def explanation(self, _):
        return _(
            "Starts when nobody has followed a customer for this number of days. The steps go to the user for "
            "customers without a CSM: without one, the playbook does not start."
        )

    def reason(self, words, facts):
        return words._("Nobody has followed it since %s", words.date(facts["date"]))
