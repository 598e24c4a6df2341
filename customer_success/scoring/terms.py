"""The arithmetic of contract terms: the length of the next term, the outcomes that figures allow, and verdicts."""

from dateutil.relativedelta import relativedelta

from .chain import Chain

OUTCOMES = [
    ("pending", "Pending"),
    ("renewed", "Renewed"),
    ("expanded", "Expanded"),
    ("contracted", "Contracted"),
    ("churned", "Churned"),
]
# After these the customer stays, so that another term follows.
STAYING = ("renewed", "expanded", "contracted")
# Two amounts that differ by less are the same: half of the smallest coin of any currency.
SMALLEST = 0.0005

# The views of a person and the bands of the risk model that mean "they stay" and "they leave".
VIEW_SAYS = {"confident": "stay", "worried": "leave"}
BAND_SAYS = {"low": "stay", "high": "leave", "critical": "leave"}


def same_contract(one, other):
    """Return the SQL that says that two terms, by their aliases, may be of one contract: by number, as far as both have one.

    >>> same_contract("a", "b")
    '(a.contract_number IS NULL OR b.contract_number IS NULL OR lower(a.contract_number) = lower(b.contract_number))'
    """
    return (
        f"({one}.contract_number IS NULL OR {other}.contract_number IS NULL"
        f" OR lower({one}.contract_number) = lower({other}.contract_number))"
    )


def share_of_year(term):
    """Return the SQL of the share of a year that a term, by its alias, lasts: in months, and 1 at the most.

    A contract from month to month that renews itself twelve times a year is one contract.

    >>> "/ 12.0" in share_of_year("renewal")
    True
    """
    days = f"{term}.date_renewal + ({term}.end_is_last_day IS TRUE)::int - {term}.date_start"
    return f"LEAST(1, GREATEST(1, COALESCE(round(({days}) / 30.4375), 12)) / 12.0)"


def next_end(start, end, anchor=None):
    """Return the end of the term after the one from ``start`` to ``end``.

    ``anchor`` is the first start of the chain of terms, or a pair with the first start and the first end, which is
    exact; without it, this term is the first one. The rules are those of :class:`~.chain.Chain`.

    >>> from datetime import date
    >>> str(next_end(date(2025, 3, 1), date(2026, 3, 1)))
    '2027-03-01'
    >>> str(next_end(date(2026, 2, 28), date(2026, 3, 30), anchor=date(2026, 1, 30)))
    '2026-04-30'
    >>> str(next_end(date(2026, 1, 1), date(2026, 4, 2)))  # 91 days
    '2026-07-02'
    >>> str(next_end(None, date(2026, 3, 1)))
    '2027-03-01'
    """
    if isinstance(anchor, tuple):
        return Chain.of(*anchor).next_term(end)[1]
    chain = Chain.of(start, end)
    if anchor and start and chain.months and anchor < start:
        chain = chain.begun_on(anchor)
    return chain.next_term(end)[1]


def whole_value(days, values):
    """Return the value of a whole term: ``days`` are its start, each day on which the value changes, and the day after it.

    ``values`` are the values a year from each of these days but the last one. A month is a twelfth of a year, a day beyond
    full months the 365th part. Months are counted from the start of the term, so that a change within a month adds nothing.

    >>> from datetime import date
    >>> whole_value([date(2026, 1, 1), date(2029, 1, 1)], [12000])
    36000.0
    >>> whole_value([date(2026, 1, 1), date(2027, 1, 1), date(2029, 1, 1)], [12000, 15000])
    42000.0
    >>> whole_value([date(2026, 1, 1), date(2026, 4, 16)], [36500])  # three months and 15 days
    10625.0
    >>> whole_value([date(2026, 1, 1), date(2026, 4, 16), date(2027, 1, 1)], [12000, 12000])
    12000.0
    """

    def years(day):
        length = relativedelta(day, days[0])
        return length.years + length.months / 12 + length.days / 365

    total = sum(
        value * (years(after) - years(first))
        for first, after, value in zip(days, days[1:], values, strict=False)
    )
    return round(total, 6)


def outcomes_of(before, after):
    """Return the outcomes that figures of a customer who stays allow, the most usual one first.

    ``before`` and ``after`` are pairs ``(value a year, seats)``. Money decides, and seats stand beside it: they decide only
    if the money is the same, or was not known before (0). Afterwards, 0 is known: the term is free. More money for the same
    seats is a higher price or an expansion.
    Form, file, order, contract and report all ask this function.

    >>> outcomes_of((10000, 100), (8000, 150)), outcomes_of((10000, 100), (12000, 80))
    (('contracted',), ('expanded',))
    >>> outcomes_of((10000, 100), (10000, 120)), outcomes_of((10000, 100), (10000, 90))
    (('expanded',), ('contracted',))
    >>> outcomes_of((10000, 100), (11000, 100)), outcomes_of((10000, 100), (10000, 100))
    (('renewed', 'expanded'), ('renewed',))
    >>> outcomes_of((0, 100), (8000, 80)), outcomes_of((0, 0), (8000, 0))  # no value was known
    (('contracted',), ('renewed', 'expanded'))
    >>> outcomes_of((10000, 10), (0, 12)), outcomes_of((10000, 10), (0, 10))  # it goes on for free
    (('contracted',), ('contracted',))
    """
    money, seats = (_sign(new - old) for old, new in zip(before, after, strict=True))
    change = (money or seats) if before[0] else (seats or money)
    if change < 0:
        return ("contracted",)
    if change > 0:
        return ("expanded",) if seats else ("renewed", "expanded")
    return ("renewed",)


def _sign(change):
    """Return -1, 0 or 1; less than the smallest coin is no change."""
    return 0 if abs(change) < SMALLEST else (change > 0) - (change < 0)


def outcome_of(before, after):
    """Return the outcome that follows from ``(value, seats)`` before and after, see :func:`outcomes_of`.

    >>> outcome_of((100.0, 10), (110.0, 10)), outcome_of((100.0, 10), (150.0, 15))
    ('renewed', 'expanded')
    >>> outcome_of((100.0, 10), (80.0, 8)), outcome_of((100.0, 10), (80.0, 15))
    ('contracted', 'contracted')
    """
    return outcomes_of(before, after)[0]


def contradiction(outcome, before, after):
    """Return a code that says why an outcome contradicts the values and seats; ``None`` if it does not.

    ``before`` and ``after`` are pairs ``(value, seats)``. Seats of 0 before mean that the contract does
    not count seats. A customer who stays has the outcome that :func:`outcomes_of` allows.

    >>> contradiction("renewed", (12000, 100), (12600, 100))  # only the price is higher
    >>> contradiction("renewed", (12000, 100), (12000, 90))
    'seats_changed'
    >>> contradiction("renewed", (12000, 100), (9000, 100))
    'less_money'
    >>> contradiction("expanded", (12000, 100), (12000, 120))
    >>> contradiction("expanded", (12000, 100), (12000, 100))
    'not_more'
    >>> contradiction("expanded", (12000, 100), (9000, 150))
    'less_money'
    >>> contradiction("expanded", (12000, 100), (0, 150)), contradiction("contracted", (12000, 100), (0, 150))
    ('less_money', None)
    >>> contradiction("contracted", (12000, 100), (9600, 80))
    >>> contradiction("contracted", (12000, 100), (15000, 80))
    'more_money'
    >>> contradiction("contracted", (12000, 0), (12000, 0))
    'not_less'
    >>> contradiction("contracted", (12000, 100), (0, 0))
    'nothing_left'
    >>> contradiction("churned", (12000, 100), (0, 0))
    >>> contradiction("churned", (12000, 100), (100, 0))
    'something_left'
    """
    if outcome == "churned":
        return "something_left" if any(after) else None
    if outcome not in STAYING:
        return None
    if any(before) and not any(after):
        return "nothing_left"
    allowed = outcomes_of(before, after)
    if outcome in allowed:
        return None
    money = _sign(after[0] - before[0]) if before[0] else 0
    if money < 0:
        return "less_money"
    if outcome == "contracted":
        return "more_money" if money else "not_less"
    return "seats_changed" if outcome == "renewed" else "not_more"


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
