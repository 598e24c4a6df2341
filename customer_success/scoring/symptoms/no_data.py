from .symptom import Rule, Symptom, register


@register
class NoData(Symptom):
    """The work is done beside the system."""

    code = "no_data"
    limit = 30.0
    rules = (
        Rule(
            "in_place",
            "product.in_place",
            "%(symptom_no_data)s",
            "product.in_place < %(symptom_no_data)s",
        ),
    )
