from .idle import IDLE_LIMIT
from .symptom import EXPECTED, Rule, Symptom, register

# The limit is lower while use is ramping up, if the intended adoption rate is lower, in a season of little use, and
# while licences are new.
_ADOPTION_LIMIT = (
    "%(symptom_barely_used)s * customer.ramp * product.adoption_target / %(adoption_target)s"
    f" * {EXPECTED}"
)
_FREQUENCY_LIMIT = "%(symptom_barely_used)s"


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
            f"product.adoption > {IDLE_LIMIT} AND product.adoption < {_ADOPTION_LIMIT}",
        ),
        Rule(
            "frequency",
            "product.frequency",
            _FREQUENCY_LIMIT,
            f"product.frequency < {_FREQUENCY_LIMIT} AND COALESCE(product.adoption > {IDLE_LIMIT}, TRUE)",
        ),
    )
