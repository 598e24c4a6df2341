"""The time of a change: its phase by the dates, and whether it still lies ahead.

The score, the form, the lists, the attention lines and the play all read these definitions, so that they agree.
The texts of SQL read a table ``customer_success_change`` under the alias ``change`` and the parameter ``today``.
"""

# A change that is dated at most this many days before or after go-live belongs to go-live itself.
DURING_DAYS = 21
# A planned change whose date passed more than this many days ago is long overdue: nobody does it.
PLANNED_DAYS = 30
# A running change that began more than this many days ago is long overdue as well: nobody ends it.
RUNNING_DAYS = 365

TIMELY = f"""(change.is_open
       AND change.date >= %(today)s - CASE WHEN change.state = 'planned'
                                           THEN {PLANNED_DAYS} ELSE {RUNNING_DAYS} END)"""
# Without a go-live date, the phase is not known. What is still to come at a live customer is then after go-live.
AHEAD = f"""(change.active
       AND {TIMELY}
       AND (change.phase = 'after' OR (change.phase IS NULL AND change.date >= %(today)s)))"""
WITHOUT_PLAN = f"""({TIMELY}
       AND btrim(COALESCE(change.adoption_plan, ''), E' \\t\\n\\r') = '')"""


def phase_by_dates(day, go_live):
    """Return the phase of a change of this day; None without a go-live date.

    >>> from datetime import date
    >>> live = date(2026, 6, 1)
    >>> [phase_by_dates(date(2026, 5, 10), live), phase_by_dates(date(2026, 5, 11), live)]
    ['before', 'during']
    >>> [phase_by_dates(date(2026, 6, 22), live), phase_by_dates(date(2026, 6, 23), live)]
    ['during', 'after']
    >>> phase_by_dates(date(2026, 6, 22), None)
    """
    if not day or not go_live:
        return None
    days = (day - go_live).days
    if abs(days) <= DURING_DAYS:
        return "during"
    return "before" if days < 0 else "after"


def is_timely(state, is_open, day, today):
    """Return whether a change is planned or running and not long overdue.

    >>> from datetime import date, timedelta
    >>> today = date(2026, 6, 15)
    >>> [is_timely("planned", True, today - timedelta(days), today) for days in (-900, 30, 31)]
    [True, True, False]
    >>> [is_timely("running", True, today - timedelta(days), today) for days in (365, 366)]
    [True, False]
    >>> is_timely("done", False, today, today)
    False
    """
    if not is_open or not day:
        return False
    return (today - day).days <= (PLANNED_DAYS if state == "planned" else RUNNING_DAYS)


def is_ahead(phase, is_timely, day, today):
    """Return whether a change counts as planned for the time after go-live.

    >>> from datetime import date
    >>> today = date(2026, 6, 15)
    >>> [is_ahead("after", True, today, today), is_ahead("during", True, today, today)]
    [True, False]
    >>> [is_ahead(None, True, today, today), is_ahead(None, True, date(2026, 6, 14), today)]
    [True, False]
    """
    return bool(is_timely and (phase == "after" or (not phase and day >= today)))
