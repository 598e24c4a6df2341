from .symptom import Rule, Symptom, register


@register
class WrongWay(Symptom):
    """A symptom: people use the product, but not for its intended use at this customer."""

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
