from .trigger import Trigger, register

# Odoo does not keep the day on which a contact was archived; the day of its last change stands for it.
_GONE = """
person AS MATERIALIZED (
    SELECT stakeholder.partner_id, stakeholder.role, contact.id AS contact_id, contact.name,
           contact.active AND contact.commercial_partner_id = stakeholder.partner_id AS is_here,
           LEAST(contact.write_date::date, %(today)s) AS date
      FROM customer_success_stakeholder stakeholder
      JOIN res_partner contact ON contact.id = stakeholder.contact_id
     WHERE stakeholder.partner_id IN_SCOPE
       AND stakeholder.role IN ('sponsor', 'champion')
)"""


@register
class PeopleGone(Trigger):
    """A trigger: the sponsor or champion has left, and nobody took over the role."""

    code = "people_gone"
    label = "Sponsor or champion gone"
    steps = (_GONE,)
    causes = """
    SELECT play.id, customer.id,
           gone.role || ':' || gone.contact_id,
           gone.date,
           jsonb_build_object('role', gone.role, 'name', gone.name)
      FROM person gone
      JOIN customer ON customer.id = gone.partner_id
      JOIN play ON play.trigger = 'people_gone' AND FITS
     WHERE NOT gone.is_here
       AND gone.date BETWEEN play.date_start AND %(today)s
       AND NOT EXISTS (SELECT FROM person here
                        WHERE here.partner_id = gone.partner_id
                          AND here.role = gone.role
                          AND here.is_here)
    """

    def explanation(self, _):
        return _(
            "Starts when the contact of the sponsor or champion was archived or moved and nobody else has the role."
        )

    def reason(self, words, facts):
        return words._(
            "The %(role)s has left: %(name)s",
            role=words.label("customer.success.stakeholder", "role", facts["role"]),
            name=facts["name"],
        )
