from .symptom import Rule, Symptom, register


@register
class NoData(Symptom):
    """A symptom: people do the work outside the system."""

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
