from .trigger import Trigger, register

GAPS = [
    ("expertise", "Expertise"),
    ("tools", "Tools"),
    ("capacity", "Capacity"),
    ("programme", "Own success programme"),
]


@register
class Capability(Trigger):
    """A trigger: the active plan says that the customer has little or nothing of a part of its capability."""

    code = "capability"
    label = "Gap in the customer's capability"
    parameters = ("capability",)
    causes = """
     SELECT play.id, customer.id,
            play.capability || ':' || plan.id,
            LEAST(GREATEST(plan.date, plan.write_date::date), %(today)s),
            jsonb_build_object('capability', play.capability, 'rating', said.rating)
       FROM customer_success_plan plan
       JOIN customer ON customer.id = plan.partner_id
       JOIN play ON play.trigger = 'capability' AND FITS
 CROSS JOIN LATERAL (
                SELECT CASE play.capability
                            WHEN 'expertise' THEN plan.expertise
                            WHEN 'tools' THEN plan.tools
                            WHEN 'capacity' THEN plan.capacity
                            WHEN 'programme' THEN NULLIF(plan.internal_programme, 'planned') END
                       AS rating) said
      WHERE plan.partner_id IN_SCOPE
        AND plan.state = 'active'
        AND said.rating IN ('1', '2', 'none')
        AND LEAST(GREATEST(plan.date, plan.write_date::date), %(today)s) >= play.date_start
    """

    def explanation(self, _):
        return _(
            "Starts when the active plan rates this part of the customer's capability 1 or 2, or says that there is no "
            "success programme of its own."
        )

    def reason(self, words, facts):
        if facts["capability"] == "programme":
            return words._("The customer has no success programme of its own")
        return words._(
            "The plan rates the customer's %(capability)s %(rating)s of 5",
            capability=words.label(
                "customer.success.play", "capability", facts["capability"]
            ).lower(),
            rating=facts["rating"],
        )
