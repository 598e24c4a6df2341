from .symptom import Rule, Symptom, register


@register
class BadData(Symptom):
    """What is entered cannot be relied upon."""

    code = "bad_data"
    limit = 60.0
    rules = (
        Rule(
            "accuracy",
            "product.accuracy",
            "%(symptom_bad_data)s",
            "product.accuracy < %(symptom_bad_data)s",
        ),
    )
