"""The number of days that a customer is expected to stay in its stage, in SQL and in Python."""

# Read from the aliases ``stage`` and ``segment`` of the customer ``p``; a stage of 0 days has no end in any segment.
EXPECTED_DAYS = """GREATEST(LEAST(stage.expected_days, 1),
                    (stage.expected_days * COALESCE(segment.expected_days, 100) + 50) / 100)"""
JOIN_SEGMENT = "LEFT JOIN customer_success_segment segment ON segment.id = p.success_segment_id"


def expected_days(days, percentage=None):
    """Return the days of a stage for a segment that takes this percentage of them; ``None``: without a segment.

    Half a day counts as one, and a stage that ends at all takes at least a day. This is :data:`EXPECTED_DAYS` in Python.

    >>> expected_days(90, 200), expected_days(90), expected_days(45, 50)
    (180, 90, 23)
    >>> expected_days(2, 10), expected_days(0, 200)
    (1, 0)
    """
    return max(min(days, 1), (days * (100 if percentage is None else percentage) + 50) // 100)
