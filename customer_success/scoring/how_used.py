"""The parts by which use is known: a count of log-ins tells a third of it, the six degrees the rest."""

from .counted import say_day
from .products import PLAIN, USED
from .risk import NEUTRAL
from .rules import round_tenth
from .use import BETTER, DEGREES, STEP_FIGURES

# The head count tells as much as three of the six degrees: a third, if all are known.
ADOPTION_WEIGHT = 3
# The share of the licences of which a degree must be known, or more, so that a customer can be *good*. So one
# product of a few people says nothing about the others.
HOW_KNOWN = 0.5
# The figure of a degree that people are expected to find if they ask: the second of the steps, "mostly as intended".
EXPECTED = float(STEP_FIGURES[1])
# What is held of each degree: measured, intended, said by people, the weeks for which it has been silent, and its day
# then.
PARTS = 5

# The share of the licences, or of the products if these are unknown, of which any recent degree is known.
_KNOWN = f"(num_nonnulls({', '.join(DEGREES)}) > 0)"
HOW_KNOWN_SQL = f"""\
COALESCE(COALESCE(sum(licensed_users) FILTER (WHERE {_KNOWN}), 0) / NULLIF(sum(licensed_users), 0),
                    avg({_KNOWN}::int))::float8"""


def known_degrees(facts):
    """Return the degrees that are known.

    >>> from .facts import Facts
    >>> known_degrees(Facts(1, quality=70, timely=0))
    ['timely', 'quality']
    """
    return [degree for degree in DEGREES if getattr(facts, degree) is not None]


def silent_weeks(facts):
    """Return the weeks for which each silent degree has been silent, by degree.

    >>> from .facts import Facts
    >>> silent_weeks(Facts(1, timely=70, degrees=[[None] * 5, [70, 100, 70, 3, 9500]]))
    {'timely': 3}
    """
    return {
        degree: parts[3]
        for degree, parts in zip(DEGREES, facts.degrees or ())
        if len(parts) > 3 and parts[3] is not None
    }


def degree_parts(facts):
    """Return what explains the known degrees, as evidence, without what needs no explanation.

    It is what was measured and intended if not everything was intended, the step that people chose, and since when
    nothing new came.

    >>> from .facts import Facts
    >>> degree_parts(Facts(1, timely=70, degrees=[[None] * 3, [70, 90, 70]]))
    {'intended': {'timely': [70.0, 90.0]}, 'steps': {'timely': 70}}
    """
    degrees = {
        degree: parts for degree, parts in zip(DEGREES, facts.degrees or ()) if parts[0] is not None
    }
    found = {
        "intended": {
            degree: [round_tenth(part) for part in parts[:2]]
            for degree, parts in degrees.items()
            if parts[1] != 100
        },
        "steps": {
            degree: int(parts[2])
            for degree, parts in degrees.items()
            if len(parts) > 2 and parts[2] in STEP_FIGURES
        },
        # the days of those that are silent
        "stopped": {
            degree: parts[4]
            for degree, parts in degrees.items()
            if len(parts) > 3 and parts[3] is not None
        },
    }
    return {name: parts for name, parts in found.items() if parts}


def known_share(facts, counts_heads):
    """Return the share of what tells how a customer uses the products that is known, 0 to 1.

    Without a head count that counts, because none is known or work cannot be done without the product, the degrees
    alone are all that there is to know. A good degree that is silent tells nothing of today; a bad one is not forgotten.

    >>> from .facts import Facts
    >>> everything = Facts(1, **dict.fromkeys(DEGREES, 80))
    >>> known_share(Facts(1), True) == 1 / 3, known_share(everything, True), known_share(everything, False)
    (True, 1.0, 1.0)
    """
    silent = silent_weeks(facts)
    degrees = sum(
        degree not in silent or getattr(facts, degree) <= NEUTRAL for degree in known_degrees(facts)
    )
    if counts_heads:
        return (ADOPTION_WEIGHT + degrees) / (ADOPTION_WEIGHT + len(DEGREES))
    return degrees / len(DEGREES)


def unasked(facts):
    """Return the share of the licences, in %, of which somebody knows how they are used, if it is too small; else ``None``.

    Nobody is expected to know it before go-live and in the first month after it, unless active users are known for two
    quarters. A degree counts as long as its figures are recent. A customer whose head count is unknown, or left out,
    is asked in the same way, so that knowing it is never the worse choice.

    >>> from .facts import Facts
    >>> unasked(Facts(1, licensed_users=100, active_users=95)), unasked(Facts(1))
    (0.0, 0.0)
    >>> unasked(Facts(1, quality=20)), unasked(Facts(1, quality=20, how_known=0.4))
    (None, 40.0)
    >>> unasked(Facts(1, ramp_month=1)), unasked(Facts(1, ramp_month=1, active_quarter=95, active_before=94))
    (None, 0.0)
    """
    if facts.ramp_month == 1 and None in (facts.active_quarter, facts.active_before):
        return None
    known = facts.how_known
    if known is None:
        known = 1.0 if known_degrees(facts) else 0.0
    return None if known > HOW_KNOWN else 100.0 * known


def assessed(facts, rules):
    """Yield the number of degrees that are not known, and the facts if they are mostly as intended.

    Nothing is yielded for a customer of whose use nothing is known, because what it is cannot be predicted.
    """
    known, silent = known_degrees(facts), silent_weeks(facts)
    own = facts.degrees or [[None] * PARTS] * len(DEGREES)
    parts = [_expected(part) for part in own]
    missing = {
        degree: in_percent(*part[:2])
        for degree, part, before in zip(DEGREES, parts, own)
        if (degree not in known or degree in silent) and part != before
    }
    rows = facts.products and [_assessed_row(row) for row in facts.products]
    if (missing or rows != facts.products) and (known or facts.licensed_users):
        yield (
            len(missing),
            facts.replaced(**missing, how_known=1.0, degrees=parts, products=rows),
        )


def _expected(part):
    """Return the parts of a degree, see :data:`PARTS`, if people who are asked find it mostly as intended.

    What is known stays. So does a measured figure that stopped, if they find it much better than it was: they do not talk it away.

    >>> _expected([20, 80, None, None, None]), _expected([None, 90, None, None, None])
    ([20, 80, None, None, None], [70.0, 90, 70.0, None, None])
    >>> _expected([20, 80, None, 3, 9500]), _expected([20, 80, 25, 3, 9500])
    ([20, 80, None, 3, 9500], [70.0, 80, 70.0, None, None])
    """
    measured, intended, said, weeks, _day = (*part, *[None] * PARTS)[:PARTS]
    stopped = weeks is not None
    if measured is not None and not (
        stopped and (said is not None or BETTER * measured >= EXPECTED)
    ):
        return part
    return [EXPECTED, 100.0 if intended is None else intended, EXPECTED, None, None]


def in_percent(measured, intended):
    """Return a degree in percent of what was intended; nothing is missing at a time at which nobody ever does it.

    >>> in_percent(45, 90), in_percent(0, 0), in_percent(None, None)
    (50.0, 100.0, None)
    """
    if measured is None:
        return None
    return min(100.0, 100.0 * measured / intended) if intended else 100.0


def _assessed_row(row):
    """Return the row of a product, see :class:`~.products.Product`, as if it were mostly used as intended.

    >>> _assessed_row([7, 1, *[None] * 15, 20, 80, None, None, None, *[None] * 5])[17:]
    [20, 80, None, None, None, 70.0, 100.0, 70.0, None, None]
    """
    if not row[USED]:
        return row
    degrees = [_expected(row[n : n + PARTS]) for n in range(PLAIN, len(row), PARTS)]
    return [*row[:PLAIN], *(figure for part in degrees for figure in part)]


# ----------------------------------------------------------------------------------------------
# In words
# ----------------------------------------------------------------------------------------------


def say_degree(env, evidence, code):
    """Return the step that was chosen, what was measured and intended, or the percentage if everything was intended."""
    intended, steps = evidence.get("intended"), evidence.get("steps")
    parts = intended.get(code) if isinstance(intended, dict) else None
    figure = f"{evidence[code]:.0f} %"
    if isinstance(parts, list) and len(parts) == 2:
        figure = env._(
            "%(measured).0f of %(intended).0f intended", measured=parts[0], intended=parts[1]
        )
    if isinstance(steps, dict) and code in steps:
        choices = env["customer.success.assess.line"]._fields[code]._description_selection(env)
        if label := dict(choices).get(str(steps[code])):
            return f"{label} ({figure})"
    return figure


def say_assessed(env, number):
    """Return what would help as text."""
    return env._("Assess the use, if it is mostly as intended")


def say_silence(env, evidence):
    """Return since when nothing new came, as a list of texts, and the day that they name if they are of all figures."""
    stopped = evidence.get("stopped")
    stopped = stopped if isinstance(stopped, dict) else {}
    known = [degree for degree in DEGREES if evidence.has(degree)]
    heads = evidence.has("silent_since", "silent_share")
    is_whole = (heads and evidence["silent_share"] == 100) or (known and not evidence.has("active"))
    if is_whole and all(degree in stopped for degree in known):
        days = [stopped[degree] for degree in known]
        last = max([*days, evidence["silent_since"]] if heads else days)
        day = say_day(env, last)
        return [
            env._("Nothing new since the period from %s: these are the last figures", day)
        ], last
    if not heads:
        return [], None
    day = say_day(env, evidence["silent_since"])
    if evidence["silent_share"] == 100:
        return [
            env._("No new number of users since the period from %s: this is the last one", day)
        ], None
    return [
        env._(
            "Nothing new for %(share).0f %% of the licences since the period from %(date)s",
            share=evidence["silent_share"],
            date=day,
        )
    ], None


def say_missing(env, evidence):
    """Return the degrees to ask about as text, and that only log-ins are known; empty if all are known."""
    questions = {
        "as_intended": env._("as intended"),
        "timely": env._("on time"),
        "quality": env._("how well"),
        "frequency": env._("how often"),
        "in_place": env._("in the system"),
        "accuracy": env._("how accurately"),
    }
    stopped = evidence.get("stopped")
    stopped = stopped if isinstance(stopped, dict) else {}
    missing = [
        questions[degree] for degree in DEGREES if not evidence.has(degree) or degree in stopped
    ]
    if not missing or "products" in evidence:  # each product says what is not known of it
        return ""
    listed = ", ".join(missing)
    if not any(evidence.has(degree) for degree in DEGREES):
        return env._("Only log-ins are known. Ask how they use it: %s", listed)
    if stopped:
        return env._("Not known today, to ask: %s", listed)
    return env._("Not known, to ask: %s", listed)


def say_held(env, known):
    """Return why a health score is held below *good*, as text; ``known`` is that of :func:`unasked`, ``None`` for some products."""
    if known is None:
        return env._(
            "Nobody knows how some of the products are used. These are good only if more is known than log-ins: assess the "
            "use"
        )
    if known:
        return env._(
            "How it is used is known of %.0f %% of the licences only. A customer is good if it is known of most of them: "
            "assess the use",
            known,
        )
    return env._(
        "Nobody knows how it is used. A customer is good only if more is known than log-ins: assess the use"
    )
