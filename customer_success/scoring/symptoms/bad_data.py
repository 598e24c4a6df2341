from .symptom import Rule, Symptom, register


@register
class BadData(Symptom):
    """A symptom: the data that people enter is not reliable."""

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
