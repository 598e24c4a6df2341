from ..scoring.people import IS_HERE, LAST_SIGN, QUIET_DAYS, QUIET_SINCE
from .trigger import Trigger, register

_TURNED = f"""
turned AS MATERIALIZED (
    SELECT stakeholder.id, stakeholder.partner_id, stakeholder.role, contact.name,
           stakeholder.willingness = '1' AS is_against,
           COALESCE(stakeholder.willingness_date, stakeholder.create_date::date) AS seen,
           {LAST_SIGN} AS sign,
           {QUIET_SINCE} AS since,
           {QUIET_SINCE} + {QUIET_DAYS} + 1 AS silent_from
      FROM customer_success_stakeholder stakeholder
      JOIN res_partner contact ON contact.id = stakeholder.contact_id
      JOIN res_partner partner ON partner.id = stakeholder.partner_id
 LEFT JOIN customer_success_segment segment ON segment.id = partner.success_segment_id
     WHERE stakeholder.partner_id IN_SCOPE
       AND stakeholder.role IN ('sponsor', 'champion')
       AND {IS_HERE}
)"""


@register
class PeopleTurned(Trigger):
    """A trigger: the sponsor or champion is against it, or nobody has heard from them for a long time."""

    code = "people_turned"
    label = "Sponsor or champion opposed or silent"
    limits = ("person_silent_days",)
    steps = (_TURNED,)
    causes = """
    SELECT play.id, customer.id,
           'against:' || turned.id || ':' || turned.seen,
           turned.seen,
           jsonb_build_object('role', turned.role, 'name', turned.name, 'against', true)
      FROM turned
      JOIN customer ON customer.id = turned.partner_id
      JOIN play ON play.trigger = 'people_turned' AND FITS
     WHERE turned.is_against
       AND turned.seen BETWEEN play.date_start AND %(today)s
     UNION ALL
    SELECT play.id, customer.id,
           'silent:' || turned.id || ':' || turned.since,
           turned.silent_from,
           jsonb_build_object('role', turned.role, 'name', turned.name, 'date', turned.sign)
      FROM turned
      JOIN customer ON customer.id = turned.partner_id
      JOIN play ON play.trigger = 'people_turned' AND FITS
     WHERE turned.silent_from BETWEEN play.date_start AND %(today)s
    """

    def explanation(self, _):
        return _(
            "Starts when a sponsor or champion is against it, or has been silent for longer than the settings allow "
            "and is not away."
        )

    def reason(self, words, facts):
        values = {
            "role": words.label("customer.success.stakeholder", "role", facts["role"]),
            "name": facts["name"],
        }
        if facts.get("against"):
            return words._("The %(role)s is against it: %(name)s", **values)
        if facts.get("date"):
            return words._(
                "The %(role)s %(name)s has been silent since %(day)s",
                day=words.date(facts["date"]),
                **values,
            )
        return words._("Nobody has talked with the %(role)s %(name)s yet", **values)
