"""The conditions of the stages that an action meets, for the levers of several factors."""


def fulfilled(facts, *names, gone=()):
    """Return these facts as if these conditions were met, and those in ``gone`` no longer due.

    What only a gate can ask for counts if any gate of the catalogue does.

    >>> from .facts import Facts
    >>> facts = Facts(1, conditions_met=["sponsor"], conditions_due=["coverage"], conditions_ever=["coverage"])
    >>> fulfilled(facts, "coverage", "sustaining_plan", "active_plan").conditions_met
    ['sponsor', 'coverage', 'active_plan']
    >>> fulfilled(facts, gone=["coverage"]).conditions_due
    []
    """
    met = list(facts.conditions_met or ())
    for name in names:
        if name not in met and (name not in GATED or name in (facts.conditions_ever or ())):
            met.append(name)
    due = [name for name in facts.conditions_due or () if name not in gone]
    return facts.replaced(conditions_met=met, conditions_due=due)


# The conditions that only the gates of stages ask for.
GATED = ("success_definition", "sustaining_plan", "coverage")
