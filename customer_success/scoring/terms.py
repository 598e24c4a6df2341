"""The arithmetic of contract terms: the length of the next term, contradictions of outcomes, and verdicts."""

from dateutil.relativedelta import relativedelta

OUTCOMES = [
    ("pending", "Pending"),
    ("renewed", "Renewed"),
    ("expanded", "Expanded"),
    ("contracted", "Contracted"),
    ("churned", "Churned"),
]
# After these the customer stays, so that another term follows.
STAYING = ("renewed", "expanded", "contracted")
# The length of the next term if the start of the last one is unknown.
USUAL_MONTHS = 12

# The views of a person and the bands of the risk model that mean "they stay" and "they leave".
VIEW_SAYS = {"confident": "stay", "worried": "leave"}
BAND_SAYS = {"low": "stay", "high": "leave", "critical": "leave"}


def next_end(start, end):
    """Return the end of the term that begins at ``end`` and is as long as the one from ``start`` to ``end``.

    A length of whole months stays in whole months; any other length is counted in days. Without a
    ``start``, the term is of :data:`USUAL_MONTHS`.

    >>> from datetime import date
    >>> str(next_end(date(2025, 3, 1), date(2026, 3, 1)))
    '2027-03-01'
    >>> str(next_end(date(2023, 2, 28), date(2024, 2, 28)))  # a leap day lies within
    '2025-02-28'
    >>> str(next_end(date(2026, 1, 1), date(2026, 4, 2)))  # 91 days
    '2026-07-02'
    >>> str(next_end(None, date(2026, 3, 1)))
    '2027-03-01'
    """
    if not start:
        return end + relativedelta(months=USUAL_MONTHS)
    length = relativedelta(end, start)
    months = length.years * 12 + length.months
    if months and start + relativedelta(months=months) == end:
        return end + relativedelta(months=months)
    return end + (end - start)


def contradiction(outcome, before, after):
    """Return a code that says why an outcome contradicts the values and seats; ``None`` if it does not.

    ``before`` and ``after`` are pairs ``(value, seats)``. Seats of 0 before mean that the contract does
    not count seats. A renewal keeps the seats, and their price may change. A customer with more or less
    of either has expanded or contracted.

    >>> contradiction("renewed", (12000, 100), (12600, 100))  # only the price is higher
    >>> contradiction("renewed", (12000, 100), (12000, 90))
    'seats_changed'
    >>> contradiction("expanded", (12000, 100), (12000, 120))
    >>> contradiction("expanded", (12000, 100), (12000, 100))
    'not_more'
    >>> contradiction("contracted", (12000, 100), (9600, 80))
    >>> contradiction("contracted", (12000, 0), (12000, 0))
    'not_less'
    >>> contradiction("contracted", (12000, 100), (0, 0))
    'nothing_left'
    >>> contradiction("churned", (12000, 100), (0, 0))
    >>> contradiction("churned", (12000, 100), (100, 0))
    'something_left'
    """
    more = any(new > old for old, new in zip(before, after))
    less = any(new < old for old, new in zip(before, after))
    if outcome == "churned":
        return "something_left" if any(after) else None
    if outcome in STAYING and any(before) and not any(after):
        return "nothing_left"
    if outcome == "renewed" and before[1] != after[1]:
        return "seats_changed"
    if outcome == "expanded" and not more:
        return "not_more"
    if outcome == "contracted" and not less:
        return "not_less"
    return None


def views_differ(view, band):
    """Return whether the CSM's view and the band of the risk contradict each other.

    >>> views_differ("confident", "critical"), views_differ("worried", "low")
    (True, True)
    >>> views_differ("worried", "high"), views_differ("watchful", "low"), views_differ(None, "low")
    (False, False, False)
    """
    said = {VIEW_SAYS.get(view), BAND_SAYS.get(band)}
    return said == {"stay", "leave"}


def bands_against(view):
    """Return the bands of the risk that contradict a CSM's view.

    >>> bands_against("confident"), bands_against("worried"), bands_against("watchful")
    (['high', 'critical'], ['low'], [])
    """
    return [band for band in BAND_SAYS if views_differ(view, band)]


def verdict(outcome, view, band):
    """Return who was right about a renewal that ended; ``None`` for one that did not end.

    The result is ``machine``, ``csm``, ``both`` or ``neither``. A view or band that means neither "they
    stay" nor "they leave" was not right. A customer that stays with less has stayed.

    >>> verdict("churned", "confident", "high"), verdict("renewed", "worried", "low")
    ('machine', 'machine')
    >>> verdict("churned", "worried", "medium"), verdict("contracted", "confident", "low")
    ('csm', 'both')
    >>> verdict("churned", "watchful", None), verdict("pending", "worried", "high")
    ('neither', None)
    """
    if outcome not in ("churned", *STAYING):
        return None
    happened = "leave" if outcome == "churned" else "stay"
    machine, csm = BAND_SAYS.get(band) == happened, VIEW_SAYS.get(view) == happened
    return "both" if machine and csm else "machine" if machine else "csm" if csm else "neither"
