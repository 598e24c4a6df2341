"""The value and the seats of a term on any day, in SQL: a term is amended, and what it was before is kept.

A term keeps what it began with in ``start_value`` and ``start_seats`` as soon as an amendment has taken effect; until
then, ``start_value`` is ``NULL`` and the term itself says it. Each amendment says from which day on the term has other
figures. ``counted_value`` is that of a lower value which waits for a manager: the former one.

Nothing here asks whether the term runs on that day.
"""


def value_on(day, term="r"):
    """Return the SQL of the annual value that counts on a day, in the currency of the term.

    ``day`` is the SQL of the day, ``term`` the alias of ``customer_success_renewal``.

    >>> "amendment.date <= :day" in value_on(":day")
    True
    """
    return f"""\
COALESCE({_line(day, term, "COALESCE(amendment.counted_value, amendment.annual_value)")},
         {term}.start_value, {term}.counted_value, {term}.annual_value)"""


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
