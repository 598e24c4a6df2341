"""The value and the seats of a term on any day, in SQL: a term is amended, and what it was before is kept.

A term keeps what it began with in ``start_value`` and ``start_seats`` as soon as an amendment has taken effect; until
then, ``start_value`` is ``NULL`` and the term itself says it. Each amendment says from which day on the term has other
figures. ``counted_value`` is that of a lower value which waits for a manager: the former one.

Nothing here asks whether the term runs on that day.
"""

# The seats of a pending term that amendments added lately: of those beyond the most there were before, one share less is new
# with each month. Seats that were given back are not new again. Parameters: today, ramp_months.
NEW_SEATS = """\
CASE WHEN r.amendment_id IS NOT NULL AND r.start_seats > 0 THEN
             (SELECT round(sum(GREATEST(0, LEAST(added.seats, r.seats) - added.most)
                               * (1 - ((%(today)s - added.date) / 30)::numeric / %(ramp_months)s)))
                FROM (SELECT amendment.date, amendment.seats,
                             GREATEST(r.start_seats, max(amendment.seats) OVER (
                                 ORDER BY amendment.date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS most
                        FROM customer_success_renewal_amendment amendment
                       WHERE amendment.renewal_id = r.id
                         AND amendment.active
                         AND amendment.date <= %(today)s) added
               WHERE added.date > %(today)s - 30 * %(ramp_months)s) END"""


def value_on(day, term="r"):
    """Return the SQL of the annual value that counts on a day, in the currency of the term.

    ``day`` is the SQL of the day, ``term`` the alias of ``customer_success_renewal``.

    >>> "amendment.date <= :day" in value_on(":day")
    True
    """
    return f"""\
COALESCE({_line(day, term, "COALESCE(amendment.counted_value, amendment.annual_value)")},
         {term}.start_value, {term}.counted_value, {term}.annual_value)"""


def ends_with(term="r"):
    """Return the SQL of the annual value with which a term ends, in its own currency: amendments ahead count.

    Other than :func:`value_on` it does not ask whether a lower value waits for a manager: it is what will be renewed.

    >>> ends_with().count("r.date_renewal")
    1
    """
    return f"""\
COALESCE({_line(f"{term}.date_renewal", term, "amendment.annual_value")}, {term}.annual_value, 0)"""


def seats_on(day, term="r"):
    """Return the SQL of the seats on a day; 0 says that the contract does not count them.

    >>> "r.start_seats" in seats_on("DATE '2026-03-01'")
    True
    """
    return f"""\
COALESCE({_line(day, term, "amendment.seats")},
         CASE WHEN {term}.start_value IS NOT NULL THEN {term}.start_seats END, {term}.seats)"""


def _line(day, term, column):
    return f"""\
(SELECT {column}
            FROM customer_success_renewal_amendment amendment
           WHERE amendment.renewal_id = {term}.id
             AND amendment.active
             AND amendment.date <= {day}
        ORDER BY amendment.date DESC
           LIMIT 1)"""
