from .symptom import Rule, Symptom, register

# A product that went live less than a month ago is not idle yet.
IDLE_AFTER_DAYS = 30


@register
class Idle(Symptom):
    """Next to nobody of those who have a licence uses it."""

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
