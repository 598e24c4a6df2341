from .symptom import Rule, Symptom, register

# The limit is lower while use is ramping up, if the intended adoption rate is lower, in a season of little use, and
# while licences are new.
_ADOPTION_LIMIT = (
    "%(symptom_barely_used)s * customer.ramp * product.adoption_target / %(adoption_target)s"
    " * (1 - COALESCE(product.coming_licences / NULLIF(product.licensed_users, 0), 0))"
)


@register
class BarelyUsed(Symptom):
    """A symptom: few people use the product, or too seldom. An idle product is not flagged as barely used as well."""

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
