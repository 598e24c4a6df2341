from .symptom import EXPECTED, Rule, Symptom, register

# A product is not idle yet if it went live less than a month ago.
IDLE_AFTER_DAYS = 30
# The limit is lower in a season of little use and while licences are new; where it is 0, nobody is expected yet.
IDLE_LIMIT = f"%(symptom_idle)s * COALESCE(product.season, 1) * {EXPECTED}"


@register
class Idle(Symptom):
    """A symptom: hardly anybody with a licence uses the product."""

    code = "idle"
    limit = 5.0
    rules = (
        Rule(
            "adoption",
            "product.adoption",
            IDLE_LIMIT,
            f"COALESCE(customer.days_live >= {IDLE_AFTER_DAYS}, TRUE)"
            f" AND product.adoption <= {IDLE_LIMIT} AND ({IDLE_LIMIT} > 0 OR %(symptom_idle)s = 0)",
        ),
    )
