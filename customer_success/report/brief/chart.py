"""The line chart of a figure over months, as numbers for a template; no markup, so nothing needs escaping."""

WIDTH, HEIGHT = 630, 130
LEFT, RIGHT, TOP, BOTTOM = 40, 48, 10, 20


def line(points, width=WIDTH, height=HEIGHT):
    """Return the coordinates of a line, ``None`` without points; ``points`` are pairs of a day and a value from 0 to 100.

    Months without a known value leave a gap of their own width.

    >>> from datetime import date
    >>> chart = line([(date(2026, 1, 1), 50.0), (date(2026, 3, 1), 100.0)], width=188, height=130)
    >>> chart["dots"]
    [(40, 60.0), (140, 10.0)]
    >>> chart["path"]
    '40,60.0 140,10.0'
    >>> line([(date(2026, 1, 1), 0.0)])["dots"]
    [(40, 110.0)]
    >>> line([]) is None
    True
    """
    if not points:
        return None
    months = [12 * day.year + day.month for day, _value in points]
    wide = width - LEFT - RIGHT
    high = height - TOP - BOTTOM
    span = max(1, months[-1] - months[0])
    dots = [
        (LEFT + round(wide * (month - months[0]) / span), round(TOP + high * (1 - value / 100), 1))
        for month, (_day, value) in zip(months, points, strict=True)
    ]
    return {
        "width": width,
        "height": height,
        "left": LEFT,
        "right": width - RIGHT,
        "base": height - BOTTOM,
        "dots": dots,
        "path": " ".join(f"{x},{y}" for x, y in dots),
        "grid": [(share, TOP + high * (100 - share) // 100) for share in (0, 50, 100)],
    }
