"""The base of a trigger of playbooks: one class for each trigger, which registers itself.

Its block of SQL yields ``play_id, partner_id, cause, date, facts``. A playbook runs only once for a ``cause``, which
names a record or the day on which something began. ``date`` is the day of the cause, ``facts`` a JSON object with the
values that the reason names.
"""

from ..scoring.renewal import same_end

TRIGGERS = {}  # by code, in the order of the form


class Trigger:
    """An event at a customer that starts a playbook.

    The block reads ``customer`` and ``play`` (the columns are in `evaluation.py`), its steps, and any table. It reads
    only rows with ``partner_id IN_SCOPE``, and joins playbooks by their trigger ``AND FITS``. The facts ``stage``,
    ``segment``, ``symptom``, ``question`` and ``product`` are ids; :meth:`reason` receives them as names.
    """

    code = ""
    label = ""  # in the list of triggers
    parameters = ()  # the fields of a playbook that the trigger needs; the form shows them
    days = 0  # the default of the days of a playbook with this trigger
    limits = ()  # the settings that the block names, as %(name)s
    steps = ()  # the steps of SQL before the blocks; a step that several triggers name is read once
    causes = ""

    def explanation(self, _):
        """Return the text of the form that says when the trigger starts a playbook. ``_`` translates."""
        return ""

    def reason(self, words, facts):
        """Return the reason of a run as text, from the facts of its cause.

        ``words._(...)`` translates, ``words.date(day)`` formats a day, and
        ``words.label(model, field, value)`` returns the label of a value of a selection.
        """
        raise NotImplementedError


def register(trigger):
    """Register a trigger, so that playbooks can use it; a decorator of its class.

    >>> @register
    ... class Born(Trigger):
    ...     code = "born"
    >>> TRIGGERS.pop("born").code
    'born'
    """
    TRIGGERS[trigger.code] = trigger()
    return trigger


def once(record, day):
    """Return the SQL of a cause that is a record and a day of it, so that another day is another cause.

    >>> once("renewal.id", "renewal.date_renewal")
    "renewal.id || ':' || renewal.date_renewal"
    """
    return f"{record} || ':' || {day}"


def not_run(record, day):
    """Return the SQL that says that ``play`` has not run for this record and day, nor for the day before a correction."""
    said = "CASE WHEN run.cause ~ '^[0-9]+:[0-9-]+$' THEN split_part(run.cause, ':', 2)::date END"
    return f"""NOT EXISTS (SELECT FROM run
                        WHERE run.play_id = play.id
                          AND run.partner_id = customer.id
                          AND split_part(run.cause, ':', 1) = {record}::text
                          AND {same_end(said, day)})"""
