"""The limit of how much one sender may send in a minute, kept in the memory of the server.

A counter in the database would be one row that all requests of a key wait for. Each worker therefore holds its share.
"""

from math import ceil
from time import monotonic

WINDOW = 60  # seconds
MOST_SENDERS = 10_000


class Meter:
    """The amount that each sender has sent in its running minute.

    >>> meter, time = Meter(), 0
    >>> meter.wait("a", 60, 100, now=0), meter.wait("a", 40, 100, now=1), meter.wait("a", 1, 100, now=20)
    (0, 0, 40)
    >>> meter.refused("a"), meter.refused("a"), meter.wait("a", 1, 100, now=60), meter.wait("b", 500, 100, now=60)
    (1, 0, 0, 0)
    """

    def __init__(self):
        self._sent = {}  # sender -> [start of the minute, sent, refused]

    def wait(self, sender, number, limit, now=None):
        """Return after how many seconds a sender may send so much; 0 if it may now, and it is counted then."""
        now = monotonic() if now is None else now
        minute = self._sent.get(sender)
        if minute is None or now - minute[0] >= WINDOW:
            if len(self._sent) >= MOST_SENDERS:
                self._forget(now)
            minute = self._sent[sender] = [now, 0, minute[2] if minute else 0]
        # A request that is larger than the limit is let through alone.
        if minute[1] and minute[1] + number > limit:
            minute[2] += number
            return max(1, ceil(minute[0] + WINDOW - now))
        minute[1] += number
        return 0

    def refused(self, sender):
        """Return how much of a sender was refused since this was asked last."""
        minute = self._sent.get(sender)
        if minute is None:
            return 0
        number, minute[2] = minute[2], 0
        return number

    def _forget(self, now):
        for sender, minute in list(self._sent.items()):
            if now - minute[0] >= WINDOW:
                self._sent.pop(sender, None)
        if len(self._sent) >= MOST_SENDERS:
            self._sent.clear()


METER = Meter()
