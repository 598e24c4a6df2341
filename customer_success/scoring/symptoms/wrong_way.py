from .symptom import Rule, Symptom, register


@register
class WrongWay(Symptom):
    """It is used, but not for what it was meant for here."""

    code = "wrong_way"
    limit = 50.0
    rules = (
        Rule(
            "as_intended",
            "product.as_intended",
            "%(symptom_wrong_way)s",
            "product.as_intended < %(symptom_wrong_way)s",
        ),
    )
