from .symptom import Rule, Symptom, register

# While use is ramping up less is expected, and where less adoption is intended.
_ADOPTION_LIMIT = (
    "%(symptom_barely_used)s * customer.ramp * product.adoption_target / %(adoption_target)s"
)


@register
class BarelyUsed(Symptom):
    """Few use it, or too seldom. What is idle is not barely used as well."""

    code = "barely_used"
    limit = 30.0
    rules = (
        Rule(
            "adoption",
            "product.adoption",
            _ADOPTION_LIMIT,
            f"product.adoption > %(symptom_idle)s AND product.adoption < {_ADOPTION_LIMIT}",
        ),
        Rule(
            "frequency",
            "product.frequency",
            "%(symptom_barely_used)s",
            "product.frequency < %(symptom_barely_used)s"
            " AND COALESCE(product.adoption > %(symptom_idle)s, TRUE)",
        ),
    )
