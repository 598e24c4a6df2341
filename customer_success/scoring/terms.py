"""The arithmetic of contract terms: how long the next one is, what an outcome means, who was right."""

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
# How long the next term is taken to be where nobody said when the last one began.
USUAL_MONTHS = 12

# Of what a person and the machine say, what amounts to "they stay" and to "they leave".
VIEW_SAYS = {"confident": "stay", "worried": "leave"}
BAND_SAYS = {"low": "stay", "high": "leave", "critical": "leave"}


def next_end(start, end):
    """The last day of a term as long as the one from ``start`` to ``end``, which begins at ``end``.

    Whole months stay whole months; anything else is counted in days.

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
    """Why an outcome is at odds with value and seats ``before`` and ``after`` it, as a word; else ``None``.

    Seats of 0 before are seats that the contract does not count. Renewing keeps the seats; the price of
    them may change. Who has more or less of either has expanded or contracted.

    >>> contradiction("renewed", (12000, 100), (12600, 100))  # dearer, and that is all
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
    """Whether a CSM's view and the machine's band say the opposite of each other.

    >>> views_differ("confident", "critical"), views_differ("worried", "low")
    (True, True)
    >>> views_differ("worried", "high"), views_differ("watchful", "low"), views_differ(None, "low")
    (False, False, False)
    """
    said = {VIEW_SAYS.get(view), BAND_SAYS.get(band)}
    return said == {"stay", "leave"}


def bands_against(view):
    """The bands that are at odds with a CSM's view.

    >>> bands_against("confident"), bands_against("worried"), bands_against("watchful")
    (['high', 'critical'], ['low'], [])
    """
    return [band for band in BAND_SAYS if views_differ(view, band)]


def verdict(outcome, view, band):
    """Who was right about a renewal that ended: ``machine``, ``csm``, ``both``, ``neither``; else ``None``.

    Who said neither "they stay" nor "they leave" was not right. To stay with less is to stay.

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
