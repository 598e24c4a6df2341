"""How ready, willing and able a customer is, from 1 to 5, by what it answered."""

# What an answer without a rating says, from 0 to 100.
SIGNAL_VALUE = {"strength": 100.0, "neutral": 60.0, "concern": 25.0, "blocker": 0.0}


def answer_value(rating, signal):
    """What an answer says on a scale from 0 to 100: its rating, else its signal.

    >>> answer_value("5", "concern"), answer_value(None, "concern"), answer_value(None, None)
    (100.0, 25.0, None)
    """
    return (int(rating) - 1) * 25.0 if rating else SIGNAL_VALUE.get(signal)


def five(value):
    """A value from 0 to 100 on the scale from 1 to 5 that people rate on; the unknown stays unknown.

    >>> five(0), five(60), five(100), five(None)
    (1.0, 3.4, 5.0, None)
    """
    return None if value is None else round(10 + value / 2.5) / 10
