"""The readiness of a customer (ready, willing and able) from its answers."""

# The value of an answer without a rating, from 0 to 100.
SIGNAL_VALUE = {"strength": 100.0, "neutral": 60.0, "concern": 25.0, "blocker": 0.0}

# At or below this value, an answer counts until the question is asked again, also when it is stale.
WORRYING_VALUE = 25.0


def answer_value(rating, signal):
    """Return the value of an answer from 0 to 100: its rating, else its signal, else ``None``.

    >>> answer_value("5", "concern"), answer_value(None, "concern"), answer_value(None, None)
    (100.0, 25.0, None)
    """
    return (int(rating) - 1) * 25.0 if rating else SIGNAL_VALUE.get(signal)


def to_rating(value):
    """Convert a value from 0 to 100 to the scale from 1 to 5 on which people rate; ``None`` stays ``None``.

    >>> to_rating(0), to_rating(60), to_rating(100), to_rating(None)
    (1.0, 3.4, 5.0, None)
    """
    return None if value is None else round(10 + value / 2.5) / 10
