"""Calls beside the caller, in order: the server works on one part while we compute another."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

# How long Python computes before it lets another thread on, in seconds. The usual 0.005 would keep the
# server waiting that long for each answer that is to be taken from it: half of what is gained.
SWITCH_INTERVAL = 0.0005


class SharedSwitchInterval:
    """The process's switch interval while at least one block asks for another one.

    There is one interval for all threads. The first block that is entered keeps what it was, and the last that
    is left restores it, in whatever order the others end.

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
    """One thread for calls that wait for the server, begun in the order in which they are given.

    A call that fails is the last one begun: those after it fail with the same error, so that whichever
    result is asked for first tells what went wrong. Leaving the block waits for what was begun.

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
        except BaseException as error:  # raised again where the result is asked for
            self._failed = error
            raise
