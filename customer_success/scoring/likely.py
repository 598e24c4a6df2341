"""The numbers of users that are hard to believe: more than ten times the licences or the customer's past."""

TIMES = 10
# Below these numbers a pilot may grow tenfold in a month.
FEWEST = {"active_users": 100, "licensed_users": 1000}


def unlikely(figures, past):
    """Return the column of a figure that is hard to believe and the figure it is held against, or ``None``.

    ``figures`` are those of a row, ``past`` the usual numbers of licensed and active users of the customer. Licences that the
    row brings speak for its users only if they are themselves held against licences known before.

    >>> unlikely({"active_users": 10**12, "licensed_users": 10}, (None, None))
    ('active_users', 10)
    >>> unlikely({"active_users": 900}, (80, 60)), unlikely({"active_users": 700}, (None, 60))
    (('active_users', 80), ('active_users', 60))
    >>> unlikely({"licensed_users": 50_000}, (100, 95))
    ('licensed_users', 100)
    >>> unlikely({"active_users": 99, "licensed_users": 5}, (5, 5)), unlikely({"active_users": 700}, (None, None))
    (None, None)
    >>> unlikely({"active_users": 900, "licensed_users": 1000}, (80, 60)), unlikely({"timely": 50.0}, (80, 60))
    (None, None)
    >>> unlikely({"active_users": 10**9, "licensed_users": 10**9}, (None, 60))
    ('active_users', 60)
    >>> unlikely({"active_users": 90, "licensed_users": 10**6}, (None, 60))
    """
    licensed, active = figures.get("licensed_users"), figures.get("active_users")
    usual_licensed, usual_active = past
    for column, value, usual in (
        ("licensed_users", licensed, usual_licensed),
        ("active_users", active, licensed or usual_licensed or usual_active),
        ("active_users", active, None if usual_licensed else usual_active),
    ):
        if value and usual and value > max(TIMES * usual, FEWEST[column]):
            return column, usual
    return None
