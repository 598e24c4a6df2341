"""A background thread that makes calls in order: the server works on one part while Python computes another."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

# The time in seconds after which Python lets another thread run. With the usual 0.005 the server would wait
# that long before each of its answers is read, which costs half of the gain.
SWITCH_INTERVAL = 0.0005


class SharedSwitchInterval:
    """The switch interval of the process while at least one block needs another one.

    All threads share one interval. The first block that is entered notes the usual interval, and the last block
    that is left restores it, whatever the order in which the blocks end.

    >>> usual = sys.getswitchinterval()
    >>> shared = SharedSwitchInterval(0.001)
    >>> shared.enter(), shared.enter(), shared.leave(), sys.getswitchinterval()
    (None, None, None, 0.001)
    >>> shared.leave(), sys.getswitchinterval() == usual
    (None, True)
    """

    def __init__(self, seconds):
        self._seconds = seconds
        self._lock = Lock()
        self._blocks = 0
        self._usual = None

    def enter(self):
        with self._lock:
            if not self._blocks:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(self._seconds)
            self._blocks += 1

    def leave(self):
        with self._lock:
            self._blocks -= 1
            if not self._blocks:
                sys.setswitchinterval(self._usual)


_switch_interval = SharedSwitchInterval(SWITCH_INTERVAL)


class Background(ThreadPoolExecutor):
    """One thread that makes calls, which wait for the server, in the order in which they are submitted.

    After a call that fails, no other call is made: the later ones fail with the same error, so that the
    first result that is read reports it. Leaving the block waits for the calls that were begun.

    >>> done = []
    >>> with Background() as background:
    ...     first = background.submit(done.append, 1)
    ...     second = background.submit(int, "x")
    ...     third = background.submit(done.append, 3)
    >>> done, second.exception() is third.exception()
    ([1], True)
    """

    def __init__(self):
        super().__init__(1, "scoring")
        self._failed = None

    def __enter__(self):
        _switch_interval.enter()
        return super().__enter__()

    def __exit__(self, *error):
        _switch_interval.leave()
        return super().__exit__(*error)

    def submit(self, work, *args):
        return super().submit(self._unless_failed, work, args)

    def _unless_failed(self, work, args):
        if self._failed:
            raise self._failed
        try:
            return work(*args)
        except BaseException as error:  # raised again when the result is read
            self._failed = error
            raise
