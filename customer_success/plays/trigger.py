"""What a trigger of a play is: one object, which registers itself.

Its block of SQL yields ``play_id, partner_id, cause, date, facts``. ``cause`` is what the play is run for and
never run for again: it names a record, or the day on which something began. ``date`` is the day of the cause,
``facts`` a JSON object with what the reason says.
"""

TRIGGERS = {}  # by code, in the order in which they are offered


class Trigger:
    """What may call for a play at a customer.

    The block reads ``customer`` and ``play`` (the columns are in `evaluation.py`), the steps that it names, and any
    table. Of a table it reads only rows with ``partner_id IN_SCOPE``, and it joins plays by their trigger ``AND FITS``.
    The facts ``stage``, ``symptom``, ``question`` and ``product`` are ids, and come to :meth:`reason` as names.
    """

    code = ""
    label = ""  # in the list of triggers
    parameters = ()  # fields of a play that it asks for, which the form shows
    days = 0  # what the days of a new play are set to, where it asks for days
    limits = ()  # settings that the block names, as %(name)s
    steps = ()  # steps of SQL before the blocks; one that several triggers name is read once
    causes = ""

    def explanation(self, _):
        """Say on the form when it calls for a play. ``_`` translates."""
        return ""

    def reason(self, words, facts):
        """Say why a play was run, from the facts of its cause.

        ``words`` translates, ``words._(...)``, and words a day, ``words.date(day)``, or the value of a
        selection, ``words.label(model, field, value)``.
        """
        raise NotImplementedError


def register(trigger):
    """Offer a trigger: for use as a decorator of its class.

    >>> @register
    ... class Born(Trigger):
    ...     code = "born"
    >>> TRIGGERS.pop("born").code
    'born'
    """
    TRIGGERS[trigger.code] = trigger()
    return trigger
