"""The comparison of two yardsticks: a new one that would make the same figure look better is the easier one."""


def progress(baseline, target, figure):
    """Return the percentage of the way from baseline to target, at least 0; ``None`` if it is unknown.

    >>> progress(0, 100, 30), progress(10, 2, 12), progress(None, 100, 30), progress(5, 5, 5)
    (30.0, 0.0, None, None)
    """
    if None in (baseline, target, figure) or baseline == target:
        return None
    return max(0.0, 100.0 * (figure - baseline) / (target - baseline))


def is_easier(before, after, actual=None):
    """Return True if a figure would reach more of the way ``(baseline, target)`` after the change than before.

    Three figures are tried: the one that is measured, the former baseline and the former target. A target that moves away from
    an unknown baseline cannot be judged and counts as easier.

    >>> is_easier((0, 100), (0, 30)), is_easier((0, 100), (0, 130))
    (True, False)
    >>> is_easier((0, 100), (-1000, 100), 30), is_easier((0, 100), (20, 100), 30)
    (True, False)
    >>> is_easier((30, 5), (30, 10)), is_easier((30, 5), (30, 2))
    (True, False)
    >>> is_easier((0, 100), (0, 110), 120), is_easier((0, 100), (-1000, 2000), 30)
    (False, True)
    >>> is_easier((None, 100), (0, 100), 30), is_easier((None, 100), (None, 30), 30)
    (False, True)
    """
    if before == after:
        return False
    if None in before:
        return before[1] is not None and before[1] != after[1]
    old, new = (
        [min(progress(*way, figure) or 0.0, 100.0) for figure in (actual, before[0])]
        for way in (before, after)
    )
    further = progress(*after, before[1])
    return any(a > b for a, b in zip(new, old, strict=True)) or (
        further is not None and further > 100.0
    )
