from .symptom import Rule, Symptom, register

# A product is not idle yet if it went live less than a month ago.
IDLE_AFTER_DAYS = 30


@register
class Idle(Symptom):
    """A symptom: hardly anybody with a licence uses the product."""

    code = "idle"
    limit = 5.0
    rules = (
        Rule(
            "adoption",
            "product.adoption",
            "%(symptom_idle)s",
            f"COALESCE(customer.days_live >= {IDLE_AFTER_DAYS}, TRUE)"
            " AND product.adoption <= %(symptom_idle)s",
        ),
    )
