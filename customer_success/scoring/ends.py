"""The ends of the scale from 0 to 100, which are approached and not reached: doing the right thing always earns something.

A value that is cut off at 0 says that it does not matter any more what is done about the worst customers, who need it most. So each
straight line ends in a curve, with the same value and slope where it begins: no flat end, and no cliff.
"""

from math import exp

TOP = 100.0


def above_zero(points, knee):
    """Return points as they are down to the knee; below it they shrink by the same factor for each further point, and stay above 0.

    >>> above_zero(80.0, 20.0), above_zero(20.0, 20.0)
    (80.0, 20.0)
    >>> [round(above_zero(points, 20.0), 2) for points in (19.0, 0.0, -20.0, -40.0)]
    [19.02, 7.36, 2.71, 1.0]
    """
    return points if points >= knee else knee * exp(points / knee - 1.0)


def below_top(points, knee, top=TOP):
    """Return points as they are up to the knee below the top; above it they approach the top.

    >>> below_top(80.0, 20.0), round(below_top(100.0, 20.0), 2), round(below_top(140.0, 20.0), 2)
    (80.0, 92.64, 99.0)
    """
    return top - above_zero(top - points, knee)


def less(value, points):
    """Return a value less points, as they are until half of it is left; each further one takes the same share of the rest.

    >>> [round(less(100.0, points), 1) for points in (0, 30, 50, 75, 100, 150, 300)]
    [100.0, 70.0, 50.0, 30.3, 18.4, 6.8, 0.3]
    >>> less(60.0, 20.0), round(less(60.0, 60.0), 1), less(0.0, 20.0)
    (40.0, 11.0, 0.0)
    """
    return above_zero(value - points, value / 2) if value > 0 else 0.0
